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

/* test-liveness: subcommands for lib/liveness, lib/bfd-timers and lib/graph.
 *
 * "liveness [hold:MS] [max:MS] EVENT...": EVENT is
 *     up  down                      BFD says so; it takes 45 ms to notice
 *     relay  no-relay               there is another way from now on, or not
 *     poor  well                    quality says so
 *     flap:N:UP:DOWN                N times: up for UP ms, down for DOWN ms
 *     quiet  loud                   prints no changes from now on, or does
 *     +MS                           time passes
 * Prints each change of the state, and at the end the numbers.
 *
 * "bfd-timers [NAME=NUMBER]...": prints what is right; NAME is a member of
 * struct bfd_timers_in.  With "+MS" among them, what is used over time.
 *
 * "bfd-timers-monotonic": checks all steps of what may be measured.
 *
 * "graph SELF HOST...": HOST is ID[?][*][:LINK,...]; "?" is not heard, "*"
 * unknown; LINK is the id of a peer that is up, "~" behind it is poor, "-" is
 * down.  Prints a line of costs for each host. */

#include <config.h>
#include "lib/bfd-timers.h"
#include "lib/graph.h"
#include "lib/liveness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/facts.h"
#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "util.h"

#define DETECT_MS 45

struct liveness_test {
    struct liveness l;
    struct liveness_config config;
    bool has_relay;
    bool quiet;
    int n_changes;
    long long int now;
};

static const char *
state_name(enum liveness_state state)
{
    return (state == LIVENESS_DOWN ? "down"
            : state == LIVENESS_HELD ? "held" : "up");
}

static void
say(struct liveness_test *t, bool changed)
{
    if (changed) {
        t->n_changes++;
        if (!t->quiet) {
            printf("%lld: %s\n", t->now, state_name(t->l.state));
        }
        ovs_assert(t->l.since_ms == t->now);
    }
}

static void
pass(struct liveness_test *t, long long int ms)
{
    long long int end = t->now + ms;

    while (liveness_next(&t->l) <= end) {
        t->now = MAX(t->now, liveness_next(&t->l));
        say(t, liveness_run(&t->l, &t->config, t->now));
        ovs_assert(liveness_next(&t->l) > t->now);
    }
    t->now = end;
}

static void
set_up(struct liveness_test *t, bool up)
{
    const struct liveness_word word = { up, DETECT_MS, t->has_relay };

    say(t, liveness_set_up(&t->l, &t->config, &word, t->now));
}

static void
flap(struct liveness_test *t, const char *spec)
{
    int n, up_ms, down_ms;

    ovs_assert(ovs_scan(spec, "%d:%d:%d", &n, &up_ms, &down_ms));
    for (int i = 0; i < n; i++) {
        set_up(t, true);
        pass(t, up_ms);
        set_up(t, false);
        pass(t, down_ms);
    }
}

static void
liveness_event(struct liveness_test *t, const char *event)
{
    if (event[0] == '+') {
        pass(t, atoll(event + 1));
    } else if (!strncmp(event, "hold:", 5)) {
        t->config.hold_ms = atoi(event + 5);
    } else if (!strncmp(event, "max:", 4)) {
        t->config.max_hold_ms = atoi(event + 4);
    } else if (!strncmp(event, "flap:", 5)) {
        flap(t, event + 5);
    } else if (!strcmp(event, "up") || !strcmp(event, "down")) {
        set_up(t, event[0] == 'u');
    } else if (!strcmp(event, "poor") || !strcmp(event, "well")) {
        say(t, liveness_set_poor(&t->l, &t->config, event[0] == 'p', t->now));
    } else if (!strcmp(event, "relay") || !strcmp(event, "no-relay")) {
        t->has_relay = event[0] == 'r';
    } else if (!strcmp(event, "quiet") || !strcmp(event, "loud")) {
        t->quiet = event[0] == 'q';
    } else {
        ovs_fatal(0, "%s: unknown event", event);
    }
}

static void
test_liveness(struct ovs_cmdl_context *ctx)
{
    struct liveness_test t = {
        .config = { .hold_ms = 2000, .max_hold_ms = 300000 },
        .has_relay = true,
    };

    liveness_init(&t.l, 0);
    for (int i = 1; i < ctx->argc; i++) {
        liveness_event(&t, ctx->argv[i]);
    }
    printf("%s, %d changes, %"PRIu64" flaps, hold %lld, outage %lld\n",
           state_name(t.l.state), t.n_changes, t.l.n_flaps, t.l.hold_ms,
           t.l.outage_ms);
}

static void
set_member(struct bfd_timers_in *in, const char *arg)
{
    int n;

    if (ovs_scan(arg, "peers=%d", &n)) {
        in->n_peers = n;
    } else if (ovs_scan(arg, "budget=%d", &n)) {
        in->budget = n;
    } else if (ovs_scan(arg, "interval=%d", &n)) {
        in->interval_ms = n;
    } else if (ovs_scan(arg, "mult=%d", &n)) {
        in->mult = n;
    } else if (ovs_scan(arg, "loss=%d", &n)) {
        in->loss = n;
    } else if (ovs_scan(arg, "jitter=%d", &n)) {
        in->jitter_us = n;
    } else if (ovs_scan(arg, "false=%d", &n)) {
        in->n_false = n;
    } else {
        ovs_fatal(0, "%s: unknown member", arg);
    }
}

static void
test_bfd_timers(struct ovs_cmdl_context *ctx)
{
    struct bfd_timers_in in = { .budget = 400, .n_peers = 2 };
    struct bfd_timers_state state = { .now = { 0, 0 } };
    struct bfd_timers said = { 0, 0 };
    long long int now = 0;

    for (int i = 1; i <= ctx->argc; i++) {
        const char *arg = i < ctx->argc ? ctx->argv[i] : "+0";
        long long int end = now + (arg[0] == '+' ? atoll(arg + 1) : 0);

        if (arg[0] != '+') {
            set_member(&in, arg);
            continue;
        }
        do {
            bfd_timers_run(&state, &in, now);
            if (said.interval_ms != state.now.interval_ms
                || said.mult != state.now.mult) {
                said = state.now;
                printf("%lld: %u ms x %u\n", now, said.interval_ms,
                       said.mult);
            }
            ovs_assert(bfd_timers_next(&state) > now);
            now = MIN(end, bfd_timers_next(&state));
        } while (now < end);
        bfd_timers_run(&state, &in, now);
    }
}

/* What is worse never leads to quicker timers. */
static void
test_bfd_timers_monotonic(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct bfd_timers last = { 0, 0 };
    int n = 0;

    for (int loss = 0; loss <= 1000; loss++, n++) {
        struct bfd_timers_in in = { .budget = 400, .n_peers = 2,
                                    .loss = loss };
        struct bfd_timers t = bfd_timers_choose(&in, 0);

        ovs_assert(t.mult >= last.mult && t.mult >= BFD_TIMERS_MIN_MULT
                   && t.mult <= BFD_TIMERS_MAX_MULT);
        last = t;
    }
    last.interval_ms = 0;
    for (uint32_t jitter = 0; jitter < 3000000; jitter += 100, n++) {
        struct bfd_timers_in in = { .budget = 400, .n_peers = 2,
                                    .jitter_us = jitter };
        struct bfd_timers t = bfd_timers_choose(&in, 0);

        ovs_assert(t.interval_ms >= last.interval_ms
                   && t.interval_ms >= BFD_TIMERS_MIN_MS
                   && t.interval_ms <= BFD_TIMERS_MAX_JITTER_MS);
        last = t;
    }
    for (size_t budget = 1; budget < 3000; budget *= 2) {
        last.interval_ms = 0;
        for (size_t peers = 1; peers < 3000; peers++, n++) {
            struct bfd_timers_in in = { .budget = budget, .n_peers = peers };
            struct bfd_timers t = bfd_timers_choose(&in, 0);

            ovs_assert(t.interval_ms >= last.interval_ms
                       && (t.interval_ms == UINT16_MAX
                           || peers * 1000 <= budget * t.interval_ms));
            last = t;
        }
    }
    printf("%d steps\n", n);
}

#define MAX_HOSTS 8

static void
parse_host(char *spec, struct graph_host *host, struct facts_link *links)
{
    char *save = NULL;
    char *name = strtok_r(spec, ":", &save);
    char *link;

    *host = (struct graph_host) {
        .id = atoi(name),
        .heard = !strchr(name, '?'),
        .unknown = strchr(name, '*'),
        .links = links,
    };
    while ((link = strtok_r(NULL, ",", &save))) {
        ovs_assert(host->n_links < MAX_HOSTS);
        links[host->n_links++] = (struct facts_link) {
            .peer = atoi(link),
            .up = !strchr(link, '-'),
            .poor = strchr(link, '~'),
        };
    }
}

static void
test_graph(struct ovs_cmdl_context *ctx)
{
    struct facts_link links[MAX_HOSTS][MAX_HOSTS];
    struct graph_host hosts[MAX_HOSTS];
    uint8_t costs[MAX_HOSTS * MAX_HOSTS];
    size_t n = ctx->argc - 2, self = n;

    ovs_assert(n <= MAX_HOSTS);
    for (size_t i = 0; i < n; i++) {
        parse_host(ctx->argv[i + 2], &hosts[i], links[i]);
        self = hosts[i].id == atoi(ctx->argv[1]) ? i : self;
    }
    ovs_assert(self < n);
    graph_costs(hosts, n, self, costs);
    for (size_t i = 0; i < n; i++) {
        printf("%u:", hosts[i].id);
        for (size_t j = 0; j < n; j++) {
            printf(" %u", costs[i * n + j]);
        }
        putchar('\n');
    }
}

const struct ovs_cmdl_command test_liveness_commands[] = {
    { "liveness", NULL, 0, INT_MAX, test_liveness, OVS_RO },
    { "bfd-timers", NULL, 0, INT_MAX, test_bfd_timers, OVS_RO },
    { "bfd-timers-monotonic", NULL, 0, 0, test_bfd_timers_monotonic, OVS_RO },
    { "graph", NULL, 2, INT_MAX, test_graph, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
