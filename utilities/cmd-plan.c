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

/* cmd-plan: "mobula-ctl plan": what mobulad found when it last compared what
 * is desired with what is there.  mobulad answers in JSON (plan_json() in
 * ovs-ctl/cmds.c); "mobulad --dry-run" prints the same text. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "table.h"
#include "util.h"
#include "utilities/daemon-client.h"

static void print_section(const struct json *section, bool verbose);
static void print_table(const struct ctl_context *,
                        const struct json *sections);
static void read_plan(const struct json *section, struct plan *);

int
cmd_plan(const struct ctl_context *ctx)
{
    struct json *sections = daemon_ask_json_or_exit("plan");

    if (ctx->json) {
        ctl_print_json(sections);
        return CTL_OK;
    }
    if (!strcmp(ctx->format, "table")) {
        for (size_t i = 0; i < sections->array.n; i++) {
            print_section(sections->array.elems[i], ctx->verbose);
        }
    } else {
        print_table(ctx, sections);
    }
    json_destroy(sections);
    return CTL_OK;
}

/* Prints it the way that a plan prints everywhere. */
static void
print_section(const struct json *section, bool verbose)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct plan plan;

    ds_put_format(&s, "%s: ", json_get_string(section, "title", "?"));
    if (!json_get_array(section, "items")) {
        ds_put_cstr(&s, "not compared yet\n");
    } else {
        read_plan(section, &plan);
        plan_format_counts(&plan, &s);
        ds_put_char(&s, '\n');
        plan_format(&plan, verbose, &s);
        plan_uninit(&plan);
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
}

static void
print_table(const struct ctl_context *ctx, const struct json *sections)
{
    static const char *const columns[] = { "verdict", "object", "detail" };
    struct table table;

    table_init(&table);
    table_add_column(&table, "section");
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        table_add_column(&table, "%s", columns[i]);
    }
    for (size_t i = 0; i < sections->array.n; i++) {
        const struct json *section = sections->array.elems[i];
        const struct json *items = json_get_array(section, "items");

        for (size_t j = 0; items && j < items->array.n; j++) {
            table_add_row(&table);
            table_add_cell(&table)->text
                = xstrdup(json_get_string(section, "title", ""));
            for (size_t k = 0; k < ARRAY_SIZE(columns); k++) {
                table_add_cell(&table)->text = xstrdup(
                    json_get_string(items->array.elems[j], columns[k], ""));
            }
        }
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}

/* JSON -> the struct that mobulad made it of.  The caller must free it with
 * plan_uninit(). */
static void
read_plan(const struct json *section, struct plan *plan)
{
    const struct json *items = json_get_array(section, "items");
    const struct json *counts = json_get_object(section, "counts");

    plan_init(plan);
    for (size_t i = 0; i < items->array.n; i++) {
        const struct json *item = items->array.elems[i];
        const char *verdict = json_get_string(item, "verdict", "");
        enum plan_verdict v = 0;

        while (v < PLAN_N_VERDICTS - 1
               && strcmp(plan_verdict_to_string(v), verdict)) {
            v++;
        }
        plan_add(plan, v, xstrdup(json_get_string(item, "object", "?")),
                 nullable_xstrdup(json_get_string(item, "detail", NULL)));
    }
    for (size_t i = 0; counts && i < PLAN_N_VERDICTS; i++) {
        plan->counts[i] = json_get_integer(counts, plan_verdict_to_string(i),
                                           plan->counts[i]);
    }
}
