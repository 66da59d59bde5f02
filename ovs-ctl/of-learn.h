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

/* of-learn: the flows that a switch has learnt by itself, as data.
 *
 * A copy of the tables that "learn" actions fill, kept up to date by the
 * events of ovs-ctl/of-watch.c, and compared with what ovs-ctl/of-read.c reads
 * every now and then, so that no missed event lasts.  Whoever uses it takes
 * the changes one by one.  No I/O and no clock; of-switch feeds it.
 *
 * Learnt flows are not desired ones: nobody but the switch makes them.  The
 * user may have one deleted.  That is a message to the switch like any other,
 * and the flow can be learnt again at any time before or after the switch
 * obeys.  So nothing is taken for deleted before the switch has answered the
 * barrier after the message; and if the flow was learnt again in between, so
 * that nobody can say which of the two came first, everything is read. */

#ifndef MOBULA_OF_LEARN_H
#define MOBULA_OF_LEARN_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

struct flow_entry;
struct flow_table;
struct ofputil_flow_update;

/* Bit N of 'tables' is set if table N (below 64) is filled by learning. */
struct of_learn *of_learn_create(uint64_t tables);
void of_learn_destroy(struct of_learn *);

/* Returns true if flows of 'table_id' are learnt. */
bool of_learn_has_table(const struct of_learn *, uint8_t table_id);

/* Takes an event of the flow monitor; one that is about another table, or no
 * flow, means nothing. */
void of_learn_update(struct of_learn *, const struct ofputil_flow_update *);

/* A request for all flows was sent; all flows are 'actual'.  An event in
 * between is newer than what was read. */
void of_learn_read_begun(struct of_learn *);
void of_learn_read_done(struct of_learn *, const struct flow_table *actual);

/* Returns true once all that had been learnt before has been read. */
bool of_learn_is_complete(const struct of_learn *);

/* Takes the next change: returns a flow that has been learnt, anew or with
 * other actions ('*present' true), or has gone (false); NULL if there is no
 * more.  Borrowed until the next call of any function here. */
const struct flow_entry *of_learn_next(struct of_learn *, bool *present);

/* Calls 'cb' with each flow that is there.  It may not call any function here
 * that changes something. */
void of_learn_for_each(const struct of_learn *,
                       void (*cb)(const struct flow_entry *, void *aux),
                       void *aux);

/* Returns the learnt flow with the same table, priority and match as 'key', or
 * NULL.  Borrowed. */
const struct flow_entry *of_learn_find(const struct of_learn *,
                                       const struct flow_entry *key);

/* A message that deletes the flow that of_learn_find() returns for 'key' was
 * sent.  A barrier must follow, after one such message or after many; its
 * answer goes to of_learn_barrier_done(), where 'barrier' is the number that
 * of_learn_barrier_sent() returned.  That returns true if everything should be
 * read. */
void of_learn_delete_sent(struct of_learn *, const struct flow_entry *key);
uint64_t of_learn_barrier_sent(struct of_learn *);
bool of_learn_barrier_done(struct of_learn *, uint64_t barrier)
    OVS_WARN_UNUSED_RESULT;

/* The connection is lost: no answer to what was sent will come. */
void of_learn_disconnected(struct of_learn *);

/* Returns how many flows are there. */
size_t of_learn_count(const struct of_learn *);

#endif /* ovs-ctl/of-learn.h */
