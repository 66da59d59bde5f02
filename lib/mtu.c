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

/* mtu: the one size of packets that all hosts of the network use.
 * See mtu.h. */

#include <config.h>
#include "lib/mtu.h"

#include <limits.h>

#include "util.h"

/* What encapsulations take away from the MTU, in bytes. */
enum {
    WIREGUARD_OVERHEAD = 80,    /* IPv6 40, UDP 8, WireGuard 32. */
    VXLAN_OVERHEAD = 50,        /* IPv4 20, UDP 8, VXLAN 8, Ethernet 14. */
    VLAN_OVERHEAD = 8,          /* Two tags of 4. */
};

static struct mtu_host find_target(const struct mtu_network *,
                                   const struct mtu_network_in *);
static bool run_level(struct mtu_level *, uint16_t target, bool settled,
                      long long int hold_ms, long long int now);

uint16_t
mtu_wireguard(uint16_t underlay)
{
    return underlay - WIREGUARD_OVERHEAD;
}

uint16_t
mtu_access(uint16_t underlay)
{
    return mtu_wireguard(underlay) - VXLAN_OVERHEAD - VLAN_OVERHEAD;
}

uint16_t
mtu_from_wireguard(uint16_t wireguard)
{
    return MIN(UINT16_MAX, wireguard + WIREGUARD_OVERHEAD);
}

uint16_t
mtu_from_access(uint16_t access)
{
    return MIN(UINT16_MAX, (access + VLAN_OVERHEAD + VXLAN_OVERHEAD
                            + WIREGUARD_OVERHEAD));
}

void
mtu_network_init(struct mtu_network *network, uint16_t links, uint16_t paths,
                 long long int now)
{
    *network = (struct mtu_network) {
        .links.now = links,
        .paths.now = MIN(links, paths),
        .settled = links && paths,
        .settle_ms = now + MTU_SETTLE_MS,
    };
}

bool
mtu_network_run(struct mtu_network *network, const struct mtu_network_in *in,
                long long int now)
{
    struct mtu_host target = find_target(network, in);
    bool fixed = in->fixed;
    bool complete = !in->n_silent || now >= network->settle_ms;
    bool changed;

    if (!fixed && !network->settled && !complete) {
        /* Nobody must get more than he may take before all have spoken. */
        target.links = MIN(target.links, MTU_DEFAULT);
        target.paths = MIN(target.paths, MTU_DEFAULT);
    }
    changed = run_level(&network->links, target.links,
                        network->settled && !fixed, in->hold_ms, now);
    changed |= run_level(&network->paths, target.paths,
                         network->settled && !fixed, in->hold_ms, now);
    /* One may wait for its time while the other does not. */
    network->paths.now = MIN(network->paths.now, network->links.now);
    network->settled = network->settled || complete;
    return changed;
}

long long int
mtu_network_next(const struct mtu_network *network)
{
    long long int next = network->settled ? LLONG_MAX : network->settle_ms;

    if (network->links.next) {
        next = MIN(next, network->links.next_ms);
    }
    if (network->paths.next) {
        next = MIN(next, network->paths.next_ms);
    }
    return next;
}

/* Returns the numbers that all together have now.  Of a peer that can not be
 * heard now the last words count; one that never said anything cannot be
 * reached, and does not count. */
static struct mtu_host
find_target(const struct mtu_network *network,
            const struct mtu_network_in *in)
{
    uint16_t links = in->own.links ? in->own.links : UINT16_MAX;
    uint16_t paths = in->own.paths ? in->own.paths : UINT16_MAX;
    bool known = in->own.links && (in->n_peers || !in->n_silent);

    if (in->fixed) {
        return (struct mtu_host) { in->fixed, in->fixed };
    }
    for (size_t i = 0; i < in->n_peers; i++) {
        links = MIN(links, in->peers[i].links ? in->peers[i].links : links);
        paths = MIN(paths, in->peers[i].paths ? in->peers[i].paths : paths);
    }
    if (!known) {
        /* But what was used before is what everybody uses. */
        links = MIN(links, MAX(MTU_DEFAULT, network->links.now));
    }
    links = MAX(links, MTU_MIN);
    return (struct mtu_host) { links, MAX(MIN(links, paths), MTU_MIN) };
}

/* Brings 'level' to 'target': at once if that is less, or not 'settled';
 * otherwise after 'hold_ms' in which nobody said less. */
static bool
run_level(struct mtu_level *level, uint16_t target, bool settled,
          long long int hold_ms, long long int now)
{
    uint16_t before = level->now;

    if (target <= level->now || !settled) {
        level->now = target;
        level->next = 0;
    } else if (!level->next) {
        level->next = target;
        level->next_ms = now + hold_ms;
    } else {
        level->next = MIN(level->next, target);
    }
    if (level->next && now >= level->next_ms) {
        level->now = level->next;
        level->next = 0;
    }
    return level->now != before;
}
