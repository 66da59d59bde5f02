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

/* stage-access-in: may a local port say this, and where is its source MAC?
 *
 * After admission (stage-admission.c) and, for guests, vlan-in
 * (stage-vlan-in.c), for frames from local ports; all that passes goes on to
 * claims (stage-claims.c).  The learn action fills the stage local-macs, which
 * has no builder. */

#include <config.h>
#include "flows/stages.h"

#include <inttypes.h>

#include "flows/cookie.h"
#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "lib/fabric.h"

static void add_own(const struct flows_input *, enum flows_port_kind,
                    struct eth_addr, struct flow_table *);
static void add_infra(struct flow_table *);
static void add_learn(const struct flows_input *, const struct flows_port *,
                      struct flow_table *);
static void add_frozen(const struct mac_owner *, struct flow_table *);

void
stage_access_in_build(const struct flows_input *in, struct flow_table *ft)
{
    add_own(in, FLOWS_PORT_HOST, addr_mac_host(in->self), ft);
    add_own(in, FLOWS_PORT_GATEWAY, addr_mac_gateway(in->self), ft);
    add_infra(ft);
    flow_add(ft, RULE_MULTICAST_SOURCE_LOCAL, 0,
             "dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=drop");
    for (size_t i = 0; i < in->n_frozen_macs; i++) {
        add_frozen(&in->frozen_macs[i], ft);
    }
    for (size_t i = 0; i < in->n_ports; i++) {
        if (in->ports[i].kind != FLOWS_PORT_TUNNEL) {
            add_learn(in, &in->ports[i], ft);
        }
    }
}

static void
add_own(const struct flows_input *in, enum flows_port_kind kind,
        struct eth_addr mac, struct flow_table *ft)
{
    const struct flows_port *port = flows_input_find_port(in, kind, 0);
    bool host = kind == FLOWS_PORT_HOST;
    enum rule_id source = host ? RULE_OWN_HOST_SOURCE
                               : RULE_OWN_GATEWAY_SOURCE;
    enum rule_id claim = host ? RULE_OWN_HOST_MAC_CLAIM
                              : RULE_OWN_GATEWAY_MAC_CLAIM;

    if (!port) {
        return;
    }
    flow_add(ft, source, in->self,
             "in_port=%u,dl_src="ETH_ADDR_FMT" actions=goto_table:%u",
             port->ofport, ETH_ADDR_ARGS(mac), stage_table(STAGE_CLAIMS));
    for (size_t i = 0; i < N_MAC_CLAIMS; i++) {
        flow_add(ft, claim, in->self,
                 "in_port=%u,dl_src="ETH_ADDR_FMT",%s="ETH_ADDR_FMT" "
                 "actions=goto_table:%u",
                 port->ofport, ETH_ADDR_ARGS(mac), mac_claims[i],
                 ETH_ADDR_ARGS(mac), stage_table(STAGE_CLAIMS));
    }
}

static void
add_infra(struct flow_table *ft)
{
    struct eth_addr prefix = addr_mac_infra_prefix();
    struct eth_addr mask = addr_mac_infra_mask();

    flow_add(ft, RULE_INFRA_SOURCE_LOCAL, 0,
             "dl_src="ETH_ADDR_FMT"/"ETH_ADDR_FMT" actions=drop",
             ETH_ADDR_ARGS(prefix), ETH_ADDR_ARGS(mask));
    for (size_t i = 0; i < N_MAC_CLAIMS; i++) {
        flow_add(ft, RULE_INFRA_MAC_CLAIM_LOCAL, 0,
                 "%s="ETH_ADDR_FMT"/"ETH_ADDR_FMT" actions=drop",
                 mac_claims[i], ETH_ADDR_ARGS(prefix), ETH_ADDR_ARGS(mask));
    }
}

/* A MAC that two machines have, or that comes around a loop, would be learnt
 * here with every frame and forgotten at once: the peer that has it keeps it
 * for the time being. */
static void
add_frozen(const struct mac_owner *owner, struct flow_table *ft)
{
    flow_add(ft, RULE_FROZEN_SOURCE, owner->host,
             "vlan_tci=0x%04x/0x0fff,dl_src="ETH_ADDR_FMT
             " actions=goto_table:%u", owner->vlan, ETH_ADDR_ARGS(owner->mac),
             stage_table(STAGE_CLAIMS));
}

/* A flow for each port, with a cookie for each, because the switch counts by
 * cookie: so no port can use up what another needs.
 *
 * The age is a hard timeout, because that is the one that hearing the MAC
 * again renews: an idle timeout would be renewed by what is sent to the MAC,
 * and then a station that has moved away in silence would keep its old entry
 * for as long as anybody talks to it. */
static void
add_learn(const struct flows_input *in, const struct flows_port *port,
          struct flow_table *ft)
{
    const struct rule *learnt = rule_find(RULE_LEARNT);

    if (port->crowded) {
        /* What does not look at the source is one flow of the datapath,
         * instead of one for each source. */
        flow_add(ft, RULE_CROWDED, port->ofport,
                 "in_port=%u actions=goto_table:%u",
                 port->ofport, stage_table(STAGE_CLAIMS));
    }
    flow_add(ft, RULE_LEARN, port->ofport,
             "in_port=%u actions=learn(table=%u,hard_timeout=%u,priority=%u,"
             "cookie=0x%"PRIx64",limit=%"PRIu32",NXM_OF_VLAN_TCI[0..11],"
             "NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
             "load:NXM_OF_IN_PORT[]->"REG_DST_PORT_BITS"),goto_table:%u",
             port->ofport, stage_table(learnt->stage),
             in->fabric->settings.mac_age_s, learnt->priority,
             cookie_pack(learnt->stage, learnt->id, port->ofport),
             flows_input_port_quota(in), stage_table(STAGE_CLAIMS));
}
