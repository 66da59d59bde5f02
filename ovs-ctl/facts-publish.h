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

/* facts-publish: writes what this host has to say into its database Mobula.
 *
 * What is to be there is compared with what is, and the difference goes in
 * one transaction; what changes while one is under way goes with the next.
 * What is not known yet (after a start of mobulad) is left as it is there. */

#ifndef MOBULA_FACTS_PUBLISH_H
#define MOBULA_FACTS_PUBLISH_H 1

#include <stdbool.h>
#include <stdint.h>

struct facts;
struct facts_publish;

/* What is to be published. */
struct facts_publish_in {
    const struct facts *facts;  /* Normalized; 'boot' is not used. */
    bool has_macs;              /* Otherwise the MACs stay as they are... */
    bool has_links;             /* ...and so do the links... */
    bool has_drained;           /* ...and whether it is drained. */
    const char *listen;         /* Where peers are served, such as
                                 * "ptcp:6645:10.30.0.1"; NULL: as before. */
    uint64_t version;           /* Changes when anything above does. */
};

/* Makes a facts_publish, unconnected.  The caller must free it with
 * facts_publish_destroy(). */
struct facts_publish *facts_publish_create(void);

/* Leaves the database as it is; NULL is fine. */
void facts_publish_destroy(struct facts_publish *);

/* The server listens at 'remote' now, or not at all if that is NULL. */
void facts_publish_set_remote(struct facts_publish *, const char *remote);

/* Does what can be done now to have 'in' in the database.  'now' is the poll
 * loop's time in ms. */
void facts_publish_run(struct facts_publish *,
                       const struct facts_publish_in *in, long long int now);
void facts_publish_wait(struct facts_publish *);

/* Returns true if there is a connection on which the server answers. */
bool facts_publish_is_connected(const struct facts_publish *);

/* Returns true if the database is as the last facts_publish_run() wanted. */
bool facts_publish_is_done(const struct facts_publish *);

/* Returns true when what was in the database at the first connection has been
 * read. */
bool facts_publish_has_read(const struct facts_publish *);

/* Returns that, or NULL if there was nothing of this host.  Borrowed: valid
 * until 'publish' is destroyed. */
const struct facts *facts_publish_restored(const struct facts_publish *);

/* Returns a sentence on what went wrong, or NULL.  Borrowed: valid until the
 * next facts_publish_run(). */
const char *facts_publish_error(const struct facts_publish *);

#endif /* ovs-ctl/facts-publish.h */
