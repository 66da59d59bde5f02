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

/* filter: what the gateway lets through.
 *
 *                    namespace "mobula"
 *
 *   mo-dir-gw ==== intrawire ====+
 *       ||                       +==== mo-wg-gw    other hosts, clients
 *       ||         mo-tun-gw ====+
 *       ||
 *   mo-acc-gw      the access network, with all its guests
 *       ||
 *   mo-ext-gw      outside
 *
 * The table has two halves.  The chains of the hook "prerouting" look at where
 * a packet comes from and whether it says so: what passes them carries the
 * mark MARK_MOBULA, or is trusted without.  The chain "forward" looks at where
 * it goes.
 *
 *   from               may go to
 *   the host           hosts and clients by WireGuard; or, while the direct
 *                      link to a host is down, by its gateway on the access
 *                      network
 *   hosts, WireGuard   this host
 *   hosts, by access   this host's intrawire address; the frame must have the
 *                      MAC address of that host's gateway, which the switch
 *                      lets no other port use
 *   access network     outside
 *   clients            the access network, all hosts' intrawire addresses
 *   outside            with external "move", the host's ssh
 *   OVS's tunnels      those of other hosts, by WireGuard
 *
 * and replies, back.  Whatever else would be forwarded is dropped and counted.
 * The gateway itself answers echo requests from everywhere, and DNS for the
 * access network and for clients.
 *
 * Rewritten is the source of: what goes outside, to the gateway's address
 * there; what clients send to the access network or to other hosts, which
 * would send the reply to their own gateways, to the address that this gateway
 * or host has there.  Who comes by ssh from outside keeps his address: routes
 * of the host (net-out-want.c) bring the replies back here.
 *
 * With the setting ipv6, the access network may go outside by IPv6, too, from
 * ipv6_prefix; nobody else speaks IPv6 to the gateway or through it.
 *
 * Nothing is forwarded before this table is in force (net-want.c): links do
 * not, and what lacks the mark is not routed, also in the moment after
 * somebody has flushed the table.
 *
 * filter-want.c decides, filter-render.c writes it down for nft; nft.h
 * compares, gw.h reads and applies. */

#ifndef MOBULA_FILTER_H
#define MOBULA_FILTER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/fabric.h"
#include "openvswitch/types.h"

struct ds;

/* Our table: family "inet".  Its name says that it is ours. */
#define FILTER_TABLE "mobula_gateway"

/* A host that intrawire may come from by way of the access network. */
struct filter_peer {
    struct eth_addr gateway;    /* MAC address of its gateway. */
    ovs_be32 intrawire;         /* Its intrawire address. */
};

struct filter {
    /* This host. */
    struct eth_addr host_mac;   /* MAC address on the access network. */
    ovs_be32 intrawire;         /* Intrawire address. */
    ovs_be32 vtep;              /* Tunnel end point address. */
    ovs_be32 gateway;           /* Its gateway's address on the access
                                 * network. */
    ovs_be32 intrawire_gateway; /* Its gateway's address on intrawire. */

    /* The network. */
    struct ipv4_prefix access_prefix;
    struct ipv4_prefix hosts_prefix; /* Intrawire addresses of all hosts. */
    struct ipv4_prefix intrawire_prefix; /* Those, and all clients. */
    struct ipv4_prefix extrawire_prefix;
    struct ipv4_prefix vtep_prefix;
    struct filter_peer *peers;  /* In the order of the fabric: by host id. */
    size_t n_peers;
    uint16_t wireguard_port;    /* UDP. */
    uint16_t vxlan_port;        /* UDP. */
    uint16_t facts_port;        /* TCP port of the database Mobula. */

    /* What is wanted. */
    enum external_mode external;
    bool clients;               /* There are clients of extrawire. */
    enum ipv6_mode ipv6;
    struct in6_addr ipv6_prefix; /* Of the access network, ADDR_ACCESS6_LEN
                                  * bits; only if 'ipv6' is not off. */
    struct in6_addr gateway6;   /* The gateway's address in that; likewise. */
    bool wire_to_wire;          /* They may reach each other. */
};

/* filter-want.c.  Fills 'ret', which need not be initialized before and which
 * the caller must free with filter_uninit(), for host 'self'.  Pure. */
void filter_want(const struct fabric *, uint16_t self, struct filter *ret);
void filter_uninit(struct filter *);

/* filter-render.c, pure.  Appends the table as nft 1.0 lists it without
 * states, which is also how it can be read in. */
void filter_render(const struct filter *, struct ds *);

#endif /* gateway/filter.h */
