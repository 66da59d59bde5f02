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

/* stage-tunnel-in: may this peer say this?
 *
 * After admission (stage-admission.c), for frames from tunnels, and after
 * relay (stage-relay.c), for those that were relayed; all that passes goes on
 * to claims (stage-claims.c).  Nothing is learnt here: which MACs are behind a
 * peer is for the peer to say.
 *
 * Whether a relayed frame really is from the host that its source MAC names,
 * the relay knows: hosts believe each other.  What is relayed with the MAC of
 * this host itself is dropped like what a peer sends with it. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "lib/fabric.h"

static void add_claims(uint16_t peer, struct flow_table *);
static void add_infra(struct flow_table *);
static void add_peer(uint16_t peer, enum rule_id, struct eth_addr mac,
                     struct flow_table *);

void
stage_tunnel_in_build(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        uint16_t peer = in->fabric->hosts[i].id;

        if (peer != in->self) {
            add_peer(peer, RULE_PEER_HOST_SOURCE, addr_mac_host(peer), ft);
            add_peer(peer, RULE_PEER_GATEWAY_SOURCE,
                     addr_mac_gateway(peer), ft);
            add_claims(peer, ft);
        }
    }
    add_infra(ft);
    flow_add(ft, RULE_MULTICAST_SOURCE_TUNNEL, 0,
             "dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop");
    flow_add(ft, RULE_TUNNEL_SOURCE, 0, "actions=goto_table:%u",
             stage_table(STAGE_CLAIMS));
}

static void
add_peer(uint16_t peer, enum rule_id rule, struct eth_addr mac,
         struct flow_table *ft)
{
    flow_add(ft, rule, peer,
             REG_SRC_PEER"=%u,dl_src="ETH_ADDR_FMT" actions=goto_table:%u",
             peer, ETH_ADDR_ARGS(mac), stage_table(STAGE_CLAIMS));
}

static void
add_claims(uint16_t peer, struct flow_table *ft)
{
    struct eth_addr mask;
    struct eth_addr mac = addr_mac_both(peer, &mask);

    for (size_t i = 0; i < N_MAC_CLAIMS; i++) {
        flow_add(ft, RULE_PEER_MAC_CLAIM, peer,
                 REG_SRC_PEER"=%u,%s="ETH_ADDR_FMT"/"ETH_ADDR_FMT" "
                 "actions=goto_table:%u",
                 peer, mac_claims[i], ETH_ADDR_ARGS(mac), ETH_ADDR_ARGS(mask),
                 stage_table(STAGE_CLAIMS));
    }
}

static void
add_infra(struct flow_table *ft)
{
    struct eth_addr prefix = addr_mac_infra_prefix();
    struct eth_addr mask = addr_mac_infra_mask();

    flow_add(ft, RULE_INFRA_SOURCE_TUNNEL, 0,
             "dl_src="ETH_ADDR_FMT"/"ETH_ADDR_FMT" actions=drop",
             ETH_ADDR_ARGS(prefix), ETH_ADDR_ARGS(mask));
    for (size_t i = 0; i < N_MAC_CLAIMS; i++) {
        flow_add(ft, RULE_INFRA_MAC_CLAIM_TUNNEL, 0,
                 "%s="ETH_ADDR_FMT"/"ETH_ADDR_FMT" actions=drop",
                 mac_claims[i], ETH_ADDR_ARGS(prefix), ETH_ADDR_ARGS(mask));
    }
}
