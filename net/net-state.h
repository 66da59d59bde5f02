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

/* net-state: namespaces, links, addresses, routes, neighbours, rules of
 * routing and sysctls as plain data.
 *
 * The same structs hold what is desired (net-want.c) and what is there
 * (net-read.c); net-diff.c compares the two.  IPv6 is off on every link of the
 * gateway but, with the setting ipv6, on the access network: so only there
 * IPv6 addresses appear, and IPv6 routes nowhere.  No I/O.
 *
 * How Mobula recognizes what is its own:
 *
 *   - links: alias "mobula", or, for the moment between making a link and
 *     giving it its alias, the group number NET_LINK_GROUP, which the kernel
 *     sets while it makes the link;
 *   - routes, neighbours, rules, addresses: protocol number NET_PROTOCOL.
 *     Linux 5.0 is the oldest with that for neighbours.  Before 5.18 there is
 *     none for addresses: an old one on a link that an administrator may use
 *     then counts as his.
 *
 * Links that other programs make on our behalf (LOCAL port of an OVS bridge,
 * TUN of a userspace WireGuard) are "adopted": configured when they exist,
 * never made. */

#ifndef MOBULA_NET_STATE_H
#define MOBULA_NET_STATE_H 1

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/fabric.h"
#include "lib/plan.h"
#include "openvswitch/types.h"

struct ds;
struct net_way_out;

/* Alias of every link that is ours. */
#define NET_LINK_ALIAS "mobula"

/* Group number of every link that we make: "mobu" in ASCII. */
#define NET_LINK_GROUP 0x6d6f6275

/* The same of one that was made in the gateway's namespace, where the socket
 * of a WireGuard device then is: "mobg". */
#define NET_LINK_GROUP_GATEWAY 0x6d6f6267

/* rtm_protocol, NDA_PROTOCOL and IFA_PROTO of what is ours.  Not in
 * /etc/iproute2/rt_protos, nor used by a routing daemon that we know of. */
#define NET_PROTOCOL 109

/* Metric of the routes that refuse packets when the true route is gone. */
#define NET_GUARD_METRIC UINT32_MAX

/* The two network namespaces of a host. */
enum net_where {
    NET_HOST,                   /* Where mobulad runs. */
    NET_GATEWAY,                /* GATEWAY_NETNS. */
    NET_N_WHERE
};

/* Who may put what on a link that has one of our names. */
enum net_link_role {
    NET_ROLE_INTERNAL,          /* Every address on it is ours. */
    NET_ROLE_SHARED,            /* An administrator may add addresses. */
    NET_ROLE_ADOPTED,           /* Another program makes it. */
    NET_ROLE_FOREIGN,           /* Not one of our names. */
};

/* Transmit checksum offload. */
enum net_offload {
    NET_OFFLOAD_ANY,            /* Desired: do not care.  Actual: unknown. */
    NET_OFFLOAD_OFF,
    NET_OFFLOAD_ON,
};

/* Parts of a link that can be set while it exists. */
enum net_link_part {
    NET_LINK_MARK = 1 << 0,     /* Alias and group. */
    NET_LINK_MTU = 1 << 1,
    NET_LINK_MAC = 1 << 2,
    NET_LINK_UP = 1 << 3,
};

/* A network interface. */
struct net_link {
    enum net_where where;       /* Desired: where it should be. */
    char name[IFNAMSIZ];
    char kind[16];              /* IFLA_INFO_KIND: "veth", "wireguard",
                                 * "tun"...; empty: physical, or any. */
    uint32_t mtu;               /* Bytes; desired: 0 = any. */
    bool up;                    /* Administratively. */
    bool has_mac;               /* Desired: 'mac' matters. */
    struct eth_addr mac;
    enum net_offload tx_csum;
    bool made_in_gateway;       /* Not made elsewhere and moved; matters for
                                 * kind "wireguard". */

    /* Desired only. */
    bool adopted;               /* Configured when it exists, never made. */
    bool mark;                  /* It carries our alias. */
    enum net_where peer_where;  /* Kind "veth": where the other end is. */
    char peer[IFNAMSIZ];        /* Kind "veth": its name; else empty. */

    /* Actual only. */
    bool ours;                  /* Alias or group is ours. */
    bool has_alias;             /* Alias is ours. */
    uint32_t ifindex;           /* In its namespace. */
    uint32_t peer_ifindex;      /* IFLA_LINK: for a veth the index of the
                                 * other end in the other end's namespace. */
};

/* An IPv4 or IPv6 address on a link. */
struct net_addr {
    enum net_where where;
    char link[IFNAMSIZ];
    ovs_be32 address;           /* Of IPv4; 0: 'address6'. */
    struct in6_addr address6;   /* Of IPv6, not link-local; ::, 'address'. */
    uint8_t prefix_len;         /* 0..32, or 0..128. */
    bool ours;                  /* Actual: NET_PROTOCOL.  Desired: true. */
    uint32_t ifindex;           /* Actual only: of 'link'. */
};

/* An IPv4 route of the table "main" or TABLE_WAY_OUT, protocol
 * NET_PROTOCOL. */
struct net_route {
    enum net_where where;
    uint32_t table;             /* 0 = "main". */
    bool unreachable;           /* Refuses packets; 'link' is empty. */
    ovs_be32 dst;
    uint8_t dst_len;            /* 0..32. */
    char link[IFNAMSIZ];
    ovs_be32 via;               /* Next hop, or 0. */
    ovs_be32 src;               /* Preferred source address, or 0. */
    uint32_t metric;
    uint32_t mtu;               /* Of packets from this host; 0 = that of
                                 * 'link'. */
    bool replaces;              /* In a plan: takes the place of the same
                                 * route with another 'mtu'. */
    bool odd;                   /* Actual only: has something that ours never
                                 * have, such as two next hops. */
    uint32_t ifindex;           /* Actual only: of 'link'. */
};

/* A permanent neighbour entry, protocol NET_PROTOCOL: no ARP is needed. */
struct net_neigh {
    enum net_where where;
    char link[IFNAMSIZ];
    ovs_be32 address;
    struct eth_addr mac;        /* Desired: unless there is an 'of_link'. */
    uint32_t ifindex;           /* Actual only: of 'link'. */
    enum net_where of_where;    /* Desired only: the MAC to enter is... */
    char of_link[IFNAMSIZ];     /* ...whatever this link has; empty: 'mac'. */
};

/* An IPv4 rule: which routes packets follow, protocol NET_PROTOCOL.  Rules are
 * looked at in the order of 'priority', the lowest first. */
struct net_rule {
    enum net_where where;
    uint32_t priority;          /* One for each rule of ours. */
    uint32_t mark;              /* Only packets with it; 0 = all. */
    char iif[IFNAMSIZ];         /* Only what comes in there; empty: all.  The
                                 * link need not exist. */
    struct ipv4_prefix src;     /* Only packets from there... */
    struct ipv4_prefix dst;     /* ...to there; length 0: all. */
    bool ipv6;                  /* About IPv6; 'src' and 'dst' are empty. */
    bool blackhole;             /* Drop them.  Otherwise: */
    uint32_t table;             /* Look there; 0 = "main"... */
    bool no_default;            /* ...but ignore default routes. */
    bool odd;                   /* Actual only: has something that ours never
                                 * have. */
};

/* A number in /proc/sys/net.  'dir' and 'key' point to constants. */
struct net_sysctl {
    enum net_where where;
    const char *dir;            /* "ipv4/conf", "ipv4/neigh", "ipv6/conf". */
    char link[IFNAMSIZ];        /* A link, "all" or "default"; ".": 'key' is
                                 * in 'dir' itself. */
    const char *key;            /* "rp_filter"... */
    int value;
    bool missing;               /* Actual: no such file (no IPv6, perhaps). */
};

/* Everything.  Each array is malloc'd and in the order of creation. */
struct net_state {
    bool gateway;               /* GATEWAY_NETNS exists. */
    struct net_link *links;
    size_t n_links, allocated_links;
    struct net_addr *addrs;
    size_t n_addrs, allocated_addrs;
    struct net_route *routes;
    size_t n_routes, allocated_routes;
    struct net_neigh *neighs;
    size_t n_neighs, allocated_neighs;
    struct net_rule *rules;
    size_t n_rules, allocated_rules;
    struct net_sysctl *sysctls;
    size_t n_sysctls, allocated_sysctls;
};

/* May the gateway forward what comes from the access network? */
enum net_may_forward {
    NET_FORWARD_KEEP = -1,      /* As it is: not known yet. */
    NET_FORWARD_NO,
    NET_FORWARD_YES,            /* There is a table of nftables that says what,
                                 * and from whom. */
};

/* What determines the desired state. */
struct net_want_in {
    const struct fabric *fabric;
    uint16_t self;              /* Host id of this host. */
    uint16_t links_mtu;         /* Of the underlay (lib/mtu.h): what tunnels
                                 * are made for... */
    uint16_t paths_mtu;         /* ...and what is used, no more than that. */
    bool keep_ipv6;             /* LINK_FAC_HOST must not become too small for
                                 * its IPv6 addresses, whatever passes. */
    enum net_may_forward may_forward;
    enum net_may_forward may_share; /* The same for what the host takes from
                                     * the gateway to the outside. */
    const struct net_way_out *way_out;  /* With external "share": where that
                                         * is; or NULL, if there is none. */
    const uint16_t *detours;    /* Host ids of peers that intrawire reaches
                                 * over the access network now... */
    size_t n_detours;           /* ...in any order. */
    bool userspace_datapath;    /* datapath_type=netdev. */
    bool userspace_wireguard;   /* Another program makes LINK_WG, a TUN. */
    bool external_moved;        /* The gateway has the external interface: so
                                 * WireGuard's socket is there, and LINK_EXT_GW
                                 * is a bridge (external.h). */
};

void net_state_init(struct net_state *);
void net_state_uninit(struct net_state *);

/* Append a copy of the argument. */
void net_state_add_link(struct net_state *, const struct net_link *);
void net_state_add_addr(struct net_state *, const struct net_addr *);
void net_state_add_route(struct net_state *, const struct net_route *);
void net_state_add_neigh(struct net_state *, const struct net_neigh *);
void net_state_add_rule(struct net_state *, const struct net_rule *);
void net_state_add_sysctl(struct net_state *, const struct net_sysctl *);

/* Return the object, borrowed from the state until the next append, or
 * NULL. */
struct net_link *net_state_find_link(const struct net_state *, enum net_where,
                                     const char *name);
struct net_link *net_state_find_ifindex(const struct net_state *,
                                        enum net_where, uint32_t ifindex);
struct net_addr *net_state_find_addr(const struct net_state *,
                                     const struct net_addr *);
struct net_route *net_state_find_route(const struct net_state *,
                                       const struct net_route *);

/* The same, whatever the MTU of the route. */
struct net_route *net_state_find_route_any_mtu(const struct net_state *,
                                               const struct net_route *);
struct net_neigh *net_state_find_neigh(const struct net_state *,
                                       const struct net_neigh *);
struct net_rule *net_state_find_rule(const struct net_state *,
                                     const struct net_rule *);
struct net_sysctl *net_state_find_sysctl(const struct net_state *,
                                         const struct net_sysctl *);

/* What a link of the name 'name' is to us. */
enum net_link_role net_link_role(const char *name);

/* Names of all links that Mobula makes or adopts; NULL ends the array. */
extern const char *const net_link_names[];

/* Returns true if 'link' is one that the kernel puts into every namespace by
 * itself ("lo", and "sit0", "tunl0"... of loaded tunnel modules). */
bool net_link_is_kernels(const struct net_link *);

/* Every sysctl that is ever desired on a link ('key' and 'dir', no values),
 * and on "all" and "default" of the gateway; a NULL 'key' ends the array. */
struct net_sysctl_key {
    const char *dir;
    const char *key;
};
extern const struct net_sysctl_key net_link_sysctls[];
extern const struct net_sysctl_key net_all_sysctls[];
extern const struct net_sysctl_key net_default_sysctls[];

/* Fills 'ret', which need not be initialized before, with what must exist on
 * host 'in->self'.  Pure (net-want.c). */
void net_want(const struct net_want_in *in, struct net_state *ret);

/* Append the name of an object as plans show it, e.g. "route 10.30.0.0/16 dev
 * mo-wg-gw in mobula". */
void net_link_format_name(const struct net_link *, struct ds *);
void net_addr_format(const struct net_addr *, struct ds *);
void net_route_format(const struct net_route *, struct ds *);
void net_neigh_format_name(const struct net_neigh *, struct ds *);
void net_rule_format(const struct net_rule *, struct ds *);
void net_sysctl_format_name(const struct net_sysctl *, struct ds *);

/* Appends "mac of mo-dir-hs", or the MAC. */
void net_neigh_format_mac(const struct net_neigh *, struct ds *);

/* Appends what 'link' should be or is: "veth to mo-dir-gw in mobula, mtu
 * 1420, up". */
void net_link_format(const struct net_link *, struct ds *);

/* Appends one line per object. */
void net_state_format(const struct net_state *, struct ds *);

#endif /* net/net-state.h */
