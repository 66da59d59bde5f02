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
 * (stage-tunnel-in.c).  Who comes from nowhere known, the bridge's
 * own LOCAL port included, is dropped. */

#include <config.h>
#include "flows/stages.h"

#include <inttypes.h>

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/fabric.h"
#include "util.h"

static void add_tunnel(const struct flows_input *, const struct flows_port *,
                       struct flow_table *);
static void add_guest(const struct flows_port *, struct flow_table *);
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
            break;
        default:
            OVS_NOT_REACHED();
        }
    }
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
    if (port->vlan_mode == FLOWS_VLAN_UNSUPPORTED) {
        flow_add(ft, RULE_UNSUPPORTED_PORT, port->ofport,
                 "in_port=%u actions=drop", port->ofport);
    } else {
        flow_add(ft, RULE_GUEST_PORT, port->ofport,
                 "in_port=%u actions=goto_table:%u",
                 port->ofport, stage_table(STAGE_VLAN_IN));
    }
}

static void
add_own(const struct flows_port *port, enum rule_id rule,
        struct flow_table *ft)
{
    flow_add(ft, rule, port->ofport, "in_port=%u actions=goto_table:%u",
             port->ofport, stage_table(STAGE_ACCESS_IN));
}
