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

/* net-watch: tells that something changed in the network of this host.
 * See net-watch.h. */

#include <config.h>
#include "net/net-watch.h"

#include <errno.h>
#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/addr.h"
#include "net/net-codec.h"
#include "net/net-out.h"
#include "net/nl.h"
#include "net/nlns.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(net_watch);

struct net_watch {
    struct nlns gateway;        /* Its sockets are not used. */
    struct nl_conn *conns[NET_N_WHERE];     /* Multicast; gateway: or NULL. */
    int inotify_fd;             /* Watches NLNS_DIR... */
    int inotify_wd;             /* ...or, while it is missing, -1. */
    bool dirty;                 /* Something changed. */
    bool paths_dirty;           /* So did the underlay, perhaps. */
};

/* What a message is judged by. */
struct message_context {
    enum net_where where;
    bool relevant;              /* Out: it matters to us. */
    bool about_paths;           /* Out: it is about some link or route. */
};

static int open_conn(void *conn);
static void follow_gateway(struct net_watch *);
static bool drain_conn(struct net_watch *, enum net_where);
static bool drain_inotify(struct net_watch *);
static void judge_message(const struct nlmsghdr *, void *context);
static bool is_about_paths(const struct nlmsghdr *);
static bool is_relevant_route(const struct nlmsghdr *, enum net_where);
static bool is_foreign_sysctl(const struct nlmsghdr *, enum net_where);

int
net_watch_create(struct net_watch **ret, char **error)
{
    struct net_watch *watch = xzalloc(sizeof *watch);
    int retval;

    nlns_init(&watch->gateway, GATEWAY_NETNS);
    watch->inotify_wd = -1;
    watch->dirty = true;
    watch->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    retval = (watch->inotify_fd < 0 ? errno
              : open_conn(&watch->conns[NET_HOST]));
    if (retval) {
        *error = xasprintf("cannot watch the links of this host: %s",
                           ovs_strerror(retval));
        net_watch_destroy(watch);
        return retval;
    }
    follow_gateway(watch);
    *ret = watch;
    return 0;
}

void
net_watch_destroy(struct net_watch *watch)
{
    if (watch) {
        for (int i = 0; i < NET_N_WHERE; i++) {
            nl_conn_close(watch->conns[i]);
        }
        if (watch->inotify_fd >= 0) {
            close(watch->inotify_fd);
        }
        nlns_uninit(&watch->gateway);
        free(watch);
    }
}

bool
net_watch_run(struct net_watch *watch)
{
    bool changed;

    drain_inotify(watch);
    follow_gateway(watch);
    for (int i = 0; i < NET_N_WHERE; i++) {
        if (watch->conns[i] && drain_conn(watch, i)) {
            watch->dirty = true;
        }
    }
    changed = watch->dirty;
    watch->dirty = false;
    return changed;
}

bool
net_watch_take_paths(struct net_watch *watch)
{
    bool changed = watch->paths_dirty;

    watch->paths_dirty = false;
    return changed;
}

void
net_watch_wait(struct net_watch *watch)
{
    if (watch->dirty) {
        poll_immediate_wake();
    }
    for (int i = 0; i < NET_N_WHERE; i++) {
        if (watch->conns[i]) {
            poll_fd_wait(nl_conn_fd(watch->conns[i]), POLLIN);
        }
    }
    poll_fd_wait(watch->inotify_fd, POLLIN);
}

/* Opens '*conn' in the namespace that the thread is in. */
static int
open_conn(void *conn_)
{
    static const int groups[] = {
        RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE,
        RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_ROUTE,
    };
    struct nl_conn **conn = conn_;
    int error = nl_conn_open(NETLINK_ROUTE, conn);

    for (size_t i = 0; i < ARRAY_SIZE(groups) && !error; i++) {
        error = nl_conn_join(*conn, groups[i]);
    }
    return error;
}

/* Watches the gateway's namespace that exists now.  Keeping a socket in one
 * that has lost its name would keep that alive. */
static void
follow_gateway(struct net_watch *watch)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    bool changed;
    int error;

    if (watch->inotify_wd < 0) {
        watch->inotify_wd = inotify_add_watch(watch->inotify_fd, NLNS_DIR,
                                              IN_CREATE | IN_DELETE
                                              | IN_ATTRIB | IN_ONLYDIR);
    }
    error = nlns_refresh(&watch->gateway, &changed);
    if (!error && changed) {
        watch->dirty = true;
        nl_conn_close(watch->conns[NET_GATEWAY]);
        watch->conns[NET_GATEWAY] = NULL;
        if (watch->gateway.fd >= 0) {
            error = nlns_call(watch->gateway.fd, open_conn,
                              &watch->conns[NET_GATEWAY]);
        }
    }
    if (error) {
        VLOG_WARN_RL(&rl, "namespace "GATEWAY_NETNS": cannot watch it: %s",
                     ovs_strerror(error));
    }
}

static bool
drain_conn(struct net_watch *watch, enum net_where where)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct message_context context = { .where = where };
    int error = nl_conn_drain(watch->conns[where], judge_message, &context);

    watch->paths_dirty |= context.about_paths || error == ENOBUFS;
    if (error == ENOBUFS) {
        context.relevant = true;
    } else if (error != EAGAIN) {
        VLOG_WARN_RL(&rl, "cannot receive changes of links: %s",
                     ovs_strerror(error));
    }
    return context.relevant;
}

/* A name has come or gone in NLNS_DIR: follow_gateway() looks which. */
static bool
drain_inotify(struct net_watch *watch)
{
    union {
        struct inotify_event event;
        char bytes[4096];
    } buf;
    bool any = false;
    ssize_t n;

    while ((n = read(watch->inotify_fd, &buf, sizeof buf)) > 0) {
        const char *p = buf.bytes;

        any = true;
        while (p < buf.bytes + n) {
            const struct inotify_event *event = (const void *) p;

            if (event->mask & IN_IGNORED) {
                watch->inotify_wd = -1;
            }
            p += sizeof *event + event->len;
        }
    }
    return any;
}

static void
judge_message(const struct nlmsghdr *nlh, void *context_)
{
    struct message_context *context = context_;
    struct net_neigh neigh;
    struct net_rule rule;
    struct net_link link;
    bool relevant;

    context->about_paths |= is_about_paths(nlh);
    switch (nlh->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
        relevant = (!net_codec_parse_link(nlh, &link) || link.ours
                    || context->where == NET_GATEWAY
                    || net_link_role(link.name) != NET_ROLE_FOREIGN);
        break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
        relevant = is_relevant_route(nlh, context->where);
        break;
    case RTM_NEWRULE:
    case RTM_DELRULE:
        relevant = net_codec_parse_rule(nlh, &rule);
        break;
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
        relevant = net_codec_parse_neigh(nlh, &neigh);
        break;
    case RTM_NEWNETCONF:
    case RTM_DELNETCONF:
        relevant = !is_foreign_sysctl(nlh, context->where);
        break;
    default:
        /* Any address: it may be the one by which this host is known. */
        relevant = true;
        break;
    }
    context->relevant |= relevant;
}

static bool
is_about_paths(const struct nlmsghdr *nlh)
{
    return (nlh->nlmsg_type == RTM_NEWLINK || nlh->nlmsg_type == RTM_DELLINK
            || nlh->nlmsg_type == RTM_NEWROUTE
            || nlh->nlmsg_type == RTM_DELROUTE);
}

/* One of ours, or a default route of the host. */
static bool
is_relevant_route(const struct nlmsghdr *nlh, enum net_where where)
{
    struct net_out_route out;
    struct net_route route;

    return (net_codec_parse_route(nlh, &route)
            || (where == NET_HOST && net_out_codec_parse(nlh, &out)
                && !out.dst_len));
}

/* Every new link of the host is followed by a message about its sysctls. */
static bool
is_foreign_sysctl(const struct nlmsghdr *nlh, enum net_where where)
{
    char name[IFNAMSIZ];
    uint32_t ifindex;

    return (where == NET_HOST
            && net_codec_parse_netconf(nlh, &ifindex)
            && (!if_indextoname(ifindex, name)
                || net_link_role(name) == NET_ROLE_FOREIGN));
}
