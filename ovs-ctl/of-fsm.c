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

/* of-fsm: the decisions.  See of-fsm.h for the diagram. */

#include <config.h>
#include "ovs-ctl/of-fsm.h"

#include <limits.h>
#include <string.h>

#include "util.h"

static void enter(struct of_fsm *, enum of_fsm_state);
static long long int next_read(const struct of_fsm *);

void
of_fsm_init(struct of_fsm *fsm)
{
    memset(fsm, 0, sizeof *fsm);
    fsm->state = OF_FSM_OFF;
}

void
of_fsm_connected(struct of_fsm *fsm, long long int now)
{
    bool desired_changed = fsm->desired_changed;

    of_fsm_init(fsm);
    fsm->desired_changed = desired_changed;
    fsm->last_read_ms = now;
    enter(fsm, OF_FSM_READ);
}

void
of_fsm_disconnected(struct of_fsm *fsm)
{
    fsm->equal = false;
    enter(fsm, OF_FSM_OFF);
}

void
of_fsm_set_blind(struct of_fsm *fsm, bool blind)
{
    fsm->blind = blind;
}

void
of_fsm_event(struct of_fsm *fsm)
{
    fsm->dirty = true;
}

void
of_fsm_set_paused(struct of_fsm *fsm, bool paused)
{
    fsm->paused = paused;
    of_fsm_event(fsm);
}

void
of_fsm_desired_changed(struct of_fsm *fsm)
{
    fsm->desired_changed = true;
}

void
of_fsm_read_begun(struct of_fsm *fsm)
{
    fsm->dirty = false;
}

void
of_fsm_read_done(struct of_fsm *fsm, long long int now)
{
    fsm->last_read_ms = now;
    enter(fsm, OF_FSM_COMPARE);
}

bool
of_fsm_compared(struct of_fsm *fsm, enum of_fsm_outcome outcome,
                long long int now)
{
    fsm->equal = outcome == OF_FSM_EQUAL;
    if (fsm->desired_changed) {
        fsm->desired_changed = false;
        fsm->n_rounds = 0;
    }
    if (outcome != OF_FSM_DIFFERS) {
        fsm->n_rounds = 0;
        fsm->backoff_ms = 0;
        enter(fsm, OF_FSM_IDLE);
        return true;
    }
    if (fsm->n_rounds >= OF_FSM_MAX_ROUNDS) {
        of_fsm_failed(fsm, now);
        return false;
    }
    fsm->n_rounds++;
    enter(fsm, OF_FSM_APPLY);
    return true;
}

void
of_fsm_applied(struct of_fsm *fsm)
{
    enter(fsm, OF_FSM_READ);
}

void
of_fsm_failed(struct of_fsm *fsm, long long int now)
{
    fsm->backoff_ms = (fsm->backoff_ms
                       ? MIN(2 * fsm->backoff_ms, OF_FSM_BACKOFF_MAX_MS)
                       : OF_FSM_BACKOFF_MIN_MS);
    fsm->retry_at_ms = now + fsm->backoff_ms;
    fsm->n_rounds = 0;
    fsm->desired_changed = false;
    enter(fsm, OF_FSM_WAIT);
}

enum of_fsm_action
of_fsm_run(struct of_fsm *fsm, long long int now)
{
    if (fsm->state == OF_FSM_IDLE) {
        if (now >= next_read(fsm)) {
            enter(fsm, OF_FSM_READ);
        } else if (fsm->desired_changed) {
            enter(fsm, OF_FSM_COMPARE);
        }
    } else if (fsm->state == OF_FSM_WAIT
               && (fsm->desired_changed || now >= fsm->retry_at_ms)) {
        enter(fsm, OF_FSM_READ);
    }

    switch (fsm->state) {
    case OF_FSM_COMPARE:
        return OF_FSM_DO_COMPARE;

    case OF_FSM_READ:
    case OF_FSM_APPLY:
        if (fsm->started) {
            return OF_FSM_DO_NOTHING;
        }
        fsm->started = true;
        return (fsm->state == OF_FSM_READ ? OF_FSM_DO_READ : OF_FSM_DO_APPLY);

    case OF_FSM_OFF:
    case OF_FSM_IDLE:
    case OF_FSM_WAIT:
        return OF_FSM_DO_NOTHING;

    default:
        OVS_NOT_REACHED();
    }
}

long long int
of_fsm_deadline(const struct of_fsm *fsm)
{
    switch (fsm->state) {
    case OF_FSM_COMPARE:
        return LLONG_MIN;
    case OF_FSM_READ:
    case OF_FSM_APPLY:
        return fsm->started ? LLONG_MAX : LLONG_MIN;
    case OF_FSM_IDLE:
        return fsm->desired_changed ? LLONG_MIN : next_read(fsm);
    case OF_FSM_WAIT:
        return fsm->desired_changed ? LLONG_MIN : fsm->retry_at_ms;
    case OF_FSM_OFF:
        return LLONG_MAX;
    default:
        OVS_NOT_REACHED();
    }
}

bool
of_fsm_is_synced(const struct of_fsm *fsm)
{
    return (fsm->state == OF_FSM_IDLE && fsm->equal && !fsm->dirty
            && !fsm->paused && !fsm->desired_changed);
}

const char *
of_fsm_state_to_string(enum of_fsm_state state)
{
    switch (state) {
    case OF_FSM_OFF: return "off";
    case OF_FSM_READ: return "read";
    case OF_FSM_COMPARE: return "compare";
    case OF_FSM_APPLY: return "apply";
    case OF_FSM_IDLE: return "idle";
    case OF_FSM_WAIT: return "wait";
    default: OVS_NOT_REACHED();
    }
}

static void
enter(struct of_fsm *fsm, enum of_fsm_state state)
{
    fsm->state = state;
    fsm->started = false;
}

/* Returns the time at which an idle machine reads again. */
static long long int
next_read(const struct of_fsm *fsm)
{
    return fsm->last_read_ms + (fsm->dirty && !fsm->paused
                                ? OF_FSM_READ_GAP_MS
                                : fsm->blind ? OF_FSM_BLIND_AUDIT_MS
                                : OF_FSM_AUDIT_MS);
}
