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

/* sync-quality: how well the direct links to the peers work.
 *
 *     probe-socket ----> quality ---+---> sums: status, facts, timers of BFD
 *     sync-mtu (large packets) -----+---> poor: other ways are better
 *
 * lib/quality.[ch] decides; this file sends and receives.  All that is to be
 * sent leaves at the same times, up to ten times a second, and answers are
 * read then (the kernel notes when they came): mobulad does not wake up for
 * each.  Only after a link went down are they read more often, to know soon
 * whether that is a false alarm. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <limits.h>
#include <net/if.h>
#include <stdlib.h>

#include "lib/quality.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/probe-socket.h"
#include "random.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_quality);

/* How often probes are sent at most, in ms, and to how many peers at a time:
 * with more peers, they take turns. */
#define TICK_MS QUALITY_INTERVAL_MS
#define MAX_PROBES 10

/* With more jitter than this a link is not calm: BFD is slower for it, and is
 * to know soon when that is over. */
#define CALM_JITTER_US 5000

/* How often a link is probed that is down, in ms: that does not count, but
 * WireGuard has something to send. */
#define DOWN_MS 1000

/* How often answers are read where one may show that an alarm was false. */
#define WATCH_MS 10

/* How often sums are made. */
#define SUMS_MS 1000

/* Bytes of a probe. */
#define PROBE_SIZE 128

/* Answers that are read at once, before something else has its turn. */
#define MAX_ANSWERS 200

/* The direct link to one peer. */
struct sync_quality_peer {
    uint16_t peer;              /* Host id. */
    bool up;                    /* BFD hears the peer... */
    bool falsely_down;          /* ...or should. */
    struct quality quality;
    struct quality_sum sum;     /* Of about now... */
    struct quality_sum told;    /* ...and when 'seqno' grew last for it. */
    const char *why_poor;       /* sync_quality_why_poor(). */
    long long int next_ms;      /* When to send the next probe. */
};

static bool is_due(const struct daemon *);
static struct sync_quality_peer *find_peer(const struct daemon *, uint16_t id);
static void take_config(struct daemon *, long long int now);
static void follow_links(struct daemon *, long long int now);
static void follow_alarms(struct daemon *);
static void receive_answers(struct daemon *);
static void judge(struct daemon *, long long int now);
static void send_probes(struct daemon *, long long int now);
static long long int next_probe(const struct daemon *,
                                const struct sync_quality_peer *,
                                long long int now);
static long long int next_tick(const struct daemon *, long long int now);
static void send_probe(struct daemon *, struct sync_quality_peer *,
                       unsigned int ifindex, long long int now);
static void make_sums(struct daemon *);
static const char *why_poor(const struct daemon *,
                            const struct sync_quality_peer *);
static void log_poor(const struct daemon *, const struct sync_quality_peer *);
static uint32_t now_us(void);

void
sync_quality_init(struct daemon *d)
{
    int error = (d->options.dry_run ? 0
                 : probe_socket_open(&d->quality.socket));

    if (error) {
        VLOG_WARN("links are not probed for loss: cannot open a raw socket: "
                  "%s", ovs_strerror(error));
    }
    d->quality.seqno = 1;
}

void
sync_quality_uninit(struct daemon *d)
{
    probe_socket_close(d->quality.socket);
    free(d->quality.peers);
}

void
sync_quality_run(struct daemon *d, long long int now)
{
    struct sync_quality *quality = &d->quality;

    if (!is_due(d)) {
        return;
    }
    if (quality->config_seqno != d->config_seqno) {
        take_config(d, now);
    }
    follow_links(d, now);
    if (quality->socket && now >= quality->tick_ms) {
        receive_answers(d);
        judge(d, now);
        send_probes(d, now);
        quality->tick_ms = next_tick(d, now);
    }
    if (now >= quality->sums_ms) {
        make_sums(d);
        quality->sums_ms = now + SUMS_MS;
    }
    for (size_t i = 0; i < quality->n_peers; i++) {
        struct sync_quality_peer *peer = &quality->peers[i];
        const char *why = why_poor(d, peer);

        if (why != peer->why_poor) {
            peer->why_poor = why;
            log_poor(d, peer);
            quality->seqno++;
        }
    }
    follow_alarms(d);
}

void
sync_quality_wait(struct daemon *d)
{
    if (is_due(d) && d->quality.socket) {
        poll_timer_wait_until(d->quality.tick_ms);
    }
}

const struct quality_sum *
sync_quality_find(const struct daemon *d, uint16_t id)
{
    const struct sync_quality_peer *peer = find_peer(d, id);

    return peer ? &peer->sum : NULL;
}

unsigned int
sync_quality_n_false_alarms(const struct daemon *d, uint16_t id)
{
    const struct sync_quality_peer *peer = find_peer(d, id);

    return peer ? quality_n_false_alarms(&peer->quality) : 0;
}

bool
sync_quality_is_falsely_down(const struct daemon *d, uint16_t id)
{
    const struct sync_quality_peer *peer = find_peer(d, id);

    return peer && peer->falsely_down;
}

const char *
sync_quality_why_poor(const struct daemon *d, uint16_t id)
{
    const struct sync_quality_peer *peer = find_peer(d, id);

    return peer ? peer->why_poor : NULL;
}

uint64_t
sync_quality_seqno(const struct daemon *d)
{
    return d->quality.seqno;
}

static bool
is_due(const struct daemon *d)
{
    return d->mode == MODE_RUN && d->has_fabric;
}

static struct sync_quality_peer *
find_peer(const struct daemon *d, uint16_t id)
{
    return (d->quality.n_peers
            ? bsearch(&id, d->quality.peers, d->quality.n_peers,
                      sizeof *d->quality.peers, daemon_compare_peer) : NULL);
}

/* One for each peer, with what was known about it. */
static void
take_config(struct daemon *d, long long int now)
{
    struct sync_quality *quality = &d->quality;
    struct sync_quality_peer *peers = xcalloc(d->fabric.n_hosts,
                                              sizeof *peers);
    size_t n = 0;

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        uint16_t id = d->fabric.hosts[i].id;
        const struct sync_quality_peer *old = find_peer(d, id);

        if (id == d->self) {
            continue;
        } else if (old) {
            peers[n++] = *old;
        } else {
            peers[n].peer = id;
            peers[n].next_ms = now;
            quality_init(&peers[n].quality);
            quality_set_down(&peers[n].quality, now);
            n++;
        }
    }
    free(quality->peers);
    quality->peers = peers;
    quality->n_peers = n;
    quality->turn = 0;
    if (!quality->config_seqno) {
        /* Hosts that start at the same time do not all send at the same
         * times. */
        quality->calm_ms = now - random_range(QUALITY_CALM_INTERVAL_MS);
        quality->tick_ms = now + random_range(TICK_MS);
    } else {
        quality->tick_ms = now;
    }
    quality->config_seqno = d->config_seqno;
    quality->seqno++;
}

/* What BFD says. */
static void
follow_links(struct daemon *d, long long int now)
{
    for (size_t i = 0; i < d->quality.n_peers; i++) {
        struct sync_quality_peer *peer = &d->quality.peers[i];
        const struct sync_path *path = sync_paths_find(d, peer->peer);
        bool up = path && path->liveness.state != LIVENESS_DOWN;

        if (up == peer->up) {
            continue;
        }
        peer->up = up;
        if (up) {
            quality_set_up(&peer->quality);
        } else {
            quality_set_down(&peer->quality, now - TICK_MS - path->detect_ms);
        }
        peer->next_ms = d->quality.tick_ms = now;
    }
}

/* Were they false? */
static void
follow_alarms(struct daemon *d)
{
    for (size_t i = 0; i < d->quality.n_peers; i++) {
        struct sync_quality_peer *peer = &d->quality.peers[i];
        bool falsely_down = quality_is_falsely_down(&peer->quality);

        if (falsely_down != peer->falsely_down) {
            peer->falsely_down = falsely_down;
            d->quality.seqno++;
        }
    }
}

static void
receive_answers(struct daemon *d)
{
    struct probe_answer answer;
    uint32_t now = now_us();

    for (int i = 0; i < MAX_ANSWERS; i++) {
        struct sync_quality_peer *peer;

        if (!probe_socket_receive(d->quality.socket, &answer)) {
            break;
        }
        peer = find_peer(d, probe_answer_peer(&answer, &d->fabric.settings));
        if (peer) {
            quality_answer(&peer->quality, answer.seqno,
                           now - answer.age_us);
        }
    }
}

static void
judge(struct daemon *d, long long int now)
{
    const struct quality_config config = {
        .poor_loss = d->fabric.settings.poor_loss * 10,
    };

    for (size_t i = 0; i < d->quality.n_peers; i++) {
        struct sync_quality_peer *peer = &d->quality.peers[i];

        if (quality_run(&peer->quality, &config, now)) {
            d->quality.sums_ms = now;
        }
    }
}

/* To those whose turn it is, beginning where the last round ended. */
static void
send_probes(struct daemon *d, long long int now)
{
    struct sync_quality *quality = &d->quality;
    unsigned int ifindex
        = if_nametoindex(probe_link(d->userspace_datapath));
    size_t start = quality->turn;
    int n_sent = 0;

    for (size_t i = 0; i < quality->n_peers && n_sent < MAX_PROBES; i++) {
        size_t turn = (start + i) % quality->n_peers;
        struct sync_quality_peer *peer = &quality->peers[turn];

        if (now >= peer->next_ms) {
            send_probe(d, peer, ifindex, now);
            peer->next_ms = next_probe(d, peer, now);
            quality->turn = turn + 1;
            n_sent++;
        }
    }
}

/* Returns when to send the next probe after one at 'now'.  Where there is
 * time, all leave together.  Rounds are not quite on time. */
static long long int
next_probe(const struct daemon *d, const struct sync_quality_peer *peer,
           long long int now)
{
    bool is_calm = (peer->sum.jitter_us <= CALM_JITTER_US
                    && quality_is_calm(&peer->quality, now));

    if (peer->up ? is_calm
        : !quality_is_watched(&peer->quality)) {
        int interval = peer->up ? QUALITY_CALM_INTERVAL_MS : DOWN_MS;

        return now + interval - (now - d->quality.calm_ms) % interval;
    }
    return now + TICK_MS * 9 / 10;
}

/* Returns when it is the turn of the next peers, or answers are urgent. */
static long long int
next_tick(const struct daemon *d, long long int now)
{
    long long int next = LLONG_MAX;

    for (size_t i = 0; i < d->quality.n_peers; i++) {
        if (quality_is_watched(&d->quality.peers[i].quality)) {
            return now + WATCH_MS;
        }
        next = MIN(next, d->quality.peers[i].next_ms);
    }
    return MAX(next, now + TICK_MS);
}

static void
send_probe(struct daemon *d, struct sync_quality_peer *peer,
           unsigned int ifindex, long long int now)
{
    struct probe_packet packet;

    probe_packet_init(&packet, &d->fabric.settings, d->self, peer->peer,
                      ifindex);
    packet.size = PROBE_SIZE;
    packet.seqno = quality_send(&peer->quality, now, now_us());
    if (!ifindex || probe_socket_send(d->quality.socket, &packet)) {
        quality_unsent(&peer->quality, packet.seqno);
    }
}

static void
make_sums(struct daemon *d)
{
    for (size_t i = 0; i < d->quality.n_peers; i++) {
        struct sync_quality_peer *peer = &d->quality.peers[i];

        quality_summarize(&peer->quality, &peer->sum);
        if (!quality_sum_is_similar(&peer->sum, &peer->told)) {
            peer->told = peer->sum;
            d->quality.seqno++;
        }
    }
}

static const char *
why_poor(const struct daemon *d, const struct sync_quality_peer *peer)
{
    const struct sync_mtu_path *path = sync_mtu_find_path(d, peer->peer);

    return (peer->sum.poor ? "loses packets"
            : path && mtu_probe_limit(&path->probe, NULL)
            ? "loses large packets"
            : NULL);
}

static void
log_poor(const struct daemon *d, const struct sync_quality_peer *peer)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    const struct fabric_host *host = fabric_find_host(&d->fabric, peer->peer);

    if (!host) {
        return;
    } else if (!peer->why_poor) {
        VLOG_INFO_RL(&rl, "link to host %"PRIu16" (%s): works well again",
                     peer->peer, host->hostname);
    } else if (peer->sum.poor) {
        VLOG_WARN_RL(&rl, "link to host %"PRIu16" (%s): %s, %u.%u %% of the "
                     "last %u probes", peer->peer, host->hostname,
                     peer->why_poor, peer->sum.loss / 10, peer->sum.loss % 10,
                     peer->sum.n);
    } else {
        VLOG_WARN_RL(&rl, "link to host %"PRIu16" (%s): %s", peer->peer,
                     host->hostname, peer->why_poor);
    }
}

/* Only good for differences. */
static uint32_t
now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000u + now.tv_nsec / 1000;
}
