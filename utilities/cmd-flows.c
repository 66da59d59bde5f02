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

/* cmd-flows: "mobula-ctl flows": desired and installed flows side by side, in
 * words.  mobulad answers in JSON (ovs-ctl/cmds-flows.h). */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "table.h"
#include "util.h"
#include "utilities/daemon-client.h"

static void print_row(const struct json *row, bool raw);
static void print_table(const struct ctl_context *, const struct json *rows);
static void print_counts(const struct json *rows);

int
cmd_flows(const struct ctl_context *ctx)
{
    struct json *rows = daemon_ask_json_or_exit("flows");
    const char *bridge = "", *stage = "";

    if (ctx->json) {
        ctl_print_json(rows);
        return CTL_OK;
    }
    if (strcmp(ctx->format, "table")) {
        print_table(ctx, rows);
        json_destroy(rows);
        return CTL_OK;
    }
    for (size_t i = 0; i < rows->array.n; i++) {
        const struct json *row = rows->array.elems[i];
        const char *row_bridge = json_get_string(row, "bridge", "?");
        const char *row_stage = json_get_string(row, "stage", "?");

        if (strcmp(bridge, row_bridge) || strcmp(stage, row_stage)) {
            printf("%s%s: %s\n", i ? "\n" : "", row_bridge, row_stage);
            bridge = row_bridge;
            stage = row_stage;
        }
        print_row(row, ctx->verbose);
    }
    print_counts(rows);
    json_destroy(rows);
    return CTL_OK;
}

static void
print_row(const struct json *row, bool raw)
{
    const char *state = json_get_string(row, "state", "?");
    const char *installed = json_get_string(row, "installed", NULL);
    long long int packets = json_get_integer(row, "packets", -1);

    printf("  %-9s ", state);
    if (packets >= 0) {
        printf("%10lld  ", packets);
    } else {
        printf("%10s  ", "-");
    }
    printf("%s\n", json_get_string(row, "words", "?"));
    if (raw || installed) {
        printf("%24s%s%s\n", "", installed ? "desired:   " : "",
               json_get_string(row, "text", "?"));
    }
    if (installed) {
        printf("%24sinstalled: %s\n", "", installed);
    }
}

static void
print_table(const struct ctl_context *ctx, const struct json *rows)
{
    static const char *const columns[] = {
        "bridge", "stage", "state", "words", "text", "installed",
    };
    struct table table;

    table_init(&table);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        table_add_column(&table, "%s", columns[i]);
    }
    table_add_column(&table, "packets");
    for (size_t i = 0; i < rows->array.n; i++) {
        const struct json *row = rows->array.elems[i];

        table_add_row(&table);
        for (size_t j = 0; j < ARRAY_SIZE(columns); j++) {
            table_add_cell(&table)->text
                = xstrdup(json_get_string(row, columns[j], ""));
        }
        table_add_cell(&table)->text
            = xasprintf("%lld", json_get_integer(row, "packets", 0));
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}

static void
print_counts(const struct json *rows)
{
    static const char *const states[] = {
        "installed", "learnt", "missing", "different", "stale", "alien",
    };
    size_t counts[ARRAY_SIZE(states)] = { 0 };
    const char *separator = "\n";

    for (size_t i = 0; i < rows->array.n; i++) {
        const char *state = json_get_string(rows->array.elems[i], "state", "");

        for (size_t j = 0; j < ARRAY_SIZE(states); j++) {
            counts[j] += !strcmp(states[j], state);
        }
    }
    for (size_t j = 0; j < ARRAY_SIZE(states); j++) {
        if (counts[j]) {
            printf("%s%"PRIuSIZE" %s", separator, counts[j], states[j]);
            separator = ", ";
        }
    }
    printf("%s\n", *separator == ',' ? "." : "No flows: no bridge yet.");
}
