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

/* test-of-fsm: feeds the decisions of ovs-ctl/of-fsm.c with what happens, a
 * step per argument ("+MS" lets time pass), and prints state and action. */

#include <config.h>
#include "ovs-ctl/of-fsm.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mobula-test.h"
#include "util.h"

static bool
fsm_step(struct of_fsm *fsm, const char *step, long long int now)
{
    if (!strcmp(step, "connected")) {
        of_fsm_connected(fsm, now);
    } else if (!strcmp(step, "disconnected")) {
        of_fsm_disconnected(fsm);
    } else if (!strcmp(step, "blind")) {
        of_fsm_set_blind(fsm, true);
    } else if (!strcmp(step, "event")) {
        of_fsm_event(fsm);
    } else if (!strcmp(step, "paused")) {
        of_fsm_set_paused(fsm, true);
    } else if (!strcmp(step, "resumed")) {
        of_fsm_set_paused(fsm, false);
    } else if (!strcmp(step, "desired")) {
        of_fsm_desired_changed(fsm);
    } else if (!strcmp(step, "read")) {
        of_fsm_read_begun(fsm);
        of_fsm_read_done(fsm, now);
    } else if (!strcmp(step, "read-begun")) {
        of_fsm_read_begun(fsm);
    } else if (!strcmp(step, "read-done")) {
        of_fsm_read_done(fsm, now);
    } else if (!strcmp(step, "equal")) {
        of_fsm_compared(fsm, OF_FSM_EQUAL, now);
    } else if (!strcmp(step, "differs")) {
        of_fsm_compared(fsm, OF_FSM_DIFFERS, now);
    } else if (!strcmp(step, "hands-off")) {
        of_fsm_compared(fsm, OF_FSM_HANDS_OFF, now);
    } else if (!strcmp(step, "applied")) {
        of_fsm_applied(fsm);
    } else if (!strcmp(step, "failed")) {
        of_fsm_failed(fsm, now);
    } else {
        return false;
    }
    return true;
}

static void
test_of_fsm(struct ovs_cmdl_context *ctx)
{
    static const char *const actions[] = {
        [OF_FSM_DO_NOTHING] = "-",
        [OF_FSM_DO_READ] = "READ",
        [OF_FSM_DO_COMPARE] = "COMPARE",
        [OF_FSM_DO_APPLY] = "APPLY",
    };
    long long int now = 0;
    struct of_fsm fsm;

    of_fsm_init(&fsm);
    for (int i = 1; i < ctx->argc; i++) {
        const char *step = ctx->argv[i];
        enum of_fsm_action action;
        long long int deadline;

        if (step[0] == '+') {
            now += atoi(step + 1);
        } else if (!fsm_step(&fsm, step, now)) {
            ovs_fatal(0, "%s: unknown step", step);
        }
        action = of_fsm_run(&fsm, now);
        deadline = of_fsm_deadline(&fsm);
        printf("%lld %s: %s %s%s", now, step,
               of_fsm_state_to_string(fsm.state), actions[action],
               of_fsm_is_synced(&fsm) ? " synced" : "");
        if (deadline != LLONG_MAX && deadline != LLONG_MIN) {
            printf(" until %lld", deadline);
        }
        printf("\n");
    }
}

const struct ovs_cmdl_command test_of_fsm_commands[] = {
    { "of-fsm", "STEP...", 1, INT_MAX, test_of_fsm, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
