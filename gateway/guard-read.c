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

/* guard-read: by which interfaces this host reaches the others' endpoints.
 * See guard.h.
 *
 * The kernel is asked with a UDP socket: connecting it sends nothing, but
 * chooses the local address, and the interface that has it is the answer.
 * With several interfaces that share an address, all of them are.  The socket
 * has the mark of WireGuard's packets, which may have routes of their own. */

#include <config.h>
#include "gateway/guard.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "sset.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(guard_read);

static bool local_address(const struct in6_addr *remote, uint16_t port,
                          struct in6_addr *local);
static void add_interfaces(const struct ifaddrs *, const struct in6_addr *,
                           struct sset *);
static bool ifaddr_to_in6(const struct sockaddr *, struct in6_addr *);

void
guard_read_outside(const struct in6_addr *remotes, size_t n, uint16_t port,
                   struct sset *outside)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct ifaddrs *list;

    if (getifaddrs(&list)) {
        VLOG_WARN_RL(&rl, "cannot list the addresses of this host: %s",
                     ovs_strerror(errno));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct in6_addr local;

        if (local_address(&remotes[i], port, &local)) {
            add_interfaces(list, &local, outside);
        }
    }
    freeifaddrs(list);
}

/* Returns true with the address from which this host sends to 'remote' in
 * '*local', both of them IPv4 as v4-mapped; false if there is no route. */
static bool
local_address(const struct in6_addr *remote, uint16_t port,
              struct in6_addr *local)
{
    union {
        struct sockaddr sa;
        struct sockaddr_in sin;
        struct sockaddr_in6 sin6;
    } u;
    bool v4 = IN6_IS_ADDR_V4MAPPED(remote);
    socklen_t size = v4 ? sizeof u.sin : sizeof u.sin6;
    int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int mark = MARK_MOBULA;
    bool ok;

    if (fd < 0) {
        return false;
    }
    memset(&u, 0, sizeof u);
    if (v4) {
        u.sin.sin_family = AF_INET;
        u.sin.sin_port = htons(port);
        u.sin.sin_addr.s_addr = in6_addr_get_mapped_ipv4(remote);
    } else {
        u.sin6.sin6_family = AF_INET6;
        u.sin6.sin6_port = htons(port);
        u.sin6.sin6_addr = *remote;
    }
    ok = !setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark)
         && !connect(fd, &u.sa, size) && !getsockname(fd, &u.sa, &size)
         && ifaddr_to_in6(&u.sa, local);
    close(fd);
    return ok;
}

static void
add_interfaces(const struct ifaddrs *list, const struct in6_addr *local,
               struct sset *outside)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    for (const struct ifaddrs *ifa = list; ifa; ifa = ifa->ifa_next) {
        struct in6_addr address;
        char *name;

        if (!ifaddr_to_in6(ifa->ifa_addr, &address)
            || !ipv6_addr_equals(&address, local)) {
            continue;
        }

        /* An address may have a label: "eth0:1". */
        name = xmemdup0(ifa->ifa_name, strcspn(ifa->ifa_name, ":"));
        if (guard_name_is_plain(name)) {
            sset_add(outside, name);
        } else {
            VLOG_WARN_RL(&rl, "interface with an odd name: what comes in "
                         "there for the intrawire address is not dropped "
                         "unless its source is forged");
        }
        free(name);
    }
}

static bool
ifaddr_to_in6(const struct sockaddr *sa, struct in6_addr *ret)
{
    if (sa && sa->sa_family == AF_INET) {
        const struct sockaddr_in *sin = ALIGNED_CAST(const void *, sa);

        in6_addr_set_mapped_ipv4(ret, sin->sin_addr.s_addr);
        return true;
    } else if (sa && sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *sin6 = ALIGNED_CAST(const void *, sa);

        *ret = sin6->sin6_addr;
        return true;
    }
    return false;
}
