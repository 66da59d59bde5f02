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

/* cmd-facts: "mobula-ctl facts": what a host tells the others.
 *
 * mobulad answers in JSON (ovs-ctl/cmds-facts.h says with which members); this
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

static void print_host(const struct json *);
static void print_links(const struct ctl_context *, const struct json *);
static void print_macs(const struct ctl_context *, const struct json *);
static char *join(const struct json *array);
static void add_text(struct table *, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);

int
cmd_facts(const struct ctl_context *ctx)
{
    struct json *facts = daemon_ask_json_args_or_exit("facts", ctx->argc,
                                                      ctx->argv);

    if (ctx->json) {
        ctl_print_json(facts);
        return CTL_OK;
    }
    if (!strcmp(ctx->format, "table")) {
        print_host(facts);
        print_links(ctx, json_get_array(facts, "links"));
    }
    print_macs(ctx, json_get_array(facts, "macs"));
    json_destroy(facts);
    return CTL_OK;
}

static void
print_host(const struct json *facts)
{
    long long int underlay = json_get_integer(facts, "underlay_mtu", 0);
    long long int path = json_get_integer(facts, "path_mtu", 0);

    printf("Host %lld, %s: %s\n", json_get_integer(facts, "host", 0),
           json_get_string(facts, "hostname", "?"),
           json_get_string(facts, "state", "?"));
    if (!json_get_array(facts, "links")) {
        return;
    }
    printf("  version        %s\n", json_get_string(facts, "version", "?"));
    printf("  configuration  %s\n",
           json_get_string(facts, "config_digest", "?"));
    if (underlay) {
        printf("  underlay MTU   %lld", underlay);
        printf(path ? ", measured %lld\n" : "\n", path);
    }
    if (json_get_boolean(facts, "drained")) {
        printf("  drained        yes\n");
    }
    putchar('\n');             /* table_print() does so between tables. */
}

static void
print_links(const struct ctl_context *ctx, const struct json *links)
{
    struct table table;

    if (!links || !links->array.n) {
        return;
    }
    table_init(&table);
    table_add_column(&table, "peer");
    table_add_column(&table, "link");
    table_add_column(&table, "loss");
    table_add_column(&table, "round trip");
    for (size_t i = 0; i < links->array.n; i++) {
        const struct json *link = links->array.elems[i];
        long long int loss = json_get_integer(link, "loss", 0);
        long long int rtt = json_get_integer(link, "rtt_us", 0);

        table_add_row(&table);
        add_text(&table, "%lld", json_get_integer(link, "peer", 0));
        add_text(&table, "%s", (!json_get_boolean(link, "up") ? "down"
                                : json_get_boolean(link, "poor") ? "poor"
                                : "up"));
        add_text(&table, "%lld.%lld %%", loss / 10, loss % 10);
        if (rtt) {
            add_text(&table, "%.3f ms", rtt / 1000.0);
        } else {
            add_text(&table, "-");
        }
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}

static void
print_macs(const struct ctl_context *ctx, const struct json *macs)
{
    struct table table;

    if (!macs || !macs->array.n) {
        return;
    }
    table_init(&table);
    table_add_column(&table, "VLAN");
    table_add_column(&table, "MAC");
    table_add_column(&table, "sequence");
    table_add_column(&table, "addresses");
    for (size_t i = 0; i < macs->array.n; i++) {
        const struct json *mac = macs->array.elems[i];

        table_add_row(&table);
        add_text(&table, "%lld", json_get_integer(mac, "vlan", 0));
        add_text(&table, "%s", json_get_string(mac, "mac", "?"));
        add_text(&table, "%lld", json_get_integer(mac, "sequence", 0));
        table_add_cell(&table)->text = join(json_get_array(mac, "ips"));
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}

/* Returns the strings of 'array' in one, which the caller must free. */
static char *
join(const struct json *array)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; array && i < array->array.n; i++) {
        ds_put_format(&s, "%s%s", i ? " " : "",
                      json_string(array->array.elems[i]));
    }
    return ds_steal_cstr(&s);
}

static void
add_text(struct table *table, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    table_add_cell(table)->text = xvasprintf(format, args);
    va_end(args);
}
