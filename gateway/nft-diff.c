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

/* nft-diff: a table of nftables as desired and as it is -> plan, commands.
 * See nft.h.  Pure. */

#include <config.h>
#include "gateway/nft.h"

#include <string.h>

#include "lib/plan.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

void
nft_format_replace(const char *name, const char *table, struct ds *s)
{
    /* To delete what may not be there, it is made first. */
    ds_put_format(s,
                  "table inet %s\n"
                  "delete table inet %s\n", name, name);
    if (table) {
        ds_put_cstr(s, table);
    }
}

bool
nft_diff(const char *object, const char *want, const char *actual,
         const struct nft_known *known, struct plan *plan)
{
    bool was_applied = want && nullable_string_is_equal(want, known->want);
    enum plan_verdict verdict;
    const char *detail = NULL;

    if (!want && !actual) {
        return false;
    } else if (!want) {
        verdict = PLAN_REMOVE;
    } else if (!actual) {
        verdict = PLAN_ADD;
        detail = was_applied ? "removed by somebody else" : NULL;
    } else if (was_applied && (!known->text
                               || !strcmp(known->text, actual))) {
        verdict = PLAN_KEEP;
    } else if (!strcmp(want, actual)) {
        verdict = PLAN_KEEP;
    } else {
        verdict = PLAN_CHANGE;
        detail = was_applied ? "altered by somebody else" : "replaced";
    }
    plan_add(plan, verdict, xstrdup(object), nullable_xstrdup(detail));
    return was_applied && verdict != PLAN_KEEP;
}
