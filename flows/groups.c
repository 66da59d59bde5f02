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

/* groups: the OpenFlow groups of the access bridge.  See groups.h. */

#include <config.h>
#include "flows/groups.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "flow.h"
#include "flows/flow-add.h"
#include "flows/flow-table.h"
#include "flows/flows-input.h"
#include "flows/stages.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-group.h"
#include "util.h"

/* A bucket that sends into a tunnel. */
struct way {
    uint32_t bucket_id;
    uint16_t ofport;
    bool always;                /* Whether or not the port is alive. */
    uint32_t vni;               /* 0 = as it is. */
};

static void add_flooding(const struct flows_input *, struct flow_table *);
static void add_peer(const struct flows_input *, const struct paths_peer *,
                     struct flow_table *);
static void put_own_way(const struct flows_input *, uint16_t peer,
                        uint16_t next, bool always, struct ds *);
static void add_answers(const struct flows_input *, const struct paths_peer *,
                        struct flow_table *);
static void add_transit(const struct flows_input *, const struct paths_peer *,
                        uint16_t neighbour, struct flow_table *);
static void put_way(const struct way *, struct ds *);
static void put_watch(uint32_t bucket_id, uint16_t ofport, bool always,
                      struct ds *);
static uint16_t tunnel_to(const struct flows_input *, uint16_t peer);

/* By how many of struct paths_peer's 'next' counts which is left out. */
static const uint32_t transit_groups[1 + PATHS_N_NEXT] = {
    GROUP_TRANSIT, GROUP_TRANSIT_1, GROUP_TRANSIT_2, GROUP_TRANSIT_3
};

const struct group_doc group_docs[] = {
    { GROUP_ALL_PEERS, "all-peers",
      "A copy for the group of every peer to which there is a way." },
    { GROUP_LOCAL_PORTS, "local-ports",
      "A copy to egress for every local port; Open vSwitch sends none to the "
      "one that the frame came from." },
    { GROUP_ALWAYS, "always",
      "Sends nothing and is always alive, so that the last bucket of a "
      "peer's group, which watches it, is too." },
    { GROUP_ANSWERS, "answers",
      "This number plus a host id: requests for what is at that host go on to "
      "answer while its tunnel is alive, and to lookup otherwise." },
    { GROUP_TRANSIT, "transit",
      "This number plus a host id: frames for that host that this one relays, "
      "to the tunnel of the first next host whose tunnel is alive; otherwise "
      "into its own tunnel in any case." },
    { GROUP_TRANSIT_1, "transit-1",
      "The same for frames that come from the first next host: the others." },
    { GROUP_TRANSIT_2, "transit-2",
      "The same for frames that come from the second." },
    { GROUP_TRANSIT_3, "transit-3",
      "The same for frames that come from the third." },
    { 0, NULL, NULL },
};

bool
group_is_ours(uint32_t id)
{
    unsigned int without;
    uint16_t peer;

    return (id >= HOST_ID_MIN && id <= HOST_ID_MAX)
           || id == GROUP_ALL_PEERS
           || id == GROUP_LOCAL_PORTS
           || id == GROUP_ALWAYS
           || group_is_answers(id)
           || group_parse_transit(id, &peer, &without);
}

bool
group_is_answers(uint32_t id)
{
    return (id >= GROUP_ANSWERS + HOST_ID_MIN
            && id <= GROUP_ANSWERS + HOST_ID_MAX);
}

bool
group_parse_transit(uint32_t id, uint16_t *peer, unsigned int *without)
{
    for (size_t i = 0; i < ARRAY_SIZE(transit_groups); i++) {
        if (id >= transit_groups[i] + HOST_ID_MIN
            && id <= transit_groups[i] + HOST_ID_MAX) {
            *peer = id - transit_groups[i];
            *without = i;
            return true;
        }
    }
    return false;
}

uint32_t
group_transit(const struct flows_input *in, const struct paths_peer *paths,
              uint16_t neighbour)
{
    bool has_way = tunnel_to(in, paths->peer);
    size_t without = 0;

    for (size_t i = 0; i < PATHS_N_NEXT && paths->next[i]; i++) {
        if (paths->next[i] == neighbour) {
            without = 1 + i;
        } else {
            has_way = true;
        }
    }
    return has_way ? transit_groups[without] + paths->peer : 0;
}

void
groups_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->n_paths; i++) {
        const struct paths_peer *paths = &in->paths[i];

        add_peer(in, paths, ft);
        add_answers(in, paths, ft);
        add_transit(in, paths, 0, ft);
        for (size_t j = 0; j < PATHS_N_NEXT && paths->next[j]; j++) {
            if (paths->next[j] != paths->peer) {
                add_transit(in, paths, paths->next[j], ft);
            }
        }
    }
    add_flooding(in, ft);
}

bool
bucket_get_output(const struct ofputil_bucket *bucket, uint16_t *ofport)
{
    const struct ofpact *a;
    bool found = false;

    OFPACT_FOR_EACH (a, bucket->ofpacts, bucket->ofpacts_len) {
        if (a->type == OFPACT_OUTPUT) {
            *ofport = ofp_to_u16(ofpact_get_OUTPUT(a)->port);
            found = true;
        }
    }
    return found;
}

bool
bucket_get_egress(const struct ofputil_bucket *bucket, uint16_t *ofport)
{
    const struct ofpact *a;
    bool found = false;

    OFPACT_FOR_EACH (a, bucket->ofpacts, bucket->ofpacts_len) {
        if (a->type == OFPACT_SET_FIELD) {
            const struct ofpact_set_field *sf = ofpact_get_SET_FIELD(a);

            if (sf->field->id == MFF_REG0) {
                *ofport = ntohl(sf->value->be32);
                found = true;
            }
        }
    }
    return found;
}

/* Buckets of the flood groups have the number of what they send to, so that
 * one that stays keeps its number (and its counters) when another goes. */
static void
add_flooding(const struct flows_input *in, struct flow_table *ft)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "group_id=%d,type=all", GROUP_ALL_PEERS);
    for (size_t i = 0; i < in->n_paths; i++) {
        ds_put_format(&s, ",bucket=bucket_id:%u,actions=group:%u",
                      in->paths[i].peer, in->paths[i].peer);
    }
    group_add(ft, ds_cstr(&s));

    ds_clear(&s);
    ds_put_format(&s, "group_id=%d,type=all", GROUP_LOCAL_PORTS);
    for (size_t i = 0; i < in->n_ports; i++) {
        const struct flows_port *port = &in->ports[i];

        if (port->kind != FLOWS_PORT_TUNNEL
            && port->vlan_mode != FLOWS_VLAN_UNSUPPORTED && !port->blocked) {
            ds_put_format(&s, ",bucket=bucket_id:%u,"
                          "actions=set_field:%u->"REG_DST_PORT","
                          "resubmit(,%u)", port->ofport, port->ofport,
                          stage_table(STAGE_EGRESS));
        }
    }
    group_add(ft, ds_cstr(&s));

    ds_clear(&s);
    ds_put_format(&s, "group_id=%d,type=indirect,"
                  "bucket=bucket_id:0,actions=drop", GROUP_ALWAYS);
    group_add(ft, ds_cstr(&s));
    ds_destroy(&s);
}

static void
add_peer(const struct flows_input *in, const struct paths_peer *paths,
         struct flow_table *ft)
{
    uint16_t last = paths->last_resort ? paths->last_resort : paths->peer;
    bool direct = tunnel_to(in, paths->peer);
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "group_id=%u,type=fast_failover", paths->peer);
    if (paths->direct_first) {
        put_own_way(in, paths->peer, paths->peer, false, &s);
    }
    for (size_t i = 0; i < PATHS_N_RELAYS && paths->relays[i]; i++) {
        put_own_way(in, paths->peer, paths->relays[i], false, &s);
    }
    if (direct && !paths->direct_first) {
        put_own_way(in, paths->peer, paths->peer, false, &s);
    }
    put_own_way(in, paths->peer, last, true, &s);
    group_add(ft, ds_cstr(&s));
    ds_destroy(&s);
}

/* Appends the bucket that gives a frame of this host for 'peer' to 'next', the
 * peer itself or a relay, while that is alive or 'always'. */
static void
put_own_way(const struct flows_input *in, uint16_t peer, uint16_t next,
            bool always, struct ds *s)
{
    struct way way = {
        .bucket_id = always ? BUCKET_ANYWAY : BUCKET_DIRECT,
        .ofport = tunnel_to(in, next),
        .always = always,
        .vni = in->fabric->settings.vni,
    };

    if (next != peer) {
        way.bucket_id = (always ? BUCKET_ANYWAY_VIA : BUCKET_VIA) + next;
        way.vni = addr_relay_vni(peer, RELAY_MAX_HOPS);
    }
    put_way(&way, s);
}

/* Only its own tunnel says that a peer is alive: a relay that is alive says
 * nothing about it, and mobulad, which would know, need not run.  Where there
 * is a detour, the peer itself is asked by way of it. */
static void
add_answers(const struct flows_input *in, const struct paths_peer *paths,
            struct flow_table *ft)
{
    uint16_t direct = tunnel_to(in, paths->peer);
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "group_id=%u,type=fast_failover",
                  GROUP_ANSWERS + paths->peer);
    if (direct) {
        put_watch(BUCKET_DIRECT, direct, false, &s);
        ds_put_format(&s, "resubmit(,%u)", stage_table(STAGE_ANSWER));
    }
    put_watch(BUCKET_ANYWAY, 0, true, &s);
    ds_put_format(&s, "resubmit(,%u)", stage_table(STAGE_LOOKUP));
    group_add(ft, ds_cstr(&s));
    ds_destroy(&s);
}

/* Adds what group_transit() tells the id of. */
static void
add_transit(const struct flows_input *in, const struct paths_peer *paths,
            uint16_t neighbour, struct flow_table *ft)
{
    uint32_t id = group_transit(in, paths, neighbour);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct way last = {
        BUCKET_ANYWAY, tunnel_to(in, paths->peer), true, 0
    };

    if (!id) {
        return;
    }
    ds_put_format(&s, "group_id=%"PRIu32",type=fast_failover", id);
    for (size_t i = 0; i < PATHS_N_NEXT && paths->next[i]; i++) {
        uint16_t next = paths->next[i];
        struct way way = {
            next == paths->peer ? BUCKET_DIRECT : BUCKET_VIA + next,
            tunnel_to(in, next), false, 0
        };

        if (next != neighbour) {
            put_way(&way, &s);
        }
    }
    if (last.ofport) {
        put_way(&last, &s);
    }
    group_add(ft, ds_cstr(&s));
    ds_destroy(&s);
}

static void
put_way(const struct way *way, struct ds *s)
{
    put_watch(way->bucket_id, way->ofport, way->always, s);
    if (way->vni) {
        ds_put_format(s, "set_field:%"PRIu32"->tun_id,", way->vni);
    }
    ds_put_format(s, "output:%u", way->ofport);
}

/* Appends the beginning of a bucket that counts while 'ofport' is alive, or
 * always. */
static void
put_watch(uint32_t bucket_id, uint16_t ofport, bool always, struct ds *s)
{
    ds_put_format(s, ",bucket=bucket_id:%"PRIu32",", bucket_id);
    if (always) {
        ds_put_format(s, "watch_group:%d,", GROUP_ALWAYS);
    } else {
        ds_put_format(s, "watch_port:%u,", ofport);
    }
    ds_put_cstr(s, "actions=");
}

/* Returns the port of the tunnel to 'peer', 0 if there is none. */
static uint16_t
tunnel_to(const struct flows_input *in, uint16_t peer)
{
    const struct flows_port *port;

    port = flows_input_find_port(in, FLOWS_PORT_TUNNEL, peer);
    return port ? port->ofport : 0;
}
