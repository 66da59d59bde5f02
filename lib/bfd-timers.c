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

/* bfd-timers: from the quality of a link to the timers of BFD.
 * See bfd-timers.h. */

#include <config.h>
#include "lib/bfd-timers.h"

#include <limits.h>
#include <stdbool.h>

#include "util.h"

/* Loss from which on that many packets may be missing: so many in a row get
 * lost once in 10**9 times, were each lost by itself.  ceil(ln 1e-9 / ln p)
 * for p = loss / 1000 is 'mult' from the row's loss to before the next's. */
struct mult_step {
    uint16_t loss;              /* Permille, at least. */
    uint8_t mult;
};
static const struct mult_step mult_steps[] = {
    { 101, 10 }, { 75, 9 }, { 52, 8 }, { 32, 7 }, { 16, 6 }, { 6, 5 },
    { 2, 4 }, { 0, BFD_TIMERS_MIN_MULT },
};

/* Intervals that jitter and false alarms lead to: few, so that they seldom
 * change. */
static const uint16_t steps[] = {
    BFD_TIMERS_MIN_MS, 16, 20, 30, 50, 75, 100, 150, 200, 300, 500, 700,
    BFD_TIMERS_MAX_JITTER_MS,
};

static uint16_t choose_interval(const struct bfd_timers_in *, int mult,
                                unsigned int caution);
static size_t find_step(uint64_t interval_ms);
static void follow_alarms(struct bfd_timers_state *,
                          const struct bfd_timers_in *, long long int now);
static uint8_t choose_mult(uint16_t loss);
static struct bfd_timers slower(struct bfd_timers, struct bfd_timers);
static bool same_settings(const struct bfd_timers_in *,
                          const struct bfd_timers_in *);
static bool timers_equal(struct bfd_timers, struct bfd_timers);

struct bfd_timers
bfd_timers_choose(const struct bfd_timers_in *in, unsigned int caution)
{
    uint8_t mult = in->mult ? in->mult : choose_mult(in->loss);

    return (struct bfd_timers) {
        .mult = mult,
        .interval_ms = (in->interval_ms ? in->interval_ms
                        : choose_interval(in, mult, caution)),
    };
}

void
bfd_timers_run(struct bfd_timers_state *state, const struct bfd_timers_in *in,
               long long int now)
{
    struct bfd_timers right;

    follow_alarms(state, in, now);
    right = bfd_timers_choose(in, state->caution);
    if (!state->now.mult || !same_settings(&state->in, in)) {
        state->now = state->enough = right;
        state->enough_ms = now;
        state->in = *in;
        return;
    }
    state->in = *in;
    state->now = slower(state->now, right);
    state->enough = slower(state->enough, right);
    if (timers_equal(state->enough, state->now)) {
        /* Nothing less is in sight. */
        state->enough = right;
        state->enough_ms = now;
    } else if (now >= state->enough_ms + BFD_TIMERS_HOLD_MS) {
        state->now = state->enough;
        state->enough = right;
        state->enough_ms = now;
    }
}

long long int
bfd_timers_next(const struct bfd_timers_state *state)
{
    return MIN(state->caution ? state->caution_ms : LLONG_MAX,
               timers_equal(state->enough, state->now) ? LLONG_MAX
               : state->enough_ms + BFD_TIMERS_HOLD_MS);
}

static void
follow_alarms(struct bfd_timers_state *state, const struct bfd_timers_in *in,
              long long int now)
{
    if (in->n_false != state->in.n_false) {
        state->caution = MIN(state->caution + in->n_false - state->in.n_false,
                             BFD_TIMERS_MAX_CAUTION);
        state->caution_ms = now + BFD_TIMERS_CALM_MS;
    } else if (state->caution && now >= state->caution_ms) {
        state->caution--;
        state->caution_ms = now + BFD_TIMERS_CALM_MS;
    }
}

/* All packets but one may be late, so what is late by three times as much as
 * packets often are still comes in time.  An alarm that is false after all
 * seldom costs a frame: there is another way, or the direct one is the
 * last. */
static uint16_t
choose_interval(const struct bfd_timers_in *in, int mult,
                unsigned int caution)
{
    uint64_t least = DIV_ROUND_UP(in->n_peers * UINT64_C(1000), in->budget);
    uint64_t jitter_ms = DIV_ROUND_UP(in->jitter_us * UINT64_C(3),
                                      1000 * MAX(mult - 1, 1));
    uint64_t interval = MAX(least, steps[find_step(jitter_ms)]);

    if (caution) {
        size_t step = find_step(interval) + caution;

        interval = MAX(interval, steps[MIN(step, ARRAY_SIZE(steps) - 1)]);
    }
    return MIN(interval, UINT16_MAX);
}

/* Returns the index of the first step that is no less than 'interval_ms', or
 * of the last one. */
static size_t
find_step(uint64_t interval_ms)
{
    size_t i = 0;

    while (i < ARRAY_SIZE(steps) - 1 && steps[i] < interval_ms) {
        i++;
    }
    return i;
}

static uint8_t
choose_mult(uint16_t loss)
{
    size_t i = 0;

    while (loss < mult_steps[i].loss) {
        i++;
    }
    return mult_steps[i].mult;
}

static struct bfd_timers
slower(struct bfd_timers a, struct bfd_timers b)
{
    return (struct bfd_timers) {
        .interval_ms = MAX(a.interval_ms, b.interval_ms),
        .mult = MAX(a.mult, b.mult),
    };
}

static bool
same_settings(const struct bfd_timers_in *a, const struct bfd_timers_in *b)
{
    return (a->interval_ms == b->interval_ms && a->mult == b->mult
            && a->budget == b->budget && a->n_peers == b->n_peers);
}

static bool
timers_equal(struct bfd_timers a, struct bfd_timers b)
{
    return a.interval_ms == b.interval_ms && a.mult == b.mult;
}
