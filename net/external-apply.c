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

/* external-apply: executes the steps of a plan.  See external.h and, for their
 * order, external-diff.c.
 *
 * Each step that finds its work done already is content. */

#include <config.h>
#include "net/external.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "lib/addr.h"
#include "net/net-ctx.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(external_apply);

/* A step at work. */
struct step {
    struct net_ctx *ctx;
    const struct external_op *op;
    struct nlns *ns;            /* Of 'op->where'. */
    uint32_t ifindex;           /* Of the link, or 0: there is none yet. */
    bool yield;
    char *why;                  /* The kernel's words about an error. */
};

static int apply_op(struct step *);
static int apply_to_link(struct step *);
static int get_ifindex(const struct nlns *, const char *name,
                       uint32_t *ifindex);
static int request(struct step *, struct nlmsghdr *);
static int add_bridge(struct step *);
static int add_pair(struct step *);
static int to_gateway(struct step *);
static int to_host(struct step *);
static int enslave(struct step *);
static int set_sysctl(struct step *);
static int add_object(struct step *);

int
external_apply(struct net_ctx *ctx, const struct external_plan *plan,
               bool yield, char **error)
{
    int retval = 0;

    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct external_op *op = &plan->ops[i];
        struct step step = {
            .ctx = ctx, .op = op, .ns = &ctx->ns[op->where], .yield = yield,
        };
        struct ds what = DS_EMPTY_INITIALIZER;
        int op_error = apply_op(&step);

        external_op_format(op, &what);
        if (op_error) {
            ds_put_format(&what, ": %s", ovs_strerror(op_error));
            if (step.why) {
                ds_put_format(&what, " (%s)", step.why);
            }
        }
        if (op_error && op->type == EXTERNAL_OP_SET_SYSCTL) {
            VLOG_INFO("%s", ds_cstr(&what));
        } else {
            VLOG_DBG("%s", ds_cstr(&what));
            if (op_error && !retval) {
                retval = op_error;
                *error = ds_steal_cstr(&what);
            }
        }
        ds_destroy(&what);
        free(step.why);
    }
    return retval;
}

static int
apply_op(struct step *step)
{
    union net_codec_buffer buf;
    int error;

    if (!step->ns->route) {
        return ENOENT;          /* The namespace is gone. */
    }
    switch (step->op->type) {
    case EXTERNAL_OP_ADD_BRIDGE:
        return add_bridge(step);
    case EXTERNAL_OP_ADD_PAIR:
        return add_pair(step);
    case EXTERNAL_OP_DEL_LINK:
        error = request(step, net_codec_del_link(&buf, step->op->ifindex));
        return error == ENODEV ? 0 : error;
    case EXTERNAL_OP_SET_SYSCTL:
        return set_sysctl(step);
    case EXTERNAL_OP_TO_GATEWAY:
    case EXTERNAL_OP_TO_HOST:
    case EXTERNAL_OP_ENSLAVE:
    case EXTERNAL_OP_UP:
    case EXTERNAL_OP_ADD_OBJECT:
        return apply_to_link(step);
    default:
        OVS_NOT_REACHED();
    }
}

/* What needs a link that is there, and found by its name. */
static int
apply_to_link(struct step *step)
{
    union net_codec_buffer buf;
    int error = get_ifindex(step->ns, step->op->name, &step->ifindex);

    if (error) {
        return error;
    }
    switch (step->op->type) {
    case EXTERNAL_OP_TO_GATEWAY:
        return to_gateway(step);
    case EXTERNAL_OP_TO_HOST:
        return to_host(step);
    case EXTERNAL_OP_ENSLAVE:
        return enslave(step);
    case EXTERNAL_OP_UP:
        return request(step, external_codec_up(&buf, step->ifindex));
    case EXTERNAL_OP_ADD_OBJECT:
        return add_object(step);
    case EXTERNAL_OP_ADD_BRIDGE:
    case EXTERNAL_OP_ADD_PAIR:
    case EXTERNAL_OP_DEL_LINK:
    case EXTERNAL_OP_SET_SYSCTL:
    default:
        OVS_NOT_REACHED();
    }
}

static int
get_ifindex(const struct nlns *ns, const char *name, uint32_t *ifindex)
{
    struct ifreq ifr;

    memset(&ifr, 0, sizeof ifr);
    ovs_strlcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    if (ioctl(ns->ioctl_fd, SIOCGIFINDEX, &ifr)) {
        return errno;
    }
    *ifindex = ifr.ifr_ifindex;
    return 0;
}

static int
request(struct step *step, struct nlmsghdr *nlh)
{
    free(step->why);
    step->why = NULL;
    return nl_conn_request(step->ns->route, nlh, NULL, NULL, &step->why);
}

/* The alias is for people. */
static int
set_alias(struct step *step, const struct nlns *ns, const char *name)
{
    union net_codec_buffer buf;
    uint32_t ifindex;
    int error = get_ifindex(ns, name, &ifindex);

    return (error ? error
            : nl_conn_request(ns->route,
                              external_codec_set_alias(&buf, ifindex), NULL,
                              NULL, &step->why));
}

static int
add_bridge(struct step *step)
{
    union net_codec_buffer buf;
    int error = request(step, external_codec_new_bridge(&buf, step->op));

    return error ? error : set_alias(step, step->ns, step->op->name);
}

static int
add_pair(struct step *step)
{
    const struct nlns *gateway = &step->ctx->ns[NET_GATEWAY];
    union net_codec_buffer buf;
    int error;

    if (gateway->fd < 0) {
        return ENOENT;
    }
    error = request(step, external_codec_new_pair(&buf, step->op,
                                                  gateway->fd));
    if (!error) {
        error = set_alias(step, step->ns, step->op->name);
    }
    return error ? error : set_alias(step, gateway, LINK_EXT_PORT);
}

static int
to_gateway(struct step *step)
{
    const struct nlns *gateway = &step->ctx->ns[NET_GATEWAY];
    union net_codec_buffer buf;

    return (gateway->fd < 0 ? ENOENT
            : request(step, external_codec_move(&buf, step->ifindex,
                                                gateway->fd, 0)));
}

/* Rules of the host may know the interface by its old index: it gets that, if
 * nobody else has it. */
static int
to_host(struct step *step)
{
    const struct nlns *host = &step->ctx->ns[NET_HOST];
    union net_codec_buffer buf;
    int error = request(step, external_codec_move(&buf, step->ifindex,
                                                  host->fd,
                                                  step->op->ifindex));

    return (error && step->op->ifindex
            ? request(step, external_codec_move(&buf, step->ifindex, host->fd,
                                                0))
            : error);
}

static int
enslave(struct step *step)
{
    union net_codec_buffer buf;
    uint32_t master;
    int error = get_ifindex(step->ns, LINK_EXT_GW, &master);

    return (error ? error
            : request(step, external_codec_enslave(&buf, step->ifindex,
                                                   master)));
}

static int
write_sysctl(void *op_)
{
    const struct external_op *op = op_;

    return external_sysctl_set(op->sysctl, op->name);
}

static int
set_sysctl(struct step *step)
{
    return nlns_call(step->op->where == NET_GATEWAY ? step->ns->fd : -1,
                     write_sysctl, CONST_CAST(void *, step->op));
}

static int
add_object(struct step *step)
{
    const struct external_object *object = step->op->object;
    const bool back = step->op->where == NET_HOST;
    union net_codec_buffer buf;
    int error = request(step, external_codec_add(&buf, object, step->ifindex,
                                                 back ? EXTERNAL_AS_IT_WAS
                                                 : EXTERNAL_ON_BRIDGE));

    if (error == EEXIST && object->kind != EXTERNAL_ROUTE) {
        return 0;
    }
    if (error == EEXIST && back && step->yield) {
        error = request(step, external_codec_add(&buf, object, step->ifindex,
                                                 EXTERNAL_YIELDING));
    }
    return error;
}
