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


/* stage-vlan-in: which VLAN is a frame of a guest in?
 *
 * After admission (stage-admission.c), for guests; all that passes goes on to
 * access-in (stage-access-in.c) with its VLAN as a tag, and has none if it is
 * in no VLAN.  stage-egress.c is the other direction. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "flows/port-vlans.h"

/* A frame without a tag, and one with a tag whose VLAN ID is 0 ("priority
 * tagged"). */
#define UNTAGGED "vlan_tci=0x0000/0x1fff"
#define PRIORITY_TAGGED "vlan_tci=0x1000/0x1fff"

static void add_hidden(struct flow_table *);
static void add_guest(const struct flows_port *, struct flow_table *);
static void add_untagged(const struct flows_port *, const struct port_vlans *,
                         struct flow_table *);
static void add_native(const struct flows_port *, uint16_t vid,
                       struct flow_table *);
static void add_tagged(const struct flows_port *, const struct port_vlans *,
                       struct flow_table *);

void
stage_vlan_in_build(const struct flows_input *in, struct flow_table *ft)
{
    add_hidden(ft);
    for (size_t i = 0; i < in->n_ports; i++) {
        if (in->ports[i].kind == FLOWS_PORT_GUEST
            && in->ports[i].vlan_mode != FLOWS_VLAN_UNSUPPORTED) {
            add_guest(&in->ports[i], ft);
        }
    }
}

/* Where a VLAN ID of 0 gives way to the tag inside, a guest could reach VLANs
 * that it does not belong to. */
static void
add_hidden(struct flow_table *ft)
{
    flow_add(ft, RULE_VLAN_HIDDEN, 0,
             PRIORITY_TAGGED",dl_type=0x8100 actions=drop");
    flow_add(ft, RULE_VLAN_HIDDEN, 0,
             PRIORITY_TAGGED",dl_type=0x88a8 actions=drop");
}

static void
add_guest(const struct flows_port *port, struct flow_table *ft)
{
    struct port_vlans vlans;

    port_vlans_init(&vlans, port);
    if (vlans.native) {
        add_native(port, vlans.native, ft);
    } else if (vlans.takes_untagged) {
        add_untagged(port, &vlans, ft);
    }
    if (vlans.takes_tagged) {
        add_tagged(port, &vlans, ft);
    }
    if (vlans.all) {
        flow_add(ft, RULE_VLAN_ANY, port->ofport,
                 "in_port=%u actions=goto_table:%u",
                 port->ofport, stage_table(STAGE_ACCESS_IN));
    } else {
        flow_add(ft, RULE_VLAN_NOT_CARRIED, port->ofport,
                 "in_port=%u actions=drop", port->ofport);
    }
}

/* A frame that loses its tag starts again, as whatever it is then. */
static void
add_untagged(const struct flows_port *port, const struct port_vlans *vlans,
             struct flow_table *ft)
{
    flow_add(ft, RULE_VLAN_PRIORITY, port->ofport,
             "in_port=%u,"PRIORITY_TAGGED" actions=pop_vlan,resubmit(,%u)",
             port->ofport, stage_table(STAGE_VLAN_IN));
    if (!vlans->all) {
        flow_add(ft, RULE_VLAN_UNTAGGED, port->ofport,
                 "in_port=%u,"UNTAGGED" actions=goto_table:%u",
                 port->ofport, stage_table(STAGE_ACCESS_IN));
    }
}

/* The tag that is there already keeps its priority. */
static void
add_native(const struct flows_port *port, uint16_t vid, struct flow_table *ft)
{
    flow_add(ft, RULE_VLAN_NATIVE, port->ofport,
             "in_port=%u,"PRIORITY_TAGGED" "
             "actions=set_field:%u->vlan_vid,goto_table:%u",
             port->ofport, 0x1000 | vid, stage_table(STAGE_ACCESS_IN));
    flow_add(ft, RULE_VLAN_NATIVE, port->ofport,
             "in_port=%u,"UNTAGGED" "
             "actions=push_vlan:0x8100,set_field:%u->vlan_vid,goto_table:%u",
             port->ofport, 0x1000 | vid, stage_table(STAGE_ACCESS_IN));
}

static void
add_tagged(const struct flows_port *port, const struct port_vlans *vlans,
           struct flow_table *ft)
{
    struct vlan_block block;
    unsigned int pos = 0;

    if (vlans->all) {
        return;
    }
    if (vlans->untags) {
        /* Not among the VLANs that leave with a tag. */
        flow_add(ft, RULE_VLAN_TAGGED, port->ofport,
                 "in_port=%u,dl_vlan=%u actions=goto_table:%u",
                 port->ofport, vlans->native, stage_table(STAGE_ACCESS_IN));
    }
    while (port_vlans_next(vlans, &pos, &block)) {
        flow_add(ft, RULE_VLAN_TAGGED, port->ofport,
                 "in_port=%u,vlan_tci=0x%04x/0x%04x actions=goto_table:%u",
                 port->ofport, 0x1000u | block.vid, 0x1000u | block.mask,
                 stage_table(STAGE_ACCESS_IN));
    }
}
