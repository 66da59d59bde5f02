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


/* stage-egress: out of a local port, in the form that the port wants.
 *
 * Last stage: flood (stage-flood.c) and the group of all local ports
 * (groups.c) name the port in a register.  Open vSwitch itself sends no frame
 * back to the port that it came from. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "flows/port-vlans.h"

static void add_port(const struct flows_port *, struct flow_table *);
static void add_untag(const struct flows_port *, uint16_t vid,
                      struct flow_table *);
static void add_vlan_0(const struct flows_port *, const struct port_vlans *,
                       struct flow_table *);
static void add_vids(const struct flows_port *, const struct port_vlans *,
                     struct flow_table *);

void
stage_egress_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->n_ports; i++) {
        if (in->ports[i].kind != FLOWS_PORT_TUNNEL
            && in->ports[i].vlan_mode != FLOWS_VLAN_UNSUPPORTED) {
            add_port(&in->ports[i], ft);
        }
    }
}

static void
add_port(const struct flows_port *port, struct flow_table *ft)
{
    struct port_vlans vlans;

    if (port->blocked) {
        flow_add(ft, RULE_EGRESS_BLOCKED, port->ofport,
                 REG_DST_PORT"=%u actions=drop", port->ofport);
        return;
    }
    port_vlans_init(&vlans, port);
    if (vlans.untags) {
        add_untag(port, vlans.native, ft);
    }
    add_vlan_0(port, &vlans, ft);
    if (vlans.all) {
        flow_add(ft, RULE_EGRESS_ANY, port->ofport,
                 REG_DST_PORT"=%u actions=output:%u",
                 port->ofport, port->ofport);
    } else {
        add_vids(port, &vlans, ft);
        flow_add(ft, RULE_EGRESS_NOT_CARRIED, port->ofport,
                 REG_DST_PORT"=%u actions=drop", port->ofport);
    }
}

/* A frame with two tags must not come out with the inner one, in a VLAN of the
 * sender's choice.  (Open vSwitch takes more tags than other_config:vlan-limit
 * in table Open_vSwitch, 1 unless changed, for the frame's type.) */
static void
add_untag(const struct flows_port *port, uint16_t vid, struct flow_table *ft)
{
    flow_add(ft, RULE_EGRESS_HIDDEN, port->ofport,
             REG_DST_PORT"=%u,dl_vlan=%u,dl_type=0x8100 actions=drop",
             port->ofport, vid);
    flow_add(ft, RULE_EGRESS_HIDDEN, port->ofport,
             REG_DST_PORT"=%u,dl_vlan=%u,dl_type=0x88a8 actions=drop",
             port->ofport, vid);
    flow_add(ft, RULE_EGRESS_UNTAG, port->ofport,
             REG_DST_PORT"=%u,dl_vlan=%u actions=pop_vlan,output:%u",
             port->ofport, vid, port->ofport);
}

/* VLAN 0 needs a flow of its own if it is unlike the rest. */
static void
add_vlan_0(const struct flows_port *port, const struct port_vlans *vlans,
           struct flow_table *ft)
{
    bool carried = port_vlans_has_vlan_0(vlans);

    if (carried && !vlans->all) {
        flow_add(ft, RULE_EGRESS_VLAN, port->ofport,
                 REG_DST_PORT"=%u,vlan_tci=0x0000/0x0fff actions=output:%u",
                 port->ofport, port->ofport);
    } else if (!carried && vlans->all) {
        flow_add(ft, RULE_EGRESS_NO_VLAN, port->ofport,
                 REG_DST_PORT"=%u,vlan_tci=0x0000/0x0fff actions=drop",
                 port->ofport);
    }
}

static void
add_vids(const struct flows_port *port, const struct port_vlans *vlans,
         struct flow_table *ft)
{
    struct vlan_block block;
    unsigned int pos = 0;

    while (port_vlans_next(vlans, &pos, &block)) {
        flow_add(ft, RULE_EGRESS_VLAN, port->ofport,
                 REG_DST_PORT"=%u,vlan_tci=0x%04x/0x%04x actions=output:%u",
                 port->ofport, 0x1000u | block.vid, 0x1000u | block.mask,
                 port->ofport);
    }
}
