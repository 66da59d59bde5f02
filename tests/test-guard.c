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

/* test-guard: the tables of nftables, and comparisons of them. */

#include <config.h>
#include "gateway/guard.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/filter.h"
#include "gateway/nft.h"
#include "gateway/share.h"
#include "lib/fabric.h"
#include "lib/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "sset.h"
#include "tests/mobula-test.h"
#include "util.h"

/* guard-render ID kernel|userspace [OUTSIDE]...: prints what nft gets. */
static void
test_guard_render(struct ovs_cmdl_context *ctx)
{
    struct sset outside = SSET_INITIALIZER(&outside);
    struct ds commands = DS_EMPTY_INITIALIZER;
    struct ds table = DS_EMPTY_INITIALIZER;
    struct fabric fabric;
    struct guard guard;

    fabric_init(&fabric);
    for (int i = 3; i < ctx->argc; i++) {
        sset_add(&outside, ctx->argv[i]);
    }
    guard_want(&(struct guard_want_in) {
        .fabric = &fabric,
        .self = atoi(ctx->argv[1]),
        .userspace_datapath = !strcmp(ctx->argv[2], "userspace"),
        .outside = &outside,
    }, &guard);
    guard_render(&guard, &table);
    nft_format_replace(GUARD_TABLE, ds_cstr(&table), &commands);
    fputs(ds_cstr(&commands), stdout);
    ds_destroy(&commands);
    ds_destroy(&table);
    guard_uninit(&guard);
    fabric_uninit(&fabric);
    sset_destroy(&outside);
}

/* filter-render [move] [clients] [wire_to_wire] [nat|routed] ID PEER...:
 * prints what nft gets. */
static void
test_filter_render(struct ovs_cmdl_context *ctx)
{
    struct ds commands = DS_EMPTY_INITIALIZER;
    struct ds table = DS_EMPTY_INITIALIZER;
    struct fabric fabric;
    struct filter filter;

    fabric_init(&fabric);
    fabric.hosts = xcalloc(ctx->argc, sizeof *fabric.hosts);
    for (int i = 1; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];

        if (!strcmp(arg, "move")) {
            fabric.settings.external = EXTERNAL_MOVE;
        } else if (!strcmp(arg, "clients")) {
            fabric.extra_wires = xcalloc(1, sizeof *fabric.extra_wires);
            fabric.n_extra_wires = 1;
        } else if (!strcmp(arg, "nat") || !strcmp(arg, "routed")) {
            fabric.settings.ipv6 = *arg == 'n' ? IPV6_NAT : IPV6_ROUTED;
            ignore(ipv6_parse("fd12:3456:789a::",
                              &fabric.settings.ipv6_prefix.address));
        } else if (!strcmp(arg, "wire_to_wire")) {
            fabric.settings.wire_to_wire = true;
        } else {
            fabric.hosts[fabric.n_hosts++].id = atoi(arg);
        }
    }
    filter_want(&fabric, fabric.hosts[0].id, &filter);
    filter_render(&filter, &table);
    nft_format_replace(FILTER_TABLE, ds_cstr(&table), &commands);
    fputs(ds_cstr(&commands), stdout);
    ds_destroy(&commands);
    ds_destroy(&table);
    filter_uninit(&filter);
    fabric_uninit(&fabric);
}

/* share-render LINK: prints the table. */
static void
test_share_render(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct share share = {
        .link = ctx->argv[1],
        .gateway = htonl(0xa9fe8002),
    };

    share_render(&share, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
}

/* Returns the text of a file, NULL if its name is "none". */
static char *
read_text(const char *name)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    FILE *stream;
    int c;

    if (!strcmp(name, "none")) {
        return NULL;
    }
    stream = fopen(name, "r");
    if (!stream) {
        ovs_fatal(errno, "%s", name);
    }
    while ((c = getc(stream)) != EOF) {
        ds_put_char(&s, c);
    }
    fclose(stream);
    return ds_steal_cstr(&s);
}

/* nft-drops FILE...: prints what has been dropped after each, "none" for no
 * table. */
static void
test_nft_drops(struct ovs_cmdl_context *ctx)
{
    struct nft_drops drops = { .n = 0 };

    for (int i = 1; i < ctx->argc; i++) {
        char *text = read_text(ctx->argv[i]);

        nft_drops_update(&drops, text);
        printf("%s:", ctx->argv[i]);
        for (size_t j = 0; j < drops.n; j++) {
            printf("%s %s %"PRIu64, j ? "," : "", drops.drops[j].comment,
                   drops.drops[j].packets);
        }
        putchar('\n');
        free(text);
    }
    nft_drops_uninit(&drops);
}

/* nft-remove-states FILE: prints it without states. */
static void
test_nft_remove_states(struct ovs_cmdl_context *ctx)
{
    char *text = read_text(ctx->argv[1]);

    if (text) {
        nft_remove_states(text);
        fputs(text, stdout);
        free(text);
    }
}

/* guard-names NAME...: prints which names of interfaces are plain. */
static void
test_guard_names(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        printf("%s: %s\n", ctx->argv[i],
               guard_name_is_plain(ctx->argv[i]) ? "plain" : "odd");
    }
}

static char *
or_null(char *s)
{
    return strcmp(s, "-") ? s : NULL;
}

/* nft-diff WANT ACTUAL KNOWN-WANT KNOWN-TEXT: prints the plan; "-" stands
 * for NULL. */
static void
test_nft_diff(struct ovs_cmdl_context *ctx)
{
    struct nft_known known = {
        .want = or_null(ctx->argv[3]),
        .text = or_null(ctx->argv[4]),
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct plan plan;
    bool altered;

    plan_init(&plan);
    altered = nft_diff("table inet t", or_null(ctx->argv[1]),
                       or_null(ctx->argv[2]), &known, &plan);
    plan_format(&plan, true, &s);
    printf("%s%s\n", ds_cstr(&s), altered ? "altered" : "not altered");
    ds_destroy(&s);
    plan_uninit(&plan);
}

const struct ovs_cmdl_command test_guard_commands[] = {
    { "guard-render", "ID DATAPATH [OUTSIDE]...", 2, INT_MAX,
      test_guard_render, OVS_RO },
    { "guard-names", "NAME...", 1, INT_MAX, test_guard_names, OVS_RO },
    { "filter-render", "[move] [clients] [wire_to_wire] ID PEER...", 1,
      INT_MAX, test_filter_render, OVS_RO },
    { "share-render", "LINK", 1, 1, test_share_render, OVS_RO },
    { "nft-drops", "FILE...", 1, INT_MAX, test_nft_drops, OVS_RO },
    { "nft-remove-states", "FILE", 1, 1, test_nft_remove_states, OVS_RO },
    { "nft-diff", "WANT ACTUAL KNOWN-WANT KNOWN-TEXT", 4, 4,
      test_nft_diff, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
