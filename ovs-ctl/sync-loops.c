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

/* sync-loops: keeps storms and loops of guests at bay.
 *
 * Feeds the decisions of lib/loop-guard.c and lib/storm-guard.c with what the
 * access bridge hears and counts, sends the loop probes, and has sync-flows.c
 * compute anew when a port is to be blocked, muted or opened. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dp-packet.h"
#include "flow.h"
#include "flows/cookie.h"
#include "flows/flows-input.h"
#include "flows/rules.h"
#include "lib/addr.h"
#include "lib/loop-guard.h"
#include "lib/storm-guard.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/of-counts.h"
#include "ovs-ctl/of-switch.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_loops);

/* A whole frame without its check sequence, the smallest that there is. */
#define PROBE_SIZE 60

static struct of_switch *get_switch(const struct daemon *);
static void set_loop_ports(struct daemon *, const struct flows_port *,
                           size_t n, long long int now);
static void set_storm_ports(struct daemon *, const struct flows_port *,
                            size_t n);
static void replay(const struct flow_entry *, void *d);
static void restore(struct daemon *, long long int now);
static void send_probes(struct daemon *, long long int now);
static void send_probe(struct daemon *, uint16_t ofport, uint16_t vlan);
static void take_counts(struct daemon *, long long int now);
static void count_macs(struct daemon *);
static void count_mac(const struct flow_entry *, void *counts);
static void log_loops(struct daemon *);
static void log_storms(struct daemon *);

void
sync_loops_init(struct daemon *d)
{
    d->loops.storm_guard = storm_guard_create();
}

void
sync_loops_uninit(struct daemon *d)
{
    loop_guard_destroy(d->loops.loop_guard);
    storm_guard_destroy(d->loops.storm_guard);
}

void
sync_loops_set_ports(struct daemon *d, struct flows_port *ports, size_t n,
                     long long int now)
{
    struct sync_loops *loops = &d->loops;

    set_loop_ports(d, ports, n, now);
    set_storm_ports(d, ports, n);
    for (size_t i = 0; i < n; i++) {
        ports[i].blocked = loop_guard_is_blocked(loops->loop_guard,
                                                 ports[i].ofport);
        ports[i].muted = storm_guard_is_muted(loops->storm_guard,
                                              ports[i].ofport);
        ports[i].crowded = storm_guard_is_crowded(loops->storm_guard,
                                                  ports[i].ofport);
    }
    loops->loop_seqno = loop_guard_seqno(loops->loop_guard);
    loops->storm_seqno = storm_guard_seqno(loops->storm_guard);
}

void
sync_loops_learnt(struct daemon *d, const struct flow_entry *entry,
                  bool present, long long int now)
{
    struct loop_heard heard;
    struct match match;

    minimatch_expand(&entry->match, &match);
    if (d->loops.loop_guard
        && addr_mac_probe_parse(match.flow.dl_src, match.flow.dl_dst,
                                &heard.host, &heard.port)) {
        heard.ofport = ofp_to_u16(match.flow.in_port.ofp_port);
        heard.vlan = vlan_tci_to_vid(match.flow.vlans[0].tci);
        loop_guard_heard(d->loops.loop_guard, &heard, present, now);
    }
}

void
sync_loops_frozen(struct daemon *d, uint16_t ofport, uint16_t vlan,
                  long long int now)
{
    if (d->loops.loop_guard && ofport) {
        loop_guard_frozen(d->loops.loop_guard, ofport, vlan, now);
    }
}

char *
sync_loops_unblock(struct daemon *d, const char *name, long long int now)
{
    return (d->loops.loop_guard
            ? loop_guard_unblock(d->loops.loop_guard, name, now)
            : xasprintf("there is no guest's port %s", name));
}

void
sync_loops_run(struct daemon *d, long long int now)
{
    struct sync_loops *loops = &d->loops;

    if (!get_switch(d)) {
        return;
    }
    take_counts(d, now);
    loop_guard_run(loops->loop_guard, now);
    storm_guard_run(loops->storm_guard, now);
    log_loops(d);
    log_storms(d);
    if (loop_guard_seqno(loops->loop_guard) != loops->loop_seqno
        || storm_guard_seqno(loops->storm_guard) != loops->storm_seqno) {
        sync_flows_update(d);
        poll_immediate_wake();
    }
    send_probes(d, now);
}

void
sync_loops_wait(struct daemon *d)
{
    long long int deadline;

    if (get_switch(d)) {
        deadline = MIN(loop_guard_deadline(d->loops.loop_guard),
                       storm_guard_deadline(d->loops.storm_guard));
        poll_timer_wait_until(MIN(deadline, d->loops.next_count_ms));
    }
}

/* Returns the access bridge, or NULL while there is nothing to do. */
static struct of_switch *
get_switch(const struct daemon *d)
{
    struct of_switch *sw = d->flows.bridges[SYNC_ACCESS].sw;

    return (d->mode == MODE_RUN && d->loops.loop_guard && sw
            && of_switch_is_connected(sw) ? sw : NULL);
}

/* Tells the loop guard about the guests' ports; makes it if need be. */
static void
set_loop_ports(struct daemon *d, const struct flows_port *ports, size_t n,
               long long int now)
{
    struct sync_loops *loops = &d->loops;
    struct loop_port *guests = xcalloc(n + 1, sizeof *guests);
    bool renewed = !loops->loop_guard || loops->self != d->self;
    size_t n_guests = 0;

    for (size_t i = 0; i < n; i++) {
        if (ports[i].kind == FLOWS_PORT_GUEST) {
            guests[n_guests++] = (struct loop_port) {
                ports[i].ofport, ports[i].name
            };
        }
    }
    if (renewed) {
        loop_guard_destroy(loops->loop_guard);
        loops->loop_guard = loop_guard_create(d->self);
        loops->self = d->self;
    }
    loop_guard_set_interval(loops->loop_guard,
                            d->fabric.settings.loop_interval_s);
    loop_guard_set_ports(loops->loop_guard, guests, n_guests, now);
    free(guests);
    if (renewed) {
        /* What is heard already is no news. */
        of_switch_for_each_learnt(d->flows.bridges[SYNC_ACCESS].sw,
                                  replay, d);
    }
    restore(d, now);
}

/* Tells the storm guard about the ports that are not tunnels. */
static void
set_storm_ports(struct daemon *d, const struct flows_port *ports, size_t n)
{
    const struct settings *settings = &d->fabric.settings;
    const uint32_t limits[STORM_N_KINDS] = {
        [STORM_FLOOD] = settings->flood_limit,
        [STORM_UNKNOWN] = settings->unknown_limit,
    };
    struct storm_port *locals = xcalloc(n + 1, sizeof *locals);
    size_t n_locals = 0;

    for (size_t i = 0; i < n; i++) {
        if (ports[i].kind != FLOWS_PORT_TUNNEL) {
            locals[n_locals++] = (struct storm_port) {
                ports[i].ofport, ports[i].name
            };
        }
    }
    storm_guard_set_limits(d->loops.storm_guard, limits);
    storm_guard_set_ports(d->loops.storm_guard, locals, n_locals);
    free(locals);
}

static void
replay(const struct flow_entry *entry, void *d)
{
    if (entry->table_id == stage_table(STAGE_LOOPS)) {
        sync_loops_learnt(d, entry, true, time_msec());
    }
}

/* What an earlier mobulad has blocked stays blocked, until it is known whether
 * the loop is still there. */
static void
restore(struct daemon *d, long long int now)
{
    const struct of_switch *sw = d->flows.bridges[SYNC_ACCESS].sw;
    const struct flow_table *actual = sw ? of_switch_actual(sw) : NULL;
    const struct flow_entry *flow;

    if (d->loops.restored || !actual) {
        return;
    }
    HMAP_FOR_EACH (flow, node, &actual->flows) {
        if (cookie_is_ours(flow->cookie)
            && cookie_rule(flow->cookie) == RULE_BLOCKED_PORT) {
            loop_guard_restore(d->loops.loop_guard,
                               cookie_subject(flow->cookie), now);
        }
    }
    d->loops.restored = true;
}

static void
send_probes(struct daemon *d, long long int now)
{
    struct loop_probe probe;

    while (loop_guard_next_probe(d->loops.loop_guard, now, &probe)) {
        send_probe(d, probe.ofport, 0);
        for (size_t i = 0; i < probe.n_vlans; i++) {
            send_probe(d, probe.ofport, probe.vlans[i]);
        }
    }
}

/* Sends a probe out of a port, in 'vlan' unless that is 0.  The text is for
 * whoever finds the frame in a capture. */
static void
send_probe(struct daemon *d, uint16_t ofport, uint16_t vlan)
{
    uint64_t stub[128 / 8];
    struct dp_packet packet;
    char payload[PROBE_SIZE - ETH_HEADER_LEN] = "";

    snprintf(payload, sizeof payload, "Mobula loop probe, host %"PRIu16
             " port %"PRIu16, d->self, ofport);
    dp_packet_use_stub(&packet, stub, sizeof stub);
    memcpy(eth_compose(&packet, addr_mac_probe_dst(ofport),
                       addr_mac_probe_src(d->self), ETH_TYPE_LOOP_PROBE,
                       sizeof payload), payload, sizeof payload);
    if (vlan) {
        eth_push_vlan(&packet, htons(ETH_TYPE_VLAN), htons(vlan));
    }
    of_switch_packet_out(get_switch(d), ofport, dp_packet_data(&packet),
                         dp_packet_size(&packet));
    dp_packet_uninit(&packet);
}

/* Gives the newest counts to the guard, and asks for the next ones. */
static void
take_counts(struct daemon *d, long long int now)
{
    struct of_switch *sw = get_switch(d);
    const struct of_counts *counts = of_switch_counts(sw);
    struct sync_loops *loops = &d->loops;

    if (counts->seqno != loops->counts_seqno) {
        struct storm_count *storm = xcalloc(counts->n_items + 1,
                                            sizeof *storm);

        for (size_t i = 0; i < counts->n_items; i++) {
            uint32_t id = counts->items[i].meter_id;
            bool unknown = id > METER_UNKNOWN_BASE;

            storm[i].ofport = unknown ? id - METER_UNKNOWN_BASE : id;
            storm[i].kind = unknown ? STORM_UNKNOWN : STORM_FLOOD;
            storm[i].n = counts->items[i].n;
        }
        storm_guard_count(loops->storm_guard, storm, counts->n_items,
                          counts->are_drops, now);
        free(storm);
        loops->counts_seqno = counts->seqno;
    }
    if (now >= loops->next_count_ms) {
        loops->next_count_ms = now + STORM_GUARD_INTERVAL_MS;
        of_switch_request_counts(sw, d->flows.has_meters);
        count_macs(d);
    }
}

/* Tells the guard how many MACs are learnt at each port. */
static void
count_macs(struct daemon *d)
{
    struct of_switch *sw = get_switch(d);
    uint32_t *counts = xcalloc(FLOWS_OFPORT_MAX + 1, sizeof *counts);

    of_switch_for_each_learnt(sw, count_mac, counts);
    for (size_t i = 0; i < d->macs.n_ofports; i++) {
        uint16_t ofport = d->macs.ofports[i];

        if (ofport <= FLOWS_OFPORT_MAX) {
            storm_guard_learnt(d->loops.storm_guard, ofport, counts[ofport],
                               d->flows.port_quota);
        }
    }
    free(counts);
}

static void
count_mac(const struct flow_entry *entry, void *counts_)
{
    uint32_t port = cookie_subject(entry->cookie);
    uint32_t *counts = counts_;

    if (cookie_rule(entry->cookie) == RULE_LEARNT
        && port <= FLOWS_OFPORT_MAX) {
        counts[port]++;
    }
}

static void
log_loops(struct daemon *d)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct loop_event event;

    while (loop_guard_next_event(d->loops.loop_guard, &event)) {
        if (event.why) {
            VLOG_WARN_RL(&rl, "%s: blocked, until %lld s after the loop has "
                         "gone: %s", event.name, event.hold_ms / 1000,
                         event.why);
        } else {
            VLOG_INFO_RL(&rl, "%s: no longer blocked", event.name);
        }
        free(event.name);
        free(event.why);
    }
}

static void
log_storms(struct daemon *d)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct storm_event event;

    while (storm_guard_next_event(d->loops.storm_guard, &event)) {
        if (event.crowded) {
            VLOG_WARN_RL(&rl, "%s: %"PRIu32" MACs are learnt there, and no "
                         "more until some are forgotten",
                         event.name, d->flows.port_quota);
        } else if (event.muted) {
            VLOG_WARN_RL(&rl, "%s: sends %"PRIu64" %s frames a second, "
                         "limit %"PRIu32": none of them is flooded for "
                         "%lld s", event.name, event.rate,
                         storm_kind_to_string(event.kind), event.limit,
                         event.mute_ms / 1000);
        } else {
            VLOG_INFO_RL(&rl, "%s: %s frames beyond its limit of %"PRIu32
                         " a second are dropped", event.name,
                         storm_kind_to_string(event.kind), event.limit);
        }
    }
}
