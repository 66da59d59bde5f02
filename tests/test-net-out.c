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

/* test-net-out: prints which of some routes is the way out of a host. */

#include <config.h>
#include "net/net-out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "net/net-ctx.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"

#define MAX_ROUTES 8

/* Reads "main|out|memory DST/LEN VIA SRC METRIC LINK". */
static struct net_out_route
parse_route(const char *text)
{
    struct net_out_route route = { .table = 0 };
    char table[8], dst[20], via[20], src[20];
    unsigned int metric, len;
    char link[IFNAMSIZ];
    char *error;

    if (!ovs_scan(text, "%7s %19s %19s %19s %u %15s", table, dst, via, src,
                  &metric, link)
        || !ip_parse(via, &route.via) || !ip_parse(src, &route.src)) {
        ovs_fatal(0, "%s: expected a route", text);
    }
    error = ip_parse_cidr(dst, &route.dst, &len);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    route.table = strcmp(table, "main") ? TABLE_WAY_OUT : 0;
    route.dst_len = len;
    route.on_link = !route.via;
    route.metric = metric;
    if (strcmp(link, "gone")) {
        ovs_strlcpy(route.link, link, sizeof route.link);
    }
    /* One for each name. */
    for (const char *p = link; *p; p++) {
        route.ifindex = route.ifindex * 31 + *p;
    }
    return route;
}

static void
print_way_out(const struct net_way_out *out)
{
    if (!out->link[0]) {
        puts("none");
        return;
    }
    printf("%s via "IP_FMT" src "IP_FMT"%s%s\n", out->link, IP_ARGS(out->via),
           IP_ARGS(out->src), out->moved ? ", moved" : "",
           out->copied ? ", copied" : "");
    for (size_t i = 0; i < out->n_networks; i++) {
        const struct net_out_network *network = &out->networks[i];

        printf("  "IP_FMT"/%u src "IP_FMT"\n", IP_ARGS(network->dst.address),
               network->dst.len, IP_ARGS(network->src));
    }
}

static void
test_net_out_choose(struct ovs_cmdl_context *ctx)
{
    struct net_out_route routes[MAX_ROUTES];
    struct settings settings;
    struct net_way_out out;
    size_t n = ctx->argc - 1;

    settings_init(&settings);
    for (size_t i = 0; i < n; i++) {
        const char *text = ctx->argv[i + 1];

        routes[i] = parse_route(text);
        if (!strncmp(text, "memory", 6)) {
            struct net_out_memory memory = {
                .via = routes[i].via, .src = routes[i].src,
            };

            ovs_strlcpy(memory.link, routes[i].link, sizeof memory.link);
            if (!net_out_recall(&memory, routes[i].ifindex, routes, i,
                                &routes[i])) {
                n = i;
            }
        }
    }
    memset(&out, 0, sizeof out);
    net_out_choose(&settings, routes, n, &out);
    print_way_out(&out);
    net_way_out_uninit(&out);
}

/* Asks the kernel. */
static void
test_net_out_read(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct net_ctx *net;
    struct net_out_memory memory = { .link = "" };
    struct settings settings;
    struct net_way_out out;
    char *error;

    settings_init(&settings);
    if (net_ctx_open(&net, &error)
        || net_way_out_read(net, &settings, &memory, &out, &error)) {
        ovs_fatal(0, "%s", error);
    }
    print_way_out(&out);
    if (out.link[0]) {
        printf("  mtu %"PRIu32"%s\n", out.mtu, out.routes ? ", routes" : "");
    }
    for (size_t i = 0; i < out.n_addresses; i++) {
        printf("  address "IP_FMT"\n", IP_ARGS(out.addresses[i]));
    }
    net_way_out_uninit(&out);
    net_ctx_close(net);
}

const struct ovs_cmdl_command test_net_out_commands[] = {
    { "net-out-choose", "ROUTE...", 0, MAX_ROUTES, test_net_out_choose,
      OVS_RO },
    { "net-out-read", "", 0, 0, test_net_out_read, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
