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

/* cmds-macs: which machine is where -> JSON.  See cmds-macs.h. */

#include <config.h>
#include "ovs-ctl/cmds-macs.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/mac-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/sync.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

static struct json *row_json(const struct daemon *, const struct mac_row *);
static void put_host(const struct daemon *, const struct mac_row *,
                     struct json *);
static char *describe_frozen(const struct daemon *, const struct mac_row *);
static void format_hosts(const struct mac_row *, struct ds *);
static void add_limits(const struct daemon *, struct json *array);
static void add_text(struct json *array, char *);

struct json *
cmds_macs_json(const struct daemon *d)
{
    struct json *array = json_array_create_empty();

    if (d->macs.table) {
        size_t n;
        struct mac_row *rows = mac_table_rows(d->macs.table, &n);

        for (size_t i = 0; i < n; i++) {
            json_array_add(array, row_json(d, &rows[i]));
        }
        free(rows);
    }
    return array;
}

void
cmds_macs_add_notes(const struct daemon *d, struct json *array)
{
    struct mac_row *rows;
    size_t n;

    if (!d->macs.table) {
        return;
    }
    rows = mac_table_rows(d->macs.table, &n);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].frozen) {
            add_text(array, describe_frozen(d, &rows[i]));
        }
    }
    free(rows);
    add_limits(d, array);
}

static struct json *
row_json(const struct daemon *d, const struct mac_row *row)
{
    struct json *json = json_object_create();
    struct json *ips = json_array_create_empty();

    json_object_put(json, "vlan", json_integer_create(row->vlan));
    json_object_put_format(json, "mac", ETH_ADDR_FMT, ETH_ADDR_ARGS(row->mac));
    put_host(d, row, json);
    json_object_put(json, "sequence", json_integer_create(row->seqno));
    json_object_put(json, "seconds", json_integer_create(
        MAX(0, time_msec() - row->since_ms) / 1000));
    json_object_put(json, "frozen", json_boolean_create(row->frozen));
    for (size_t i = 0; i < row->n_ips; i++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ipv6_format_mapped(&row->ips[i], &s);
        add_text(ips, ds_steal_cstr(&s));
    }
    json_object_put(json, "ips", ips);
    return json;
}

static void
put_host(const struct daemon *d, const struct mac_row *row, struct json *json)
{
    const struct fabric_host *host = fabric_find_host(&d->fabric, row->host);
    const char *port = sync_macs_port_name(d, row->ofport);

    json_object_put_string(json, "state",
                           !row->host ? "gone"
                           : row->host == d->self ? "here"
                           : row->held ? "held" : "there");
    if (row->host) {
        json_object_put(json, "host", json_integer_create(row->host));
    }
    if (host) {
        json_object_put_string(json, "hostname", host->hostname);
    }
    if (port) {
        json_object_put_string(json, "port", port);
    }
}

/* Returns a sentence that the caller must free. */
static char *
describe_frozen(const struct daemon *d, const struct mac_row *row)
{
    const char *port = sync_macs_port_name(d, row->ofport);
    struct ds s = DS_EMPTY_INITIALIZER;

    sync_macs_format_mac(row->vlan, row->mac, &s);
    ds_put_format(&s, " moved %"PRIuSIZE" times within %d s (", row->n_hosts,
                  MAC_TABLE_WINDOW_MS / 1000);
    format_hosts(row, &s);
    ds_put_cstr(&s, "), so it is frozen");
    if (row->host) {
        sync_macs_format_place(d, row->host, row->ofport, &s);
    }
    if (port && row->host != d->self) {
        ds_put_format(&s, "; here it was heard at port %s", port);
    }
    ds_put_format(&s, "; it can move again in %lld s.  Do two machines have "
                  "it, or is there a loop?",
                  MAX(0, row->thaw_ms - time_msec() + 999) / 1000);
    return ds_steal_cstr(&s);
}

/* "to hosts 2, 1, 2". */
static void
format_hosts(const struct mac_row *row, struct ds *s)
{
    ds_put_cstr(s, "to hosts ");
    for (size_t i = 0; i < row->n_hosts; i++) {
        ds_put_format(s, "%s%u", i ? ", " : "", row->hosts[i]);
    }
}

static void
add_limits(const struct daemon *d, struct json *array)
{
    uint32_t limit = d->fabric.settings.mac_limit;

    if (!mac_table_has_room(d->macs.table)) {
        add_text(array, xasprintf("%"PRIu32" MACs are learnt here, as many as "
                                  "mac_limit allows: frames for any other "
                                  "are flooded", limit));
    }
    for (size_t i = 0; i < d->macs.n_peers; i++) {
        uint16_t id = d->macs.peers[i].id;
        const struct fabric_host *host = fabric_find_host(&d->fabric, id);
        size_t n = mac_table_n_dropped(d->macs.table, id);

        if (n && host) {
            add_text(array, xasprintf("host %u, %s: %"PRIuSIZE" of the MACs "
                                      "that it tells are left out, because "
                                      "mac_limit is %"PRIu32" or they cannot "
                                      "be", id, host->hostname, n, limit));
        }
    }
}

/* Takes ownership of 'text'. */
static void
add_text(struct json *array, char *text)
{
    json_array_add(array, json_string_create_nocopy(text));
}
