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

/* topo: reads a topology script (tests/topo/NAME.topo) into what flows/ takes
 * as input.  One item a line, '#' starts a comment:
 *
 *     self ID                     which host's flows; once
 *     host ID HOSTNAME            a host of the fabric, in any order
 *     port KIND OFPORT [PEER]     host, gateway, guest, or tunnel to PEER
 *     vlans OFPORT MODE TAG LIST  of the port above with that number; LIST is
 *                                 "-", or ids and ranges: "5,10-20"
 *     remote VLAN MAC HOST        a MAC that a peer has heard
 *     frozen VLAN MAC HOST        one of them that is not learnt here
 *     binding VLAN IP MAC HOST    an address that a host has heard
 *     paths PEER direct|detour relays ID ID last ID next ID ID ID
 *                                 the ways to a peer, 0 for no host; with
 *                                 "direct", its tunnel comes first
 *     blocked OFPORT   muted OFPORT   crowded OFPORT
 *                                 of the port above with that number
 *     meters 1                    the switch has meters
 *     floods-nd 1                 the datapath makes no advertisements
 *     vni N   mac-age S   mac-limit N   port-mac-limit N   flood-limit N
 *     unknown-limit N
 *     answer-exempt PREFIX
 *     ipv6 PREFIX                 settings other than the defaults; the last
 *                                 is ipv6_prefix, without its length, 64
 */

#ifndef MOBULA_TOPO_H
#define MOBULA_TOPO_H 1

#include "flows/flows-input.h"
#include "lib/fabric.h"

struct topo {
    struct fabric fabric;       /* Hosts sorted by id. */
    struct flows_input input;   /* Its arrays are owned, in the script's
                                 * order. */
};

/* Reads 'file_name'; a mistake in it ends the program. */
void topo_read(struct topo *, const char *file_name);
void topo_uninit(struct topo *);

/* Turns the order of the arrays around. */
void topo_reverse(struct topo *);

#endif /* tests/topo.h */
