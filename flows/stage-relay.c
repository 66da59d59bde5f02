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

/* stage-relay: is a relayed frame here, and may it go on?
 *
 * After admission (stage-admission.c), for frames whose VNI says to which host
 * they are to be relayed (addr_relay_vni()).  Those for this host go on to
 * tunnel-in (stage-tunnel-in.c), where they are treated like what a peer
 * sends; those for others to transit (stage-transit.c).
 *
 * A frame never takes a relay without being counted down, so whatever tables
 * the hosts on its way have, it ends.  Frames from local ports never come
 * here, and nothing that a relay does depends on what it has learnt. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "packets.h"

/* Frames for this host, whatever is left of the hops. */
#define ARRIVED "tun_id=0x%x/0x%x"
#define ARRIVED_ARGS(ID) \
    addr_relay_vni(ID, 0), 0xffffffu & ~RELAY_VNI_HOPS_MASK

/* Frames for other hosts; comes after ARRIVED. */
#define HOPS "tun_id=0x%x/0x%x"
#define HOPS_ARGS(N) addr_relay_vni(0, N), RELAY_VNI_HIGH_MASK

static void add_arrived(uint16_t self, struct flow_table *);
static void add_hops(struct flow_table *);

void
stage_relay_build(const struct flows_input *in, struct flow_table *ft)
{
    add_arrived(in->self, ft);
    add_hops(ft);
    flow_add(ft, RULE_RELAY_OTHER_BITS, 0, "actions=drop");
}

/* By which tunnel a frame came says nothing about where it is from.  A host
 * or gateway is known by its MAC, as nobody else can send with it; with the
 * host that it names in the register, a frame passes the same checks as one
 * from that host's own tunnel, or fails them if the MAC is this host's own or
 * nobody's. */
static void
add_arrived(uint16_t self, struct flow_table *ft)
{
    flow_add(ft, RULE_ARRIVED_INFRA, self,
             ARRIVED",dl_src="ETH_ADDR_FMT"/"ETH_ADDR_FMT" "
             "actions=move:NXM_OF_ETH_SRC[0..15]->"REG_SRC_PEER_BITS","
             "goto_table:%u",
             ARRIVED_ARGS(self), ETH_ADDR_ARGS(addr_mac_infra_prefix()),
             ETH_ADDR_ARGS(addr_mac_infra_mask()),
             stage_table(STAGE_TUNNEL_IN));
    flow_add(ft, RULE_ARRIVED, self,
             ARRIVED" actions=set_field:%u->"REG_SRC_PEER",goto_table:%u",
             ARRIVED_ARGS(self), SRC_PEER_RELAYED,
             stage_table(STAGE_TUNNEL_IN));
}

static void
add_hops(struct flow_table *ft)
{
    flow_add(ft, RULE_NO_HOPS_LEFT, 0, HOPS" actions=drop", HOPS_ARGS(0));
    for (unsigned int n = 1; n <= RELAY_MAX_HOPS; n++) {
        flow_add(ft, RULE_HOP, 0,
                 HOPS" actions=set_field:0x%x/0x%x->tun_id,goto_table:%u",
                 HOPS_ARGS(n), (n - 1) << RELAY_VNI_HOPS_SHIFT,
                 RELAY_VNI_HOPS_MASK, stage_table(STAGE_TRANSIT));
    }
}
