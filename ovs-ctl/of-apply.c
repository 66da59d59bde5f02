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

/* of-apply: the messages of a bundle, and of the meters around it, and which
 * of them an error means. */

#include <config.h>
#include "ovs-ctl/of-apply.h"

#include "flows/flow-table.h"
#include "flows/flows-diff.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-ctl/of-conn.h"
#include "util.h"

#define BUNDLE_FLAGS (OFPBF_ATOMIC | OFPBF_ORDERED)

struct of_apply {
    const struct flows_plan *plan;
    uint32_t bundle_id;
    enum of_apply_state state;
    size_t n_sent;              /* Operations of 'plan' that were sent. */

    ovs_be32 *xids;             /* Of the operations. */
    ovs_be32 open_xid;
    ovs_be32 check_xid;         /* First barrier. */
    ovs_be32 finish_xid;        /* Commit or discard. */
    ovs_be32 end_xid;           /* Second barrier. */
    ovs_be32 clean_xid;         /* Third barrier. */

    bool opened;                /* OPEN was sent. */
    bool finish_sent;
    char *error;                /* First complaint, or NULL. */
    bool error_is_exact;        /* It names a flow, group or meter. */
    bool refused_meter;         /* See of_apply_refused_meter(). */
};

static struct ofpbuf *next_to_send(struct of_apply *);
static struct ofpbuf *next_to_finish(struct of_apply *);
static struct ofpbuf *next_to_clean(struct of_apply *);
static bool take_barrier(struct of_apply *, ovs_be32 xid);
static struct ofpbuf *control_message(const struct of_apply *, uint16_t type,
                                      ovs_be32 *xid);
static struct ofpbuf *op_message(struct of_apply *);
static struct ofpbuf *add_message(const struct of_apply *,
                                  const struct flows_op *);
static struct ofpbuf *barrier_message(ovs_be32 *xid);
static bool take_error(struct of_apply *, const struct ofp_header *);
static void format_op(const struct flows_op *, struct ds *);
static void set_error(struct of_apply *, bool exact, char *);

struct of_apply *
of_apply_create(const struct flows_plan *plan, uint32_t bundle_id)
{
    struct of_apply *apply = xzalloc(sizeof *apply);

    apply->plan = plan;
    apply->bundle_id = bundle_id;
    apply->state = OF_APPLY_SENDING;
    apply->xids = xcalloc(plan->n_ops, sizeof *apply->xids);
    return apply;
}

void
of_apply_destroy(struct of_apply *apply)
{
    if (apply) {
        free(apply->xids);
        free(apply->error);
        free(apply);
    }
}

struct ofpbuf *
of_apply_next(struct of_apply *apply)
{
    switch (apply->state) {
    case OF_APPLY_SENDING:
        return next_to_send(apply);
    case OF_APPLY_FINISHING:
        return next_to_finish(apply);
    case OF_APPLY_CLEANING:
        return next_to_clean(apply);
    case OF_APPLY_CHECKING:
    case OF_APPLY_COMMITTED:
    case OF_APPLY_REJECTED:
    default:
        return NULL;
    }
}

bool
of_apply_take(struct of_apply *apply, const struct ofp_header *oh,
              enum ofptype type)
{
    if (type == OFPTYPE_ERROR) {
        return take_error(apply, oh);
    }
    /* OPEN, COMMIT and DISCARD replies: the barriers tell the same. */
    return (type == OFPTYPE_BUNDLE_CONTROL
            || (type == OFPTYPE_BARRIER_REPLY
                && take_barrier(apply, oh->xid)));
}

enum of_apply_state
of_apply_state(const struct of_apply *apply)
{
    return apply->state;
}

const char *
of_apply_error(const struct of_apply *apply)
{
    return apply->error ? apply->error : "";
}

bool
of_apply_refused_meter(const struct of_apply *apply)
{
    return apply->refused_meter;
}

/* Meters that are new or change, then OPEN, then the rest up to the meters
 * that go. */
static struct ofpbuf *
next_to_send(struct of_apply *apply)
{
    const struct flows_plan *plan = apply->plan;
    const struct flows_op *op = (apply->n_sent < plan->n_ops
                                 ? &plan->ops[apply->n_sent] : NULL);

    if (op && (op->kind == FLOWS_OP_METER_ADD
               || op->kind == FLOWS_OP_METER_MODIFY)) {
        return op_message(apply);
    }
    if (!apply->opened) {
        apply->opened = true;
        return control_message(apply, OFPBCT_OPEN_REQUEST, &apply->open_xid);
    }
    if (op && op->kind != FLOWS_OP_METER_DELETE) {
        return op_message(apply);
    }
    apply->state = OF_APPLY_CHECKING;
    return barrier_message(&apply->check_xid);
}

static struct ofpbuf *
next_to_finish(struct of_apply *apply)
{
    if (!apply->finish_sent) {
        apply->finish_sent = true;
        return control_message(apply, (apply->error
                                       ? OFPBCT_DISCARD_REQUEST
                                       : OFPBCT_COMMIT_REQUEST),
                               &apply->finish_xid);
    }
    return apply->end_xid ? NULL : barrier_message(&apply->end_xid);
}

static struct ofpbuf *
next_to_clean(struct of_apply *apply)
{
    if (apply->n_sent < apply->plan->n_ops) {
        return op_message(apply);
    }
    return apply->clean_xid ? NULL : barrier_message(&apply->clean_xid);
}

/* Returns true if the barrier was one of ours. */
static bool
take_barrier(struct of_apply *apply, ovs_be32 xid)
{
    if (apply->state == OF_APPLY_CHECKING && xid == apply->check_xid) {
        apply->state = OF_APPLY_FINISHING;
        return true;
    }
    if (apply->state == OF_APPLY_FINISHING && apply->end_xid
        && xid == apply->end_xid) {
        apply->state = (apply->error ? OF_APPLY_REJECTED
                        : apply->n_sent < apply->plan->n_ops
                        ? OF_APPLY_CLEANING
                        : OF_APPLY_COMMITTED);
        return true;
    }
    if (apply->state == OF_APPLY_CLEANING && apply->clean_xid
        && xid == apply->clean_xid) {
        apply->state = OF_APPLY_COMMITTED;
        return true;
    }
    return false;
}

static struct ofpbuf *
control_message(const struct of_apply *apply, uint16_t type, ovs_be32 *xid)
{
    struct ofputil_bundle_ctrl_msg ctrl = {
        .bundle_id = apply->bundle_id,
        .type = type,
        .flags = BUNDLE_FLAGS,
    };
    struct ofpbuf *msg = ofputil_encode_bundle_ctrl_request(OF_CONN_VERSION,
                                                            &ctrl);
    const struct ofp_header *oh = msg->data;

    *xid = oh->xid;
    return msg;
}

/* Returns the message of the next operation. */
static struct ofpbuf *
op_message(struct of_apply *apply)
{
    const struct flows_op *op = &apply->plan->ops[apply->n_sent];
    struct ofpbuf *msg = (flows_op_is_bundled(op) ? add_message(apply, op)
                          : flows_op_encode(op));
    const struct ofp_header *oh = msg->data;

    ofpmsg_update_length(msg);
    apply->xids[apply->n_sent++] = oh->xid;
    return msg;
}

static struct ofpbuf *
add_message(const struct of_apply *apply, const struct flows_op *op)
{
    struct ofpbuf *inner = flows_op_encode(op);

    ofpmsg_update_length(inner);

    struct ofputil_bundle_add_msg add = {
        .bundle_id = apply->bundle_id,
        .flags = BUNDLE_FLAGS,
        .msg = inner->data,
    };
    struct ofpbuf *msg = ofputil_encode_bundle_add(OF_CONN_VERSION, &add);

    ofpbuf_delete(inner);
    return msg;
}

static struct ofpbuf *
barrier_message(ovs_be32 *xid)
{
    struct ofpbuf *msg = ofputil_encode_barrier_request(OF_CONN_VERSION);
    const struct ofp_header *oh = msg->data;

    *xid = oh->xid;
    return msg;
}

/* Finds out which of our messages the switch complains about. */
static bool
take_error(struct of_apply *apply, const struct ofp_header *oh)
{
    const char *why = ofperr_to_string(ofperr_decode_msg(oh, NULL));

    for (size_t i = 0; i < apply->n_sent; i++) {
        if (apply->xids[i] == oh->xid) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ds_put_cstr(&s, "the switch refuses \"");
            format_op(&apply->plan->ops[i], &s);
            ds_put_format(&s, "\": %s", why);
            apply->refused_meter |= apply->plan->ops[i].meter != NULL;
            set_error(apply, true, ds_steal_cstr(&s));
            return true;
        }
    }
    if ((apply->opened && oh->xid == apply->open_xid)
        || (apply->finish_sent && oh->xid == apply->finish_xid)
        || (apply->check_xid && oh->xid == apply->check_xid)
        || (apply->end_xid && oh->xid == apply->end_xid)
        || (apply->clean_xid && oh->xid == apply->clean_xid)) {
        set_error(apply, false,
                  xasprintf("the switch refuses the bundle: %s", why));
        return true;
    }
    return false;
}

static void
format_op(const struct flows_op *op, struct ds *s)
{
    bool is_delete = (op->kind == FLOWS_OP_FLOW_DELETE
                      || op->kind == FLOWS_OP_GROUP_DELETE
                      || op->kind == FLOWS_OP_METER_DELETE);

    ds_put_cstr(s, is_delete ? "delete " : "");
    if (op->flow) {
        flow_entry_format(op->flow, s);
    } else if (op->group) {
        group_entry_format(op->group, s);
    } else {
        meter_entry_format(op->meter, s);
    }
}

/* Keeps the first error that names a flow, group or meter, otherwise the
 * first.
 * Takes ownership of 'error'. */
static void
set_error(struct of_apply *apply, bool exact, char *error)
{
    if (!apply->error || (exact && !apply->error_is_exact)) {
        free(apply->error);
        apply->error = error;
        apply->error_is_exact = exact;
    } else {
        free(error);
    }
}
