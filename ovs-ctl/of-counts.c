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

/* of-counts: requests for meter features and counters, and their answers.
 * See of-counts.h. */

#include <config.h>
#include "ovs-ctl/of-counts.h"

#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "flows/cookie.h"
#include "flows/meter-entry.h"
#include "flows/rules.h"
#include "flows/stages.h"
#include "openflow/openflow.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-ctl/of-conn.h"
#include "util.h"

static void set_max(struct of_counts *, uint32_t max_meters);
static void take_features(struct of_counts *, const struct ofp_header *,
                          enum ofptype);
static void take_meters(struct of_counts *, const struct ofp_header *);
static void take_flows(struct of_counts *, const struct ofp_header *);
static void add(struct of_counts *, uint32_t meter_id, uint64_t n);

void
of_counts_init(struct of_counts *counts)
{
    memset(counts, 0, sizeof *counts);
}

void
of_counts_uninit(struct of_counts *counts)
{
    free(counts->items);
    free(counts->next);
}

/* What an earlier connection said stays until the answer is here, so that a
 * new one alone changes nothing. */
void
of_counts_start(struct of_counts *counts, struct ovs_list *msgs)
{
    counts->xid = 0;
    counts->features_xid = of_conn_queue_request(
        msgs, ofputil_encode_meter_request(OF_CONN_VERSION,
                                           OFPUTIL_METER_FEATURES, 0));
}

void
of_counts_set_broken(struct of_counts *counts)
{
    set_max(counts, 0);
}

void
of_counts_request(struct of_counts *counts, bool drops, struct ovs_list *msgs)
{
    struct ofputil_flow_stats_request rq = {
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = stage_table(STAGE_FLOOD),
        .cookie = htonll(COOKIE_PREFIX),
        .cookie_mask = htonll(COOKIE_PREFIX_MASK),
    };

    counts->n_next = 0;
    counts->next_are_drops = drops;
    match_init_catchall(&rq.match);
    counts->xid = of_conn_queue_request(
        msgs, (drops
               ? ofputil_encode_meter_request(OF_CONN_VERSION,
                                              OFPUTIL_METER_STATS, OFPM13_ALL)
               : ofputil_encode_flow_stats_request(&rq, OF_CONN_PROTOCOL)));
}

bool
of_counts_take(struct of_counts *counts, const struct ofp_header *oh,
               enum ofptype type)
{
    if (counts->features_xid && oh->xid == counts->features_xid) {
        take_features(counts, oh, type);
        return true;
    }
    if (!counts->xid || oh->xid != counts->xid) {
        return false;
    }
    if (type == OFPTYPE_METER_STATS_REPLY) {
        take_meters(counts, oh);
    } else if (type == OFPTYPE_FLOW_STATS_REPLY) {
        take_flows(counts, oh);
    } else {
        /* An error: there is nothing to count. */
        counts->xid = 0;
        return true;
    }
    if (!ofpmp_more(oh)) {
        free(counts->items);
        counts->items = xmemdup(counts->next,
                                counts->n_next * sizeof *counts->next);
        counts->n_items = counts->n_next;
        counts->are_drops = counts->next_are_drops;
        counts->seqno++;
        counts->xid = 0;
    }
    return true;
}

static void
set_max(struct of_counts *counts, uint32_t max_meters)
{
    if (!counts->features_known || counts->max_meters != max_meters) {
        counts->features_known = true;
        counts->max_meters = max_meters;
        counts->features_seqno++;
    }
}

/* A switch that refuses to answer has no meters; and one that has none that
 * drop by frames is as good as one without. */
static void
take_features(struct of_counts *counts, const struct ofp_header *oh,
              enum ofptype type)
{
    struct ofputil_meter_features features = { .max_meters = 0 };

    counts->features_xid = 0;
    if (type == OFPTYPE_METER_FEATURES_STATS_REPLY) {
        ofputil_decode_meter_features(oh, &features);
    }
    if (!(features.band_types & (1u << OFPMBT13_DROP))
        || !(features.capabilities & OFPMF13_PKTPS)
        || !(features.capabilities & OFPMF13_BURST)) {
        features.max_meters = 0;
    }
    set_max(counts, features.max_meters);
}

static void
take_meters(struct of_counts *counts, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    uint64_t stub[256 / 8];
    struct ofpbuf bands = OFPBUF_STUB_INITIALIZER(stub);
    struct ofputil_meter_stats stats;

    /* What cannot be decoded is missing in the counts, that is all. */
    while (!ofputil_decode_meter_stats(&msg, &stats, &bands)) {
        uint64_t n = 0;

        for (size_t i = 0; i < stats.n_bands; i++) {
            n += stats.bands[i].packet_count;
        }
        add(counts, stats.meter_id, n);
    }
    ofpbuf_uninit(&bands);
}

static void
take_flows(struct of_counts *counts, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    uint64_t stub[1024 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);
    struct ofputil_flow_stats fs;

    while (!ofputil_decode_flow_stats_reply(&fs, &msg, false, &ofpacts)) {
        uint64_t cookie = ntohll(fs.cookie);
        uint32_t port = cookie_subject(cookie);

        if (cookie_rule(cookie) == RULE_FLOOD_PORT) {
            add(counts, port, fs.packet_count);
        } else if (cookie_rule(cookie) == RULE_FLOOD_UNKNOWN) {
            add(counts, METER_UNKNOWN_BASE + port, fs.packet_count);
        }
    }
    ofpbuf_uninit(&ofpacts);
}

static void
add(struct of_counts *counts, uint32_t meter_id, uint64_t n)
{
    if (counts->n_next >= counts->allocated_next) {
        counts->next = x2nrealloc(counts->next, &counts->allocated_next,
                                  sizeof *counts->next);
    }
    counts->next[counts->n_next++] = (struct of_count) { meter_id, n };
}
