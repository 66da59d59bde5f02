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
 *       ||                       +==== mo-wg-gw
 *       ||         mo-tun-gw ====+
 *       ||
 *   mo-acc-gw      the access network, with all its guests
 *
 * Intrawire goes through WireGuard, or, while the direct link to a peer is
 * down, from gateway to gateway over the access network.  WireGuard accepts
 * an address only from the host that has it.  On the access network, the
 * switch sees to it that no frame with the MAC address of a gateway comes from
 * anybody but that gateway; a table of ours in nftables, in the gateway's
 * namespace, does the rest:
 *
 *   1. What comes from the access network has an address of that network, or
 *      goes from a host's intrawire address to ours and carries the MAC
 *      address of that host's gateway.
 *   2. Between the access network and intrawire only that passes, in both
 *      directions.  A guest thus does not reach an intrawire address.
 *   3. Whatever else would be forwarded is dropped.
 *
 * mo-acc-gw does not forward before this table is in force (net-want.h): there
 * is no moment without it.
 *
 * filter-want.c decides, filter-render.c writes it down for nft; nft.h
 * compares, gw.h reads and applies. */

#ifndef MOBULA_FILTER_H
#define MOBULA_FILTER_H 1

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
    ovs_be32 intrawire;         /* This host's intrawire address. */
    struct ipv4_prefix hosts_prefix; /* Intrawire addresses of all hosts. */
    struct ipv4_prefix access_prefix;
    struct filter_peer *peers;  /* In the order of the fabric: by host id. */
    size_t n_peers;
};

/* filter-want.c.  Fills 'ret', which need not be initialized before and which
 * the caller must free with filter_uninit(), for host 'self'.  Pure. */
void filter_want(const struct fabric *, uint16_t self, struct filter *ret);
void filter_uninit(struct filter *);

/* filter-render.c, pure.  Appends the table as nft 1.0 lists it without
 * states, which is also how it can be read in. */
void filter_render(const struct filter *, struct ds *);

#endif /* gateway/filter.h */
