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

static void add_peer(const struct flows_input *, const struct flows_port *,
                     struct flow_table *);
static void add_answers(const struct flows_port *, struct flow_table *);

const struct group_doc group_docs[] = {
    { GROUP_ALL_PEERS, "all-peers",
      "A copy for the group of every peer that has a tunnel." },
    { GROUP_LOCAL_PORTS, "local-ports",
      "A copy to egress for every local port; Open vSwitch sends none to the "
      "one that the frame came from." },
    { GROUP_ALWAYS, "always",
      "Sends nothing and is always alive, so that the last bucket of a "
      "peer's group, which watches it, is too." },
    { GROUP_ANSWERS, "answers",
      "This number plus a host id: requests for what is at that host go on to "
      "answer while its tunnel is alive, and to lookup otherwise." },
    { 0, NULL, NULL },
};

bool
group_is_ours(uint32_t id)
{
    return (id >= HOST_ID_MIN && id <= HOST_ID_MAX)
           || id == GROUP_ALL_PEERS
           || id == GROUP_LOCAL_PORTS
           || id == GROUP_ALWAYS
           || group_is_answers(id);
}

bool
group_is_answers(uint32_t id)
{
    return (id >= GROUP_ANSWERS + HOST_ID_MIN
            && id <= GROUP_ANSWERS + HOST_ID_MAX);
}

/* Buckets of the flood groups have the number of what they send to, so that
 * one that stays keeps its number (and its counters) when another goes. */
void
groups_build(const struct flows_input *in, struct flow_table *ft)
{
    struct ds peers = DS_EMPTY_INITIALIZER;
    struct ds local = DS_EMPTY_INITIALIZER;

    ds_put_format(&peers, "group_id=%d,type=all", GROUP_ALL_PEERS);
    ds_put_format(&local, "group_id=%d,type=all", GROUP_LOCAL_PORTS);
    for (size_t i = 0; i < in->n_ports; i++) {
        const struct flows_port *port = &in->ports[i];

        if (port->kind == FLOWS_PORT_TUNNEL) {
            add_peer(in, port, ft);
            add_answers(port, ft);
            ds_put_format(&peers, ",bucket=bucket_id:%u,actions=group:%u",
                          port->peer, port->peer);
        } else if (port->vlan_mode != FLOWS_VLAN_UNSUPPORTED
                   && !port->blocked) {
            ds_put_format(&local, ",bucket=bucket_id:%u,"
                          "actions=set_field:%u->"REG_DST_PORT","
                          "resubmit(,%u)", port->ofport, port->ofport,
                          stage_table(STAGE_EGRESS));
        }
    }
    group_add(ft, ds_cstr(&peers));
    group_add(ft, ds_cstr(&local));
    ds_destroy(&peers);
    ds_destroy(&local);

    ds_init(&peers);
    ds_put_format(&peers, "group_id=%d,type=indirect,"
                  "bucket=bucket_id:0,actions=drop", GROUP_ALWAYS);
    group_add(ft, ds_cstr(&peers));
    ds_destroy(&peers);
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

static void
add_peer(const struct flows_input *in, const struct flows_port *tunnel,
         struct flow_table *ft)
{
    uint32_t vni = in->fabric->settings.vni;
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "group_id=%u,type=fast_failover", tunnel->peer);
    ds_put_format(&s, ",bucket=bucket_id:0,watch_port:%u,"
                  "actions=set_field:%"PRIu32"->tun_id,output:%u",
                  tunnel->ofport, vni, tunnel->ofport);
    ds_put_format(&s, ",bucket=bucket_id:1,watch_group:%d,"
                  "actions=set_field:%"PRIu32"->tun_id,output:%u",
                  GROUP_ALWAYS, vni, tunnel->ofport);
    group_add(ft, ds_cstr(&s));
    ds_destroy(&s);
}

static void
add_answers(const struct flows_port *tunnel, struct flow_table *ft)
{
    char *s = xasprintf("group_id=%d,type=fast_failover,"
                        "bucket=bucket_id:0,watch_port:%u,"
                        "actions=resubmit(,%u),"
                        "bucket=bucket_id:1,watch_group:%d,"
                        "actions=resubmit(,%u)",
                        GROUP_ANSWERS + tunnel->peer, tunnel->ofport,
                        stage_table(STAGE_ANSWER), GROUP_ALWAYS,
                        stage_table(STAGE_LOOKUP));

    group_add(ft, s);
    free(s);
}
