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

/* sync-ways: which ways to the peers follow from the links of all hosts.
 * See sync-ways.h. */

#include <config.h>
#include "ovs-ctl/sync-ways.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "flows/installed-ways.h"
#include "lib/graph.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/sync.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_ways);

static bool has_adopted(const struct daemon *);
static bool may_compute(const struct daemon *);
static bool compute(struct daemon *, long long int now);
static const struct facts *valid_facts(const struct daemon *,
                                       const struct sync_path *,
                                       long long int now);
static void gather(const struct daemon *, struct graph_host *hosts,
                   struct facts_link *own, long long int now);
static void leave_out_denied(const struct daemon *, struct facts_link *own);
static bool take_ways(struct daemon *, struct paths_peer *,
                      long long int now);
static void spare_drained(const struct daemon *, const struct sync_path *,
                          struct paths_peer *, long long int now);
static void keep_adopted(const struct daemon *, const struct sync_path *,
                         struct paths_peer *);
static void keep_last_resort(struct sync_path *, struct paths_peer *,
                             long long int now);
static bool ways_equal(const struct paths_peer *, const struct paths_peer *);
static uint16_t first_hop(const struct paths_peer *);
static void log_ways(const struct daemon *, const struct sync_path *);

void
sync_ways_adopt(struct daemon *d)
{
    const struct of_switch *sw = d->flows.bridges[SYNC_ACCESS].sw;
    const struct flow_table *actual = sw ? of_switch_actual(sw) : NULL;

    if (!actual) {
        return;
    }
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        struct sync_path *path = &d->paths.paths[i];

        installed_ways(actual, path->peer, &path->ways);
        path->detours = !path->ways.direct_first && path->ways.relays[0];
    }
    d->paths.adopted = true;
    d->paths.seqno++;
}

bool
sync_ways_find_out(const struct daemon *d, long long int now)
{
    if (!d->paths.has_ports || !d->paths.adopted) {
        return false;
    }
    if (!has_adopted(d) || now >= d->paths.settle_ms || d->options.dry_run) {
        return true;
    }
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        bool connected;

        if (!sync_facts_peer(d, d->paths.paths[i].peer, &connected)) {
            return false;
        }
    }
    return true;
}

bool
sync_ways_compute(struct daemon *d, long long int now)
{
    d->paths.dirty = false;
    return may_compute(d) && compute(d, now);
}

long long int
sync_ways_next(const struct sync_path *path)
{
    return (path->lost_ms && path->ways.last_resort
            ? path->lost_ms + ALARM_MS : LLONG_MAX);
}

/* Is there a peer to which an earlier mobulad found a way? */
static bool
has_adopted(const struct daemon *d)
{
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        if (d->paths.paths[i].ways.n_links) {
            return true;
        }
    }
    return false;
}

/* A dry run hears nobody's facts, so it takes the ways that it has found for
 * the right ones. */
static bool
may_compute(const struct daemon *d)
{
    return !d->options.dry_run || !has_adopted(d);
}

/* Finds the ways anew.  Returns true if they are others. */
static bool
compute(struct daemon *d, long long int now)
{
    size_t n = d->fabric.n_hosts;
    struct graph_host *hosts = xcalloc(n, sizeof *hosts);
    struct facts_link *own = xcalloc(n, sizeof *own);
    struct paths_peer *ways = xcalloc(n, sizeof *ways);
    uint16_t *ids = xcalloc(n, sizeof *ids);
    bool *drained = xcalloc(n, sizeof *drained);
    uint8_t *costs = xcalloc(n * n, sizeof *costs);
    struct paths_in in = {
        .self = d->self,
        .hosts = ids,
        .n_hosts = n,
        .costs = costs,
        .drained = drained,
    };
    size_t self = 0;
    bool changed;

    gather(d, hosts, own, now);
    d->paths.has_unknown = false;
    for (size_t i = 0; i < n; i++) {
        ids[i] = hosts[i].id;
        d->paths.has_unknown = d->paths.has_unknown || hosts[i].unknown;
        drained[i] = hosts[i].drained;
        self = ids[i] == d->self ? i : self;
    }
    graph_costs(hosts, n, self, costs);
    paths_compute(&in, ways);
    changed = take_ways(d, ways, now);
    free(hosts);
    free(own);
    free(ways);
    free(ids);
    free(drained);
    free(costs);
    return changed;
}

/* Returns what 'path->peer' has told, or NULL if that was too long ago. */
static const struct facts *
valid_facts(const struct daemon *d, const struct sync_path *path,
            long long int now)
{
    long long int hold_ms = d->fabric.settings.facts_hold_s * 1000LL;
    bool connected;
    const struct facts *facts = sync_facts_peer(d, path->peer, &connected);

    return (connected || !path->silent_ms || now < path->silent_ms + hold_ms
            ? facts : NULL);
}

/* Collects what all hosts say in 'hosts', sorted; 'own' is room for what this
 * host does. */
static void
gather(const struct daemon *d, struct graph_host *hosts,
       struct facts_link *own, long long int now)
{
    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        uint16_t id = d->fabric.hosts[i].id;
        struct graph_host *host = &hosts[i];
        const struct facts *facts;

        host->id = id;
        if (id == d->self) {
            host->links = own;
            host->n_links = sync_paths_own_links(d, own);
            leave_out_denied(d, own);
            host->drained = d->facts.own.drained;
            continue;
        }
        facts = valid_facts(d, sync_paths_find(d, id), now);
        host->unknown = !facts && now < d->paths.unknown_ms;
        if (facts) {
            sync_facts_peer(d, id, &host->heard);
            host->links = facts->links;
            host->n_links = facts->n_links;
            host->drained = facts->drained;
        }
    }
}

/* A link of this host that has just come up is not there until the peer has
 * heard of it, too. */
static void
leave_out_denied(const struct daemon *d, struct facts_link *own)
{
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        const struct sync_path *path = &d->paths.paths[i];

        if (path->liveness.state != LIVENESS_DOWN && !path->agreed) {
            own[i].up = false;
        }
    }
}

/* Takes over 'ways', one for each path.  Returns true if they are others. */
static bool
take_ways(struct daemon *d, struct paths_peer *ways, long long int now)
{
    bool changed = false;

    for (size_t i = 0; i < d->paths.n_paths; i++) {
        struct sync_path *path = &d->paths.paths[i];
        const struct paths_peer old = path->ways;

        spare_drained(d, path, &ways[i], now);
        keep_adopted(d, path, &ways[i]);
        keep_last_resort(path, &ways[i], now);
        if (ways_equal(&old, &ways[i])) {
            continue;
        }
        path->ways = ways[i];
        path->detours = !ways[i].direct_first && ways[i].relays[0];
        changed = true;
        if (first_hop(&old) != first_hop(&path->ways)) {
            path->changed_ms = now;
            log_ways(d, path);
        }
    }
    return changed;
}

/* The tunnel to a host that is drained does not count as live, so its group
 * would leave it for relays, and they would do so too.  As the only way, it is
 * used in any case. */
static void
spare_drained(const struct daemon *d, const struct sync_path *path,
              struct paths_peer *ways, long long int now)
{
    const struct facts *facts = valid_facts(d, path, now);

    if (facts && facts->drained && path->liveness.state != LIVENESS_DOWN) {
        *ways = (struct paths_peer) {
            .peer = path->peer,
            .direct_first = true,
            .n_links = 1,
        };
    }
}

/* As long as not all peers have told about their links, a way that an earlier
 * mobulad knew is better than none. */
static void
keep_adopted(const struct daemon *d, const struct sync_path *path,
             struct paths_peer *ways)
{
    const struct sync_path *first = sync_paths_find(d, first_hop(&path->ways));

    if (d->paths.has_unknown && !ways->n_links && path->ways.n_links
        && first && first->liveness.state != LIVENESS_DOWN) {
        *ways = path->ways;
    }
}

/* When hosts are too busy to hear each other, the first alarm may be true, and
 * all that follow false.  So the relay that the first one led to stays what is
 * tried when nothing seems to work, until BFD has had time to come up again
 * wherever it can. */
static void
keep_last_resort(struct sync_path *path, struct paths_peer *ways,
                 long long int now)
{
    if (ways->n_links) {
        path->lost_ms = 0;
        return;
    } else if (!path->lost_ms) {
        path->lost_ms = now;
    }
    if (now < sync_ways_next(path)) {
        ways->last_resort = path->ways.last_resort;
    }
}

static bool
ways_equal(const struct paths_peer *a, const struct paths_peer *b)
{
    return (a->peer == b->peer && a->direct_first == b->direct_first
            && a->n_links == b->n_links && a->last_resort == b->last_resort
            && !memcmp(a->relays, b->relays, sizeof a->relays)
            && !memcmp(a->next, b->next, sizeof a->next));
}

/* Returns the host that frames are given to, 0 if there is no way. */
static uint16_t
first_hop(const struct paths_peer *ways)
{
    return ways->direct_first ? ways->peer : ways->relays[0];
}

static void
log_ways(const struct daemon *d, const struct sync_path *path)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 50);
    const struct fabric_host *host = fabric_find_host(&d->fabric, path->peer);
    const struct fabric_host *relay = fabric_find_host(&d->fabric,
                                                       path->ways.relays[0]);

    if (path->ways.direct_first) {
        VLOG_INFO_RL(&rl, "host %"PRIu16" (%s): reached directly", host->id,
                     host->hostname);
    } else if (relay) {
        VLOG_INFO_RL(&rl, "host %"PRIu16" (%s): reached by host %"PRIu16
                     " (%s), %"PRIu16" links", host->id, host->hostname,
                     relay->id, relay->hostname, path->ways.n_links);
    } else {
        VLOG_INFO_RL(&rl, "host %"PRIu16" (%s): not reached by any link that "
                     "works", host->id, host->hostname);
    }
}
