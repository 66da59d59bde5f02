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

/* sync-ways: which ways to the peers follow from the links of all hosts.
 *
 * For sync-paths.c, whose second half it is, and for nobody else.  A mobulad
 * that has just started knows less than the one before it did.  So if there
 * are groups in the switch already, the ways that they are made for are taken
 * over, and stay until all peers have told about their links, or have had the
 * time to.  After that, a peer that has not told is where others see it, until
 * facts_hold is over. */

#ifndef MOBULA_SYNC_WAYS_H
#define MOBULA_SYNC_WAYS_H 1

#include <stdbool.h>
#include <stddef.h>

/* How long a link that BFD says is down may be thought to work, in ms.  A
 * session that goes down without a reason needs up to three packets, one a
 * second (RFC 5880, 6.8.3), to come up again. */
#define ALARM_MS 5000

struct daemon;
struct facts_link;
struct sync_path;

/* Takes over the ways that the switch has groups for, if it has been read. */
void sync_ways_adopt(struct daemon *);

/* Is enough known to take something away that an earlier mobulad made? */
bool sync_ways_find_out(const struct daemon *, long long int now);

/* Finds the ways anew.  Returns true if they are others. */
bool sync_ways_compute(struct daemon *, long long int now);

/* Returns when the ways to one peer are to be found anew only because time has
 * passed, or LLONG_MAX. */
long long int sync_ways_next(const struct sync_path *);

/* sync-paths.c.  Stores this host's view of its links in 'links', which has
 * room for one per peer; returns how many. */
size_t sync_paths_own_links(const struct daemon *, struct facts_link *links);

#endif /* ovs-ctl/sync-ways.h */
