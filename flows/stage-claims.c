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

/* stage-claims: who says, by ARP, that he has which IPv4 address?
 *
 * After access-in and tunnel-in (stage-access-in.c, stage-tunnel-in.c), which
 * have seen to MACs.  What passes goes on to answers (stage-answers.c) if it
 * is from a local port, otherwise to lookup (stage-lookup.c); ICMPv6 goes
 * there by way of nd-claims (stage-nd-claims.c).  Only a host has its
 * addresses, and nobody else may say so.  What other stations at local ports
 * say fills the stage bindings, which has no builder.
 *
 * Hosts and gateways are in no VLAN; in a VLAN, their addresses belong to
 * whoever has them there. */

#include <config.h>
#include "flows/stages.h"

#include "flows/bind.h"
#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "lib/fabric.h"

#define SENDER "arp,"MATCH_NO_VLAN",arp_spa="

static void add_own(const struct flows_input *, enum flows_port_kind,
                    enum rule_id, ovs_be32 ip, struct flow_table *);
static void add_peer(const struct flows_input *, uint16_t peer,
                     struct flow_table *);
static void add_drops(const struct flows_input *, struct flow_table *);

static const struct bind arp = {
    RULE_BIND, "arp", "eth_type=0x806,NXM_OF_ARP_TPA[]=NXM_OF_ARP_SPA[]",
    "NXM_NX_ARP_SHA[]"
};

void
stage_claims_build(const struct flows_input *in, struct flow_table *ft)
{
    const struct settings *settings = &in->fabric->settings;
    unsigned int next = stage_table(STAGE_ANSWERS);

    add_own(in, FLOWS_PORT_HOST, RULE_OWN_HOST_CLAIM,
            addr_access_host(settings, in->self), ft);
    add_own(in, FLOWS_PORT_GATEWAY, RULE_OWN_GATEWAY_CLAIM,
            addr_access_gateway(settings, in->self), ft);
    add_drops(in, ft);
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        if (in->fabric->hosts[i].id != in->self) {
            add_peer(in, in->fabric->hosts[i].id, ft);
        }
    }
    for (size_t i = 0; i < in->n_ports; i++) {
        if (in->ports[i].kind != FLOWS_PORT_TUNNEL) {
            bind_add(in, &in->ports[i], &arp, STAGE_ANSWERS, ft);
        }
    }
    flow_add(ft, RULE_NO_ADDRESS, 0,
             REG_SRC_PEER"=0,arp,arp_spa=0.0.0.0 actions=goto_table:%u", next);
    flow_add(ft, RULE_TO_ND_CLAIMS, 0, "icmp6 actions=goto_table:%u",
             stage_table(STAGE_ND_CLAIMS));
    flow_add(ft, RULE_CLAIMS_LOCAL, 0, REG_SRC_PEER"=0 actions=goto_table:%u",
             next);
    flow_add(ft, RULE_CLAIMS_TUNNEL, 0, "actions=goto_table:%u",
             stage_table(STAGE_LOOKUP));
}

static void
add_own(const struct flows_input *in, enum flows_port_kind kind,
        enum rule_id rule, ovs_be32 ip, struct flow_table *ft)
{
    const struct flows_port *port = flows_input_find_port(in, kind, 0);

    if (port) {
        flow_add(ft, rule, in->self,
                 "in_port=%u,"SENDER IP_FMT" actions=goto_table:%u",
                 port->ofport, IP_ARGS(ip), stage_table(STAGE_ANSWERS));
    }
}

static void
add_peer(const struct flows_input *in, uint16_t peer, struct flow_table *ft)
{
    ovs_be32 mask;
    ovs_be32 ip = addr_access_both(&in->fabric->settings, peer, &mask);

    flow_add(ft, RULE_PEER_CLAIM, peer,
             REG_SRC_PEER"=%u,"SENDER IP_FMT"/"IP_FMT" actions=goto_table:%u",
             peer, IP_ARGS(ip), IP_ARGS(mask), stage_table(STAGE_LOOKUP));
}

static void
add_drops(const struct flows_input *in, struct flow_table *ft)
{
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        uint16_t id = in->fabric->hosts[i].id;
        ovs_be32 mask;
        ovs_be32 ip = addr_access_both(&in->fabric->settings, id, &mask);

        flow_add(ft, RULE_HOST_CLAIM, id,
                 SENDER IP_FMT"/"IP_FMT" actions=drop",
                 IP_ARGS(ip), IP_ARGS(mask));
    }
}
