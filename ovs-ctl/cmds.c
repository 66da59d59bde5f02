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

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/cmds-flows.h"
#include "ovs-ctl/cmds-status.h"
#include "ovs-ctl/mobulad.h"
#include "ovs-ctl/of-switch.h"
#include "unixctl.h"
#include "util.h"

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
    return d->ports.has_actual && d->net.has_plan && d->wg.has_plan;
}

void
cmds_format_plan(const struct daemon *d, struct ds *s)
{
    const struct {
        const char *title;
        const struct plan *plan;
    } sections[] = {
        { "links, addresses, routes", d->net.has_plan ? &d->net.plan : NULL },
        { "WireGuard", d->wg.has_plan ? &d->wg.plan : NULL },
        { "bridges and ports", d->ports.has_actual ? &d->ports.plan : NULL },
        { "flows of ovsbr-mobula", flows_plan(d, SYNC_ACCESS) },
        { "flows of mo-und", flows_plan(d, SYNC_UNDERLAY) },
    };

    for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
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

/* Returns NULL before the first comparison. */
static const struct plan *
flows_plan(const struct daemon *d, enum sync_bridge_kind kind)
{
    const struct of_switch *sw = d->flows.bridges[kind].sw;

    return sw && of_switch_actual(sw) ? of_switch_plan(sw) : NULL;
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
}

static void
cmd_flows(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *d)
{
    reply_json(conn, cmds_flows_json(d));
}

static void
cmd_plan(struct unixctl_conn *conn, int argc OVS_UNUSED,
         const char *argv[] OVS_UNUSED, void *d)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    cmds_format_plan(d, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
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
    unixctl_command_register("plan", "", 0, 0, cmd_plan, d);
    unixctl_command_register("flows", "", 0, 0, cmd_flows, d);
    unixctl_command_register("reload", "", 0, 0, cmd_reload, d);
    unixctl_command_register("teardown", "", 0, 0, cmd_teardown, d);
    unixctl_command_register("exit", "", 0, 0, cmd_exit, d);
}
