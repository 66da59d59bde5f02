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

/* cmds: what mobula-ctl asks the daemon for, over unixctl.
 *
 * Each answer is JSON; the utilities turn it into tables.  An answer never
 * waits: mobula-ctl asks again until it gets what it waits for. */

#include <config.h>
#include "ovs-ctl/cmds.h"

#include <stdlib.h>

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/cmds-facts.h"
#include "ovs-ctl/cmds-flows.h"
#include "ovs-ctl/cmds-gateway.h"
#include "ovs-ctl/cmds-loops.h"
#include "ovs-ctl/cmds-macs.h"
#include "ovs-ctl/cmds-paths.h"
#include "ovs-ctl/cmds-status.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/sync.h"
#include "unixctl.h"
#include "util.h"

/* What one kind of object was compared with, and found. */
struct plan_section {
    const char *title;          /* NULL: nothing of that kind is needed. */
    const struct plan *plan;    /* NULL: not compared yet.  Borrowed. */
};

enum { N_SECTIONS = 10 };

static void list_sections(const struct daemon *,
                          struct plan_section[N_SECTIONS]);
static void put_items(struct json *section, const struct plan *);
static const struct plan *flows_plan(const struct daemon *,
                                     enum sync_bridge_kind);

bool
cmds_plan_is_complete(const struct daemon *d)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        if (d->flows.bridges[i].sw && !flows_plan(d, i)) {
            return false;
        }
    }
    return d->ports.has_actual && d->net.has_plan && d->wg.has_plan
           && d->guard.has_plan && d->filter.nft.has_plan
           && sync_dns_plan(d) && d->share.has_plan && d->facts.has_plan
           && sync_resolve_is_ready(d);
}

void
cmds_format_plan(const struct daemon *d, struct ds *s)
{
    struct plan_section sections[N_SECTIONS];

    list_sections(d, sections);
    for (size_t i = 0; i < N_SECTIONS; i++) {
        if (!sections[i].title) {
            continue;
        }
        ds_put_format(s, "%s: ", sections[i].title);
        if (sections[i].plan) {
            plan_format_counts(sections[i].plan, s);
            ds_put_char(s, '\n');
            plan_format(sections[i].plan, false, s);
        } else {
            ds_put_cstr(s, "not compared yet\n");
        }
    }
}

/* An array with an object per section:
 *   "title"    what is compared
 *   "items"    array of objects "verdict", "object" and "detail" (if any);
 *              absent if it was not compared yet
 *   "counts"   object, the number of items by verdict; some have no item. */
static struct json *
plan_json(const struct daemon *d)
{
    struct json *array = json_array_create_empty();
    struct plan_section sections[N_SECTIONS];

    list_sections(d, sections);
    for (size_t i = 0; i < N_SECTIONS; i++) {
        struct json *section;

        if (!sections[i].title) {
            continue;
        }
        section = json_object_create();
        json_object_put_string(section, "title", sections[i].title);
        if (sections[i].plan) {
            put_items(section, sections[i].plan);
        }
        json_array_add(array, section);
    }
    return array;
}

static void
put_items(struct json *section, const struct plan *plan)
{
    struct json *items = json_array_create_empty();
    struct json *counts = json_object_create();

    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_item *item = &plan->items[i];
        struct json *json = json_object_create();

        json_object_put_string(json, "verdict",
                               plan_verdict_to_string(item->verdict));
        json_object_put_string(json, "object", item->object);
        if (item->detail) {
            json_object_put_string(json, "detail", item->detail);
        }
        json_array_add(items, json);
    }
    for (size_t i = 0; i < PLAN_N_VERDICTS; i++) {
        json_object_put(counts, plan_verdict_to_string(i),
                        json_integer_create(plan->counts[i]));
    }
    json_object_put(section, "items", items);
    json_object_put(section, "counts", counts);
}

static void
list_sections(const struct daemon *d, struct plan_section sections[N_SECTIONS])
{
    sections[0] = (struct plan_section) {
        "links, addresses, routes", d->net.has_plan ? &d->net.plan : NULL
    };
    sections[9] = (struct plan_section) {
        (d->external.plan.n ? "external interface" : NULL), &d->external.plan
    };
    sections[1] = (struct plan_section) {
        "WireGuard", d->wg.has_plan ? &d->wg.plan : NULL
    };
    sections[2] = (struct plan_section) {
        "bridges and ports", d->ports.has_actual ? &d->ports.plan : NULL
    };
    sections[3] = (struct plan_section) {
        "flows of "BRIDGE_ACCESS, flows_plan(d, SYNC_ACCESS)
    };
    sections[4] = (struct plan_section) {
        (d->userspace_datapath || d->flows.bridges[SYNC_UNDERLAY].sw
         ? "flows of "BRIDGE_UNDERLAY : NULL),
        flows_plan(d, SYNC_UNDERLAY)
    };
    sections[5] = (struct plan_section) {
        "database Mobula", d->facts.has_plan ? &d->facts.plan : NULL
    };
    sections[6] = (struct plan_section) {
        "guard", d->guard.has_plan ? &d->guard.plan : NULL
    };
    sections[7] = (struct plan_section) {
        "filter of the gateway",
        d->filter.nft.has_plan ? &d->filter.nft.plan : NULL
    };
    sections[8] = (struct plan_section) {
        "DNS server", sync_dns_plan(d)
    };
    sections[9] = (struct plan_section) {
        "way out of the gateway", d->share.has_plan ? &d->share.plan : NULL
    };
}

/* Returns NULL before the first comparison. */
static const struct plan *
flows_plan(const struct daemon *d, enum sync_bridge_kind kind)
{
    const struct of_switch *sw = d->flows.bridges[kind].sw;

    return sw && of_switch_has_plan(sw) ? of_switch_plan(sw) : NULL;
}

static void
reply_json(struct unixctl_conn *conn, struct json *json)
{
    char *text = json_to_string(json, JSSF_SORT);

    json_destroy(json);
    unixctl_command_reply(conn, text);
    free(text);
}

static void
cmd_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *d)
{
    reply_json(conn, cmds_status_json(d));
    cmds_gateway_ask_drops(d);
}

static void
cmd_facts(struct unixctl_conn *conn, int argc, const char *argv[], void *d)
{
    struct json *json;
    char *error = cmds_facts_json(d, argc > 1 ? argv[1] : NULL, &json);

    if (error) {
        unixctl_command_reply_error(conn, error);
        free(error);
    } else {
        reply_json(conn, json);
    }
}

static void
cmd_flows(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *d)
{
    reply_json(conn, cmds_flows_json(d));
}

static void
cmd_macs(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *d)
{
    reply_json(conn, cmds_macs_json(d));
}

static void
cmd_plan(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *d)
{
    reply_json(conn, plan_json(d));
}

static void
cmd_reload(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *d_)
{
    struct daemon *d = d_;
    char *error;

    if (d->mode != MODE_RUN) {
        unixctl_command_reply_error(conn, "mobulad is being torn down");
        return;
    }
    error = daemon_reload(d);
    if (error) {
        unixctl_command_reply_error(conn, error);
        free(error);
    } else {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_format(&s, "%sconfiguration %"PRIu64": host %"PRIu16" of "
                      "%"PRIuSIZE"\n",
                      d->config_warnings ? d->config_warnings : "",
                      d->config_seqno, d->self, d->fabric.n_hosts);
        unixctl_command_reply(conn, ds_cstr(&s));
        ds_destroy(&s);
    }
}

static void
cmd_teardown(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *d_)
{
    struct daemon *d = d_;

    if (d->mode == MODE_RUN) {
        d->mode = MODE_TEARDOWN;
        daemon_reset(d);
    }
    unixctl_command_reply(conn, NULL);
}

static void
cmd_retry_external(struct unixctl_conn *conn, int argc OVS_UNUSED,
                   const char *argv[] OVS_UNUSED, void *d)
{
    if (sync_external_retry(d)) {
        unixctl_command_reply(conn, NULL);
    } else {
        unixctl_command_reply_error(conn, "the external interface has not "
                                    "been given back: nothing to try again");
    }
}

static void
cmd_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *d_)
{
    struct daemon *d = d_;

    d->exiting = true;
    unixctl_command_reply(conn, NULL);
}

void
cmds_register(struct daemon *d)
{
    unixctl_command_register("status", "", 0, 0, cmd_status, d);
    unixctl_command_register("macs", "", 0, 0, cmd_macs, d);
    unixctl_command_register("plan", "", 0, 0, cmd_plan, d);
    unixctl_command_register("facts", "[HOST]", 0, 1, cmd_facts, d);
    unixctl_command_register("flows", "", 0, 0, cmd_flows, d);
    unixctl_command_register("reload", "", 0, 0, cmd_reload, d);
    unixctl_command_register("teardown", "", 0, 0, cmd_teardown, d);
    unixctl_command_register("exit", "", 0, 0, cmd_exit, d);
    unixctl_command_register("retry-external", "", 0, 0,
                             cmd_retry_external, d);
    cmds_register_loops(d);
    cmds_register_paths(d);
}
