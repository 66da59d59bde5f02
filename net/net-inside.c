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

/* net-inside: questions about the network namespace that the caller is in.
 * See net-inside.h. */

#include <config.h>
#include "net/net-inside.h"

#include <errno.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "packets.h"
#include "util.h"

static int try_sockaddr(const struct sockaddr *, socklen_t size);

int
net_inside_try_address(const struct in6_addr *address)
{
    if (IN6_IS_ADDR_V4MAPPED(address)) {
        struct sockaddr_in sin = {
            .sin_family = AF_INET,
            .sin_addr.s_addr = in6_addr_get_mapped_ipv4(address),
        };

        return try_sockaddr((struct sockaddr *) &sin, sizeof sin);
    } else {
        struct sockaddr_in6 sin6 = {
            .sin6_family = AF_INET6,
            .sin6_addr = *address,
        };

        return try_sockaddr((struct sockaddr *) &sin6, sizeof sin6);
    }
}

/* A line is: destination, length, source, length, next hop, metric, two
 * counters, flags, link; all but the last in hexadecimal. */
int
net_inside_has_default6(bool *ret)
{
    static const char any[] = "00000000000000000000000000000000 00 ";
    FILE *f = fopen("/proc/self/net/ipv6_route", "re");
    unsigned int flags;
    char line[256];

    if (!f) {
        return errno;
    }
    *ret = false;
    while (fgets(line, sizeof line, f)) {
        *ret = *ret || (!strncmp(line, any, strlen(any))
                        && ovs_scan(line + strlen(any),
                                    "%*s %*s %*s %*s %*s %*s %x", &flags)
                        && !(flags & RTF_REJECT));
    }
    fclose(f);
    return 0;
}

static int
try_sockaddr(const struct sockaddr *sa, socklen_t size)
{
    int fd = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int error = fd < 0 || bind(fd, sa, size) ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    return error;
}
