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

/* stage-lookup: where is the destination?
 *
 * After access-in and tunnel-in (stage-access-in.c, stage-tunnel-in.c).  The
 * MACs of hosts and gateways are known from the configuration and decided
 * here; what is left goes on to remote-macs (stage-remote-macs.c) with the
 * answer of local-macs in a register. */

#include <config.h>
#include "flows/stages.h"

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "lib/fabric.h"

static void add_own(const struct flows_input *, enum flows_port_kind,
                    enum rule_id, struct eth_addr mac, struct flow_table *);
static void add_peer(const struct flows_input *, uint16_t peer,
                     struct flow_table *);
static void add_path(uint16_t peer, enum rule_id, struct eth_addr mac,
                     struct flow_table *);
static void add_no_path(uint16_t peer, enum rule_id, struct eth_addr mac,
                        struct flow_table *);
static void add_rest(struct flow_table *);

void
stage_lookup_build(const struct flows_input *in, struct flow_table *ft)
{
    /* A network card takes them, whatever the address. */
    flow_add(ft, RULE_MAC_CONTROL, 0, "dl_type=0x8808 actions=drop");
    add_own(in, FLOWS_PORT_HOST, RULE_OWN_HOST, addr_mac_host(in->self), ft);
    add_own(in, FLOWS_PORT_GATEWAY, RULE_OWN_GATEWAY,
            addr_mac_gateway(in->self), ft);
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        uint16_t id = in->fabric->hosts[i].id;

        if (id != in->self) {
            add_peer(in, id, ft);
        }
    }
    add_rest(ft);
}

static void
add_own(const struct flows_input *in, enum flows_port_kind kind,
        enum rule_id rule, struct eth_addr mac, struct flow_table *ft)
{
    const struct flows_port *port = flows_input_find_port(in, kind, 0);

    if (port) {
        flow_add(ft, rule, in->self,
                 "dl_dst="ETH_ADDR_FMT" actions=output:%u",
                 ETH_ADDR_ARGS(mac), port->ofport);
    }
}

static void
add_peer(const struct flows_input *in, uint16_t peer, struct flow_table *ft)
{
    struct eth_addr host = addr_mac_host(peer);
    struct eth_addr gateway = addr_mac_gateway(peer);

    if (flows_input_find_paths(in, peer)) {
        add_path(peer, RULE_PEER_HOST, host, ft);
        add_path(peer, RULE_PEER_GATEWAY, gateway, ft);
    } else {
        add_no_path(peer, RULE_PEER_HOST_NO_TUNNEL, host, ft);
        add_no_path(peer, RULE_PEER_GATEWAY_NO_TUNNEL, gateway, ft);
    }
}

static void
add_path(uint16_t peer, enum rule_id rule, struct eth_addr mac,
         struct flow_table *ft)
{
    flow_add(ft, rule, peer,
             REG_SRC_PEER"=0,dl_dst="ETH_ADDR_FMT" actions=group:%u",
             ETH_ADDR_ARGS(mac), peer);
}

static void
add_no_path(uint16_t peer, enum rule_id rule, struct eth_addr mac,
            struct flow_table *ft)
{
    flow_add(ft, rule, peer,
             REG_SRC_PEER"=0,dl_dst="ETH_ADDR_FMT" actions=drop",
             ETH_ADDR_ARGS(mac));
}

static void
add_rest(struct flow_table *ft)
{
    struct eth_addr prefix = addr_mac_infra_prefix();
    struct eth_addr mask = addr_mac_infra_mask();

    flow_add(ft, RULE_INFRA_UNREACHABLE, 0,
             REG_SRC_PEER"=0,dl_dst="ETH_ADDR_FMT"/"ETH_ADDR_FMT
             " actions=drop", ETH_ADDR_ARGS(prefix), ETH_ADDR_ARGS(mask));
    flow_add(ft, RULE_NO_TRANSIT, 0,
             "dl_dst="ETH_ADDR_FMT"/"ETH_ADDR_FMT" actions=drop",
             ETH_ADDR_ARGS(prefix), ETH_ADDR_ARGS(mask));
    flow_add(ft, RULE_GROUP_ADDRESS, 0,
             "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00 "
             "actions=goto_table:%u", stage_table(STAGE_FLOOD));
    flow_add(ft, RULE_LOOKUP_LEARNT, 0,
             "actions=resubmit(,%u),goto_table:%u",
             stage_table(STAGE_LOCAL_MACS), stage_table(STAGE_REMOTE_MACS));
}
