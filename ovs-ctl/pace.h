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

/* pace: when to reconcile one kind of object again (pure; 'now' passed in).
 *
 * Each kind (links, WireGuard, ports) is compared when something says that it
 * changed, again soon while something is missing, later and later while it
 * fails, and every so often in any case, so that repair does not depend on
 * having seen every message.
 *
 *              mark_dirty           outcome
 *     idle ----------------> due --------------> idle (audit)
 *       ^                     ^ |  CHANGED: due again at once
 *       |   audit / retry     | |  WAITING: retry after WAIT_MS
 *       +---------------------+ +- FAILED:  retry after 1, 2, 4 ... 30 s
 */

#ifndef MOBULA_PACE_H
#define MOBULA_PACE_H 1

#include <stdbool.h>

enum pace_outcome {
    PACE_CONVERGED,             /* Actual equals desired. */
    PACE_CHANGED,               /* Changes were made: look again. */
    PACE_WAITING,               /* Something must appear first. */
    PACE_FAILED,                /* A change failed. */
};

struct pace {
    bool dirty;                 /* Somebody said that it changed. */
    long long int next_ms;      /* Due at this time in any case. */
    int backoff_ms;             /* Of the last failure, 0 = none. */
    int audit_ms;               /* Interval of the audit. */
    unsigned int n_changed;     /* Rounds of changes in a row. */
    enum pace_outcome last;
};

/* Starts as due. */
void pace_init(struct pace *, int audit_ms);
void pace_mark_dirty(struct pace *);

/* What is desired has changed: due at once, whatever failed before. */
void pace_reset(struct pace *);

/* Returns true if a comparison should be made at 'now' (ms).  A failure holds
 * a dirty one back until its backoff is over. */
bool pace_is_due(const struct pace *, long long int now);

/* Notes the outcome of a comparison made at 'now'.  Changes that never settle
 * (PACE_CHANGED too often in a row) count as failures. */
void pace_done(struct pace *, enum pace_outcome, long long int now);

/* Returns the time at which it is due next, at the latest. */
long long int pace_next(const struct pace *, long long int now);

#endif /* ovs-ctl/pace.h */
