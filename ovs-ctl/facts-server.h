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

/* facts-server: this host's own ovsdb-server for the database Mobula.
 *
 *              wanted                as it should be
 *     IDLE -----------> CHECK file ------------------> start, RUNNING
 *      ^                   | missing, unreadable,       ^     | ends
 *      |                   | another schema             |     v
 *      |                   `--> (stop) CREATE file -----'   CHECK
 *      | files are gone
 *      `-------------- stop <---- not wanted
 *
 * The server is on its own: it goes on serving when mobulad ends, and the next
 * mobulad finds it again.  Everything that it has is in one directory.  It
 * listens on a unix socket, for mobulad alone; that it serves peers, and
 * where, stands in the database itself (facts-publish.h).  It keeps no log.
 * Nothing here waits. */

#ifndef MOBULA_FACTS_SERVER_H
#define MOBULA_FACTS_SERVER_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct facts_server;

/* Makes a facts_server whose files are in 'dir', named facts.*.  The caller
 * must free it with facts_server_destroy(). */
struct facts_server *facts_server_create(const char *dir);

/* Frees 'server' and leaves the program alone; NULL is fine. */
void facts_server_destroy(struct facts_server *server);

/* There will be up to 'max_macs' rows of table MAC: bounds the memory of a
 * server that is started from now on. */
void facts_server_set_size(struct facts_server *server, uint32_t max_macs);

/* The server does not answer: it is started again. */
void facts_server_restart(struct facts_server *server, long long int now);

/* Does what can be done now so that the server runs if 'wanted', and that
 * nothing is left of it if not.  'now' is the poll loop's time in ms. */
void facts_server_run(struct facts_server *server, bool wanted,
                      long long int now);
void facts_server_wait(const struct facts_server *server, bool wanted,
                       long long int now);

/* Looks whether the server runs, without doing anything about it. */
bool facts_server_find(struct facts_server *server, long long int now);

/* Returns true if the server runs and takes connections. */
bool facts_server_is_up(const struct facts_server *server);

/* Returns true if nothing is left of the server. */
bool facts_server_is_gone(const struct facts_server *server);

/* Returns the process, or 0 if it does not run. */
pid_t facts_server_pid(const struct facts_server *server);

/* Returns where it listens for mobulad.  Borrowed from 'server'. */
const char *facts_server_remote(const struct facts_server *server);

/* Returns a sentence on what keeps the server from being as it should, or
 * NULL.  Borrowed: valid until the next facts_server_run(). */
const char *facts_server_error(const struct facts_server *server);

#endif /* ovs-ctl/facts-server.h */
