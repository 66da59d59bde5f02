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

/* sync-ports: keeps bridges and ports in OVSDB as desired.
 *
 * Reads through ovsdb-local.c, decides in ports-want.c and ports-diff.c, and
 * hands the changes back to ovsdb-local.c, one transaction at a time. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <net/if.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/ovsdb-local.h"
#include "ovs-ctl/ports.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_ports);

/* Time without any event after which we compare all the same. */
#define AUDIT_MS 10000

static void compare(struct daemon *, long long int now);
static void want(const struct daemon *, struct ovs_state *);
static void want_ifindexes(struct ovs_state *);
static enum pace_outcome apply(struct daemon *, const struct ports_plan *);

void
sync_ports_init(struct daemon *d)
{
    struct sync_ports *ports = &d->ports;

    ports->db = ovsdb_local_create(d->options.ovsdb_remote);
    pace_init(&ports->pace, AUDIT_MS);
    ovs_state_init(&ports->desired);
    ovs_state_init(&ports->actual);
    plan_init(&ports->plan);
}

void
sync_ports_uninit(struct daemon *d)
{
    struct sync_ports *ports = &d->ports;

    ovsdb_local_destroy(ports->db);
    ovs_state_uninit(&ports->desired);
    ovs_state_uninit(&ports->actual);
    plan_uninit(&ports->plan);
}

void
sync_ports_run(struct daemon *d, long long int now)
{
    struct sync_ports *ports = &d->ports;
    unsigned int seqno;

    ovsdb_local_run(ports->db);
    if (!ovsdb_local_is_ready(ports->db) || ovsdb_local_is_busy(ports->db)) {
        return;
    }
    if (ports->applying) {
        ports->applying = false;
        if (ovsdb_local_error(ports->db)) {
            pace_done(&ports->pace, PACE_FAILED, now);
        }
    }
    seqno = ovsdb_local_seqno(ports->db);
    if (seqno != ports->seqno || !ports->has_actual) {
        ports->seqno = seqno;
        ovs_state_uninit(&ports->actual);
        ovsdb_local_read(ports->db, &ports->actual);
        ports->has_actual = true;
        pace_mark_dirty(&ports->pace);
        sync_flows_update(d);
    }
    if (pace_is_due(&ports->pace, now)
        && (d->has_fabric || d->mode == MODE_TEARDOWN)) {
        compare(d, now);
    }
}

void
sync_ports_wait(struct daemon *d, long long int now)
{
    ovsdb_local_wait(d->ports.db);
    if (ovsdb_local_is_ready(d->ports.db)
        && !ovsdb_local_is_busy(d->ports.db)
        && (d->has_fabric || d->mode == MODE_TEARDOWN)) {
        poll_timer_wait_until(pace_next(&d->ports.pace, now));
    }
}

bool
sync_ports_is_ready(const struct daemon *d)
{
    return ovsdb_local_is_ready(d->ports.db)
           && !ovsdb_local_is_busy(d->ports.db)
           && d->ports.has_actual
           && d->ports.pace.last == PACE_CONVERGED && !d->ports.pace.dirty
           && !d->ports.blocked
           && ovsdb_local_seqno(d->ports.db) == d->ports.seqno;
}

static void
compare(struct daemon *d, long long int now)
{
    struct sync_ports *ports = &d->ports;
    enum pace_outcome outcome = PACE_CONVERGED;
    struct ports_plan plan;

    ovs_state_uninit(&ports->desired);
    if (d->mode == MODE_RUN) {
        want(d, &ports->desired);
    }
    ports_plan_init(&plan);
    ports_diff(&ports->desired, &ports->actual, &plan);
    if (plan.blocked != ports->blocked) {
        ports->blocked = plan.blocked;
        if (plan.blocked) {
            VLOG_ERR("a bridge or port that Mobula needs is somebody else's: "
                     "see mobula-ctl status");
        }
    }
    if (plan.n_ops) {
        outcome = apply(d, &plan);
    } else if (plan.waiting) {
        outcome = PACE_WAITING;
    }
    plan_uninit(&ports->plan);
    ports->plan = plan.plan;
    plan_init(&plan.plan);
    ports_plan_uninit(&plan);
    pace_done(&ports->pace, outcome, now);
}

static void
want(const struct daemon *d, struct ovs_state *desired)
{
    struct ports_want_in in = {
        .fabric = &d->fabric,
        .self = d->self,
        .userspace_datapath = d->userspace_datapath,
        .cpath_down = d->drain.cpath_down,
    };
    struct ports_bfd *bfd = sync_paths_timers(d, &in.n_bfd);

    in.bfd = bfd;
    ports_want(&in, desired);
    free(bfd);
    if (d->userspace_datapath) {
        want_ifindexes(desired);
    }
}

/* A port is to be plugged into the device that has its name now. */
static void
want_ifindexes(struct ovs_state *desired)
{
    for (size_t i = 0; i < desired->n_bridges; i++) {
        const struct ovs_bridge *bridge = desired->bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            struct ovs_port *port = bridge->ports[j];

            port->ifindex = port->type[0] ? 0 : if_nametoindex(port->name);
        }
    }
}

static enum pace_outcome
apply(struct daemon *d, const struct ports_plan *plan)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct ds counts = DS_EMPTY_INITIALIZER;

    if (d->options.dry_run) {
        return PACE_WAITING;
    }
    plan_format_counts(&plan->plan, &counts);
    VLOG_INFO_RL(&rl, "bridges and ports: %s", ds_cstr(&counts));
    ds_destroy(&counts);
    ovsdb_local_apply(d->ports.db, plan);
    d->ports.applying = true;
    return PACE_CHANGED;
}
