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

/* snapshot: what is known of Open vSwitch's ports -> input of the flows.
 * See snapshot.h. */

#include <config.h>
#include "ovs-ctl/snapshot.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "flows/flows-input.h"
#include "lib/addr.h"
#include "flow.h"
#include "openvswitch/util.h"
#include "ovs-ctl/ovs-state.h"
#include "util.h"

static bool has_ofport(const struct ovs_port *);
static bool classify(const struct ovs_port *, struct flows_port *);
static int compare_ports(const void *, const void *);

struct flows_port *
snapshot_ports(const struct ovs_bridge *bridge, size_t *n)
{
    struct flows_port *ports = xcalloc(bridge->n_ports + 1, sizeof *ports);

    *n = 0;
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (has_ofport(bridge->ports[i])
            && classify(bridge->ports[i], &ports[*n])) {
            ++*n;
        }
    }
    qsort(ports, *n, sizeof *ports, compare_ports);
    return ports;
}

uint16_t
snapshot_ofport(const struct ovs_state *state, const char *bridge_name,
                const char *name)
{
    const struct ovs_bridge *bridge
        = ovs_state_find_bridge(state, bridge_name);
    const struct ovs_port *port
        = bridge ? ovs_bridge_find_port(bridge, name) : NULL;

    return port && has_ofport(port) ? port->ofport : 0;
}

/* As ovs-vswitchd.conf.db(5) says, what is not set included. */
enum flows_vlan_mode
snapshot_vlan_mode(const struct ovs_port *port)
{
    static const struct {
        const char *name;
        enum flows_vlan_mode mode;
    } modes[] = {
        { "trunk", FLOWS_VLAN_TRUNK },
        { "access", FLOWS_VLAN_ACCESS },
        { "native-tagged", FLOWS_VLAN_NATIVE_TAGGED },
        { "native-untagged", FLOWS_VLAN_NATIVE_UNTAGGED },
    };

    if (!port->vlan_mode) {
        return port->tag >= 0 ? FLOWS_VLAN_ACCESS : FLOWS_VLAN_TRUNK;
    }
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        if (!strcmp(port->vlan_mode, modes[i].name)) {
            return modes[i].mode;
        }
    }
    return FLOWS_VLAN_UNSUPPORTED;
}

static bool
has_ofport(const struct ovs_port *port)
{
    return port->ofport > 0 && port->ofport < ofp_to_u16(OFPP_MAX);
}

/* Any port that is not Mobula's is an access port.  A tunnel whose name tells
 * no host is none of ours to use. */
static bool
classify(const struct ovs_port *port, struct flows_port *out)
{
    *out = (struct flows_port) {
        .kind = FLOWS_PORT_GUEST,
        .ofport = port->ofport,
        .name = port->name,
    };
    if (!port->role) {
        out->vlan_mode = snapshot_vlan_mode(port);
        out->tag = MAX(port->tag, 0);
        out->trunks = port->trunks;
        out->n_trunks = port->n_trunks;
        return true;
    } else if (!strcmp(port->role, OVS_ROLE_HOST)) {
        out->kind = FLOWS_PORT_HOST;
        return true;
    } else if (!strcmp(port->role, OVS_ROLE_GATEWAY)) {
        out->kind = FLOWS_PORT_GATEWAY;
        return true;
    } else {
        out->kind = FLOWS_PORT_TUNNEL;
        return !strcmp(port->role, OVS_ROLE_TUNNEL)
               && addr_vxlan_parse(port->name, &out->peer);
    }
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct flows_port *a = a_;
    const struct flows_port *b = b_;

    return a->ofport < b->ofport ? -1 : a->ofport > b->ofport;
}
