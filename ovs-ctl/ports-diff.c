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

/* ports-diff: desired and actual bridges and ports -> plan (pure).
 * See ports.h. */

#include <config.h>
#include "ovs-ctl/ports.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static void plan_op(struct ports_plan *, enum ports_op_kind,
                    const struct ovs_bridge *, const struct ovs_port *,
                    char *detail);
static void diff_stale_bridge(const struct ovs_bridge *, struct ports_plan *);
static void diff_stale_ports(const struct ovs_bridge *desired,
                             const struct ovs_bridge *actual,
                             struct ports_plan *);
static void diff_bridge(const struct ovs_bridge *desired,
                        const struct ovs_state *actual, struct ports_plan *);
static void diff_port(const struct ovs_bridge *, const struct ovs_port *,
                      const struct ovs_state *actual, struct ports_plan *);
static char *compare_bridge(const struct ovs_bridge *desired,
                            const struct ovs_bridge *actual);
static char *compare_port(const struct ovs_port *desired,
                          const struct ovs_port *actual);
static void compare_smap(struct ds *, const char *column,
                         const struct smap *desired,
                         const struct smap *actual);
static void block(struct ports_plan *, char *object, char *detail);

void
ports_plan_init(struct ports_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    plan_init(&plan->plan);
}

void
ports_plan_uninit(struct ports_plan *plan)
{
    free(plan->ops);
    plan_uninit(&plan->plan);
    ports_plan_init(plan);
}

void
ports_diff(const struct ovs_state *desired, const struct ovs_state *actual,
           struct ports_plan *plan)
{
    for (size_t i = 0; i < actual->n_bridges; i++) {
        const struct ovs_bridge *bridge = actual->bridges[i];
        const struct ovs_bridge *wanted
            = ovs_state_find_bridge(desired, bridge->name);

        if (bridge->role && !wanted) {
            diff_stale_bridge(bridge, plan);
        } else if (bridge->role) {
            diff_stale_ports(wanted, bridge, plan);
        }
    }
    for (size_t i = 0; i < desired->n_bridges; i++) {
        diff_bridge(desired->bridges[i], actual, plan);
    }
}

/* A bridge of ours that is not desired.  If somebody has put ports on it, it
 * cannot go without taking them along, so only our ports go. */
static void
diff_stale_bridge(const struct ovs_bridge *bridge, struct ports_plan *plan)
{
    struct ds foreign = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (!bridge->ports[i]->role) {
            ds_put_format(&foreign, " %s", bridge->ports[i]->name);
        }
    }
    if (!foreign.length) {
        plan_op(plan, PORTS_DEL_BRIDGE, bridge, NULL, NULL);
    } else {
        for (size_t i = 0; i < bridge->n_ports; i++) {
            if (bridge->ports[i]->role) {
                plan_op(plan, PORTS_DEL_PORT, bridge, bridge->ports[i], NULL);
            }
        }
        plan_add(&plan->plan, PLAN_ALIEN, xasprintf("bridge %s", bridge->name),
                 xasprintf("kept, it has ports that are not Mobula's:%s",
                           ds_cstr(&foreign)));
    }
    ds_destroy(&foreign);
}

static void
diff_stale_ports(const struct ovs_bridge *desired,
                 const struct ovs_bridge *actual, struct ports_plan *plan)
{
    for (size_t i = 0; i < actual->n_ports; i++) {
        const struct ovs_port *port = actual->ports[i];
        bool wanted = ovs_bridge_find_port(desired, port->name);

        if (port->role && !wanted) {
            plan_op(plan, PORTS_DEL_PORT, actual, port, NULL);
        } else if (!port->role && !wanted) {
            plan_add(&plan->plan, PLAN_ALIEN,
                     xasprintf("port %s", port->name),
                     xasprintf("somebody's access port on %s", actual->name));
        }
    }
}

static void
diff_bridge(const struct ovs_bridge *desired, const struct ovs_state *actual,
            struct ports_plan *plan)
{
    const struct ovs_bridge *there
        = ovs_state_find_bridge(actual, desired->name);

    if (there && !there->role) {
        block(plan, xasprintf("bridge %s", desired->name),
              xstrdup("exists but is not Mobula's (no external_ids:"OVS_MARK
                      "): delete or rename it"));
        return;
    }
    if (!there) {
        plan_op(plan, PORTS_ADD_BRIDGE, desired, NULL, NULL);
    } else {
        char *difference = compare_bridge(desired, there);

        if (difference) {
            plan_op(plan, PORTS_CHANGE_BRIDGE, desired, NULL, difference);
        } else {
            plan_add(&plan->plan, PLAN_KEEP,
                     xasprintf("bridge %s", desired->name), NULL);
        }
    }
    for (size_t i = 0; i < desired->n_ports; i++) {
        diff_port(desired, desired->ports[i], actual, plan);
    }
}

/* The userspace datapath receives nothing from a device that was removed and
 * made again while a port used it, and does not say so.  The port has to go,
 * and may come back when ovs-vswitchd has seen that it is gone. */
static void
diff_port(const struct ovs_bridge *bridge, const struct ovs_port *desired,
          const struct ovs_state *actual, struct ports_plan *plan)
{
    const struct ovs_bridge *holder
        = ovs_state_find_port_bridge(actual, desired->name);
    const struct ovs_port *there
        = holder ? ovs_bridge_find_port(holder, desired->name) : NULL;
    char *difference;

    if (!there) {
        if (desired->ifindex && !actual->settled
            && ovs_state_find_bridge(actual, bridge->name)) {
            plan->waiting = true;
        } else {
            plan_op(plan, PORTS_ADD_PORT, bridge, desired, NULL);
        }
        return;
    }
    if (!there->role || strcmp(holder->name, bridge->name)) {
        block(plan, xasprintf("port %s", desired->name),
              xasprintf("exists on bridge %s but is not Mobula's "
                        "(no external_ids:"OVS_MARK"): delete it",
                        holder->name));
        return;
    }
    difference = compare_port(desired, there);
    if (desired->ifindex && there->ifindex
        && desired->ifindex != there->ifindex) {
        free(difference);
        plan_op(plan, PORTS_DEL_PORT, bridge, there,
                xstrdup("its device was made again: it is to be plugged in "
                        "anew"));
    } else if (difference) {
        plan_op(plan, PORTS_CHANGE_PORT, bridge, desired, difference);
    } else {
        plan_add(&plan->plan, PLAN_KEEP, xasprintf("port %s", desired->name),
                 NULL);
    }
}

/* Return what differs, in words that the caller must free, or NULL. */

static char *
compare_bridge(const struct ovs_bridge *desired,
               const struct ovs_bridge *actual)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (strcmp(desired->datapath_type, actual->datapath_type)) {
        ds_put_format(&s, "datapath_type \"%s\" -> \"%s\", ",
                      actual->datapath_type, desired->datapath_type);
    }
    if (strcmp(desired->fail_mode, actual->fail_mode)) {
        ds_put_format(&s, "fail_mode \"%s\" -> \"%s\", ",
                      actual->fail_mode, desired->fail_mode);
    }
    if (desired->disable_in_band != actual->disable_in_band) {
        ds_put_cstr(&s, "other_config:disable-in-band -> true, ");
    }
    if (strcmp(desired->role, actual->role)) {
        ds_put_format(&s, "external_ids:"OVS_MARK" %s -> %s, ",
                      actual->role, desired->role);
    }
    ds_chomp(&s, ' ');
    ds_chomp(&s, ',');
    return s.length ? ds_steal_cstr(&s) : NULL;
}

static char *
compare_port(const struct ovs_port *desired, const struct ovs_port *actual)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (strcmp(desired->type, actual->type)) {
        ds_put_format(&s, "type \"%s\" -> \"%s\", ",
                      actual->type, desired->type);
    }
    if (desired->ofport_request != actual->ofport_request) {
        ds_put_format(&s, "ofport_request %u -> %u, ",
                      actual->ofport_request, desired->ofport_request);
    }
    if (strcmp(desired->role, actual->role)) {
        ds_put_format(&s, "external_ids:"OVS_MARK" %s -> %s, ",
                      actual->role, desired->role);
    }
    if (desired->ifindex && !actual->ifindex) {
        ds_put_format(&s, "external_ids:"OVS_IFINDEX" -> %u, ",
                      desired->ifindex);
    }
    compare_smap(&s, "options", &desired->options, &actual->options);
    compare_smap(&s, "bfd", &desired->bfd, &actual->bfd);
    ds_chomp(&s, ' ');
    ds_chomp(&s, ',');
    return s.length ? ds_steal_cstr(&s) : NULL;
}

static void
compare_smap(struct ds *s, const char *column, const struct smap *desired,
             const struct smap *actual)
{
    const struct smap_node **nodes = smap_sort(desired);
    struct smap_node *node;

    for (size_t i = 0; i < smap_count(desired); i++) {
        const char *value = smap_get(actual, nodes[i]->key);

        if (!value || strcmp(value, nodes[i]->value)) {
            ds_put_format(s, "%s:%s %s -> %s, ", column, nodes[i]->key,
                          value ? value : "(unset)", nodes[i]->value);
        }
    }
    free(nodes);
    SMAP_FOR_EACH (node, actual) {
        if (!smap_get(desired, node->key)) {
            ds_put_format(s, "%s:%s %s -> (unset), ", column, node->key,
                          node->value);
        }
    }
}

/* Appends a change and the line that says it.  Takes ownership of
 * 'detail'. */
static void
plan_op(struct ports_plan *plan, enum ports_op_kind kind,
        const struct ovs_bridge *bridge, const struct ovs_port *port,
        char *detail)
{
    static const enum plan_verdict verdicts[] = {
        [PORTS_ADD_BRIDGE] = PLAN_ADD,
        [PORTS_CHANGE_BRIDGE] = PLAN_CHANGE,
        [PORTS_DEL_BRIDGE] = PLAN_REMOVE,
        [PORTS_ADD_PORT] = PLAN_ADD,
        [PORTS_CHANGE_PORT] = PLAN_CHANGE,
        [PORTS_DEL_PORT] = PLAN_REMOVE,
    };

    if (plan->n_ops >= plan->allocated_ops) {
        plan->ops = x2nrealloc(plan->ops, &plan->allocated_ops,
                               sizeof *plan->ops);
    }
    plan->ops[plan->n_ops++] = (struct ports_op) {
        .kind = kind,
        .bridge = bridge,
        .port = port,
    };
    plan_add(&plan->plan, verdicts[kind],
             port ? xasprintf("port %s", port->name)
                  : xasprintf("bridge %s", bridge->name),
             detail);
}

/* Notes that something desired cannot be had.  Takes ownership of both. */
static void
block(struct ports_plan *plan, char *object, char *detail)
{
    plan->blocked = true;
    plan_add(&plan->plan, PLAN_ALIEN, object, detail);
}
