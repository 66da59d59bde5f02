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

/* net-out: the way out of this host: where its packets to the Internet go.
 *
 * With external "share", the gateway reaches the outside through the host, by
 * the route that this would use without Mobula.  An administrator may give the
 * host another default route, through the gateway; so a copy of the one that
 * was there before is kept in a routing table of its own, TABLE_WAY_OUT:
 *
 *                      host namespace                    namespace "mobula"
 *
 *   veth_fac0 <----- default route in "main", perhaps
 *
 *   eth0 <---------- TABLE_WAY_OUT <------ mo-ext-hs ==== mo-ext-gw
 *                                 <------ once "main" leads into Mobula:
 *                                         what WireGuard sends, and what
 *                                         has the address of eth0
 *
 * eth0 has to forward what comes back.  On a host that forwards nothing
 * otherwise it must not begin to take packets to other places: rules see to
 * that, which are there before eth0 forwards.
 *
 * net-out-read.c asks the kernel, net-out-state.c chooses, net-out-want.c says
 * what must be there. */

#ifndef MOBULA_NET_OUT_H
#define MOBULA_NET_OUT_H 1

#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/fabric.h"
#include "openvswitch/compiler.h"
#include "openvswitch/types.h"

struct ds;
struct net_ctx;
struct net_state;
struct net_want_in;

/* A network that is reached without another router. */
struct net_out_network {
    struct ipv4_prefix dst;
    ovs_be32 src;               /* Preferred source address, or 0. */
};

struct net_way_out {
    char link[IFNAMSIZ];        /* Empty: there is no way out. */
    ovs_be32 via;               /* Next hop; 0: everybody is a neighbour. */
    ovs_be32 src;               /* Preferred source address, or 0. */
    uint32_t mtu;               /* Of the link, bytes. */
    bool moved;                 /* The host itself goes another way, through
                                 * its gateway. */
    bool copied;                /* Only TABLE_WAY_OUT, or a memory, has it. */
    bool routes;                /* The host forwards packets anyway
                                 * (net.ipv4.conf.all.forwarding). */
    struct net_out_network *networks; /* Behind the link, in any order. */
    size_t n_networks, allocated_networks;
    ovs_be32 *addresses;        /* Of the link, in any order. */
    size_t n_addresses, allocated_addresses;
};

/* A way out to come back to. */
struct net_out_memory {
    char link[IFNAMSIZ];        /* Empty: none. */
    ovs_be32 via;               /* Next hop, or 0. */
    ovs_be32 src;               /* Preferred source address, or 0. */
};

/* A route of somebody else, or of TABLE_WAY_OUT. */
struct net_out_route {
    uint32_t table;             /* 0 = "main". */
    ovs_be32 dst;
    uint8_t dst_len;            /* 0..32. */
    bool on_link;               /* Without a next hop. */
    ovs_be32 via;               /* Next hop, or 0. */
    ovs_be32 src;               /* Preferred source address, or 0. */
    uint32_t metric;
    uint32_t ifindex;           /* Of the link. */
    char link[IFNAMSIZ];        /* Name of the link; empty: it is gone. */
};

/* Chooses: the default route of "main" with the lowest metric that does not
 * lead into a network of Mobula; if there is none, that of TABLE_WAY_OUT.
 * Fills in 'link', 'via', 'src', 'moved', 'copied' and 'networks' of '*ret',
 * which is all zeros before and which the caller must free with
 * net_way_out_uninit().  Pure (net-out-state.c). */
void net_out_choose(const struct settings *, const struct net_out_route *,
                    size_t n, struct net_way_out *ret);
void net_way_out_uninit(struct net_way_out *);

/* Returns true if the next hop of 'memory' is a neighbour by its link, which
 * has number 'ifindex': then '*ret' is a route of TABLE_WAY_OUT to come after
 * all others that there may be.  Pure (net-out-state.c). */
bool net_out_recall(const struct net_out_memory *, uint32_t ifindex,
                    const struct net_out_route *, size_t n,
                    struct net_out_route *ret);

/* Asks the kernel (net-out-read.c).  'memory' is used if there is no other way
 * out.  Returns 0 with '*ret' filled, which need not be initialized before, or
 * a positive errno with a malloc'd sentence in '*error'. */
int net_way_out_read(struct net_ctx *, const struct settings *,
                     const struct net_out_memory *memory,
                     struct net_way_out *ret, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Adds to 'state' what makes up the way out of the gateway: with external
 * "share" all of it; with "move" only what keeps packets that the filter has
 * not seen from being routed.  Pure (net-out-want.c). */
void net_out_want(const struct net_want_in *, struct net_state *);

/* Reads a route; returns false if it is not a unicast route of "main" or
 * TABLE_WAY_OUT with a link.  'link' stays empty.  Pure (net-out-codec.c). */
bool net_out_codec_parse(const struct nlmsghdr *, struct net_out_route *ret);

#endif /* net/net-out.h */
