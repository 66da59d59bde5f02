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

/* sync-macs: which machine is where.
 *
 *     of-switch (what the switch has learnt) --+      +--> sync-facts (ours)
 *                                              v      |
 *     sync-facts (what the peers tell) ----> mac-table --> sync-flows (theirs)
 *                                                     |
 *                                                     +--> of-switch (forget)
 *
 * lib/mac-table.h decides; this file feeds it and carries out what it says.
 *
 * At the start things come in an order, so that a restart of mobulad takes
 * nothing away.  First the switch is read: the flows to MACs at peers that it
 * has are held.  sync-flows waits for that.  Then what this host published
 * before, so that sequence numbers go on.  Then what the switch has learnt;
 * only after that this host publishes, and listens to its peers. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <stdlib.h>

#include "flows/cookie.h"
#include "flows/flows-input.h"
#include "flows/learnt.h"
#include "flows/rules.h"
#include "flows/stages.h"
#include "lib/addr.h"
#include "lib/mac-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/snapshot.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_macs);

/* How long what this host published before is waited for, if its own database
 * cannot be read.  Without it, sequence numbers begin anew. */
#define RESTORE_MS 5000

static bool is_due(const struct daemon *);
static void start(struct daemon *, long long int now);
static void stop(struct daemon *);
static void adopt_installed(struct daemon *, long long int now);
static bool restore(struct daemon *, long long int now);

static void follow_config(struct daemon *, long long int now);
static void follow_ports(struct daemon *);
static bool has_port(const struct sync_macs *, uint16_t ofport);
static void recheck_learnt(const struct flow_entry *, void *aux);
static void follow_learnt(struct daemon *, long long int now);
static void take_learnt(struct daemon *, const struct flow_entry *,
                        bool present, long long int now);
static void take_binding(struct sync_macs *, const struct flow_entry *,
                         bool present);
static bool parse_local(const struct flow_entry *, struct mac_local *);
static void hear(struct sync_macs *, const struct mac_local *,
                 long long int now);

static void follow_peers(struct daemon *, long long int now);
static void follow_peer(struct daemon *, struct sync_macs_peer *,
                        long long int now);

static void forget(struct daemon *);
static struct flow_entry *learnt_key(const struct mac_local *);
static void tell(struct daemon *);
static void log_events(struct daemon *);
static void log_event(struct daemon *, const struct mac_event *);

static struct of_switch *access_switch(const struct daemon *);

void
sync_macs_init(struct daemon *d OVS_UNUSED)
{
}

void
sync_macs_uninit(struct daemon *d)
{
    stop(d);
}

void
sync_macs_run(struct daemon *d, long long int now)
{
    struct sync_macs *macs = &d->macs;

    if (!is_due(d)) {
        stop(d);
        return;
    }
    if (!macs->table) {
        start(d, now);
    }
    macs->now = now;
    if (!macs->adopted && of_switch_actual(macs->sw)) {
        adopt_installed(d, now);
        macs->adopted = true;
        sync_flows_update(d);
        poll_immediate_wake();
    }
    if (!macs->adopted || !restore(d, now)) {
        return;
    }
    follow_config(d, now);
    follow_ports(d);
    follow_learnt(d, now);
    if (macs->complete) {
        follow_peers(d, now);
        mac_table_run(macs->table, now);
        forget(d);
        log_events(d);
        tell(d);
    }
}

void
sync_macs_wait(struct daemon *d)
{
    const struct sync_macs *macs = &d->macs;

    if (macs->table) {
        long long int deadline = mac_table_deadline(macs->table);

        if (macs->complete && deadline != LLONG_MAX) {
            poll_timer_wait_until(deadline);
        }
        if (macs->complete
            && macs->shared_seqno != mac_table_seqno(macs->table)) {
            poll_timer_wait_until(macs->next_flows_ms);
        }
        if (macs->adopted && !macs->restored) {
            poll_timer_wait_until(macs->started_ms + RESTORE_MS);
        }
    }
}

bool
sync_macs_is_known(const struct daemon *d)
{
    return d->macs.table && d->macs.adopted;
}

bool
sync_macs_is_ready(const struct daemon *d)
{
    return d->mode != MODE_RUN || d->options.dry_run || d->macs.complete;
}

/* A dry run looks at what is installed, and at nothing that would have to be
 * published. */
static bool
is_due(const struct daemon *d)
{
    return (d->mode == MODE_RUN && d->has_fabric && access_switch(d)
            && (!d->macs.table || (d->macs.sw == access_switch(d)
                                   && d->macs.self == d->self)));
}

static void
start(struct daemon *d, long long int now)
{
    struct sync_macs *macs = &d->macs;

    macs->table = mac_table_create(d->self, &d->fabric.settings, now);
    macs->sw = access_switch(d);
    macs->self = d->self;
    macs->started_ms = now;
    macs->config_seqno = d->config_seqno;
}

static void
stop(struct daemon *d)
{
    struct sync_macs *macs = &d->macs;

    if (macs->table) {
        mac_table_destroy(macs->table);
        free(macs->ofports);
        free(macs->peers);
        *macs = (struct sync_macs) { .table = NULL };
        poll_immediate_wake();
    }
}

static void
adopt_installed(struct daemon *d, long long int now)
{
    const struct flow_table *actual = of_switch_actual(d->macs.sw);
    const struct flow_entry *entry;
    size_t n = 0;

    HMAP_FOR_EACH (entry, node, &actual->flows) {
        if (cookie_is_ours(entry->cookie)
            && cookie_rule(entry->cookie) == RULE_REMOTE_MAC
            && entry->table_id == stage_table(STAGE_REMOTE_MACS)) {
            struct mac_owner owner = { .host = cookie_subject(entry->cookie) };
            struct match match;

            minimatch_expand(&entry->match, &match);
            owner.vlan = vlan_tci_to_vid(match.flow.vlans[0].tci);
            owner.mac = match.flow.dl_dst;
            if (fabric_find_host(&d->fabric, owner.host)) {
                mac_table_adopt(d->macs.table, &owner, now);
                n++;
            }
        }
    }
    if (n) {
        VLOG_INFO("%"PRIuSIZE" MACs at peers are in the switch already: kept "
                  "until the peers have told", n);
    }
}

/* Returns true once it is done. */
static bool
restore(struct daemon *d, long long int now)
{
    struct sync_macs *macs = &d->macs;

    if (macs->restored || d->options.dry_run) {
        return macs->restored;
    }
    if (sync_facts_own_ready(d)) {
        const struct facts *facts = sync_facts_restored(d);

        if (facts) {
            mac_table_restore(macs->table, facts->macs, facts->n_macs, now);
        }
        macs->restored = true;
    } else if (now >= macs->started_ms + RESTORE_MS) {
        VLOG_WARN("what this host published before cannot be read: telling "
                  "about its MACs as if it was new");
        macs->restored = true;
    }
    return macs->restored;
}

static void
follow_config(struct daemon *d, long long int now)
{
    struct sync_macs *macs = &d->macs;
    size_t n = 0;

    if (macs->peers && macs->config_seqno == d->config_seqno) {
        return;
    }
    macs->config_seqno = d->config_seqno;
    mac_table_configure(macs->table, &d->fabric.settings);
    for (size_t i = 0; i < macs->n_peers; i++) {
        if (!fabric_find_host(&d->fabric, macs->peers[i].id)) {
            mac_table_remove_peer(macs->table, macs->peers[i].id, now);
        }
    }
    free(macs->peers);
    macs->peers = xcalloc(d->fabric.n_hosts, sizeof *macs->peers);
    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        if (d->fabric.hosts[i].id != d->self) {
            macs->peers[n++].id = d->fabric.hosts[i].id;
        }
    }
    macs->n_peers = n;
    macs->facts_seqno = UINT64_MAX;
}

/* Ports have come or gone: MACs that were learnt there count, or do not count
 * any more. */
static void
follow_ports(struct daemon *d)
{
    const struct ovs_bridge *bridge
        = ovs_state_find_bridge(&d->ports.actual, BRIDGE_ACCESS);
    struct sync_macs *macs = &d->macs;
    struct flows_port *ports;
    size_t n_ports;

    if (!bridge || (macs->ofports && macs->ports_seqno == d->ports.seqno)) {
        return;
    }
    macs->ports_seqno = d->ports.seqno;
    ports = snapshot_ports(bridge, &n_ports);
    free(macs->ofports);
    macs->ofports = xcalloc(n_ports + 1, sizeof *macs->ofports);
    macs->n_ofports = 0;
    for (size_t i = 0; i < n_ports; i++) {
        if (ports[i].kind != FLOWS_PORT_TUNNEL) {
            macs->ofports[macs->n_ofports++] = ports[i].ofport;
        }
    }
    free(ports);
    of_switch_for_each_learnt(macs->sw, recheck_learnt, macs);
}

static bool
has_port(const struct sync_macs *macs, uint16_t ofport)
{
    for (size_t i = 0; i < macs->n_ofports; i++) {
        if (macs->ofports[i] == ofport) {
            return true;
        }
    }
    return false;
}

/* Tells the table about a flow that is there for longer, if it does not know:
 * what it knows already is no news, and must not be taken for such. */
static void
recheck_learnt(const struct flow_entry *entry, void *macs_)
{
    struct sync_macs *macs = macs_;
    struct mac_local local;
    uint16_t known;

    if (entry->table_id == stage_table(STAGE_BINDINGS)) {
        take_binding(macs, entry, true);
    }
    if (!parse_local(entry, &local)) {
        return;
    }
    known = mac_table_local_port(macs->table, local.vlan, local.mac);
    if (!has_port(macs, local.ofport)) {
        mac_table_gone(macs->table, local.vlan, local.mac, macs->now);
    } else if (known != local.ofport) {
        hear(macs, &local, macs->now);
    }
}

static void
follow_learnt(struct daemon *d, long long int now)
{
    struct sync_macs *macs = &d->macs;
    const struct flow_entry *entry;
    bool present;

    if (!of_switch_learnt_is_complete(macs->sw)) {
        return;
    }
    while ((entry = of_switch_next_learnt(macs->sw, &present)) != NULL) {
        take_learnt(d, entry, present, now);
    }
    if (!macs->complete) {
        mac_table_locals_complete(macs->table, now);
        macs->complete = true;
        poll_immediate_wake();
    }
    if (macs->crowded && mac_table_has_room(macs->table)) {
        macs->crowded = false;
        of_switch_for_each_learnt(macs->sw, recheck_learnt, macs);
    }
}

static void
take_learnt(struct daemon *d, const struct flow_entry *entry, bool present,
            long long int now)
{
    struct sync_macs *macs = &d->macs;
    struct mac_local local;

    if (entry->table_id == stage_table(STAGE_LOOPS)) {
        sync_loops_learnt(d, entry, present, now);
    } else if (entry->table_id == stage_table(STAGE_BINDINGS)) {
        take_binding(macs, entry, present);
    } else if (parse_local(entry, &local)) {
        if (present && has_port(macs, local.ofport)) {
            hear(macs, &local, now);
        } else {
            mac_table_gone(macs->table, local.vlan, local.mac, now);
        }
    }
}

/* A station that speaks for another MAC than its own binds nothing, and what
 * was known of the address before is in doubt. */
static void
take_binding(struct sync_macs *macs, const struct flow_entry *entry,
             bool present)
{
    struct learnt_binding b;
    struct eth_addr claim;

    if (present && learnt_binding_decode(entry, &b)
        && has_port(macs, b.ofport)) {
        mac_table_bind(macs->table, b.vlan, &b.ip, b.mac);
    } else if (learnt_note_decode(entry, &b, &claim)) {
        mac_table_unbind(macs->table, b.vlan, &b.ip);
    }
}

/* Returns true if 'entry' is a flow that access-in has the switch learn. */
static bool
parse_local(const struct flow_entry *entry, struct mac_local *local)
{
    struct learnt_mac learnt;

    if (!learnt_mac_decode(entry, &learnt)) {
        return false;
    }
    *local = (struct mac_local) {
        .vlan = learnt.vlan, .mac = learnt.mac, .ofport = learnt.ofport,
    };
    return true;
}

static void
hear(struct sync_macs *macs, const struct mac_local *local, long long int now)
{
    if (!mac_table_heard(macs->table, local->vlan, local->mac, local->ofport,
                         now)) {
        macs->crowded = true;
    }
}

static void
follow_peers(struct daemon *d, long long int now)
{
    struct sync_macs *macs = &d->macs;

    if (macs->facts_seqno != sync_facts_seqno(d)) {
        macs->facts_seqno = sync_facts_seqno(d);
        for (size_t i = 0; i < macs->n_peers; i++) {
            follow_peer(d, &macs->peers[i], now);
        }
    }
}

static void
follow_peer(struct daemon *d, struct sync_macs_peer *peer, long long int now)
{
    struct mac_table *table = d->macs.table;
    uint64_t seqno = sync_facts_peer_seqno(d, peer->id);
    const struct facts *facts;
    bool connected;

    if (peer->known && peer->seqno == seqno) {
        return;
    }
    peer->known = true;
    peer->seqno = seqno;
    facts = sync_facts_peer(d, peer->id, &connected);
    if (!connected) {
        mac_table_lose_peer(table, peer->id, now);
    } else if (facts) {
        mac_table_set_peer(table, peer->id, facts->macs, facts->n_macs, now);
    }
}

/* Has the switch delete what it has learnt and this host has lost. */
static void
forget(struct daemon *d)
{
    struct mac_local local;

    while (mac_table_next_forget(d->macs.table, &local)) {
        struct flow_entry *key = learnt_key(&local);
        const struct flow_entry *entry
            = of_switch_find_learnt(d->macs.sw, key);

        if (entry) {
            of_switch_forget(d->macs.sw, entry);
        } else {
            mac_table_gone(d->macs.table, local.vlan, local.mac, d->macs.now);
        }
        flow_entry_destroy(key);
    }
}

/* Returns a flow that is to be found where 'local' was learnt.  The caller
 * must destroy it. */
static struct flow_entry *
learnt_key(const struct mac_local *local)
{
    const struct rule *learnt = rule_find(RULE_LEARNT);
    struct flow_entry *key;
    char *text = xasprintf("table=%u,priority=%u,vlan_tci=0x%04x/0x0fff,"
                           "dl_dst="ETH_ADDR_FMT" actions=drop",
                           stage_table(learnt->stage), learnt->priority,
                           local->vlan, ETH_ADDR_ARGS(local->mac));
    char *error = flow_entry_parse(text, &key);

    ovs_assert(!error);
    free(text);
    return key;
}

/* Gives what has changed to those who want to know.  With many machines it
 * takes a while to compute the flows: what changes meanwhile waits for the
 * next time, so that the daemon has time for other things. */
static void
tell(struct daemon *d)
{
    struct sync_macs *macs = &d->macs;

    if (macs->own_seqno != mac_table_own_seqno(macs->table)) {
        size_t n;
        const struct facts_mac *own = mac_table_own(macs->table, &n);

        macs->own_seqno = mac_table_own_seqno(macs->table);
        sync_facts_set_macs(d, own, n);
    }
    if (macs->shared_seqno != mac_table_seqno(macs->table)
        && macs->now >= macs->next_flows_ms) {
        long long int began_ms = time_msec();

        macs->shared_seqno = mac_table_seqno(macs->table);
        sync_flows_update(d);
        macs->next_flows_ms = time_msec() + 2 * (time_msec() - began_ms);
        poll_immediate_wake();
    }
}

static void
log_events(struct daemon *d)
{
    struct mac_event event;

    while (mac_table_next_event(d->macs.table, &event)) {
        log_event(d, &event);
        if (event.kind == MAC_EVENT_FROZEN) {
            sync_loops_frozen(d, event.ofport, event.vlan, d->macs.now);
        }
    }
}

static void
log_event(struct daemon *d, const struct mac_event *event)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 60);
    struct ds s = DS_EMPTY_INITIALIZER;

    sync_macs_format_mac(event->vlan, event->mac, &s);
    switch (event->kind) {
    case MAC_EVENT_MOVED:
        VLOG_DBG("%s: moved from host %u to host %u", ds_cstr(&s),
                 event->from, event->to);
        break;
    case MAC_EVENT_FROZEN:
        ds_put_cstr(&s, ": frozen");
        sync_macs_format_place(d, event->to, event->ofport, &s);
        VLOG_WARN_RL(&rl, "%s, after %d moves in %d s, the last from host %u",
                     ds_cstr(&s), MAC_TABLE_MOVES, MAC_TABLE_WINDOW_MS / 1000,
                     event->from);
        break;
    case MAC_EVENT_THAWED:
        VLOG_INFO_RL(&rl, "%s: has not moved for %d s, free again",
                     ds_cstr(&s), MAC_TABLE_WINDOW_MS / 1000);
        break;
    }
    ds_destroy(&s);
}

void
sync_macs_format_mac(uint16_t vlan, struct eth_addr mac, struct ds *s)
{
    ds_put_format(s, "MAC "ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    if (vlan) {
        ds_put_format(s, " of VLAN %u", vlan);
    }
}

void
sync_macs_format_place(const struct daemon *d, uint16_t host, uint16_t ofport,
                       struct ds *s)
{
    const struct fabric_host *peer = fabric_find_host(&d->fabric, host);
    const char *port = host == d->self ? sync_macs_port_name(d, ofport) : NULL;

    if (host == d->self) {
        ds_put_format(s, " at port %s of this host", port ? port : "?");
    } else {
        ds_put_format(s, " at host %u, %s", host, peer ? peer->hostname : "?");
    }
}

const char *
sync_macs_port_name(const struct daemon *d, uint16_t ofport)
{
    const struct ovs_bridge *bridge
        = ovs_state_find_bridge(&d->ports.actual, BRIDGE_ACCESS);

    for (size_t i = 0; bridge && ofport && i < bridge->n_ports; i++) {
        if (bridge->ports[i]->ofport == ofport) {
            return bridge->ports[i]->name;
        }
    }
    return NULL;
}

static struct of_switch *
access_switch(const struct daemon *d)
{
    return d->flows.bridges[SYNC_ACCESS].sw;
}
