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

/* flows-diff: what to do to a switch so that it has the desired flows.
 *
 * Pure.  'desired' comes from flows/compute.c, 'actual' from
 * ovs-ctl/of-read.c, and the result goes to ovs-ctl/of-apply.c, which sends it
 * as one bundle (the meters before and after it).
 *
 * Ours are the flows with our cookie prefix (flows/cookie.h) and the groups
 * with our ids (flows/groups.h) and all numbered meters.  Everything else is
 * alien and stays, except a flow with exactly the table, priority and match of
 * a desired one: both cannot be there. */

#ifndef MOBULA_FLOWS_DIFF_H
#define MOBULA_FLOWS_DIFF_H 1

#include <stdbool.h>
#include <stddef.h>
#include "lib/plan.h"

struct flow_entry;
struct flow_table;
struct group_entry;
struct meter_entry;
struct ofpbuf;

enum flows_op_kind {
    FLOWS_OP_METER_ADD,
    FLOWS_OP_METER_MODIFY,      /* Keeps the flows that use the meter. */
    FLOWS_OP_GROUP_ADD,
    FLOWS_OP_GROUP_MODIFY,      /* Keeps the flows that use the group. */
    FLOWS_OP_FLOW_ADD,          /* Replaces a flow that is there, with its
                                 * cookie, which MODIFY would not change. */
    FLOWS_OP_FLOW_DELETE,       /* This flow only ("strict"). */
    FLOWS_OP_GROUP_DELETE,      /* The switch deletes flows that still use
                                 * it. */
    FLOWS_OP_METER_DELETE,      /* Likewise. */
};

/* One message to the switch. */
struct flows_op {
    enum flows_op_kind kind;
    /* One of them is not NULL.  Owned. */
    struct flow_entry *flow;
    struct group_entry *group;
    struct meter_entry *meter;
};

struct flows_plan {
    /* In the order in which they must be sent: a group or a meter is there
     * before what refers to it, and goes after. */
    struct flows_op *ops;
    size_t n_ops;
    size_t allocated_ops;

    /* The same in words, plus what is kept and what is alien. */
    struct plan plan;
};

void flows_plan_init(struct flows_plan *);
void flows_plan_uninit(struct flows_plan *);

/* Compares and adds the result to 'ret' (initialized and empty).  With an
 * empty 'desired', everything that is ours goes.
 *
 * Flows that the switch learnt by itself (rule "learnt") are kept as long as
 * egress of 'desired' sends frames of their VLAN out of the port that they
 * lead to; others would keep a black hole alive.  So are its notes of loop
 * probes (rule "probe-heard") at ports that are there. */
void flows_diff(const struct flow_table *desired,
                const struct flow_table *actual, struct flows_plan *ret);

/* Returns true if a message of this kind can be part of a bundle: Open vSwitch
 * takes no meters there. */
bool flows_op_is_bundled(const struct flows_op *op);

/* Returns the OpenFlow 1.5 message of 'op', which the caller must free with
 * ofpbuf_delete(). */
struct ofpbuf *flows_op_encode(const struct flows_op *op);

#endif /* flows/flows-diff.h */
