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

/* mtu-probe: does the path to a peer carry packets of the full size?
 * See mtu-probe.h. */

#include <config.h>
#include "lib/mtu-probe.h"

#include "util.h"

/* WireGuard pads to a multiple of this. */
#define STEP 16

/* How many large packets in a row must be lost, each with its small one
 * answered, to be believed: at first, where a path with some loss must not
 * raise an alarm, and for a size in the search. */
#define LOST_ALARM 6
#define LOST_SEARCH 3

/* How many must pass for a larger limit. */
#define PASSED_LARGER 2

/* After how many rounds without an answer a path counts as silent. */
#define SILENT_ROUNDS 3

/* How long an answer may take, in ms: at first, and by what was seen. */
#define WAIT_FIRST_MS 500
#define WAIT_MIN_MS 200
#define WAIT_MAX_MS 2000

static void begin_round(struct mtu_probe *, long long int now);
static void end_round(struct mtu_probe *, int interval_ms, long long int now);
static void judge_check(struct mtu_probe *, bool passed);
static void judge_search(struct mtu_probe *, bool passed);
static void judge_limit(struct mtu_probe *, bool passed);
static void judge_larger(struct mtu_probe *, bool passed);
static void start_search(struct mtu_probe *, uint16_t high);
static void set_limit(struct mtu_probe *, uint16_t limit);
static void end_limit(struct mtu_probe *);
static void next_larger(struct mtu_probe *);
static uint16_t middle(uint16_t low, uint16_t high);
static bool is_urgent(const struct mtu_probe *);

void
mtu_probe_init(struct mtu_probe *p, uint16_t min, uint16_t full,
               long long int start)
{
    *p = (struct mtu_probe) {
        .min = ROUND_DOWN(min, STEP),
        .full = full,
        .wait_ms = WAIT_FIRST_MS,
        .next_ms = start,
    };
}

void
mtu_probe_set_full(struct mtu_probe *p, uint16_t full, long long int now)
{
    if (p->full == full) {
        return;
    }
    p->full = full;
    p->size = 0;                /* An answer would be about the old size. */
    p->n_lost = 0;
    p->next_ms = MIN(p->next_ms, now + WAIT_MIN_MS);
    if (p->state == MTU_PROBE_LIMITED && p->limit && p->limit < full) {
        set_limit(p, p->limit);
    } else {
        /* What is lost will be found out anew. */
        end_limit(p);
    }
}

bool
mtu_probe_run(struct mtu_probe *p, int interval_ms, long long int now,
              uint16_t *seqno, uint16_t *size)
{
    if (now < p->next_ms) {
        return false;
    }
    if (p->size) {
        end_round(p, interval_ms, now);
        if (now < p->next_ms) {
            return false;
        }
    }
    begin_round(p, now);
    *seqno = p->seqno;
    *size = p->size;
    return true;
}

void
mtu_probe_unsent(struct mtu_probe *p, int interval_ms, long long int now)
{
    p->size = 0;
    p->next_ms = now + interval_ms;
}

void
mtu_probe_answer(struct mtu_probe *p, uint16_t seqno, uint16_t size,
                 long long int now)
{
    if (!p->size || seqno != p->seqno) {
        return;                 /* Too late. */
    }
    if (size == p->size) {
        p->large_back = true;
    } else if (size == MTU_PROBE_SMALL) {
        int wait = MAX(WAIT_MIN_MS, MIN(WAIT_MAX_MS, 4 * (now - p->sent_ms)));

        p->wait_ms = wait > p->wait_ms ? wait : (7 * p->wait_ms + wait) / 8;
        p->small_back = true;
    } else {
        return;
    }
    p->heard = true;
    p->n_silent = 0;
    if (p->small_back && p->large_back) {
        p->next_ms = now;       /* The round is complete. */
    }
}

long long int
mtu_probe_next(const struct mtu_probe *p)
{
    return p->next_ms;
}

enum mtu_verdict
mtu_probe_verdict(const struct mtu_probe *p)
{
    return (!p->heard ? MTU_VERDICT_UNKNOWN
            : p->n_silent >= SILENT_ROUNDS ? MTU_VERDICT_SILENT
            : p->limited ? MTU_VERDICT_LIMITED
            : MTU_VERDICT_OK);
}

uint16_t
mtu_probe_limit(const struct mtu_probe *p, bool *lower_still)
{
    if (lower_still) {
        *lower_still = p->limited && !p->limit;
    }
    return !p->limited ? 0 : p->limit ? p->limit : p->min;
}

/* In MTU_PROBE_LIMITED every other round is about a larger size. */
static void
begin_round(struct mtu_probe *p, long long int now)
{
    switch (p->state) {
    case MTU_PROBE_CHECK:
    default:
        p->size = p->full;
        break;

    case MTU_PROBE_SEARCH:
        /* When nothing is left between, 'min' itself was never sent. */
        p->size = (p->high - p->low > STEP ? middle(p->low, p->high)
                   : p->low);
        break;

    case MTU_PROBE_LIMITED:
        p->try_larger = (!p->limit || p->n_passed
                         || (!p->try_larger && !p->n_lost));
        p->size = p->try_larger ? p->larger : p->limit;
        break;
    }
    p->seqno++;
    p->small_back = p->large_back = false;
    p->sent_ms = now;
    p->next_ms = now + p->wait_ms;
}

static void
end_round(struct mtu_probe *p, int interval_ms, long long int now)
{
    if (!p->small_back && !p->large_back) {
        p->n_silent += p->n_silent < UINT8_MAX;
    } else if (p->state == MTU_PROBE_CHECK) {
        judge_check(p, p->large_back);
    } else if (p->state == MTU_PROBE_SEARCH) {
        judge_search(p, p->large_back);
    } else if (p->try_larger) {
        judge_larger(p, p->large_back);
    } else {
        judge_limit(p, p->large_back);
    }
    p->size = 0;
    p->next_ms = is_urgent(p) ? now : MAX(now, p->sent_ms + interval_ms);
}

static void
judge_check(struct mtu_probe *p, bool passed)
{
    p->n_lost = passed ? 0 : p->n_lost + 1;
    if (p->n_lost >= LOST_ALARM) {
        start_search(p, p->full);
    }
}

static void
judge_search(struct mtu_probe *p, bool passed)
{
    if (!passed && ++p->n_lost < LOST_SEARCH) {
        return;
    }
    p->n_lost = 0;
    if (p->size == p->low) {
        set_limit(p, passed ? p->low : 0);
        return;
    } else if (passed) {
        p->low = p->size;
    } else {
        p->high = p->size;
    }
    if (p->high - p->low <= STEP && p->low > p->min) {
        set_limit(p, p->low);
    }
}

static void
judge_limit(struct mtu_probe *p, bool passed)
{
    p->n_lost = passed ? 0 : p->n_lost + 1;
    if (p->n_lost >= LOST_ALARM) {
        start_search(p, p->limit);
    }
}

/* Something larger than the limit was sent. */
static void
judge_larger(struct mtu_probe *p, bool passed)
{
    if (!passed) {
        p->n_passed = 0;
        next_larger(p);
    } else if (++p->n_passed >= PASSED_LARGER) {
        if (p->larger >= p->full) {
            end_limit(p);
        } else {
            set_limit(p, p->larger);
        }
    }
}

/* 'high' is lost. */
static void
start_search(struct mtu_probe *p, uint16_t high)
{
    p->state = MTU_PROBE_SEARCH;
    p->low = p->min;
    p->high = MAX(high, p->min);
    p->n_lost = 0;
}

static void
set_limit(struct mtu_probe *p, uint16_t limit)
{
    p->state = MTU_PROBE_LIMITED;
    p->limited = true;
    p->limit = limit;
    p->larger = p->full;
    p->try_larger = true;       /* The next round is about the limit. */
    p->n_passed = 0;
    p->n_lost = 0;
}

static void
end_limit(struct mtu_probe *p)
{
    p->state = MTU_PROBE_CHECK;
    p->limited = false;
    p->n_lost = 0;
    p->n_passed = 0;
}

/* From the full size down towards the limit, then from the beginning. */
static void
next_larger(struct mtu_probe *p)
{
    uint16_t low = p->limit ? p->limit : p->min - STEP;
    uint16_t next = middle(low, p->larger);

    p->larger = next > low && next < p->larger ? next : p->full;
}

/* Returns the multiple of STEP in the middle of 'low', which is one, and
 * 'high', and larger than 'low'. */
static uint16_t
middle(uint16_t low, uint16_t high)
{
    return low + MAX(ROUND_DOWN((high - low) / 2, STEP), STEP);
}

/* Is there something that users suffer from until it is found out? */
static bool
is_urgent(const struct mtu_probe *p)
{
    return (p->n_silent < SILENT_ROUNDS
            && (p->n_lost || p->n_passed || p->state == MTU_PROBE_SEARCH));
}
