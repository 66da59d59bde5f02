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

/* test-paths-check: tries the ways of lib/paths.c in very many networks: all
 * small ones, and random ones.  What is checked is in paths-check.h. */

#include <config.h>
#include "tests/paths-check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "tests/paths-model.h"
#include "util.h"

/* Which networks "paths-check-all" tries: what a link may be, in the order of
 * this list, and whether hosts may be drained. */
enum kind { LINKS, DRAINED, COSTS, DIRECTED, N_KINDS };
static const struct {
    const char *name;
    unsigned int n_links;       /* What a link may be. */
    bool drained;
} kinds[N_KINDS] = {
    [LINKS] = { "links", 2, false },
    [DRAINED] = { "drained", 2, true },
    [COSTS] = { "costs", 3, false },
    [DIRECTED] = { "directed", 4, false },
};

static void
format_network(const struct paths_model *model, struct ds *s)
{
    for (size_t i = 0; i < model->n; i++) {
        ds_put_format(s, "%u%s ", model->ids[i],
                      model->drained[i] ? "!" : "");
        for (size_t j = 0; j < model->n; j++) {
            uint8_t cost = model->costs[i * model->n + j];

            if (i < j && cost) {
                ds_put_format(s, "%u%c%u ", model->ids[i],
                              cost == PATHS_COST_GOOD ? '-' : '~',
                              model->ids[j]);
            } else if (!cost && model->works[i * model->n + j]) {
                ds_put_format(s, "%u>%u ", model->ids[i], model->ids[j]);
            }
        }
    }
}

static void
check(struct paths_check *counts, struct paths_model *model,
      size_t n_failures, uint64_t *seed)
{
    struct ds why = DS_EMPTY_INITIALIZER;

    if (!paths_check_network(counts, model, n_failures, seed, &why)) {
        ds_put_cstr(&why, "network: ");
        format_network(model, &why);
        ovs_fatal(0, "%s", ds_cstr(&why));
    }
    ds_destroy(&why);
}

static void
print(const struct paths_check *counts)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    paths_check_format(counts, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
}

/* Makes 'model' network number 'i' of 'kind'.  Returns false if there are
 * fewer. */
static bool
make_network(enum kind kind, uint64_t i, struct paths_model *model)
{
    for (size_t a = 0; a < model->n; a++) {
        for (size_t b = 0; b < a; b++) {
            unsigned int link = i % kinds[kind].n_links;

            i /= kinds[kind].n_links;
            if (kind == DIRECTED) {
                paths_model_set_link(model, a, b,
                                     link == 3 ? PATHS_COST_GOOD : 0);
                model->works[a * model->n + b] = link & 1;
                model->works[b * model->n + a] = link & 2;
            } else {
                paths_model_set_link(model, a, b,
                                     link == 2 ? PATHS_COST_POOR : link);
            }
        }
    }
    for (size_t a = 0; a < model->n && kinds[kind].drained; a++) {
        model->drained[a] = i & 1;
        i /= 2;
    }
    return !i;
}

/* "paths-check-all KIND N": all networks of N hosts, and each failure. */
static void
test_all(struct ovs_cmdl_context *ctx)
{
    struct paths_check counts = { .networks = 0 };
    struct paths_model model;
    enum kind kind = 0;
    uint64_t seed = 1;

    while (kind < N_KINDS && strcmp(ctx->argv[1], kinds[kind].name)) {
        kind++;
    }
    if (kind >= N_KINDS) {
        ovs_fatal(0, "%s: unknown kind", ctx->argv[1]);
    }
    paths_model_init(&model, atoi(ctx->argv[2]));
    for (uint64_t i = 0; make_network(kind, i, &model); i++) {
        check(&counts, &model, SIZE_MAX, &seed);
    }
    paths_model_uninit(&model);
    print(&counts);
}

/* Sets each link at random: 'density' of 65536 are there, 'poor' of 65536 of
 * these are poor; and drains 'drained' of 65536 hosts. */
static void
make_random(struct paths_model *model, uint32_t density, uint32_t poor,
            uint32_t drained, uint64_t *seed)
{
    for (size_t a = 0; a < model->n; a++) {
        for (size_t b = 0; b < a; b++) {
            enum paths_cost cost
                = paths_check_random(seed, 65536) >= density
                  ? PATHS_COST_NONE
                  : paths_check_random(seed, 65536) < poor
                  ? PATHS_COST_POOR : PATHS_COST_GOOD;

            paths_model_set_link(model, a, b, cost);
        }
        model->drained[a] = paths_check_random(seed, 65536) < drained;
    }
}

/* A network of 'n' hosts that is anything from a few links per host to nearly
 * a full mesh. */
static void
make_any(struct paths_model *model, uint64_t *seed)
{
    uint32_t sparse = 65536 / model->n * (2 + paths_check_random(seed, 5));
    uint32_t density = paths_check_random(seed, 2) ? sparse
                       : 65536 - paths_check_random(seed, 50000);
    uint32_t poor = paths_check_random(seed, 2)
                    ? 0 : paths_check_random(seed, 40000);
    uint32_t drained = paths_check_random(seed, 4) ? 0 : 8000;

    make_random(model, density, poor, drained, seed);
}

/* "paths-check-random COUNT MIN MAX SEED": COUNT networks of MIN to MAX hosts,
 * most of them small, and some failures of each. */
static void
test_random(struct ovs_cmdl_context *ctx)
{
    struct paths_check counts = { .networks = 0 };
    size_t count = atoi(ctx->argv[1]);
    uint32_t min = atoi(ctx->argv[2]);
    uint32_t max = atoi(ctx->argv[3]);
    uint64_t seed = atoi(ctx->argv[4]);

    for (size_t i = 0; i < count; i++) {
        struct paths_model model;
        uint32_t more = max - min + 1;

        for (int j = 0; j < 3; j++) {
            more = 1 + paths_check_random(&seed, more);
        }
        paths_model_init(&model, min + more - 1);
        make_any(&model, &seed);
        check(&counts, &model, 4, &seed);
        paths_model_uninit(&model);
    }
    print(&counts);
}

/* What became of frames while hosts have old and new ways. */
struct mixed {
    uint64_t networks;
    uint64_t frames;            /* For hosts that could be reached before, and
                                 * can be after. */
    uint64_t delivered;         /* Of them. */
    size_t longest;             /* Most relays of any frame. */
};

/* The hosts whose bit is in 'which' have the ways of 'old', the others those
 * of 'new'; the links of 'new' are true. */
static void
send_mixed(const struct paths_model *old, const struct paths_model *new,
           uint64_t which, struct mixed *counts)
{
    struct paths_model model = *new;
    size_t row = new->n * sizeof *model.ways;

    model.ways = xmemdup(new->ways, new->n * row);
    for (size_t i = 0; i < new->n; i++) {
        if (which >> i & 1) {
            memcpy(&model.ways[i * new->n], &old->ways[i * new->n], row);
        }
    }
    counts->networks++;
    for (size_t i = 0; i < new->n; i++) {
        for (size_t j = 0; j < new->n; j++) {
            bool way = old->ways[i * new->n + j].n_links
                       && new->ways[i * new->n + j].n_links;
            struct paths_model_trace trace;

            if (i != j) {
                paths_model_send(&model, i, j, &trace);
                counts->frames += way;
                counts->delivered
                    += way && trace.fate == PATHS_MODEL_DELIVERED;
                counts->longest = MAX(counts->longest, MAX(trace.n, 2) - 2);
            }
        }
    }
    free(model.ways);
}

static void
print_mixed(const struct mixed *counts)
{
    printf("%"PRIu64" networks, %"PRIu64" frames, %"PRIu64" delivered "
           "(%.2f %%), at most %"PRIuSIZE" relays\n",
           counts->networks, counts->frames, counts->delivered,
           100.0 * counts->delivered / MAX(1, counts->frames),
           counts->longest);
}

/* Changes one to four links. */
static void
change_links(struct paths_model *model, uint64_t *seed)
{
    for (uint32_t left = 1 + paths_check_random(seed, 4); left; left--) {
        size_t a = paths_check_random(seed, model->n);
        size_t b = (a + 1 + paths_check_random(seed, model->n - 1))
                   % model->n;

        paths_model_set_link(model, a, b,
                             model->costs[a * model->n + b]
                             ? PATHS_COST_NONE : PATHS_COST_GOOD);
    }
}

/* "paths-check-mixed COUNT MIN MAX SEED": COUNT networks of MIN to MAX hosts,
 * at most 64, of which up to four links change. */
static void
test_mixed(struct ovs_cmdl_context *ctx)
{
    struct mixed counts = { .networks = 0 };
    size_t count = atoi(ctx->argv[1]);
    uint32_t min = atoi(ctx->argv[2]);
    uint32_t max = atoi(ctx->argv[3]);
    uint64_t seed = atoi(ctx->argv[4]);

    for (size_t i = 0; i < count; i++) {
        size_t n = min + paths_check_random(&seed, max - min + 1);
        struct paths_model old, new;
        uint64_t which;

        paths_model_init(&old, n);
        paths_model_init(&new, n);
        make_any(&old, &seed);
        memcpy(new.costs, old.costs, n * n * sizeof *new.costs);
        memcpy(new.works, old.works, n * n * sizeof *new.works);
        memcpy(new.drained, old.drained, n * sizeof *new.drained);
        change_links(&new, &seed);
        paths_model_compute(&old);
        paths_model_compute(&new);
        which = paths_check_random(&seed, UINT32_MAX);
        which = which << 32 | paths_check_random(&seed, UINT32_MAX);
        send_mixed(&old, &new, which, &counts);
        paths_model_uninit(&old);
        paths_model_uninit(&new);
    }
    print_mixed(&counts);
}

/* "paths-check-mixed-all N": from each network of N hosts to each other. */
static void
test_mixed_all(struct ovs_cmdl_context *ctx)
{
    struct mixed counts = { .networks = 0 };
    struct paths_model old, new;

    paths_model_init(&old, atoi(ctx->argv[1]));
    paths_model_init(&new, old.n);
    for (uint64_t i = 0; make_network(LINKS, i, &old); i++) {
        paths_model_compute(&old);
        for (uint64_t j = 0; make_network(LINKS, j, &new); j++) {
            paths_model_compute(&new);
            for (uint64_t which = 0; which < UINT64_C(1) << new.n; which++) {
                send_mixed(&old, &new, which, &counts);
            }
        }
    }
    paths_model_uninit(&old);
    paths_model_uninit(&new);
    print_mixed(&counts);
}

/* "paths-check-alarms N": in a full mesh of N hosts, each set of links is said
 * to be down, and all of them work. */
static void
test_alarms(struct ovs_cmdl_context *ctx)
{
    struct mixed counts = { .networks = 0 };
    size_t n = atoi(ctx->argv[1]);
    uint64_t seed = 1;
    struct paths_model model;

    paths_model_init(&model, n);
    make_random(&model, 65536, 0, 0, &seed);
    paths_model_compute(&model);
    for (uint64_t set = 0; set < UINT64_C(1) << n * (n - 1) / 2; set++) {
        uint64_t left = set;

        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < i; j++) {
                model.alarms[i * n + j] = model.alarms[j * n + i] = left & 1;
                left >>= 1;
            }
        }
        send_mixed(&model, &model, 0, &counts);
    }
    paths_model_uninit(&model);
    print_mixed(&counts);
}

/* "paths-spread N": in a full mesh of N hosts, how many pairs of hosts each
 * host relays for when the direct link of the pair fails. */
static void
test_spread(struct ovs_cmdl_context *ctx)
{
    size_t n = atoi(ctx->argv[1]);
    uint32_t *load = xcalloc(n, sizeof *load);
    uint64_t seed = 1;
    struct paths_model model;
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;

    paths_model_init(&model, n);
    make_random(&model, 65536, 0, 0, &seed);
    paths_model_compute(&model);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            uint16_t there = model.ways[i * n + j].relays[0];
            uint16_t back = model.ways[j * n + i].relays[0];

            if (there != back) {
                ovs_fatal(0, "%"PRIuSIZE" to %"PRIuSIZE": another relay "
                          "than back", i + 1, j + 1);
            }
            load[there]++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        least = MIN(least, load[i]);
        most = MAX(most, load[i]);
    }
    printf("%"PRIu32" to %"PRIu32" pairs, mean %.1f\n",
           least, most, (n - 1) / 2.0);
    paths_model_uninit(&model);
    free(load);
}

static bool
names_host(const struct paths_peer *ways, uint16_t host)
{
    for (size_t i = 0; i < PATHS_N_NEXT; i++) {
        if (ways->next[i] == host) {
            return true;
        }
    }
    return false;
}

/* "paths-stable N": in a full mesh of N hosts, one after the other is cut off.
 * How many of the ways between the others change, and how many of these had
 * nothing to do with that host. */
static void
test_stable(struct ovs_cmdl_context *ctx)
{
    size_t n = atoi(ctx->argv[1]);
    unsigned int n_ways = 0;
    unsigned int n_changed = 0;
    unsigned int n_in_vain = 0;
    struct paths_model before;
    uint64_t seed = 1;

    paths_model_init(&before, n);
    make_random(&before, 65536, 0, 0, &seed);
    paths_model_compute(&before);
    for (size_t h = 0; h < n; h++) {
        struct paths_model after;

        paths_model_init(&after, n);
        make_random(&after, 65536, 0, 0, &seed);
        for (size_t i = 0; i < n; i++) {
            paths_model_set_link(&after, h, i, PATHS_COST_NONE);
        }
        paths_model_compute(&after);
        for (size_t i = 0; i < n * n; i++) {
            if (i / n != h && i % n != h && i / n != i % n) {
                n_ways++;
                if (memcmp(&before.ways[i], &after.ways[i],
                           sizeof after.ways[i])) {
                    n_changed++;
                    n_in_vain += !names_host(&before.ways[i], h);
                }
            }
        }
        paths_model_uninit(&after);
    }
    paths_model_uninit(&before);
    printf("%u of %u changed, %u of them in vain\n",
           n_changed, n_ways, n_in_vain);
}

const struct ovs_cmdl_command test_paths_check_commands[] = {
    { "paths-check-all", "KIND HOSTS", 2, 2, test_all, OVS_RO },
    { "paths-check-random", "COUNT MIN MAX SEED", 4, 4, test_random, OVS_RO },
    { "paths-check-mixed", "COUNT MIN MAX SEED", 4, 4, test_mixed, OVS_RO },
    { "paths-check-mixed-all", "HOSTS", 1, 1, test_mixed_all, OVS_RO },
    { "paths-check-alarms", "HOSTS", 1, 1, test_alarms, OVS_RO },
    { "paths-spread", "HOSTS", 1, 1, test_spread, OVS_RO },
    { "paths-stable", "HOSTS", 1, 1, test_stable, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
