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

/* of-watch: requests for, and decoding of, what others change. */

#include <config.h>
#include "ovs-ctl/of-watch.h"

#include <string.h>

#include "byte-order.h"
#include "flows/cookie.h"
#include "flows/flow-table.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-connection.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-ctl/of-conn.h"
#include "ovs-ctl/of-learn.h"
#include "util.h"

static struct ofpbuf *async_request(void);
static struct ofpbuf *monitor_request(uint8_t table_id, bool learnt);
static bool concerns_us(const struct ofputil_flow_update *,
                        const struct of_learn *, const struct flow_table *);
static enum ofperr decode_flow_updates(const struct ofp_header *,
                                       struct of_learn *,
                                       const struct flow_table *,
                                       enum of_watch_event *);

void
of_watch_start(uint64_t learnt_tables, struct ovs_list *msgs)
{
    ovs_list_push_back(msgs, &async_request()->list_node);
    for (int i = 0; i < OF_WATCH_N_TABLES; i++) {
        bool learnt = (learnt_tables & (UINT64_C(1) << i)) != 0;
        struct ofpbuf *msg = monitor_request(i, learnt);

        ovs_list_push_back(msgs, &msg->list_node);
    }
}

bool
of_watch_wants(enum ofptype type)
{
    return (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY
            || type == OFPTYPE_REQUESTFORWARD);
}

enum ofperr
of_watch_decode(const struct ofp_header *oh, enum ofptype type,
                struct of_learn *learn, const struct flow_table *desired,
                enum of_watch_event *event)
{
    if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        return decode_flow_updates(oh, learn, desired, event);
    }

    struct ofputil_requestforward rf;
    enum ofperr error = ofputil_decode_requestforward(oh, &rf);
    if (!error) {
        *event = OF_WATCH_CHANGE;
        ofputil_destroy_requestforward(&rf);
    }
    return error;
}

/* Asks for the asynchronous messages that we want and for no others.  The
 * management socket sends none until it is asked. */
static struct ofpbuf *
async_request(void)
{
    struct ofputil_async_cfg ac = OFPUTIL_ASYNC_CFG_INIT;

    ac.primary[OAM_PORT_STATUS] = ((1u << OFPPR_ADD) | (1u << OFPPR_DELETE)
                                   | (1u << OFPPR_MODIFY));
    ac.primary[OAM_REQUESTFORWARD] = ((1u << OFPRFR_GROUP_MOD)
                                      | (1u << OFPRFR_METER_MOD));
    memcpy(ac.secondary, ac.primary, sizeof ac.secondary);
    return ofputil_encode_set_async_config(&ac, (1u << OAM_N_TYPES) - 1,
                                           OF_CONN_VERSION);
}

/* A request that holds more than one monitor would be smaller, but
 * ofputil_append_flow_monitor_request() of OVS 3.1 ignores all but the first
 * for one message. */
static struct ofpbuf *
monitor_request(uint8_t table_id, bool learnt)
{
    struct ofputil_flow_monitor_request rq = {
        .id = table_id,
        .command = OFPFMC_ADD,
        .flags = (OFPFMF_ADD | OFPFMF_REMOVED | OFPFMF_MODIFY
                  | (learnt ? OFPFMF_INSTRUCTIONS : 0)),
        .out_port = OFPP_NONE,
        .out_group = OFPG_ANY,
        .table_id = table_id,
    };
    struct ofpbuf *msg = ofpbuf_new(0);

    match_init_catchall(&rq.match);
    ofputil_append_flow_monitor_request(&rq, msg, OF_CONN_PROTOCOL);
    ofpmsg_update_length(msg);
    return msg;
}

static bool
concerns_us(const struct ofputil_flow_update *update,
            const struct of_learn *learn, const struct flow_table *desired)
{
    struct flow_entry key = {
        .table_id = update->table_id,
        .priority = update->priority,
    };
    bool found;

    if (!of_learn_has_table(learn, update->table_id)
        && cookie_is_ours(ntohll(update->cookie))) {
        return true;
    }
    if (!desired) {
        return false;
    }
    minimatch_init(&key.match, &update->match);
    found = flow_table_find(desired, &key) != NULL;
    minimatch_destroy(&key.match);
    return found;
}

/* One message can hold many updates.  The gravest is what counts. */
static enum ofperr
decode_flow_updates(const struct ofp_header *oh, struct of_learn *learn,
                    const struct flow_table *desired,
                    enum of_watch_event *event)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    enum of_watch_event found = OF_WATCH_NOTHING;
    uint64_t stub[64 / 8];
    struct ofpbuf ofpacts = OFPBUF_STUB_INITIALIZER(stub);
    enum ofperr error = 0;

    for (;;) {
        struct ofputil_flow_update update;
        int retval = ofputil_decode_flow_update(&update, &msg, &ofpacts);

        if (retval) {
            error = retval == EOF ? 0 : retval;
            break;
        }
        if (update.event == OFPFME_PAUSED) {
            found = OF_WATCH_PAUSED;
        } else if (update.event == OFPFME_RESUMED) {
            found = OF_WATCH_RESUMED;
        } else if (update.event != OFPFME_ABBREV) {
            of_learn_update(learn, &update);
            if (found == OF_WATCH_NOTHING
                && concerns_us(&update, learn, desired)) {
                found = OF_WATCH_CHANGE;
            }
        }
    }
    ofpbuf_uninit(&ofpacts);
    if (!error) {
        *event = found;
    }
    return error;
}
