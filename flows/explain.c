/*
 * Copyright (c) 2026 The Mobula Authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* explain: one true sentence about a flow, a group or a meter.  See
 * explain.h. */

#include <config.h>
#include "flows/explain.h"

#include <inttypes.h>
#include <string.h>

#include "flow.h"
#include "flows/cookie.h"
#include "flows/flow-table.h"
#include "flows/groups.h"
#include "flows/learnt.h"
#include "flows/rules.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-port.h"
#include "packets.h"
#include "util.h"

/* Writes the text of a placeholder.  'entry' is NULL where the sentence is
 * about any flow of the rule. */
typedef void expand_func(const struct flow_entry *entry,
                         const struct fabric *, struct ds *);

static expand_func expand_host, expand_id, expand_port;
static expand_func expand_mac, expand_out;
static expand_func expand_vlan, expand_vlans, expand_tag;
static expand_func expand_limit, expand_probe;
static expand_func expand_target;
static expand_func expand_quota, expand_sender, expand_claim, expand_ip;

static void expand(const char *meaning, const struct flow_entry *,
                   const struct fabric *, struct ds *);
static const char *expand_one(const char *p, const struct flow_entry *,
                              const struct fabric *, struct ds *);

static void put_host(uint16_t id, const struct fabric *, struct ds *);
static void explain_peer(const struct group_entry *, const struct fabric *,
                         struct ds *);
static void explain_transit(const struct group_entry *, uint16_t peer,
                            unsigned int without, const struct fabric *,
                            struct ds *);
static void put_ways(const struct group_entry *, const struct fabric *,
                     struct ds *);
static void explain_answers(const struct group_entry *,
                            const struct fabric *, struct ds *);
static void explain_all_peers(const struct group_entry *,
                              const struct fabric *, struct ds *);
static void explain_local_ports(const struct group_entry *, struct ds *);

static const struct {
    const char *name;           /* As in 'meaning' of struct rule. */
    expand_func *put;
} placeholders[] = {
    { "{host}", expand_host },
    { "{id}", expand_id },
    { "{port}", expand_port },
    { "{mac}", expand_mac },
    { "{vlan}", expand_vlan },
    { "{vlans}", expand_vlans },
    { "{tag}", expand_tag },
    { "{out}", expand_out },
    { "{limit}", expand_limit },
    { "{probe}", expand_probe },
    { "{target}", expand_target },
    { "{quota}", expand_quota },
    { "{sender}", expand_sender },
    { "{claim}", expand_claim },
    { "{ip}", expand_ip },
};

void
flow_explain(const struct flow_entry *entry, const struct fabric *fabric,
             struct ds *s)
{
    const struct rule *rule = rule_find(cookie_rule(entry->cookie));

    if (!cookie_is_ours(entry->cookie)) {
        ds_put_format(s, "Not a flow of Mobula's (cookie 0x%"PRIx64").",
                      entry->cookie);
    } else if (!rule || rule->stage != cookie_stage(entry->cookie)) {
        ds_put_format(s, "A flow of another version of Mobula "
                      "(cookie 0x%"PRIx64").", entry->cookie);
    } else {
        expand(rule->meaning, entry, fabric, s);
    }
}

void
group_explain(const struct group_entry *group, const struct fabric *fabric,
              struct ds *s)
{
    unsigned int without;
    uint16_t peer;

    if (!group_is_ours(group->id)) {
        ds_put_format(s, "Not a group of Mobula's (id %"PRIu32").",
                      group->id);
    } else if (group->id == GROUP_ALL_PEERS) {
        explain_all_peers(group, fabric, s);
    } else if (group->id == GROUP_LOCAL_PORTS) {
        explain_local_ports(group, s);
    } else if (group_is_answers(group->id)) {
        explain_answers(group, fabric, s);
    } else if (group_parse_transit(group->id, &peer, &without)) {
        explain_transit(group, peer, without, fabric, s);
    } else if (group->id == GROUP_ALWAYS) {
        ds_put_cstr(s, "Always alive and sends nothing: the last resort in "
                    "the groups of the peers watches it.");
    } else {
        explain_peer(group, fabric, s);
    }
}

void
meter_explain(const struct meter_entry *meter, struct ds *s)
{
    if (!meter_is_ours(meter->id)) {
        ds_put_format(s, "Not a meter of Mobula's.");
    } else if (meter->id > METER_UNKNOWN_BASE) {
        ds_put_format(s, "Limits the frames from port %"PRIu32" to a MAC that "
                      "nobody has been heard with",
                      meter->id - METER_UNKNOWN_BASE);
    } else {
        ds_put_format(s, "Limits the multicast and broadcast frames from port "
                      "%"PRIu32, meter->id);
    }
    if (meter_is_ours(meter->id)) {
        ds_put_format(s, " to %"PRIu32" a second.",
                      meter->n_bands ? meter->bands[0].rate : 0);
    }
}

void
cookie_explain(uint64_t cookie, struct ds *s)
{
    const struct stage *stage = stage_find(cookie_stage(cookie));
    const struct rule *rule = rule_find(cookie_rule(cookie));

    if (!cookie_is_ours(cookie)) {
        ds_put_cstr(s, "alien");
    } else {
        ds_put_format(s, "%s/%s", stage ? stage->name : "unknown",
                      rule ? rule->name : "unknown");
    }
}

void
rule_explain(const struct rule *rule, struct ds *s)
{
    expand(rule->meaning, NULL, NULL, s);
}

static void
expand_host(const struct flow_entry *entry, const struct fabric *fabric,
            struct ds *s)
{
    if (entry) {
        put_host(cookie_subject(entry->cookie), fabric, s);
    } else {
        ds_put_cstr(s, "host H");
    }
}

static void
expand_id(const struct flow_entry *entry,
          const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    if (entry) {
        ds_put_format(s, "%"PRIu32, cookie_subject(entry->cookie));
    } else {
        ds_put_char(s, 'H');
    }
}

static void
expand_port(const struct flow_entry *entry,
            const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    if (entry) {
        ds_put_format(s, "port %"PRIu32, cookie_subject(entry->cookie));
    } else {
        ds_put_cstr(s, "port P");
    }
}

static void
expand_mac(const struct flow_entry *entry,
           const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    struct match match;

    if (entry) {
        minimatch_expand(&entry->match, &match);
        ds_put_format(s, ETH_ADDR_FMT, ETH_ADDR_ARGS(match.flow.dl_dst));
    } else {
        ds_put_cstr(s, "a learnt MAC");
    }
}

static void
expand_vlan(const struct flow_entry *entry,
            const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    struct match match;
    int vid, size;

    if (!entry) {
        ds_put_cstr(s, "in its VLAN");
        return;
    }
    minimatch_expand(&entry->match, &match);
    vid = vlan_tci_to_vid(match.flow.vlans[0].tci);
    size = VLAN_VID_MASK + 1 - vlan_tci_to_vid(match.wc.masks.vlans[0].tci);
    if (vid && size > 1) {
        ds_put_format(s, "in VLANs %d to %d", vid, vid + size - 1);
    } else if (vid) {
        ds_put_format(s, "in VLAN %d", vid);
    } else {
        ds_put_cstr(s, "without a VLAN");
    }
}

static void
expand_vlans(const struct flow_entry *entry, const struct fabric *fabric,
             struct ds *s)
{
    if (entry) {
        expand_vlan(entry, fabric, s);
    } else {
        ds_put_cstr(s, "in one of its VLANs");
    }
}

static void
expand_tag(const struct flow_entry *entry,
           const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    const struct ofpact *a;

    if (entry) {
        OFPACT_FOR_EACH (a, entry->ofpacts, entry->ofpacts_size) {
            if (a->type == OFPACT_SET_FIELD
                && ofpact_get_SET_FIELD(a)->field->id == MFF_VLAN_VID) {
                ovs_be16 tci = ofpact_get_SET_FIELD(a)->value->be16;

                ds_put_format(s, "VLAN %d", vlan_tci_to_vid(tci));
                return;
            }
        }
    }
    ds_put_cstr(s, "the port's VLAN");
}

static void
expand_out(const struct flow_entry *entry,
           const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    uint16_t vlan;
    uint16_t ofport = entry ? learnt_get_port(entry, &vlan) : 0;

    if (ofport) {
        ds_put_format(s, "port %"PRIu16, ofport);
    } else {
        ds_put_cstr(s, "a local port");
    }
}

/* The rate is what the setting says: a meter that has another one is shown as
 * different from what it should be. */
static void
expand_limit(const struct flow_entry *entry, const struct fabric *fabric,
             struct ds *s)
{
    uint32_t meter_id = (entry
                         ? ofpacts_get_meter(entry->ofpacts,
                                             entry->ofpacts_size) : 0);

    if (!entry) {
        ds_put_cstr(s, "as many a second as its meter lets pass, if it has "
                    "one");
    } else if (!meter_id) {
        ds_put_cstr(s, "any number of them");
    } else if (!fabric) {
        ds_put_format(s, "as many as meter %"PRIu32" lets pass", meter_id);
    } else {
        ds_put_format(s, "up to %"PRIu32" a second (meter %"PRIu32")",
                      meter_id >= METER_UNKNOWN_BASE
                      ? fabric->settings.unknown_limit
                      : fabric->settings.flood_limit, meter_id);
    }
}

static void
expand_probe(const struct flow_entry *entry, const struct fabric *fabric,
             struct ds *s)
{
    struct match match;
    uint16_t id, ofport;

    if (entry) {
        minimatch_expand(&entry->match, &match);
        if (addr_mac_probe_parse(match.flow.dl_src, match.flow.dl_dst,
                                 &id, &ofport)) {
            ds_put_format(s, "the loop probe that ");
            put_host(id, fabric, s);
            ds_put_format(s, " sent out of its port %"PRIu16, ofport);
            return;
        }
    }
    ds_put_cstr(s, entry ? "a frame that looks like a loop probe"
                : "a loop probe that a host sent out of one of its ports");
}

static void
expand_target(const struct flow_entry *entry,
              const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    struct match match;

    if (!entry) {
        ds_put_cstr(s, "an address");
        return;
    }
    minimatch_expand(&entry->match, &match);
    if (match.flow.dl_type == htons(ETH_TYPE_ARP)) {
        ds_put_format(s, IP_FMT, IP_ARGS(match.flow.nw_dst));
    } else {
        ipv6_format_addr(&match.flow.nd_target, s);
    }
}

static void
expand_quota(const struct flow_entry *entry,
             const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    const struct ofpact *a;

    if (entry) {
        OFPACT_FOR_EACH (a, entry->ofpacts, entry->ofpacts_size) {
            if (a->type == OFPACT_LEARN) {
                ds_put_format(s, "%"PRIu32, ofpact_get_LEARN(a)->limit);
                return;
            }
        }
    }
    ds_put_cstr(s, "its quota");
}

static void
expand_sender(const struct flow_entry *entry,
              const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    struct learnt_binding note;
    struct eth_addr claim;

    if (entry && learnt_note_decode(entry, &note, &claim)) {
        ds_put_format(s, ETH_ADDR_FMT, ETH_ADDR_ARGS(note.mac));
    } else {
        ds_put_cstr(s, "a MAC");
    }
}

static void
expand_claim(const struct flow_entry *entry,
             const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    struct learnt_binding note;
    struct eth_addr claim;

    if (!entry || !learnt_note_decode(entry, &note, &claim)) {
        ds_put_cstr(s, "a MAC");
    } else if (eth_addr_is_zero(claim)) {
        ds_put_cstr(s, "the sender");
    } else {
        ds_put_format(s, ETH_ADDR_FMT, ETH_ADDR_ARGS(claim));
    }
}

static void
expand_ip(const struct flow_entry *entry,
          const struct fabric *fabric OVS_UNUSED, struct ds *s)
{
    struct learnt_binding note;
    struct eth_addr claim;

    if (entry && learnt_note_decode(entry, &note, &claim)) {
        ipv6_format_mapped(&note.ip, s);
    } else {
        ds_put_cstr(s, "an IP address");
    }
}

/* Appends 'meaning' with its placeholders replaced. */
static void
expand(const char *meaning, const struct flow_entry *entry,
       const struct fabric *fabric, struct ds *s)
{
    for (const char *p = meaning; *p; ) {
        if (*p == '{') {
            p = expand_one(p, entry, fabric, s);
        } else {
            ds_put_char(s, *p++);
        }
    }
}

/* Replaces the placeholder at 'p' and returns what follows it. */
static const char *
expand_one(const char *p, const struct flow_entry *entry,
           const struct fabric *fabric, struct ds *s)
{
    for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++) {
        size_t len = strlen(placeholders[i].name);

        if (!strncmp(p, placeholders[i].name, len)) {
            placeholders[i].put(entry, fabric, s);
            return p + len;
        }
    }
    /* The table of rules has a placeholder that is not in ours. */
    OVS_NOT_REACHED();
}

static void
put_host(uint16_t id, const struct fabric *fabric, struct ds *s)
{
    const struct fabric_host *host;

    host = fabric ? fabric_find_host(fabric, id) : NULL;
    if (host) {
        ds_put_format(s, "%s (%"PRIu16")", host->hostname, id);
    } else {
        ds_put_format(s, "host %"PRIu16, id);
    }
}

static void
explain_peer(const struct group_entry *group, const struct fabric *fabric,
             struct ds *s)
{
    ds_put_cstr(s, "The paths to ");
    put_host(group->id, fabric, s);
    put_ways(group, fabric, s);
}

static void
explain_transit(const struct group_entry *group, uint16_t peer,
                unsigned int without, const struct fabric *fabric,
                struct ds *s)
{
    ds_put_cstr(s, "The paths to ");
    put_host(peer, fabric, s);
    ds_put_cstr(s, " of frames that this host relays");
    if (without) {
        static const char *const ordinals[] = { "first", "second", "third" };

        ds_put_format(s, " and that come from the %s next host in group %d",
                      ordinals[without - 1], GROUP_TRANSIT + peer);
    }
    put_ways(group, fabric, s);
}

/* Appends what the buckets of a group of paths do. */
static void
put_ways(const struct group_entry *group, const struct fabric *fabric,
         struct ds *s)
{
    const struct ofputil_bucket *bucket;

    ds_put_cstr(s, ", the first that is alive counts:");
    LIST_FOR_EACH (bucket, list_node, &group->buckets) {
        uint16_t ofport;

        if (!bucket_get_output(bucket, &ofport)) {
            ds_put_cstr(s, " nothing;");
            continue;
        }
        if (bucket->bucket_id >= BUCKET_VIA) {
            ds_put_cstr(s, " by ");
            put_host(bucket->bucket_id & (BUCKET_VIA - 1), fabric, s);
            ds_put_char(s, ',');
        }
        ds_put_format(s, " port %"PRIu16" %s;", ofport,
                      bucket->watch_group == GROUP_ALWAYS
                      ? "in any case" : "while it is alive");
    }
    ds_chomp(s, ';');
    ds_put_char(s, '.');
}

static void
explain_answers(const struct group_entry *group, const struct fabric *fabric,
                struct ds *s)
{
    const struct ofputil_bucket *bucket;

    ds_put_cstr(s, "Requests for what is at ");
    put_host(group->id - GROUP_ANSWERS, fabric, s);
    ds_put_cstr(s, ": they are ");
    LIST_FOR_EACH (bucket, list_node, &group->buckets) {
        if (bucket->watch_port != OFPP_ANY) {
            ds_put_format(s, "answered here while port %"PRIu32" is alive, "
                          "and otherwise ", bucket->watch_port);
        }
    }
    ds_put_cstr(s, "looked up like any frame.");
}

static void
explain_all_peers(const struct group_entry *group,
                  const struct fabric *fabric, struct ds *s)
{
    const struct ofputil_bucket *bucket;

    ds_put_cstr(s, "A copy to every peer to which there is a way:");
    LIST_FOR_EACH (bucket, list_node, &group->buckets) {
        ds_put_char(s, ' ');
        put_host(bucket->bucket_id, fabric, s);
        ds_put_char(s, ',');
    }
    if (!ds_chomp(s, ',')) {
        ds_put_cstr(s, " none yet");
    }
    ds_put_char(s, '.');
}

static void
explain_local_ports(const struct group_entry *group, struct ds *s)
{
    const struct ofputil_bucket *bucket;

    ds_put_cstr(s, "A copy to every local port except the one that the frame "
                "came from:");
    LIST_FOR_EACH (bucket, list_node, &group->buckets) {
        uint16_t ofport;

        if (bucket_get_egress(bucket, &ofport)) {
            ds_put_format(s, " %"PRIu16",", ofport);
        }
    }
    if (!ds_chomp(s, ',')) {
        ds_put_cstr(s, " none yet");
    }
    ds_put_char(s, '.');
}
