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

/* of-fsm: decides what to do next about the flows of one bridge.
 *
 * It does nothing itself: ovs-ctl/of-switch.c tells it what has happened, and
 * carries out the action that of_fsm_run() answers.  No I/O and no clock, in
 * the manner of OVS's reconnect.h: 'now' is in milliseconds, as time_msec()
 * has it, and never goes back.
 *
 *              connected
 *      OFF ---------------> READ <-----------------------------+
 *       ^                    | read_done                       |
 *       | disconnected       v             differs     applied |
 *       | (from anywhere)  COMPARE ------------------> APPLY --+
 *                           |  ^   |                     |
 *         equal, hands off  |  |   | differs, after      | rejected
 *                           v  |   v MAX_ROUNDS          v
 *                          IDLE    WAIT <----------------+
 *                           |       |
 *                           +---+---+
 *         somebody's change,    |   backoff is over,
 *         or an audit is due    v   or something else is desired
 *                             READ
 *
 * From IDLE, a new desired table goes straight to COMPARE: what was read last
 * is still true, because a change since would have been an event.  Where it is
 * not (flows that the switch learns are no events), the read after the bundle
 * shows it, and a second bundle follows. */

#ifndef MOBULA_OF_FSM_H
#define MOBULA_OF_FSM_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

/* After an event, reading waits until this long after the previous read, so
 * that a burst of events costs a few reads, and not one each. */
#define OF_FSM_READ_GAP_MS 100

/* How often everything is read without a reason. */
#define OF_FSM_AUDIT_MS 10000

/* The same when the switch does not tell about changes. */
#define OF_FSM_BLIND_AUDIT_MS 500

/* First and longest wait after a failure; it doubles in between. */
#define OF_FSM_BACKOFF_MIN_MS 1000
#define OF_FSM_BACKOFF_MAX_MS 30000

/* How many bundles may follow each other without the switch ever being as
 * desired before that counts as a failure.  Two are nothing unusual: the
 * second is for what the switch learnt, or somebody changed, since the read
 * that the first was based on.  More than that is a switch that does not keep
 * what it is given, or somebody who changes it all the time. */
#define OF_FSM_MAX_ROUNDS 3

enum of_fsm_state {
    OF_FSM_OFF,                 /* No connection. */
    OF_FSM_READ,                /* Flows and groups are being read. */
    OF_FSM_COMPARE,             /* They have been, and must be compared. */
    OF_FSM_APPLY,               /* A bundle is on its way. */
    OF_FSM_IDLE,                /* Nothing to do. */
    OF_FSM_WAIT,                /* Something failed: try later. */
};

/* What of_fsm_run() wants to be done now. */
enum of_fsm_action {
    OF_FSM_DO_NOTHING,
    OF_FSM_DO_READ,             /* Answer with read_begun() and read_done(), or
                                 * with failed(). */
    OF_FSM_DO_COMPARE,          /* Answer with compared(). */
    OF_FSM_DO_APPLY,            /* Answer with applied() or failed(). */
};

/* What a comparison found. */
enum of_fsm_outcome {
    OF_FSM_EQUAL,               /* The switch is as desired. */
    OF_FSM_DIFFERS,             /* It is not. */
    OF_FSM_HANDS_OFF,           /* It may not be touched (nothing is desired
                                 * yet, or this is a dry run). */
};

struct of_fsm {
    enum of_fsm_state state;
    bool started;               /* READ, APPLY: the action has been given. */
    bool blind;                 /* The switch does not send events. */

    bool dirty;                 /* Somebody changed something since the read
                                 * that was begun last. */
    bool paused;                /* The switch holds events back. */
    bool desired_changed;       /* Since the last comparison or failure. */
    bool equal;                 /* Result of the last comparison. */

    int n_rounds;               /* Bundles since the switch was last equal. */
    long long int last_read_ms; /* End of the last read. */
    int backoff_ms;             /* Of the last failure; 0 = none since the
                                 * switch was equal. */
    long long int retry_at_ms;  /* WAIT only. */
};

void of_fsm_init(struct of_fsm *);

/* The connection was made, or lost. */
void of_fsm_connected(struct of_fsm *, long long int now);
void of_fsm_disconnected(struct of_fsm *);

/* 'blind' is true when the switch refused to tell about changes. */
void of_fsm_set_blind(struct of_fsm *, bool blind);

/* Somebody else changed something that matters. */
void of_fsm_event(struct of_fsm *);

/* The switch began ('paused') or ceased to hold events back. */
void of_fsm_set_paused(struct of_fsm *, bool paused);

/* Something else is desired now, or may be done now. */
void of_fsm_desired_changed(struct of_fsm *);

/* The first answer to the read has come: every event before it is part of
 * what is read. */
void of_fsm_read_begun(struct of_fsm *);
void of_fsm_read_done(struct of_fsm *, long long int now);

/* Answers OF_FSM_DO_COMPARE.  Returns false if the switch differs although it
 * has confirmed OF_FSM_MAX_ROUNDS bundles that each should have made it equal:
 * then it is tried again later, and the caller should tell. */
bool of_fsm_compared(struct of_fsm *, enum of_fsm_outcome, long long int now);

/* The bundle was committed. */
void of_fsm_applied(struct of_fsm *);

/* The read or the bundle failed. */
void of_fsm_failed(struct of_fsm *, long long int now);

enum of_fsm_action of_fsm_run(struct of_fsm *, long long int now)
    OVS_WARN_UNUSED_RESULT;

/* Returns the time at which of_fsm_run() must be called again even if nothing
 * happens, LLONG_MAX for never. */
long long int of_fsm_deadline(const struct of_fsm *);

/* Returns true if the switch is known to be as desired. */
bool of_fsm_is_synced(const struct of_fsm *);

/* Returns a word for the log and for tests. */
const char *of_fsm_state_to_string(enum of_fsm_state);

#endif /* ovs-ctl/of-fsm.h */
