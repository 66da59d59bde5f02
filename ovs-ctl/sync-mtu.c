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

/* sync-mtu: which size of packets this host uses, and whether the paths to its
 * peers carry it.
 *
 * lib/mtu.[ch] and lib/mtu-probe.[ch] decide; this file asks the kernel about
 * the links, sends and receives probes, and takes in and hands out facts.
 * sync-net.c makes the links as large as is decided. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>

#include "lib/addr.h"
#include "net/net-path.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/probe-socket.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_mtu);

/* How often links are looked at without a reason, and how often at most. */
#define LINKS_AUDIT_MS 10000
#define LINKS_MIN_MS 200

/* How often a path is probed that is well: once a second, but all paths
 * together no more than 50 times a second. */
#define PROBE_INTERVAL_MS 1000
#define PROBE_BUDGET_MS 20

/* How long a path that has just begun to lose large packets, and beside which
 * there is another way, does not count: to take that way costs much less. */
#define DETOUR_MS 1000

/* Answers that are read at once, before something else has its turn. */
#define MAX_ANSWERS 200

static void take_config(struct daemon *, long long int now);
static void take_paths(struct daemon *, long long int now);
static uint16_t read_links(struct daemon *);
static void follow_limits(struct daemon *, long long int now);
static bool may_detour(const struct daemon *, const struct sync_mtu_path *);
static uint16_t least_limit(const struct sync_mtu *);
static void hear_peers(const struct daemon *, struct mtu_host *,
                       struct mtu_network_in *);
static void decide(struct daemon *, long long int now);
static bool must_keep_ipv6(const struct daemon *);
static void run_probes(struct daemon *, long long int now);
static void run_probe(struct daemon *, struct sync_mtu_path *, int interval_ms,
                      unsigned int ifindex, long long int now);
static void receive_answers(struct daemon *, long long int now);
static void log_verdict(const struct daemon *, struct sync_mtu_path *);

void
sync_mtu_init(struct daemon *d)
{
    int error = d->options.dry_run ? 0 : probe_socket_open(&d->mtu.socket);

    if (error) {
        VLOG_WARN("paths are not probed for large packets: cannot open a raw "
                  "socket: %s", ovs_strerror(error));
    }
}

void
sync_mtu_uninit(struct daemon *d)
{
    probe_socket_close(d->mtu.socket);
    free(d->mtu.paths);
}

void
sync_mtu_run(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;

    if (!d->has_fabric || d->mode != MODE_RUN) {
        return;
    }
    if (mtu->config_seqno != d->config_seqno) {
        take_config(d, now);
    }
    if (now >= (mtu->links_dirty ? mtu->links_min_ms : mtu->links_ms)) {
        mtu->own.links = read_links(d);
        mtu->links_dirty = false;
        mtu->links_ms = now + LINKS_AUDIT_MS;
        mtu->links_min_ms = now + LINKS_MIN_MS;
        mtu->dirty = true;
    }
    if (mtu->socket) {
        receive_answers(d, now);
        run_probes(d, now);
    }
    follow_limits(d, now);
    if (mtu->dirty || mtu->facts_seqno != sync_facts_seqno(d)
        || now >= mtu_network_next(&mtu->network)) {
        decide(d, now);
    }
}

void
sync_mtu_wait(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;
    long long int next;

    if (!d->has_fabric || d->mode != MODE_RUN) {
        return;
    }
    next = MIN(mtu->links_dirty ? mtu->links_min_ms : mtu->links_ms,
               mtu_network_next(&mtu->network));
    if (mtu->facts_seqno != sync_facts_seqno(d)
        || mtu->paths_seqno != sync_paths_seqno(d)) {
        next = now;
    }
    for (size_t i = 0; i < mtu->n_paths; i++) {
        const struct sync_mtu_path *path = &mtu->paths[i];

        if (path->limited_ms && !path->counts && may_detour(d, path)) {
            next = MIN(next, path->limited_ms + DETOUR_MS);
        }
    }
    if (mtu->socket) {
        probe_socket_wait(mtu->socket);
        for (size_t i = 0; i < mtu->n_paths; i++) {
            next = MIN(next, mtu_probe_next(&mtu->paths[i].probe));
        }
    }
    poll_timer_wait_until(next);
}

void
sync_mtu_look_again(struct daemon *d)
{
    d->mtu.links_dirty = true;
}

const struct sync_mtu_path *
sync_mtu_find_path(const struct daemon *d, uint16_t peer)
{
    return (d->mtu.n_paths
            ? bsearch(&peer, d->mtu.paths, d->mtu.n_paths,
                      sizeof *d->mtu.paths, daemon_compare_peer) : NULL);
}

static void
take_config(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;

    if (!mtu->config_seqno) {
        /* What an earlier mobulad used is what everybody uses. */
        uint32_t links = 0, paths = 0;

        if (net_path_link_mtu(d->net.ctx, LINK_DIR_HOST, &links)
            || net_path_link_mtu(d->net.ctx, LINK_FAC_HOST, &paths)) {
            links = paths = 0;
        } else {
            links = MAX(mtu_from_wireguard(links), MTU_MIN);
            paths = MAX(mtu_from_access(paths), MTU_MIN);
        }
        mtu_network_init(&mtu->network, links, paths, now);
    }
    mtu->config_seqno = d->config_seqno;
    mtu->links_dirty = true;
    mtu->links_min_ms = now;
    take_paths(d, now);
}

/* One path for each peer, with what was known about it. */
static void
take_paths(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;
    struct sync_mtu_path *paths = xcalloc(d->fabric.n_hosts, sizeof *paths);
    size_t n = 0;

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        uint16_t peer = d->fabric.hosts[i].id;
        const struct sync_mtu_path *old = sync_mtu_find_path(d, peer);

        if (peer == d->self) {
            continue;
        } else if (old) {
            paths[n++] = *old;
        } else {
            paths[n].peer = peer;
            mtu_probe_init(&paths[n].probe, mtu_wireguard(MTU_MIN),
                           mtu_wireguard(MTU_DEFAULT),
                           now + n * PROBE_BUDGET_MS);
            n++;
        }
    }
    free(mtu->paths);
    mtu->paths = paths;
    mtu->n_paths = n;
}

/* Returns how large packets the underlay takes from this host to every peer
 * to which there is a way, or 0 if there is none to any. */
static uint16_t
read_links(struct daemon *d)
{
    uint32_t least = UINT32_MAX;
    struct in6_addr *remotes;
    size_t n;

    remotes = sync_resolve_remotes(d, &n);
    for (size_t i = 0; i < n; i++) {
        uint32_t mtu;

        if (!net_path_mtu(d->net.ctx, sync_external_where(d), &remotes[i],
                          &mtu)) {
            least = MIN(least, mtu);
        }
    }
    free(remotes);
    return least == UINT32_MAX ? 0 : MIN(least, UINT16_MAX);
}

/* Finds out which of the paths that lose large packets count.
 *
 * Frames leave such a path when there is a better way (sync-quality.c).  Then
 * it harms nobody, and when it has been mended, probes notice. */
static void
follow_limits(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;

    mtu->paths_seqno = sync_paths_seqno(d);
    for (size_t i = 0; i < mtu->n_paths; i++) {
        struct sync_mtu_path *path = &mtu->paths[i];
        const struct sync_path *way = sync_paths_find(d, path->peer);

        if (!mtu_probe_limit(&path->probe, NULL)) {
            path->limited_ms = 0;
        } else if (!path->limited_ms) {
            path->limited_ms = now;
        }
        path->counts = (path->limited_ms && !(way && way->detours)
                        && !(may_detour(d, path)
                             && now < path->limited_ms + DETOUR_MS));
    }
    if (least_limit(mtu) != mtu->own.paths) {
        mtu->dirty = true;
    }
}

/* Is there another way to the peer, which is not used yet? */
static bool
may_detour(const struct daemon *d, const struct sync_mtu_path *path)
{
    const struct sync_path *way = sync_paths_find(d, path->peer);

    return way && !way->detours && way->ways.relays[0];
}

/* Returns the MTU of the worst path that counts, or 0 if all are well. */
static uint16_t
least_limit(const struct sync_mtu *mtu)
{
    uint16_t least = 0;

    for (size_t i = 0; i < mtu->n_paths; i++) {
        uint16_t limit = mtu_probe_limit(&mtu->paths[i].probe, NULL);

        if (mtu->paths[i].counts && (!least || limit < least)) {
            least = limit;
        }
    }
    return least ? mtu_from_wireguard(least) : 0;
}

/* Collects what the peers say into 'peers', which 'in' borrows, and 'in'. */
static void
hear_peers(const struct daemon *d, struct mtu_host *peers,
           struct mtu_network_in *in)
{
    in->peers = peers;
    for (size_t i = 0; i < d->mtu.n_paths; i++) {
        bool connected;
        const struct facts *facts = sync_facts_peer(d, d->mtu.paths[i].peer,
                                                    &connected);

        if (facts) {
            peers[in->n_peers++] = (struct mtu_host) {
                facts->underlay_mtu, facts->path_mtu,
            };
        } else {
            in->n_silent++;
        }
    }
}

static void
decide(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;
    struct mtu_host *peers = xcalloc(mtu->n_paths + 1, sizeof *peers);
    struct mtu_network_in in = {
        .fixed = d->fabric.settings.underlay_mtu,
        .hold_ms = d->fabric.settings.mtu_hold_s * 1000LL,
    };

    mtu->own.paths = least_limit(mtu);
    in.own = mtu->own;
    mtu->facts_seqno = sync_facts_seqno(d);
    hear_peers(d, peers, &in);
    mtu->dirty = false;
    if (mtu_network_run(&mtu->network, &in, now)) {
        VLOG_INFO("underlay: packets of %"PRIu16" bytes, of %"PRIu16" by "
                  "links and routes", mtu->network.paths.now,
                  mtu->network.links.now);
        mtu->keep_ipv6 = must_keep_ipv6(d);
        pace_reset(&d->net.pace);
    }
    free(peers);
    for (size_t i = 0; i < mtu->n_paths; i++) {
        mtu_probe_set_full(&mtu->paths[i].probe,
                           mtu_wireguard(mtu->network.links.now), now);
    }
    sync_facts_set_underlay_mtu(d, mtu->own.links);
    sync_facts_set_path_mtu(d, mtu->own.paths);
}

/* The kernel removes all IPv6 addresses of an interface that becomes too small
 * for them.  Addresses are the administrator's: what hosts find out by
 * themselves must not take them away, for it may be over in a minute.  When
 * this is called, the interface has not become smaller yet. */
static bool
must_keep_ipv6(const struct daemon *d)
{
    return (!d->fabric.settings.underlay_mtu
            && mtu_access(d->mtu.network.paths.now) < MTU_IPV6
            && (d->mtu.keep_ipv6 || net_path_has_ipv6(LINK_FAC_HOST)));
}

static void
run_probes(struct daemon *d, long long int now)
{
    struct sync_mtu *mtu = &d->mtu;
    int interval_ms = MAX(PROBE_INTERVAL_MS, mtu->n_paths * PROBE_BUDGET_MS);
    const char *link = probe_link(d->userspace_datapath);
    unsigned int ifindex = 0;

    for (size_t i = 0; i < mtu->n_paths; i++) {
        struct sync_mtu_path *path = &mtu->paths[i];

        if (now >= mtu_probe_next(&path->probe)) {
            ifindex = ifindex ? ifindex : if_nametoindex(link);
            run_probe(d, path, interval_ms, ifindex, now);
            log_verdict(d, path);
        }
    }
}

static void
run_probe(struct daemon *d, struct sync_mtu_path *path, int interval_ms,
          unsigned int ifindex, long long int now)
{
    struct probe_packet large, small;

    probe_packet_init(&large, &d->fabric.settings, d->self, path->peer,
                      ifindex);
    if (!mtu_probe_run(&path->probe, interval_ms, now, &large.seqno,
                       &large.size)) {
        return;
    }
    small = large;
    small.size = MTU_PROBE_SMALL;
    /* Not sent: the link is not there yet, or not yet as large as desired. */
    if (!ifindex || probe_socket_send(d->mtu.socket, &large)
        || probe_socket_send(d->mtu.socket, &small)) {
        mtu_probe_unsent(&path->probe, interval_ms, now);
    }
}

static void
receive_answers(struct daemon *d, long long int now)
{
    struct probe_answer answer;

    for (int i = 0; i < MAX_ANSWERS; i++) {
        struct sync_mtu_path *path;
        uint16_t peer;

        if (!probe_socket_receive(d->mtu.socket, &answer)) {
            break;
        }
        peer = probe_answer_peer(&answer, &d->fabric.settings);
        path = CONST_CAST(struct sync_mtu_path *, sync_mtu_find_path(d, peer));
        if (path) {
            mtu_probe_answer(&path->probe, answer.seqno, answer.size, now);
        }
    }
}

static void
log_verdict(const struct daemon *d, struct sync_mtu_path *path)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    uint16_t limit = mtu_probe_limit(&path->probe, NULL);
    const struct fabric_host *host = fabric_find_host(&d->fabric, path->peer);

    if (limit == path->logged || !host) {
        return;
    }
    if (limit) {
        VLOG_WARN_RL(&rl, "path to host %"PRIu16" (%s): loses large packets, "
                     "is good for an underlay MTU of %u", path->peer,
                     host->hostname, mtu_from_wireguard(limit));
    } else {
        VLOG_INFO_RL(&rl, "path to host %"PRIu16" (%s): carries packets of "
                     "the full size again", path->peer, host->hostname);
    }
    path->logged = limit;
}
