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

/* external-diff: what is to be with the interface, what is there -> a plan.
 * See external.h.
 *
 * On its way to the gateway, all that can be made before the interface moves
 * is made before; on its way back, what it leaves behind goes after.  In
 * between the host cannot be reached: a few requests to the kernel long.
 *
 * Pure. */

#include <config.h>
#include "net/external.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* A diff at work. */
struct diff {
    const struct external_taken *taken;
    const struct external_actual *actual;
    char veth[IFNAMSIZ];        /* The host's end of the pair. */
    struct external_plan *ret;
};

/* The host's end of the pair is on the Ethernet outside, but has no address:
 * nothing that comes in there may find its way, and nothing may be said
 * unasked: routers solicited, addresses made, ARP answered. */
static const struct external_sysctl veth_sysctls[] = {
    { "ipv6/conf", "addr_gen_mode", "1" },
    { "ipv6/conf", "accept_ra", "0" },
    { "ipv6/conf", "autoconf", "0" },
    { "ipv6/conf", "accept_redirects", "0" },
    { "ipv4/conf", "arp_ignore", "1" },
    { "ipv4/conf", "accept_redirects", "0" },
    { "ipv4/conf", "forwarding", "0" },
    { "ipv4/conf", "rp_filter", "1" },
    { "ipv4/conf", "send_redirects", "0" },
};

const struct net_sysctl_key external_veth_keys[] = {
    { "ipv6/conf", "addr_gen_mode" },
    { "ipv6/conf", "accept_ra" },
    { "ipv6/conf", "autoconf" },
    { "ipv6/conf", "accept_redirects" },
    { "ipv4/conf", "arp_ignore" },
    { "ipv4/conf", "accept_redirects" },
    { "ipv4/conf", "forwarding" },
    { "ipv4/conf", "rp_filter" },
    { "ipv4/conf", "send_redirects" },
    { NULL, NULL },
};

/* The bridge speaks IPv6 only if the interface did, and listens to routers
 * only if it had something from one: 2, as the gateway may forward. */
static const struct external_sysctl bridge_sysctls[] = {
    { "ipv4/conf", "arp_announce", "2" },
    { "ipv4/conf", "arp_ignore", "1" },
    { "ipv4/conf", "accept_redirects", "0" },
    { "ipv4/conf", "rp_filter", "1" },
    { "ipv4/conf", "send_redirects", "0" },
};
static const struct external_sysctl bridge_ipv6[] = {
    { "ipv6/conf", "accept_ra", "0" },
    { "ipv6/conf", "autoconf", "0" },
    { "ipv6/conf", "disable_ipv6", "0" },
};
static const struct external_sysctl bridge_learnt[] = {
    { "ipv6/conf", "accept_ra", "2" },
    { "ipv6/conf", "autoconf", "1" },
    { "ipv6/conf", "disable_ipv6", "0" },
};
static const struct external_sysctl bridge_no_ipv6[] = {
    { "ipv6/conf", "disable_ipv6", "1" },
};

/* What passes the bridge is none of the filter's business; of the whole
 * namespace, hence "." for a link, if there is such a thing. */
static const struct external_sysctl namespace_sysctls[] = {
    { "bridge", "bridge-nf-call-arptables", "0" },
    { "bridge", "bridge-nf-call-ip6tables", "0" },
    { "bridge", "bridge-nf-call-iptables", "0" },
};

const struct net_sysctl_key external_namespace_keys[] = {
    { "bridge", "bridge-nf-call-arptables" },
    { "bridge", "bridge-nf-call-ip6tables" },
    { "bridge", "bridge-nf-call-iptables" },
    { NULL, NULL },
};

const struct net_sysctl_key external_bridge_keys[] = {
    { "ipv6/conf", "accept_ra" },
    { "ipv6/conf", "autoconf" },
    { "ipv6/conf", "disable_ipv6" },
    { "ipv4/conf", "arp_announce" },
    { "ipv4/conf", "arp_ignore" },
    { "ipv4/conf", "accept_redirects" },
    { "ipv4/conf", "rp_filter" },
    { "ipv4/conf", "send_redirects" },
    { NULL, NULL },
};

/* Numbers in /proc/sys/net that are wanted. */
struct sysctl_list {
    const struct external_sysctl *sysctls;
    size_t n;
};
#define SYSCTL_LIST(ARRAY) ((struct sysctl_list) { ARRAY, ARRAY_SIZE(ARRAY) })

static void to_gateway(struct diff *);
static void format_link_op(const struct external_op *, const char *where,
                           struct ds *);
static char *obstacle(const struct diff *);
static void make_bridge(struct diff *);
static void make_pair(struct diff *);
static void set_bridge_sysctls(struct diff *, bool new);
static void to_host(struct diff *);
static void remove_link(struct diff *, enum net_where,
                        const struct external_link *);
static void remove_pair(struct diff *);
static void set_sysctls(struct diff *, enum net_where, const char *link,
                        struct sysctl_list,
                        const struct external_sysctls *actual);
static void add_objects(struct diff *, enum net_where, const char *link,
                        const struct external_objects *actual);
static void add_port(struct diff *, const struct external_link *,
                     const char *name, bool new);
static struct external_op *add_op(struct diff *, enum external_op_type,
                                  enum net_where, const char *name);
static void report(struct diff *, enum plan_verdict, enum net_where,
                   char *object, char *detail);

void
external_diff(enum external_goal goal, const struct external_taken *taken,
              const struct external_actual *actual,
              struct external_plan *ret)
{
    struct diff diff = { .taken = taken, .actual = actual, .ret = ret };

    memset(ret, 0, sizeof *ret);
    plan_init(&ret->plan);
    external_veth_name(taken->name, diff.veth);
    ret->waiting = obstacle(&diff);
    if (goal == EXTERNAL_GOAL_MOVE) {
        if (!ret->waiting) {
            to_gateway(&diff);
        }
    } else {
        if (!ret->waiting) {
            to_host(&diff);
        }
        if (!ret->waiting || !actual->moved.exists) {
            remove_pair(&diff);
            remove_link(&diff, NET_GATEWAY, &actual->bridge);
        }
    }
}

void
external_plan_uninit(struct external_plan *plan)
{
    plan_uninit(&plan->plan);
    free(plan->ops);
    free(plan->waiting);
    memset(plan, 0, sizeof *plan);
}

void
external_op_format(const struct external_op *op, struct ds *s)
{
    const char *where = op->where == NET_GATEWAY ? " in "GATEWAY_NETNS : "";

    if (op->type == EXTERNAL_OP_SET_SYSCTL) {
        ds_put_format(s, "set %s/%s/%s%s to %s", op->sysctl->dir, op->name,
                      op->sysctl->key, where, op->sysctl->value);
    } else if (op->type == EXTERNAL_OP_ADD_OBJECT) {
        ds_put_cstr(s, "add ");
        external_object_format(op->object, s);
        ds_put_format(s, " dev %s%s", op->name, where);
    } else {
        format_link_op(op, where, s);
    }
}

/* What is done to the link itself. */
static void
format_link_op(const struct external_op *op, const char *where, struct ds *s)
{
    switch (op->type) {
    case EXTERNAL_OP_ADD_BRIDGE:
        ds_put_format(s, "add bridge %s%s", op->name, where);
        break;
    case EXTERNAL_OP_ADD_PAIR:
        ds_put_format(s, "add link %s%s with its other end %s", op->name,
                      where, LINK_EXT_PORT);
        break;
    case EXTERNAL_OP_DEL_LINK:
        ds_put_format(s, "remove link %s%s", op->name, where);
        break;
    case EXTERNAL_OP_TO_GATEWAY:
        ds_put_format(s, "move link %s to "GATEWAY_NETNS, op->name);
        break;
    case EXTERNAL_OP_TO_HOST:
        ds_put_format(s, "move link %s back to the host", op->name);
        break;
    case EXTERNAL_OP_ENSLAVE:
        ds_put_format(s, "make link %s%s a port of "LINK_EXT_GW, op->name,
                      where);
        break;
    case EXTERNAL_OP_UP:
        ds_put_format(s, "set link %s%s up", op->name, where);
        break;
    case EXTERNAL_OP_SET_SYSCTL:
    case EXTERNAL_OP_ADD_OBJECT:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns why the interface cannot be where it is to be, a malloc'd sentence,
 * or NULL. */
static char *
obstacle(const struct diff *diff)
{
    const struct external_actual *actual = diff->actual;
    const char *name = diff->taken->name;

    if (!actual->host.exists && !actual->moved.exists) {
        return xasprintf("%s is neither with the host nor in the namespace "
                         GATEWAY_NETNS, name);
    } else if (actual->host.exists && actual->moved.exists) {
        return xasprintf("there are two interfaces %s, one with the host and "
                         "one in the namespace "GATEWAY_NETNS, name);
    }
    return NULL;
}

static void
to_gateway(struct diff *diff)
{
    const struct external_actual *actual = diff->actual;
    const bool moves = actual->host.exists;
    const bool new = !actual->bridge.exists;
    const char *name = diff->taken->name;

    if (!actual->gateway) {
        diff->ret->waiting = xstrdup("there is no namespace "GATEWAY_NETNS
                                     " yet");
        return;
    } else if (actual->bridge.exists && !actual->bridge.ours) {
        diff->ret->waiting = xstrdup("the name "LINK_EXT_GW" is still taken");
        return;
    }
    make_bridge(diff);
    set_bridge_sysctls(diff, new);
    make_pair(diff);
    if (moves) {
        add_op(diff, EXTERNAL_OP_TO_GATEWAY, NET_HOST, name);
        report(diff, PLAN_CHANGE, NET_HOST, xasprintf("link %s", name),
               xstrdup("moves to "GATEWAY_NETNS));
    }
    add_port(diff, &actual->moved, name, new || moves);
    if (new || !actual->bridge.up) {
        add_op(diff, EXTERNAL_OP_UP, NET_GATEWAY, LINK_EXT_GW);
    }
    add_objects(diff, NET_GATEWAY, LINK_EXT_GW,
                new || !actual->bridge.up ? NULL : &actual->on_bridge);
}

static void
make_bridge(struct diff *diff)
{
    const struct external_link *bridge = &diff->actual->bridge;
    struct external_op *op;

    if (bridge->exists) {
        report(diff, PLAN_KEEP, NET_GATEWAY, xstrdup("link "LINK_EXT_GW),
               NULL);
        return;
    }
    op = add_op(diff, EXTERNAL_OP_ADD_BRIDGE, NET_GATEWAY, LINK_EXT_GW);
    op->mtu = diff->taken->mtu;
    op->mac = diff->taken->mac;
    report(diff, PLAN_ADD, NET_GATEWAY, xstrdup("link "LINK_EXT_GW),
           xasprintf("bridge, mtu %"PRIu32", mac "ETH_ADDR_FMT,
                     diff->taken->mtu, ETH_ADDR_ARGS(diff->taken->mac)));
}

/* Half a pair is made anew. */
static void
make_pair(struct diff *diff)
{
    const struct external_actual *actual = diff->actual;
    const bool whole = actual->veth.exists && actual->port.exists;
    struct external_op *op;

    if ((actual->veth.exists && !actual->veth.ours)
        || (actual->port.exists && !actual->port.ours)) {
        diff->ret->waiting = xasprintf("the name %s is taken",
                                       actual->veth.ours ? LINK_EXT_PORT
                                                         : diff->veth);
        return;
    }
    if (!whole) {
        remove_pair(diff);
        op = add_op(diff, EXTERNAL_OP_ADD_PAIR, NET_HOST, diff->veth);
        op->mtu = diff->taken->mtu;
        report(diff, PLAN_ADD, NET_HOST, xasprintf("link %s", diff->veth),
               xasprintf("veth to "LINK_EXT_PORT" in "GATEWAY_NETNS", mtu "
                         "%"PRIu32, diff->taken->mtu));
    } else {
        report(diff, PLAN_KEEP, NET_HOST, xasprintf("link %s", diff->veth),
               NULL);
    }
    set_sysctls(diff, NET_HOST, diff->veth, SYSCTL_LIST(veth_sysctls),
                whole ? &actual->veth_sysctls : NULL);
    add_port(diff, &actual->port, LINK_EXT_PORT,
             !whole || !actual->bridge.exists);
    if (!whole || !actual->veth.up) {
        add_op(diff, EXTERNAL_OP_UP, NET_HOST, diff->veth);
        if (whole) {
            report(diff, PLAN_CHANGE, NET_HOST,
                   xasprintf("link %s", diff->veth), xstrdup("down -> up"));
        }
    }
}

/* 'new': the link, or the bridge, has just been made or moved. */
static void
add_port(struct diff *diff, const struct external_link *link,
         const char *name, bool new)
{
    bool in = !new && link->master == diff->actual->bridge.ifindex;

    if (!in) {
        add_op(diff, EXTERNAL_OP_ENSLAVE, NET_GATEWAY, name);
    }
    if (!in || !link->up) {
        add_op(diff, EXTERNAL_OP_UP, NET_GATEWAY, name);
        if (!new) {
            report(diff, PLAN_CHANGE, NET_GATEWAY, xasprintf("link %s", name),
                   xstrdup(in ? "down -> up" : "no port of "LINK_EXT_GW));
        }
    }
}

static void
set_bridge_sysctls(struct diff *diff, bool new)
{
    const struct external_sysctls *actual
        = new ? NULL : &diff->actual->bridge_sysctls;
    bool ipv6 = false, learnt = false;

    for (size_t i = 0; i < diff->taken->objects.n; i++) {
        const struct external_object *object
            = &diff->taken->objects.objects[i];

        ipv6 |= external_object_is_ipv6(object);
        learnt |= external_object_is_learnt(object);
    }
    set_sysctls(diff, NET_GATEWAY, ".", SYSCTL_LIST(namespace_sysctls),
                &diff->actual->namespace_sysctls);
    set_sysctls(diff, NET_GATEWAY, LINK_EXT_GW, SYSCTL_LIST(bridge_sysctls),
                actual);
    set_sysctls(diff, NET_GATEWAY, LINK_EXT_GW,
                learnt ? SYSCTL_LIST(bridge_learnt)
                : ipv6 ? SYSCTL_LIST(bridge_ipv6)
                : SYSCTL_LIST(bridge_no_ipv6), actual);
}

static void
to_host(struct diff *diff)
{
    const struct external_actual *actual = diff->actual;
    const struct external_taken *taken = diff->taken;
    const bool moves = actual->moved.exists;

    if (moves) {
        struct external_op *op = add_op(diff, EXTERNAL_OP_TO_HOST, NET_GATEWAY,
                                        taken->name);

        op->ifindex = taken->ifindex;
        report(diff, PLAN_CHANGE, NET_GATEWAY, xasprintf("link %s",
                                                         taken->name),
               xstrdup("moves back to the host"));
    }
    set_sysctls(diff, NET_HOST, taken->name,
                (struct sysctl_list) { taken->sysctls.sysctls,
                                       taken->sysctls.n },
                moves ? NULL : &actual->host_sysctls);
    if (taken->up && (moves || !actual->host.up)) {
        add_op(diff, EXTERNAL_OP_UP, NET_HOST, taken->name);
        if (!moves) {
            report(diff, PLAN_CHANGE, NET_HOST,
                   xasprintf("link %s", taken->name), xstrdup("down -> up"));
        }
    }
    add_objects(diff, NET_HOST, taken->name,
                moves || !actual->host.up ? NULL : &actual->on_host);
}

static void
remove_link(struct diff *diff, enum net_where where,
            const struct external_link *link)
{
    if (link->exists && link->ours) {
        add_op(diff, EXTERNAL_OP_DEL_LINK, where,
               link->name)->ifindex = link->ifindex;
        report(diff, PLAN_REMOVE, where, xasprintf("link %s", link->name),
               NULL);
    }
}

/* A pair goes with either of its ends. */
static void
remove_pair(struct diff *diff)
{
    if (diff->actual->veth.exists) {
        remove_link(diff, NET_HOST, &diff->actual->veth);
    } else {
        remove_link(diff, NET_GATEWAY, &diff->actual->port);
    }
}

/* 'actual' NULL: as the kernel made them, which is not known.  A file that is
 * not there is no obstacle: not every kernel has each, or IPv6. */
static void
set_sysctls(struct diff *diff, enum net_where where, const char *link,
            struct sysctl_list list, const struct external_sysctls *actual)
{
    for (size_t i = 0; i < list.n; i++) {
        const struct external_sysctl *want = &list.sysctls[i];
        const char *have = (actual ? external_sysctls_find(actual, want->dir,
                                                           want->key)
                            : NULL);

        if (actual && (!have || !strcmp(have, want->value))) {
            plan_count(&diff->ret->plan, PLAN_KEEP);
            continue;
        }
        add_op(diff, EXTERNAL_OP_SET_SYSCTL, where, link)->sysctl = want;
        if (actual) {
            report(diff, PLAN_CHANGE, where,
                   xasprintf("sysctl %s/%s/%s", want->dir, link, want->key),
                   xasprintf("%s -> %s", have, want->value));
        }
    }
}

/* 'actual' NULL: nothing is there. */
static void
add_objects(struct diff *diff, enum net_where where, const char *link,
            const struct external_objects *actual)
{
    for (size_t i = 0; i < diff->taken->objects.n; i++) {
        const struct external_object *want = &diff->taken->objects.objects[i];
        struct ds name = DS_EMPTY_INITIALIZER;
        bool have = false;

        for (size_t j = 0; actual && j < actual->n && !have; j++) {
            have = external_object_equals(want, &actual->objects[j]);
        }
        external_object_format(want, &name);
        ds_put_format(&name, " dev %s", link);
        if (!have) {
            add_op(diff, EXTERNAL_OP_ADD_OBJECT, where, link)->object = want;
        }
        report(diff, have ? PLAN_KEEP : PLAN_ADD, where,
               ds_steal_cstr(&name), NULL);
    }
}

static struct external_op *
add_op(struct diff *diff, enum external_op_type type, enum net_where where,
       const char *name)
{
    struct external_plan *plan = diff->ret;
    struct external_op *op;

    if (plan->n_ops >= plan->allocated_ops) {
        plan->ops = x2nrealloc(plan->ops, &plan->allocated_ops,
                               sizeof *plan->ops);
    }
    op = &plan->ops[plan->n_ops++];
    memset(op, 0, sizeof *op);
    op->type = type;
    op->where = where;
    ovs_strlcpy(op->name, name, sizeof op->name);
    return op;
}

/* Takes ownership of 'object' and 'detail'. */
static void
report(struct diff *diff, enum plan_verdict verdict, enum net_where where,
       char *object, char *detail)
{
    if (where == NET_GATEWAY) {
        char *with = xasprintf("%s in "GATEWAY_NETNS, object);

        free(object);
        object = with;
    }
    plan_add(&diff->ret->plan, verdict, object, detail);
}
