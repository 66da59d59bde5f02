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

/* graph: from what the hosts tell about their links to which links there are.
 *
 * A link between two other hosts is there when both say so, and is poor when
 * either says so.  If only one of them can be heard, its word is enough, for
 * BFD has told it what both ends hear, and what the other one has said is old.
 * Whether its own links are there a host knows best: BFD has told it what both
 * ends hear, and what the peer says may be older.
 *
 * Before lib/paths.h, which finds the ways.  Pure. */

#ifndef MOBULA_GRAPH_H
#define MOBULA_GRAPH_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct facts_link;

/* What one host tells about its links. */
struct graph_host {
    uint16_t id;                /* Host id. */
    bool drained;               /* It asks not to be used as a relay. */
    bool heard;                 /* It can be heard now. */
    bool unknown;               /* It has not told anything yet, but may have
                                 * been there before this mobulad: what others
                                 * say of links to it is true. */
    const struct facts_link *links; /* Sorted by peer, each once; borrowed. */
    size_t n_links;             /* 0 for a host that has told nothing, or too
                                 * long ago, or is 'unknown'. */
};

/* Stores the costs (enum paths_cost) of the links between the 'n' hosts
 * 'hosts', which are sorted by id, in 'costs', as struct paths_in wants them.
 * 'self' is the index of this host. */
void graph_costs(const struct graph_host *hosts, size_t n, size_t self,
                 uint8_t *costs);

/* Returns what 'host' tells about its link to 'peer', or NULL. */
const struct facts_link *graph_find_link(const struct graph_host *host,
                                         uint16_t peer);

#endif /* lib/graph.h */
