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


/* port-vlans: which VLANs a local port carries, and how.
 * See port-vlans.h. */

#include <config.h>
#include "flows/port-vlans.h"

#include <string.h>

#include "flows/flows-input.h"
#include "util.h"

static void set_trunk(struct port_vlans *, const struct flows_port *);
static void set_native(struct port_vlans *, const struct flows_port *);

void
port_vlans_init(struct port_vlans *v, const struct flows_port *port)
{
    memset(v, 0, sizeof *v);
    switch (port->vlan_mode) {
    case FLOWS_VLAN_TRUNK:
        set_trunk(v, port);
        break;

    case FLOWS_VLAN_ACCESS:
        v->takes_untagged = true;
        v->native = port->tag;
        v->untags = port->tag != 0;
        break;

    case FLOWS_VLAN_NATIVE_TAGGED:
        set_native(v, port);
        break;

    case FLOWS_VLAN_NATIVE_UNTAGGED:
        set_native(v, port);
        if (v->native) {
            v->untags = true;
            bitmap_set0(v->vids, v->native);
        }
        break;

    case FLOWS_VLAN_UNSUPPORTED:
    default:
        OVS_NOT_REACHED();
    }
}

bool
port_vlans_has_vlan_0(const struct port_vlans *v)
{
    return v->takes_untagged && !v->native;
}

bool
port_vlans_next(const struct port_vlans *v, unsigned int *pos,
                struct vlan_block *block)
{
    unsigned int vid = bitmap_scan(v->vids, true, *pos, PORT_VLANS_N_VIDS);
    unsigned int size = 1;

    if (vid >= PORT_VLANS_N_VIDS) {
        return false;
    }
    /* 'vid' is never 0, so this ends. */
    while (!(vid & size)
           && bitmap_scan(v->vids, false, vid, vid + 2 * size)
              == vid + 2 * size) {
        size *= 2;
    }
    block->vid = vid;
    block->mask = (PORT_VLANS_N_VIDS - 1) & ~(size - 1);
    *pos = vid + size;
    return true;
}

/* An empty list means all VLANs, VLAN 0 included. */
static void
set_trunk(struct port_vlans *v, const struct flows_port *port)
{
    v->takes_tagged = true;
    v->all = !port->n_trunks;
    v->takes_untagged = v->all;
    if (v->all) {
        bitmap_set_multiple(v->vids, 1, PORT_VLANS_N_VIDS - 1, true);
    }
    for (size_t i = 0; i < port->n_trunks; i++) {
        if (!port->trunks[i]) {
            v->takes_untagged = true;
        } else if (port->trunks[i] < PORT_VLANS_N_VIDS) {
            bitmap_set1(v->vids, port->trunks[i]);
        }
    }
}

/* The native VLAN is carried whether the list has it or not, and stands for
 * VLAN 0, which therefore is not. */
static void
set_native(struct port_vlans *v, const struct flows_port *port)
{
    set_trunk(v, port);
    v->takes_untagged = true;
    v->native = port->tag;
    if (v->native) {
        bitmap_set1(v->vids, v->native);
    }
}
