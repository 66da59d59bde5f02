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

/* net-path: how large packets the underlay takes from this host.
 * See net-path.h. */

#include <config.h>
#include "net/net-path.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

#include "net/net-codec.h"
#include "net/net-ctx.h"
#include "net/nl.h"
#include "util.h"

static void take_path(const struct nlmsghdr *, void *path);
static void take_link(const struct nlmsghdr *, void *link);

int
net_path_mtu(struct net_ctx *ctx, enum net_where where,
             const struct in6_addr *dst, uint32_t *mtu)
{
    const struct nlns *ns = &ctx->ns[where];
    struct net_path path = { .ifindex = 0 };
    struct net_link link = { .mtu = 0 };
    union net_codec_buffer buf;
    int error;

    if (!ns->route) {
        return ENETUNREACH;
    }
    error = nl_conn_request(ns->route,
                            net_codec_get_path(&buf, dst), take_path, &path,
                            NULL);
    if (error) {
        return error;
    } else if (path.local) {
        return EADDRINUSE;
    } else if (!path.ifindex) {
        return ENETUNREACH;
    }
    error = nl_conn_request(ns->route,
                            net_codec_get_ifindex(&buf, path.ifindex),
                            take_link, &link, NULL);
    if (!error && !link.mtu) {
        error = EPROTO;
    }
    if (!error) {
        *mtu = path.mtu ? MIN(path.mtu, link.mtu) : link.mtu;
    }
    return error;
}

int
net_path_link_mtu(struct net_ctx *ctx, const char *name, uint32_t *mtu)
{
    struct net_link link = { .mtu = 0 };
    union net_codec_buffer buf;
    int error = nl_conn_request(ctx->ns[NET_HOST].route,
                                net_codec_get_link(&buf, name), take_link,
                                &link, NULL);

    if (!error && !link.mtu) {
        error = EPROTO;
    }
    if (!error) {
        *mtu = link.mtu;
    }
    return error;
}

bool
net_path_has_ipv6(const char *name)
{
    struct ifaddrs *addresses;
    bool found = false;

    if (getifaddrs(&addresses)) {
        return false;
    }
    for (const struct ifaddrs *a = addresses; a; a = a->ifa_next) {
        if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET6
            && !strcmp(a->ifa_name, name)) {
            struct sockaddr_in6 sin6;

            memcpy(&sin6, a->ifa_addr, sizeof sin6);
            found |= !IN6_IS_ADDR_LINKLOCAL(&sin6.sin6_addr);
        }
    }
    freeifaddrs(addresses);
    return found;
}

static void
take_path(const struct nlmsghdr *nlh, void *path)
{
    ignore(net_codec_parse_path(nlh, path));
}

static void
take_link(const struct nlmsghdr *nlh, void *link)
{
    ignore(net_codec_parse_link(nlh, link));
}
