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

/* net-out-state: which of the routes of this host is the way out.
 * See net-out.h.
 *
 * Pure. */

#include <config.h>
#include "net/net-out.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "net/net-state.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static bool leads_out(const struct settings *, const struct net_out_route *);
static bool is_better(const struct net_out_route *,
                      const struct net_out_route *than);
static bool leads_into_mobula(const struct settings *, ovs_be32);
static void add_network(const struct net_out_route *, struct net_way_out *);

void
net_out_choose(const struct settings *settings,
               const struct net_out_route *routes, size_t n,
               struct net_way_out *ret)
{
    const struct net_out_route *best = NULL; /* That leads outside... */
    const struct net_out_route *used = NULL; /* ...or anywhere. */

    for (size_t i = 0; i < n; i++) {
        const struct net_out_route *route = &routes[i];

        if (route->dst_len || !route->link[0]) {
            continue;
        }
        if (!used || is_better(route, used)) {
            used = route;
        }
        if (leads_out(settings, route) && (!best || is_better(route, best))) {
            best = route;
        }
    }
    if (!best) {
        return;
    }
    ret->moved = used != best;
    ret->copied = best->table != 0;
    ovs_strlcpy(ret->link, best->link, sizeof ret->link);
    ret->via = best->via;
    ret->src = best->src;
    for (size_t i = 0; i < n; i++) {
        const struct net_out_route *route = &routes[i];

        if (!route->table && route->ifindex == best->ifindex
            && route->on_link && route->dst_len
            && !leads_into_mobula(settings, route->dst)) {
            add_network(route, ret);
        }
    }
}

bool
net_out_recall(const struct net_out_memory *memory, uint32_t ifindex,
               const struct net_out_route *routes, size_t n,
               struct net_out_route *ret)
{
    bool near = !memory->via;

    for (size_t i = 0; i < n && !near; i++) {
        const struct net_out_route *route = &routes[i];

        near = (!route->table && route->ifindex == ifindex && route->on_link
                && route->dst_len
                && (memory->via & be32_prefix_mask(route->dst_len))
                   == route->dst);
    }
    *ret = (struct net_out_route) {
        .table = TABLE_WAY_OUT,
        .via = memory->via,
        .src = memory->src,
        .metric = UINT32_MAX,
        .ifindex = ifindex,
    };
    ovs_strlcpy(ret->link, memory->link, sizeof ret->link);
    return near;
}

void
net_way_out_uninit(struct net_way_out *way_out)
{
    free(way_out->networks);
    free(way_out->addresses);
    memset(way_out, 0, sizeof *way_out);
}

/* A default route may lead into Mobula by a link of ours, or by one that an
 * administrator has bridged to the access network. */
static bool
leads_out(const struct settings *settings, const struct net_out_route *route)
{
    return (net_link_role(route->link) == NET_ROLE_FOREIGN
            && !leads_into_mobula(settings, route->via));
}

static bool
is_better(const struct net_out_route *route, const struct net_out_route *than)
{
    return (route->table != than->table ? !route->table
            : route->metric < than->metric);
}

static bool
leads_into_mobula(const struct settings *settings, ovs_be32 address)
{
    const struct ipv4_prefix *const ours[] = {
        &settings->access_prefix, &settings->intrawire_prefix,
        &settings->vtep_prefix,
    };

    for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
        if ((address & be32_prefix_mask(ours[i]->len)) == ours[i]->address) {
            return true;
        }
    }
    return false;
}

static void
add_network(const struct net_out_route *route, struct net_way_out *way_out)
{
    /* The same one twice, with other metrics: once is enough. */
    for (size_t i = 0; i < way_out->n_networks; i++) {
        const struct net_out_network *other = &way_out->networks[i];

        if (other->dst.address == route->dst
            && other->dst.len == route->dst_len) {
            return;
        }
    }
    if (way_out->n_networks >= way_out->allocated_networks) {
        way_out->networks = x2nrealloc(way_out->networks,
                                       &way_out->allocated_networks,
                                       sizeof *way_out->networks);
    }
    way_out->networks[way_out->n_networks++] = (struct net_out_network) {
        .dst = { route->dst, route->dst_len },
        .src = route->src,
    };
}
