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

/* meter-entry: one OpenFlow meter, and the meters of a flow table.  See
 * meter-entry.h and flow-table.h. */

#include <config.h>
#include "flows/meter-entry.h"

#include <inttypes.h>
#include <stdlib.h>

#include "flows/flow-table.h"
#include "hash.h"
#include "openflow/openflow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

/* In the userspace datapath, as many frames as arrive at a time. */
#define METER_MIN_BURST 32

static struct meter_entry *make(uint32_t id, uint16_t flags,
                                const struct ofputil_meter_band *,
                                uint16_t n_bands);
static int compare_meters(const void *, const void *);

struct meter_entry *
meter_entry_create(uint32_t id, uint32_t rate)
{
    const struct ofputil_meter_band band = {
        .type = OFPMBT13_DROP,
        .rate = rate,
        .burst_size = MAX(rate / 10, METER_MIN_BURST),
    };

    return make(id, OFPMF13_PKTPS | OFPMF13_BURST | OFPMF13_STATS, &band, 1);
}

struct meter_entry *
meter_entry_from_config(const struct ofputil_meter_config *config)
{
    return make(config->meter_id, config->flags, config->bands,
                config->n_bands);
}

char *
meter_entry_parse(const char *text, struct meter_entry **entryp)
{
    enum ofputil_protocol usable;
    struct ofputil_meter_mod mm;
    char *error;

    error = parse_ofp_meter_mod_str(&mm, text, OFPMC13_ADD, &usable);
    if (!error) {
        *entryp = meter_entry_from_config(&mm.meter);
        free(mm.meter.bands);
    }
    return error;
}

struct meter_entry *
meter_entry_clone(const struct meter_entry *src)
{
    return make(src->id, src->flags, src->bands, src->n_bands);
}

void
meter_entry_destroy(struct meter_entry *entry)
{
    if (entry) {
        free(entry->bands);
        free(entry);
    }
}

bool
meter_is_ours(uint32_t id)
{
    return id <= OFPM13_MAX;
}

bool
meter_entry_equal(const struct meter_entry *a, const struct meter_entry *b)
{
    if (a->id != b->id || a->flags != b->flags || a->n_bands != b->n_bands) {
        return false;
    }
    for (size_t i = 0; i < a->n_bands; i++) {
        if (a->bands[i].type != b->bands[i].type
            || a->bands[i].rate != b->bands[i].rate
            || a->bands[i].burst_size != b->bands[i].burst_size
            || a->bands[i].prec_level != b->bands[i].prec_level) {
            return false;
        }
    }
    return true;
}

struct ofpbuf *
meter_entry_encode(const struct meter_entry *entry, uint16_t command)
{
    struct ofputil_meter_mod mm = {
        .command = command,
        .meter = {
            .meter_id = entry->id,
            .flags = entry->flags,
            .n_bands = command == OFPMC13_DELETE ? 0 : entry->n_bands,
            .bands = entry->bands,
        },
    };

    return ofputil_encode_meter_mod(OFP15_VERSION, &mm);
}

void
meter_entry_format(const struct meter_entry *entry, struct ds *s)
{
    ofputil_format_meter_id(s, entry->id, '=');
    ds_put_char(s, ' ');
    meter_entry_format_bands(entry, s);
}

void
meter_entry_format_bands(const struct meter_entry *entry, struct ds *s)
{
    static const struct {
        uint16_t flag;
        const char *name;
    } flags[] = {
        { OFPMF13_KBPS, "kbps" },
        { OFPMF13_PKTPS, "pktps" },
        { OFPMF13_BURST, "burst" },
        { OFPMF13_STATS, "stats" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        if (entry->flags & flags[i].flag) {
            ds_put_format(s, "%s,", flags[i].name);
        }
    }
    ds_chomp(s, ',');
    ds_put_cstr(s, " bands=");
    for (size_t i = 0; i < entry->n_bands; i++) {
        const struct ofputil_meter_band *band = &entry->bands[i];

        ds_put_format(s, "%stype=%s,rate=%"PRIu32, i ? "," : "",
                      band->type == OFPMBT13_DROP ? "drop" : "dscp_remark",
                      band->rate);
        if (entry->flags & OFPMF13_BURST) {
            ds_put_format(s, ",burst_size=%"PRIu32, band->burst_size);
        }
        if (band->type == OFPMBT13_DSCP_REMARK) {
            ds_put_format(s, ",prec_level=%"PRIu8, band->prec_level);
        }
    }
}

void
flow_table_insert_meter(struct flow_table *ft, struct meter_entry *entry)
{
    struct meter_entry *old = flow_table_find_meter(ft, entry->id);

    if (old) {
        hmap_remove(&ft->meters, &old->node);
        meter_entry_destroy(old);
    }
    hmap_insert(&ft->meters, &entry->node, hash_int(entry->id, 0));
}

struct meter_entry *
flow_table_find_meter(const struct flow_table *ft, uint32_t id)
{
    struct meter_entry *entry;

    HMAP_FOR_EACH_WITH_HASH (entry, node, hash_int(id, 0), &ft->meters) {
        if (entry->id == id) {
            return entry;
        }
    }
    return NULL;
}

char *
flow_table_parse_meter(struct flow_table *ft, const char *text)
{
    struct meter_entry *entry;
    char *error = meter_entry_parse(text, &entry);

    if (!error) {
        flow_table_insert_meter(ft, entry);
    }
    return error;
}

struct meter_entry **
flow_table_sorted_meters(const struct flow_table *ft)
{
    size_t n = hmap_count(&ft->meters);
    struct meter_entry **sorted = xcalloc(n + 1, sizeof *sorted);
    struct meter_entry *entry;
    size_t i = 0;

    HMAP_FOR_EACH (entry, node, &ft->meters) {
        sorted[i++] = entry;
    }
    qsort(sorted, n, sizeof *sorted, compare_meters);
    return sorted;
}

static struct meter_entry *
make(uint32_t id, uint16_t flags, const struct ofputil_meter_band *bands,
     uint16_t n_bands)
{
    struct meter_entry *entry = xzalloc(sizeof *entry);

    entry->id = id;
    entry->flags = flags;
    entry->n_bands = n_bands;
    entry->bands = (n_bands ? xmemdup(bands, n_bands * sizeof *bands)
                    : NULL);
    return entry;
}

static int
compare_meters(const void *a_, const void *b_)
{
    const struct meter_entry *const *a = a_;
    const struct meter_entry *const *b = b_;

    return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}
