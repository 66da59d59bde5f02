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

/* flow-add: how a stage builder adds a flow.  See flow-add.h. */

#include <config.h>
#include "flows/flow-add.h"

#include <inttypes.h>
#include <stdarg.h>

#include "flows/cookie.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

struct flow_entry *
flow_add__(struct flow_table *ft, enum rule_id rule_id, uint32_t subject,
           const char *format, ...)
{
    const struct rule *rule = rule_find(rule_id);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct flow_entry *entry;
    va_list args;
    char *error;

    ovs_assert(rule);
    ds_put_format(&text, "cookie=0x%"PRIx64",table=%u,priority=%u,",
                  cookie_pack(rule->stage, rule->id, subject),
                  stage_table(rule->stage), rule->priority);
    va_start(args, format);
    ds_put_format_valist(&text, format, args);
    va_end(args);

    error = flow_entry_parse(ds_cstr(&text), &entry);
    if (error) {
        ovs_abort(0, "%s: %s", ds_cstr(&text), error);
    }
    flow_table_insert(ft, entry);
    ds_destroy(&text);
    return entry;
}

void
group_add(struct flow_table *ft, const char *text)
{
    char *error = flow_table_parse_group(ft, text);

    if (error) {
        ovs_abort(0, "%s: %s", text, error);
    }
}
