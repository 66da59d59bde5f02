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
 * routing and sysctls as plain data.  See net-state.h. */

#include <config.h>
#include "net/net-state.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

const char *const net_link_names[] = {
    LINK_FAC_HOST, LINK_FAC_OVS, LINK_ACC_GW, LINK_ACC_OVS, LINK_DIR_HOST,
    LINK_DIR_GW, LINK_TUN_HOST, LINK_TUN_GW, LINK_EXT_HOST, LINK_EXT_GW,
    LINK_WG, BRIDGE_UNDERLAY, NULL,
};

const struct net_sysctl_key net_link_sysctls[] = {
    { "ipv4/conf", "accept_redirects" },
    { "ipv4/conf", "arp_ignore" },
    { "ipv4/conf", "forwarding" },
    { "ipv4/conf", "proxy_arp" },
    { "ipv4/conf", "rp_filter" },
    { "ipv4/conf", "send_redirects" },
    { "ipv4/neigh", "proxy_delay" },
    { "ipv4/neigh", "retrans_time_ms" },
    { "ipv6/conf", "accept_ra" },
    { "ipv6/conf", "disable_ipv6" },
    { NULL, NULL },
};

const struct net_sysctl_key net_all_sysctls[] = {
    { "ipv4/conf", "accept_redirects" },
    { "ipv4/conf", "accept_source_route" },
    { "ipv4/conf", "proxy_arp" },
    { "ipv4/conf", "rp_filter" },
    { "ipv4/conf", "send_redirects" },
    { "ipv4/conf", "src_valid_mark" },
    { "ipv6/conf", "forwarding" },
    { NULL, NULL },
};

const struct net_sysctl_key net_default_sysctls[] = {
    { "ipv4/conf", "forwarding" },
    { "ipv6/conf", "disable_ipv6" },
    { NULL, NULL },
};

static void put_sysctl_value(const struct net_sysctl *, struct ds *);
static void put_dev(const char *link, struct ds *);
static void put_where(enum net_where, struct ds *);

void
net_state_init(struct net_state *state)
{
    memset(state, 0, sizeof *state);
}

void
net_state_uninit(struct net_state *state)
{
    free(state->links);
    free(state->addrs);
    free(state->routes);
    free(state->neighs);
    free(state->rules);
    free(state->sysctls);
    net_state_init(state);
}

void
net_state_add_link(struct net_state *state, const struct net_link *link)
{
    if (state->n_links >= state->allocated_links) {
        state->links = x2nrealloc(state->links, &state->allocated_links,
                                  sizeof *state->links);
    }
    state->links[state->n_links++] = *link;
}

void
net_state_add_addr(struct net_state *state, const struct net_addr *addr)
{
    if (state->n_addrs >= state->allocated_addrs) {
        state->addrs = x2nrealloc(state->addrs, &state->allocated_addrs,
                                  sizeof *state->addrs);
    }
    state->addrs[state->n_addrs++] = *addr;
}

void
net_state_add_route(struct net_state *state, const struct net_route *route)
{
    if (state->n_routes >= state->allocated_routes) {
        state->routes = x2nrealloc(state->routes, &state->allocated_routes,
                                   sizeof *state->routes);
    }
    state->routes[state->n_routes++] = *route;
}

void
net_state_add_neigh(struct net_state *state, const struct net_neigh *neigh)
{
    if (state->n_neighs >= state->allocated_neighs) {
        state->neighs = x2nrealloc(state->neighs, &state->allocated_neighs,
                                   sizeof *state->neighs);
    }
    state->neighs[state->n_neighs++] = *neigh;
}

void
net_state_add_rule(struct net_state *state, const struct net_rule *rule)
{
    if (state->n_rules >= state->allocated_rules) {
        state->rules = x2nrealloc(state->rules, &state->allocated_rules,
                                  sizeof *state->rules);
    }
    state->rules[state->n_rules++] = *rule;
}

void
net_state_add_sysctl(struct net_state *state, const struct net_sysctl *sysctl)
{
    if (state->n_sysctls >= state->allocated_sysctls) {
        state->sysctls = x2nrealloc(state->sysctls, &state->allocated_sysctls,
                                    sizeof *state->sysctls);
    }
    state->sysctls[state->n_sysctls++] = *sysctl;
}

struct net_link *
net_state_find_link(const struct net_state *state, enum net_where where,
                    const char *name)
{
    for (size_t i = 0; i < state->n_links; i++) {
        struct net_link *link = &state->links[i];

        if (link->where == where && !strcmp(link->name, name)) {
            return link;
        }
    }
    return NULL;
}

struct net_link *
net_state_find_ifindex(const struct net_state *state, enum net_where where,
                       uint32_t ifindex)
{
    for (size_t i = 0; i < state->n_links; i++) {
        struct net_link *link = &state->links[i];

        if (link->where == where && link->ifindex == ifindex) {
            return link;
        }
    }
    return NULL;
}

struct net_addr *
net_state_find_addr(const struct net_state *state, const struct net_addr *key)
{
    for (size_t i = 0; i < state->n_addrs; i++) {
        struct net_addr *addr = &state->addrs[i];

        if (addr->where == key->where && addr->address == key->address
            && ipv6_addr_equals(&addr->address6, &key->address6)
            && addr->prefix_len == key->prefix_len
            && !strcmp(addr->link, key->link)) {
            return addr;
        }
    }
    return NULL;
}

struct net_route *
net_state_find_route(const struct net_state *state,
                     const struct net_route *key)
{
    struct net_route *route = net_state_find_route_any_mtu(state, key);

    return route && route->mtu == key->mtu ? route : NULL;
}

/* There are no two that differ in the MTU alone: the kernel has one. */
struct net_route *
net_state_find_route_any_mtu(const struct net_state *state,
                             const struct net_route *key)
{
    for (size_t i = 0; i < state->n_routes; i++) {
        struct net_route *route = &state->routes[i];

        if (route->where == key->where && route->table == key->table
            && route->unreachable == key->unreachable
            && route->dst == key->dst && route->dst_len == key->dst_len
            && route->via == key->via && route->src == key->src
            && route->metric == key->metric
            && route->odd == key->odd
            && !strcmp(route->link, key->link)) {
            return route;
        }
    }
    return NULL;
}

struct net_neigh *
net_state_find_neigh(const struct net_state *state,
                     const struct net_neigh *key)
{
    for (size_t i = 0; i < state->n_neighs; i++) {
        struct net_neigh *neigh = &state->neighs[i];

        if (neigh->where == key->where && neigh->address == key->address
            && !strcmp(neigh->link, key->link)) {
            return neigh;
        }
    }
    return NULL;
}

struct net_rule *
net_state_find_rule(const struct net_state *state, const struct net_rule *key)
{
    for (size_t i = 0; i < state->n_rules; i++) {
        struct net_rule *rule = &state->rules[i];

        if (rule->where == key->where && rule->priority == key->priority
            && rule->mark == key->mark
            && rule->src.address == key->src.address
            && rule->src.len == key->src.len
            && rule->dst.address == key->dst.address
            && rule->dst.len == key->dst.len
            && rule->ipv6 == key->ipv6
            && rule->blackhole == key->blackhole && rule->table == key->table
            && rule->no_default == key->no_default && rule->odd == key->odd
            && !strcmp(rule->iif, key->iif)) {
            return rule;
        }
    }
    return NULL;
}

struct net_sysctl *
net_state_find_sysctl(const struct net_state *state,
                      const struct net_sysctl *key)
{
    for (size_t i = 0; i < state->n_sysctls; i++) {
        struct net_sysctl *sysctl = &state->sysctls[i];

        if (sysctl->where == key->where && !strcmp(sysctl->link, key->link)
            && !strcmp(sysctl->dir, key->dir)
            && !strcmp(sysctl->key, key->key)) {
            return sysctl;
        }
    }
    return NULL;
}

enum net_link_role
net_link_role(const char *name)
{
    if (!strcmp(name, BRIDGE_UNDERLAY)) {
        return NET_ROLE_ADOPTED;
    }
    if (!strcmp(name, LINK_FAC_HOST) || !strcmp(name, LINK_DIR_HOST)
        || !strcmp(name, LINK_ACC_GW)) {
        return NET_ROLE_SHARED;
    }
    for (const char *const *p = net_link_names; *p; p++) {
        if (!strcmp(name, *p)) {
            return NET_ROLE_INTERNAL;
        }
    }
    return NET_ROLE_FOREIGN;
}

bool
net_link_is_kernels(const struct net_link *link)
{
    static const char *const names[] = {
        "lo", "erspan0", "gre0", "gretap0", "ip6_vti0", "ip6gre0", "ip6tnl0",
        "ip_vti0", "sit0", "tunl0",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(link->name, names[i])) {
            return true;
        }
    }
    return false;
}

void
net_link_format_name(const struct net_link *link, struct ds *s)
{
    ds_put_format(s, "link %s", link->name);
    put_where(link->where, s);
}

void
net_addr_format(const struct net_addr *addr, struct ds *s)
{
    ds_put_cstr(s, "address ");
    if (ipv6_addr_is_set(&addr->address6)) {
        ipv6_format_addr(&addr->address6, s);
    } else {
        ds_put_format(s, IP_FMT, IP_ARGS(addr->address));
    }
    ds_put_format(s, "/%u", addr->prefix_len);
    put_dev(addr->link, s);
    put_where(addr->where, s);
}

void
net_route_format(const struct net_route *route, struct ds *s)
{
    ds_put_format(s, "route %s"IP_FMT"/%u",
                  route->unreachable ? "unreachable " : "",
                  IP_ARGS(route->dst), route->dst_len);
    if (route->via) {
        ds_put_format(s, " via "IP_FMT, IP_ARGS(route->via));
    }
    put_dev(route->link, s);
    if (route->src) {
        ds_put_format(s, " src "IP_FMT, IP_ARGS(route->src));
    }
    if (route->metric) {
        ds_put_format(s, " metric %"PRIu32, route->metric);
    }
    if (route->mtu) {
        ds_put_format(s, " mtu %"PRIu32, route->mtu);
    }
    if (route->table) {
        ds_put_format(s, " table %"PRIu32, route->table);
    }
    if (route->odd) {
        ds_put_cstr(s, " (altered)");
    }
    put_where(route->where, s);
}

void
net_neigh_format_name(const struct net_neigh *neigh, struct ds *s)
{
    ds_put_format(s, "neighbour "IP_FMT, IP_ARGS(neigh->address));
    put_dev(neigh->link, s);
    put_where(neigh->where, s);
}

void
net_neigh_format_mac(const struct net_neigh *neigh, struct ds *s)
{
    if (neigh->of_link[0]) {
        ds_put_format(s, "mac of %s", neigh->of_link);
    } else {
        ds_put_format(s, ETH_ADDR_FMT, ETH_ADDR_ARGS(neigh->mac));
    }
}

void
net_rule_format(const struct net_rule *rule, struct ds *s)
{
    ds_put_format(s, "%srule %"PRIu32":", rule->ipv6 ? "IPv6 " : "",
                  rule->priority);
    if (rule->src.len) {
        ds_put_format(s, " from "IP_FMT"/%u", IP_ARGS(rule->src.address),
                      rule->src.len);
    }
    if (rule->dst.len) {
        ds_put_format(s, " to "IP_FMT"/%u", IP_ARGS(rule->dst.address),
                      rule->dst.len);
    }
    if (rule->iif[0]) {
        ds_put_format(s, " iif %s", rule->iif);
    }
    if (rule->mark) {
        ds_put_format(s, " mark %"PRIu32, rule->mark);
    }
    if (rule->blackhole) {
        ds_put_cstr(s, " blackhole");
    } else if (rule->table) {
        ds_put_format(s, " table %"PRIu32, rule->table);
    } else {
        ds_put_cstr(s, " table main");
    }
    ds_put_format(s, "%s%s", rule->no_default ? " without default routes" : "",
                  rule->odd ? " (altered)" : "");
    put_where(rule->where, s);
}

void
net_sysctl_format_name(const struct net_sysctl *sysctl, struct ds *s)
{
    ds_put_cstr(s, "sysctl net.");
    for (const char *p = sysctl->dir; *p; p++) {
        ds_put_char(s, *p == '/' ? '.' : *p);
    }
    ds_put_format(s, ".%s.%s", sysctl->link, sysctl->key);
    put_where(sysctl->where, s);
}

void
net_link_format(const struct net_link *link, struct ds *s)
{
    if (link->adopted) {
        ds_put_cstr(s, link->kind[0] ? "adopted " : "adopted");
    }
    ds_put_cstr(s, (link->kind[0] || link->adopted ? link->kind
                    : "other kind"));
    if (link->peer[0]) {
        ds_put_format(s, " to %s", link->peer);
        put_where(link->peer_where, s);
    }
    if (link->mtu) {
        ds_put_format(s, ", mtu %"PRIu32, link->mtu);
    }
    if (link->has_mac) {
        ds_put_format(s, ", mac "ETH_ADDR_FMT, ETH_ADDR_ARGS(link->mac));
    }
    if (link->tx_csum != NET_OFFLOAD_ANY) {
        ds_put_format(s, ", tx checksum offload %s",
                      link->tx_csum == NET_OFFLOAD_ON ? "on" : "off");
    }
    ds_put_format(s, ", %s", link->up ? "up" : "down");
    if (link->ours) {
        ds_put_cstr(s, link->has_alias ? ", ours" : ", ours without alias");
    }
}

void
net_state_format(const struct net_state *state, struct ds *s)
{
    if (state->gateway) {
        ds_put_cstr(s, "namespace "GATEWAY_NETNS"\n");
    }
    for (size_t i = 0; i < state->n_links; i++) {
        net_link_format_name(&state->links[i], s);
        ds_put_cstr(s, ": ");
        net_link_format(&state->links[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < state->n_addrs; i++) {
        net_addr_format(&state->addrs[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < state->n_routes; i++) {
        net_route_format(&state->routes[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < state->n_neighs; i++) {
        net_neigh_format_name(&state->neighs[i], s);
        ds_put_cstr(s, ": ");
        net_neigh_format_mac(&state->neighs[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < state->n_rules; i++) {
        net_rule_format(&state->rules[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; i < state->n_sysctls; i++) {
        net_sysctl_format_name(&state->sysctls[i], s);
        put_sysctl_value(&state->sysctls[i], s);
    }
}

static void
put_sysctl_value(const struct net_sysctl *sysctl, struct ds *s)
{
    if (sysctl->missing) {
        ds_put_cstr(s, ": missing\n");
    } else {
        ds_put_format(s, ": %d\n", sysctl->value);
    }
}

static void
put_dev(const char *link, struct ds *s)
{
    if (link[0]) {
        ds_put_format(s, " dev %s", link);
    }
}

/* The host's own namespace goes without saying. */
static void
put_where(enum net_where where, struct ds *s)
{
    if (where == NET_GATEWAY) {
        ds_put_cstr(s, " in "GATEWAY_NETNS);
    }
}
