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

/* sync-paths: which links work, as BFD and probes say.
 *
 *     of-ports (BFD) --> liveness --+--> sync-facts (own links, for others)
 *                                   v
 *     sync-facts (of the peers) --> graph --> paths --> sync-flows
 *
 *     quality of the links --> bfd-timers --> sync-ports
 *
 * The pure parts decide: lib/liveness.h, lib/graph.h, lib/paths.h and
 * lib/bfd-timers.h.  This file feeds those that are about links and hands on
 * what they say; sync-ways.c finds the ways. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/graph.h"
#include "lib/quality.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/of-ports.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/ports.h"
#include "ovs-ctl/sync-ways.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_paths);

/* How long peers are waited for that have not told about their links. */
#define SETTLE_MS 5000

/* For so long after a link went down, the switch is left alone, in ms: it is
 * just about to lead frames to a relay, and would have to share the processor,
 * and its attention, with all that follows here. */
#define SWITCH_FIRST_MS 20

/* For how long a link must count as live for that to be believed, in ms, while
 * the database does not say more: with the slowest timers, BFD would have
 * noticed by then if nothing was heard.  See link_is_up(). */
#define SURE_MS (BFD_TIMERS_MAX_MULT * 1000)

static bool is_due(const struct daemon *);
static void take_in(struct daemon *, long long int now);
static bool switch_comes_first(struct sync_paths *, long long int now);
static void take_config(struct daemon *, long long int now);
static struct liveness_config liveness_config(const struct daemon *);

static void follow_ports(struct daemon *, long long int now);
static void follow_port(struct daemon *, const struct of_ports *,
                        struct sync_path *, long long int now);
static void take_word(struct daemon *, struct sync_path *, bool up,
                      long long int now);
static bool link_is_up(const struct daemon *, const struct sync_path *,
                       const char *port);
static bool session_is_up(const struct daemon *, const char *port);
static void log_link(const struct daemon *, const struct sync_path *);
static void follow_quality(struct daemon *, long long int now);
static void follow_alarms(struct daemon *, long long int now);
static void pass_time(struct daemon *, long long int now);
static void follow_timers(struct daemon *, long long int now);
static uint16_t link_loss(const struct daemon *, uint16_t peer);
static const struct facts_link *its_link(const struct daemon *, uint16_t peer);
static void tell_links(struct daemon *);

static void follow_facts(struct daemon *, long long int now);
static void follow_words(struct daemon *, long long int now);
static bool is_denied(const struct daemon *, uint16_t peer);

void
sync_paths_init(struct daemon *d)
{
    d->paths.seqno = 1;
}

void
sync_paths_uninit(struct daemon *d)
{
    free(d->paths.paths);
}

void
sync_paths_run(struct daemon *d, long long int now)
{
    struct sync_paths *paths = &d->paths;
    bool news = false;

    if (!is_due(d)) {
        return;
    }
    take_in(d, now);
    if (switch_comes_first(paths, now)) {
        return;
    }
    if (paths->links_dirty && paths->has_ports) {
        paths->links_dirty = false;
        paths->seqno++;
        tell_links(d);
    }
    if (!paths->adopted) {
        sync_ways_adopt(d);
    }
    if (!paths->known && sync_ways_find_out(d, now)) {
        paths->known = paths->dirty = news = true;
    }
    if (paths->known && paths->dirty) {
        news = sync_ways_compute(d, now) || news;
    }
    if (news) {
        paths->seqno++;
        sync_flows_update(d);
        /* At once, before anything else has its turn. */
        sync_flows_run(d, now);
        poll_immediate_wake();
    }
}

void
sync_paths_wait(struct daemon *d)
{
    const struct sync_paths *paths = &d->paths;
    /* Before it is known which ports there are, time does not help. */
    bool settles = !paths->known && paths->has_ports && paths->adopted;
    long long int next = settles ? paths->settle_ms : LLONG_MAX;

    if (!is_due(d)) {
        return;
    }
    for (size_t i = 0; i < paths->n_paths; i++) {
        const struct sync_path *path = &paths->paths[i];

        next = MIN(next, liveness_next(&path->liveness));
        next = MIN(next, bfd_timers_next(&path->timers));
        next = MIN(next, path->forget_ms);
        next = MIN(next, sync_ways_next(path));
        if (path->comes_up) {
            next = MIN(next, path->live_ms + SURE_MS);
        }
        if (path->works) {
            next = MIN(next, path->liveness.since_ms + ALARM_MS);
        }
    }
    if (paths->unknown_ms) {
        next = MIN(next, paths->unknown_ms);
    }
    if (paths->switch_ms) {
        next = MIN(next, paths->switch_ms);
    }
    if (next != LLONG_MAX) {
        poll_timer_wait_until(next);
    }
    if (paths->facts_seqno != sync_facts_seqno(d)) {
        poll_immediate_wake();
    }
}

bool
sync_paths_is_known(const struct daemon *d)
{
    return d->paths.known;
}

const struct sync_path *
sync_paths_find(const struct daemon *d, uint16_t peer)
{
    return (d->paths.n_paths
            ? bsearch(&peer, d->paths.paths, d->paths.n_paths,
                      sizeof *d->paths.paths, daemon_compare_peer) : NULL);
}

uint64_t
sync_paths_seqno(const struct daemon *d)
{
    return d->paths.seqno;
}

struct paths_peer *
sync_paths_ways(const struct daemon *d, size_t *n)
{
    struct paths_peer *ways = xcalloc(d->paths.n_paths + 1, sizeof *ways);

    for (size_t i = 0; i < d->paths.n_paths; i++) {
        ways[i] = d->paths.paths[i].ways;
    }
    *n = d->paths.n_paths;
    return ways;
}

struct ports_bfd *
sync_paths_timers(const struct daemon *d, size_t *n)
{
    struct ports_bfd *bfd = xcalloc(d->paths.n_paths + 1, sizeof *bfd);

    *n = 0;
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        const struct sync_path *path = &d->paths.paths[i];

        if (path->timers.now.mult) {
            bfd[(*n)++] = (struct ports_bfd) {
                .peer = path->peer,
                .timers = path->timers.now,
                .comes_up = path->comes_up,
            };
        }
    }
    return bfd;
}

static bool
is_due(const struct daemon *d)
{
    return d->mode == MODE_RUN && d->has_fabric;
}

/* All that is new about the links. */
static void
take_in(struct daemon *d, long long int now)
{
    if (d->paths.config_seqno != d->config_seqno) {
        take_config(d, now);
    }
    follow_ports(d, now);
    follow_quality(d, now);
    follow_alarms(d, now);
    pass_time(d, now);
    follow_timers(d, now);
    follow_facts(d, now);
    follow_words(d, now);
}

/* See SWITCH_FIRST_MS. */
static bool
switch_comes_first(struct sync_paths *paths, long long int now)
{
    if (now >= paths->switch_ms) {
        paths->switch_ms = 0;
    }
    return paths->switch_ms != 0;
}

/* One path for each peer, with what was known about it. */
static void
take_config(struct daemon *d, long long int now)
{
    struct sync_paths *p = &d->paths;
    struct sync_path *paths = xcalloc(d->fabric.n_hosts, sizeof *paths);
    size_t n = 0;

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        uint16_t peer = d->fabric.hosts[i].id;
        const struct sync_path *old = sync_paths_find(d, peer);

        if (peer == d->self) {
            continue;
        } else if (old) {
            paths[n++] = *old;
        } else {
            paths[n].peer = paths[n].ways.peer = peer;
            paths[n].forget_ms = LLONG_MAX;
            liveness_init(&paths[n].liveness, now);
            n++;
        }
    }
    free(p->paths);
    p->paths = paths;
    p->n_paths = n;
    if (!p->config_seqno) {
        p->settle_ms = now + SETTLE_MS;
        p->unknown_ms = now + d->fabric.settings.facts_hold_s * 1000LL;
    }
    p->config_seqno = d->config_seqno;
    p->has_ports = false;
    p->dirty = p->links_dirty = true;
    p->seqno++;
}

static struct liveness_config
liveness_config(const struct daemon *d)
{
    return (struct liveness_config) {
        .hold_ms = d->fabric.settings.hold_down_s * 1000LL,
        .max_hold_ms = d->fabric.settings.hold_down_max_s * 1000LL,
    };
}

/* What BFD says of the links, as OpenFlow tells it.  While there is no
 * connection to the switch, what it said last stays. */
static void
follow_ports(struct daemon *d, long long int now)
{
    const struct of_switch *sw = d->flows.bridges[SYNC_ACCESS].sw;
    const struct of_ports *ports = sw ? of_switch_ports(sw) : NULL;
    struct sync_paths *paths = &d->paths;

    if (!ports || !ports->list.n
        || (paths->has_ports && paths->ports_seqno == ports->seqno
            && paths->ovsdb_seqno == d->ports.seqno)) {
        return;
    }
    paths->has_ports = true;
    paths->ports_seqno = ports->seqno;
    paths->ovsdb_seqno = d->ports.seqno;
    for (size_t i = 0; i < paths->n_paths; i++) {
        follow_port(d, ports, &paths->paths[i], now);
    }
}

static void
follow_port(struct daemon *d, const struct of_ports *ports,
            struct sync_path *path, long long int now)
{
    const struct of_port *port;
    char name[IFNAMSIZ];

    addr_vxlan_name(path->peer, name);
    port = of_ports_find_name(ports, name);
    if (!port || !port->live) {
        path->live_ms = 0;
    } else if (!path->live_ms) {
        path->live_ms = now;
    }
    take_word(d, path, port && link_is_up(d, path, name), now);
}

/* The direct link of 'path' is up, or down. */
static void
take_word(struct daemon *d, struct sync_path *path, bool up,
          long long int now)
{
    const struct liveness_config config = liveness_config(d);
    const struct liveness_word word = {
        .up = up,
        .detect_ms = path->detect_ms,
        .has_relay = path->ways.relays[0],
    };
    struct sync_paths *paths = &d->paths;

    if (liveness_set_up(&path->liveness, &config, &word, now)) {
        paths->dirty = paths->links_dirty = true;
        if (!up && !paths->switch_ms) {
            paths->switch_ms = now + SWITCH_FIRST_MS;
            /* For sync-quality.c, to ask. */
            poll_immediate_wake();
        }
        log_link(d, path);
    }
}

/* Is a link up about which the switch has just said whether it is live?
 *
 * Of two hosts, BFD of one comes up first, when the other one has not yet.  It
 * hears from the other one once a second until then (RFC 5880, 6.8.3), and
 * expects no more: should the link fail again now, it would take seconds to
 * notice.  So a link must be up at both ends to be used. */
static bool
link_is_up(const struct daemon *d, const struct sync_path *path,
           const char *port)
{
    const struct facts *facts;
    bool connected;

    if (path->live_ms) {
        /* One that is new counts as live before BFD has begun. */
        return (path->liveness.state != LIVENESS_DOWN
                || session_is_up(d, port));
    }
    /* A drained host has asked for its port not to count as live. */
    facts = sync_facts_peer(d, path->peer, &connected);
    return facts && facts->drained && session_is_up(d, port);
}

/* Says the database, later than OpenFlow, that BFD hears the peer, and that
 * the peer hears this host? */
static bool
session_is_up(const struct daemon *d, const char *name)
{
    const struct ovs_bridge *bridge
        = ovs_state_find_bridge(&d->ports.actual, BRIDGE_ACCESS);
    const struct ovs_port *port
        = bridge ? ovs_bridge_find_port(bridge, name) : NULL;

    return (port
            && !strcmp(smap_get_def(&port->bfd_status, "state", ""), "up")
            && !strcmp(smap_get_def(&port->bfd_status, "remote_state", ""),
                       "up"));
}

static void
log_link(const struct daemon *d, const struct sync_path *path)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    const struct fabric_host *host = fabric_find_host(&d->fabric, path->peer);
    const struct liveness *l = &path->liveness;

    if (l->state == LIVENESS_HELD) {
        VLOG_INFO_RL(&rl, "link to host %"PRIu16" (%s): %s, not preferred for "
                     "now", path->peer, host->hostname,
                     l->poor ? "works, but badly" : "up again");
    } else {
        VLOG_INFO_RL(&rl, "link to host %"PRIu16" (%s): %s", path->peer,
                     host->hostname,
                     l->state == LIVENESS_UP ? "up" : "down");
    }
}

/* What probes say of the links. */
static void
follow_quality(struct daemon *d, long long int now)
{
    const struct liveness_config config = liveness_config(d);
    struct sync_paths *paths = &d->paths;

    if (paths->quality_seqno == sync_quality_seqno(d)) {
        return;
    }
    paths->quality_seqno = sync_quality_seqno(d);
    paths->links_dirty = true;
    for (size_t i = 0; i < paths->n_paths; i++) {
        struct sync_path *path = &paths->paths[i];
        bool poor = sync_quality_why_poor(d, path->peer) != NULL;

        if (liveness_set_poor(&path->liveness, &config, poor, now)) {
            paths->dirty = true;
            log_link(d, path);
        }
    }
}

/* A link whose alarm was false works, although the switch will not use it as
 * long as it has another way.  BFD is believed in the end: whoever answers
 * probes may still be unable to forward frames. */
static void
follow_alarms(struct daemon *d, long long int now)
{
    struct sync_paths *paths = &d->paths;

    for (size_t i = 0; i < paths->n_paths; i++) {
        struct sync_path *path = &paths->paths[i];
        bool works = (path->liveness.state == LIVENESS_DOWN
                      && now < path->liveness.since_ms + ALARM_MS
                      && sync_quality_is_falsely_down(d, path->peer));

        if (works != path->works) {
            path->works = works;
            paths->dirty = paths->links_dirty = true;
        }
    }
}

static void
pass_time(struct daemon *d, long long int now)
{
    const struct liveness_config config = liveness_config(d);
    struct sync_paths *paths = &d->paths;

    for (size_t i = 0; i < paths->n_paths; i++) {
        struct sync_path *path = &paths->paths[i];

        if (liveness_run(&path->liveness, &config, now)) {
            paths->dirty = paths->links_dirty = true;
            log_link(d, path);
        }
        paths->dirty = paths->dirty || now >= sync_ways_next(path);
    }
}

/* How quickly a loss of each link is to be noticed. */
static void
follow_timers(struct daemon *d, long long int now)
{
    const struct settings *settings = &d->fabric.settings;
    struct sync_paths *paths = &d->paths;

    for (size_t i = 0; i < paths->n_paths; i++) {
        struct sync_path *path = &paths->paths[i];
        struct bfd_timers before = path->timers.now;
        const struct quality_sum *sum = sync_quality_find(d, path->peer);
        struct bfd_timers_in in = {
            .interval_ms = settings->bfd_interval_ms,
            .mult = settings->bfd_mult,
            .budget = settings->bfd_budget,
            .n_peers = paths->n_paths,
            .loss = link_loss(d, path->peer),
            .jitter_us = sum ? sum->jitter_us : 0,
            .n_false = sync_quality_n_false_alarms(d, path->peer),
        };

        bfd_timers_run(&path->timers, &in, now);
        path->detect_ms = path->timers.now.interval_ms * path->timers.now.mult;
        if (before.interval_ms != path->timers.now.interval_ms
            || before.mult != path->timers.now.mult) {
            pace_mark_dirty(&d->ports.pace);
            poll_immediate_wake();
            paths->seqno++;
        }
    }
}

/* Returns how much the link to 'peer' loses as either end sees it: both should
 * choose the same timers.  A single probe says nothing. */
static uint16_t
link_loss(const struct daemon *d, uint16_t peer)
{
    const struct quality_sum *sum = sync_quality_find(d, peer);
    uint16_t least = 2 * 1000 / QUALITY_WINDOW;
    uint16_t loss = sum ? sum->loss : 0;
    const struct facts_link *link = its_link(d, peer);

    loss = MAX(loss, link && link->up ? link->loss : 0);
    return loss < least ? 0 : loss;
}

/* Returns what 'peer' says about its link to this host, NULL if it says
 * nothing or cannot be heard. */
static const struct facts_link *
its_link(const struct daemon *d, uint16_t peer)
{
    bool connected;
    const struct facts *facts = sync_facts_peer(d, peer, &connected);
    struct graph_host host = { .id = peer };

    if (facts && connected) {
        host.links = facts->links;
        host.n_links = facts->n_links;
    }
    return graph_find_link(&host, d->self);
}

/* Whether the peers know that links are up that have come up.
 *
 * Here it is the end that comes up second that has to wait: until the first
 * one has heard that it is up, it is slow to notice a failure (see
 * link_is_up()), and only then it says that the link is there.  Once it has,
 * this host knows by itself whether its link is there.  Meanwhile BFD of both
 * is told to hurry; but not for a mobulad that has just started.
 *
 * After SURE_MS neither the database nor the peer is waited for any more. */
static void
follow_words(struct daemon *d, long long int now)
{
    struct sync_paths *paths = &d->paths;

    for (size_t i = 0; i < paths->n_paths; i++) {
        struct sync_path *path = &paths->paths[i];
        bool sure = now >= path->live_ms + SURE_MS;
        bool agreed, comes_up;

        if (sure && path->comes_up && path->live_ms) {
            take_word(d, path, true, now);
        }
        agreed = (path->liveness.state != LIVENESS_DOWN
                  && (path->agreed || sure || !is_denied(d, path->peer)));
        comes_up = path->live_ms && path->liveness.heard && !agreed;
        if (agreed != path->agreed) {
            path->agreed = agreed;
            paths->dirty = true;
        }
        if (comes_up != path->comes_up) {
            path->comes_up = comes_up;
            pace_mark_dirty(&d->ports.pace);
            poll_immediate_wake();
        }
    }
}

/* Does 'peer' say that its link to this host is down? */
static bool
is_denied(const struct daemon *d, uint16_t peer)
{
    const struct facts_link *link = its_link(d, peer);

    return link && !link->up;
}

static void
tell_links(struct daemon *d)
{
    struct facts_link *links = xcalloc(d->paths.n_paths + 1, sizeof *links);
    size_t n = sync_paths_own_links(d, links);

    sync_facts_set_links(d, links, n);
    free(links);
}

size_t
sync_paths_own_links(const struct daemon *d, struct facts_link *links)
{
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        const struct sync_path *path = &d->paths.paths[i];
        const struct quality_sum *sum = sync_quality_find(d, path->peer);

        links[i] = (struct facts_link) {
            .peer = path->peer,
            .up = path->liveness.state != LIVENESS_DOWN || path->works,
            .poor = path->liveness.state == LIVENESS_HELD || path->works,
            .loss = sum ? sum->loss : 0,
            .rtt_us = sum ? sum->rtt_us : 0,
        };
    }
    return d->paths.n_paths;
}

/* Notes who cannot be heard any more, and until when it is believed. */
static void
follow_facts(struct daemon *d, long long int now)
{
    struct sync_paths *paths = &d->paths;
    bool news = paths->facts_seqno != sync_facts_seqno(d);

    if (paths->unknown_ms && now >= paths->unknown_ms) {
        paths->unknown_ms = 0;
        paths->dirty = true;
    }
    for (size_t i = 0; i < paths->n_paths; i++) {
        struct sync_path *path = &paths->paths[i];

        if (news) {
            bool connected;

            sync_facts_peer(d, path->peer, &connected);
            if (connected) {
                path->silent_ms = 0;
                path->forget_ms = LLONG_MAX;
            } else if (!path->silent_ms) {
                path->silent_ms = now;
                path->forget_ms
                    = now + d->fabric.settings.facts_hold_s * 1000LL;
            }
        }
        if (now >= path->forget_ms) {
            path->forget_ms = LLONG_MAX;
            paths->dirty = true;
        }
    }
    if (news) {
        paths->facts_seqno = sync_facts_seqno(d);
        paths->dirty = true;
    }
}
