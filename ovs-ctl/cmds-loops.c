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

/* cmds-loops: loops and storms in status, and "unblock".  See cmds-loops.h. */

#include <config.h>
#include "ovs-ctl/cmds-loops.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#include "lib/loop-guard.h"
#include "lib/storm-guard.h"
#include "openvswitch/json.h"
#include "ovs-ctl/of-counts.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/sync.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

static void put_blocked(const struct daemon *, struct json *array,
                        struct json *notes);
static void put_storms(const struct daemon *, struct json *array,
                       struct json *notes);
static void put_storm(const struct daemon *, const struct storm_row *,
                      struct json *, struct json *notes);
static void put_muted(const struct storm_row *, long long int now,
                      struct json *, struct json *notes);
static void put_meters(const struct daemon *, struct json *notes);
static void add_sentence(struct json *array, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);
static void cmd_unblock(struct unixctl_conn *, int argc, const char *argv[],
                        void *d);

void
cmds_put_loops(const struct daemon *d, struct json *status,
               struct json *notes)
{
    struct json *blocked = json_array_create_empty();
    struct json *storms = json_array_create_empty();

    if (d->mode == MODE_RUN && d->loops.loop_guard) {
        put_blocked(d, blocked, notes);
        put_storms(d, storms, notes);
        put_meters(d, notes);
    }
    json_object_put(status, "blocked", blocked);
    json_object_put(status, "storms", storms);
}

void
cmds_register_loops(struct daemon *d)
{
    unixctl_command_register("unblock", "PORT", 1, 1, cmd_unblock, d);
}

static void
put_blocked(const struct daemon *d, struct json *array, struct json *notes)
{
    long long int now = time_msec();
    struct loop_row *rows;
    size_t n;

    rows = loop_guard_rows(d->loops.loop_guard, &n);
    for (size_t i = 0; i < n; i++) {
        const struct loop_row *row = &rows[i];
        long long int left = (row->until_ms - now) / 1000;
        struct json *json = json_object_create();

        json_object_put_string(json, "port", row->name);
        json_object_put(json, "ofport", json_integer_create(row->ofport));
        json_object_put_string(json, "why", row->why);
        json_object_put(json, "seconds",
                        json_integer_create((now - row->since_ms) / 1000));
        if (row->until_ms == LLONG_MAX) {
            add_sentence(notes, "port %s is blocked: %s",
                         row->name, row->why);
        } else {
            json_object_put(json, "left", json_integer_create(MAX(left, 0)));
            add_sentence(notes, "port %s is blocked, for %lld s more: %s",
                         row->name, MAX(left, 0), row->why);
        }
        json_array_add(array, json);
    }
    free(rows);
}

static void
put_storms(const struct daemon *d, struct json *array, struct json *notes)
{
    long long int now = time_msec();
    struct storm_row *rows;
    size_t n;

    rows = storm_guard_rows(d->loops.storm_guard, &n, now);
    for (size_t i = 0; i < n; i++) {
        struct json *json = json_object_create();

        put_storm(d, &rows[i], json, notes);
        if (rows[i].muted_until_ms) {
            put_muted(&rows[i], now, json, notes);
        }
        json_array_add(array, json);
    }
    free(rows);
}

static void
put_storm(const struct daemon *d, const struct storm_row *row,
          struct json *json, struct json *notes)
{
    const char *kind = storm_kind_to_string(row->kind);

    json_object_put_string(json, "port", row->name);
    json_object_put(json, "ofport", json_integer_create(row->ofport));
    json_object_put_string(json, "kind", kind);
    json_object_put(json, "limit", json_integer_create(row->limit));
    json_object_put(json, "dropped", json_integer_create(row->n_dropped));
    json_object_put(json, "crowded", json_boolean_create(row->crowded));
    if (row->n_dropped) {
        add_sentence(notes, "port %s: %"PRIu64" %s frames dropped in the "
                     "last minute by its limit of %"PRIu32" a second",
                     row->name, row->n_dropped, kind, row->limit);
    }
    if (row->crowded && row->kind == STORM_FLOOD) {
        add_sentence(notes, "port %s: as many MACs as it may have "
                     "(%"PRIu32") are learnt there, and no more until "
                     "some are forgotten", row->name, d->flows.port_quota);
    }
}

static void
put_muted(const struct storm_row *row, long long int now, struct json *json,
          struct json *notes)
{
    long long int left = MAX((row->muted_until_ms - now + 999) / 1000, 0);

    json_object_put(json, "muted", json_integer_create(left));
    add_sentence(notes, "port %s: nothing that it sends is flooded "
                 "for %lld s more: there were more %s frames than "
                 "%"PRIu32" a second", row->name, left,
                 storm_kind_to_string(row->kind), row->limit);
}

static void
put_meters(const struct daemon *d, struct json *notes)
{
    const struct of_switch *sw = d->flows.bridges[SYNC_ACCESS].sw;

    if (sw && of_switch_counts(sw)->features_known && !d->flows.has_meters) {
        add_sentence(notes, "Open vSwitch has too few meters here: instead of "
                     "limiting what a port floods, mobulad mutes a port that "
                     "floods too much for a while");
    }
}

static void
add_sentence(struct json *array, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    json_array_add(array, json_string_create_nocopy(xvasprintf(format, args)));
    va_end(args);
}

static void
cmd_unblock(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[], void *d)
{
    char *error = sync_loops_unblock(d, argv[1], time_msec());

    if (error) {
        unixctl_command_reply_error(conn, error);
        free(error);
    } else {
        unixctl_command_reply(conn, NULL);
    }
}
