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

/* of-switch-private: what ovs-ctl/of-switch.c (flows, groups and meters as
 * desired) and ovs-ctl/of-switch-serve.c (what else a caller may want) share.
 * Nobody else includes it. */

#ifndef MOBULA_OF_SWITCH_PRIVATE_H
#define MOBULA_OF_SWITCH_PRIVATE_H 1

#include "flows/flows-diff.h"
#include "openvswitch/types.h"
#include "ovs-ctl/of-counts.h"
#include "ovs-ctl/of-fsm.h"
#include "ovs-ctl/of-ports.h"
#include "ovs-ctl/of-switch.h"

struct of_switch {
    char *bridge;
    uint64_t learnt_tables;
    struct of_conn *conn;
    unsigned int conn_seqno;    /* of_conn_seqno() that was acted on. */
    struct of_fsm fsm;
    bool dry_run;

    /* Desired.  'next' is what the caller gave last; it becomes 'desired' at
     * the next comparison, because until then a bundle for the old one may be
     * on its way, which confirms 'desired_seqno'. */
    struct flow_table *desired; /* NULL before the first. */
    uint64_t desired_seqno;
    struct flow_table *next;    /* NULL if there is nothing newer. */
    uint64_t next_seqno;
    uint64_t applied_seqno;
    bool confirmed;             /* The switch has been seen to have 'desired',
                                 * and no correction was counted since. */

    /* Actual, and the difference. */
    struct flow_table *actual;  /* NULL before the first read. */
    struct flows_plan plan;     /* Of the last comparison. */
    size_t n_unknown;           /* Of the last read, see of-read.h. */
    struct of_read *read;       /* In progress, or NULL. */
    struct of_apply *apply;     /* In progress, or NULL. */
    uint32_t next_bundle_id;

    /* What the switch learns, and what it is told to forget. */
    struct of_learn *learn;
    bool forgetting;            /* A barrier must be sent. */
    ovs_be32 barrier_xid;       /* Of the barrier that is not answered yet; 0 =
                                 * none. */
    uint64_t barrier;           /* Its number, see of-learn.h. */

    struct of_ports ports;
    struct of_counts counts;
    struct of_switch_stats stats;
    char *error;                /* See of_switch_error(). */
    char *watch_error;          /* Why changes are not told, or NULL. */
};

/* of-switch-serve.c */

/* Sends what is due, at the end of each of_switch_run(). */
void of_switch_serve_run(struct of_switch *);

/* Returns true if the message was an answer to something that was sent from
 * there. */
bool of_switch_serve_take(struct of_switch *, const struct ofp_header *,
                          enum ofptype);

/* The connection was made or lost: answers that are due will never come. */
void of_switch_serve_disconnected(struct of_switch *);

#endif /* ovs-ctl/of-switch-private.h */
