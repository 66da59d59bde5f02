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

/* of-switch-serve: what of-switch does for its caller besides keeping flows,
 * groups and meters as desired: it tells what the switch has learnt, has it
 * forget, asks for counts and sends single frames.
 *
 * of-switch.c receives, and hands over the answers; what they mean is up to
 * of-learn and of-counts. */

#include <config.h>
#include "ovs-ctl/of-switch-private.h"

#include "flow.h"
#include "flows/flow-table.h"
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "ovs-ctl/of-conn.h"
#include "ovs-ctl/of-learn.h"

static void send_forget_barrier(struct of_switch *);
static bool take_forget_barrier(struct of_switch *, const struct ofp_header *,
                                enum ofptype);

const struct flow_entry *
of_switch_next_learnt(struct of_switch *sw, bool *present)
{
    return of_learn_next(sw->learn, present);
}

bool
of_switch_learnt_is_complete(const struct of_switch *sw)
{
    return of_learn_is_complete(sw->learn);
}

void
of_switch_for_each_learnt(const struct of_switch *sw,
                          void (*cb)(const struct flow_entry *, void *aux),
                          void *aux)
{
    of_learn_for_each(sw->learn, cb, aux);
}

const struct flow_entry *
of_switch_find_learnt(const struct of_switch *sw, const struct flow_entry *key)
{
    return of_learn_find(sw->learn, key);
}

void
of_switch_forget(struct of_switch *sw, const struct flow_entry *entry)
{
    if (of_conn_is_connected(sw->conn) && !sw->dry_run) {
        of_conn_send(sw->conn, flow_entry_encode(entry, OFPFC_DELETE_STRICT));
        of_learn_delete_sent(sw->learn, entry);
        sw->forgetting = true;
        poll_immediate_wake();
    }
}

const struct of_counts *
of_switch_counts(const struct of_switch *sw)
{
    return &sw->counts;
}

void
of_switch_request_counts(struct of_switch *sw, bool drops)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);

    if (of_conn_is_connected(sw->conn)
        && of_conn_seqno(sw->conn) == sw->conn_seqno) {
        of_counts_request(&sw->counts, drops, &msgs);
        of_conn_send_all(sw->conn, &msgs);
    }
}

void
of_switch_packet_out(struct of_switch *sw, uint16_t ofport,
                     const void *frame, size_t size)
{
    uint64_t stub[64 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);
    struct ofputil_packet_out po = {
        .packet = frame,
        .packet_len = size,
        .buffer_id = UINT32_MAX,
    };

    if (of_conn_is_connected(sw->conn) && !sw->dry_run) {
        match_init_catchall(&po.flow_metadata);
        match_set_in_port(&po.flow_metadata, OFPP_CONTROLLER);
        ofpact_put_OUTPUT(&ofpacts)->port = u16_to_ofp(ofport);
        po.ofpacts = ofpacts.data;
        po.ofpacts_len = ofpacts.size;
        of_conn_send(sw->conn, ofputil_encode_packet_out(&po,
                                                         OF_CONN_PROTOCOL));
    }
    ofpbuf_uninit(&ofpacts);
}

void
of_switch_serve_run(struct of_switch *sw)
{
    send_forget_barrier(sw);
}

bool
of_switch_serve_take(struct of_switch *sw, const struct ofp_header *oh,
                     enum ofptype type)
{
    return (of_counts_take(&sw->counts, oh, type)
            || take_forget_barrier(sw, oh, type));
}

void
of_switch_serve_disconnected(struct of_switch *sw)
{
    sw->forgetting = false;
    sw->barrier_xid = 0;
    of_learn_disconnected(sw->learn);
}

/* One barrier for all that was deleted so far, and one at a time. */
static void
send_forget_barrier(struct of_switch *sw)
{
    if (sw->forgetting && !sw->barrier_xid) {
        struct ofpbuf *msg = ofputil_encode_barrier_request(OF_CONN_VERSION);
        const struct ofp_header *oh = msg->data;

        sw->barrier_xid = oh->xid;
        sw->barrier = of_learn_barrier_sent(sw->learn);
        sw->forgetting = false;
        of_conn_send(sw->conn, msg);
    }
}

/* Returns true if the message was the answer to that barrier. */
static bool
take_forget_barrier(struct of_switch *sw, const struct ofp_header *oh,
                    enum ofptype type)
{
    if (type != OFPTYPE_BARRIER_REPLY || !sw->barrier_xid
        || oh->xid != sw->barrier_xid) {
        return false;
    }
    sw->barrier_xid = 0;
    if (of_learn_barrier_done(sw->learn, sw->barrier)) {
        of_fsm_event(&sw->fsm);
    }
    return true;
}
