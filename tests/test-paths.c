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

/* test-paths: prints the ways in a network, what becomes of frames in it, and
 * how long the computation takes.  test-paths-check.c tries very many
 * networks. */

#include <config.h>
#include "lib/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "tests/paths-model.h"
#include "util.h"

static void
parse(const char *text, struct paths_model *model)
{
    char *error = paths_model_parse(model, text);

    if (error) {
        ovs_fatal(0, "%s", error);
    }
}

static size_t
parse_host(const struct paths_model *model, const char *s)
{
    uint16_t place = paths_model_find(model, atoi(s));

    if (place == PATHS_MODEL_NOBODY) {
        ovs_fatal(0, "%s: no such host", s);
    }
    return place;
}

static void
put_hosts(struct ds *s, const char *name, const uint16_t *ids, size_t n)
{
    if (ids[0]) {
        ds_put_format(s, "; %s", name);
        for (size_t i = 0; i < n && ids[i]; i++) {
            ds_put_format(s, " %u", ids[i]);
        }
    }
}

/* "paths GRAPH [SELF]...". */
static void
test_paths(struct ovs_cmdl_context *ctx)
{
    struct paths_model model;

    parse(ctx->argv[1], &model);
    for (int i = 2; i < ctx->argc; i++) {
        size_t self = parse_host(&model, ctx->argv[i]);
        struct paths_peer *ways = xcalloc(model.n, sizeof *ways);

        paths_model_compute_one(&model, self, ways);
        for (size_t j = 0; j + 1 < model.n; j++) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ds_put_format(&s, "%u to %u: ", model.ids[self], ways[j].peer);
            if (!ways[j].n_links) {
                ds_put_cstr(&s, "no way");
            } else {
                ds_put_format(&s, "%u link%s", ways[j].n_links,
                              ways[j].n_links == 1 ? "" : "s");
                ds_put_cstr(&s, ways[j].direct_first ? "; direct" : "");
            }
            put_hosts(&s, "relays", ways[j].relays, PATHS_N_RELAYS);
            put_hosts(&s, "next", ways[j].next, PATHS_N_NEXT);
            puts(ds_cstr(&s));
            ds_destroy(&s);
        }
        free(ways);
    }
    paths_model_uninit(&model);
}

/* "paths-trace GRAPH CHANGES": a frame from each host to each other, while the
 * links in CHANGES have failed ("1-2", or a host) since the hosts computed. */
static void
test_trace(struct ovs_cmdl_context *ctx)
{
    struct paths_model model;
    char *save = NULL;

    parse(ctx->argv[1], &model);
    paths_model_compute(&model);
    for (char *s = strtok_r(ctx->argv[2], " ", &save); s;
         s = strtok_r(NULL, " ", &save)) {
        size_t a = parse_host(&model, s);
        const char *dash = strchr(s, '-');

        for (size_t b = 0; b < model.n; b++) {
            if (!dash || b == parse_host(&model, dash + 1)) {
                paths_model_set_link(&model, a, b, PATHS_COST_NONE);
            }
        }
    }
    for (size_t i = 0; i < model.n; i++) {
        for (size_t j = 0; j < model.n; j++) {
            struct ds s = DS_EMPTY_INITIALIZER;
            struct paths_model_trace trace;

            if (i != j) {
                paths_model_send(&model, i, j, &trace);
                ds_put_format(&s, "%u to %u: ", model.ids[i], model.ids[j]);
                paths_model_format_trace(&model, &trace, &s);
                puts(ds_cstr(&s));
                ds_destroy(&s);
            }
        }
    }
    paths_model_uninit(&model);
}

/* "paths-time N PERCENT": how much processor time host 1 of N needs, of whose
 * links PERCENT are good, a tenth of the others poor, and the rest down. */
static void
test_time(struct ovs_cmdl_context *ctx)
{
    size_t n = atoi(ctx->argv[1]);
    unsigned int percent = atoi(ctx->argv[2]);
    struct paths_peer *ways = xcalloc(n, sizeof *ways);
    struct paths_model model;
    uint32_t random = 1;
    clock_t start;

    paths_model_init(&model, n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            random = random * 1664525 + 1013904223;
            paths_model_set_link(&model, i, j,
                                 random >> 16 < 65536 * percent / 100
                                 ? PATHS_COST_GOOD
                                 : random >> 8 & 0xff && (random >> 8) % 10
                                 ? PATHS_COST_NONE : PATHS_COST_POOR);
        }
    }
    start = clock();
    paths_model_compute_one(&model, 0, ways);
    printf("%.1f ms\n", (clock() - start) * 1e3 / CLOCKS_PER_SEC);
    paths_model_uninit(&model);
    free(ways);
}

const struct ovs_cmdl_command test_paths_commands[] = {
    { "paths", "GRAPH SELF...", 2, INT_MAX, test_paths, OVS_RO },
    { "paths-trace", "GRAPH FAILED", 2, 2, test_trace, OVS_RO },
    { "paths-time", "HOSTS PERCENT", 2, 2, test_time, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
