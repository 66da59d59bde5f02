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

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "utilities/daemon-client.h"
#include "table.h"
#include "util.h"

/* Which columns a table of peers has, besides the peer. */
enum {
    COLUMNS_WAY = 1 << 0,       /* How it is reached. */
    COLUMNS_WIRE = 1 << 1,      /* What WireGuard says. */
};

static void print_host(const struct json *status);
static void print_drained(const char *drained);
static void print_underlay(const struct json *host);
static void print_networks(const struct json *host);
static void print_way_out(const struct json *host);
static void print_dropped(const struct json *array);
static void print_peers(const struct ctl_context *,
                        const struct json *status);
static void print_table(const struct ctl_context *, const struct json *status,
                        unsigned int columns);
static void add_way(struct table *, const struct json *peer);
static void add_link(struct table *, const struct json *link,
                     const char *tunnel);
static void add_quality(struct table *, const struct json *link);
static void add_wire(struct table *, const struct json *peer);
static void add_text(struct table *, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);
static void format_bytes(struct ds *, long long int bytes);
static void print_clients(const struct ctl_context *,
                          const struct json *clients);
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
    print_clients(ctx, json_get_array(status, "clients"));
    print_sentences("Not as desired", json_get_array(status, "problems"));
    print_sentences("Notes", json_get_array(status, "notes"));
    print_dropped(json_get_array(status, "dropped"));
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
    print_networks(host);
    printf("  DNS        %s (names: %lld)\n",
           json_get_string(host, "dns", "?"),
           json_get_integer(host, "dns_names", 0));
    print_way_out(host);
    print_underlay(host);
    print_drained(json_get_string(host, "drained", "no"));
    printf("  runs with  %s datapath, %s WireGuard; "
           "%lld flow corrections since the start\n",
           json_get_string(host, "datapath", "?"),
           json_get_string(host, "wireguard", "?"),
           json_get_integer(host, "flow_corrections", 0));
}

static void
print_networks(const struct json *host)
{
    printf("  access     %s/16 for veth_fac0, gateway %s, MTU %lld\n",
           json_get_string(host, "access", "?"),
           json_get_string(host, "gateway", "?"),
           json_get_integer(host, "access_mtu", 0));
    printf("  intrawire  %s, MTU %lld\n",
           json_get_string(host, "intrawire", "?"),
           json_get_integer(host, "intrawire_mtu", 0));
    if (json_get_string(host, "access6", NULL)) {
        printf("  IPv6       %s/%d for veth_fac0, gateway %s\n",
               json_get_string(host, "access6", "?"), ADDR_ACCESS6_LEN,
               json_get_string(host, "gateway6", "?"));
    }
}

static void
print_way_out(const struct json *host)
{
    const struct json *out = json_get_object(host, "way_out");
    const char *none = out ? json_get_string(out, "none", NULL) : "?";
    const char *link = out ? json_get_string(out, "link", NULL) : NULL;
    const char *via;

    if (none) {
        printf("  way out    none\n");
    } else if (!link) {
        printf("  way out    %s, which is the gateway's%s\n",
               json_get_string(host, "external_interface", "?"),
               json_get_boolean(host, "external_confirmed")
               ? "" : "; its router has not answered yet");
    } else {
        via = json_get_string(out, "via", "");
        printf("  way out    %s%sthe host's %s%s\n", via,
               via[0] ? " by " : "", link,
               json_get_boolean(out, "moved")
               ? ", while the host goes by the gateway" : "");
    }
}

static void
print_dropped(const struct json *array)
{
    if (array && array->array.n) {
        printf("\nDropped packets:\n");
        for (size_t i = 0; i < array->array.n; i++) {
            const struct json *drop = array->array.elems[i];

            printf("  %8lld  %s\n", json_get_integer(drop, "packets", 0),
                   json_get_string(drop, "what", "?"));
        }
    }
}

static void
print_drained(const char *drained)
{
    if (strcmp(drained, "no")) {
        printf("  drained    %s\n", drained);
    }
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

/* A terminal is too narrow for all columns. */
static void
print_peers(const struct ctl_context *ctx, const struct json *status)
{
    if (!strcmp(ctx->format, "table")) {
        print_table(ctx, status, COLUMNS_WAY);
        print_table(ctx, status, COLUMNS_WIRE);
    } else {
        print_table(ctx, status, COLUMNS_WAY | COLUMNS_WIRE);
    }
}

static void
print_table(const struct ctl_context *ctx, const struct json *status,
            unsigned int columns)
{
    static const char *const way[] = {
        "reached", "for", "link", "flaps", "outage", "loss", "round trip"
    };
    static const char *const wire[] = {
        "handshake", "endpoint", "received", "sent"
    };
    const struct json *peers = json_get_array(status, "peers");
    struct table table;

    if (!peers || !peers->array.n) {
        return;
    }
    table_init(&table);
    table_add_column(&table, "peer");
    table_add_column(&table, "name");
    for (size_t i = 0; columns & COLUMNS_WAY && i < ARRAY_SIZE(way); i++) {
        table_add_column(&table, "%s", way[i]);
    }
    for (size_t i = 0; columns & COLUMNS_WIRE && i < ARRAY_SIZE(wire); i++) {
        table_add_column(&table, "%s", wire[i]);
    }
    for (size_t i = 0; i < peers->array.n; i++) {
        const struct json *peer = peers->array.elems[i];

        table_add_row(&table);
        add_text(&table, "%lld", json_get_integer(peer, "id", 0));
        add_text(&table, "%s", json_get_string(peer, "hostname", "?"));
        if (columns & COLUMNS_WAY) {
            add_way(&table, peer);
        }
        if (columns & COLUMNS_WIRE) {
            add_wire(&table, peer);
        }
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}

/* How the peer is reached, and the direct link to it. */
static void
add_way(struct table *table, const struct json *peer)
{
    const struct json *way = json_get_object(peer, "way");
    const struct json *link = json_get_object(peer, "link");
    const char *by = way ? json_get_string(way, "by", "?") : "?";
    long long int links = way ? json_get_integer(way, "links", 0) : 0;
    long long int seconds = way ? json_get_integer(way, "for", -1) : -1;

    if (!strcmp(by, "direct") || !strcmp(by, "none") || !strcmp(by, "?")) {
        add_text(table, "%s", by);
    } else if (links > 2) {
        add_text(table, "by %s, %lld links", by, links);
    } else {
        add_text(table, "by %s", by);
    }
    if (seconds >= 0) {
        add_text(table, "%lld s", seconds);
    } else {
        add_text(table, "-");
    }
    add_link(table, link, (json_get_boolean(peer, "no_endpoint")
                           ? "no endpoint"
                           : json_get_string(peer, "tunnel", "?")));
    add_quality(table, link);
}

static void
add_link(struct table *table, const struct json *link, const char *tunnel)
{
    const char *state = link ? json_get_string(link, "state", "?") : "?";
    long long int flaps = link ? json_get_integer(link, "flaps", 0) : 0;
    long long int outage = link ? json_get_integer(link, "outage_ms", -1) : -1;

    if (!strcmp(state, "held")) {
        long long int seconds = json_get_integer(link, "held_for", 0);

        if (seconds) {
            add_text(table, "held, %lld s", seconds);
        } else {
            add_text(table, "poor");
        }
    } else if (!strcmp(state, "down") && strcmp(tunnel, "up")) {
        /* BFD's word tells more. */
        add_text(table, "%s", tunnel);
    } else {
        add_text(table, "%s", state);
    }
    add_text(table, "%lld", flaps);
    if (outage >= 0) {
        add_text(table, "%lld ms", outage);
    } else {
        add_text(table, "%s", flaps ? "lasts" : "-");
    }
}

static void
add_quality(struct table *table, const struct json *link)
{
    long long int loss = link ? json_get_integer(link, "loss", -1) : -1;
    long long int rtt = link ? json_get_integer(link, "rtt_us", 0) : 0;

    if (loss >= 0) {
        add_text(table, "%.1f %%", loss / 10.0);
    } else {
        add_text(table, "-");
    }
    if (rtt) {
        add_text(table, "%.1f ms", rtt / 1000.0);
    } else {
        add_text(table, "-");
    }
}

/* What WireGuard says of the peer. */
static void
add_wire(struct table *table, const struct json *peer)
{
    long long int age = json_get_integer(peer, "handshake_age", -1);
    struct ds bytes = DS_EMPTY_INITIALIZER;

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

/* Those that have a session with this host; the others may have one with
 * another. */
static void
print_clients(const struct ctl_context *ctx, const struct json *clients)
{
    static const char *const columns[] = {
        "client", "address", "handshake", "endpoint", "received", "sent"
    };
    size_t n_connected = 0;
    struct table table;

    if (!clients || !clients->array.n) {
        return;
    }
    table_init(&table);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        table_add_column(&table, "%s", columns[i]);
    }
    for (size_t i = 0; i < clients->array.n; i++) {
        const struct json *client = clients->array.elems[i];

        if (json_get_boolean(client, "connected")) {
            table_add_row(&table);
            add_text(&table, "%s", json_get_string(client, "name", "?"));
            add_text(&table, "%s", json_get_string(client, "address", "?"));
            add_wire(&table, client);
            n_connected++;
        }
    }
    if (n_connected) {
        ctl_print_table(ctx, &table);
    }
    table_destroy(&table);
    printf("\nClients of extrawire connected to this host: %"PRIuSIZE" of "
           "%"PRIuSIZE"\n", n_connected, clients->array.n);
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
