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

/* flow-table: a set of OpenFlow flows, groups and meters of one bridge.
 * See flow-table.h.  With meter-entry.c, which has what concerns meters, the
 * only file of flows/ that parses, encodes or decodes OpenFlow. */

#include <config.h>
#include "flows/flow-table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

/* What we speak with the switch. */
#define PROTOCOL OFPUTIL_P_OF15_OXM

/* A flow with the text of its match, for sorting. */
struct sort_item {
    struct flow_entry *entry;
    char *match;                /* Owned. */
};

static uint32_t hash_flow(const struct flow_entry *);
static bool same_key(const struct flow_entry *, const struct flow_entry *);
static char *canonicalize_flow(const struct ofputil_flow_mod *,
                               struct flow_entry **);
static char *canonicalize_group(const struct ofputil_group_mod *,
                                struct group_entry **);
static bool buckets_equal(const struct ofputil_bucket *,
                          const struct ofputil_bucket *);
static bool actions_equal(const struct ofpact *, size_t,
                          const struct ofpact *, size_t);
static void format_actions(const struct ofpact *, size_t, struct ds *);
static int compare_flows(const void *, const void *);
static int compare_groups(const void *, const void *);

void
flow_table_init(struct flow_table *ft)
{
    hmap_init(&ft->flows);
    hmap_init(&ft->groups);
    hmap_init(&ft->meters);
}

void
flow_table_uninit(struct flow_table *ft)
{
    struct flow_entry *flow;
    struct group_entry *group;
    struct meter_entry *meter;

    if (!ft) {
        return;
    }
    HMAP_FOR_EACH_POP (flow, node, &ft->flows) {
        flow_entry_destroy(flow);
    }
    HMAP_FOR_EACH_POP (group, node, &ft->groups) {
        group_entry_destroy(group);
    }
    HMAP_FOR_EACH_POP (meter, node, &ft->meters) {
        meter_entry_destroy(meter);
    }
    hmap_destroy(&ft->flows);
    hmap_destroy(&ft->groups);
    hmap_destroy(&ft->meters);
}

void
flow_table_clone(struct flow_table *dst, const struct flow_table *src)
{
    const struct flow_entry *flow;
    const struct group_entry *group;
    const struct meter_entry *meter;

    HMAP_FOR_EACH (flow, node, &src->flows) {
        flow_table_insert(dst, flow_entry_clone(flow));
    }
    HMAP_FOR_EACH (group, node, &src->groups) {
        flow_table_insert_group(dst, group_entry_clone(group));
    }
    HMAP_FOR_EACH (meter, node, &src->meters) {
        flow_table_insert_meter(dst, meter_entry_clone(meter));
    }
}

void
flow_table_swap(struct flow_table *dst, struct flow_table *src)
{
    hmap_swap(&dst->flows, &src->flows);
    hmap_swap(&dst->groups, &src->groups);
    hmap_swap(&dst->meters, &src->meters);
}

bool
flow_table_equal(const struct flow_table *a, const struct flow_table *b)
{
    const struct flow_entry *flow;
    const struct group_entry *group;
    const struct meter_entry *meter;

    if (hmap_count(&a->flows) != hmap_count(&b->flows)
        || hmap_count(&a->groups) != hmap_count(&b->groups)
        || hmap_count(&a->meters) != hmap_count(&b->meters)) {
        return false;
    }
    HMAP_FOR_EACH (flow, node, &a->flows) {
        const struct flow_entry *other = flow_table_find(b, flow);

        if (!other || !flow_entry_equal(flow, other)) {
            return false;
        }
    }
    HMAP_FOR_EACH (group, node, &a->groups) {
        const struct group_entry *other = flow_table_find_group(b, group->id);

        if (!other || !group_entry_equal(group, other)) {
            return false;
        }
    }
    HMAP_FOR_EACH (meter, node, &a->meters) {
        const struct meter_entry *other = flow_table_find_meter(b, meter->id);

        if (!other || !meter_entry_equal(meter, other)) {
            return false;
        }
    }
    return true;
}

void
flow_table_insert(struct flow_table *ft, struct flow_entry *entry)
{
    struct flow_entry *old = flow_table_find(ft, entry);

    if (old) {
        hmap_remove(&ft->flows, &old->node);
        flow_entry_destroy(old);
    }
    hmap_insert(&ft->flows, &entry->node, hash_flow(entry));
}

void
flow_table_insert_group(struct flow_table *ft, struct group_entry *entry)
{
    struct group_entry *old = flow_table_find_group(ft, entry->id);

    if (old) {
        hmap_remove(&ft->groups, &old->node);
        group_entry_destroy(old);
    }
    hmap_insert(&ft->groups, &entry->node, hash_int(entry->id, 0));
}

struct flow_entry *
flow_entry_from_stats(const struct ofputil_flow_stats *fs)
{
    struct flow_entry *entry = xzalloc(sizeof *entry);

    entry->table_id = fs->table_id;
    entry->priority = fs->priority;
    minimatch_init(&entry->match, &fs->match);
    entry->cookie = ntohll(fs->cookie);
    entry->idle_timeout_s = fs->idle_timeout;
    entry->hard_timeout_s = fs->hard_timeout;
    entry->ofpacts = xmemdup(fs->ofpacts, fs->ofpacts_len);
    entry->ofpacts_size = fs->ofpacts_len;
    entry->n_packets = fs->packet_count;
    entry->n_bytes = fs->byte_count;
    return entry;
}

struct group_entry *
group_entry_from_desc(const struct ofputil_group_desc *gd)
{
    struct group_entry *entry = xzalloc(sizeof *entry);

    entry->id = gd->group_id;
    entry->type = gd->type;
    ovs_list_init(&entry->buckets);
    ofputil_bucket_clone_list(&entry->buckets, &gd->buckets, NULL);
    return entry;
}

struct flow_entry *
flow_entry_clone(const struct flow_entry *src)
{
    struct flow_entry *dst = xmemdup(src, sizeof *src);

    minimatch_clone(&dst->match, &src->match);
    dst->ofpacts = xmemdup(src->ofpacts, src->ofpacts_size);
    return dst;
}

struct group_entry *
group_entry_clone(const struct group_entry *src)
{
    struct group_entry *dst = xmemdup(src, sizeof *src);

    ovs_list_init(&dst->buckets);
    ofputil_bucket_clone_list(&dst->buckets, &src->buckets, NULL);
    return dst;
}

void
flow_entry_destroy(struct flow_entry *entry)
{
    if (entry) {
        minimatch_destroy(&entry->match);
        free(entry->ofpacts);
        free(entry);
    }
}

void
group_entry_destroy(struct group_entry *entry)
{
    if (entry) {
        ofputil_bucket_list_destroy(&entry->buckets);
        free(entry);
    }
}

struct flow_entry *
flow_table_find(const struct flow_table *ft, const struct flow_entry *key)
{
    struct flow_entry *entry;

    HMAP_FOR_EACH_WITH_HASH (entry, node, hash_flow(key), &ft->flows) {
        if (same_key(entry, key)) {
            return entry;
        }
    }
    return NULL;
}

struct group_entry *
flow_table_find_group(const struct flow_table *ft, uint32_t id)
{
    struct group_entry *entry;

    HMAP_FOR_EACH_WITH_HASH (entry, node, hash_int(id, 0), &ft->groups) {
        if (entry->id == id) {
            return entry;
        }
    }
    return NULL;
}

bool
flow_entry_equal(const struct flow_entry *a, const struct flow_entry *b)
{
    return same_key(a, b)
           && a->cookie == b->cookie
           && a->idle_timeout_s == b->idle_timeout_s
           && a->hard_timeout_s == b->hard_timeout_s
           && actions_equal(a->ofpacts, a->ofpacts_size,
                            b->ofpacts, b->ofpacts_size);
}

bool
group_entry_equal(const struct group_entry *a, const struct group_entry *b)
{
    const struct ovs_list *next = b->buckets.next;
    const struct ofputil_bucket *bucket;

    if (a->id != b->id || a->type != b->type
        || ovs_list_size(&a->buckets) != ovs_list_size(&b->buckets)) {
        return false;
    }
    LIST_FOR_EACH (bucket, list_node, &a->buckets) {
        if (!buckets_equal(bucket, CONTAINER_OF(next, struct ofputil_bucket,
                                                list_node))) {
            return false;
        }
        next = next->next;
    }
    return true;
}

char *
flow_entry_parse(const char *text, struct flow_entry **entryp)
{
    enum ofputil_protocol usable;
    struct ofputil_flow_mod fm;
    char *error;

    error = parse_ofp_flow_mod_str(&fm, text, NULL, NULL, OFPFC_ADD, &usable);
    if (error) {
        return error;
    }
    if (usable & PROTOCOL) {
        error = canonicalize_flow(&fm, entryp);
    } else {
        error = xasprintf("%s: OpenFlow 1.5 cannot express this flow", text);
    }
    minimatch_destroy(&fm.match);
    free(fm.ofpacts);
    return error;
}

char *
flow_table_parse_flow(struct flow_table *ft, const char *text)
{
    struct flow_entry *entry;
    char *error = flow_entry_parse(text, &entry);

    if (!error) {
        flow_table_insert(ft, entry);
    }
    return error;
}

char *
flow_table_parse_group(struct flow_table *ft, const char *text)
{
    enum ofputil_protocol usable;
    struct group_entry *entry = NULL;
    struct ofputil_group_mod gm;
    char *error;

    error = parse_ofp_group_mod_str(&gm, OFPGC11_ADD, text, NULL, NULL,
                                    &usable);
    if (error) {
        return error;
    }
    if (usable & PROTOCOL) {
        error = canonicalize_group(&gm, &entry);
    } else {
        error = xasprintf("%s: OpenFlow 1.5 cannot express this group", text);
    }
    ofputil_uninit_group_mod(&gm);
    if (!error) {
        flow_table_insert_group(ft, entry);
    }
    return error;
}

struct ofpbuf *
flow_entry_encode(const struct flow_entry *entry, uint16_t command)
{
    bool add = command == OFPFC_ADD;
    struct ofputil_flow_mod fm = {
        .match = entry->match,
        .priority = entry->priority,
        .cookie = add ? htonll(0) : htonll(entry->cookie),
        .cookie_mask = add ? htonll(0) : OVS_BE64_MAX,
        .new_cookie = add ? htonll(entry->cookie) : OVS_BE64_MAX,
        .table_id = entry->table_id,
        .command = command,
        .idle_timeout = entry->idle_timeout_s,
        .hard_timeout = entry->hard_timeout_s,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .ofpacts = add ? entry->ofpacts : NULL,
        .ofpacts_len = add ? entry->ofpacts_size : 0,
    };

    return ofputil_encode_flow_mod(&fm, PROTOCOL);
}

struct ofpbuf *
group_entry_encode(const struct group_entry *entry, uint16_t command)
{
    struct ofputil_group_mod gm = {
        .command = command,
        .type = entry->type,
        .group_id = entry->id,
        .command_bucket_id = OFPG15_BUCKET_ALL,
    };
    struct ofpbuf *msg;

    ovs_list_init(&gm.buckets);
    if (command != OFPGC11_DELETE) {
        ofputil_bucket_clone_list(&gm.buckets, &entry->buckets, NULL);
    }
    msg = ofputil_encode_group_mod(OFP15_VERSION, &gm, NULL, -1);
    ofputil_bucket_list_destroy(&gm.buckets);
    return msg;
}

void
flow_entry_format(const struct flow_entry *entry, struct ds *s)
{
    size_t length;

    ds_put_format(s, "cookie=0x%"PRIx64", table=%"PRIu8", ",
                  entry->cookie, entry->table_id);
    if (entry->idle_timeout_s) {
        ds_put_format(s, "idle_timeout=%"PRIu16", ", entry->idle_timeout_s);
    }
    if (entry->hard_timeout_s) {
        ds_put_format(s, "hard_timeout=%"PRIu16", ", entry->hard_timeout_s);
    }
    length = s->length;
    minimatch_format(&entry->match, NULL, NULL, s, entry->priority);
    if (s->length != length) {
        ds_put_char(s, ' ');
    }
    flow_entry_format_actions(entry, s);
}

void
group_entry_format(const struct group_entry *entry, struct ds *s)
{
    ds_put_format(s, "group_id=%"PRIu32",", entry->id);
    group_entry_format_buckets(entry, s);
}

void
flow_entry_format_key(const struct flow_entry *entry, struct ds *s)
{
    ds_put_format(s, "table=%"PRIu8", ", entry->table_id);
    minimatch_format(&entry->match, NULL, NULL, s, entry->priority);
    ds_chomp(s, ' ');
    ds_chomp(s, ',');
}

void
flow_entry_format_actions(const struct flow_entry *entry, struct ds *s)
{
    ds_put_cstr(s, "actions=");
    format_actions(entry->ofpacts, entry->ofpacts_size, s);
}

void
group_entry_format_buckets(const struct group_entry *entry, struct ds *s)
{
    static const char *const types[] = {
        [OFPGT11_ALL] = "all",
        [OFPGT11_SELECT] = "select",
        [OFPGT11_INDIRECT] = "indirect",
        [OFPGT11_FF] = "ff",
    };
    const struct ofputil_bucket *bucket;

    ds_put_format(s, "type=%s", (size_t) entry->type < ARRAY_SIZE(types)
                  ? types[entry->type] : "unknown");
    LIST_FOR_EACH (bucket, list_node, &entry->buckets) {
        ds_put_format(s, ",bucket=bucket_id:%"PRIu32",", bucket->bucket_id);
        if (bucket->weight != (entry->type == OFPGT11_SELECT)) {
            ds_put_format(s, "weight:%"PRIu16",", bucket->weight);
        }
        if (bucket->watch_port != OFPP_ANY) {
            ds_put_cstr(s, "watch_port:");
            ofputil_format_port(bucket->watch_port, NULL, s);
            ds_put_char(s, ',');
        }
        if (bucket->watch_group != OFPG_ANY) {
            ds_put_format(s, "watch_group:%"PRIu32",", bucket->watch_group);
        }
        ds_put_cstr(s, "actions=");
        format_actions(bucket->ofpacts, bucket->ofpacts_len, s);
    }
}

void
flow_table_format(const struct flow_table *ft, struct ds *s)
{
    struct group_entry **groups = flow_table_sorted_groups(ft);
    struct meter_entry **meters = flow_table_sorted_meters(ft);
    struct flow_entry **flows = flow_table_sorted(ft);

    for (size_t i = 0; meters[i]; i++) {
        meter_entry_format(meters[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; groups[i]; i++) {
        group_entry_format(groups[i], s);
        ds_put_char(s, '\n');
    }
    for (size_t i = 0; flows[i]; i++) {
        flow_entry_format(flows[i], s);
        ds_put_char(s, '\n');
    }
    free(meters);
    free(groups);
    free(flows);
}

struct flow_entry **
flow_table_sorted(const struct flow_table *ft)
{
    size_t n = hmap_count(&ft->flows);
    struct flow_entry **sorted = xcalloc(n + 1, sizeof *sorted);
    struct flow_entry *entry;
    size_t i = 0;

    HMAP_FOR_EACH (entry, node, &ft->flows) {
        sorted[i++] = entry;
    }
    flow_entries_sort(sorted, n);
    return sorted;
}

void
flow_entries_sort(struct flow_entry **entries, size_t n)
{
    struct sort_item *items = xcalloc(n + 1, sizeof *items);

    for (size_t i = 0; i < n; i++) {
        items[i].entry = entries[i];
        items[i].match = minimatch_to_string(&entries[i]->match, NULL,
                                             OFP_DEFAULT_PRIORITY);
    }
    qsort(items, n, sizeof *items, compare_flows);
    for (size_t i = 0; i < n; i++) {
        entries[i] = items[i].entry;
        free(items[i].match);
    }
    free(items);
}

struct group_entry **
flow_table_sorted_groups(const struct flow_table *ft)
{
    size_t n = hmap_count(&ft->groups);
    struct group_entry **sorted = xcalloc(n + 1, sizeof *sorted);
    struct group_entry *entry;
    size_t i = 0;

    HMAP_FOR_EACH (entry, node, &ft->groups) {
        sorted[i++] = entry;
    }
    qsort(sorted, n, sizeof *sorted, compare_groups);
    return sorted;
}

static uint32_t
hash_flow(const struct flow_entry *entry)
{
    return minimatch_hash(&entry->match,
                          hash_2words(entry->table_id, entry->priority));
}

static bool
same_key(const struct flow_entry *a, const struct flow_entry *b)
{
    return a->table_id == b->table_id
           && a->priority == b->priority
           && minimatch_equal(&a->match, &b->match);
}

/* Stores in '*entryp' what a switch would make of 'fm'. */
static char *
canonicalize_flow(const struct ofputil_flow_mod *fm,
                  struct flow_entry **entryp)
{
    struct ofpbuf *msg = ofputil_encode_flow_mod(fm, PROTOCOL);
    struct flow_entry *entry;
    struct ofputil_flow_mod got;
    struct ofpbuf ofpacts;
    enum ofperr error;

    ofpbuf_init(&ofpacts, 0);
    error = ofputil_decode_flow_mod(&got, msg->data, PROTOCOL, NULL, NULL,
                                    &ofpacts, OFPP_MAX, OFPTT_MAX);
    ofpbuf_delete(msg);
    if (error) {
        ofpbuf_uninit(&ofpacts);
        return xasprintf("a switch would refuse this flow: %s",
                         ofperr_to_string(error));
    }
    entry = xzalloc(sizeof *entry);
    entry->table_id = got.table_id;
    entry->priority = got.priority;
    minimatch_move(&entry->match, &got.match);
    entry->cookie = ntohll(got.new_cookie);
    entry->idle_timeout_s = got.idle_timeout;
    entry->hard_timeout_s = got.hard_timeout;
    entry->ofpacts = xmemdup(got.ofpacts, got.ofpacts_len);
    entry->ofpacts_size = got.ofpacts_len;
    ofpbuf_uninit(&ofpacts);
    *entryp = entry;
    return NULL;
}

/* Stores in '*entryp' what a switch would make of 'gm'. */
static char *
canonicalize_group(const struct ofputil_group_mod *gm,
                   struct group_entry **entryp)
{
    struct ofpbuf *msg = ofputil_encode_group_mod(OFP15_VERSION, gm, NULL, -1);
    struct ofputil_group_mod got;
    struct group_entry *entry;
    enum ofperr error;

    error = ofputil_decode_group_mod(msg->data, &got);
    ofpbuf_delete(msg);
    if (error) {
        return xasprintf("a switch would refuse this group: %s",
                         ofperr_to_string(error));
    }
    entry = xzalloc(sizeof *entry);
    entry->id = got.group_id;
    entry->type = got.type;
    ovs_list_init(&entry->buckets);
    ovs_list_push_back_all(&entry->buckets, &got.buckets);
    ofputil_uninit_group_mod(&got);
    *entryp = entry;
    return NULL;
}

static bool
buckets_equal(const struct ofputil_bucket *a, const struct ofputil_bucket *b)
{
    return a->bucket_id == b->bucket_id
           && a->weight == b->weight
           && a->watch_port == b->watch_port
           && a->watch_group == b->watch_group
           && actions_equal(a->ofpacts, a->ofpacts_len,
                            b->ofpacts, b->ofpacts_len);
}

/* The text decides when the bytes differ: one action can have several
 * encodings (the one that was used is kept in the action), and the text is
 * what both sides mean. */
static bool
actions_equal(const struct ofpact *a, size_t a_size,
              const struct ofpact *b, size_t b_size)
{
    return ofpacts_equal(a, a_size, b, b_size)
           || ofpacts_equal_stringwise(a, a_size, b, b_size);
}

static void
format_actions(const struct ofpact *ofpacts, size_t size, struct ds *s)
{
    struct ofpact_format_params fp = { .s = s };

    ofpacts_format(ofpacts, size, &fp);
}

static int
compare_flows(const void *a_, const void *b_)
{
    const struct sort_item *a = a_;
    const struct sort_item *b = b_;

    if (a->entry->table_id != b->entry->table_id) {
        return a->entry->table_id < b->entry->table_id ? -1 : 1;
    }
    if (a->entry->priority != b->entry->priority) {
        return a->entry->priority > b->entry->priority ? -1 : 1;
    }
    if (a->entry->cookie != b->entry->cookie) {
        return a->entry->cookie < b->entry->cookie ? -1 : 1;
    }
    return strcmp(a->match, b->match);
}

static int
compare_groups(const void *a_, const void *b_)
{
    const struct group_entry *const *a = a_;
    const struct group_entry *const *b = b_;

    return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}
