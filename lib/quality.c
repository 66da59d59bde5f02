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

/* quality: how well does the direct link to a peer work?  See quality.h. */

#include <config.h>
#include "lib/quality.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* A lost probe fills the bucket by this. */
#define LOST 1000

/* How many probes must be answered, on balance, to be well again. */
#define WELL (2 * QUALITY_WINDOW)

/* Of fewer probes, one that is lost says little about the others. */
#define MIN_PROBES (QUALITY_WINDOW / 4)

/* Less loss (permille), and time, is no difference. */
#define NOISE_LOSS 15
#define NOISE_US 1000

/* Of a hundred round trips, so many are within the jitter. */
#define JITTER_PERCENT 95

static size_t latest_index(size_t n);
static bool is_near(uint32_t a, uint32_t b, uint32_t noise);
static void judge_answered(struct quality *, const struct quality_config *);
static void judge_lost(struct quality *, const struct quality_config *);
static int32_t full_bucket(const struct quality_config *);
static struct quality_entry *find_entry(struct quality *, uint16_t number);
static int compare_uint32(const void *, const void *);

void
quality_init(struct quality *q)
{
    memset(q, 0, sizeof *q);
}

void
quality_set_down(struct quality *q, long long int since)
{
    if (q->down) {
        return;
    }
    for (uint16_t i = q->oldest; i != q->next; i++) {
        struct quality_entry *entry = find_entry(q, i);

        if (entry
            && (entry->fate == QUALITY_WATCHED      /* The last time. */
                || (entry->fate == QUALITY_SENT && entry->sent_ms >= since))) {
            entry->fate = QUALITY_NONE;
        }
    }
    q->down = true;
    q->n_calm = 0;
    q->doubted = q->heard;
    q->n_to_watch = QUALITY_WATCHED_PROBES;
}

void
quality_set_up(struct quality *q)
{
    q->down = q->doubted = q->falsely_down = false;
}

bool
quality_is_watched(const struct quality *q)
{
    return q->doubted && q->n_to_watch;
}

bool
quality_is_calm(const struct quality *q, long long int now)
{
    const struct quality_entry *oldest
        = &q->entries[q->oldest % QUALITY_WINDOW];
    bool late = (q->oldest != q->next && oldest->fate == QUALITY_SENT
                 && now >= oldest->sent_ms + 2 * QUALITY_INTERVAL_MS);

    return (!q->down && !q->poor
            && q->n_calm >= QUALITY_CALM_PROBES && !late);
}

unsigned int
quality_n_false_alarms(const struct quality *q)
{
    return q->n_false_alarms;
}

bool
quality_is_falsely_down(const struct quality *q)
{
    return q->falsely_down;
}

uint16_t
quality_send(struct quality *q, long long int now, uint32_t now_us)
{
    uint16_t number = q->next++;
    enum quality_fate fate = QUALITY_SENT;

    if (quality_is_watched(q)) {
        fate = QUALITY_WATCHED;
        q->n_to_watch--;
    } else if (q->down) {
        fate = QUALITY_NONE;
    }
    *find_entry(q, number) = (struct quality_entry) {
        .fate = fate,
        .sent_us = now_us,
        .sent_ms = now,
    };
    return number;
}

void
quality_unsent(struct quality *q, uint16_t number)
{
    struct quality_entry *entry = find_entry(q, number);

    if (entry) {
        entry->fate = QUALITY_NONE;
    }
}

void
quality_answer(struct quality *q, uint16_t number, uint32_t then_us)
{
    struct quality_entry *entry = find_entry(q, number);
    int32_t rtt_us = entry ? then_us - entry->sent_us : 0;

    if (!entry || rtt_us >= QUALITY_WAIT_MS * 1000) {
        return;
    } else if (entry->fate == QUALITY_SENT) {
        entry->fate = QUALITY_ANSWERED;
        entry->rtt_us = MAX(rtt_us, 0);
        q->heard = true;
        q->n_silent = 0;
        q->n_calm = MIN(q->n_calm + 1, QUALITY_CALM_PROBES);
        q->n_answered++;
    } else if (entry->fate == QUALITY_WATCHED && q->doubted) {
        q->n_false_alarms++;
        q->falsely_down = true;
        q->doubted = false;
    }
}

bool
quality_run(struct quality *q, const struct quality_config *config,
            long long int now)
{
    bool poor = q->poor;

    judge_answered(q, config);
    while (q->oldest != q->next) {
        struct quality_entry *entry = find_entry(q, q->oldest);

        if (entry && (entry->fate == QUALITY_SENT
                      || entry->fate == QUALITY_WATCHED)) {
            bool counts = entry->fate == QUALITY_SENT && q->heard;

            if (now < entry->sent_ms + QUALITY_WAIT_MS) {
                break;
            }
            entry->fate = counts ? QUALITY_LOST : QUALITY_NONE;
            if (counts) {
                judge_lost(q, config);
            }
        }
        q->oldest++;
    }
    return q->poor != poor;
}

void
quality_summarize(const struct quality *q, struct quality_sum *sum)
{
    uint32_t rtts[QUALITY_WINDOW];
    size_t n_answered = 0, n_lost = 0;

    for (size_t i = 0; i < QUALITY_WINDOW; i++) {
        const struct quality_entry *entry = &q->entries[i];

        if (entry->fate == QUALITY_ANSWERED) {
            rtts[n_answered++] = entry->rtt_us;
        }
        n_lost += entry->fate == QUALITY_LOST;
    }
    *sum = (struct quality_sum) {
        .n = n_answered + n_lost,
        .poor = q->poor,
    };
    sum->loss = 1000 * n_lost / MAX(sum->n, MIN_PROBES);
    if (n_answered) {
        qsort(rtts, n_answered, sizeof *rtts, compare_uint32);
        sum->rtt_us = MAX(rtts[n_answered / 2], 1);
        sum->jitter_us = (rtts[latest_index(n_answered)]
                          - rtts[n_answered / 2]);
    }
}

bool
quality_sum_is_similar(const struct quality_sum *a,
                       const struct quality_sum *b)
{
    return (a->poor == b->poor
            && !a->n == !b->n
            && is_near(a->loss, b->loss, NOISE_LOSS)
            && is_near(a->rtt_us, b->rtt_us, NOISE_US)
            && is_near(a->jitter_us, b->jitter_us, NOISE_US));
}

/* Returns the index of the latest of 'n' sorted round trips that is not among
 * the few that do not count.  As many of the first few probes may be late as
 * of MIN_PROBES: the very first ones often wait for a handshake. */
static size_t
latest_index(size_t n)
{
    size_t n_more = MAX(n, MIN_PROBES) * (100 - JITTER_PERCENT) / 100;

    return n - 1 - MIN(n_more, n - n / 2 - 1);
}

/* Do they differ by no more than half of the larger one? */
static bool
is_near(uint32_t a, uint32_t b, uint32_t noise)
{
    uint32_t max = MAX(a, b);

    return max - MIN(a, b) <= MAX(max / 2, noise);
}

static void
judge_answered(struct quality *q, const struct quality_config *config)
{
    q->bucket = MAX(0, q->bucket - q->n_answered * config->poor_loss);
    if (q->poor) {
        q->well += q->n_answered;
        if (q->well >= WELL) {
            q->poor = false;
            q->bucket = 0;
        }
    }
    q->n_answered = 0;
}

static void
judge_lost(struct quality *q, const struct quality_config *config)
{
    q->n_calm = 0;
    q->bucket = MIN(full_bucket(config), q->bucket + LOST);
    if (q->poor) {
        /* Balanced by less than half of that. */
        q->well = MAX(0, q->well - 2500 / MAX(config->poor_loss, 1));
    } else if (q->bucket >= full_bucket(config)) {
        q->poor = true;
        q->well = 0;
    }
    if (++q->n_silent >= QUALITY_SILENT) {
        /* Nobody answers: what was counted means nothing. */
        for (size_t i = 0; i < QUALITY_WINDOW; i++) {
            if (q->entries[i].fate != QUALITY_SENT) {
                q->entries[i].fate = QUALITY_NONE;
            }
        }
        q->heard = q->poor = false;
        q->bucket = q->n_silent = 0;
    }
}

/* Where much loss is nothing special, bad luck lasts longer. */
static int32_t
full_bucket(const struct quality_config *config)
{
    return LOST * (10 + MAX(0, config->poor_loss - 50) / 15);
}

/* Returns NULL if the probe is not remembered. */
static struct quality_entry *
find_entry(struct quality *q, uint16_t number)
{
    uint16_t age = q->next - number;

    return (age >= 1 && age <= QUALITY_WINDOW
            ? &q->entries[number % QUALITY_WINDOW] : NULL);
}

static int
compare_uint32(const void *a_, const void *b_)
{
    const uint32_t *a = a_;
    const uint32_t *b = b_;

    return *a < *b ? -1 : *a > *b;
}
