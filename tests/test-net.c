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
        struct net_link link = { .where = NET_GATEWAY, .ifindex = 77 };

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

static void
print_hex(const struct nlmsghdr *nlh)
{
    const uint8_t *p = (const uint8_t *) nlh;

    for (size_t i = 0; i < nlh->nlmsg_len; i++) {
        printf("%02x%s", p[i],
               i + 1 == nlh->nlmsg_len || i % 16 == 15 ? "\n"
               : i % 4 == 3 ? " " : "");
    }
}

/* Prints requests for one object of each type, as the kernel gets them on a
 * little-endian machine. */
static void
test_net_encode(struct ovs_cmdl_context *ctx)
{
    const struct net_link a = { .name = "veth0", .mtu = 1400 };
    const struct net_link b = {
        .name = "veth1", .has_mac = true,
        .mac = ETH_ADDR_C(02,6d,6f,00,00,01),
    };
    const struct net_addr addr = {
        .address = htonl(0x0a1e0001), .prefix_len = 32 };
    const struct net_route route = {
        .dst = htonl(0x0a1e0000), .dst_len = 16, .src = htonl(0x0a1e0001) };
    const struct net_neigh neigh = {
        .address = htonl(0x0a1e0001), .mac = b.mac };
    const struct net_route smaller = {
        .dst = route.dst, .dst_len = 16, .mtu = 1328, .replaces = true };
    const char *what = ctx->argv[1];
    union net_codec_buffer buf;
    struct in6_addr ip;

    if (ipv6_parse(what, &ip)) {
        print_hex(net_codec_get_path(&buf, &ip));
        return;
    }
    if (!strcmp(what, "route-via")) {
        print_hex(net_codec_route(&buf, RTM_NEWROUTE, 3, &(struct net_route) {
            .dst = htonl(0x0a1e0002), .dst_len = 32,
            .via = htonl(0x0a1f0002) }));
        return;
    }
    print_hex(!strcmp(what, "veth") ? net_codec_new_veth(&buf, &a, &b, 7)
              : !strcmp(what, "set") ? net_codec_set_link(&buf, 3, &b,
                                                          NET_LINK_MARK
                                                          | NET_LINK_UP)
              : !strcmp(what, "addr") ? net_codec_addr(&buf, RTM_NEWADDR, 3,
                                                       &addr)
              : !strcmp(what, "route") ? net_codec_route(&buf, RTM_NEWROUTE,
                                                         3, &route)
              : !strcmp(what, "route-mtu") ? net_codec_route(&buf,
                                                             RTM_NEWROUTE, 3,
                                                             &smaller)
              : net_codec_neigh(&buf, RTM_NEWNEIGH, 3, &neigh));
}

/* Decodes 'nlh' by every decoder; returns how many took it. */
static int
decode(const struct nlmsghdr *nlh, struct net_state *state)
{
    struct net_neigh neigh;
    struct net_route route;
    struct net_link link;
    struct net_addr addr;
    struct net_path path;
    struct in6_addr ip;
    int n = 0;

    if (net_codec_parse_link(nlh, &link)) {
        net_state_add_link(state, &link);
        n++;
    }
    if (net_codec_parse_addr(nlh, &addr)) {
        net_state_add_addr(state, &addr);
        n++;
    }
    if (net_codec_parse_route(nlh, &route)) {
        net_state_add_route(state, &route);
        n++;
    }
    if (net_codec_parse_neigh(nlh, &neigh)) {
        net_state_add_neigh(state, &neigh);
        n++;
    }
    ignore(net_codec_parse_path(nlh, &path));
    ignore(net_codec_parse_any_addr(nlh, &ip));
    free(nl_error_explanation(nlh));
    return n;
}

/* Makes a message of hexadecimal digits. */
static void
read_hex(const char *hex, union net_codec_buffer *buf)
{
    size_t size = 0;
    unsigned int byte;
    int used;

    memset(buf, 0, sizeof *buf);
    for (const char *p = hex;
         size < sizeof *buf && sscanf(p, " %2x%n", &byte, &used) == 1;
         p += used) {
        buf->bytes[size++] = byte;
    }
    buf->nlh.nlmsg_len = size;
}

/* HEX: decodes one answer to the question for a path. */
static void
test_net_decode_path(struct ovs_cmdl_context *ctx)
{
    union net_codec_buffer buf;
    struct net_path path;

    read_hex(ctx->argv[1], &buf);
    if (net_codec_parse_path(&buf.nlh, &path)) {
        printf("link %"PRIu32", mtu %"PRIu32"%s\n", path.ifindex, path.mtu,
               path.local ? ", local" : "");
    } else {
        puts("rejected");
    }
}

/* HEX: decodes one message and prints what it says. */
static void
test_net_decode(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        union net_codec_buffer buf;
        struct net_state state;

        read_hex(ctx->argv[i], &buf);
        net_state_init(&state);
        if (!decode(&buf.nlh, &state)) {
            puts("rejected");
        }
        print_state(&state);
        net_state_uninit(&state);
    }
}

/* Cuts a message behind each byte and sets each byte to some values: the
 * decoders must stay inside, which a sanitizer or valgrind sees, because the
 * copy is not larger than the message. */
static void
abuse(const struct nlmsghdr *nlh)
{
    static const uint8_t values[] = { 0, 1, 3, 4, 0x7f, 0x80, 0xff };
    const size_t size = nlh->nlmsg_len;
    struct net_state state;
    unsigned int n = 0;

    net_state_init(&state);
    for (size_t cut = sizeof *nlh; cut <= size; cut += 4) {
        for (size_t at = sizeof *nlh; at < cut; at++) {
            for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
                struct nlmsghdr *copy = xmemdup(nlh, cut);

                copy->nlmsg_len = cut;
                ((uint8_t *) copy)[at] = values[v];
                n += decode(copy, &state) > 1;
                free(copy);
            }
        }
    }
    /* No message is of two types. */
    printf("type %u: %u ambiguous\n", nlh->nlmsg_type, n);
    net_state_uninit(&state);
}

static void
test_net_abuse(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    const struct net_link a = { .name = "veth0", .mtu = 1400, .kind = "veth" };
    const struct net_addr addr = {
        .address = htonl(0x0a1e0001), .prefix_len = 32 };
    const struct net_route route = {
        .dst = htonl(0x0a1e0000), .dst_len = 16, .metric = 7, .mtu = 1328 };
    const struct net_neigh neigh = { .address = htonl(0x0a1e0001) };
    union net_codec_buffer buf;

    abuse(net_codec_new_veth(&buf, &a, &a, 7));
    abuse(net_codec_addr(&buf, RTM_NEWADDR, 3, &addr));
    abuse(net_codec_route(&buf, RTM_NEWROUTE, 3, &route));
    abuse(net_codec_neigh(&buf, RTM_NEWNEIGH, 3, &neigh));
    net_codec_neigh(&buf, RTM_NEWNEIGH, 3, &neigh);
    buf.nlh.nlmsg_type = NLMSG_ERROR;
    buf.nlh.nlmsg_flags = NLM_F_ACK_TLVS;
    abuse(&buf.nlh);
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
    struct net_state actual;
    char *error;

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
    { "net-encode", "WHAT", 1, 1, test_net_encode, OVS_RO },
    { "net-decode-path", "HEX", 1, 1, test_net_decode_path, OVS_RO },
    { "net-decode", "HEX...", 1, INT_MAX, test_net_decode, OVS_RO },
    { "net-abuse", "", 0, 0, test_net_abuse, OVS_RO },
    { "net-plan", "DESIRED", 1, 3, test_net_apply, OVS_RO },
    { "net-apply", "DESIRED", 1, 3, test_net_apply, OVS_RW },
    { "net-read", "", 0, 0, test_net_read, OVS_RO },
    { "net-addresses", "", 0, 0, test_net_addresses, OVS_RO },
    { "net-watch", "COMMAND...", 0, INT_MAX, test_net_watch, OVS_RO },
    { "net-genl", "NAME...", 1, INT_MAX, test_net_genl, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
