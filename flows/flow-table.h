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
 *
 * The same container holds what is desired (filled by flows/compute.c and by
 * the stage builders) and what is installed (filled by ovs-ctl/of-read.c from
 * the switch), so that flows/flows-diff.c can compare them.  Flows are written
 * in the syntax of ovs-ofctl(8), because that is what an administrator sees;
 * they are parsed once, here.  No I/O. */

#ifndef MOBULA_FLOW_TABLE_H
#define MOBULA_FLOW_TABLE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "flows/meter-entry.h"
#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-group.h"

struct ds;
struct ofpact;
struct ofpbuf;
struct ofputil_flow_stats;

/* One flow.  Identified by table, priority and match, as in OpenFlow. */
struct flow_entry {
    struct hmap_node node;      /* In struct flow_table's 'flows'. */
    uint8_t table_id;
    uint16_t priority;
    struct minimatch match;     /* Owned. */
    uint64_t cookie;            /* Host byte order; see flows/cookie.h. */
    uint16_t idle_timeout_s;    /* 0 = never. */
    uint16_t hard_timeout_s;    /* 0 = never. */
    struct ofpact *ofpacts;     /* Owned. */
    size_t ofpacts_size;        /* Bytes. */
    uint64_t n_packets;         /* Installed flows only. */
    uint64_t n_bytes;           /* Installed flows only. */
    const char *where;          /* Desired flows: "FILE:LINE" that added it,
                                 * static; otherwise NULL. */
};

/* One group.  Identified by its id. */
struct group_entry {
    struct hmap_node node;      /* In struct flow_table's 'groups'. */
    uint32_t id;
    enum ofp11_group_type type; /* OFPGT11_ALL or OFPGT11_FF, ... */
    struct ovs_list buckets;    /* Of struct ofputil_bucket, owned. */
};

/* Flows, groups and meters of one bridge. */
struct flow_table {
    struct hmap flows;          /* Of struct flow_entry. */
    struct hmap groups;         /* Of struct group_entry. */
    struct hmap meters;         /* Of struct meter_entry. */
};

void flow_table_init(struct flow_table *);

/* Frees the entries; NULL is fine. */
void flow_table_uninit(struct flow_table *);

/* Makes 'dst' (initialized and empty) a deep copy of 'src'. */
void flow_table_clone(struct flow_table *dst, const struct flow_table *src);

/* Makes 'dst' what 'src' is, and 'src' what 'dst' is. */
void flow_table_swap(struct flow_table *dst, struct flow_table *src);

/* Returns true if the two have the same flows, groups and meters, as
 * flow_entry_equal() and its like see it. */
bool flow_table_equal(const struct flow_table *, const struct flow_table *);

/* Adds 'entry' and takes ownership of it.  If an entry with the same table,
 * priority and match (or group id, or meter id) is there, it is replaced and
 * freed, as a switch does with an OpenFlow "add" of a flow. */
void flow_table_insert(struct flow_table *, struct flow_entry *entry);
void flow_table_insert_group(struct flow_table *, struct group_entry *entry);
void flow_table_insert_meter(struct flow_table *, struct meter_entry *entry);

/* Makes an entry from a decoded statistics reply.  'fs' and 'gd' stay the
 * caller's.  The caller must insert the entry or destroy it. */
struct flow_entry *flow_entry_from_stats(const struct ofputil_flow_stats *fs);
struct group_entry *group_entry_from_desc(const struct ofputil_group_desc *gd);

struct flow_entry *flow_entry_clone(const struct flow_entry *);
struct group_entry *group_entry_clone(const struct group_entry *);

/* NULL is fine. */
void flow_entry_destroy(struct flow_entry *);
void group_entry_destroy(struct group_entry *);

/* Returns the flow with the same table, priority and match as 'key', or
 * NULL.  Borrowed. */
struct flow_entry *flow_table_find(const struct flow_table *,
                                   const struct flow_entry *key);
struct group_entry *flow_table_find_group(const struct flow_table *,
                                          uint32_t id);
struct meter_entry *flow_table_find_meter(const struct flow_table *,
                                          uint32_t id);

/* Returns true if the two do the same (cookie, timeouts, actions; type and
 * buckets in their order); counters and OpenFlow flags do not matter. */
bool flow_entry_equal(const struct flow_entry *, const struct flow_entry *);
bool group_entry_equal(const struct group_entry *, const struct group_entry *);

/* Parses one flow, group or meter in the syntax of ovs-ofctl(8), with port
 * numbers instead of names, and inserts it or stores it in '*entryp', which
 * the caller must insert or destroy.  It is brought into the form that a
 * switch gives back, by encoding and decoding it as OpenFlow 1.5.  Returns
 * NULL, or a sentence that the caller must free, with the table and '*entryp'
 * unchanged. */
char *flow_entry_parse(const char *text, struct flow_entry **entryp)
    OVS_WARN_UNUSED_RESULT;
char *flow_table_parse_flow(struct flow_table *, const char *text)
    OVS_WARN_UNUSED_RESULT;
char *flow_table_parse_group(struct flow_table *, const char *text)
    OVS_WARN_UNUSED_RESULT;
char *flow_table_parse_meter(struct flow_table *, const char *text)
    OVS_WARN_UNUSED_RESULT;

/* Returns an OpenFlow 1.5 flow_mod for the flow: 'command' is OFPFC_ADD (adds
 * or replaces, with the cookie) or OFPFC_DELETE_STRICT (deletes exactly this
 * table, priority and match, if it has this cookie).  The caller must free
 * it with ofpbuf_delete(). */
struct ofpbuf *flow_entry_encode(const struct flow_entry *, uint16_t command);

/* Returns an OpenFlow 1.5 group_mod for the group: 'command' is OFPGC11_ADD,
 * OFPGC11_MODIFY or OFPGC11_DELETE.  The caller must free it with
 * ofpbuf_delete(). */
struct ofpbuf *group_entry_encode(const struct group_entry *,
                                  uint16_t command);

/* Appends one flow or group as ovs-ofctl prints it (with cookie and table,
 * without counters), no newline.  What is appended can be parsed again. */
void flow_entry_format(const struct flow_entry *, struct ds *);
void group_entry_format(const struct group_entry *, struct ds *);

/* Appends only what identifies a flow ("table=0, priority=100,in_port=1"),
 * or only what it does ("actions=drop"). */
void flow_entry_format_key(const struct flow_entry *, struct ds *);
void flow_entry_format_actions(const struct flow_entry *, struct ds *);

/* Appends a group without its id: "type=all,bucket=...". */
void group_entry_format_buckets(const struct group_entry *, struct ds *);

/* Appends all, a line each: meters by id, groups by id, then flows by table,
 * falling priority, cookie and match.  The same contents give the same
 * bytes. */
void flow_table_format(const struct flow_table *, struct ds *);

/* Returns the flows (groups, meters) in the order of flow_table_format(), NULL
 * terminated; the caller must free() the array, the entries are borrowed. */
struct flow_entry **flow_table_sorted(const struct flow_table *);
struct group_entry **flow_table_sorted_groups(const struct flow_table *);
struct meter_entry **flow_table_sorted_meters(const struct flow_table *);

/* Sorts 'n' flows into that order. */
void flow_entries_sort(struct flow_entry **, size_t n);

#endif /* flows/flow-table.h */
