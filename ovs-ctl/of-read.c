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

/* of-read: requests for flows, groups and meters, and their answers. */

#include <config.h>
#include "ovs-ctl/of-read.h"

#include <errno.h>

#include "flows/flow-table.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-ctl/of-conn.h"
#include "util.h"

/* What is asked for, each with a request of its own. */
enum part {
    PART_FLOWS,
    PART_GROUPS,
    PART_METERS,
    N_PARTS
};

struct of_read {
    struct flow_table *table;   /* What has been read so far. */
    ovs_be32 xids[N_PARTS];
    bool done[N_PARTS];
    bool begun;                 /* The first part is here. */
    size_t n_unknown;           /* See of_read_n_unknown(). */
    int error;                  /* OFPERR_* or errno. */
};

static enum part find_part(const struct of_read *, ovs_be32 xid);
static enum ofptype reply_type(enum part);
static int take_part(struct of_read *, enum part, const struct ofp_header *);
static int take_flows(struct of_read *, const struct ofp_header *);
static int take_groups(struct of_read *, const struct ofp_header *);
static int take_meters(struct of_read *, const struct ofp_header *);
static int next_entry(struct ofpbuf *msg, struct ofpbuf *entry);

struct of_read *
of_read_create(struct ovs_list *msgs)
{
    struct of_read *read = xzalloc(sizeof *read);
    struct ofputil_flow_stats_request rq = {
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };

    read->table = xmalloc(sizeof *read->table);
    flow_table_init(read->table);
    match_init_catchall(&rq.match);
    read->xids[PART_FLOWS] = of_conn_queue_request(
        msgs, ofputil_encode_flow_stats_request(&rq, OF_CONN_PROTOCOL));
    read->xids[PART_GROUPS] = of_conn_queue_request(
        msgs, ofputil_encode_group_desc_request(OF_CONN_VERSION, OFPG_ALL));
    read->xids[PART_METERS] = of_conn_queue_request(
        msgs, ofputil_encode_meter_request(OF_CONN_VERSION,
                                           OFPUTIL_METER_CONFIG, OFPM13_ALL));
    return read;
}

void
of_read_destroy(struct of_read *read)
{
    if (read) {
        flow_table_uninit(read->table);
        free(read->table);
        free(read);
    }
}

enum of_read_result
of_read_take(struct of_read *read, const struct ofp_header *oh,
             enum ofptype type)
{
    enum part part = find_part(read, oh->xid);
    bool first = !read->begun;

    if (part == N_PARTS) {
        return OF_READ_NOT_MINE;
    }
    if (type == OFPTYPE_ERROR) {
        read->error = ofperr_decode_msg(oh, NULL);
        return OF_READ_REFUSED;
    }
    if (type != reply_type(part)) {
        return OF_READ_NOT_MINE;
    }

    read->begun = true;
    read->error = take_part(read, part, oh);
    if (read->error) {
        return OF_READ_GARBLED;
    }
    if (!ofpmp_more(oh)) {
        read->done[part] = true;
    }
    for (part = 0; part < N_PARTS; part++) {
        if (!read->done[part]) {
            return first ? OF_READ_FIRST : OF_READ_MORE;
        }
    }
    return OF_READ_DONE;
}

struct flow_table *
of_read_steal(struct of_read *read)
{
    struct flow_table *table = read->table;

    read->table = NULL;
    return table;
}

size_t
of_read_n_unknown(const struct of_read *read)
{
    return read->n_unknown;
}

const char *
of_read_error(const struct of_read *read)
{
    return ofperr_to_string(read->error);
}

/* Returns the part whose request had 'xid', N_PARTS if none had. */
static enum part
find_part(const struct of_read *read, ovs_be32 xid)
{
    enum part part = 0;

    while (part < N_PARTS && read->xids[part] != xid) {
        part++;
    }
    return part;
}

static enum ofptype
reply_type(enum part part)
{
    switch (part) {
    case PART_FLOWS:
        return OFPTYPE_FLOW_STATS_REPLY;
    case PART_GROUPS:
        return OFPTYPE_GROUP_DESC_STATS_REPLY;
    case PART_METERS:
        return OFPTYPE_METER_CONFIG_STATS_REPLY;
    case N_PARTS:
    default:
        OVS_NOT_REACHED();
    }
}

static int
take_part(struct of_read *read, enum part part, const struct ofp_header *oh)
{
    switch (part) {
    case PART_FLOWS:
        return take_flows(read, oh);
    case PART_GROUPS:
        return take_groups(read, oh);
    case PART_METERS:
        return take_meters(read, oh);
    case N_PARTS:
    default:
        OVS_NOT_REACHED();
    }
}

static int
take_flows(struct of_read *read, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    uint64_t stub[1024 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);
    struct ofputil_flow_stats fs;
    struct ofpbuf entry;
    int retval;

    ofpraw_pull_assert(&msg);
    while (!(retval = next_entry(&msg, &entry))) {
        if (ofputil_decode_flow_stats_reply(&fs, &entry, false, &ofpacts)) {
            read->n_unknown++;
        } else {
            flow_table_insert(read->table, flow_entry_from_stats(&fs));
        }
    }
    ofpbuf_uninit(&ofpacts);
    return retval == EOF ? 0 : retval;
}

static int
take_groups(struct of_read *read, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_group_desc gd;
    struct ofpbuf entry;
    int retval;

    ofpraw_pull_assert(&msg);
    while (!(retval = next_entry(&msg, &entry))) {
        if (ofputil_decode_group_desc_reply(&gd, &entry, oh->version)) {
            read->n_unknown++;
        } else {
            flow_table_insert_group(read->table, group_entry_from_desc(&gd));
            ofputil_uninit_group_desc(&gd);
        }
    }
    return retval == EOF ? 0 : retval;
}

static int
take_meters(struct of_read *read, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    uint64_t stub[256 / 8];
    struct ofpbuf bands = OFPBUF_STUB_INITIALIZER(stub);
    struct ofputil_meter_config config;
    struct ofpbuf entry;
    int retval;

    ofpraw_pull_assert(&msg);
    while (!(retval = next_entry(&msg, &entry))) {
        if (ofputil_decode_meter_config(&entry, &config, &bands)) {
            read->n_unknown++;
        } else {
            flow_table_insert_meter(read->table,
                                    meter_entry_from_config(&config));
        }
    }
    ofpbuf_uninit(&bands);
    return retval == EOF ? 0 : retval;
}

/* Pulls one flow, group or meter description off 'msg' and makes '*entry' a
 * message with nothing else, so that an entry that cannot be decoded does not
 * spoil those after it.  Returns 0, EOF at the end, or an OFPERR_*. */
static int
next_entry(struct ofpbuf *msg, struct ofpbuf *entry)
{
    const ovs_be16 *lengthp = msg->data;    /* All kinds begin with it. */
    uint16_t length;

    if (!msg->size) {
        return EOF;
    }
    length = msg->size >= sizeof *lengthp ? ntohs(*lengthp) : 0;
    if (!length || length % 8 || length > msg->size) {
        return OFPERR_OFPBRC_BAD_LEN;
    }
    *entry = *msg;
    entry->size = length;
    ofpbuf_pull(msg, length);
    return 0;
}
