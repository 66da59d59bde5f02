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

/* meter-entry: one OpenFlow meter, desired or installed.
 *
 * A meter drops what exceeds a rate.  Part of flows/flow-table.h, like flows
 * and groups; apart from there because it has nothing in common with them but
 * the place.  No I/O. */

#ifndef MOBULA_METER_ENTRY_H
#define MOBULA_METER_ENTRY_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"
#include "openvswitch/ofp-meter.h"

struct ds;
struct ofpbuf;

/* The meter for what a local port says to many is numbered as the port; that
 * for what it says to an unknown MAC has this more. */
#define METER_UNKNOWN_BASE 65536

/* One meter.  Identified by its id. */
struct meter_entry {
    struct hmap_node node;      /* In struct flow_table's 'meters'. */
    uint32_t id;
    uint16_t flags;             /* OFPMF13_*. */
    struct ofputil_meter_band *bands; /* Owned. */
    uint16_t n_bands;
};

/* Returns a meter that lets 'rate' packets a second pass, as many as belong to
 * a tenth of a second at once, and drops the rest.  (More at once would fill
 * the buffers on the way, and so cost others their packets.) */
struct meter_entry *meter_entry_create(uint32_t id, uint32_t rate);

/* Makes an entry from a decoded configuration reply, which stays the
 * caller's. */
struct meter_entry *meter_entry_from_config(
    const struct ofputil_meter_config *);

/* Parses a meter in the syntax of ovs-ofctl(8) and stores it in '*entryp'.
 * Returns NULL, or a sentence that the caller must free, with '*entryp'
 * unchanged. */
char *meter_entry_parse(const char *text, struct meter_entry **entryp)
    OVS_WARN_UNUSED_RESULT;

struct meter_entry *meter_entry_clone(const struct meter_entry *);

/* NULL is fine. */
void meter_entry_destroy(struct meter_entry *);

/* Returns true if a meter with this id is Mobula's: on our bridge all are,
 * except those that OpenFlow itself has a meaning for. */
bool meter_is_ours(uint32_t id);

/* Returns true if the two do the same. */
bool meter_entry_equal(const struct meter_entry *, const struct meter_entry *);

/* Returns an OpenFlow 1.5 meter_mod: 'command' is OFPMC13_ADD, OFPMC13_MODIFY
 * or OFPMC13_DELETE.  The caller must free it with ofpbuf_delete(). */
struct ofpbuf *meter_entry_encode(const struct meter_entry *,
                                  uint16_t command);

/* Appends the meter in the syntax of ovs-ofctl(8), no newline; or without its
 * id ("pktps,..."). */
void meter_entry_format(const struct meter_entry *, struct ds *);
void meter_entry_format_bands(const struct meter_entry *, struct ds *);

#endif /* flows/meter-entry.h */
