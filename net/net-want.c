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

/* net-want: (fabric, host id, kinds of datapath and WireGuard) -> the links,
 * addresses, routes, neighbours and sysctls that this host must have.
 *
 *       host namespace                          namespace "mobula"
 *
 *   veth_fac0 === mo-fac-ovs --+
 *                          ovsbr-mobula
 *               mo-acc-ovs ----+=============== mo-acc-gw --+
 *                                                           :   detours
 *   mo-dir-hs ================================= mo-dir-gw --+
 *                                                           +-- mo-wg-gw
 *   mo-tun-hs ================================= mo-tun-gw --+
 *      |
 *      +-- kernel datapath: carries the tunnel end point address
 *      +-- userspace datapath: port of the bridge mo-und, whose LOCAL port
 *          carries it
 *
 * The gateway's way out, mo-ext-gw, is up to net-out-want.c.
 *
 * The gateway's ends of mo-dir and mo-tun answer ARP for everything behind
 * WireGuard (proxy_arp).  In the other direction the gateway has permanent
 * neighbours: it would ask with an address of another link, and a host whose
 * rp_filter is strict would not answer.  The address that mo-dir-gw has is for
 * the ICMP errors of the gateway, which such a host would not take either.
 *
 * Detours: intrawire to a peer whose direct link is down goes over the access
 * network, from gateway to gateway, and so wherever the switch sends frames
 * for that gateway.  Each end decides for itself, so packets of one connection
 * may come in at mo-acc-gw and leave at mo-wg-gw: rp_filter is loose on the
 * one and off on the other, which has no address, so that loose would be
 * strict.  It is off on mo-dir-gw, too, which would not answer ARP for a peer
 * that is reached by mo-acc-gw: the way back is only for packets with the
 * filter's mark, and ARP has none.  In its place, WireGuard knows who may send
 * from an address, and on the other links the filter does (gateway/filter.h),
 * without which mo-acc-gw does not forward.
 * The MAC of each gateway is known: no ARP is needed.  With the kernel
 * datapath, the host has a route with the smaller MTU of the access network,
 * so that connections change the size of their packets at once; otherwise they
 * learn it by ICMP.
 *
 * Pure.  net-diff.c compares the result with what net-read.c finds. */

#include <config.h>
#include "net/net-state.h"

#include <stdio.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/fabric.h"
#include "lib/mtu.h"
#include "net/net-out.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* Room for two VLAN tags that a frame on the access bridge may carry besides
 * the packet that fits mtu_access(). */
#define TWO_VLAN_TAGS 8

/* What the functions below work on. */
struct want {
    const struct net_want_in *in;
    const struct settings *settings;
    struct net_state *state;
    ovs_be32 intrawire;         /* Of this host. */
    ovs_be32 vtep;              /* Of this host. */
    const char *vtep_link;      /* Carries 'vtep'. */
};

static void want_links(const struct want *);
static void want_single_links(const struct want *, uint32_t wg_mtu);
static void want_addrs(const struct want *);
static void want_routes(const struct want *);
static void want_detours(const struct want *);
static void want_neighs(const struct want *);
static void want_sysctls(const struct want *);

void
net_want(const struct net_want_in *in, struct net_state *ret)
{
    const struct settings *settings = &in->fabric->settings;
    struct want want = {
        .in = in,
        .settings = settings,
        .state = ret,
        .intrawire = addr_intrawire(settings, in->self),
        .vtep = addr_vtep(settings, in->self),
        .vtep_link = in->userspace_datapath ? BRIDGE_UNDERLAY : LINK_TUN_HOST,
    };

    net_state_init(ret);
    ret->gateway = true;
    want_links(&want);
    want_addrs(&want);
    want_routes(&want);
    want_neighs(&want);
    want_detours(&want);
    want_sysctls(&want);
    net_out_want(in, ret);
}

/* One end of a veth pair.  Both ends of a pair are added, one after the
 * other. */
struct end {
    enum net_where where;
    const char *name;
    uint32_t mtu;
    const struct eth_addr *mac; /* NULL: whatever the kernel chooses. */
};

static void
want_pair(const struct want *want, enum net_offload tx_csum,
          const struct end *a, const struct end *b)
{
    for (int i = 0; i < 2; i++) {
        const struct end *end = i ? b : a;
        const struct end *peer = i ? a : b;
        struct net_link link = {
            .where = end->where,
            .kind = "veth",
            .mtu = end->mtu,
            .up = true,
            .tx_csum = tx_csum,
            .mark = true,
            .peer_where = peer->where,
        };

        ovs_strlcpy(link.name, end->name, sizeof link.name);
        ovs_strlcpy(link.peer, peer->name, sizeof link.peer);
        if (end->mac) {
            link.has_mac = true;
            link.mac = *end->mac;
        }
        net_state_add_link(want->state, &link);
    }
}

static void
want_links(const struct want *want)
{
    /* Frames that leave a veth with the checksum not yet computed are broken
     * for a datapath that reads them in userspace. */
    const enum net_offload tx_csum = (want->in->userspace_datapath
                                      ? NET_OFFLOAD_OFF : NET_OFFLOAD_ON);
    const uint32_t wg_mtu = mtu_wireguard(want->in->links_mtu);
    const uint32_t access_mtu = mtu_access(want->in->paths_mtu);
    const uint32_t bridge_mtu = access_mtu + TWO_VLAN_TAGS;
    const uint32_t host_mtu = (want->in->keep_ipv6
                               ? MAX(access_mtu, MTU_IPV6) : access_mtu);
    const struct eth_addr mac_host = addr_mac_host(want->in->self);
    const struct eth_addr mac_gw = addr_mac_gateway(want->in->self);
    /* The userspace datapath keeps the MAC of its next hop for 15 minutes,
     * whatever happens to the link: one that is made again, or for another
     * host id, must have the same MAC, or all tunnels are down for long. */
    const struct eth_addr mac_tun = addr_mac_tunnels();

    net_state_add_link(want->state, &(struct net_link) {
        .where = NET_GATEWAY, .name = "lo", .adopted = true, .up = true });
    want_pair(want, tx_csum,
              &(struct end) { NET_HOST, LINK_FAC_HOST, host_mtu, &mac_host },
              &(struct end) { NET_HOST, LINK_FAC_OVS,
                              host_mtu + TWO_VLAN_TAGS, NULL });
    want_pair(want, tx_csum,
              &(struct end) { NET_HOST, LINK_ACC_OVS, bridge_mtu, NULL },
              &(struct end) { NET_GATEWAY, LINK_ACC_GW, access_mtu, &mac_gw });
    want_pair(want, NET_OFFLOAD_ANY,
              &(struct end) { NET_HOST, LINK_DIR_HOST, wg_mtu, NULL },
              &(struct end) { NET_GATEWAY, LINK_DIR_GW, wg_mtu, NULL });
    want_pair(want, tx_csum,
              &(struct end) { NET_HOST, LINK_TUN_HOST, wg_mtu, NULL },
              &(struct end) { NET_GATEWAY, LINK_TUN_GW, wg_mtu, &mac_tun });
    want_single_links(want, wg_mtu);
}

/* The links that are no pairs. */
static void
want_single_links(const struct want *want, uint32_t wg_mtu)
{
    struct net_link wg = {
        .where = NET_GATEWAY, .name = LINK_WG, .mtu = wg_mtu, .up = true,
        .mark = true, .adopted = want->in->userspace_wireguard,
        .made_in_gateway = want->in->external_moved,
    };
    ovs_strlcpy(wg.kind, wg.adopted ? "tun" : "wireguard", sizeof wg.kind);
    net_state_add_link(want->state, &wg);
    if (want->in->userspace_datapath) {
        net_state_add_link(want->state, &(struct net_link) {
            .where = NET_HOST, .name = BRIDGE_UNDERLAY, .mtu = wg_mtu,
            .up = true, .adopted = true });
    }
}

static void
want_addr(const struct want *want, enum net_where where, const char *link,
          ovs_be32 address, uint8_t prefix_len)
{
    struct net_addr addr = {
        .where = where,
        .address = address,
        .prefix_len = prefix_len,
        .ours = true,
    };

    ovs_strlcpy(addr.link, link, sizeof addr.link);
    net_state_add_addr(want->state, &addr);
}

static void
want_addrs(const struct want *want)
{
    const struct settings *s = want->settings;

    want_addr(want, NET_GATEWAY, LINK_ACC_GW,
              addr_access_gateway(s, want->in->self), s->access_prefix.len);
    if (want->settings->ipv6 != IPV6_OFF) {
        net_state_add_addr(want->state, &(struct net_addr) {
            .where = NET_GATEWAY,
            .link = LINK_ACC_GW,
            .address6 = addr_access6_gateway(s, want->in->self),
            .prefix_len = ADDR_ACCESS6_LEN,
            .ours = true,
        });
    }
    want_addr(want, NET_GATEWAY, LINK_DIR_GW, addr_intrawire_gateway(s), 32);
    want_addr(want, NET_HOST, LINK_DIR_HOST, want->intrawire, 32);
    want_addr(want, NET_HOST, want->vtep_link, want->vtep,
              want->in->userspace_datapath ? s->vtep_prefix.len : 32);
}

/* 'route' without its link. */
static void
want_route(const struct want *want, const char *link,
           const struct net_route *route)
{
    struct net_route complete = *route;

    ovs_strlcpy(complete.link, link, sizeof complete.link);
    net_state_add_route(want->state, &complete);
}

/* While the route into WireGuard is gone, packets to 'dst' must not find
 * their way out by the default route, unencrypted. */
static void
want_guard(const struct want *want, enum net_where where,
           struct ipv4_prefix dst)
{
    net_state_add_route(want->state, &(struct net_route) {
        .where = where,
        .unreachable = true,
        .dst = dst.address,
        .dst_len = dst.len,
        .metric = NET_GUARD_METRIC,
    });
}

static void
want_guards(const struct want *want)
{
    const struct ipv4_prefix intrawire = want->settings->intrawire_prefix;
    const struct ipv4_prefix vtep = want->settings->vtep_prefix;

    want_guard(want, NET_HOST, intrawire);
    want_guard(want, NET_GATEWAY, intrawire);
    want_guard(want, NET_GATEWAY, vtep);
    if (!want->in->userspace_datapath) {
        /* With the userspace datapath, OVS makes its own routes out of the
         * kernel's, and has no idea of unreachable ones. */
        want_guard(want, NET_HOST, vtep);
    }
}

static void
want_routes(const struct want *want)
{
    const struct ipv4_prefix intrawire = want->settings->intrawire_prefix;
    const struct ipv4_prefix vtep = want->settings->vtep_prefix;
    const uint16_t paths_mtu = want->in->paths_mtu;

    want_guards(want);

    /* The link keeps its size while a path loses large packets: probes need
     * it.  The route is what everything else follows. */
    want_route(want, LINK_DIR_HOST, &(struct net_route) {
        .where = NET_HOST, .src = want->intrawire,
        .dst = intrawire.address, .dst_len = intrawire.len,
        .mtu = (paths_mtu < want->in->links_mtu
                ? mtu_wireguard(paths_mtu) : 0),
    });
    if (!want->in->userspace_datapath) {
        want_route(want, LINK_TUN_HOST, &(struct net_route) {
            .where = NET_HOST, .src = want->vtep,
            .dst = vtep.address, .dst_len = vtep.len,
        });
    }
    want_route(want, LINK_DIR_GW, &(struct net_route) {
        .where = NET_GATEWAY, .dst = want->intrawire, .dst_len = 32,
    });
    want_route(want, LINK_TUN_GW, &(struct net_route) {
        .where = NET_GATEWAY, .dst = want->vtep, .dst_len = 32,
    });
    want_route(want, LINK_WG, &(struct net_route) {
        .where = NET_GATEWAY, .dst = intrawire.address,
        .dst_len = intrawire.len,
    });
    want_route(want, LINK_WG, &(struct net_route) {
        .where = NET_GATEWAY, .dst = vtep.address, .dst_len = vtep.len,
    });
}

/* Intrawire to peer 'id' goes over the access network. */
static void
want_detour(const struct want *want, uint16_t id)
{
    const struct settings *settings = want->settings;
    const ovs_be32 intrawire = addr_intrawire(settings, id);
    const ovs_be32 gateway = addr_access_gateway(settings, id);
    struct net_neigh neigh = {
        .where = NET_GATEWAY,
        .link = LINK_ACC_GW,
        .address = gateway,
        .mac = addr_mac_gateway(id),
    };

    /* Whenever a route of the host changes, the userspace datapath forgets the
     * ends of all its tunnels for a moment, and frames of other hosts with
     * them. */
    if (!want->in->userspace_datapath) {
        want_route(want, LINK_DIR_HOST, &(struct net_route) {
            .where = NET_HOST, .src = want->intrawire,
            .dst = intrawire, .dst_len = 32,
            .mtu = mtu_access(want->in->paths_mtu),
        });
    }
    want_route(want, LINK_ACC_GW, &(struct net_route) {
        .where = NET_GATEWAY, .via = gateway, .dst = intrawire, .dst_len = 32,
    });
    net_state_add_neigh(want->state, &neigh);
}

static void
want_detours(const struct want *want)
{
    for (size_t i = 0; i < want->in->n_detours; i++) {
        want_detour(want, want->in->detours[i]);
    }
}

static void
want_neigh(const struct want *want, const char *link, ovs_be32 address,
           const char *of_link)
{
    struct net_neigh neigh = {
        .where = NET_GATEWAY,
        .address = address,
        .of_where = NET_HOST,
    };

    ovs_strlcpy(neigh.link, link, sizeof neigh.link);
    ovs_strlcpy(neigh.of_link, of_link, sizeof neigh.of_link);
    net_state_add_neigh(want->state, &neigh);
}

static void
want_neighs(const struct want *want)
{
    want_neigh(want, LINK_DIR_GW, want->intrawire, LINK_DIR_HOST);
    want_neigh(want, LINK_TUN_GW, want->vtep, want->vtep_link);
}

/* What sysctls depend on. */
enum sysctl_column {
    BRIDGE_END,                 /* Read by OVS, not by the IP stack. */
    HOST_END,                   /* mo-dir-hs, and what carries the VTEP. */
    GATEWAY_ACCESS,             /* mo-acc-gw. */
    GATEWAY_END,                /* mo-dir-gw. */
    GATEWAY_TUNNELS,            /* mo-tun-gw. */
    WIREGUARD,                  /* mo-wg-gw. */
    N_COLUMNS
};

/* -1: as it is.  A veth that is a port of a userspace datapath delivers each
 * frame to the IP stack as well, which must not answer: arp_ignore 8, no
 * forwarding.  Whether mo-acc-gw forwards, or has IPv6, is said elsewhere.
 * The gateway answers ARP at once, or not yet, and then it is asked again
 * soon: packets would wait for a second.  (100 ms are a whole number of the
 * kernel's ticks, and read back as such.)  IPv6 on mo-dir-hs is up to the
 * administrator. */
static const struct {
    struct net_sysctl_key key;
    int values[N_COLUMNS];
} sysctl_rows[] = {
    /*                                     bridge host acc dir tun wireguard */
    { { "ipv4/conf", "accept_redirects" }, {  0,   0,   0,  0,  0,  0 } },
    { { "ipv4/conf", "arp_ignore" },       {  8,  -1,   1, -1, -1, -1 } },
    { { "ipv4/conf", "forwarding" },       {  0,  -1,  -1,  1,  1,  1 } },
    { { "ipv4/conf", "proxy_arp" },        {  0,  -1,   0,  1,  1, -1 } },
    { { "ipv4/conf", "rp_filter" },        {  1,   1,   2,  0,  1,  0 } },
    { { "ipv4/conf", "send_redirects" },   {  0,   0,   0,  0,  0,  0 } },
    { { "ipv4/neigh", "proxy_delay" },     { -1,  -1,  -1,  0,  0, -1 } },
    { { "ipv4/neigh", "retrans_time_ms" }, { -1, 100,  -1, -1, -1, -1 } },
    { { "ipv6/conf", "disable_ipv6" },     {  1,  -1,  -1,  1,  1,  1 } },
};

static void
want_sysctl(const struct want *want, enum net_where where, const char *link,
            struct net_sysctl_key key, int value)
{
    struct net_sysctl sysctl = {
        .where = where,
        .dir = key.dir,
        .key = key.key,
        .value = value,
    };

    ovs_strlcpy(sysctl.link, link, sizeof sysctl.link);
    net_state_add_sysctl(want->state, &sysctl);
}

static void
want_link_sysctls(const struct want *want, enum net_where where,
                  const char *link, enum sysctl_column column)
{
    for (size_t i = 0; i < ARRAY_SIZE(sysctl_rows); i++) {
        int value = sysctl_rows[i].values[column];

        if (value >= 0) {
            want_sysctl(want, where, link, sysctl_rows[i].key, value);
        }
    }
}

static const struct net_sysctl_key ipv4_forwarding = { "ipv4/conf",
                                                       "forwarding" };
static const struct net_sysctl_key no_ipv6 = { "ipv6/conf", "disable_ipv6" };

/* For IPv6, whether a link forwards is up to "all". */
static void
want_access_ipv6(const struct want *want)
{
    static const struct net_sysctl_key accept_ra = { "ipv6/conf",
                                                     "accept_ra" };
    static const struct net_sysctl_key forwarding = { "ipv6/conf",
                                                      "forwarding" };
    bool on = want->settings->ipv6 != IPV6_OFF;

    want_sysctl(want, NET_GATEWAY, LINK_ACC_GW, no_ipv6, !on);
    if (on) {
        want_sysctl(want, NET_GATEWAY, LINK_ACC_GW, accept_ra, 0);
    }
    if (on && want->in->may_forward != NET_FORWARD_KEEP) {
        want_sysctl(want, NET_GATEWAY, "all", forwarding,
                    want->in->may_forward == NET_FORWARD_YES);
    }
}

/* The gateway starts with copies of the host's values, and "all" is combined
 * with the value of the link by "and", "or" or maximum: make it neutral or
 * safe.  Never write all/forwarding: that would overwrite the links'
 * values. */
static void
want_gateway_sysctls(const struct want *want)
{
    for (const struct net_sysctl_key *k = net_all_sysctls; k->key; k++) {
        /* Whether a packet with a mark may come from where it says is looked
         * up with that mark.  What is said of IPv6 elsewhere is not said
         * here. */
        if (strcmp(k->dir, "ipv6/conf")) {
            want_sysctl(want, NET_GATEWAY, "all", *k,
                        !strcmp(k->key, "src_valid_mark"));
        }
    }
    want_sysctl(want, NET_GATEWAY, "default", ipv4_forwarding, 0);
    want_sysctl(want, NET_GATEWAY, "default", no_ipv6, 1);
}

static void
want_sysctls(const struct want *want)
{
    want_gateway_sysctls(want);

    want_link_sysctls(want, NET_HOST, LINK_FAC_OVS, BRIDGE_END);
    want_link_sysctls(want, NET_HOST, LINK_ACC_OVS, BRIDGE_END);
    want_link_sysctls(want, NET_HOST, LINK_DIR_HOST, HOST_END);
    if (want->in->userspace_datapath) {
        want_link_sysctls(want, NET_HOST, LINK_TUN_HOST, BRIDGE_END);
    }
    want_link_sysctls(want, NET_HOST, want->vtep_link, HOST_END);
    want_sysctl(want, NET_HOST, want->vtep_link, no_ipv6, 1);

    if (want->in->may_forward != NET_FORWARD_KEEP) {
        want_sysctl(want, NET_GATEWAY, LINK_ACC_GW, ipv4_forwarding,
                    want->in->may_forward == NET_FORWARD_YES);
    }
    want_link_sysctls(want, NET_GATEWAY, LINK_ACC_GW, GATEWAY_ACCESS);
    want_access_ipv6(want);
    want_link_sysctls(want, NET_GATEWAY, LINK_DIR_GW, GATEWAY_END);
    want_link_sysctls(want, NET_GATEWAY, LINK_TUN_GW, GATEWAY_TUNNELS);
    want_link_sysctls(want, NET_GATEWAY, LINK_WG, WIREGUARD);
}
