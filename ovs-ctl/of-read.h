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

/* of-read: reads all flows, groups and meters of a bridge into a struct
 * flow_table.
 *
 * Says which requests to send and takes the answers, part by part; sending and
 * receiving is up to of-switch, so that nothing here ever waits.  What was
 * read is compared by flows/flows-diff.c. */

#ifndef MOBULA_OF_READ_H
#define MOBULA_OF_READ_H 1

#include <stddef.h>
#include "openvswitch/ofp-msgs.h"

struct flow_table;
struct ofp_header;
struct ovs_list;

/* What a message was to the read. */
enum of_read_result {
    OF_READ_NOT_MINE,           /* It is no answer to its requests. */
    OF_READ_FIRST,              /* The first part of the answers. */
    OF_READ_MORE,               /* Another part, not the last. */
    OF_READ_DONE,               /* The last part: all has been read. */
    OF_READ_REFUSED,            /* The switch answered with an error. */
    OF_READ_GARBLED,            /* The answer cannot be decoded. */
};

/* Begins a read: appends the requests to 'msgs'.  The caller must free the
 * result with of_read_destroy(). */
struct of_read *of_read_create(struct ovs_list *msgs);
void of_read_destroy(struct of_read *);

/* Takes a message from the switch. */
enum of_read_result of_read_take(struct of_read *, const struct ofp_header *,
                                 enum ofptype);

/* After OF_READ_DONE: returns what was read.  The caller must pass it to
 * flow_table_uninit() and free(). */
struct flow_table *of_read_steal(struct of_read *);

/* After OF_READ_DONE: returns how many flows, groups and meters were left out
 * because they have a match or an action that the library does not know.  They
 * are somebody else's, made for a newer switch. */
size_t of_read_n_unknown(const struct of_read *);

/* After OF_READ_REFUSED or OF_READ_GARBLED: the reason.  Borrowed. */
const char *of_read_error(const struct of_read *);

#endif /* ovs-ctl/of-read.h */
