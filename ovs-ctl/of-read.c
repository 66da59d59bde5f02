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

/* of-read: flow and group description requests and their answers. */

#include <config.h>
#include "ovs-ctl/of-read.h"

#include <errno.h>

#include "flows/flow-table.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-ctl/of-conn.h"
#include "util.h"

struct of_read {
    struct flow_table *table;   /* What has been read so far. */
    ovs_be32 flows_xid;
    ovs_be32 groups_xid;
    bool begun;                 /* The first part is here. */
    bool flows_done;
    bool groups_done;
    size_t n_unknown;           /* See of_read_n_unknown(). */
    int error;                  /* OFPERR_* or errno. */
};

static int take_flows(struct of_read *, const struct ofp_header *);
static int take_groups(struct of_read *, const struct ofp_header *);
static int next_entry(struct ofpbuf *msg, struct ofpbuf *entry);
static ovs_be32 append_request(struct ovs_list *, struct ofpbuf *);

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
    read->flows_xid = append_request(
        msgs, ofputil_encode_flow_stats_request(&rq, OF_CONN_PROTOCOL));
    read->groups_xid = append_request(
        msgs, ofputil_encode_group_desc_request(OF_CONN_VERSION, OFPG_ALL));
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
    bool first = !read->begun;
    bool is_flows = oh->xid == read->flows_xid;

    if (!is_flows && oh->xid != read->groups_xid) {
        return OF_READ_NOT_MINE;
    }
    if (type == OFPTYPE_ERROR) {
        read->error = ofperr_decode_msg(oh, NULL);
        return OF_READ_REFUSED;
    }
    if (type != (is_flows ? OFPTYPE_FLOW_STATS_REPLY
                 : OFPTYPE_GROUP_DESC_STATS_REPLY)) {
        return OF_READ_NOT_MINE;
    }

    read->begun = true;
    read->error = is_flows ? take_flows(read, oh) : take_groups(read, oh);
    if (read->error) {
        return OF_READ_GARBLED;
    }
    if (!ofpmp_more(oh)) {
        *(is_flows ? &read->flows_done : &read->groups_done) = true;
    }
    return (read->flows_done && read->groups_done ? OF_READ_DONE
            : first ? OF_READ_FIRST
            : OF_READ_MORE);
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

/* Pulls one flow or group description off 'msg' and makes '*entry' a message
 * with nothing else, so that an entry that cannot be decoded does not spoil
 * those after it.  Returns 0, EOF at the end, or an OFPERR_*. */
static int
next_entry(struct ofpbuf *msg, struct ofpbuf *entry)
{
    const ovs_be16 *lengthp = msg->data;    /* Both kinds begin with it. */
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

static ovs_be32
append_request(struct ovs_list *msgs, struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;

    ofpmsg_update_length(msg);
    ovs_list_push_back(msgs, &msg->list_node);
    return oh->xid;
}
