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

/* liveness: from the ups and downs of a link to whether it is to be used.
 * See liveness.h. */

#include <config.h>
#include "lib/liveness.h"

#include <limits.h>

#include "util.h"

static void set_state(struct liveness *, enum liveness_state,
                      long long int now);
static void go_up(struct liveness *, long long int now);
static void go_down(struct liveness *, const struct liveness_config *,
                    const struct liveness_word *, long long int now);

void
liveness_init(struct liveness *l, long long int now)
{
    *l = (struct liveness) { .state = LIVENESS_DOWN, .since_ms = now };
}

bool
liveness_set_up(struct liveness *l, const struct liveness_config *config,
                const struct liveness_word *word, long long int now)
{
    if (word->up == (l->state != LIVENESS_DOWN)) {
        return false;
    }
    if (word->up) {
        go_up(l, now);
        liveness_run(l, config, now);
    } else {
        go_down(l, config, word, now);
    }
    return true;
}

bool
liveness_set_poor(struct liveness *l, const struct liveness_config *config,
                  bool poor, long long int now)
{
    l->poor = poor;
    if (poor && l->state == LIVENESS_UP) {
        set_state(l, LIVENESS_HELD, now);
        return true;
    }
    return liveness_run(l, config, now);
}

bool
liveness_run(struct liveness *l, const struct liveness_config *config,
             long long int now)
{
    while (l->state == LIVENESS_UP && l->hold_ms && now >= l->shrink_ms) {
        l->hold_ms /= 2;
        l->shrink_ms += LIVENESS_SHRINK_MS;
        if (l->hold_ms < config->hold_ms) {
            l->hold_ms = 0;
        }
    }
    if (l->state == LIVENESS_HELD && !l->poor && now >= l->ready_ms) {
        set_state(l, LIVENESS_UP, now);
        l->shrink_ms = now + LIVENESS_SHRINK_MS;
        return true;
    }
    return false;
}

long long int
liveness_next(const struct liveness *l)
{
    return (l->state == LIVENESS_HELD && !l->poor ? l->ready_ms
            : l->state == LIVENESS_UP && l->hold_ms ? l->shrink_ms
            : LLONG_MAX);
}

static void
set_state(struct liveness *l, enum liveness_state state, long long int now)
{
    l->state = state;
    l->since_ms = now;
}

/* The link is up; whether it is used already is up to liveness_run(). */
static void
go_up(struct liveness *l, long long int now)
{
    if (l->outage_ms < 0) {
        l->outage_ms = now - l->down_ms + l->detect_ms;
    }
    l->ready_ms = l->heard ? now + l->hold_ms : now;
    l->heard = true;
    set_state(l, LIVENESS_HELD, now);
}

static void
go_down(struct liveness *l, const struct liveness_config *config,
        const struct liveness_word *word, long long int now)
{
    l->hold_ms = (l->hold_ms
                  ? MIN(2 * l->hold_ms, MAX(config->hold_ms,
                                            config->max_hold_ms))
                  : config->hold_ms);
    l->n_flaps++;
    l->down_ms = now;
    l->detect_ms = word->detect_ms;
    l->outage_ms = word->has_relay ? word->detect_ms : -1;
    set_state(l, LIVENESS_DOWN, now);
}
