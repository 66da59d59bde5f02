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

/* plan: the result of comparing what is desired with what is there.
 * See plan.h. */

#include <config.h>
#include "lib/plan.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* First character of a printed line, by verdict. */
static const char verdict_mark[PLAN_N_VERDICTS] = {
    [PLAN_ADD] = '+',
    [PLAN_CHANGE] = '~',
    [PLAN_REMOVE] = '-',
    [PLAN_KEEP] = '=',
    [PLAN_ALIEN] = '?',
};

const char *
plan_verdict_to_string(enum plan_verdict verdict)
{
    static const char *const names[PLAN_N_VERDICTS] = {
        [PLAN_ADD] = "add",
        [PLAN_CHANGE] = "change",
        [PLAN_REMOVE] = "remove",
        [PLAN_KEEP] = "keep",
        [PLAN_ALIEN] = "alien",
    };

    return names[verdict];
}

void
plan_init(struct plan *plan)
{
    memset(plan, 0, sizeof *plan);
}

void
plan_uninit(struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        free(plan->items[i].object);
        free(plan->items[i].detail);
    }
    free(plan->items);
    plan_init(plan);
}

void
plan_add(struct plan *plan, enum plan_verdict verdict,
         char *object, char *detail)
{
    if (plan->n >= plan->allocated) {
        plan->items = x2nrealloc(plan->items, &plan->allocated,
                                 sizeof *plan->items);
    }
    plan->items[plan->n++] = (struct plan_item) {
        .verdict = verdict,
        .object = object,
        .detail = detail,
    };
    plan_count(plan, verdict);
}

void
plan_count(struct plan *plan, enum plan_verdict verdict)
{
    plan->counts[verdict]++;
}

void
plan_splice(struct plan *dst, struct plan *src)
{
    for (size_t i = 0; i < src->n; i++) {
        struct plan_item *item = &src->items[i];

        plan_add(dst, item->verdict, item->object, item->detail);
        src->counts[item->verdict]--;
    }
    for (size_t i = 0; i < PLAN_N_VERDICTS; i++) {
        dst->counts[i] += src->counts[i];
    }
    free(src->items);
    plan_init(src);
}

bool
plan_is_noop(const struct plan *plan)
{
    return !plan->counts[PLAN_ADD]
           && !plan->counts[PLAN_CHANGE]
           && !plan->counts[PLAN_REMOVE];
}

void
plan_format(const struct plan *plan, bool verbose, struct ds *s)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_item *item = &plan->items[i];

        if (item->verdict == PLAN_KEEP && !verbose) {
            continue;
        }
        ds_put_format(s, "%c %s", verdict_mark[item->verdict], item->object);
        if (item->detail) {
            ds_put_format(s, ": %s", item->detail);
        }
        ds_put_char(s, '\n');
    }
}

void
plan_format_counts(const struct plan *plan, struct ds *s)
{
    ds_put_format(s, "%"PRIuSIZE" added, %"PRIuSIZE" changed, "
                  "%"PRIuSIZE" removed, %"PRIuSIZE" kept, %"PRIuSIZE" alien",
                  plan->counts[PLAN_ADD], plan->counts[PLAN_CHANGE],
                  plan->counts[PLAN_REMOVE], plan->counts[PLAN_KEEP],
                  plan->counts[PLAN_ALIEN]);
}
