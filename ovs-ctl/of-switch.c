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

/* of-switch: carries out what of-fsm decides, and routes messages.  What it
 * does for its caller besides is in of-switch-serve.c. */

#include <config.h>
#include "ovs-ctl/of-switch.h"

#include <string.h>

#include "flows/flow-table.h"
#include "lib/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/of-apply.h"
#include "ovs-ctl/of-conn.h"
#include "ovs-ctl/of-learn.h"
#include "ovs-ctl/of-read.h"
#include "ovs-ctl/of-switch-private.h"
#include "ovs-ctl/of-watch.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(of_switch);

/* One of_switch_run() takes no more than this from the switch, so that a big
 * answer does not keep others of the loop waiting. */
#define MAX_RX_MSGS 50
#define MAX_RX_BYTES (256 * 1024)

static void check_connection(struct of_switch *, long long int now);
static void start(struct of_switch *);
static bool step(struct of_switch *, long long int now);
static void do_read(struct of_switch *);
static void do_compare(struct of_switch *, long long int now);
static enum of_fsm_outcome compare(struct of_switch *);
static void log_plan(const struct of_switch *, bool repair);
static void do_apply(struct of_switch *);
static void pump(struct of_switch *);
static void take(struct of_switch *, const struct ofp_header *, enum ofptype,
                 long long int now);
static bool take_read(struct of_switch *, const struct ofp_header *,
                      enum ofptype, long long int now);
static void set_actual(struct of_switch *);
static bool take_apply(struct of_switch *, const struct ofp_header *,
                       enum ofptype, long long int now);
static void take_event(struct of_switch *, const struct ofp_header *,
                       enum ofptype);
static void take_refusal(struct of_switch *, const struct ofp_header *);
static void set_error(struct of_switch *, const char *);
static void flow_table_destroy(struct flow_table *);

struct of_switch *
of_switch_create(const char *bridge, uint64_t learnt_tables)
{
    struct of_switch *sw = xzalloc(sizeof *sw);

    sw->bridge = xstrdup(bridge);
    sw->learnt_tables = learnt_tables;
    sw->learn = of_learn_create(learnt_tables);
    sw->conn = of_conn_create(bridge);
    sw->conn_seqno = of_conn_seqno(sw->conn);
    of_fsm_init(&sw->fsm);
    flows_plan_init(&sw->plan);
    of_ports_init(&sw->ports);
    of_counts_init(&sw->counts);
    return sw;
}

void
of_switch_destroy(struct of_switch *sw)
{
    if (sw) {
        of_apply_destroy(sw->apply);
        of_read_destroy(sw->read);
        flows_plan_uninit(&sw->plan);
        flow_table_destroy(sw->desired);
        flow_table_destroy(sw->next);
        flow_table_destroy(sw->actual);
        of_learn_destroy(sw->learn);
        of_ports_uninit(&sw->ports);
        of_counts_uninit(&sw->counts);
        of_conn_destroy(sw->conn);
        free(sw->error);
        free(sw->watch_error);
        free(sw->bridge);
        free(sw);
    }
}

void
of_switch_set_desired(struct of_switch *sw, struct flow_table *desired,
                      uint64_t seqno)
{
    flow_table_destroy(sw->next);
    sw->next = xmalloc(sizeof *sw->next);
    flow_table_init(sw->next);
    flow_table_swap(sw->next, desired);
    sw->next_seqno = seqno;
    of_fsm_desired_changed(&sw->fsm);
}

void
of_switch_set_dry_run(struct of_switch *sw, bool dry_run)
{
    if (sw->dry_run != dry_run) {
        sw->dry_run = dry_run;
        of_fsm_desired_changed(&sw->fsm);
    }
}

void
of_switch_run(struct of_switch *sw, long long int now)
{
    size_t n_msgs = 0, n_bytes = 0;
    bool progress = true;

    of_conn_run(sw->conn);
    while (progress && n_msgs < MAX_RX_MSGS && n_bytes < MAX_RX_BYTES) {
        enum ofptype type;
        struct ofpbuf *msg;

        check_connection(sw, now);
        progress = step(sw, now);
        msg = of_conn_recv(sw->conn, &type);
        if (msg) {
            n_msgs++;
            n_bytes += msg->size;
            /* A message of a connection that is gone by now means nothing. */
            if (of_conn_seqno(sw->conn) == sw->conn_seqno) {
                take(sw, msg->data, type, now);
            }
            ofpbuf_delete(msg);
            progress = true;
        }
    }
    of_switch_serve_run(sw);
    if (progress) {
        poll_immediate_wake();
    }
}

void
of_switch_wait(struct of_switch *sw)
{
    long long int deadline = of_fsm_deadline(&sw->fsm);

    of_conn_wait(sw->conn);
    if (deadline != LLONG_MAX) {
        poll_timer_wait_until(deadline);
    }
}

bool
of_switch_is_connected(const struct of_switch *sw)
{
    return of_conn_is_connected(sw->conn);
}

bool
of_switch_is_synced(const struct of_switch *sw)
{
    return of_fsm_is_synced(&sw->fsm);
}

uint64_t
of_switch_applied_seqno(const struct of_switch *sw)
{
    return sw->applied_seqno;
}

const struct flow_table *
of_switch_actual(const struct of_switch *sw)
{
    return sw->actual;
}

bool
of_switch_has_plan(const struct of_switch *sw)
{
    return sw->actual && sw->desired && !sw->next;
}

const struct plan *
of_switch_plan(const struct of_switch *sw)
{
    return &sw->plan.plan;
}

const struct of_ports *
of_switch_ports(const struct of_switch *sw)
{
    return &sw->ports;
}

const struct of_switch_stats *
of_switch_stats(const struct of_switch *sw)
{
    return &sw->stats;
}

const char *
of_switch_error(const struct of_switch *sw)
{
    return sw->error ? sw->error : sw->watch_error;
}

/* Notices that the connection was made or lost, and begins anew. */
static void
check_connection(struct of_switch *sw, long long int now)
{
    unsigned int seqno = of_conn_seqno(sw->conn);

    if (seqno == sw->conn_seqno) {
        return;
    }
    sw->conn_seqno = seqno;

    /* The answers to what was sent before will never come.  What was read
     * stays for those who want to look at it. */
    of_apply_destroy(sw->apply);
    sw->apply = NULL;
    of_read_destroy(sw->read);
    sw->read = NULL;
    of_switch_serve_disconnected(sw);
    of_fsm_disconnected(&sw->fsm);
    if (of_conn_is_connected(sw->conn)) {
        sw->stats.n_connections++;
        of_fsm_connected(&sw->fsm, now);
        start(sw);
    } else {
        of_ports_clear(&sw->ports);
    }
}

/* Asks a switch that has just been connected to for events, what it can do,
 * and ports.  The events come first, so that no change can slip through
 * between them and the first read. */
static void
start(struct of_switch *sw)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);
    struct ofpbuf *ports_request;

    free(sw->watch_error);
    sw->watch_error = NULL;
    of_watch_start(sw->learnt_tables, &msgs);
    of_counts_start(&sw->counts, &msgs);
    ports_request = ofputil_encode_port_desc_stats_request(OF_CONN_VERSION,
                                                           OFPP_ANY);
    ovs_list_push_back(&msgs, &ports_request->list_node);
    of_conn_send_all(sw->conn, &msgs);
}

/* Does what can be done without another message from the switch.  Returns true
 * if there may be more to do. */
static bool
step(struct of_switch *sw, long long int now)
{
    pump(sw);
    switch (of_fsm_run(&sw->fsm, now)) {
    case OF_FSM_DO_READ:
        do_read(sw);
        return true;
    case OF_FSM_DO_COMPARE:
        do_compare(sw, now);
        return true;
    case OF_FSM_DO_APPLY:
        do_apply(sw);
        return true;
    case OF_FSM_DO_NOTHING:
    default:
        return false;
    }
}

static void
do_read(struct of_switch *sw)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);

    of_read_destroy(sw->read);
    sw->read = of_read_create(&msgs);
    of_learn_read_begun(sw->learn);
    sw->stats.n_reads++;
    of_conn_send_all(sw->conn, &msgs);
}

static void
do_compare(struct of_switch *sw, long long int now)
{
    enum of_fsm_outcome outcome = compare(sw);
    bool repair = false;

    if (outcome == OF_FSM_EQUAL) {
        sw->applied_seqno = sw->desired_seqno;
        sw->confirmed = true;
        set_error(sw, NULL);
    } else if (outcome == OF_FSM_DIFFERS && sw->confirmed) {
        /* It was right, and nobody has asked for anything else. */
        sw->confirmed = false;
        sw->stats.n_corrections += sw->plan.n_ops;
        repair = true;
    }
    if (!of_fsm_compared(&sw->fsm, outcome, now)) {
        set_error(sw, "the switch does not stay as it was made");
    } else if (outcome == OF_FSM_DIFFERS) {
        log_plan(sw, repair);
    }
}

/* Makes 'plan' anew from the newest desired table and what was read. */
static enum of_fsm_outcome
compare(struct of_switch *sw)
{
    flows_plan_uninit(&sw->plan);
    if (sw->next) {
        flow_table_destroy(sw->desired);
        sw->desired = sw->next;
        sw->desired_seqno = sw->next_seqno;
        sw->next = NULL;
        sw->confirmed = false;
    }
    if (!sw->desired) {
        return OF_FSM_HANDS_OFF;
    }

    flows_diff(sw->desired, sw->actual, &sw->plan);
    return (!sw->plan.n_ops ? OF_FSM_EQUAL
            : sw->dry_run ? OF_FSM_HANDS_OFF
            : OF_FSM_DIFFERS);
}

static void
log_plan(const struct of_switch *sw, bool repair)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct ds s = DS_EMPTY_INITIALIZER;

    plan_format_counts(&sw->plan.plan, &s);
    ds_chomp(&s, '\n');
    if (sw->error) {
        /* Another try of what was told about already. */
    } else if (repair) {
        VLOG_WARN_RL(&rl, "%s: flows, groups or meters were lost or changed "
                     "by somebody else, repairing: %s", sw->bridge,
                     ds_cstr(&s));
    } else {
        VLOG_INFO_RL(&rl, "%s: changing flows and groups: %s", sw->bridge,
                     ds_cstr(&s));
    }
    if (VLOG_IS_DBG_ENABLED()) {
        ds_clear(&s);
        plan_format(&sw->plan.plan, false, &s);
        VLOG_DBG("%s: plan:\n%s", sw->bridge, ds_cstr(&s));
    }
    ds_destroy(&s);
}

static void
do_apply(struct of_switch *sw)
{
    of_apply_destroy(sw->apply);
    sw->apply = of_apply_create(&sw->plan, sw->next_bundle_id++);
    pump(sw);
}

/* Sends as much of the bundle as the connection takes. */
static void
pump(struct of_switch *sw)
{
    struct ofpbuf *msg;

    while (sw->apply && !of_conn_is_backlogged(sw->conn)
           && (msg = of_apply_next(sw->apply)) != NULL) {
        of_conn_send(sw->conn, msg);
    }
}

/* Hands a message to the part that it is for. */
static void
take(struct of_switch *sw, const struct ofp_header *oh, enum ofptype type,
     long long int now)
{
    enum ofperr error = 0;

    if (take_read(sw, oh, type, now) || take_apply(sw, oh, type, now)
        || of_switch_serve_take(sw, oh, type)) {
        return;
    } else if (of_watch_wants(type)) {
        take_event(sw, oh, type);
    } else if (type == OFPTYPE_PORT_DESC_STATS_REPLY) {
        error = of_ports_take_desc(&sw->ports, oh);
    } else if (type == OFPTYPE_PORT_STATUS) {
        error = of_ports_take_status(&sw->ports, oh);
    } else if (type == OFPTYPE_ERROR) {
        take_refusal(sw, oh);
    } else {
        VLOG_DBG("%s: ignoring message of type %d", sw->bridge, (int) type);
    }
    if (error) {
        of_conn_reconnect(sw->conn, ofperr_to_string(error));
    }
}

/* Returns true if the message was an answer to the read. */
static bool
take_read(struct of_switch *sw, const struct ofp_header *oh,
          enum ofptype type, long long int now)
{
    enum of_read_result result = (sw->read ? of_read_take(sw->read, oh, type)
                                  : OF_READ_NOT_MINE);

    switch (result) {
    case OF_READ_NOT_MINE:
        return false;

    case OF_READ_MORE:
        return true;

    case OF_READ_FIRST:
        of_fsm_read_begun(&sw->fsm);
        return true;

    case OF_READ_DONE:
        set_actual(sw);
        of_fsm_read_done(&sw->fsm, now);
        break;

    case OF_READ_REFUSED:
        set_error(sw, of_read_error(sw->read));
        of_fsm_failed(&sw->fsm, now);
        break;

    case OF_READ_GARBLED:
        of_conn_reconnect(sw->conn, of_read_error(sw->read));
        break;
    }
    of_read_destroy(sw->read);
    sw->read = NULL;
    return true;
}

/* Makes what was read the actual table. */
static void
set_actual(struct of_switch *sw)
{
    if (of_read_n_unknown(sw->read) != sw->n_unknown) {
        sw->n_unknown = of_read_n_unknown(sw->read);
        VLOG_INFO("%s: ignoring %"PRIuSIZE" flows, groups and meters with "
                  "matches or actions that are not known here", sw->bridge,
                  sw->n_unknown);
    }
    flow_table_destroy(sw->actual);
    sw->actual = of_read_steal(sw->read);
    of_learn_read_done(sw->learn, sw->actual);
}

/* Returns true if the message was an answer to the bundle. */
static bool
take_apply(struct of_switch *sw, const struct ofp_header *oh,
           enum ofptype type, long long int now)
{
    if (!sw->apply || !of_apply_take(sw->apply, oh, type)) {
        return false;
    }

    switch (of_apply_state(sw->apply)) {
    case OF_APPLY_COMMITTED:
        sw->stats.n_bundles++;
        sw->applied_seqno = sw->desired_seqno;
        of_fsm_applied(&sw->fsm);
        break;

    case OF_APPLY_REJECTED:
        sw->stats.n_rejected++;
        set_error(sw, of_apply_error(sw->apply));
        of_fsm_failed(&sw->fsm, now);
        if (of_apply_refused_meter(sw->apply)) {
            of_counts_set_broken(&sw->counts);
        }
        break;

    case OF_APPLY_SENDING:
    case OF_APPLY_CHECKING:
    case OF_APPLY_FINISHING:
    case OF_APPLY_CLEANING:
    default:
        return true;
    }
    of_apply_destroy(sw->apply);
    sw->apply = NULL;
    return true;
}

static void
take_event(struct of_switch *sw, const struct ofp_header *oh,
           enum ofptype type)
{
    enum of_watch_event event;
    enum ofperr error = of_watch_decode(oh, type, sw->learn, sw->desired,
                                        &event);

    if (error) {
        /* Probably a match or an action that we do not know, hence somebody
         * else's.  To read everything is always right. */
        of_fsm_event(&sw->fsm);
        return;
    }
    switch (event) {
    case OF_WATCH_NOTHING:
        break;
    case OF_WATCH_CHANGE:
        of_fsm_event(&sw->fsm);
        break;
    case OF_WATCH_PAUSED:
        of_fsm_set_paused(&sw->fsm, true);
        break;
    case OF_WATCH_RESUMED:
        of_fsm_set_paused(&sw->fsm, false);
        break;
    }
}

/* The switch refused something that start() asked for, most likely to be told
 * about changes: then everything is read more often instead. */
static void
take_refusal(struct of_switch *sw, const struct ofp_header *oh)
{
    const char *why = ofperr_to_string(ofperr_decode_msg(oh, NULL));

    if (!sw->watch_error) {
        sw->watch_error = xasprintf("the switch refuses to tell about changes"
                                    " (%s)", why);
        VLOG_WARN("%s: %s: looking every %d ms instead", sw->bridge,
                  sw->watch_error, OF_FSM_BLIND_AUDIT_MS);
        of_fsm_set_blind(&sw->fsm, true);
    }
}

/* Sets the error text, or removes it if 'error' is null.  Logs what is new,
 * once. */
static void
set_error(struct of_switch *sw, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    if (!error) {
        if (sw->error) {
            VLOG_INFO_RL(&rl, "%s: flows and groups are as desired again",
                         sw->bridge);
        }
    } else if (!sw->error || strcmp(sw->error, error)) {
        VLOG_WARN_RL(&rl, "%s: flows and groups cannot be made as desired: "
                     "%s", sw->bridge, error);
    }
    free(sw->error);
    sw->error = nullable_xstrdup(error);
}

static void
flow_table_destroy(struct flow_table *table)
{
    if (table) {
        flow_table_uninit(table);
        free(table);
    }
}
