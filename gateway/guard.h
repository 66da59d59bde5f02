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

/* guard: keeps what came past WireGuard away from this host's inner addresses.
 *
 * Linux takes a packet for one of its addresses on any interface, not only on
 * the one that carries the address.  Somebody on the same Ethernet as a host
 * can thus address a frame to the host's MAC and, inside, a packet to the
 * host's tunnel end point or intrawire address: plain VXLAN or forged
 * intrawire, which no WireGuard has ever authenticated.  A table of ours in
 * nftables, in the host's namespace, drops that:
 *
 *   1. To the tunnel end point address: whatever does not come from WireGuard.
 *      Nobody but Open vSwitch has business there.  (VXLAN to another address
 *      of the host finds no tunnel: each has its 'local_ip'.)
 *   2. To the intrawire address from an intrawire address: what does not come
 *      from WireGuard has a forged source.
 *   3. On an outside interface, one by which this host reaches other hosts'
 *      endpoints: everything to our intrawire address and everything from an
 *      intrawire address.
 *   4. To the port of the database Mobula on the intrawire address, where
 *      hosts read each other's facts: whatever does not come from WireGuard,
 *      and what does from an address that is no host's (an administrator's
 *      client, a machine on the access network).
 *
 * "From WireGuard" is the interface that the gateway hands its packets to, or
 * "lo": the host itself.  On interfaces that are not outside, the rest of the
 * intrawire address may be reached with a source that is not forged:
 * containers and virtual machines behind a bridge of this host use services on
 * its intrawire address, which is local traffic.  A machine bridged to the
 * outside interface cannot be told from a neighbour and is treated as one.
 *
 * guard-want.c decides, guard-render.c writes it down for nft; nft.h compares,
 * gw.h reads and applies. */

#ifndef MOBULA_GUARD_H
#define MOBULA_GUARD_H 1

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/fabric.h"

struct ds;
struct sset;

/* Our table: family "inet".  Its name says that it is ours. */
#define GUARD_TABLE "mobula_guard"

/* What the rules follow from. */
struct guard_want_in {
    const struct fabric *fabric;
    uint16_t self;              /* Host id of this host. */
    bool userspace_datapath;    /* datapath_type=netdev. */
    const struct sset *outside; /* Names of outside interfaces, each fit for
                                 * guard_name_is_plain(). */
};

struct guard {
    ovs_be32 vtep;              /* Tunnel end point address. */
    const char *vtep_link;      /* It may come in here; a constant. */
    ovs_be32 intrawire;         /* Intrawire address. */
    const char *intrawire_link; /* It may come in here; a constant. */
    struct ipv4_prefix intrawire_prefix;
    struct ipv4_prefix hosts_prefix; /* Intrawire addresses of all hosts. */
    uint16_t facts_port;        /* TCP port of the database Mobula. */
    char (*outside)[IFNAMSIZ];  /* Sorted by name. */
    size_t n_outside;
};

/* guard-want.c.  Fills 'ret', which need not be initialized before and which
 * the caller must free with guard_uninit().  Pure. */
void guard_want(const struct guard_want_in *, struct guard *ret);
void guard_uninit(struct guard *);

/* Returns true if 'name', of an interface, can stand between quotes in the
 * language of nft and means nothing but itself.  Pure. */
bool guard_name_is_plain(const char *name);

/* guard-render.c, pure.  Appends the table as nft 1.0 lists it without states,
 * which is also how it can be read in. */
void guard_render(const struct guard *, struct ds *);

/* guard-read.c.  Adds the names of the interfaces by which this host would
 * send to UDP port 'port' of the 'n' addresses 'remotes' (IPv4 as v4-mapped),
 * where the other hosts are, to 'outside', which the caller has
 * initialized.  Interfaces with odd names are left out, with a
 * warning in the log.  Sends nothing. */
void guard_read_outside(const struct in6_addr *remotes, size_t n,
                        uint16_t port, struct sset *outside);

#endif /* gateway/guard.h */
