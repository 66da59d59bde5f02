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

/* cmd-status: "mobula-ctl status": this host, its peers, what is wrong.
 *
 * mobulad answers in JSON (ovs-ctl/cmds-status.h says with which members);
 * this file only lays it out. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "utilities/daemon-client.h"
#include "table.h"
#include "util.h"

static void print_host(const struct json *status);
static void print_underlay(const struct json *host);
static void print_peers(const struct ctl_context *,
                        const struct json *status);
static void add_peer(struct table *, const struct json *peer);
static void add_text(struct table *, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);
static void format_bytes(struct ds *, long long int bytes);
static void print_sentences(const char *title, const struct json *array);

int
cmd_status(const struct ctl_context *ctx)
{
    struct json *status = daemon_ask_json_or_exit("status");
    bool ready = json_get_boolean(status, "ready");

    if (ctx->json) {
        ctl_print_json(status);
        return ready ? CTL_OK : CTL_FAILED;
    }
    if (strcmp(ctx->format, "table")) {
        print_peers(ctx, status);
        json_destroy(status);
        return ready ? CTL_OK : CTL_FAILED;
    }
    print_host(status);
    putchar('\n');
    print_peers(ctx, status);
    print_sentences("Not as desired", json_get_array(status, "problems"));
    print_sentences("Notes", json_get_array(status, "notes"));
    json_destroy(status);
    return ready ? CTL_OK : CTL_FAILED;
}

static void
print_host(const struct json *status)
{
    const struct json *host = json_get_object(status, "host");
    const char *mode = json_get_string(status, "mode", "?");

    if (!host) {
        printf("%s\n", strcmp(mode, "run")
               ? "Mobula is being removed from this host."
               : "Nothing is configured.");
        return;
    }
    printf("Host %lld, %s: %s\n",
           json_get_integer(host, "id", 0),
           json_get_string(host, "hostname", "?"),
           strcmp(mode, "run") ? mode
           : json_get_boolean(status, "ready") ? "everything is as desired"
           : "not (yet) as desired");
    printf("  access     %s/16 for veth_fac0, gateway %s, MTU %lld\n",
           json_get_string(host, "access", "?"),
           json_get_string(host, "gateway", "?"),
           json_get_integer(host, "access_mtu", 0));
    printf("  intrawire  %s, MTU %lld\n",
           json_get_string(host, "intrawire", "?"),
           json_get_integer(host, "intrawire_mtu", 0));
    print_underlay(host);
    printf("  runs with  %s datapath, %s WireGuard; "
           "%lld flow corrections since the start\n",
           json_get_string(host, "datapath", "?"),
           json_get_string(host, "wireguard", "?"),
           json_get_integer(host, "flow_corrections", 0));
}

static void
print_underlay(const struct json *host)
{
    long long int used = json_get_integer(host, "underlay_mtu", 0);
    long long int links = json_get_integer(host, "links_mtu", 0);

    printf("  underlay   MTU %lld", used);
    if (links > used) {
        printf(" (%lld by the links of all hosts)", links);
    }
    putchar('\n');
}

static void
print_peers(const struct ctl_context *ctx, const struct json *status)
{
    const struct json *peers = json_get_array(status, "peers");
    struct table table;

    if (!peers || !peers->array.n) {
        return;
    }
    table_init(&table);
    table_add_column(&table, "peer");
    table_add_column(&table, "name");
    table_add_column(&table, "tunnel");
    table_add_column(&table, "losses");
    table_add_column(&table, "handshake");
    table_add_column(&table, "endpoint");
    table_add_column(&table, "received");
    table_add_column(&table, "sent");
    for (size_t i = 0; i < peers->array.n; i++) {
        add_peer(&table, peers->array.elems[i]);
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}

static void
add_peer(struct table *table, const struct json *peer)
{
    long long int age = json_get_integer(peer, "handshake_age", -1);
    struct ds bytes = DS_EMPTY_INITIALIZER;

    table_add_row(table);
    add_text(table, "%lld", json_get_integer(peer, "id", 0));
    add_text(table, "%s", json_get_string(peer, "hostname", "?"));
    add_text(table, "%s", json_get_string(peer, "tunnel", "?"));
    add_text(table, "%lld", json_get_integer(peer, "losses", 0));
    if (age >= 0) {
        add_text(table, "%lld s ago", age);
    } else {
        add_text(table, "never");
    }
    add_text(table, "%s", json_get_string(peer, "endpoint", "none"));
    format_bytes(&bytes, json_get_integer(peer, "rx_bytes", 0));
    add_text(table, "%s", ds_cstr(&bytes));
    ds_clear(&bytes);
    format_bytes(&bytes, json_get_integer(peer, "tx_bytes", 0));
    add_text(table, "%s", ds_cstr(&bytes));
    ds_destroy(&bytes);
}

static void
add_text(struct table *table, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    table_add_cell(table)->text = xvasprintf(format, args);
    va_end(args);
}

/* "812 B", "4.1 kB", "1.2 MB"... in powers of 1000. */
static void
format_bytes(struct ds *s, long long int bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double value = bytes;
    size_t unit = 0;

    while (value >= 1000 && unit < ARRAY_SIZE(units) - 1) {
        value /= 1000;
        unit++;
    }
    ds_put_format(s, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void
print_sentences(const char *title, const struct json *array)
{
    if (array && array->array.n) {
        printf("\n%s:\n", title);
        for (size_t i = 0; i < array->array.n; i++) {
            printf("  %s\n", json_string(array->array.elems[i]));
        }
    }
}
