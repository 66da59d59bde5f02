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

/* test-quality: subcommands for lib/quality.
 *
 * "quality SEED EVENT...": ten probes a second on a link, whether or not it is
 * calm; EVENT is
 *     loss:PERMILLE                 so many probes are lost from now on
 *     rtt:US[/US]                   an answer takes that long, or evenly
 *                                   spread between both
 *     poor:PERMILLE                 the configuration (50 at first)
 *     unsent                        probes cannot be sent from now on
 *     sent                          they can
 *     hold                          answers are kept back from now on
 *     release                       they come, and others no longer are
 *     down:MS                       the link is down, since MS ago
 *     up                            it is up
 *     sum                           prints the numbers
 *     false                         prints the number of false alarms, and
 *                                   whether there is one
 *     calm                          prints whether the link is calm
 *     +MS                           time passes
 * Prints when the link becomes poor, and well again.
 *
 * "quality-time PERMILLE SEEDS": the same loss with that many seeds, after a
 * minute without, with fewer probes while the link is calm: prints the median
 * and the longest time, in tenths of a second, until the link is poor, up to
 * an hour.
 *
 * "quality-answer": answers that are none.
 *
 * "quality-late": an answer to a probe that was sent when the link went down,
 * which nobody has given up yet, just in time and a little later. */

#include <config.h>
#include "lib/quality.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "util.h"

#define INTERVAL_MS QUALITY_INTERVAL_MS
#define HOUR_MS (3600 * 1000)

/* A link. */
struct link {
    struct quality quality;
    struct quality_config config;
    uint64_t seed;
    int loss;                   /* Permille. */
    int rtt_us, max_rtt_us;
    bool calm;                  /* Fewer probes on a calm link. */
    bool unsent;
    bool hold;
    uint16_t held[QUALITY_WINDOW];  /* Answers that are kept back, to... */
    size_t n_held;                  /* ...so many probes. */
    long long int now, next_ms;
};

static void
init_link(struct link *link, uint64_t seed)
{
    *link = (struct link) {
        .config.poor_loss = 50, .seed = seed, .rtt_us = 500,
        .max_rtt_us = 500,
    };
    quality_init(&link->quality);
}

/* The same numbers on every machine. */
static uint32_t
next_random(struct link *link, uint32_t max)
{
    link->seed = link->seed * 6364136223846793005 + 1442695040888963407;
    return (link->seed >> 33) % max;
}

/* Sends a probe, and answers it or not. */
static void
probe(struct link *link)
{
    uint32_t now_us = link->now * 1000;
    uint16_t number = quality_send(&link->quality, link->now, now_us);
    uint32_t more = next_random(link, link->max_rtt_us - link->rtt_us + 1);

    if (link->unsent) {
        quality_unsent(&link->quality, number);
    } else if (next_random(link, 1000) < link->loss) {
        /* Lost. */
    } else if (link->hold && link->n_held < QUALITY_WINDOW) {
        link->held[link->n_held++] = number;
    } else {
        quality_answer(&link->quality, number,
                       now_us + link->rtt_us + more);
    }
}

static void
release(struct link *link)
{
    for (size_t i = 0; i < link->n_held; i++) {
        quality_answer(&link->quality, link->held[i], link->now * 1000);
    }
    link->n_held = 0;
    link->hold = false;
}

/* Goes on until 'end'; if 'stop', until the link becomes poor or well.
 * Returns whether it has. */
static bool
run_link(struct link *link, long long int end, bool stop)
{
    while (link->next_ms <= end) {
        link->now = link->next_ms;
        link->next_ms += (link->calm && quality_is_calm(&link->quality,
                                                         link->now)
                          ? QUALITY_CALM_INTERVAL_MS : INTERVAL_MS);
        probe(link);
        if (quality_run(&link->quality, &link->config, link->now)) {
            if (stop) {
                return true;
            }
            printf("%lld: %s\n", link->now,
                   link->quality.poor ? "poor" : "well");
        }
    }
    link->now = end;
    return false;
}

static void
print_sum(const struct link *link)
{
    struct quality_sum sum;

    quality_summarize(&link->quality, &sum);
    printf("%lld: %u probes, loss %u, round trip %"PRIu32", "
           "jitter %"PRIu32"%s\n", link->now, sum.n, sum.loss, sum.rtt_us,
           sum.jitter_us, sum.poor ? ", poor" : "");
}

/* Returns true if 'event' is one that prints something. */
static bool
print(const struct link *link, const char *event)
{
    const struct quality *q = &link->quality;

    if (!strcmp(event, "sum")) {
        print_sum(link);
    } else if (!strcmp(event, "calm")) {
        printf("%lld: %s\n", link->now,
               quality_is_calm(q, link->now) ? "calm" : "not calm");
    } else if (!strcmp(event, "false")) {
        printf("%lld: %u false alarms%s\n", link->now,
               quality_n_false_alarms(q),
               quality_is_falsely_down(q) ? ", one now" : "");
    } else {
        return false;
    }
    return true;
}

static bool
is_event(const char *event, const char *word, const char **rest)
{
    size_t n = strlen(word);

    *rest = event + n;
    return !strncmp(event, word, n);
}

static void
test_quality(struct ovs_cmdl_context *ctx)
{
    struct link link;

    init_link(&link, atoi(ctx->argv[1]));
    for (int i = 2; i < ctx->argc; i++) {
        const char *event = ctx->argv[i];
        const char *rest;

        if (is_event(event, "+", &rest)) {
            run_link(&link, link.now + atoll(rest), false);
        } else if (is_event(event, "loss:", &rest)) {
            link.loss = atoi(rest);
        } else if (is_event(event, "rtt:", &rest)) {
            link.rtt_us = link.max_rtt_us = atoi(rest);
            if (strchr(rest, '/')) {
                link.max_rtt_us = atoi(strchr(rest, '/') + 1);
            }
        } else if (is_event(event, "poor:", &rest)) {
            link.config.poor_loss = atoi(rest);
        } else if (is_event(event, "down:", &rest)) {
            quality_set_down(&link.quality, link.now - atoi(rest));
        } else if (!strcmp(event, "up")) {
            quality_set_up(&link.quality);
        } else if (!strcmp(event, "unsent") || !strcmp(event, "sent")) {
            link.unsent = !strcmp(event, "unsent");
        } else if (!strcmp(event, "hold")) {
            link.hold = true;
        } else if (!strcmp(event, "release")) {
            release(&link);
        } else if (!print(&link, event)) {
            ovs_fatal(0, "'%s' is no event", event);
        }
    }
}

static int
compare_times(const void *a_, const void *b_)
{
    const int *a = a_;
    const int *b = b_;

    return *a < *b ? -1 : *a > *b;
}

static void
test_quality_time(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[2]);
    int *times = xcalloc(n, sizeof *times);

    for (int i = 0; i < n; i++) {
        struct link link;

        init_link(&link, i);
        link.calm = true;
        run_link(&link, 60 * 1000, true);
        link.loss = atoi(ctx->argv[1]);
        times[i] = (run_link(&link, 60 * 1000 + HOUR_MS, true)
                    ? link.now - 60 * 1000 : HOUR_MS) / 100;
    }
    qsort(times, n, sizeof *times, compare_times);
    printf("median %d, longest %d\n", times[n / 2], times[n - 1]);
    free(times);
}

static void
test_quality_answer(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    const struct quality_config config = { .poor_loss = 50 };
    struct quality_sum sum;
    struct quality q;
    uint16_t number;

    quality_init(&q);
    quality_answer(&q, 0, 1);           /* Before the first. */
    number = quality_send(&q, 0, UINT32_MAX);
    quality_answer(&q, number + 1, 2);  /* Not sent yet. */
    quality_answer(&q, number, 3);
    quality_answer(&q, number, 4);      /* A second time. */
    for (int i = 1; i <= 20; i++) {
        number = quality_send(&q, i * INTERVAL_MS, UINT32_MAX);
        quality_run(&q, &config, i * INTERVAL_MS);
    }
    quality_answer(&q, number - QUALITY_WINDOW, 5);     /* Forgotten. */
    quality_answer(&q, number - 15, 6);                 /* Too late. */
    quality_answer(&q, number, 7);
    quality_summarize(&q, &sum);
    printf("%u probes, loss %u, round trip %"PRIu32"\n", sum.n, sum.loss,
           sum.rtt_us);
}

static void
test_quality_late(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint32_t in_time_us = QUALITY_WAIT_MS * 1000 - 1;

    for (uint32_t us = in_time_us; us <= in_time_us + 1; us++) {
        struct quality q;

        quality_init(&q);
        quality_answer(&q, quality_send(&q, 0, 0), 500);
        quality_set_down(&q, 1);
        quality_answer(&q, quality_send(&q, 1, 1000), 1000 + us);
        printf("%"PRIu32" us: %u false alarms\n", us,
               quality_n_false_alarms(&q));
    }
}

const struct ovs_cmdl_command test_quality_commands[] = {
    { "quality", NULL, 1, INT_MAX, test_quality, OVS_RO },
    { "quality-time", NULL, 2, 2, test_quality_time, OVS_RO },
    { "quality-answer", NULL, 0, 0, test_quality_answer, OVS_RO },
    { "quality-late", NULL, 0, 0, test_quality_late, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
