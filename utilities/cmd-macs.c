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

/* cmd-macs: "mobula-ctl macs": which machine is where.
 *
 * mobulad answers in JSON (ovs-ctl/cmds-macs.h says with which members); this
 * file only lays it out. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "table.h"
#include "util.h"
#include "utilities/daemon-client.h"

static void add_row(struct table *, const struct json *);
static void format_place(const struct json *, struct ds *);
static void add_text(struct table *, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);

int
cmd_macs(const struct ctl_context *ctx)
{
    static const char *const columns[] = {
        "VLAN", "MAC", "state", "where", "sequence", "seconds", "addresses",
    };
    struct json *macs = daemon_ask_json_or_exit("macs");
    struct table table;

    if (ctx->json) {
        ctl_print_json(macs);
        return CTL_OK;
    }
    table_init(&table);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        table_add_column(&table, "%s", columns[i]);
    }
    for (size_t i = 0; i < macs->array.n; i++) {
        add_row(&table, macs->array.elems[i]);
    }
    if (macs->array.n || strcmp(ctx->format, "table")) {
        ctl_print_table(ctx, &table);
    } else {
        puts("No machine has been heard.");
    }
    table_destroy(&table);
    json_destroy(macs);
    return CTL_OK;
}

static void
add_row(struct table *table, const struct json *mac)
{
    const struct json *ips = json_get_array(mac, "ips");
    struct ds s = DS_EMPTY_INITIALIZER;

    table_add_row(table);
    add_text(table, "%lld", json_get_integer(mac, "vlan", 0));
    add_text(table, "%s", json_get_string(mac, "mac", "?"));
    add_text(table, "%s%s", json_get_string(mac, "state", "?"),
             json_get_boolean(mac, "frozen") ? ", frozen" : "");
    format_place(mac, &s);
    add_text(table, "%s", ds_cstr(&s));
    add_text(table, "%lld", json_get_integer(mac, "sequence", 0));
    add_text(table, "%lld", json_get_integer(mac, "seconds", 0));
    ds_clear(&s);
    for (size_t i = 0; ips && i < ips->array.n; i++) {
        ds_put_format(&s, "%s%s", i ? " " : "",
                      json_string(ips->array.elems[i]));
    }
    add_text(table, "%s", ds_cstr(&s));
    ds_destroy(&s);
}

static void
format_place(const struct json *mac, struct ds *s)
{
    const char *state = json_get_string(mac, "state", "?");

    if (!strcmp(state, "here")) {
        ds_put_format(s, "port %s", json_get_string(mac, "port", "?"));
    } else if (strcmp(state, "gone")) {
        ds_put_format(s, "host %lld, %s", json_get_integer(mac, "host", 0),
                      json_get_string(mac, "hostname", "?"));
    }
}

static void
add_text(struct table *table, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    table_add_cell(table)->text = xvasprintf(format, args);
    va_end(args);
}
