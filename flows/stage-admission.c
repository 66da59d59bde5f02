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

/* stage-admission: which port is this, and from which peer?
 *
 * First stage.  Guests go on to vlan-in (stage-vlan-in.c), this host's own
 * ports to access-in (stage-access-in.c), tunnels to tunnel-in
 * (stage-tunnel-in.c), or to relay (stage-relay.c) if the VNI says so.  Who
 * comes from nowhere known, the bridge's own LOCAL port included, is dropped.
 *
 * Loop probes (lib/addr.h) end here.  What a guest's port hears is learnt into
 * the stage loops, which has no builder, for mobulad to see. */

#include <config.h>
#include "flows/stages.h"

#include <inttypes.h>

#include "flows/cookie.h"
#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "util.h"

/* Probes of any host, whatever their VLAN. */
#define PROBE_FMT "dl_type=0x%04x,dl_src="ETH_ADDR_FMT"/"ETH_ADDR_FMT
#define PROBE_ARGS ETH_TYPE_LOOP_PROBE,                                 \
                   ETH_ADDR_ARGS(addr_mac_probe_src(0)),                \
                   ETH_ADDR_ARGS(addr_mac_probe_mask())

/* How many different probes one port's guest can make up at once. */
#define MAX_HEARD 16

static void add_tunnel(const struct flows_input *, const struct flows_port *,
                       struct flow_table *);
static void add_guest(const struct flows_port *, struct flow_table *);
static void add_probe(const struct flows_input *, const struct flows_port *,
                      struct flow_table *);
static void add_own(const struct flows_port *, enum rule_id,
                    struct flow_table *);

void
stage_admission_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->n_ports; i++) {
        const struct flows_port *port = &in->ports[i];

        switch (port->kind) {
        case FLOWS_PORT_TUNNEL:
            add_tunnel(in, port, ft);
            break;
        case FLOWS_PORT_HOST:
            add_own(port, RULE_HOST_PORT, ft);
            break;
        case FLOWS_PORT_GATEWAY:
            add_own(port, RULE_GATEWAY_PORT, ft);
            break;
        case FLOWS_PORT_GUEST:
            add_guest(port, ft);
            add_probe(in, port, ft);
            break;
        default:
            OVS_NOT_REACHED();
        }
    }
    flow_add(ft, RULE_STRAY_PROBE, 0, PROBE_FMT" actions=drop", PROBE_ARGS);
    flow_add(ft, RULE_UNKNOWN_PORT, 0, "actions=drop");
}

static void
add_tunnel(const struct flows_input *in, const struct flows_port *port,
           struct flow_table *ft)
{
    flow_add(ft, RULE_TUNNEL, port->peer,
             "in_port=%u,tun_id=%"PRIu32" "
             "actions=set_field:%u->"REG_SRC_PEER",goto_table:%u",
             port->ofport, in->fabric->settings.vni,
             port->peer, stage_table(STAGE_TUNNEL_IN));
    flow_add(ft, RULE_TUNNEL_RELAY, port->peer,
             "in_port=%u,tun_id=0x%x/0x%x actions=goto_table:%u",
             port->ofport, RELAY_VNI_FLAG, RELAY_VNI_FLAG,
             stage_table(STAGE_RELAY));
    /* Apart from the wrong VNIs, so that the counter of those stays at zero as
     * long as nobody does anything wrong. */
    flow_add(ft, RULE_TUNNEL_BFD, port->peer,
             "in_port=%u,tun_id=0 actions=drop", port->ofport);
    flow_add(ft, RULE_TUNNEL_WRONG_VNI, port->peer,
             "in_port=%u actions=drop", port->ofport);
}

static void
add_guest(const struct flows_port *port, struct flow_table *ft)
{
    if (port->blocked) {
        flow_add(ft, RULE_BLOCKED_PORT, port->ofport,
                 "in_port=%u actions=drop", port->ofport);
    } else if (port->vlan_mode == FLOWS_VLAN_UNSUPPORTED) {
        flow_add(ft, RULE_UNSUPPORTED_PORT, port->ofport,
                 "in_port=%u actions=drop", port->ofport);
    } else {
        flow_add(ft, RULE_GUEST_PORT, port->ofport,
                 "in_port=%u actions=goto_table:%u",
                 port->ofport, stage_table(STAGE_VLAN_IN));
    }
}

/* What is noted outlives two lost probes.  Its cookie names the port, so that
 * the limit, too, is per port. */
static void
add_probe(const struct flows_input *in, const struct flows_port *port,
          struct flow_table *ft)
{
    const struct rule *heard = rule_find(RULE_PROBE_HEARD);
    unsigned int interval_s = MAX(in->fabric->settings.loop_interval_s, 1);

    flow_add(ft, RULE_LOOP_PROBE, port->ofport,
             "in_port=%u,"PROBE_FMT" "
             "actions=learn(table=%u,hard_timeout=%u,priority=%u,"
             "cookie=0x%"PRIx64",limit=%d,"
             "NXM_OF_IN_PORT[],NXM_OF_ETH_SRC[],NXM_OF_ETH_DST[])",
             port->ofport, PROBE_ARGS, stage_table(heard->stage),
             MIN(3 * interval_s + 1, UINT16_MAX), heard->priority,
             cookie_pack(heard->stage, heard->id, port->ofport), MAX_HEARD);
}

static void
add_own(const struct flows_port *port, enum rule_id rule,
        struct flow_table *ft)
{
    flow_add(ft, rule, port->ofport, "in_port=%u actions=goto_table:%u",
             port->ofport, stage_table(STAGE_ACCESS_IN));
}
