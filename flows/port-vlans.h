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
 *
 * All VLAN modes of a port reduce to a few facts, which this works out from a
 * 'struct flows_port'; stage-vlan-in.c and stage-egress.c make flows of them.
 *
 * Inside the pipeline and between hosts, a frame carries its VLAN as an 802.1Q
 * tag.  One without a tag, or with VLAN ID 0, is in no VLAN, called VLAN 0. */

#ifndef MOBULA_PORT_VLANS_H
#define MOBULA_PORT_VLANS_H 1

#include <stdbool.h>
#include <stdint.h>
#include "bitmap.h"

#define PORT_VLANS_N_VIDS 4096

struct flows_port;

struct port_vlans {
    /* The port takes frames without a VLAN; they are in VLAN 'native' then (0:
     * in none), and frames of that VLAN leave without a tag if 'untags'. */
    bool takes_untagged;
    uint16_t native;
    bool untags;                /* False if 'native' is 0. */

    /* The port takes frames with a tag, of the VLANs in 'vids'. */
    bool takes_tagged;

    /* All VLANs but VLAN 0 whose frames leave through the port with their tag
     * (so 'native' is not in it if 'untags').  Those of VLAN 0 leave if it
     * takes them: 'takes_untagged' and 'native' is 0. */
    unsigned long vids[BITMAP_N_LONGS(PORT_VLANS_N_VIDS)];
    bool all;                   /* 'vids' has every VLAN, except 'native' if
                                 * 'untags'; then 'takes_tagged', too. */
};

/* Works out 'ret' for a local port whose VLAN mode is not
 * FLOWS_VLAN_UNSUPPORTED. */
void port_vlans_init(struct port_vlans *ret, const struct flows_port *);

/* Returns true if the port carries frames without a VLAN. */
bool port_vlans_has_vlan_0(const struct port_vlans *);

/* A set of VLANs whose ids are the same under a mask. */
struct vlan_block {
    uint16_t vid;
    uint16_t mask;              /* 0xfff for a single VLAN. */
};

/* Returns true and stores in '*block' the next part of 'vids' after '*pos',
 * which must be 0 at first, and moves '*pos' on; returns false at the end.
 * The parts are as large as can be, so that there are few. */
bool port_vlans_next(const struct port_vlans *, unsigned int *pos,
                     struct vlan_block *block);

#endif /* flows/port-vlans.h */
