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
 *
 * Every host knows two numbers about itself and tells them to the others
 * (lib/facts.h): what its links and routes carry to each peer, and what the
 * paths were measured to carry (mtu-probe.[ch]).  The least of the first is
 * what tunnels are made for, the least of all is what is used.  They differ
 * while a path loses large packets: a tunnel that stays as large as it was is
 * what lets the hosts notice that the path has been mended.
 *
 *                     told by all hosts            settings_*_mtu()
 *     links, routes ----> least ----> links.now ----> WireGuard, intrawire
 *     measured paths ---> least ----> paths.now ----> access, intrawire route
 *
 * A smaller number is taken at once: frames are being lost.  A larger one has
 * to be agreed upon for a while.  The same facts give the same numbers on all
 * hosts.  Pure; 'now' comes as an argument. */

#ifndef MOBULA_MTU_H
#define MOBULA_MTU_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of IP packet.  Below MTU_MIN, Mobula does not go: IPv6 ends there. */
#define MTU_MIN 1280
#define MTU_DEFAULT 1500

/* The least MTU of a link on which IPv6 works. */
#define MTU_IPV6 1280

/* How long the first numbers of a host that comes up may wait for peers. */
#define MTU_SETTLE_MS 5000

/* MTUs that follow from an MTU of the underlay: WireGuard takes 80 (its worst
 * case, IPv6 outside); VXLAN over IPv4 takes 50; the access network leaves
 * room for two VLAN tags, 8. */
uint16_t mtu_wireguard(uint16_t underlay);
uint16_t mtu_access(uint16_t underlay);

/* And back. */
uint16_t mtu_from_wireguard(uint16_t wireguard);
uint16_t mtu_from_access(uint16_t access);

/* What a host tells about itself, in bytes of IP packet on the underlay. */
struct mtu_host {
    uint16_t links;             /* 0 = unknown. */
    uint16_t paths;             /* 0 = no less than 'links'. */
};

struct mtu_network_in {
    uint16_t fixed;             /* Settled by the configuration; 0 = not. */
    struct mtu_host own;
    const struct mtu_host *peers;   /* Of those that told something. */
    size_t n_peers;
    size_t n_silent;            /* Peers that have told nothing yet. */
    long long int hold_ms;      /* How long all must agree on more. */
};

/* One number and its larger successor. */
struct mtu_level {
    uint16_t now;               /* In use. */
    uint16_t next;              /* Takes its place at 'next_ms' unless
                                 * somebody says less; 0 = none. */
    long long int next_ms;
};

struct mtu_network {
    struct mtu_level links;     /* Never 0 after a run. */
    struct mtu_level paths;     /* Never more than 'links'. */
    bool settled;               /* Growing takes its time... */
    long long int settle_ms;    /* ...from then on at the latest. */
};

/* Initializes 'network'; 'links' and 'paths' are what this host used before,
 * or 0. */
void mtu_network_init(struct mtu_network *, uint16_t links, uint16_t paths,
                      long long int now);

/* Takes in what is known.  Returns true if a number in use has changed. */
bool mtu_network_run(struct mtu_network *, const struct mtu_network_in *,
                     long long int now);

/* Returns when to run again if nothing happens, or LLONG_MAX. */
long long int mtu_network_next(const struct mtu_network *);

#endif /* lib/mtu.h */
