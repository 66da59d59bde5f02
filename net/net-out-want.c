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

/* net-out-want: what makes up the way out of the gateway.  See net-out.h.
 *
 * In the gateway's namespace, packets that come in from the access network,
 * from outside or from clients of extrawire are routed only if they carry the
 * mark that the filter gives to those that it has nothing against
 * (gateway/filter.h): without the filter there are no such.
 *
 * Pure. */

#include <config.h>
#include "net/net-out.h"

#include <string.h>

#include "lib/addr.h"
#include "net/net-state.h"
#include "openvswitch/util.h"
#include "packets.h"

/* Rules of the gateway's namespace. */
enum {
    RULE_MARKED = 100,
    RULE_ACCESS = 110,
    RULE_OUTSIDE,
    RULE_CLIENTS,
};

/* Rules of the host's namespace: before those of administrators who give no
 * number, which are just below 32766. */
enum {
    RULE_WIREGUARD = 2900,      /* And the next one. */
    RULE_GATEWAY = 2902,
    RULE_BACK = 2903,
    RULE_NOT_BACK = 2904,
    RULE_INTRAWIRE = 2906,      /* And the next one. */
    RULE_ADDRESSES = 2910,      /* And the following. */
};

/* Of the link between host and gateway, while the way out is not known. */
#define DEFAULT_MTU 1500

/* For how many addresses of the link of the way out there are rules. */
#define MAX_ADDRESSES 40

static void want_gate(const struct settings *, struct net_state *);
static void want_bridge(const struct net_want_in *, struct net_state *);
static void want_replies(const struct net_want_in *, struct net_state *);
static void want_out(const struct net_rule *, struct net_state *);
static void want_links(const struct net_want_in *, struct net_state *);
static void want_addrs(const struct net_want_in *, struct net_state *);
static void want_routes(const struct net_want_in *, struct net_state *);
static void want_rules(const struct net_want_in *, struct net_state *);
static void want_sysctls(const struct net_want_in *, struct net_state *);
static void want_sysctl(enum net_where, const char *link,
                        struct net_sysctl_key, int value, struct net_state *);

void
net_out_want(const struct net_want_in *in, struct net_state *state)
{
    const struct settings *settings = &in->fabric->settings;

    want_gate(settings, state);
    if (in->external_moved) {
        want_bridge(in, state);
        want_replies(in, state);
    } else {
        want_links(in, state);
        want_addrs(in, state);
        want_routes(in, state);
        want_rules(in, state);
        want_sysctls(in, state);
    }
}

static void
add_rule(const struct net_rule *rule, const char *iif, struct net_state *state)
{
    struct net_rule complete = *rule;

    ovs_strlcpy(complete.iif, iif, sizeof complete.iif);
    net_state_add_rule(state, &complete);
}

static void
want_gate(const struct settings *settings, struct net_state *state)
{
    add_rule(&(struct net_rule) {
        .where = NET_GATEWAY, .priority = RULE_MARKED, .mark = MARK_MOBULA },
        "", state);
    add_rule(&(struct net_rule) {
        .where = NET_GATEWAY, .priority = RULE_ACCESS, .blackhole = true },
        LINK_ACC_GW, state);
    if (settings->ipv6 != IPV6_OFF) {
        add_rule(&(struct net_rule) {
            .where = NET_GATEWAY, .priority = RULE_MARKED, .ipv6 = true,
            .mark = MARK_MOBULA }, "", state);
        add_rule(&(struct net_rule) {
            .where = NET_GATEWAY, .priority = RULE_ACCESS, .ipv6 = true,
            .blackhole = true }, LINK_ACC_GW, state);
        add_rule(&(struct net_rule) {
            .where = NET_GATEWAY, .priority = RULE_OUTSIDE, .ipv6 = true,
            .blackhole = true }, LINK_EXT_GW, state);
    }
    add_rule(&(struct net_rule) {
        .where = NET_GATEWAY, .priority = RULE_OUTSIDE, .blackhole = true },
        LINK_EXT_GW, state);
    add_rule(&(struct net_rule) {
        .where = NET_GATEWAY, .priority = RULE_CLIENTS, .blackhole = true,
        .src = settings->extrawire_prefix },
        LINK_WG, state);
}

/* external "move": what is on the bridge, and whether it is there, is not
 * decided here (external.h), but whether it may forward. */
static void
want_bridge(const struct net_want_in *in, struct net_state *state)
{
    net_state_add_link(state, &(struct net_link) {
        .where = NET_GATEWAY, .name = LINK_EXT_GW, .kind = "bridge",
        .adopted = true });
    if (in->may_forward != NET_FORWARD_KEEP) {
        want_sysctl(NET_GATEWAY, LINK_EXT_GW,
                    (struct net_sysctl_key) { "ipv4/conf", "forwarding" },
                    in->may_forward == NET_FORWARD_YES, state);
    }
}

/* external "move": who comes by ssh from outside is handed to the intrawire
 * address of the host, with his own address.  Replies go back to the gateway
 * that has let him in, whatever the default route of the host is. */
static void
want_replies(const struct net_want_in *in, struct net_state *state)
{
    const struct settings *settings = &in->fabric->settings;
    struct net_route route = {
        .where = NET_HOST, .table = TABLE_WAY_OUT,
        .via = addr_intrawire_gateway(settings),
        .src = addr_intrawire(settings, in->self),
    };

    ovs_strlcpy(route.link, LINK_DIR_HOST, sizeof route.link);
    net_state_add_route(state, &route);
    want_out(&(struct net_rule) {
        .where = NET_HOST, .priority = RULE_INTRAWIRE,
        .src = { route.src, 32 } }, state);
}

/* One end of the link between host and gateway, in 'where'. */
static void
want_end(enum net_where where, uint32_t mtu, struct net_state *state)
{
    const bool host = where == NET_HOST;
    struct net_link link = {
        .where = where,
        .kind = "veth",
        .mtu = mtu,
        .up = true,
        .mark = true,
        .peer_where = host ? NET_GATEWAY : NET_HOST,
    };

    ovs_strlcpy(link.name, host ? LINK_EXT_HOST : LINK_EXT_GW,
                sizeof link.name);
    ovs_strlcpy(link.peer, host ? LINK_EXT_GW : LINK_EXT_HOST,
                sizeof link.peer);
    net_state_add_link(state, &link);
}

static void
want_links(const struct net_want_in *in, struct net_state *state)
{
    const uint32_t mtu = in->way_out ? in->way_out->mtu : DEFAULT_MTU;

    want_end(NET_HOST, mtu, state);
    want_end(NET_GATEWAY, mtu, state);
    if (in->way_out) {
        struct net_link link = { .where = NET_HOST, .adopted = true };

        ovs_strlcpy(link.name, in->way_out->link, sizeof link.name);
        net_state_add_link(state, &link);
    }
}

static void
want_addrs(const struct net_want_in *in, struct net_state *state)
{
    const struct settings *settings = &in->fabric->settings;

    net_state_add_addr(state, &(struct net_addr) {
        .where = NET_HOST, .link = LINK_EXT_HOST,
        .address = addr_external_host(settings),
        .prefix_len = EXTERNAL_PREFIX_LEN, .ours = true });
    net_state_add_addr(state, &(struct net_addr) {
        .where = NET_GATEWAY, .link = LINK_EXT_GW,
        .address = addr_external_gateway(settings),
        .prefix_len = EXTERNAL_PREFIX_LEN, .ours = true });
}

static void
want_out_route(const struct net_way_out *way_out, struct ipv4_prefix dst,
               ovs_be32 via, ovs_be32 src, struct net_state *state)
{
    struct net_route route = {
        .where = NET_HOST, .table = TABLE_WAY_OUT,
        .dst = dst.address, .dst_len = dst.len, .via = via, .src = src,
    };

    ovs_strlcpy(route.link, way_out->link, sizeof route.link);
    net_state_add_route(state, &route);
}

/* In TABLE_WAY_OUT: what the gateway sends must not follow another default
 * route, perhaps back to itself. */
static void
want_routes(const struct net_want_in *in, struct net_state *state)
{
    const struct net_way_out *way_out = in->way_out;

    net_state_add_route(state, &(struct net_route) {
        .where = NET_GATEWAY, .link = LINK_EXT_GW,
        .via = addr_external_host(&in->fabric->settings) });
    net_state_add_route(state, &(struct net_route) {
        .where = NET_HOST, .table = TABLE_WAY_OUT,
        .unreachable = true, .metric = NET_GUARD_METRIC });
    if (way_out) {
        want_out_route(way_out, (struct ipv4_prefix) { 0, 0 }, way_out->via,
                       way_out->src, state);
        for (size_t i = 0; i < way_out->n_networks; i++) {
            want_out_route(way_out, way_out->networks[i].dst, 0,
                           way_out->networks[i].src, state);
        }
    }
}

/* Packets that match 'rule' follow the routes of the host, but not its default
 * routes; then those of TABLE_WAY_OUT. */
static void
want_out(const struct net_rule *rule, struct net_state *state)
{
    struct net_rule copy = *rule;

    copy.no_default = true;
    add_rule(&copy, "", state);
    copy.no_default = false;
    copy.table = TABLE_WAY_OUT;
    copy.priority++;
    add_rule(&copy, "", state);
}

static void
want_rules(const struct net_want_in *in, struct net_state *state)
{
    const struct net_way_out *way_out = in->way_out;

    add_rule(&(struct net_rule) {
        .where = NET_HOST, .priority = RULE_GATEWAY, .table = TABLE_WAY_OUT },
        LINK_EXT_HOST, state);
    if (!way_out) {
        return;
    }
    if (!way_out->routes) {
        add_rule(&(struct net_rule) {
            .where = NET_HOST, .priority = RULE_BACK,
            .dst = { addr_external_gateway(&in->fabric->settings), 32 } },
            way_out->link, state);
        add_rule(&(struct net_rule) {
            .where = NET_HOST, .priority = RULE_NOT_BACK, .blackhole = true },
            way_out->link, state);
    }
    if (way_out->moved) {
        size_t n = MIN(way_out->n_addresses, MAX_ADDRESSES);

        want_out(&(struct net_rule) {
            .where = NET_HOST, .priority = RULE_WIREGUARD,
            .mark = MARK_MOBULA }, state);
        for (size_t i = 0; i < n; i++) {
            want_out(&(struct net_rule) {
                .where = NET_HOST, .priority = RULE_ADDRESSES + 2 * i,
                .src = { way_out->addresses[i], 32 } }, state);
        }
    }
}

static void
want_sysctl(enum net_where where, const char *link, struct net_sysctl_key key,
            int value, struct net_state *state)
{
    struct net_sysctl sysctl = {
        .where = where, .dir = key.dir, .key = key.key, .value = value,
    };

    ovs_strlcpy(sysctl.link, link, sizeof sysctl.link);
    net_state_add_sysctl(state, &sysctl);
}

/* Whether packets that come in by 'link' are forwarded. */
static void
want_forwarding(enum net_where where, const char *link,
                enum net_may_forward may, struct net_state *state)
{
    static const struct net_sysctl_key key = { "ipv4/conf", "forwarding" };

    if (may != NET_FORWARD_KEEP) {
        want_sysctl(where, link, key, may == NET_FORWARD_YES, state);
    }
}

static void
want_sysctls(const struct net_want_in *in, struct net_state *state)
{
    static const struct {
        struct net_sysctl_key key;
        int value;
    } both[] = {
        { { "ipv4/conf", "accept_redirects" }, 0 },
        { { "ipv4/conf", "arp_ignore" }, 1 },
        { { "ipv4/conf", "proxy_arp" }, 0 },
        { { "ipv4/conf", "rp_filter" }, 1 },
        { { "ipv4/conf", "send_redirects" }, 0 },
        { { "ipv6/conf", "disable_ipv6" }, 1 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
        want_sysctl(NET_HOST, LINK_EXT_HOST, both[i].key, both[i].value,
                    state);
        want_sysctl(NET_GATEWAY, LINK_EXT_GW, both[i].key, both[i].value,
                    state);
    }
    want_forwarding(NET_GATEWAY, LINK_EXT_GW, in->may_forward, state);
    want_forwarding(NET_HOST, LINK_EXT_HOST, in->may_share, state);
    /* Until then it stays as somebody else may have set it. */
    if (in->way_out && in->may_share == NET_FORWARD_YES) {
        want_forwarding(NET_HOST, in->way_out->link, NET_FORWARD_YES, state);
    }
}
