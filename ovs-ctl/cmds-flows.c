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

/* cmds-flows: desired and installed flows side by side -> JSON.
 * See cmds-flows.h. */

#include <config.h>
#include "ovs-ctl/cmds-flows.h"

#include <inttypes.h>
#include <stdlib.h>

#include "flows/cookie.h"
#include "flows/explain.h"
#include "flows/flow-table.h"
#include "flows/groups.h"
#include "flows/learnt.h"
#include "flows/stages.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/of-counts.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/sync.h"
#include "util.h"

/* The two tables of one bridge; 'actual' may be NULL. */
struct side_by_side {
    const struct daemon *d;
    const char *bridge;
    const struct flow_table *desired;
    const struct flow_table *actual;
    const struct of_counts *counts; /* NULL if 'actual' is. */
};

static void add_meters(const struct side_by_side *, struct json *array);
static void add_groups(const struct side_by_side *, struct json *array);
static void add_flows(const struct side_by_side *, struct json *array);
static void add_meter(const struct side_by_side *, struct json *array,
                      const struct meter_entry *desired,
                      const struct meter_entry *actual);
static void add_group(const struct side_by_side *, struct json *array,
                      const struct group_entry *desired,
                      const struct group_entry *actual);
static void add_flow(const struct side_by_side *, struct json *array,
                     const struct flow_entry *desired,
                     const struct flow_entry *actual);
static const char *flow_state(const struct flow_entry *desired,
                              const struct flow_entry *actual);
static const char *group_state(const struct group_entry *desired,
                               const struct group_entry *actual);
static const char *meter_state(const struct meter_entry *desired,
                               const struct meter_entry *actual);
static bool find_drops(const struct side_by_side *, uint32_t meter_id,
                       uint64_t *);
static void put_ds(struct json *, const char *name, struct ds *);

struct json *
cmds_flows_json(const struct daemon *d)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        const struct sync_bridge *bridge = &d->flows.bridges[i];
        struct side_by_side sides = {
            .d = d,
            .bridge = sync_bridge_name(i),
            .desired = &bridge->desired,
            .actual = bridge->sw ? of_switch_actual(bridge->sw) : NULL,
            .counts = bridge->sw ? of_switch_counts(bridge->sw) : NULL,
        };

        add_meters(&sides, array);
        add_groups(&sides, array);
        add_flows(&sides, array);
    }
    return array;
}

static void
add_meters(const struct side_by_side *sides, struct json *array)
{
    struct meter_entry **desired = flow_table_sorted_meters(sides->desired);
    struct meter_entry **actual
        = sides->actual ? flow_table_sorted_meters(sides->actual) : NULL;

    for (size_t i = 0; desired[i]; i++) {
        add_meter(sides, array, desired[i],
                  sides->actual ? flow_table_find_meter(sides->actual,
                                                        desired[i]->id)
                                : NULL);
    }
    for (size_t i = 0; actual && actual[i]; i++) {
        if (!flow_table_find_meter(sides->desired, actual[i]->id)) {
            add_meter(sides, array, NULL, actual[i]);
        }
    }
    free(desired);
    free(actual);
}

static void
add_groups(const struct side_by_side *sides, struct json *array)
{
    struct group_entry **desired = flow_table_sorted_groups(sides->desired);
    struct group_entry **actual
        = sides->actual ? flow_table_sorted_groups(sides->actual) : NULL;

    for (size_t i = 0; desired[i]; i++) {
        add_group(sides, array, desired[i],
                  sides->actual ? flow_table_find_group(sides->actual,
                                                        desired[i]->id)
                                : NULL);
    }
    for (size_t i = 0; actual && actual[i]; i++) {
        if (!flow_table_find_group(sides->desired, actual[i]->id)) {
            add_group(sides, array, NULL, actual[i]);
        }
    }
    free(desired);
    free(actual);
}

static void
add_flows(const struct side_by_side *sides, struct json *array)
{
    struct flow_entry **desired = flow_table_sorted(sides->desired);
    struct flow_entry **actual
        = sides->actual ? flow_table_sorted(sides->actual) : NULL;

    for (size_t i = 0; desired[i]; i++) {
        add_flow(sides, array, desired[i],
                 sides->actual ? flow_table_find(sides->actual, desired[i])
                               : NULL);
    }
    for (size_t i = 0; actual && actual[i]; i++) {
        if (!flow_table_find(sides->desired, actual[i])) {
            add_flow(sides, array, NULL, actual[i]);
        }
    }
    free(desired);
    free(actual);
}

/* One of 'desired' and 'actual' may be NULL. */
static void
add_meter(const struct side_by_side *sides, struct json *array,
          const struct meter_entry *desired, const struct meter_entry *actual)
{
    const struct meter_entry *meter = desired ? desired : actual;
    struct json *row = json_object_create();
    struct ds s = DS_EMPTY_INITIALIZER;
    uint64_t n_dropped;

    json_object_put_string(row, "bridge", sides->bridge);
    json_object_put_string(row, "stage", "meter");
    json_object_put_string(row, "state", meter_state(desired, actual));
    meter_explain(meter, &s);
    if (find_drops(sides, meter->id, &n_dropped)) {
        ds_put_format(&s, "  It has dropped %"PRIu64" so far.", n_dropped);
        json_object_put(row, "dropped", json_integer_create(n_dropped));
    }
    put_ds(row, "words", &s);
    meter_entry_format(meter, &s);
    put_ds(row, "text", &s);
    if (desired && actual && !meter_entry_equal(desired, actual)) {
        meter_entry_format(actual, &s);
        put_ds(row, "installed", &s);
    }
    json_array_add(array, row);
}

/* One of 'desired' and 'actual' may be NULL. */
static void
add_group(const struct side_by_side *sides, struct json *array,
          const struct group_entry *desired, const struct group_entry *actual)
{
    const struct group_entry *group = desired ? desired : actual;
    const char *state = group_state(desired, actual);
    struct json *row = json_object_create();
    struct ds s = DS_EMPTY_INITIALIZER;

    json_object_put_string(row, "bridge", sides->bridge);
    json_object_put_string(row, "stage", "group");
    json_object_put_string(row, "state", state);
    group_explain(group, &sides->d->fabric, &s);
    put_ds(row, "words", &s);
    group_entry_format(group, &s);
    put_ds(row, "text", &s);
    if (desired && actual && !group_entry_equal(desired, actual)) {
        group_entry_format(actual, &s);
        put_ds(row, "installed", &s);
    }
    json_array_add(array, row);
}

static void
add_flow(const struct side_by_side *sides, struct json *array,
         const struct flow_entry *desired, const struct flow_entry *actual)
{
    const struct flow_entry *flow = desired ? desired : actual;
    const struct stage *stage
        = (cookie_is_ours(flow->cookie)
           ? stage_find(cookie_stage(flow->cookie)) : NULL);
    struct json *row = json_object_create();
    struct ds s = DS_EMPTY_INITIALIZER;

    json_object_put_string(row, "bridge", sides->bridge);
    json_object_put_string(row, "stage", stage ? stage->name : "?");
    json_object_put_string(row, "state", flow_state(desired, actual));
    flow_explain(flow, &sides->d->fabric, &s);
    put_ds(row, "words", &s);
    flow_entry_format(flow, &s);
    put_ds(row, "text", &s);
    if (desired && actual && !flow_entry_equal(desired, actual)) {
        flow_entry_format(actual, &s);
        put_ds(row, "installed", &s);
    }
    if (actual) {
        json_object_put(row, "packets",
                        json_integer_create(actual->n_packets));
    }
    json_array_add(array, row);
}

static const char *
flow_state(const struct flow_entry *desired, const struct flow_entry *actual)
{
    if (desired && actual) {
        return flow_entry_equal(desired, actual) ? "installed" : "different";
    } else if (desired) {
        return "missing";
    } else if (!cookie_is_ours(actual->cookie)) {
        return "alien";
    } else {
        return learnt_is_learnt(actual) ? "learnt" : "stale";
    }
}

static const char *
group_state(const struct group_entry *desired,
            const struct group_entry *actual)
{
    if (desired && actual) {
        return group_entry_equal(desired, actual) ? "installed" : "different";
    } else if (desired) {
        return "missing";
    } else {
        return group_is_ours(actual->id) ? "stale" : "alien";
    }
}

static const char *
meter_state(const struct meter_entry *desired,
            const struct meter_entry *actual)
{
    if (desired && actual) {
        return meter_entry_equal(desired, actual) ? "installed" : "different";
    } else if (desired) {
        return "missing";
    } else {
        return meter_is_ours(actual->id) ? "stale" : "alien";
    }
}

/* Stores what a meter has dropped, if that is known. */
static bool
find_drops(const struct side_by_side *sides, uint32_t meter_id, uint64_t *n)
{
    const struct of_counts *counts = sides->counts;

    for (size_t i = 0; counts && counts->are_drops && i < counts->n_items;
         i++) {
        if (counts->items[i].meter_id == meter_id) {
            *n = counts->items[i].n;
            return true;
        }
    }
    return false;
}

/* Moves the text of 's' into member 'name' of 'object'. */
static void
put_ds(struct json *object, const char *name, struct ds *s)
{
    json_object_put(object, name, json_string_create_nocopy(ds_steal_cstr(s)));
}
