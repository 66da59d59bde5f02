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

/* test-net: prints what net/ wants, compares and encodes, from arguments; and
 * drives it against the kernel ("net-apply" and so on, for tests that run in
 * namespaces of their own). */

#include <config.h>
#include "net/net-state.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "net/net-codec.h"
#include "net/net-ctx.h"
#include "net/net-diff.h"
#include "net/net-out.h"
#include "net/net-watch.h"
#include "net/nl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "tests/net-args.h"
#include "timeval.h"
#include "util.h"

static void
print_state(const struct net_state *state)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    net_state_format(state, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
}

static void
print_plan(const struct net_plan *plan)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    net_plan_format(plan, false, &s);
    plan_format_counts(&plan->plan, &s);
    puts(ds_cstr(&s));
    ds_destroy(&s);
}

static void
test_net_want(struct ovs_cmdl_context *ctx)
{
    struct net_state state;

    net_args_want(ctx->argc - 1, ctx->argv + 1, &state);
    print_state(&state);
    net_state_uninit(&state);
}

/* Index and MAC address that pretend() gives to the link 'name'. */
static uint32_t
pretend_ifindex(const struct net_state *state, enum net_where where,
                const char *name)
{
    const struct net_link *link = net_state_find_link(state, where, name);

    return link ? 10 + (link - state->links) : 0;
}

/* Makes 'state', which is a desired one, look like one that was read. */
static void
pretend(struct net_state *state)
{
    for (size_t i = 0; i < state->n_links; i++) {
        struct net_link *link = &state->links[i];

        link->ifindex = pretend_ifindex(state, link->where, link->name);
        link->peer_ifindex = pretend_ifindex(state, link->peer_where,
                                             link->peer);
        link->ours = link->has_alias = link->mark;
        link->mtu = link->mtu ? link->mtu : 65536;
        if (!link->has_mac) {
            link->mac = (struct eth_addr) ETH_ADDR_C(02,00,00,00,00,00);
            link->mac.ea[5] = link->ifindex;
            link->has_mac = true;
        }
    }
    for (size_t i = 0; i < state->n_addrs; i++) {
        struct net_addr *addr = &state->addrs[i];

        addr->ifindex = pretend_ifindex(state, addr->where, addr->link);
    }
    for (size_t i = 0; i < state->n_routes; i++) {
        struct net_route *route = &state->routes[i];

        route->ifindex = pretend_ifindex(state, route->where, route->link);
    }
    for (size_t i = 0; i < state->n_neighs; i++) {
        struct net_neigh *neigh = &state->neighs[i];

        neigh->ifindex = pretend_ifindex(state, neigh->where, neigh->link);
        if (neigh->of_link[0]) {
            neigh->mac = net_state_find_link(state, neigh->of_where,
                                             neigh->of_link)->mac;
        }
    }
}

/* Returns the link called 'name' in either namespace. */
static struct net_link *
any_link(const struct net_state *state, const char *name)
{
    struct net_link *link = net_state_find_link(state, NET_HOST, name);

    link = link ? link : net_state_find_link(state, NET_GATEWAY, name);
    if (!link) {
        ovs_fatal(0, "no link %s", name);
    }
    return link;
}

/* Removes the link, and what was on it. */
static void
edit_del_link(struct net_state *state, const char *name)
{
    struct net_link *link = any_link(state, name);
    size_t n = 0;

    *link = state->links[--state->n_links];
    for (size_t i = 0; i < state->n_addrs; i++) {
        if (strcmp(state->addrs[i].link, name)) {
            state->addrs[n++] = state->addrs[i];
        }
    }
    state->n_addrs = n;
    n = 0;
    for (size_t i = 0; i < state->n_routes; i++) {
        if (strcmp(state->routes[i].link, name)) {
            state->routes[n++] = state->routes[i];
        }
    }
    state->n_routes = n;
    n = 0;
    for (size_t i = 0; i < state->n_neighs; i++) {
        if (strcmp(state->neighs[i].link, name)) {
            state->neighs[n++] = state->neighs[i];
        }
    }
    state->n_neighs = n;
}

static void
edit_add_addr(struct net_state *state, const char *name, const char *text,
              bool ours)
{
    const struct net_link *link = any_link(state, name);
    struct net_addr addr = {
        .where = link->where,
        .ifindex = link->ifindex,
        .ours = ours,
    };
    unsigned int len;
    char *error = ip_parse_cidr(text, &addr.address, &len);

    if (error) {
        ovs_fatal(0, "%s", error);
    }
    addr.prefix_len = len;
    ovs_strlcpy(addr.link, name, sizeof addr.link);
    net_state_add_addr(state, &addr);
}

/* Sets the sysctl 'key' of the link 'name'. */
static void
edit_sysctl(struct net_state *state, const char *name, const char *key,
            int value)
{
    for (size_t i = 0; i < state->n_sysctls; i++) {
        struct net_sysctl *sysctl = &state->sysctls[i];

        if (!strcmp(sysctl->link, name) && !strcmp(sysctl->key, key)) {
            sysctl->value = value;
            sysctl->missing = value < 0;
        }
    }
}

/* Changes the link 'name' as 'verb' says; returns false for another verb. */
static bool
edit_link(struct net_state *state, const char *verb, const char *name,
          const char *arg)
{
    struct net_link *link;

    if (!strcmp(verb, "del-link")) {
        edit_del_link(state, name);
        return true;
    }
    link = any_link(state, name);
    if (!strcmp(verb, "alien")) {
        link->ours = link->has_alias = false;
    } else if (!strcmp(verb, "no-alias")) {
        link->has_alias = false;
    } else if (!strcmp(verb, "kind")) {
        ovs_strlcpy(link->kind, arg, sizeof link->kind);
    } else if (!strcmp(verb, "mtu")) {
        link->mtu = atoi(arg);
    } else if (!strcmp(verb, "down")) {
        link->up = false;
    } else if (!strcmp(verb, "mac")) {
        link->mac.ea[0] ^= 0x10;
    } else if (!strcmp(verb, "offload")) {
        link->tx_csum = NET_OFFLOAD_ON;
    } else if (!strcmp(verb, "unpair")) {
        link->peer_ifindex = 999;
    } else if (!strcmp(verb, "other-namespace")) {
        link->where ^= NET_HOST ^ NET_GATEWAY;
    } else if (!strcmp(verb, "made-elsewhere")) {
        link->made_in_gateway = !link->made_in_gateway;
    } else {
        return false;
    }
    return true;
}

/* Changes 'state' as 'edit' says: "VERB[:NAME[:ARG[:ARG]]]". */
static void
apply_edit(struct net_state *state, char *edit)
{
    char *save = NULL;
    const char *verb = strtok_r(edit, ":", &save);
    const char *name = strtok_r(NULL, ":", &save);
    const char *arg = strtok_r(NULL, ":", &save);
    const char *arg2 = strtok_r(NULL, ":", &save);

    if (!strcmp(verb, "nothing")) {
        net_state_uninit(state);
    } else if (!strcmp(verb, "add-link")) {
        struct net_link link = {
            .where = arg && !strcmp(arg, "host") ? NET_HOST : NET_GATEWAY,
            .ifindex = 77,
        };

        ovs_strlcpy(link.name, name, sizeof link.name);
        net_state_add_link(state, &link);
    } else if (!strcmp(verb, "add-addr")) {
        edit_add_addr(state, name, arg, arg2 != NULL);
    } else if (!strcmp(verb, "del-route")) {
        state->routes[atoi(name)] = state->routes[--state->n_routes];
    } else if (!strcmp(verb, "odd-route")) {
        state->routes[atoi(name)].odd = true;
    } else if (!strcmp(verb, "sysctl")) {
        edit_sysctl(state, name, arg, atoi(arg2));
    } else if (!edit_link(state, verb, name, arg)) {
        ovs_fatal(0, "unknown edit %s", verb);
    }
}

/* DESIRED [was DESIRED] [EDIT...]: the actual state is the (other) desired
 * one, edited. */
static void
test_net_diff(struct ovs_cmdl_context *ctx)
{
    const bool ops = !strcmp(ctx->argv[0], "net-ops");
    struct net_state desired, actual;
    struct net_plan plan;
    int argc = ctx->argc - 1;
    char **argv = ctx->argv + 1;
    int i;

    i = net_args_want(argc, argv, &desired);
    if (i < argc && !strcmp(argv[i], "was")) {
        i++;
        i += net_args_want(argc - i, argv + i, &actual);
    } else {
        net_args_want(argc, argv, &actual);
    }
    pretend(&actual);
    for (; i < argc; i++) {
        apply_edit(&actual, argv[i]);
    }

    net_diff(&desired, &actual, &plan);
    if (ops) {
        for (size_t k = 0; k < plan.n_ops; k++) {
            struct ds s = DS_EMPTY_INITIALIZER;

            net_op_format(&plan.ops[k], &s);
            puts(ds_cstr(&s));
            ds_destroy(&s);
        }
    } else {
        print_plan(&plan);
    }
    net_plan_uninit(&plan);
    net_state_uninit(&desired);
    net_state_uninit(&actual);
}

static struct net_ctx *
open_ctx(void)
{
    struct net_ctx *net;
    char *error;

    if (net_ctx_open(&net, &error)) {
        ovs_fatal(0, "%s", error);
    }
    return net;
}

static void
read_and_diff(struct net_ctx *net, const struct net_state *desired,
              struct net_plan *plan)
{
    struct settings settings;
    struct net_out_memory memory = { .link = "" };
    struct net_way_out out;
    struct net_state actual;
    char *error;

    /* So that net_read() knows which link of others matters. */
    settings_init(&settings);
    if (net_way_out_read(net, &settings, &memory, &out, &error)) {
        ovs_fatal(0, "%s", error);
    }
    net_way_out_uninit(&out);
    if (net_read(net, &actual, &error)) {
        ovs_fatal(0, "%s", error);
    }
    net_diff(desired, &actual, plan);
    net_state_uninit(&actual);
}

/* Prints the plan; "net-apply" applies it, and prints what is left to do if
 * there is anything. */
static void
test_net_apply(struct ovs_cmdl_context *ctx)
{
    struct net_ctx *net = open_ctx();
    struct net_state desired;
    struct net_plan plan;
    char *error = NULL;

    net_args_want(ctx->argc - 1, ctx->argv + 1, &desired);
    read_and_diff(net, &desired, &plan);
    print_plan(&plan);
    if (!strcmp(ctx->argv[0], "net-apply")) {
        if (net_apply(net, &plan, &error)) {
            printf("error: %s\n", error);
            free(error);
        }
        net_plan_uninit(&plan);
        read_and_diff(net, &desired, &plan);
        if (!plan_is_noop(&plan.plan)) {
            puts("left:");
            print_plan(&plan);
        }
    }
    net_plan_uninit(&plan);
    net_state_uninit(&desired);
    net_ctx_close(net);
}

static void
test_net_read(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct net_ctx *net = open_ctx();
    struct net_state state;
    char *error;

    if (net_read(net, &state, &error)) {
        ovs_fatal(0, "%s", error);
    }
    print_state(&state);
    net_state_uninit(&state);
    net_ctx_close(net);
}

static void
test_net_addresses(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct net_ctx *net = open_ctx();
    struct in6_addr *addresses;
    char *error;
    size_t n;

    if (net_local_addresses(net, &addresses, &n, &error)) {
        ovs_fatal(0, "%s", error);
    }
    for (size_t i = 0; i < n; i++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ipv6_format_mapped(&addresses[i], &s);
        puts(ds_cstr(&s));
        ds_destroy(&s);
    }
    free(addresses);
    net_ctx_close(net);
}

/* Waits until 'watch' has something to say, at most 'ms'. */
static bool
wait_change(struct net_watch *watch, long long int ms)
{
    const long long int deadline = time_msec() + ms;

    while (!net_watch_run(watch)) {
        if (time_msec() >= deadline) {
            return false;
        }
        net_watch_wait(watch);
        poll_timer_wait_until(deadline);
        poll_block();
    }
    return true;
}

/* COMMAND...: runs each command and prints whether the watch noticed it. */
static void
test_net_watch(struct ovs_cmdl_context *ctx)
{
    struct net_watch *watch;
    char *error;

    if (net_watch_create(&watch, &error)) {
        ovs_fatal(0, "%s", error);
    }
    printf("%s\n", net_watch_run(watch) ? "dirty at first" : "clean");
    for (int i = 1; i < ctx->argc; i++) {
        bool expect = ctx->argv[i][0] != '!';
        const char *command = ctx->argv[i] + !expect;

        if (system(command)) {
            ovs_fatal(0, "%s: failed", command);
        }
        printf("%s: %s\n", command,
               wait_change(watch, expect ? 5000 : 0) ? "changed" : "quiet");
        while (wait_change(watch, 100)) {
            continue;
        }
    }
    net_watch_destroy(watch);
}

/* NAME...: whether the kernel has these generic netlink families. */
static void
test_net_genl(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        printf("%s: %s\n", ctx->argv[i],
               nl_has_genl_family(ctx->argv[i]) ? "yes" : "no");
    }
}

const struct ovs_cmdl_command test_net_commands[] = {
    { "net-want", "ID [FLAG]...", 1, INT_MAX, test_net_want, OVS_RO },
    { "net-diff", "DESIRED [was DESIRED] [EDIT]...", 1, INT_MAX,
      test_net_diff, OVS_RO },
    { "net-ops", "DESIRED [was DESIRED] [EDIT]...", 1, INT_MAX,
      test_net_diff, OVS_RO },
    { "net-plan", "DESIRED", 1, INT_MAX, test_net_apply, OVS_RO },
    { "net-apply", "DESIRED", 1, INT_MAX, test_net_apply, OVS_RW },
    { "net-read", "", 0, 0, test_net_read, OVS_RO },
    { "net-addresses", "", 0, 0, test_net_addresses, OVS_RO },
    { "net-watch", "COMMAND...", 0, INT_MAX, test_net_watch, OVS_RO },
    { "net-genl", "NAME...", 1, INT_MAX, test_net_genl, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
