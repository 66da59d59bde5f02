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

/* net-apply: executes the operations of a plan.  See net_apply() in
 * net-ctx.h and, for their order, net-diff.h. */

#include <config.h>
#include "net/net-ctx.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/addr.h"
#include "net/net-codec.h"
#include "net/net-diff.h"
#include "net/net-offload.h"
#include "net/net-sysctl.h"
#include "net/nl.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(net_apply);

static int apply_op(struct net_ctx *, const struct net_op *, char **why);

int
net_apply(struct net_ctx *ctx, const struct net_plan *plan, char **error)
{
    int retval = 0;

    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct net_op *op = &plan->ops[i];
        struct ds what = DS_EMPTY_INITIALIZER;
        char *why = NULL;
        int op_error = apply_op(ctx, op, &why);

        net_op_format(op, &what);
        if (op_error) {
            ds_put_format(&what, ": %s", ovs_strerror(op_error));
            if (why) {
                ds_put_format(&what, " (%s)", why);
            }
        }
        VLOG_DBG("%s", ds_cstr(&what));
        if (op_error && !retval) {
            retval = op_error;
            *error = ds_steal_cstr(&what);
        }
        ds_destroy(&what);
        free(why);
    }
    return retval;
}

/* Returns the namespace 'where' in '*ns', or ENOENT. */
static int
get_ns(struct net_ctx *ctx, enum net_where where, struct nlns **ns)
{
    *ns = &ctx->ns[where];
    return (*ns)->route ? 0 : ENOENT;
}

/* Stores in '*ifindex' the index of the link 'name' in 'ns', unless there is
 * one already. */
static int
resolve_ifindex(const struct nlns *ns, const char *name, uint32_t *ifindex)
{
    struct ifreq ifr;

    if (*ifindex || !name[0]) {
        return 0;
    }
    memset(&ifr, 0, sizeof ifr);
    ovs_strlcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    if (ioctl(ns->ioctl_fd, SIOCGIFINDEX, &ifr)) {
        return errno;
    }
    *ifindex = ifr.ifr_ifindex;
    return 0;
}

/* Sends 'nlh' to remove something.  That it is not there any more is no
 * error: with a link go its other end and everything on it. */
static int
request_removal(const struct nlns *ns, struct nlmsghdr *nlh, char **why)
{
    int error = nl_conn_request(ns->route, nlh, NULL, NULL, why);

    switch (error) {
    case ENODEV:
    case ENXIO:
    case ESRCH:
    case ENOENT:
    case EADDRNOTAVAIL:
        free(*why);
        *why = NULL;
        return 0;
    default:
        return error;
    }
}

static int
apply_netns(struct net_ctx *ctx, enum net_op_type type, char **why)
{
    int error = (type == NET_OP_ADD_NETNS
                 ? nlns_create(GATEWAY_NETNS, why)
                 : nlns_remove(GATEWAY_NETNS, why));

    /* Afterwards our sockets are inside, or do not keep it alive. */
    return error ? error : nlns_refresh(&ctx->ns[NET_GATEWAY], NULL);
}

static int
apply_add_pair(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    union net_codec_buffer buf;
    struct nlns *ns, *peer_ns;
    int error = get_ns(ctx, op->link.where, &ns);

    if (!error) {
        error = get_ns(ctx, op->peer.where, &peer_ns);
    }
    if (error) {
        return error;
    }
    return nl_conn_request(ns->route,
                           net_codec_new_veth(&buf, &op->link, &op->peer,
                                              peer_ns->fd),
                           NULL, NULL, why);
}

static int
apply_move_link(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    uint32_t ifindex = op->link.ifindex;
    struct nlns *host = &ctx->ns[NET_HOST];
    union net_codec_buffer buf;
    struct nlns *gateway;
    int error = get_ns(ctx, NET_GATEWAY, &gateway);

    if (!error) {
        error = resolve_ifindex(host, op->link.name, &ifindex);
    }
    if (error) {
        return error;
    }
    return nl_conn_request(host->route,
                           net_codec_move_link(&buf, ifindex, gateway->fd),
                           NULL, NULL, why);
}

static int
apply_link(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    uint32_t ifindex = op->link.ifindex;
    union net_codec_buffer buf;
    struct nlns *ns;
    int error;

    if (op->type == NET_OP_ADD_LINK) {
        error = get_ns(ctx, op->link.made_in_gateway ? NET_GATEWAY : NET_HOST,
                       &ns);
        return error ? error : nl_conn_request(ns->route,
                               net_codec_new_link(&buf, &op->link),
                               NULL, NULL, why);
    }
    error = get_ns(ctx, op->link.where, &ns);
    if (error) {
        return error;
    }
    if (op->type == NET_OP_DEL_LINK) {
        return request_removal(ns, net_codec_del_link(&buf, ifindex), why);
    }
    if (op->type == NET_OP_SET_OFFLOAD) {
        return net_offload_set(ns->ioctl_fd, op->link.name,
                               op->link.tx_csum);
    }
    error = resolve_ifindex(ns, op->link.name, &ifindex);
    if (error) {
        return error;
    }
    return nl_conn_request(ns->route,
                           net_codec_set_link(&buf, ifindex, &op->link,
                                              op->parts),
                           NULL, NULL, why);
}

static int
apply_addr(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    const bool add = op->type == NET_OP_ADD_ADDR;
    uint32_t ifindex = op->addr.ifindex;
    union net_codec_buffer buf;
    struct nlmsghdr *nlh;
    struct nlns *ns;
    int error = get_ns(ctx, op->addr.where, &ns);

    if (!error) {
        error = resolve_ifindex(ns, op->addr.link, &ifindex);
    }
    if (error) {
        return error;
    }
    nlh = net_codec_addr(&buf, add ? RTM_NEWADDR : RTM_DELADDR, ifindex,
                         &op->addr);
    return (add ? nl_conn_request(ns->route, nlh, NULL, NULL, why)
                : request_removal(ns, nlh, why));
}

static int
apply_route(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    const bool add = op->type == NET_OP_ADD_ROUTE;
    uint32_t ifindex = op->route.ifindex;
    union net_codec_buffer buf;
    struct nlmsghdr *nlh;
    struct nlns *ns;
    int error = get_ns(ctx, op->route.where, &ns);

    if (!error && add) {
        error = resolve_ifindex(ns, op->route.link, &ifindex);
    }
    if (error) {
        return error;
    }
    nlh = net_codec_route(&buf, add ? RTM_NEWROUTE : RTM_DELROUTE, ifindex,
                          &op->route);
    if (!add) {
        return request_removal(ns, nlh, why);
    }
    error = nl_conn_request(ns->route, nlh, NULL, NULL, why);
    if (error == EEXIST && !*why) {
        *why = xstrdup("another program's route to the same destination has "
                       "the same metric");
    }
    return error;
}

/* Stores the MAC of the link that a GETLINK request answers with. */
static void
take_mac(const struct nlmsghdr *nlh, void *link)
{
    ignore(net_codec_parse_link(nlh, link));
}

/* Looks up the MAC of 'neigh->of_link'. */
static int
resolve_mac(struct net_ctx *ctx, struct net_neigh *neigh, char **why)
{
    struct net_link of = { .has_mac = false };
    union net_codec_buffer buf;
    struct nlns *ns;
    int error = get_ns(ctx, neigh->of_where, &ns);

    if (!error) {
        error = nl_conn_request(ns->route,
                                net_codec_get_link(&buf, neigh->of_link),
                                take_mac, &of, why);
    }
    if (!error && !of.has_mac) {
        error = EADDRNOTAVAIL;
    }
    if (!error) {
        neigh->mac = of.mac;
    }
    return error;
}

static int
apply_neigh(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    const bool add = op->type == NET_OP_SET_NEIGH;
    struct net_neigh neigh = op->neigh;
    union net_codec_buffer buf;
    struct nlns *ns;
    int error = get_ns(ctx, neigh.where, &ns);

    if (!error && !add) {
        return request_removal(ns, net_codec_neigh(&buf, RTM_DELNEIGH,
                                                   neigh.ifindex, &neigh),
                               why);
    }
    if (!error) {
        error = resolve_ifindex(ns, neigh.link, &neigh.ifindex);
    }
    if (!error && neigh.of_link[0]) {
        error = resolve_mac(ctx, &neigh, why);
    }
    if (error) {
        return error;
    }
    return nl_conn_request(ns->route,
                           net_codec_neigh(&buf, RTM_NEWNEIGH, neigh.ifindex,
                                           &neigh),
                           NULL, NULL, why);
}

static int
apply_rule(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    const bool add = op->type == NET_OP_ADD_RULE;
    union net_codec_buffer buf;
    struct nlmsghdr *nlh;
    struct nlns *ns;
    int error = get_ns(ctx, op->rule.where, &ns);

    if (error) {
        return error;
    }
    nlh = net_codec_rule(&buf, add ? RTM_NEWRULE : RTM_DELRULE, &op->rule);
    return (add ? nl_conn_request(ns->route, nlh, NULL, NULL, why)
                : request_removal(ns, nlh, why));
}

/* A link of somebody else, of which a sysctl is set back, may be gone. */
static int
apply_sysctl(struct net_ctx *ctx, const struct net_op *op)
{
    const struct net_sysctl *sysctl = &op->sysctl;
    struct nlns *ns;
    int error = get_ns(ctx, sysctl->where, &ns);

    if (!error) {
        error = net_sysctl_write(ns->name ? ns->fd : -1, sysctl);
    }
    return (error == ENOENT && sysctl->where == NET_HOST
            && net_link_role(sysctl->link) == NET_ROLE_FOREIGN ? 0 : error);
}

/* '*why' becomes an explanation, malloc'd, if there is one. */
static int
apply_op(struct net_ctx *ctx, const struct net_op *op, char **why)
{
    switch (op->type) {
    case NET_OP_ADD_NETNS:
    case NET_OP_DEL_NETNS:
        return apply_netns(ctx, op->type, why);
    case NET_OP_ADD_PAIR:
        return apply_add_pair(ctx, op, why);
    case NET_OP_MOVE_LINK:
        return apply_move_link(ctx, op, why);
    case NET_OP_ADD_LINK:
    case NET_OP_DEL_LINK:
    case NET_OP_SET_LINK:
    case NET_OP_SET_OFFLOAD:
        return apply_link(ctx, op, why);
    case NET_OP_ADD_ADDR:
    case NET_OP_DEL_ADDR:
        return apply_addr(ctx, op, why);
    case NET_OP_ADD_ROUTE:
    case NET_OP_DEL_ROUTE:
        return apply_route(ctx, op, why);
    case NET_OP_SET_NEIGH:
    case NET_OP_DEL_NEIGH:
        return apply_neigh(ctx, op, why);
    case NET_OP_ADD_RULE:
    case NET_OP_DEL_RULE:
        return apply_rule(ctx, op, why);
    case NET_OP_SET_SYSCTL:
        return apply_sysctl(ctx, op);
    default:
        OVS_NOT_REACHED();
    }
}
