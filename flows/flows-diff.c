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
 * See flows-diff.h. */

#include <config.h>
#include "flows/flows-diff.h"

#include <inttypes.h>
#include <stdlib.h>

#include "flows/cookie.h"
#include "flows/flow-table.h"
#include "flows/flows-input.h"
#include "flows/groups.h"
#include "flows/learnt.h"
#include "flows/rules.h"
#include "flows/stages.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

static void diff_wanted_meters(const struct flow_table *desired,
                               const struct flow_table *actual,
                               struct flows_plan *);
static void diff_wanted_groups(const struct flow_table *desired,
                               const struct flow_table *actual,
                               struct flows_plan *);
static void diff_wanted_flows(const struct flow_table *desired,
                              const struct flow_table *actual,
                              struct flows_plan *);
static void diff_unwanted_flows(const struct flow_table *desired,
                                const struct flow_table *actual,
                                struct flows_plan *);
static void diff_unwanted_groups(const struct flow_table *desired,
                                 const struct flow_table *actual,
                                 struct flows_plan *);
static void diff_unwanted_meters(const struct flow_table *desired,
                                 const struct flow_table *actual,
                                 struct flows_plan *);

static struct flow_entry **egress_flows(const struct flow_table *);
static bool is_live_learnt_flow(struct flow_entry *const *egress,
                                const struct flow_entry *);
static bool is_live_probe(const struct flow_table *desired,
                          const struct flow_entry *);
static bool egress_carries(struct flow_entry *const *egress, uint16_t ofport,
                           uint16_t vlan);
static bool has_output(const struct flow_entry *);

static struct group_entry **groups_bottom_up(const struct flow_table *);
static int compare_bottom_up(const void *, const void *);

static void add_flow_op(struct flows_plan *, enum flows_op_kind,
                        enum plan_verdict, const struct flow_entry *,
                        char *detail);
static void add_group_op(struct flows_plan *, enum flows_op_kind,
                         enum plan_verdict, const struct group_entry *,
                         char *detail);
static void add_meter_op(struct flows_plan *, enum flows_op_kind,
                         enum plan_verdict, const struct meter_entry *,
                         char *detail);
static struct flows_op *new_op(struct flows_plan *);

static char *flow_object(const struct flow_entry *);
static char *group_object(const struct group_entry *);
static char *meter_object(const struct meter_entry *);
static char *flow_change(const struct flow_entry *from,
                         const struct flow_entry *to);
static char *group_change(const struct group_entry *from,
                          const struct group_entry *to);
static char *meter_change(const struct meter_entry *from,
                          const struct meter_entry *to);
static void format_behaviour(const struct flow_entry *, struct ds *);

void
flows_plan_init(struct flows_plan *fp)
{
    *fp = (struct flows_plan) { .ops = NULL };
    plan_init(&fp->plan);
}

void
flows_plan_uninit(struct flows_plan *fp)
{
    for (size_t i = 0; i < fp->n_ops; i++) {
        flow_entry_destroy(fp->ops[i].flow);
        group_entry_destroy(fp->ops[i].group);
        meter_entry_destroy(fp->ops[i].meter);
    }
    free(fp->ops);
    plan_uninit(&fp->plan);
    flows_plan_init(fp);
}

void
flows_diff(const struct flow_table *desired, const struct flow_table *actual,
           struct flows_plan *ret)
{
    diff_wanted_meters(desired, actual, ret);
    diff_wanted_groups(desired, actual, ret);
    diff_wanted_flows(desired, actual, ret);
    diff_unwanted_flows(desired, actual, ret);
    diff_unwanted_groups(desired, actual, ret);
    diff_unwanted_meters(desired, actual, ret);
}

bool
flows_op_is_bundled(const struct flows_op *op)
{
    return !op->meter;
}

struct ofpbuf *
flows_op_encode(const struct flows_op *op)
{
    switch (op->kind) {
    case FLOWS_OP_METER_ADD:
        return meter_entry_encode(op->meter, OFPMC13_ADD);
    case FLOWS_OP_METER_MODIFY:
        return meter_entry_encode(op->meter, OFPMC13_MODIFY);
    case FLOWS_OP_GROUP_ADD:
        return group_entry_encode(op->group, OFPGC11_ADD);
    case FLOWS_OP_GROUP_MODIFY:
        return group_entry_encode(op->group, OFPGC11_MODIFY);
    case FLOWS_OP_FLOW_ADD:
        return flow_entry_encode(op->flow, OFPFC_ADD);
    case FLOWS_OP_FLOW_DELETE:
        return flow_entry_encode(op->flow, OFPFC_DELETE_STRICT);
    case FLOWS_OP_GROUP_DELETE:
        return group_entry_encode(op->group, OFPGC11_DELETE);
    case FLOWS_OP_METER_DELETE:
        return meter_entry_encode(op->meter, OFPMC13_DELETE);
    default:
        OVS_NOT_REACHED();
    }
}

static void
diff_wanted_meters(const struct flow_table *desired,
                   const struct flow_table *actual, struct flows_plan *fp)
{
    struct meter_entry **meters = flow_table_sorted_meters(desired);

    for (size_t i = 0; meters[i]; i++) {
        const struct meter_entry *want = meters[i];
        const struct meter_entry *have;

        have = flow_table_find_meter(actual, want->id);
        if (!have) {
            add_meter_op(fp, FLOWS_OP_METER_ADD, PLAN_ADD, want, NULL);
        } else if (meter_entry_equal(want, have)) {
            plan_count(&fp->plan, PLAN_KEEP);
        } else {
            add_meter_op(fp, FLOWS_OP_METER_MODIFY, PLAN_CHANGE, want,
                         meter_change(have, want));
        }
    }
    free(meters);
}

static void
diff_wanted_groups(const struct flow_table *desired,
                   const struct flow_table *actual, struct flows_plan *fp)
{
    struct group_entry **groups = groups_bottom_up(desired);

    for (size_t i = 0; groups[i]; i++) {
        const struct group_entry *want = groups[i];
        const struct group_entry *have;

        have = flow_table_find_group(actual, want->id);
        if (!have) {
            add_group_op(fp, FLOWS_OP_GROUP_ADD, PLAN_ADD, want, NULL);
        } else if (group_entry_equal(want, have)) {
            plan_count(&fp->plan, PLAN_KEEP);
        } else {
            add_group_op(fp, FLOWS_OP_GROUP_MODIFY, PLAN_CHANGE, want,
                         group_change(have, want));
        }
    }
    free(groups);
}

/* Sorting is what costs most, so only what differs is sorted. */
static void
diff_wanted_flows(const struct flow_table *desired,
                  const struct flow_table *actual, struct flows_plan *fp)
{
    struct flow_entry **flows = xcalloc(hmap_count(&desired->flows) + 1,
                                        sizeof *flows);
    struct flow_entry *want;
    size_t n = 0;

    HMAP_FOR_EACH (want, node, &desired->flows) {
        const struct flow_entry *have = flow_table_find(actual, want);

        if (have && flow_entry_equal(want, have)) {
            plan_count(&fp->plan, PLAN_KEEP);
        } else {
            flows[n++] = want;
        }
    }
    flow_entries_sort(flows, n);
    for (size_t i = 0; i < n; i++) {
        const struct flow_entry *have = flow_table_find(actual, flows[i]);

        if (have) {
            add_flow_op(fp, FLOWS_OP_FLOW_ADD, PLAN_CHANGE, flows[i],
                        flow_change(have, flows[i]));
        } else {
            add_flow_op(fp, FLOWS_OP_FLOW_ADD, PLAN_ADD, flows[i], NULL);
        }
    }
    free(flows);
}

static void
diff_unwanted_flows(const struct flow_table *desired,
                    const struct flow_table *actual, struct flows_plan *fp)
{
    struct flow_entry **flows = xcalloc(hmap_count(&actual->flows) + 1,
                                        sizeof *flows);
    struct flow_entry **egress = egress_flows(desired);
    struct flow_entry *have;
    size_t n = 0;

    HMAP_FOR_EACH (have, node, &actual->flows) {
        if (flow_table_find(desired, have)) {
            continue;
        } else if (cookie_is_ours(have->cookie)
                   && (is_live_learnt_flow(egress, have)
                       || is_live_probe(desired, have))) {
            plan_count(&fp->plan, PLAN_KEEP);
        } else {
            flows[n++] = have;
        }
    }
    flow_entries_sort(flows, n);
    for (size_t i = 0; i < n; i++) {
        if (cookie_is_ours(flows[i]->cookie)) {
            add_flow_op(fp, FLOWS_OP_FLOW_DELETE, PLAN_REMOVE, flows[i], NULL);
        } else {
            plan_add(&fp->plan, PLAN_ALIEN, flow_object(flows[i]), NULL);
        }
    }
    free(egress);
    free(flows);
}

static void
diff_unwanted_groups(const struct flow_table *desired,
                     const struct flow_table *actual, struct flows_plan *fp)
{
    struct group_entry **groups = groups_bottom_up(actual);

    for (size_t i = hmap_count(&actual->groups); i-- > 0; ) {
        const struct group_entry *have = groups[i];

        if (flow_table_find_group(desired, have->id)) {
            continue;
        } else if (group_is_ours(have->id)) {
            add_group_op(fp, FLOWS_OP_GROUP_DELETE, PLAN_REMOVE, have, NULL);
        } else {
            plan_add(&fp->plan, PLAN_ALIEN, group_object(have), NULL);
        }
    }
    free(groups);
}

static void
diff_unwanted_meters(const struct flow_table *desired,
                     const struct flow_table *actual, struct flows_plan *fp)
{
    struct meter_entry **meters = flow_table_sorted_meters(actual);

    for (size_t i = 0; meters[i]; i++) {
        const struct meter_entry *have = meters[i];

        if (flow_table_find_meter(desired, have->id)) {
            continue;
        } else if (meter_is_ours(have->id)) {
            add_meter_op(fp, FLOWS_OP_METER_DELETE, PLAN_REMOVE, have, NULL);
        } else {
            plan_add(&fp->plan, PLAN_ALIEN, meter_object(have), NULL);
        }
    }
    free(meters);
}

/* Returns the flows of egress in 'ft', NULL terminated; the caller must free()
 * the array.  There are few of them among many others. */
static struct flow_entry **
egress_flows(const struct flow_table *ft)
{
    struct flow_entry **flows = NULL;
    size_t n = 0, allocated = 0;
    struct flow_entry *entry;

    HMAP_FOR_EACH (entry, node, &ft->flows) {
        if (n + 1 >= allocated) {
            flows = x2nrealloc(flows, &allocated, sizeof *flows);
        }
        flows[n] = entry;
        n += cookie_stage(entry->cookie) == STAGE_EGRESS;
    }
    flows = xrealloc(flows, (n + 1) * sizeof *flows);
    flows[n] = NULL;
    return flows;
}

/* Those learnt behind a port that has gone, or that carries their VLAN no
 * more, are dead. */
static bool
is_live_learnt_flow(struct flow_entry *const *egress,
                    const struct flow_entry *entry)
{
    uint16_t vlan;
    uint16_t ofport = learnt_get_port(entry, &vlan);

    return ofport && egress_carries(egress, ofport, vlan);
}

/* Returns true if 'entry' notes a loop probe that a port heard which 'desired'
 * still has notes made for. */
static bool
is_live_probe(const struct flow_table *desired, const struct flow_entry *entry)
{
    const struct rule *rule = rule_find(RULE_LOOP_PROBE);
    uint32_t port = cookie_subject(entry->cookie);
    const struct flow_entry *maker;

    if (cookie_stage(entry->cookie) != STAGE_LOOPS
        || entry->table_id != stage_table(STAGE_LOOPS)
        || entry->ofpacts_size) {
        return false;
    }
    HMAP_FOR_EACH (maker, node, &desired->flows) {
        if (maker->cookie == cookie_pack(rule->stage, rule->id, port)) {
            return true;
        }
    }
    return false;
}

/* Returns true if 'egress', the flows of that stage, sends frames of 'vlan'
 * out of port 'ofport'. */
static bool
egress_carries(struct flow_entry *const *egress, uint16_t ofport,
               uint16_t vlan)
{
    const struct flow_entry *best = NULL;
    struct flow frame = { .regs[0] = ofport };

    if (vlan) {
        frame.vlans[0].tci = htons(vlan | VLAN_CFI);
    }
    for (size_t i = 0; egress[i]; i++) {
        const struct flow_entry *entry = egress[i];

        if (cookie_subject(entry->cookie) == ofport
            && (!best || entry->priority > best->priority)
            && minimatch_matches_flow(&entry->match, &frame)) {
            best = entry;
        }
    }
    return best && has_output(best);
}

static bool
has_output(const struct flow_entry *entry)
{
    const struct ofpact *a;

    OFPACT_FOR_EACH (a, entry->ofpacts, entry->ofpacts_size) {
        if (a->type == OFPACT_OUTPUT) {
            return true;
        }
    }
    return false;
}

/* Returns the groups in an order in which each only refers to earlier ones,
 * NULL terminated; the caller must free() the array. */
static struct group_entry **
groups_bottom_up(const struct flow_table *ft)
{
    struct group_entry **groups = flow_table_sorted_groups(ft);

    qsort(groups, hmap_count(&ft->groups), sizeof *groups, compare_bottom_up);
    return groups;
}

static int
compare_bottom_up(const void *a_, const void *b_)
{
    const struct group_entry *const *ap = a_;
    const struct group_entry *const *bp = b_;
    uint32_t a = (*ap)->id;
    uint32_t b = (*bp)->id;

    if ((a == GROUP_ALWAYS) != (b == GROUP_ALWAYS)) {
        return a == GROUP_ALWAYS ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}

/* Takes ownership of 'detail'. */
static void
add_flow_op(struct flows_plan *fp, enum flows_op_kind kind,
            enum plan_verdict verdict, const struct flow_entry *entry,
            char *detail)
{
    struct flows_op *op = new_op(fp);

    op->kind = kind;
    op->flow = flow_entry_clone(entry);
    if (!detail && verdict == PLAN_ADD) {
        struct ds s = DS_EMPTY_INITIALIZER;

        format_behaviour(entry, &s);
        detail = ds_steal_cstr(&s);
    }
    plan_add(&fp->plan, verdict, flow_object(entry), detail);
}

/* Takes ownership of 'detail'. */
static void
add_group_op(struct flows_plan *fp, enum flows_op_kind kind,
             enum plan_verdict verdict, const struct group_entry *entry,
             char *detail)
{
    struct flows_op *op = new_op(fp);

    op->kind = kind;
    op->group = group_entry_clone(entry);
    if (!detail && verdict == PLAN_ADD) {
        struct ds s = DS_EMPTY_INITIALIZER;

        group_entry_format_buckets(entry, &s);
        detail = ds_steal_cstr(&s);
    }
    plan_add(&fp->plan, verdict, group_object(entry), detail);
}

/* Takes ownership of 'detail'. */
static void
add_meter_op(struct flows_plan *fp, enum flows_op_kind kind,
             enum plan_verdict verdict, const struct meter_entry *entry,
             char *detail)
{
    struct flows_op *op = new_op(fp);

    op->kind = kind;
    op->meter = meter_entry_clone(entry);
    if (!detail && verdict == PLAN_ADD) {
        struct ds s = DS_EMPTY_INITIALIZER;

        meter_entry_format_bands(entry, &s);
        detail = ds_steal_cstr(&s);
    }
    plan_add(&fp->plan, verdict, meter_object(entry), detail);
}

static struct flows_op *
new_op(struct flows_plan *fp)
{
    struct flows_op *op;

    if (fp->n_ops >= fp->allocated_ops) {
        fp->ops = x2nrealloc(fp->ops, &fp->allocated_ops, sizeof *fp->ops);
    }
    op = &fp->ops[fp->n_ops++];
    *op = (struct flows_op) { .flow = NULL };
    return op;
}

static char *
flow_object(const struct flow_entry *entry)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "flow ");
    flow_entry_format_key(entry, &s);
    return ds_steal_cstr(&s);
}

static char *
group_object(const struct group_entry *entry)
{
    return xasprintf("group %"PRIu32, entry->id);
}

static char *
meter_object(const struct meter_entry *entry)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ofputil_format_meter_id(&s, entry->id, ' ');
    return ds_steal_cstr(&s);
}

static char *
flow_change(const struct flow_entry *from, const struct flow_entry *to)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (from->cookie != to->cookie) {
        ds_put_format(&s, "cookie=0x%"PRIx64" -> cookie=0x%"PRIx64", ",
                      from->cookie, to->cookie);
    }
    format_behaviour(from, &s);
    ds_put_cstr(&s, " -> ");
    format_behaviour(to, &s);
    return ds_steal_cstr(&s);
}

static char *
group_change(const struct group_entry *from, const struct group_entry *to)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    group_entry_format_buckets(from, &s);
    ds_put_cstr(&s, " -> ");
    group_entry_format_buckets(to, &s);
    return ds_steal_cstr(&s);
}

static char *
meter_change(const struct meter_entry *from, const struct meter_entry *to)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    meter_entry_format_bands(from, &s);
    ds_put_cstr(&s, " -> ");
    meter_entry_format_bands(to, &s);
    return ds_steal_cstr(&s);
}

/* Appends what a flow does, and for how long. */
static void
format_behaviour(const struct flow_entry *entry, struct ds *s)
{
    if (entry->idle_timeout_s) {
        ds_put_format(s, "idle_timeout=%"PRIu16" ", entry->idle_timeout_s);
    }
    if (entry->hard_timeout_s) {
        ds_put_format(s, "hard_timeout=%"PRIu16" ", entry->hard_timeout_s);
    }
    flow_entry_format_actions(entry, s);
}
