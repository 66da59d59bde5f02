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

/* test-plan: prints the plan that VERDICT:OBJECT[:DETAIL] arguments make. */

#include <config.h>
#include "lib/plan.h"

#include <stdio.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "util.h"

static enum plan_verdict
verdict_from_string(const char *s)
{
    for (size_t i = 0; i < PLAN_N_VERDICTS; i++) {
        if (!strcmp(s, plan_verdict_to_string(i))) {
            return i;
        }
    }
    ovs_fatal(0, "%s: unknown verdict", s);
}

static void
test_plan(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct plan part, plan;

    /* Through a splice, so that it is tested as well. */
    plan_init(&part);
    plan_init(&plan);
    for (int i = 1; i < ctx->argc; i++) {
        char *save = NULL;
        char *verdict = strtok_r(ctx->argv[i], ":", &save);
        char *object = strtok_r(NULL, ":", &save);
        char *detail = strtok_r(NULL, ":", &save);

        plan_add(&part, verdict_from_string(verdict), xstrdup(object),
                 nullable_xstrdup(detail));
        plan_splice(&plan, &part);
    }
    plan_format(&plan, true, &s);
    plan_format_counts(&plan, &s);
    printf("%s\n%s", ds_cstr(&s), plan_is_noop(&plan) ? "no-op\n" : "");
    ds_destroy(&s);
    plan_uninit(&plan);
    plan_uninit(&part);
}

const struct ovs_cmdl_command test_plan_commands[] = {
    { "plan", "VERDICT:OBJECT[:DETAIL]...", 1, INT_MAX, test_plan, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
