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

/* facts-peers: reads the databases Mobula of all peers, one session each.  See
 * facts-peers.h. */

#include <config.h>
#include "ovs-ctl/facts-peers.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "ovs-ctl/facts-peer.h"
#include "packets.h"
#include "util.h"

/* What a round takes in at most before it ends, in bytes: some ms of work. */
#define ROUND_MAX (2 * FACTS_PEER_CHUNK)

struct facts_peers {
    struct facts_peer **peers;  /* Sorted by host id. */
    size_t n;
    size_t next;                /* Where the next round begins. */
    bool unfinished;            /* The last one ended early. */
    uint64_t seqno;
};

static struct facts_peer *make_peer(struct facts_peers *old,
                                    const struct fabric *,
                                    const struct fabric_host *,
                                    long long int now);
static size_t find_index(const struct facts_peers *, uint16_t id);
static bool limits_equal(const struct facts_limits *,
                         const struct facts_limits *);

struct facts_peers *
facts_peers_create(void)
{
    return xzalloc(sizeof(struct facts_peers));
}

void
facts_peers_destroy(struct facts_peers *peers)
{
    if (peers) {
        facts_peers_configure(peers, NULL, 0, 0);
        free(peers->peers);
        free(peers);
    }
}

void
facts_peers_configure(struct facts_peers *peers, const struct fabric *fabric,
                      uint16_t self, long long int now)
{
    struct facts_peers old = *peers;
    size_t n_hosts = fabric ? fabric->n_hosts : 0;

    peers->peers = xcalloc(n_hosts + 1, sizeof *peers->peers);
    peers->n = peers->next = 0;
    for (size_t i = 0; i < n_hosts; i++) {
        if (fabric->hosts[i].id != self) {
            peers->peers[peers->n++] = make_peer(&old, fabric,
                                                 &fabric->hosts[i], now);
        }
    }
    for (size_t i = 0; i < old.n; i++) {
        facts_peer_destroy(old.peers[i]);
    }
    free(old.peers);
    peers->seqno++;
}

void
facts_peers_way_changed(struct facts_peers *peers, uint16_t id,
                        long long int now)
{
    size_t i = find_index(peers, id);

    if (i < peers->n) {
        facts_peer_way_changed(peers->peers[i], now);
    }
}

void
facts_peers_set_reached(struct facts_peers *peers, uint16_t id, bool reached,
                        long long int now)
{
    size_t i = find_index(peers, id);

    if (i < peers->n) {
        facts_peer_set_reached(peers->peers[i], reached, now);
    }
}

void
facts_peers_run(struct facts_peers *peers, long long int now)
{
    size_t n_bytes = 0;
    size_t i;

    for (i = 0; i < peers->n && n_bytes < ROUND_MAX; i++) {
        struct facts_peer *peer = peers->peers[(peers->next + i) % peers->n];
        uint64_t before = peer->n_changes;

        n_bytes += facts_peer_run(peer, now);
        peers->seqno += peer->n_changes != before;
    }
    peers->unfinished = i < peers->n;
    peers->next = peers->n ? (peers->next + i) % peers->n : 0;
}

void
facts_peers_wait(struct facts_peers *peers, long long int now)
{
    if (peers->unfinished) {
        poll_immediate_wake();
    }
    for (size_t i = 0; i < peers->n; i++) {
        facts_peer_wait(peers->peers[i], now);
    }
}

const struct facts_peer *
facts_peers_find(const struct facts_peers *peers, uint16_t id)
{
    size_t i = find_index(peers, id);

    return i < peers->n ? peers->peers[i] : NULL;
}

uint64_t
facts_peers_seqno(const struct facts_peers *peers)
{
    return peers->seqno;
}

/* Takes the peer over from 'old' if nothing about it has changed, or makes a
 * new one. */
static struct facts_peer *
make_peer(struct facts_peers *old, const struct fabric *fabric,
          const struct fabric_host *host, long long int now)
{
    const struct settings *settings = &fabric->settings;
    ovs_be32 address = addr_intrawire(settings, host->id);
    struct facts_limits limits = {
        .peer = host->id,
        .max_macs = settings->mac_limit,
    };
    char *remote = xasprintf("tcp:"IP_FMT":%"PRIu16, IP_ARGS(address),
                             settings->facts_port);
    size_t i = find_index(old, host->id);
    struct facts_peer *peer = NULL;

    if (i < old->n && !strcmp(old->peers[i]->remote, remote)
        && limits_equal(&old->peers[i]->limits, &limits)) {
        peer = old->peers[i];
        old->peers[i] = NULL;
    }
    peer = peer ? peer : facts_peer_create(&limits, remote, now);
    free(remote);
    return peer;
}

/* Returns the index of the peer, or the number of peers if it is not there.
 * (Those that were taken over are not.) */
static size_t
find_index(const struct facts_peers *peers, uint16_t id)
{
    for (size_t i = 0; i < peers->n; i++) {
        if (peers->peers[i] && peers->peers[i]->id == id) {
            return i;
        }
    }
    return peers->n;
}

static bool
limits_equal(const struct facts_limits *a, const struct facts_limits *b)
{
    return a->peer == b->peer && a->max_macs == b->max_macs;
}
