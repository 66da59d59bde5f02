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

/* sync-flows: keeps the flows and groups of our bridges as desired.
 *
 * Computes the desired tables (flows/compute.c, pure) whenever configuration
 * or ports change, and gives them to of-switch.c, which reads, compares and
 * changes by itself.  The tables are handed over only when they differ from
 * the last ones. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <stdlib.h>
#include <string.h>

#include "flows/compute.h"
#include "flows/flows-input.h"
#include "flows/learnt.h"
#include "lib/addr.h"
#include "lib/mac-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovs-ctl/of-counts.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/snapshot.h"
#include "timeval.h"
#include "util.h"

static void follow_bridge(struct daemon *, enum sync_bridge_kind);
static bool is_needed(const struct daemon *, enum sync_bridge_kind);
static void follow_features(struct daemon *);
static bool is_known(const struct daemon *, enum sync_bridge_kind);
static uint64_t noisy_tables(enum sync_bridge_kind);
static void compute(struct daemon *, enum sync_bridge_kind,
                    struct flow_table *);
static void compute_access(struct daemon *, struct flow_table *);
static struct flows_binding *copy_bindings(struct mac_table *, size_t *n);
static bool has_meters(const struct daemon *, const struct flows_port *,
                       size_t n_ports);
static void hand_over(struct daemon *, struct sync_bridge *,
                      struct flow_table *);

void
sync_flows_init(struct daemon *d)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        flow_table_init(&d->flows.bridges[i].desired);
    }
}

void
sync_flows_uninit(struct daemon *d)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        struct sync_bridge *bridge = &d->flows.bridges[i];

        of_switch_destroy(bridge->sw);
        flow_table_uninit(&bridge->desired);
    }
}

const char *
sync_bridge_name(enum sync_bridge_kind kind)
{
    return kind == SYNC_ACCESS ? BRIDGE_ACCESS : BRIDGE_UNDERLAY;
}

void
sync_flows_update(struct daemon *d)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        struct sync_bridge *bridge = &d->flows.bridges[i];
        struct flow_table desired;

        follow_bridge(d, i);
        if (!bridge->sw || (d->mode == MODE_RUN && !d->has_fabric)
            || !is_known(d, i)) {
            continue;
        }
        flow_table_init(&desired);
        compute(d, i, &desired);
        hand_over(d, bridge, &desired);
        flow_table_uninit(&desired);
    }
}

void
sync_flows_run(struct daemon *d, long long int now)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        if (d->flows.bridges[i].sw) {
            of_switch_run(d->flows.bridges[i].sw, now);
        }
    }
    follow_features(d);
}

void
sync_flows_wait(struct daemon *d)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        if (d->flows.bridges[i].sw) {
            of_switch_wait(d->flows.bridges[i].sw);
        }
    }
}

bool
sync_flows_is_ready(const struct daemon *d)
{
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        const struct of_switch *sw = d->flows.bridges[i].sw;

        if (sw ? !of_switch_is_synced(sw) : is_needed(d, i)) {
            return false;
        }
    }
    return true;
}

static bool
is_needed(const struct daemon *d, enum sync_bridge_kind kind)
{
    return d->mode == MODE_RUN
           && (kind == SYNC_ACCESS || d->userspace_datapath);
}

/* Computes anew when the switch has said what it can do. */
static void
follow_features(struct daemon *d)
{
    const struct of_switch *sw = d->flows.bridges[SYNC_ACCESS].sw;

    if (sw && is_known(d, SYNC_ACCESS)
        && of_switch_counts(sw)->features_seqno != d->flows.features_seqno) {
        d->flows.features_seqno = of_switch_counts(sw)->features_seqno;
        sync_flows_update(d);
        poll_immediate_wake();
    }
}

/* Until the switch has said whether it has meters, and what an earlier mobulad
 * has left there, there is no telling what the access bridge should have. */
static bool
is_known(const struct daemon *d, enum sync_bridge_kind kind)
{
    return (kind != SYNC_ACCESS || d->mode != MODE_RUN
            || (of_switch_counts(d->flows.bridges[kind].sw)->features_known
                && sync_macs_is_known(d) && sync_paths_is_known(d)));
}

/* Connects to a bridge of ours that ovs-vswitchd has made, and leaves one that
 * has gone or is not ours. */
static void
follow_bridge(struct daemon *d, enum sync_bridge_kind kind)
{
    struct sync_bridge *bridge = &d->flows.bridges[kind];
    const char *name = sync_bridge_name(kind);
    const struct ovs_bridge *row = ovs_state_find_bridge(&d->ports.actual,
                                                         name);
    bool ours = row && row->role && row->exists;

    if (ours && !bridge->sw) {
        d->flows.features_seqno = 0;
        bridge->sw = of_switch_create(name, noisy_tables(kind));
        of_switch_set_dry_run(bridge->sw, d->options.dry_run);
    } else if (!ours && bridge->sw) {
        if (kind == SYNC_ACCESS) {
            sync_macs_uninit(d);
        }
        of_switch_destroy(bridge->sw);
        bridge->sw = NULL;
        bridge->has_desired = false;
    }
}

/* The access bridge learns by itself. */
static uint64_t
noisy_tables(enum sync_bridge_kind kind)
{
    return kind == SYNC_ACCESS ? learnt_tables() : 0;
}

static void
compute(struct daemon *d, enum sync_bridge_kind kind,
        struct flow_table *desired)
{
    if (d->mode != MODE_RUN) {
        return;
    }
    if (kind == SYNC_ACCESS) {
        compute_access(d, desired);
    } else {
        uint16_t ofport = snapshot_ofport(&d->ports.actual, BRIDGE_UNDERLAY,
                                          LINK_TUN_HOST);
        if (ofport) {
            flows_compute_underlay(ofport, desired);
        }
    }
}

static void
compute_access(struct daemon *d, struct flow_table *desired)
{
    const struct ovs_bridge *bridge
        = ovs_state_find_bridge(&d->ports.actual, BRIDGE_ACCESS);
    struct flows_input input = {
        .fabric = &d->fabric,
        .self = d->self,
        .floods_nd = !d->userspace_datapath,
    };
    struct flows_port *ports = snapshot_ports(bridge, &input.n_ports);
    struct flows_binding *bindings;
    struct paths_peer *paths;

    input.ports = ports;
    input.remote_macs = mac_table_remote(d->macs.table, &input.n_remote_macs);
    input.frozen_macs = mac_table_hushed(d->macs.table, &input.n_frozen_macs);
    bindings = copy_bindings(d->macs.table, &input.n_bindings);
    input.bindings = bindings;
    paths = sync_paths_ways(d, &input.n_paths);
    input.paths = paths;
    input.has_meters = has_meters(d, ports, input.n_ports);
    d->flows.has_meters = input.has_meters;
    d->flows.port_quota = flows_input_port_quota(&input);
    sync_loops_set_ports(d, ports, input.n_ports, time_msec());
    flows_compute(&input, desired);
    free(ports);
    free(bindings);
    free(paths);
}

/* Returns the bindings of 'table'.  The caller must free() the array. */
static struct flows_binding *
copy_bindings(struct mac_table *table, size_t *n)
{
    const struct mac_binding *from = mac_table_bindings(table, n);
    struct flows_binding *to = xcalloc(*n + 1, sizeof *to);

    for (size_t i = 0; i < *n; i++) {
        to[i] = (struct flows_binding) {
            .vlan = from[i].vlan,
            .ip = from[i].ip,
            .mac = from[i].mac,
            .host = from[i].host,
        };
    }
    return to;
}

/* Two for each local port. */
static bool
has_meters(const struct daemon *d, const struct flows_port *ports,
           size_t n_ports)
{
    const struct of_counts *counts
        = of_switch_counts(d->flows.bridges[SYNC_ACCESS].sw);
    size_t n = 0;

    for (size_t i = 0; i < n_ports; i++) {
        n += ports[i].kind != FLOWS_PORT_TUNNEL ? 2 : 0;
    }
    return counts->features_known && counts->max_meters >= n
           && counts->max_meters > 0;
}

/* Gives 'desired' to the switch if it is news, and keeps its contents. */
static void
hand_over(struct daemon *d, struct sync_bridge *bridge,
          struct flow_table *desired)
{
    struct flow_table copy;

    if (bridge->has_desired && flow_table_equal(&bridge->desired, desired)) {
        return;
    }
    bridge->has_desired = true;

    flow_table_uninit(&bridge->desired);
    flow_table_init(&bridge->desired);
    flow_table_clone(&bridge->desired, desired);

    flow_table_init(&copy);
    flow_table_clone(&copy, desired);
    of_switch_set_desired(bridge->sw, &copy, ++d->flows.seqno);
    flow_table_uninit(&copy);
}
