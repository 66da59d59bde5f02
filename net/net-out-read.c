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

/* net-out-read: asks the kernel for the way out of this host.
 * See net-out.h. */

#include <config.h>
#include "net/net-out.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/addr.h"
#include "net/net-codec.h"
#include "net/net-ctx.h"
#include "net/net-path.h"
#include "net/net-sysctl.h"
#include "net/nl.h"
#include "openvswitch/util.h"
#include "util.h"

/* How often a dump that was interrupted is started again. */
#define MAX_READS 10

/* Routes that are being read. */
struct reader {
    uint32_t table;             /* Of this table... */
    struct net_out_route *routes; /* ...or an earlier one. */
    size_t n, allocated;
};

/* Addresses that are being read. */
struct address_reader {
    uint32_t ifindex;           /* Of this link... */
    struct net_way_out *way_out; /* ...for this. */
};

static int read_routes(struct net_ctx *, uint32_t table, struct reader *);
static void add_route(struct reader *, const struct net_out_route *);
static void recall(const struct net_out_memory *, struct reader *);
static void take_route(const struct nlmsghdr *, void *reader);
static int read_link(struct net_ctx *, struct net_way_out *);
static void take_address(const struct nlmsghdr *, void *reader);

int
net_way_out_read(struct net_ctx *ctx, const struct settings *settings,
                 const struct net_out_memory *memory,
                 struct net_way_out *ret, char **error)
{
    struct net_way_out way_out;
    struct reader reader = { .table = 0 };
    int retval;

    memset(&way_out, 0, sizeof way_out);
    retval = read_routes(ctx, 0, &reader);
    if (!retval) {
        retval = read_routes(ctx, TABLE_WAY_OUT, &reader);
    }
    if (!retval) {
        recall(memory, &reader);
        net_out_choose(settings, reader.routes, reader.n, &way_out);
        retval = way_out.link[0] ? read_link(ctx, &way_out) : 0;
    }
    free(reader.routes);
    if (retval) {
        *error = xasprintf("cannot read the default route of this host: %s",
                           ovs_strerror(retval));
        net_way_out_uninit(&way_out);
        return retval;
    }
    ovs_strlcpy(ctx->way_out, way_out.link, sizeof ctx->way_out);
    *ret = way_out;
    return 0;
}

static int
read_routes(struct net_ctx *ctx, uint32_t table, struct reader *r)
{
    const size_t n = r->n;
    int error = EAGAIN;

    r->table = table;
    for (int i = 0; i < MAX_READS && error == EAGAIN; i++) {
        union net_codec_buffer buf;

        r->n = n;
        error = nl_conn_dump(ctx->ns[NET_HOST].route,
                             net_codec_dump_routes(&buf, table, 0),
                             take_route, r);
    }
    /* A table that has never had a route is not there. */
    return error == ENOENT ? 0 : error;
}

static void
take_route(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    struct net_out_route route;

    /* Only these matter, and there may be many others. */
    if (!net_out_codec_parse(nlh, &route) || route.table != r->table
        || (route.dst_len && !route.on_link)) {
        return;
    }
    if (!if_indextoname(route.ifindex, route.link)) {
        route.link[0] = '\0';
    }
    add_route(r, &route);
}

static void
recall(const struct net_out_memory *memory, struct reader *r)
{
    uint32_t ifindex = memory->link[0] ? if_nametoindex(memory->link) : 0;
    struct net_out_route route;

    if (ifindex && net_out_recall(memory, ifindex, r->routes, r->n, &route)) {
        add_route(r, &route);
    }
}

static void
add_route(struct reader *r, const struct net_out_route *route)
{
    if (r->n >= r->allocated) {
        r->routes = x2nrealloc(r->routes, &r->allocated, sizeof *r->routes);
    }
    r->routes[r->n++] = *route;
}

/* Fills in what is not in routes. */
static int
read_link(struct net_ctx *ctx, struct net_way_out *way_out)
{
    struct net_sysctl forwarding = {
        .dir = "ipv4/conf", .link = "all", .key = "forwarding",
    };
    struct address_reader reader = {
        if_nametoindex(way_out->link), way_out,
    };
    int error = net_path_link_mtu(ctx, way_out->link, &way_out->mtu);

    if (!error) {
        error = net_sysctl_read(-1, &forwarding, 1);
    }
    way_out->routes = forwarding.value != 0;
    if (!error) {
        error = EAGAIN;
    }
    for (int i = 0; i < MAX_READS && error == EAGAIN; i++) {
        union net_codec_buffer buf;

        way_out->n_addresses = 0;
        error = nl_conn_dump(ctx->ns[NET_HOST].route,
                             net_codec_dump_addrs(&buf, AF_INET),
                             take_address, &reader);
    }
    return error;
}

static void
take_address(const struct nlmsghdr *nlh, void *reader_)
{
    struct address_reader *r = reader_;
    struct net_way_out *way_out = r->way_out;
    struct net_addr addr;

    if (!net_codec_parse_addr(nlh, &addr) || addr.ifindex != r->ifindex) {
        return;
    }
    if (way_out->n_addresses >= way_out->allocated_addresses) {
        way_out->addresses = x2nrealloc(way_out->addresses,
                                        &way_out->allocated_addresses,
                                        sizeof *way_out->addresses);
    }
    way_out->addresses[way_out->n_addresses++] = addr.address;
}
