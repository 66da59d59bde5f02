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

/* external-read: the kernel -> what external-diff.c compares.  See
 * external.h. */

#include <config.h>
#include "net/external.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "net/net-ctx.h"
#include "openvswitch/util.h"
#include "util.h"

/* How often something is read again because it changed meanwhile. */
#define MAX_READS 10

/* What is being read of an interface, by kind. */
struct reader {
    const struct external_link *link;
    struct external_objects kinds[EXTERNAL_N_KINDS];
    enum external_kind kind;    /* Being read. */
    size_t n_before;            /* Objects of that kind when that began. */
    char *why;                  /* Why it cannot be taken, or NULL. */
};

/* Which sysctls of a link are read into what. */
struct sysctl_reader {
    const char *link;
    const struct net_sysctl_key *keys;      /* Ends with a null key... */
    const struct external_sysctls *like;    /* ...or the keys of these. */
    struct external_sysctls *ret;
};

/* Who has answered. */
struct reached {
    uint32_t ifindex;
    const struct in6_addr *routers;
    size_t n;
    bool any;
};

static int read_links(struct net_ctx *, const char *name, const char *veth,
                      struct external_actual *);
static int read_gateway_side(struct net_ctx *, const char *veth,
                             struct external_actual *);
static int read_host_side(struct net_ctx *, const struct external_taken *,
                          struct external_actual *);
static void take_link(const struct nlmsghdr *, void *link);
static void take_object(const struct nlmsghdr *, void *reader);
static void reset_kind(void *reader);
static void arrange(struct reader *, struct external_objects *);
static int read_sysctls(void *sysctl_reader);
static void read_sysctl(const struct sysctl_reader *, const char *dir,
                        const char *key);
static void take_reached(const struct nlmsghdr *, void *reached);
static void reset_reached(void *reached);

int
external_read(struct net_ctx *ctx, const struct external_taken *taken,
              enum external_goal goal, struct external_actual *ret,
              char **error)
{
    struct nlns *gateway = &ctx->ns[NET_GATEWAY];
    struct external_actual actual;
    char veth[IFNAMSIZ];
    int retval = nlns_refresh(gateway, NULL);

    external_actual_init(&actual);
    external_veth_name(taken->name, veth);
    actual.gateway = gateway->fd >= 0;
    if (!retval) {
        retval = read_links(ctx, taken->name, veth, &actual);
    }
    if (!retval) {
        retval = (goal == EXTERNAL_GOAL_MOVE
                  ? read_gateway_side(ctx, veth, &actual)
                  : read_host_side(ctx, taken, &actual));
    }
    if (retval) {
        *error = xasprintf("cannot read the external interface: %s",
                           ovs_strerror(retval));
        external_actual_uninit(&actual);
        return retval;
    }
    *ret = actual;
    return 0;
}

int
external_read_link(struct nlns *ns, const char *name,
                   struct external_link *ret)
{
    union net_codec_buffer buf;
    int error = nl_conn_request(ns->route, net_codec_get_link(&buf, name),
                                take_link, ret, NULL);

    return error == ENODEV ? 0 : error;
}

int
external_read_objects(struct nlns *ns, const struct external_link *link,
                      struct external_objects *ret, char **why)
{
    static const uint8_t families[] = { AF_INET, AF_INET6 };
    struct reader r = { .link = link };
    int error = 0;

    for (r.kind = 0; r.kind < EXTERNAL_N_KINDS && !error; r.kind++) {
        for (size_t i = 0; i < ARRAY_SIZE(families) && !error; i++) {
            union net_codec_buffer buf;

            r.n_before = r.kinds[r.kind].n;
            error = external_dump(ns, external_codec_dump(&buf, r.kind,
                                                          families[i]),
                                  take_object, reset_kind, &r);
            if (error == ENOENT || error == EOPNOTSUPP
                || error == EAFNOSUPPORT) {
                error = 0;      /* No route yet, or no IPv6. */
            }
        }
    }
    if (!error) {
        arrange(&r, ret);
    }
    for (int kind = 0; kind < EXTERNAL_N_KINDS; kind++) {
        external_objects_uninit(&r.kinds[kind]);
    }
    if (!error && why) {
        *why = r.why;
    } else {
        free(r.why);
    }
    return error;
}

int
external_dump(struct nlns *ns, struct nlmsghdr *nlh, nl_message_cb *cb,
              void (*reset)(void *aux), void *aux)
{
    int error = EAGAIN;

    for (int i = 0; i < MAX_READS && error == EAGAIN; i++) {
        reset(aux);
        error = nl_conn_dump(ns->route, nlh, cb, aux);
    }
    return error;
}

bool
external_is_on_host(struct net_ctx *ctx, const char *name)
{
    struct external_link link = { .exists = false };

    return (!external_read_link(&ctx->ns[NET_HOST], name, &link)
            && link.exists);
}

bool
external_reaches(struct net_ctx *ctx, const struct in6_addr *routers,
                 size_t n)
{
    static const uint8_t families[] = { AF_INET, AF_INET6 };
    struct nlns *gateway = &ctx->ns[NET_GATEWAY];
    struct external_link bridge = { .exists = false };
    struct reached reached = { .routers = routers, .n = n };
    union net_codec_buffer buf;

    if (gateway->fd < 0
        || external_read_link(gateway, LINK_EXT_GW, &bridge)
        || !bridge.exists) {
        return false;
    }
    reached.ifindex = bridge.ifindex;
    for (size_t i = 0; i < n; i++) {
        /* One that cannot be asked does not answer. */
        ignore(nl_conn_request(gateway->route,
                               external_codec_resolve(&buf, bridge.ifindex,
                                                      &routers[i]),
                               NULL, NULL, NULL));
    }
    for (size_t i = 0; i < ARRAY_SIZE(families) && !reached.any; i++) {
        ignore(external_dump(gateway, external_codec_dump(&buf, EXTERNAL_NEIGH,
                                                          families[i]),
                             take_reached, reset_reached, &reached));
    }
    return reached.any;
}

/* Where the interface 'name', the pair and the bridge are. */
static int
read_links(struct net_ctx *ctx, const char *name, const char *veth,
           struct external_actual *actual)
{
    struct nlns *host = &ctx->ns[NET_HOST];
    struct nlns *gateway = &ctx->ns[NET_GATEWAY];
    int error = external_read_link(host, name, &actual->host);

    if (!error) {
        error = external_read_link(host, veth, &actual->veth);
    }
    if (!error && actual->gateway) {
        error = external_read_link(gateway, name, &actual->moved);
    }
    if (!error && actual->gateway) {
        error = external_read_link(gateway, LINK_EXT_GW, &actual->bridge);
    }
    if (!error && actual->gateway) {
        error = external_read_link(gateway, LINK_EXT_PORT, &actual->port);
    }
    return error;
}

static int
read_gateway_side(struct net_ctx *ctx, const char *veth,
                  struct external_actual *actual)
{
    struct sysctl_reader on_veth = {
        .link = veth, .keys = external_veth_keys,
        .ret = &actual->veth_sysctls,
    };
    struct sysctl_reader on_bridge = {
        .link = LINK_EXT_GW, .keys = external_bridge_keys,
        .ret = &actual->bridge_sysctls,
    };
    struct sysctl_reader in_namespace = {
        .link = ".", .keys = external_namespace_keys,
        .ret = &actual->namespace_sysctls,
    };
    int error = actual->veth.exists ? read_sysctls(&on_veth) : 0;

    if (!error && actual->gateway) {
        error = nlns_call(ctx->ns[NET_GATEWAY].fd, read_sysctls,
                          &in_namespace);
    }
    if (!error && actual->bridge.exists) {
        error = nlns_call(ctx->ns[NET_GATEWAY].fd, read_sysctls, &on_bridge);
    }
    if (!error && actual->bridge.exists) {
        error = external_read_objects(&ctx->ns[NET_GATEWAY], &actual->bridge,
                                      &actual->on_bridge, NULL);
    }
    return error;
}

static int
read_host_side(struct net_ctx *ctx, const struct external_taken *taken,
               struct external_actual *actual)
{
    struct sysctl_reader r = {
        .link = taken->name, .like = &taken->sysctls,
        .ret = &actual->host_sysctls,
    };
    int error;

    if (!actual->host.exists) {
        return 0;
    }
    error = read_sysctls(&r);
    if (!error) {
        error = external_read_objects(&ctx->ns[NET_HOST], &actual->host,
                                      &actual->on_host, NULL);
    }
    return error;
}

static void
take_link(const struct nlmsghdr *nlh, void *link)
{
    ignore(external_codec_parse_link(nlh, link));
}

static void
reset_kind(void *reader)
{
    struct reader *r = reader;
    struct external_objects *objects = &r->kinds[r->kind];

    while (objects->n > r->n_before) {
        free(objects->objects[--objects->n].bytes);
    }
}

static void
take_object(const struct nlmsghdr *nlh, void *reader)
{
    struct reader *r = reader;
    struct external_object object;
    char *why = NULL;

    switch (external_codec_parse(nlh, r->link->ifindex, r->link->mac, &object,
                                 &why)) {
    case EXTERNAL_TAKES:
        if (object.kind == r->kind) {
            external_objects_add(&r->kinds[object.kind], &object);
        } else {
            free(object.bytes);
        }
        break;
    case EXTERNAL_REFUSES:
        free(r->why);
        r->why = why;
        break;
    case EXTERNAL_IGNORES:
    default:
        break;
    }
}

/* Moves the objects that are selected to the end of 'ret'. */
static void
move_objects(struct external_objects *from, bool ipv6, bool with_router,
             bool backwards, struct external_objects *ret)
{
    for (size_t i = 0; i < from->n; i++) {
        struct external_object *object
            = &from->objects[backwards ? from->n - 1 - i : i];
        struct in6_addr router;

        if (object->bytes && external_object_is_ipv6(object) == ipv6
            && external_object_router(object, &router) == with_router) {
            external_objects_add(ret, object);
            object->bytes = NULL;
        }
    }
}

/* Puts them into the order in which they can be added, and which makes the
 * kernel list them in the order in which it does now: it puts a new address of
 * IPv6 before the others.  Routers must be reachable by what is there. */
static void
arrange(struct reader *r, struct external_objects *ret)
{
    move_objects(&r->kinds[EXTERNAL_ADDR], false, false, false, ret);
    move_objects(&r->kinds[EXTERNAL_ADDR], true, false, true, ret);
    for (int with_router = 0; with_router < 2; with_router++) {
        move_objects(&r->kinds[EXTERNAL_ROUTE], false, with_router, false,
                     ret);
        move_objects(&r->kinds[EXTERNAL_ROUTE], true, with_router, false,
                     ret);
    }
    move_objects(&r->kinds[EXTERNAL_NEIGH], false, false, false, ret);
    move_objects(&r->kinds[EXTERNAL_NEIGH], true, false, false, ret);
}

static int
read_sysctls(void *sysctl_reader)
{
    const struct sysctl_reader *r = sysctl_reader;

    for (const struct net_sysctl_key *k = r->keys; k && k->key; k++) {
        read_sysctl(r, k->dir, k->key);
    }
    for (size_t i = 0; r->like && i < r->like->n; i++) {
        read_sysctl(r, r->like->sysctls[i].dir, r->like->sysctls[i].key);
    }
    return 0;
}

/* What cannot be read is not there. */
static void
read_sysctl(const struct sysctl_reader *r, const char *dir, const char *key)
{
    char *value = external_sysctl_get(dir, r->link, key);

    if (value) {
        external_sysctls_add(r->ret, dir, key, value);
        free(value);
    }
}

static void
reset_reached(void *reached_)
{
    struct reached *reached = reached_;

    reached->any = false;
}

static void
take_reached(const struct nlmsghdr *nlh, void *reached_)
{
    struct reached *reached = reached_;
    struct in6_addr address;

    if (external_codec_parse_reached(nlh, reached->ifindex, &address)) {
        for (size_t i = 0; i < reached->n; i++) {
            reached->any |= ipv6_addr_equals(&address, &reached->routers[i]);
        }
    }
}
