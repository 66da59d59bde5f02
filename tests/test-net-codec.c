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

/* test-net-codec: what net/net-codec.c makes of objects and of messages,
 * broken ones included. */

#include <config.h>
#include "net/net-codec.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/net-out.h"
#include "net/net-state.h"
#include "net/nl.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"

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

/* Routes of three kinds. */
static const struct {
    const char *name;
    struct net_route route;
} routes[] = {
    { "route", { .dst = CONSTANT_HTONL(0x0a1e0000), .dst_len = 16,
                 .src = CONSTANT_HTONL(0x0a1e0001) } },
    { "route-mtu", { .dst = CONSTANT_HTONL(0x0a1e0000), .dst_len = 16,
                     .mtu = 1328, .replaces = true } },
    { "route-via", { .dst = CONSTANT_HTONL(0x0a1e0002), .dst_len = 32,
                     .via = CONSTANT_HTONL(0x0a1f0002) } },
};

static struct in6_addr
make_addr6(void)
{
    struct in6_addr ip;

    ignore(ipv6_parse("fd12:3456:789a::1", &ip));
    return ip;
}

/* Makes the request called 'what' for an object of its type. */
static const struct nlmsghdr *
encode(const char *what, union net_codec_buffer *buf)
{
    const struct net_link a = { .name = "veth0", .mtu = 1400 };
    const struct net_link b = {
        .name = "veth1", .has_mac = true,
        .mac = ETH_ADDR_C(02,6d,6f,00,00,01),
    };
    const struct net_addr addr = {
        .address = htonl(0x0a1e0001), .prefix_len = 32 };
    const struct net_addr addr6 = {
        .address6 = make_addr6(), .prefix_len = 64 };
    const struct net_neigh neigh = {
        .address = htonl(0x0a1e0001), .mac = b.mac };
    const struct net_rule rule = {
        .priority = 2900, .mark = 29, .no_default = true };
    const struct net_rule blackhole = {
        .priority = 112, .iif = "eth0", .blackhole = true,
        .src = { htonl(0x0a1e8000), 17 } };

    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        if (!strcmp(what, routes[i].name)) {
            return net_codec_route(buf, RTM_NEWROUTE, 3, &routes[i].route);
        }
    }
    return (!strcmp(what, "veth") ? net_codec_new_veth(buf, &a, &b, 7)
            : !strcmp(what, "set")
            ? net_codec_set_link(buf, 3, &b, NET_LINK_MARK | NET_LINK_UP)
            : !strcmp(what, "rule")
            ? net_codec_rule(buf, RTM_NEWRULE, &rule)
            : !strcmp(what, "rule-blackhole")
            ? net_codec_rule(buf, RTM_DELRULE, &blackhole)
            : !strcmp(what, "addr6")
            ? net_codec_addr(buf, RTM_NEWADDR, 3, &addr6)
            : !strcmp(what, "addr")
            ? net_codec_addr(buf, RTM_NEWADDR, 3, &addr)
            : net_codec_neigh(buf, RTM_NEWNEIGH, 3, &neigh));
}

/* Prints requests for one object of each type, as the kernel gets them on a
 * little-endian machine. */
static void
test_net_encode(struct ovs_cmdl_context *ctx)
{
    const char *what = ctx->argv[1];
    union net_codec_buffer buf;
    struct in6_addr ip;

    print_hex(ipv6_parse(what, &ip) ? net_codec_get_path(&buf, &ip)
              : encode(what, &buf));
}

/* Decodes 'nlh' by every decoder; returns how many took it. */
static int
decode(const struct nlmsghdr *nlh, struct net_state *state)
{
    struct net_neigh neigh;
    struct net_route route;
    struct net_link link;
    struct net_addr addr;
    struct net_out_route out;
    struct net_rule rule;
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
    if (net_codec_parse_rule(nlh, &rule)) {
        net_state_add_rule(state, &rule);
        n++;
    }
    ignore(net_out_codec_parse(nlh, &out));
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
        struct ds text = DS_EMPTY_INITIALIZER;
        union net_codec_buffer buf;
        struct net_state state;

        read_hex(ctx->argv[i], &buf);
        net_state_init(&state);
        if (!decode(&buf.nlh, &state)) {
            puts("rejected");
        }
        net_state_format(&state, &text);
        fputs(ds_cstr(&text), stdout);
        ds_destroy(&text);
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
    const struct net_rule rule = {
        .priority = 100, .mark = 29, .iif = "eth0", .no_default = true,
        .src = { htonl(0x0a1e0000), 16 } };
    union net_codec_buffer buf;

    abuse(net_codec_new_veth(&buf, &a, &a, 7));
    abuse(net_codec_addr(&buf, RTM_NEWADDR, 3, &addr));
    abuse(net_codec_route(&buf, RTM_NEWROUTE, 3, &route));
    abuse(net_codec_neigh(&buf, RTM_NEWNEIGH, 3, &neigh));
    abuse(net_codec_rule(&buf, RTM_NEWRULE, &rule));
    net_codec_neigh(&buf, RTM_NEWNEIGH, 3, &neigh);
    buf.nlh.nlmsg_type = NLMSG_ERROR;
    buf.nlh.nlmsg_flags = NLM_F_ACK_TLVS;
    abuse(&buf.nlh);
}

const struct ovs_cmdl_command test_net_codec_commands[] = {
    { "net-encode", "WHAT", 1, 1, test_net_encode, OVS_RO },
    { "net-decode-path", "HEX", 1, 1, test_net_decode_path, OVS_RO },
    { "net-decode", "HEX...", 1, INT_MAX, test_net_decode, OVS_RO },
    { "net-abuse", "", 0, 0, test_net_abuse, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
