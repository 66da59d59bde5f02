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

/* stage-nd-claims: who says that he has which IPv6 address?
 *
 * After claims (stage-claims.c), for ICMPv6; what passes goes on to answers
 * (stage-answers.c) or lookup (stage-lookup.c).  As claims does for ARP:
 * nobody but a host or gateway uses or advertises the link-local address that
 * it makes of its MAC, and what stations at local ports say fills the stage
 * bindings.  If Mobula looks after IPv6 (setting ipv6), the same goes for
 * their addresses in ipv6_prefix, and each machine hears one router: the
 * gateway of the host that it is at.
 *
 * A stage of its own, so that nothing but ICMPv6 is looked up by its source
 * address: with claims, each IPv6 source would have a flow of its own in the
 * datapath. */

#include <config.h>
#include "flows/stages.h"

#include <stdlib.h>

#include "flows/bind.h"
#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"

#define SOLICITATION "icmp6,icmp_type=135,icmp_code=0"
#define ADVERTISEMENT "icmp6,icmp_type=136,icmp_code=0"
#define ROUTER_ADVERTISEMENT "icmp6,icmp_type=134,icmp_code=0"

/* Which ICMPv6 a flow is about. */
struct scope {
    enum rule_id target;        /* Rule for what is advertised... */
    enum rule_id source;        /* ...and for what is used. */
    uint16_t host;              /* Subject; 0 = none. */
    const char *from;           /* Match: where it comes from. */
};

/* Addresses that somebody makes of a MAC or, with ipv6, of a host id: the same
 * as 'ip' under 'mask'. */
struct addresses {
    struct in6_addr ip;
    struct in6_addr mask;
};

static void add_own(const struct flows_input *, enum flows_port_kind,
                    const struct scope *, const struct addresses *,
                    struct flow_table *);
static void add_own_hosts(const struct flows_input *, struct flow_table *);
static void add_routers(const struct flows_input *, struct flow_table *);
static void add_peer(const struct flows_input *, uint16_t peer,
                     struct flow_table *);
static void add_drops(const struct flows_input *, struct flow_table *);
static void add_sender(const struct scope *, const struct addresses *,
                       const char *actions, struct flow_table *);
static struct addresses link_local(struct eth_addr mac, struct eth_addr mask);
static struct addresses exactly(struct in6_addr);
static bool is_on(const struct flows_input *);
static char *go_to(enum stage_id);

/* A solicitation names the sender's address as its source, an advertisement
 * as its target. */
static const struct bind binds[] = {
    { RULE_ND_BIND, SOLICITATION,
      "eth_type=0x86dd,NXM_NX_IPV6_DST[]=NXM_NX_IPV6_SRC[]",
      "NXM_NX_ND_SLL[]" },
    { RULE_ND_BIND, ADVERTISEMENT,
      "eth_type=0x86dd,NXM_NX_IPV6_DST[]=NXM_NX_ND_TARGET[]",
      "NXM_NX_ND_TLL[]" },
};

void
stage_nd_claims_build(const struct flows_input *in, struct flow_table *ft)
{
    unsigned int next = stage_table(STAGE_ANSWERS);

    if (is_on(in)) {
        add_routers(in, ft);
    }
    add_own_hosts(in, ft);
    add_drops(in, ft);
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        if (in->fabric->hosts[i].id != in->self) {
            add_peer(in, in->fabric->hosts[i].id, ft);
        }
    }
    for (size_t i = 0; i < in->n_ports; i++) {
        const struct flows_port *port = &in->ports[i];

        if (port->kind != FLOWS_PORT_TUNNEL) {
            bind_add(in, port, &binds[0], STAGE_ANSWERS, ft);
            bind_add(in, port, &binds[1], STAGE_ANSWERS, ft);
        }
    }
    flow_add(ft, RULE_NO_ND_ADDRESS, 0,
             REG_SRC_PEER"=0,"SOLICITATION",ipv6_src=:: actions=goto_table:%u",
             next);
    flow_add(ft, RULE_ND_CLAIMS_LOCAL, 0,
             REG_SRC_PEER"=0 actions=goto_table:%u", next);
    flow_add(ft, RULE_ND_CLAIMS_TUNNEL, 0, "actions=goto_table:%u",
             stage_table(STAGE_LOOKUP));
}

/* As 'scope' says, but for what comes from the port of 'kind'. */
static void
add_own(const struct flows_input *in, enum flows_port_kind kind,
        const struct scope *scope, const struct addresses *addresses,
        struct flow_table *ft)
{
    const struct flows_port *port = flows_input_find_port(in, kind, 0);

    if (port) {
        char *from = xasprintf("in_port=%u,", port->ofport);
        struct scope own = *scope;
        char *actions = go_to(STAGE_ANSWERS);

        own.from = from;
        add_sender(&own, addresses, actions, ft);
        free(actions);
        free(from);
    }
}

/* This host and its gateway. */
static void
add_own_hosts(const struct flows_input *in, struct flow_table *ft)
{
    const struct settings *settings = &in->fabric->settings;
    const struct scope host = {
        RULE_OWN_HOST_ND_TARGET, RULE_OWN_HOST_ND_SOURCE, in->self, NULL
    };
    const struct scope gateway = {
        RULE_OWN_GATEWAY_ND_TARGET, RULE_OWN_GATEWAY_ND_SOURCE, in->self, NULL
    };
    struct addresses of_host = link_local(addr_mac_host(in->self),
                                          eth_addr_exact);
    struct addresses of_gateway = link_local(addr_mac_gateway(in->self),
                                             eth_addr_exact);

    add_own(in, FLOWS_PORT_HOST, &host, &of_host, ft);
    add_own(in, FLOWS_PORT_GATEWAY, &gateway, &of_gateway, ft);
    if (is_on(in)) {
        of_host = exactly(addr_access6_host(settings, in->self));
        of_gateway = exactly(addr_access6_gateway(settings, in->self));
        add_own(in, FLOWS_PORT_HOST, &host, &of_host, ft);
        add_own(in, FLOWS_PORT_GATEWAY, &gateway, &of_gateway, ft);
    }
}

static void
add_routers(const struct flows_input *in, struct flow_table *ft)
{
    const struct flows_port *port
        = flows_input_find_port(in, FLOWS_PORT_GATEWAY, 0);

    if (port) {
        flow_add(ft, RULE_OWN_ROUTER, in->self,
                 "in_port=%u,"ROUTER_ADVERTISEMENT","MATCH_NO_VLAN
                 " actions=goto_table:%u",
                 port->ofport, stage_table(STAGE_ANSWERS));
    }
    flow_add(ft, RULE_ROUTER, 0,
             ROUTER_ADVERTISEMENT","MATCH_NO_VLAN" actions=drop");
}

static void
add_peer(const struct flows_input *in, uint16_t peer, struct flow_table *ft)
{
    char *from = xasprintf(REG_SRC_PEER"=%u,", peer);
    const struct scope scope = {
        RULE_PEER_ND_TARGET, RULE_PEER_ND_SOURCE, peer, from
    };
    char *actions = go_to(STAGE_LOOKUP);
    struct addresses addresses;
    struct eth_addr mask;
    struct eth_addr mac = addr_mac_both(peer, &mask);

    addresses = link_local(mac, mask);
    add_sender(&scope, &addresses, actions, ft);
    if (is_on(in)) {
        addresses.ip = addr_access6_both(&in->fabric->settings, peer,
                                         &addresses.mask);
        add_sender(&scope, &addresses, actions, ft);
    }
    free(actions);
    free(from);
}

/* Whoever else says that he is a host or gateway. */
static void
add_drops(const struct flows_input *in, struct flow_table *ft)
{
    const struct scope infra = {
        RULE_INFRA_ND_TARGET, RULE_INFRA_ND_SOURCE, 0, ""
    };
    struct addresses addresses = link_local(addr_mac_infra_prefix(),
                                            addr_mac_infra_mask());

    add_sender(&infra, &addresses, "drop", ft);
    for (size_t i = 0; is_on(in) && i < in->fabric->n_hosts; i++) {
        const struct scope host = {
            RULE_HOST_ND_TARGET, RULE_HOST_ND_SOURCE,
            in->fabric->hosts[i].id, ""
        };

        addresses.ip = addr_access6_both(&in->fabric->settings, host.host,
                                         &addresses.mask);
        add_sender(&host, &addresses, "drop", ft);
    }
}

/* Adds flows for ICMPv6 without a VLAN in which the sender uses or advertises
 * one of 'addresses'. */
static void
add_sender(const struct scope *scope, const struct addresses *addresses,
           const char *actions, struct flow_table *ft)
{
    struct ds ip = DS_EMPTY_INITIALIZER;

    ipv6_format_masked(&addresses->ip, &addresses->mask, &ip);
    flow_add(ft, scope->target, scope->host,
             "%s"ADVERTISEMENT","MATCH_NO_VLAN",nd_target=%s actions=%s",
             scope->from, ds_cstr(&ip), actions);
    flow_add(ft, scope->source, scope->host,
             "%sicmp6,"MATCH_NO_VLAN",ipv6_src=%s actions=%s",
             scope->from, ds_cstr(&ip), actions);
    ds_destroy(&ip);
}

/* Those of 'mac', whose bits outside 'mask' do not matter. */
static struct addresses
link_local(struct eth_addr mac, struct eth_addr mask)
{
    return (struct addresses) {
        addr_link_local(mac), addr_link_local_mask(mask)
    };
}

static struct addresses
exactly(struct in6_addr ip)
{
    return (struct addresses) { ip, in6addr_exact };
}

static bool
is_on(const struct flows_input *in)
{
    return in->fabric->settings.ipv6 != IPV6_OFF;
}

/* Returns the action that goes on to a stage; the caller must free it. */
static char *
go_to(enum stage_id stage)
{
    return xasprintf("goto_table:%u", stage_table(stage));
}
