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
/* stage-answers: is that a question which need not be asked everybody?
 *
 * After claims and nd-claims (stage-claims.c, stage-nd-claims.c), for frames
 * from local ports; what is not decided here goes on to lookup
 * (stage-lookup.c), which floods it.  Decided are ARP requests to everybody,
 * and neighbour solicitations to a group of stations, for the address
 *
 *  - of a host or gateway, known from the configuration, or of a station at a
 *    peer, which the peer has told: answer (stage-answer.c) replies in its
 *    place, for what is at a peer only while the datapath sees it alive;
 *  - of a station at this host: it is asked itself, and nobody else.
 *
 * Not decided are questions that are asked so that somebody else hears them:
 * by a station that has no address yet, or that announces its own.  A request
 * to one station alone, which looks for it where it was last, passes. */

#include <config.h>
#include "flows/stages.h"

#include <inttypes.h>

#include "flows/flow-add.h"
#include "flows/flows-input.h"
#include "flows/groups.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"

#define ARP_REQUEST "arp,arp_op=1,dl_dst=ff:ff:ff:ff:ff:ff"
#define SOLICITATION \
    "icmp6,icmp_type=135,icmp_code=0," \
    "dl_dst=33:33:00:00:00:00/ff:ff:00:00:00:00"

/* Asks the station with the MAC in the register: learns its port from
 * local-macs, and gives the frame its destination back. */
#define ASK_ITSELF \
    "move:NXM_OF_ETH_DST[]->"REG_NOTE_CLAIM_BITS"," \
    "move:"REG_ANSWER_BITS"->NXM_OF_ETH_DST[]," \
    "resubmit(,%u)," \
    "move:"REG_NOTE_CLAIM_BITS"->NXM_OF_ETH_DST[],goto_table:%u"

static void add_not_decided(struct flow_table *);
static void add_own(const struct flows_input *, enum flows_port_kind,
                    ovs_be32 ip, struct eth_addr mac, struct flow_table *);
static void add_peer(const struct flows_input *, uint16_t peer,
                     struct flow_table *);
static void add_infra(const struct flows_input *, uint16_t host,
                      ovs_be32 ip, struct eth_addr mac, struct flow_table *);
static void add_binding(const struct flows_input *,
                        const struct flows_binding *, struct flow_table *);
static void format_question(const struct flows_binding *, struct ds *);
static bool is_exempt(const struct settings *, const struct in6_addr *);
static bool may_move(const struct settings *, struct eth_addr);
static bool is_infra(const struct flows_input *, const struct flows_binding *);

void
stage_answers_build(const struct flows_input *in, struct flow_table *ft)
{
    const struct settings *settings = &in->fabric->settings;

    add_not_decided(ft);
    add_own(in, FLOWS_PORT_HOST, addr_access_host(settings, in->self),
            addr_mac_host(in->self), ft);
    add_own(in, FLOWS_PORT_GATEWAY, addr_access_gateway(settings, in->self),
            addr_mac_gateway(in->self), ft);
    for (size_t i = 0; i < in->n_paths; i++) {
        add_peer(in, in->paths[i].peer, ft);
    }
    for (size_t i = 0; i < in->n_bindings; i++) {
        add_binding(in, &in->bindings[i], ft);
    }
}

/* A solicitation without the asker's MAC has no room for the answer's. */
static void
add_not_decided(struct flow_table *ft)
{
    unsigned int next = stage_table(STAGE_LOOKUP);

    flow_add(ft, RULE_ASKS_FIRST, 0,
             "arp,arp_op=1,arp_spa=0.0.0.0 actions=goto_table:%u", next);
    flow_add(ft, RULE_ASKS_FIRST, 0,
             "icmp6,icmp_type=135,icmp_code=0,ipv6_src=:: "
             "actions=goto_table:%u", next);
    flow_add(ft, RULE_ASKS_SHORT, 0,
             "icmp6,icmp_type=135,icmp_code=0,nd_sll=00:00:00:00:00:00 "
             "actions=goto_table:%u", next);
    flow_add(ft, RULE_NOT_ANSWERED, 0, "actions=goto_table:%u", next);
}

/* What is asked from where the address itself is, is for others to hear. */
static void
add_own(const struct flows_input *in, enum flows_port_kind kind, ovs_be32 ip,
        struct eth_addr mac, struct flow_table *ft)
{
    const struct flows_port *port = flows_input_find_port(in, kind, 0);

    if (port) {
        flow_add(ft, RULE_ASKS_ITSELF, in->self,
                 "in_port=%u,"ARP_REQUEST","MATCH_NO_VLAN",arp_tpa="IP_FMT
                 " actions=goto_table:%u",
                 port->ofport, IP_ARGS(ip), stage_table(STAGE_LOOKUP));
        add_infra(in, in->self, ip, mac, ft);
    }
}

static void
add_peer(const struct flows_input *in, uint16_t peer, struct flow_table *ft)
{
    const struct settings *settings = &in->fabric->settings;

    add_infra(in, peer, addr_access_host(settings, peer), addr_mac_host(peer),
              ft);
    add_infra(in, peer, addr_access_gateway(settings, peer),
              addr_mac_gateway(peer), ft);
}

static void
add_infra(const struct flows_input *in, uint16_t host, ovs_be32 ip,
          struct eth_addr mac, struct flow_table *ft)
{
    struct in6_addr mapped = in6_addr_mapped_ipv4(ip);

    if (is_exempt(&in->fabric->settings, &mapped)) {
        return;
    }
    if (host == in->self) {
        flow_add(ft, RULE_ANSWER_HOST, host,
                 ARP_REQUEST","MATCH_NO_VLAN",arp_tpa="IP_FMT" "
                 "actions=load:0x%"PRIx64"->"REG_ANSWER_BITS",goto_table:%u",
                 IP_ARGS(ip), eth_addr_to_uint64(mac),
                 stage_table(STAGE_ANSWER));
    } else {
        flow_add(ft, RULE_ANSWER_PEER, host,
                 ARP_REQUEST","MATCH_NO_VLAN",arp_tpa="IP_FMT" "
                 "actions=load:0x%"PRIx64"->"REG_ANSWER_BITS",group:%d",
                 IP_ARGS(ip), eth_addr_to_uint64(mac), GROUP_ANSWERS + host);
    }
}

/* For a MAC that may move as often as it likes, only who has it now may
 * answer.  One that moves too often is not in the input. */
static void
add_binding(const struct flows_input *in, const struct flows_binding *binding,
            struct flow_table *ft)
{
    const struct settings *settings = &in->fabric->settings;
    uint64_t mac = eth_addr_to_uint64(binding->mac);
    bool here = binding->host == in->self;
    struct ds s = DS_EMPTY_INITIALIZER;

    if (is_exempt(settings, &binding->ip) || may_move(settings, binding->mac)
        || is_infra(in, binding)
        || (!here && in->floods_nd && !IN6_IS_ADDR_V4MAPPED(&binding->ip))
        || !(here || flows_input_find_paths(in, binding->host))) {
        return;
    }
    format_question(binding, &s);
    if (here) {
        flow_add(ft, RULE_ASK_STATION, binding->host,
                 "%s actions=load:0x%"PRIx64"->"REG_ANSWER_BITS","ASK_ITSELF,
                 ds_cstr(&s), mac, stage_table(STAGE_LOCAL_MACS),
                 stage_table(STAGE_FLOOD));
    } else {
        flow_add(ft, RULE_ANSWER_STATION, binding->host,
                 "%s actions=load:0x%"PRIx64"->"REG_ANSWER_BITS",group:%d",
                 ds_cstr(&s), mac, GROUP_ANSWERS + binding->host);
    }
    if (IN6_IS_ADDR_V4MAPPED(&binding->ip)) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&binding->ip);

        flow_add(ft, RULE_ANNOUNCES, 0, "%s,arp_spa="IP_FMT
                 " actions=goto_table:%u", ds_cstr(&s), IP_ARGS(ip),
                 stage_table(STAGE_LOOKUP));
    }
    ds_destroy(&s);
}

/* Appends the match of questions that ask everybody for the address. */
static void
format_question(const struct flows_binding *binding, struct ds *s)
{
    bool ip4 = IN6_IS_ADDR_V4MAPPED(&binding->ip);

    ds_put_format(s, "%s,vlan_tci=0x%04x/0x0fff,%s=",
                  ip4 ? ARP_REQUEST : SOLICITATION, binding->vlan,
                  ip4 ? "arp_tpa" : "nd_target");
    ipv6_format_mapped(&binding->ip, s);
}

static bool
is_exempt(const struct settings *settings, const struct in6_addr *ip)
{
    for (size_t i = 0; i < settings->n_answer_exempt; i++) {
        const struct ip_prefix *prefix = &settings->answer_exempt[i];
        struct in6_addr mask = ipv6_create_mask(prefix->len);
        struct in6_addr masked = ipv6_addr_bitand(ip, &mask);

        if (ipv6_addr_equals(&masked, &prefix->address)) {
            return true;
        }
    }
    return false;
}

static bool
may_move(const struct settings *settings, struct eth_addr mac)
{
    for (size_t i = 0; i < settings->n_move_exempt; i++) {
        const struct mac_prefix *prefix = &settings->move_exempt[i];
        uint64_t diff = (eth_addr_to_uint64(mac)
                         ^ eth_addr_to_uint64(prefix->mac));

        if (!(diff >> (48 - prefix->len))) {
            return true;
        }
    }
    return false;
}

/* Returns true if somebody says that he has an address of a host's or
 * gateway's, which nobody else can have. */
static bool
is_infra(const struct flows_input *in, const struct flows_binding *binding)
{
    if (binding->vlan) {
        return false;
    } else if (IN6_IS_ADDR_V4MAPPED(&binding->ip)) {
        ovs_be32 ip = in6_addr_get_mapped_ipv4(&binding->ip);
        uint16_t id = ntohl(ip) & HOST_ID_MAX;
        ovs_be32 mask;
        ovs_be32 value = addr_access_both(&in->fabric->settings, id, &mask);

        return (ip & mask) == value && fabric_find_host(in->fabric, id);
    } else {
        struct in6_addr mask = addr_link_local_mask(addr_mac_infra_mask());
        struct in6_addr value = addr_link_local(addr_mac_infra_prefix());
        struct in6_addr masked = ipv6_addr_bitand(&binding->ip, &mask);

        return ipv6_addr_equals(&masked, &value);
    }
}
