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

/* ovsdb-local: the host's own Open_vSwitch database, through ovsdb-idl.
 *
 * Knows the connection, the columns that are watched, how rows become
 * 'struct ovs_state', and the one transaction that may be under way.  Does not
 * know what is desired (ports-want.c) nor how to compare (ports-diff.c).
 * Never blocks. */

#ifndef MOBULA_OVSDB_LOCAL_H
#define MOBULA_OVSDB_LOCAL_H 1

#include <stdbool.h>

struct ovs_state;
struct ports_plan;

struct ovsdb_local;

/* Starts to connect to 'remote', e.g. "unix:/var/run/openvswitch/db.sock". */
struct ovsdb_local *ovsdb_local_create(const char *remote);

/* Closes the connection.  The rows stay. */
void ovsdb_local_destroy(struct ovsdb_local *);

/* Takes in what the server sent and moves the transaction on. */
void ovsdb_local_run(struct ovsdb_local *);

/* Arranges to wake up when ovsdb_local_run() has something to do. */
void ovsdb_local_wait(struct ovsdb_local *);

/* Returns true while the contents are complete and current. */
bool ovsdb_local_is_ready(const struct ovsdb_local *);

/* Returns true while a transaction waits for its answer. */
bool ovsdb_local_is_busy(const struct ovsdb_local *);

/* Returns a number that changes whenever the contents may have changed. */
unsigned int ovsdb_local_seqno(const struct ovsdb_local *);

/* Reads all bridges and ports into 'state' (initialized, empty). */
void ovsdb_local_read(const struct ovsdb_local *, struct ovs_state *state);

/* Starts one transaction with all changes of 'plan'.  Must be ready and not
 * busy. */
void ovsdb_local_apply(struct ovsdb_local *, const struct ports_plan *plan);

/* Returns why the last transaction failed or why there is no connection, or
 * NULL if all is well.  Borrowed: valid until the next call. */
const char *ovsdb_local_error(const struct ovsdb_local *);

#endif /* ovs-ctl/ovsdb-local.h */
