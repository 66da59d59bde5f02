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

/* net-path: how large packets the underlay takes from this host: by routes
 * and links, asked of the kernel.
 *
 * What the path behind the first link carries is not seen here; probes find
 * out (lib/mtu-probe.h). */

#ifndef MOBULA_NET_PATH_H
#define MOBULA_NET_PATH_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include "net/net-state.h"
#include "openvswitch/compiler.h"

struct net_ctx;


/* Stores in '*mtu' how many bytes an IP packet to 'dst' (IPv4 as v4-mapped)
 * may have when it leaves the namespace 'where', in which WireGuard's socket
 * is: the MTU of the route or the link, whichever is less.
 *
 * An MTU that the kernel has learnt from an ICMP message and will forget again
 * does not count: WireGuard's packets are cut into fragments then, and pass.
 *
 * Returns 0, or a positive errno, with '*mtu' untouched: no route, or to this
 * host itself (EADDRINUSE). */
int net_path_mtu(struct net_ctx *, enum net_where where,
                 const struct in6_addr *dst, uint32_t *mtu)
    OVS_WARN_UNUSED_RESULT;

/* Stores in '*mtu' the MTU of the link 'name' in the host's namespace.
 * Returns 0 or a positive errno. */
int net_path_link_mtu(struct net_ctx *, const char *name, uint32_t *mtu)
    OVS_WARN_UNUSED_RESULT;

/* Returns true if the link 'name' in the host's namespace has an IPv6 address
 * that is not link-local.  The kernel removes all when the MTU of the link
 * falls below that of IPv6, and nobody brings them back. */
bool net_path_has_ipv6(const char *name);

#endif /* net/net-path.h */
