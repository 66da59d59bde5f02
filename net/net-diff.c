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

/* net-diff: desired and actual state -> plan.  See net-diff.h.
 *
 * First each desired link gets a fate (net-fate.c), which
 * decides as well which of the links that are there must go.  All other
 * objects belong to a link: they follow it. */

#include <config.h>
#include "net/net-diff.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "net/net-fate.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* A diff at work. */
struct diff {
    const struct net_state *desired;
    const struct net_state *actual;
    struct net_fates fates;
    struct net_plan *ret;
};

typedef void format_func(const void *object, struct ds *);

static void remove_neighs(struct diff *);
static void remove_routes(struct diff *, bool guards);
static void remove_addrs(struct diff *);
static void remove_links(struct diff *);
static void remove_netns(struct diff *);
static void add_netns(struct diff *);
static void add_links(struct diff *);
static void report_links(struct diff *);
static void set_sysctls(struct diff *, bool of_links);
static void set_links_up(struct diff *);
static void add_addrs(struct diff *);
static void add_routes(struct diff *, bool guards);
static void set_neighs(struct diff *);

static struct net_op *add_op(struct diff *, enum net_op_type);
static void report(struct diff *, enum plan_verdict, struct ds *name,
                   struct ds *detail);
static void add_waiting(struct diff *, char *sentence);

void
net_diff(const struct net_state *desired, const struct net_state *actual,
         struct net_plan *ret)
{
    struct diff diff = { .desired = desired, .actual = actual, .ret = ret };

    memset(ret, 0, sizeof *ret);
    plan_init(&ret->plan);
    net_fates_init(&diff.fates, desired, actual);

    remove_neighs(&diff);
    remove_routes(&diff, false);
    remove_addrs(&diff);
    remove_links(&diff);
    remove_routes(&diff, true);
    net_rule_diff_remove(desired, actual, ret);
    remove_netns(&diff);

    add_netns(&diff);
    set_sysctls(&diff, false);
    add_routes(&diff, true);
    net_rule_diff_add(desired, actual, ret);
    report_links(&diff);
    add_links(&diff);
    set_sysctls(&diff, true);
    set_links_up(&diff);
    add_addrs(&diff);
    add_routes(&diff, false);
    set_neighs(&diff);

    net_fates_uninit(&diff.fates);
}

void
net_plan_uninit(struct net_plan *plan)
{
    plan_uninit(&plan->plan);
    free(plan->ops);
    for (size_t i = 0; i < plan->n_waiting; i++) {
        free(plan->waiting[i]);
    }
    free(plan->waiting);
    memset(plan, 0, sizeof *plan);
}

void
net_plan_format(const struct net_plan *plan, bool verbose, struct ds *s)
{
    plan_format(&plan->plan, verbose, s);
    for (size_t i = 0; i < plan->n_waiting; i++) {
        ds_put_format(s, "waiting: %s\n", plan->waiting[i]);
    }
}

struct net_op *
net_plan_add_op(struct net_plan *plan, enum net_op_type type)
{
    struct net_op *op;

    if (plan->n_ops >= plan->allocated_ops) {
        plan->ops = x2nrealloc(plan->ops, &plan->allocated_ops,
                               sizeof *plan->ops);
    }
    op = &plan->ops[plan->n_ops++];
    memset(op, 0, sizeof *op);
    op->type = type;
    return op;
}

/* Returns true if what belongs to the existing link goes by itself, together
 * with the link. */
static bool
goes_with_link(const struct diff *diff, enum net_where where,
               uint32_t ifindex)
{
    return ifindex && net_fates_is_doomed(&diff->fates, where, ifindex);
}

static void
remove_neighs(struct diff *diff)
{
    for (size_t i = 0; i < diff->actual->n_neighs; i++) {
        const struct net_neigh *neigh = &diff->actual->neighs[i];
        struct ds name = DS_EMPTY_INITIALIZER;

        if (!net_state_find_neigh(diff->desired, neigh)
            && !goes_with_link(diff, neigh->where, neigh->ifindex)) {
            add_op(diff, NET_OP_DEL_NEIGH)->neigh = *neigh;
            net_neigh_format_name(neigh, &name);
            report(diff, PLAN_REMOVE, &name, NULL);
        }
    }
}

static void
remove_routes(struct diff *diff, bool guards)
{
    for (size_t i = 0; i < diff->actual->n_routes; i++) {
        const struct net_route *route = &diff->actual->routes[i];
        struct ds name = DS_EMPTY_INITIALIZER;

        /* One with another MTU is replaced. */
        if (route->unreachable == guards
            && !net_state_find_route_any_mtu(diff->desired, route)
            && !goes_with_link(diff, route->where, route->ifindex)) {
            add_op(diff, NET_OP_DEL_ROUTE)->route = *route;
            net_route_format(route, &name);
            report(diff, PLAN_REMOVE, &name, NULL);
        }
    }
}

/* Returns true if 'addr', which is not desired, is ours to remove. */
static bool
may_remove_addr(const struct diff *diff, const struct net_addr *addr)
{
    const struct net_link *link = net_state_find_link(diff->actual,
                                                      addr->where, addr->link);

    return addr->ours || (link && link->ours
                          && net_link_role(link->name) == NET_ROLE_INTERNAL);
}

static void
remove_addrs(struct diff *diff)
{
    for (size_t i = 0; i < diff->actual->n_addrs; i++) {
        const struct net_addr *addr = &diff->actual->addrs[i];
        struct ds name = DS_EMPTY_INITIALIZER;

        if (net_state_find_addr(diff->desired, addr)
            || goes_with_link(diff, addr->where, addr->ifindex)) {
            continue;
        }
        net_addr_format(addr, &name);
        if (may_remove_addr(diff, addr)) {
            add_op(diff, NET_OP_DEL_ADDR)->addr = *addr;
            report(diff, PLAN_REMOVE, &name, NULL);
        } else {
            report(diff, PLAN_ALIEN, &name, NULL);
        }
    }
}

static void
remove_links(struct diff *diff)
{
    for (size_t i = 0; i < diff->actual->n_links; i++) {
        const struct net_link *link = &diff->actual->links[i];
        struct ds name = DS_EMPTY_INITIALIZER;

        if (diff->fates.doomed[i]) {
            add_op(diff, NET_OP_DEL_LINK)->link = *link;
            net_link_format_name(link, &name);
            report(diff, PLAN_REMOVE, &name, NULL);
        }
    }
}

static void
remove_netns(struct diff *diff)
{
    struct ds name = DS_EMPTY_INITIALIZER;
    struct ds detail = DS_EMPTY_INITIALIZER;

    if (diff->desired->gateway || !diff->actual->gateway) {
        return;
    }
    for (size_t i = 0; i < diff->actual->n_links; i++) {
        const struct net_link *link = &diff->actual->links[i];

        if (link->where == NET_GATEWAY && !diff->fates.doomed[i]
            && !net_link_is_kernels(link)) {
            ds_put_format(&detail, "%s%s", detail.length ? ", " : "holds ",
                          link->name);
        }
    }
    ds_put_cstr(&name, "namespace "GATEWAY_NETNS);
    if (detail.length) {
        report(diff, PLAN_ALIEN, &name, &detail);
    } else {
        add_op(diff, NET_OP_DEL_NETNS);
        report(diff, PLAN_REMOVE, &name, NULL);
    }
}

static void
add_netns(struct diff *diff)
{
    struct ds name = DS_EMPTY_INITIALIZER;

    if (diff->desired->gateway) {
        ds_put_cstr(&name, "namespace "GATEWAY_NETNS);
        if (diff->actual->gateway) {
            report(diff, PLAN_KEEP, &name, NULL);
        } else {
            add_op(diff, NET_OP_ADD_NETNS);
            report(diff, PLAN_ADD, &name, NULL);
        }
    }
}

/* Stores in '*parts' and '*offload' what must be set on the link 'i', and
 * appends the reason to 'detail'. */
static void
compare_link(const struct diff *diff, size_t i, unsigned int *parts,
             bool *offload, struct ds *detail)
{
    const struct net_link *want = &diff->desired->links[i];
    const struct net_link *have = diff->fates.existing[i];

    *parts = 0;
    *offload = false;
    if (want->mark && !have->has_alias) {
        *parts |= NET_LINK_MARK;
        ds_put_cstr(detail, ", no alias -> alias "NET_LINK_ALIAS);
    }
    if (want->mtu && want->mtu != have->mtu) {
        *parts |= NET_LINK_MTU;
        ds_put_format(detail, ", mtu %"PRIu32" -> %"PRIu32,
                      have->mtu, want->mtu);
    }
    if (want->has_mac && !eth_addr_equals(want->mac, have->mac)) {
        *parts |= NET_LINK_MAC;
        ds_put_format(detail, ", mac "ETH_ADDR_FMT" -> "ETH_ADDR_FMT,
                      ETH_ADDR_ARGS(have->mac), ETH_ADDR_ARGS(want->mac));
    }
    if (want->tx_csum != NET_OFFLOAD_ANY && want->tx_csum != have->tx_csum) {
        *offload = true;
        ds_put_format(detail, ", tx checksum offload %s",
                      want->tx_csum == NET_OFFLOAD_ON ? "off -> on"
                                                      : "on -> off");
    }
    if (want->up && !have->up) {
        *parts |= NET_LINK_UP;
        ds_put_cstr(detail, ", down -> up");
    }
}

/* Reports the desired link 'i', which exists and stays. */
static void
report_kept_link(struct diff *diff, size_t i, struct ds *name)
{
    struct ds detail = DS_EMPTY_INITIALIZER;
    unsigned int parts;
    bool offload;

    compare_link(diff, i, &parts, &offload, &detail);
    if (diff->fates.fates[i] == NET_FATE_MOVE) {
        ds_put_cstr(&detail, ", moves here");
    }
    if (detail.length) {
        char *text = xstrdup(ds_cstr(&detail) + strlen(", "));

        ds_clear(&detail);
        ds_put_cstr(&detail, text);
        free(text);
        report(diff, PLAN_CHANGE, name, &detail);
    } else if (diff->desired->links[i].adopted) {
        ds_put_cstr(&detail, "adopted");
        report(diff, PLAN_KEEP, name, &detail);
    } else {
        ds_destroy(&detail);
        report(diff, PLAN_KEEP, name, NULL);
    }
}

static void
report_links(struct diff *diff)
{
    for (size_t i = 0; i < diff->desired->n_links; i++) {
        const struct net_link *want = &diff->desired->links[i];
        struct ds name = DS_EMPTY_INITIALIZER;
        struct ds detail = DS_EMPTY_INITIALIZER;

        net_link_format_name(want, &name);
        switch (diff->fates.fates[i]) {
        case NET_FATE_ADD:
            net_link_format(want, &detail);
            report(diff, PLAN_ADD, &name, &detail);
            break;
        case NET_FATE_KEEP:
        case NET_FATE_MOVE:
            report_kept_link(diff, i, &name);
            break;
        case NET_FATE_ALIEN:
            ds_put_cstr(&detail, "exists but is not Mobula's (no alias \""
                        NET_LINK_ALIAS"\")");
            report(diff, PLAN_ALIEN, &name, &detail);
            break;
        case NET_FATE_BLOCKED:
            add_waiting(diff, xasprintf("link %s: the name %s is taken",
                                        want->name, want->peer));
            ds_destroy(&name);
            break;
        case NET_FATE_WAIT:
            add_waiting(diff, xasprintf("link %s: not made yet by the "
                                        "program that makes it", want->name));
            ds_destroy(&name);
            break;
        default:
            OVS_NOT_REACHED();
        }
    }
}

/* Adds the operations that set 'parts' and, if 'offload', the checksum offload
 * of the desired link 'i'. */
static void
add_set_link(struct diff *diff, size_t i, unsigned int parts, bool offload)
{
    const struct net_link *have = diff->fates.existing[i];
    struct net_link link = diff->desired->links[i];

    /* The index changes when a link moves. */
    link.ifindex = (have && diff->fates.fates[i] == NET_FATE_KEEP
                    ? have->ifindex : 0);
    if (parts) {
        struct net_op *op = add_op(diff, NET_OP_SET_LINK);

        op->link = link;
        op->parts = parts;
    }
    if (offload) {
        add_op(diff, NET_OP_SET_OFFLOAD)->link = link;
    }
}

static void
add_new_link(struct diff *diff, size_t i)
{
    const struct net_link *want = &diff->desired->links[i];
    const struct net_link *peer;
    struct net_op *op;

    if (want->adopted) {
        return;                 /* "lo": comes with the namespace. */
    }
    if (!want->peer[0]) {
        add_op(diff, NET_OP_ADD_LINK)->link = *want;
        if (!want->made_in_gateway) {
            add_op(diff, NET_OP_MOVE_LINK)->link = *want;
        }
    } else {
        peer = net_state_find_link(diff->desired, want->peer_where,
                                   want->peer);
        if (peer > want) {
            /* The other end comes later: this is the first of the two.  The
             * request goes through the host's socket. */
            op = add_op(diff, NET_OP_ADD_PAIR);
            op->link = want->where == NET_HOST ? *want : *peer;
            op->peer = want->where == NET_HOST ? *peer : *want;
        }
    }
    add_set_link(diff, i, NET_LINK_MARK, want->tx_csum != NET_OFFLOAD_ANY);
}

/* A program that makes a link, like wireguard-go, may see changes of its MTU
 * only in the namespace in which it was started: the MTU comes first. */
static void
add_move_link(struct diff *diff, size_t i, unsigned int parts)
{
    struct net_link link = diff->desired->links[i];

    link.ifindex = diff->fates.existing[i]->ifindex;
    if (parts & NET_LINK_MTU) {
        struct net_op *op = add_op(diff, NET_OP_SET_LINK);

        op->link = link;
        op->link.where = NET_HOST;
        op->parts = NET_LINK_MTU;
    }
    add_op(diff, NET_OP_MOVE_LINK)->link = link;
}

/* Everything but bringing them up. */
static void
add_links(struct diff *diff)
{
    for (size_t i = 0; i < diff->desired->n_links; i++) {
        enum net_fate fate = diff->fates.fates[i];
        struct ds unused = DS_EMPTY_INITIALIZER;
        unsigned int parts;
        bool offload;

        if (fate == NET_FATE_ADD) {
            add_new_link(diff, i);
        } else if (fate == NET_FATE_KEEP || fate == NET_FATE_MOVE) {
            compare_link(diff, i, &parts, &offload, &unused);
            ds_destroy(&unused);
            if (fate == NET_FATE_MOVE) {
                add_move_link(diff, i, parts);
                parts &= ~NET_LINK_MTU;
            }
            add_set_link(diff, i, parts & ~NET_LINK_UP, offload);
        }
    }
}

static void
set_links_up(struct diff *diff)
{
    for (size_t i = 0; i < diff->desired->n_links; i++) {
        enum net_fate fate = diff->fates.fates[i];

        /* A link is down after it moved. */
        if (diff->desired->links[i].up
            && (fate == NET_FATE_ADD || fate == NET_FATE_MOVE
                || (fate == NET_FATE_KEEP && !diff->fates.existing[i]->up))) {
            add_set_link(diff, i, NET_LINK_UP, false);
        }
    }
}

/* 'of_links' selects those of links, else those of "all" and "default". */
static void
set_sysctls(struct diff *diff, bool of_links)
{
    for (size_t i = 0; i < diff->desired->n_sysctls; i++) {
        const struct net_sysctl *want = &diff->desired->sysctls[i];
        const struct net_sysctl *have;
        struct ds name = DS_EMPTY_INITIALIZER;
        struct ds detail = DS_EMPTY_INITIALIZER;
        bool pseudo = (!strcmp(want->link, "all")
                       || !strcmp(want->link, "default"));

        if (pseudo == of_links
            || (!pseudo && !net_fates_is_usable(&diff->fates, want->where,
                                                want->link))) {
            continue;
        }
        have = net_state_find_sysctl(diff->actual, want);
        if (!pseudo && !net_fates_is_kept(&diff->fates, want->where,
                                          want->link)) {
            have = NULL;
        }
        /* No directory ipv6: a kernel without IPv6, which suits us. */
        if (have && (have->missing ? !strncmp(want->dir, "ipv6", 4)
                     : have->value == want->value)) {
            plan_count(&diff->ret->plan, PLAN_KEEP);
            continue;
        }
        add_op(diff, NET_OP_SET_SYSCTL)->sysctl = *want;
        net_sysctl_format_name(want, &name);
        if (have && !have->missing) {
            ds_put_format(&detail, "%d -> ", have->value);
        }
        ds_put_format(&detail, "%d", want->value);
        report(diff, have ? PLAN_CHANGE : PLAN_ADD, &name, &detail);
    }
}

static void
add_addrs(struct diff *diff)
{
    for (size_t i = 0; i < diff->desired->n_addrs; i++) {
        const struct net_addr *want = &diff->desired->addrs[i];
        const struct net_addr *have = net_state_find_addr(diff->actual, want);
        struct ds name = DS_EMPTY_INITIALIZER;

        if (!net_fates_is_usable(&diff->fates, want->where, want->link)) {
            continue;
        }
        net_addr_format(want, &name);
        if (have && !goes_with_link(diff, have->where, have->ifindex)) {
            report(diff, PLAN_KEEP, &name, NULL);
        } else {
            add_op(diff, NET_OP_ADD_ADDR)->addr = *want;
            report(diff, PLAN_ADD, &name, NULL);
        }
    }
}

/* Gives 'have' the MTU of 'want', without a moment with no route. */
static void
replace_route(struct diff *diff, const struct net_route *have,
              const struct net_route *want, struct ds *name)
{
    struct net_route *route = &add_op(diff, NET_OP_ADD_ROUTE)->route;
    struct ds detail = DS_EMPTY_INITIALIZER;

    *route = *want;
    route->replaces = true;
    ds_put_format(&detail, "mtu %"PRIu32" -> %"PRIu32, have->mtu, want->mtu);
    report(diff, PLAN_CHANGE, name, &detail);
}

static void
add_routes(struct diff *diff, bool guards)
{
    for (size_t i = 0; i < diff->desired->n_routes; i++) {
        const struct net_route *want = &diff->desired->routes[i];
        const struct net_route *have
            = net_state_find_route_any_mtu(diff->actual, want);
        struct ds name = DS_EMPTY_INITIALIZER;

        if (want->unreachable != guards
            || (want->link[0]
                && !net_fates_is_usable(&diff->fates, want->where,
                                        want->link))) {
            continue;
        }
        net_route_format(want, &name);
        if (!have || goes_with_link(diff, have->where, have->ifindex)) {
            add_op(diff, NET_OP_ADD_ROUTE)->route = *want;
            report(diff, PLAN_ADD, &name, NULL);
        } else if (have->mtu == want->mtu) {
            report(diff, PLAN_KEEP, &name, NULL);
        } else {
            replace_route(diff, have, want, &name);
        }
    }
}

/* Returns the neighbour that 'want' stands for, if it is there. */
static const struct net_neigh *
find_actual_neigh(const struct diff *diff, const struct net_neigh *want)
{
    const struct net_neigh *have = net_state_find_neigh(diff->actual, want);

    return (have && !goes_with_link(diff, have->where, have->ifindex)
            ? have : NULL);
}

/* Returns the MAC that 'want' is to have, or NULL if it is not known yet. */
static const struct eth_addr *
find_mac(const struct diff *diff, const struct net_neigh *want)
{
    const struct net_link *of;

    if (!want->of_link[0]) {
        return &want->mac;
    }
    of = (net_fates_is_kept(&diff->fates, want->of_where, want->of_link)
          ? net_state_find_link(diff->actual, want->of_where, want->of_link)
          : NULL);
    return of ? &of->mac : NULL;
}

static void
set_neighs(struct diff *diff)
{
    for (size_t i = 0; i < diff->desired->n_neighs; i++) {
        const struct net_neigh *want = &diff->desired->neighs[i];
        const struct net_neigh *have = find_actual_neigh(diff, want);
        const struct eth_addr *mac;
        struct ds name = DS_EMPTY_INITIALIZER;
        struct ds detail = DS_EMPTY_INITIALIZER;

        if (!net_fates_is_usable(&diff->fates, want->where, want->link)
            || (want->of_link[0]
                && !net_fates_is_usable(&diff->fates, want->of_where,
                                        want->of_link))) {
            continue;
        }
        net_neigh_format_name(want, &name);
        mac = find_mac(diff, want);
        if (have && mac && eth_addr_equals(have->mac, *mac)) {
            report(diff, PLAN_KEEP, &name, NULL);
            continue;
        }
        add_op(diff, NET_OP_SET_NEIGH)->neigh = *want;
        net_neigh_format_mac(want, &detail);
        report(diff, have ? PLAN_CHANGE : PLAN_ADD, &name, &detail);
    }
}

static struct net_op *
add_op(struct diff *diff, enum net_op_type type)
{
    return net_plan_add_op(diff->ret, type);
}

/* Takes what 'name' and 'detail' (may be NULL) contain. */
static void
report(struct diff *diff, enum plan_verdict verdict, struct ds *name,
       struct ds *detail)
{
    plan_add(&diff->ret->plan, verdict, ds_steal_cstr(name),
             detail ? ds_steal_cstr(detail) : NULL);
}

/* Takes ownership of 'sentence'. */
static void
add_waiting(struct diff *diff, char *sentence)
{
    struct net_plan *plan = diff->ret;

    plan->waiting = xrealloc(plan->waiting, ((plan->n_waiting + 1)
                                             * sizeof *plan->waiting));
    plan->waiting[plan->n_waiting++] = sentence;
}
