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

/* test-pace: a script of events, a timeline as answer.
 *
 * Arguments: "converged", "changed", "waiting", "failed" (what a comparison
 * found; first the time moves on to when it is due), "dirty", "reset", "+MS"
 * (the time moves on). */

#include <config.h>
#include "ovs-ctl/pace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "util.h"

static void
compare(struct pace *pace, enum pace_outcome outcome, const char *name,
        long long int *now)
{
    *now = pace_next(pace, *now);
    ovs_assert(pace_is_due(pace, *now));
    pace_done(pace, outcome, *now);
    printf("%lld: %s%s, next at %lld\n", *now, name,
           outcome != pace->last ? " (counts as failed)" : "",
           pace_next(pace, *now));
}

static void
test_pace(struct ovs_cmdl_context *ctx)
{
    static const char *const outcomes[] = {
        [PACE_CONVERGED] = "converged",
        [PACE_CHANGED] = "changed",
        [PACE_WAITING] = "waiting",
        [PACE_FAILED] = "failed",
    };
    long long int now = 0;
    struct pace pace;

    pace_init(&pace, 10000);
    for (int i = 1; i < ctx->argc; i++) {
        const char *event = ctx->argv[i];

        if (event[0] == '+') {
            now += atoi(event + 1);
        } else if (!strcmp(event, "dirty")) {
            pace_mark_dirty(&pace);
            printf("%lld: dirty, next at %lld\n", now, pace_next(&pace, now));
        } else if (!strcmp(event, "reset")) {
            pace_reset(&pace);
            printf("%lld: reset, next at %lld\n", now, pace_next(&pace, now));
        } else {
            size_t j;

            for (j = 0; strcmp(event, outcomes[j]); j++) {
                ovs_assert(j + 1 < ARRAY_SIZE(outcomes));
            }
            compare(&pace, j, event, &now);
        }
    }
}

const struct ovs_cmdl_command test_pace_commands[] = {
    { "pace", "EVENT...", 1, INT_MAX, test_pace, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
