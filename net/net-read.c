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

/* net-read: the kernel -> struct net_state.  See net_read() in net-ctx.h.
 *
 * In the host's namespace only the links with our names are looked at, one by
 * one: an administrator may have thousands of others.  The gateway is small
 * and read completely, to see whether anything foreign is in it. */

#include <config.h>
#include "net/net-ctx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/addr.h"
#include "net/net-codec.h"
#include "net/net-offload.h"
#include "net/net-sysctl.h"
#include "net/nl.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

/* How often the state is read again because it changed meanwhile. */
#define MAX_READS 10

/* One namespace that is being read. */
struct reader {
    struct nlns *ns;
    enum net_where where;
    const char *way_out;        /* A link of somebody else that is of interest,
                                 * or empty. */
    struct net_state *state;
    uint32_t table;             /* Whose routes are being read; 0 = "main". */
};

static int read_namespace(struct reader *);
static int read_links(struct reader *);
static void take_link(const struct nlmsghdr *, void *reader);
static void take_addr(const struct nlmsghdr *, void *reader);
static void take_addr6(const struct nlmsghdr *, void *reader);
static void take_route(const struct nlmsghdr *, void *reader);
static void take_neigh(const struct nlmsghdr *, void *reader);
static void take_rule(const struct nlmsghdr *, void *reader);
static int read_sysctls(struct reader *);

int
net_read(struct net_ctx *ctx, struct net_state *ret, char **error)
{
    struct net_state state;
    int retval = EAGAIN;

    net_state_init(&state);
    for (int i = 0; i < MAX_READS && retval == EAGAIN; i++) {
        net_state_uninit(&state);
        retval = nlns_refresh(&ctx->ns[NET_GATEWAY], NULL);
        state.gateway = ctx->ns[NET_GATEWAY].fd >= 0;
        for (int where = 0; where < NET_N_WHERE && !retval; where++) {
            struct reader reader = {
                .ns = &ctx->ns[where],
                .where = where,
                .way_out = where == NET_HOST ? ctx->way_out : "",
                .state = &state,
            };

            if (reader.ns->fd >= 0) {
                retval = read_namespace(&reader);
            }
        }
    }
    if (retval) {
        *error = xasprintf("cannot read the links of this host: %s",
                           ovs_strerror(retval));
        net_state_uninit(&state);
        return retval;
    }
    *ret = state;
    return 0;
}

static int
read_routes(struct reader *r, uint32_t table)
{
    union net_codec_buffer buf;
    int error;

    r->table = table;
    error = nl_conn_dump(r->ns->route,
                         net_codec_dump_routes(&buf, table, NET_PROTOCOL),
                         take_route, r);
    /* A table that has never had a route is not there. */
    return error == ENOENT ? 0 : error;
}

static int
read_namespace(struct reader *r)
{
    union net_codec_buffer buf;
    int error = read_links(r);

    if (!error) {
        error = nl_conn_dump(r->ns->route,
                             net_codec_dump_addrs(&buf, AF_INET),
                             take_addr, r);
    }
    if (!error && r->where == NET_GATEWAY) {
        error = nl_conn_dump(r->ns->route,
                             net_codec_dump_addrs(&buf, AF_INET6),
                             take_addr6, r);
    }
    if (!error) {
        error = read_routes(r, 0);
    }
    if (!error) {
        error = read_routes(r, TABLE_WAY_OUT);
    }
    if (!error) {
        error = nl_conn_dump(r->ns->route, net_codec_dump_rules(&buf, AF_INET),
                             take_rule, r);
    }
    if (!error && r->where == NET_GATEWAY) {
        error = nl_conn_dump(r->ns->route,
                             net_codec_dump_rules(&buf, AF_INET6),
                             take_rule, r);
        if (error == EAFNOSUPPORT) {
            /* This kernel has no IPv6. */
            error = 0;
        }
    }
    if (!error && r->where == NET_GATEWAY) {
        error = nl_conn_dump(r->ns->route, net_codec_dump_neighs(&buf),
                             take_neigh, r);
    }
    return error ? error : read_sysctls(r);
}

static int
read_link(struct reader *r, const char *name)
{
    union net_codec_buffer buf;
    int error = nl_conn_request(r->ns->route, net_codec_get_link(&buf, name),
                                take_link, r, NULL);

    return error == ENODEV ? 0 : error;
}

static int
read_links(struct reader *r)
{
    union net_codec_buffer buf;

    if (r->where == NET_GATEWAY) {
        return nl_conn_dump(r->ns->route, net_codec_dump_links(&buf),
                            take_link, r);
    }
    for (const char *const *name = net_link_names; *name; name++) {
        int error = read_link(r, *name);

        if (error) {
            return error;
        }
    }
    return r->way_out[0] ? read_link(r, r->way_out) : 0;
}

/* Is the link one that we have anything to do with? */
static bool
is_known(const struct reader *r, const char *name)
{
    return (net_link_role(name) != NET_ROLE_FOREIGN
            || (r->where == NET_HOST && !strcmp(name, r->way_out)));
}

static void
take_link(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    struct net_link link;

    if (net_codec_parse_link(nlh, &link)) {
        link.where = r->where;
        if (is_known(r, link.name)) {
            link.tx_csum = net_offload_get(r->ns->ioctl_fd, link.name);
        }
        net_state_add_link(r->state, &link);
    }
}

static void
take_addr(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    const struct net_link *link;
    struct net_addr addr;

    if (!net_codec_parse_addr(nlh, &addr)) {
        return;
    }
    link = net_state_find_ifindex(r->state, r->where, addr.ifindex);
    if (link && net_link_role(link->name) != NET_ROLE_FOREIGN
        && !ipv6_addr_is_set(&addr.address6)) {
        addr.where = r->where;
        ovs_strlcpy(addr.link, link->name, sizeof addr.link);
        net_state_add_addr(r->state, &addr);
    }
}

/* A kernel without IPv6 tells all addresses again. */
static void
take_addr6(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    const struct net_link *link;
    struct net_addr addr;

    if (!net_codec_parse_addr(nlh, &addr)
        || !ipv6_addr_is_set(&addr.address6)) {
        return;
    }
    link = net_state_find_ifindex(r->state, r->where, addr.ifindex);
    if (link && !strcmp(link->name, LINK_ACC_GW)) {
        addr.where = r->where;
        ovs_strlcpy(addr.link, link->name, sizeof addr.link);
        net_state_add_addr(r->state, &addr);
    }
}

/* The name of a link that is none of ours is of no interest, only that it is
 * not the desired one. */
static void
name_link(const struct reader *r, uint32_t ifindex, char name[IFNAMSIZ])
{
    const struct net_link *link = net_state_find_ifindex(r->state, r->where,
                                                         ifindex);

    if (link) {
        ovs_strlcpy(name, link->name, IFNAMSIZ);
    } else if (ifindex) {
        snprintf(name, IFNAMSIZ, "#%"PRIu32, ifindex);
    }
}

static void
take_route(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    struct net_route route;

    /* A kernel that does not filter gives all tables each time. */
    if (net_codec_parse_route(nlh, &route) && route.table == r->table) {
        route.where = r->where;
        name_link(r, route.ifindex, route.link);
        net_state_add_route(r->state, &route);
    }
}

static void
take_neigh(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    struct net_neigh neigh;

    if (net_codec_parse_neigh(nlh, &neigh)) {
        neigh.where = r->where;
        name_link(r, neigh.ifindex, neigh.link);
        net_state_add_neigh(r->state, &neigh);
    }
}

static void
take_rule(const struct nlmsghdr *nlh, void *reader_)
{
    struct reader *r = reader_;
    struct net_rule rule;

    if (net_codec_parse_rule(nlh, &rule)) {
        rule.where = r->where;
        net_state_add_rule(r->state, &rule);
    }
}

static void
list_sysctls(struct reader *r, const char *link,
             const struct net_sysctl_key *keys)
{
    for (; keys->key; keys++) {
        struct net_sysctl sysctl = {
            .where = r->where,
            .dir = keys->dir,
            .key = keys->key,
        };

        ovs_strlcpy(sysctl.link, link, sizeof sysctl.link);
        net_state_add_sysctl(r->state, &sysctl);
    }
}

static int
read_sysctls(struct reader *r)
{
    const size_t first = r->state->n_sysctls;

    if (r->where == NET_GATEWAY) {
        list_sysctls(r, "all", net_all_sysctls);
        list_sysctls(r, "default", net_default_sysctls);
    }
    for (size_t i = 0; i < r->state->n_links; i++) {
        const struct net_link *link = &r->state->links[i];

        if (link->where == r->where && is_known(r, link->name)) {
            list_sysctls(r, link->name, net_link_sysctls);
        }
    }
    if (r->state->n_sysctls == first) {
        return 0;
    }
    return net_sysctl_read(r->where == NET_HOST ? -1 : r->ns->fd,
                           &r->state->sysctls[first],
                           r->state->n_sysctls - first);
}
