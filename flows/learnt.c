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

/* learnt: what the switch learnt, read back from its flows.
 * See learnt.h. */

#include <config.h>
#include "flows/learnt.h"

#include "flows/cookie.h"
#include "flows/flow-table.h"
#include "flows/rules.h"
#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-actions.h"
#include "packets.h"
#include "util.h"

/* What a learnt flow loads into registers. */
struct loads {
    bool has_port, has_mac, has_claim;
    uint16_t port;              /* reg0. */
    uint64_t mac;               /* xreg2. */
    uint64_t claim;             /* xreg3. */
};

static const enum rule_id learnt_rules[] = {
    RULE_LEARNT, RULE_BOUND, RULE_PROBE_HEARD,
};

static bool is_of_rule(const struct flow_entry *, enum rule_id);
static bool get_loads(const struct flow_entry *, struct loads *);
static bool get_load(const struct ofpact_set_field *, struct loads *);
static bool get_vlan(const struct match *, uint16_t *vlan);
static bool get_address(const struct match *, struct in6_addr *);

uint64_t
learnt_tables(void)
{
    uint64_t tables = 0;

    for (size_t i = 0; i < ARRAY_SIZE(learnt_rules); i++) {
        const struct rule *rule = rule_find(learnt_rules[i]);

        tables |= UINT64_C(1) << stage_table(rule->stage);
    }
    return tables;
}

bool
learnt_is_learnt(const struct flow_entry *entry)
{
    for (size_t i = 0; i < ARRAY_SIZE(learnt_rules); i++) {
        if (is_of_rule(entry, learnt_rules[i])) {
            return true;
        }
    }
    return false;
}

bool
learnt_mac_decode(const struct flow_entry *entry, struct learnt_mac *ret)
{
    struct learnt_mac mac;
    struct match match;
    struct loads loads;

    if (!is_of_rule(entry, RULE_LEARNT) || !get_loads(entry, &loads)
        || !loads.has_port || loads.has_mac || loads.has_claim) {
        return false;
    }
    minimatch_expand(&entry->match, &match);
    if (!get_vlan(&match, &mac.vlan)
        || !eth_mask_is_exact(match.wc.masks.dl_dst)
        || eth_addr_is_multicast(match.flow.dl_dst)) {
        return false;
    }
    mac.mac = match.flow.dl_dst;
    mac.ofport = loads.port;
    *ret = mac;
    return true;
}

bool
learnt_binding_decode(const struct flow_entry *entry,
                      struct learnt_binding *ret)
{
    struct learnt_binding binding;
    struct eth_addr claim;

    if (!learnt_note_decode(entry, &binding, &claim)
        || !learnt_ip_is_plausible(&binding.ip)
        || eth_addr_is_multicast(binding.mac)) {
        return false;
    }
    if (!eth_addr_equals(claim, binding.mac)
        && (!eth_addr_is_zero(claim) || IN6_IS_ADDR_V4MAPPED(&binding.ip))) {
        return false;
    }
    *ret = binding;
    return true;
}

bool
learnt_note_decode(const struct flow_entry *entry, struct learnt_binding *ret,
                   struct eth_addr *claim)
{
    struct learnt_binding note;
    struct match match;
    struct loads loads;

    if (!is_of_rule(entry, RULE_BOUND) || !get_loads(entry, &loads)
        || !loads.has_port || !loads.has_mac || !loads.has_claim) {
        return false;
    }
    minimatch_expand(&entry->match, &match);
    if (!get_vlan(&match, &note.vlan) || !get_address(&match, &note.ip)) {
        return false;
    }
    eth_addr_from_uint64(loads.mac, &note.mac);
    eth_addr_from_uint64(loads.claim, claim);
    note.ofport = loads.port;
    *ret = note;
    return true;
}

uint16_t
learnt_get_port(const struct flow_entry *entry, uint16_t *vlan)
{
    struct match match;
    struct loads loads;

    if (!learnt_is_learnt(entry) || !get_loads(entry, &loads)
        || !loads.has_port) {
        return 0;
    }
    minimatch_expand(&entry->match, &match);
    return get_vlan(&match, vlan) ? loads.port : 0;
}

bool
learnt_ip_is_plausible(const struct in6_addr *ip)
{
    if (IN6_IS_ADDR_V4MAPPED(ip)) {
        ovs_be32 ip4 = in6_addr_get_mapped_ipv4(ip);

        return ((ntohl(ip4) >> IN_CLASSA_NSHIFT) != 0
                && (ntohl(ip4) >> IN_CLASSA_NSHIFT) != IN_LOOPBACKNET
                && ip4 != htonl(INADDR_BROADCAST) && !ip_is_multicast(ip4));
    }
    return (ipv6_addr_is_set(ip) && !ipv6_addr_is_multicast(ip)
            && !IN6_IS_ADDR_LOOPBACK(ip));
}

static bool
is_of_rule(const struct flow_entry *entry, enum rule_id rule_id)
{
    const struct rule *rule = rule_find(rule_id);

    return (cookie_is_ours(entry->cookie)
            && cookie_stage(entry->cookie) == rule->stage
            && cookie_rule(entry->cookie) == rule->id
            && entry->table_id == stage_table(rule->stage)
            && entry->priority == rule->priority);
}

/* Stores in '*loads' what the flow loads.  Returns false if it does anything
 * else, or if it is not about the port in its cookie. */
static bool
get_loads(const struct flow_entry *entry, struct loads *loads)
{
    const struct ofpact *a;

    *loads = (struct loads) { .has_port = false };
    OFPACT_FOR_EACH (a, entry->ofpacts, entry->ofpacts_size) {
        if (a->type != OFPACT_SET_FIELD
            || !get_load(ofpact_get_SET_FIELD(a), loads)) {
            return false;
        }
    }
    return !loads->has_port || loads->port == cookie_subject(entry->cookie);
}

static bool
get_load(const struct ofpact_set_field *sf, struct loads *loads)
{
    const union mf_value *mask = ofpact_set_field_mask(sf);

    switch ((int) sf->field->id) {
    case MFF_REG0:
        loads->has_port = true;
        loads->port = ntohl(sf->value->be32);
        return mask->be32 == htonl(UINT16_MAX);
    case MFF_XREG2:
        loads->has_mac = true;
        loads->mac = ntohll(sf->value->be64);
        break;
    case MFF_XREG3:
        loads->has_claim = true;
        loads->claim = ntohll(sf->value->be64);
        break;
    default:
        return false;
    }
    return mask->be64 == htonll(UINT64_C(0xffffffffffff));
}

static bool
get_vlan(const struct match *match, uint16_t *vlan)
{
    if (vlan_tci_to_vid(match->wc.masks.vlans[0].tci) != VLAN_VID_MASK) {
        return false;
    }
    *vlan = vlan_tci_to_vid(match->flow.vlans[0].tci);
    return true;
}

static bool
get_address(const struct match *match, struct in6_addr *ip)
{
    if (match->wc.masks.dl_type != OVS_BE16_MAX) {
        return false;
    }
    if (match->flow.dl_type == htons(ETH_TYPE_ARP)) {
        in6_addr_set_mapped_ipv4(ip, match->flow.nw_dst);
        return match->wc.masks.nw_dst == OVS_BE32_MAX;
    }
    *ip = match->flow.ipv6_dst;
    return (match->flow.dl_type == htons(ETH_TYPE_IPV6)
            && ipv6_mask_is_exact(&match->wc.masks.ipv6_dst)
            && !IN6_IS_ADDR_V4MAPPED(ip));
}
