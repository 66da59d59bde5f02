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

/* of-switch: keeps the flows, groups and meters of one bridge as desired.
 *
 * Event-driven, never blocks.  Reads everything, compares it, changes what
 * differs in one atomic bundle, reads again to see that it is so, then
 * listens for changes that others make and repairs them.  When to do what is
 * decided by of-fsm; the parts of the work are of-conn (connection), of-watch
 * (events), of-read, flows/flows-diff and of-apply.  Which flows are desired
 * is up to the caller (flows/compute.c). */

#ifndef MOBULA_OF_SWITCH_H
#define MOBULA_OF_SWITCH_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flow_entry;
struct flow_table;
struct of_counts;
struct of_ports;
struct plan;

/* What has happened since of_switch_create(). */
struct of_switch_stats {
    uint64_t n_connections;     /* Times that the connection was made. */
    uint64_t n_reads;           /* Times that everything was read. */
    uint64_t n_bundles;         /* Bundles that the switch committed. */
    uint64_t n_rejected;        /* Bundles that it did not. */
    uint64_t n_corrections;     /* Flows, groups and meters that had been
                                 * right, were changed by somebody else (or
                                 * lost with the switch), and had to be
                                 * repaired. */
};

/* Begins to connect to 'bridge'.  'learnt_tables' has bit N set if in table N
 * (below 64) the switch itself adds flows (the "learn" action). */
struct of_switch *of_switch_create(const char *bridge, uint64_t learnt_tables);

/* Leaves the switch as it is. */
void of_switch_destroy(struct of_switch *);

/* Makes '*desired' what the bridge should have; takes over its contents, so
 * that it is initialized and empty afterwards.  'seqno' names it for
 * of_switch_applied_seqno().  Until the first call the bridge is only read. */
void of_switch_set_desired(struct of_switch *, struct flow_table *desired,
                           uint64_t seqno);

/* In a dry run the bridge is read and compared, but never changed. */
void of_switch_set_dry_run(struct of_switch *, bool dry_run);

/* Does what can be done now.  'now' is time_msec(). */
void of_switch_run(struct of_switch *, long long int now);

/* Makes poll_block() wake up when of_switch_run() has something to do. */
void of_switch_wait(struct of_switch *);

bool of_switch_is_connected(const struct of_switch *);

/* Returns true if the bridge has been read after the last change (by
 * anybody) that is known of, and is as desired. */
bool of_switch_is_synced(const struct of_switch *);

/* Returns the 'seqno' of the last desired table that the switch has confirmed
 * to have, 0 before the first. */
uint64_t of_switch_applied_seqno(const struct of_switch *);

/* Returns the flows, groups and meters of the last read, with their counters,
 * or NULL before the first.  Borrowed until the next of_switch_run(). */
const struct flow_table *of_switch_actual(const struct of_switch *);

/* Returns true if the newest desired table has been compared. */
bool of_switch_has_plan(const struct of_switch *);

/* Takes the next change of a flow in 'learnt_tables': returns a flow that the
 * switch has learnt, anew or with other actions ('*present' true), or that has
 * gone (false); NULL if there is no more.  Borrowed until the next call of a
 * function here that changes something. */
const struct flow_entry *of_switch_next_learnt(struct of_switch *,
                                               bool *present);

/* Returns true once all that the switch had learnt before has been read. */
bool of_switch_learnt_is_complete(const struct of_switch *);

/* Calls 'cb' with each learnt flow that is there; see of_learn_for_each(). */
void of_switch_for_each_learnt(const struct of_switch *,
                               void (*cb)(const struct flow_entry *,
                                          void *aux),
                               void *aux);

/* Returns the learnt flow with the same table, priority and match as 'key', or
 * NULL.  Borrowed. */
const struct flow_entry *of_switch_find_learnt(const struct of_switch *,
                                               const struct flow_entry *key);

/* Has the switch delete a learnt flow that of_switch_find_learnt() has
 * returned.  That it has gone, or has been learnt again, is told like any
 * other change. */
void of_switch_forget(struct of_switch *, const struct flow_entry *);

/* Returns what the last comparison found, empty before the first.  Borrowed
 * until the next of_switch_run(). */
const struct plan *of_switch_plan(const struct of_switch *);

/* Returns the ports of the bridge; empty while there is no connection.  Its
 * 'seqno' tells of changes.  Borrowed. */
const struct of_ports *of_switch_ports(const struct of_switch *);

/* Returns what the switch can do as to meters, and what it last counted.
 * Borrowed. */
const struct of_counts *of_switch_counts(const struct of_switch *);

/* Asks for counts (see of-counts.h), unless there is no connection. */
void of_switch_request_counts(struct of_switch *, bool drops);

/* Sends the 'size' bytes of 'frame' out of port 'ofport', past all flows,
 * unless there is no connection or this is a dry run. */
void of_switch_packet_out(struct of_switch *, uint16_t ofport,
                          const void *frame, size_t size);

const struct of_switch_stats *of_switch_stats(const struct of_switch *);

/* Returns a sentence that says why the bridge is not as desired, or NULL if
 * nothing has gone wrong.  Borrowed until the next of_switch_run(). */
const char *of_switch_error(const struct of_switch *);

#endif /* ovs-ctl/of-switch.h */
