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

/* pace: when to reconcile one kind of object again.  See pace.h. */

#include <config.h>
#include "ovs-ctl/pace.h"

#include "openvswitch/util.h"
#include "util.h"

/* Retry while something must appear first, e.g. a link that ovs-vswitchd
 * makes; events mostly come earlier. */
#define WAIT_MS 200

/* More rounds of changes in a row than this do not lead anywhere: something
 * undoes them, or reads back differently. */
#define MAX_CHANGED 20

#define BACKOFF_MIN_MS 1000
#define BACKOFF_MAX_MS 30000

void
pace_init(struct pace *pace, int audit_ms)
{
    *pace = (struct pace) {
        .dirty = true,
        .audit_ms = audit_ms,
        .last = PACE_WAITING,
    };
}

void
pace_mark_dirty(struct pace *pace)
{
    pace->dirty = true;
}

void
pace_reset(struct pace *pace)
{
    pace->dirty = true;
    pace->backoff_ms = 0;
    pace->n_changed = 0;
}

bool
pace_is_due(const struct pace *pace, long long int now)
{
    return now >= pace->next_ms || (pace->dirty && !pace->backoff_ms);
}

void
pace_done(struct pace *pace, enum pace_outcome outcome, long long int now)
{
    pace->dirty = false;
    pace->n_changed = outcome == PACE_CHANGED ? pace->n_changed + 1 : 0;
    if (pace->n_changed > MAX_CHANGED) {
        outcome = PACE_FAILED;
    }
    pace->last = outcome;
    switch (outcome) {
    case PACE_CONVERGED:
        pace->backoff_ms = 0;
        pace->next_ms = now + pace->audit_ms;
        break;

    case PACE_CHANGED:
        pace->backoff_ms = 0;
        pace->next_ms = now;
        break;

    case PACE_WAITING:
        pace->backoff_ms = 0;
        pace->next_ms = now + WAIT_MS;
        break;

    case PACE_FAILED:
        pace->backoff_ms = MIN(BACKOFF_MAX_MS,
                               MAX(BACKOFF_MIN_MS, pace->backoff_ms * 2));
        pace->next_ms = now + pace->backoff_ms;
        break;
    }
}

long long int
pace_next(const struct pace *pace, long long int now)
{
    return pace_is_due(pace, now) ? now : pace->next_ms;
}
