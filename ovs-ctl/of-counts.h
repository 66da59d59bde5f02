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

/* of-counts: how many meters a switch has, and what it has counted at its
 * local ports.
 *
 * Says which requests to send and takes the answers; sending and receiving is
 * up to of-switch.  What the counts mean is for lib/storm-guard.c to say. */

#ifndef MOBULA_OF_COUNTS_H
#define MOBULA_OF_COUNTS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/ofp-msgs.h"

struct ofp_header;
struct ovs_list;

/* A counter that belongs to a meter, or would if there were one. */
struct of_count {
    uint32_t meter_id;          /* See flows/meter-entry.h. */
    uint64_t n;                 /* Frames, since some time in the past. */
};

struct of_counts {
    bool features_known;        /* The switch has answered... */
    uint32_t max_meters;        /* ...that it has so many; 0 = none. */
    unsigned int features_seqno; /* Changes when the two above do. */

    /* The last complete answer to of_counts_request(), in any order. */
    struct of_count *items;
    size_t n_items;
    bool are_drops;             /* What meters dropped; otherwise, what went
                                 * through the flows of stage flood. */
    unsigned int seqno;         /* Changes with each complete answer. */

    /* Private. */
    ovs_be32 features_xid;
    ovs_be32 xid;               /* Of the request under way, or 0. */
    struct of_count *next;      /* What has come of its answer. */
    size_t n_next;
    size_t allocated_next;
    bool next_are_drops;
};

void of_counts_init(struct of_counts *);
void of_counts_uninit(struct of_counts *);

/* A connection was made: appends a request for what the switch can do. */
void of_counts_start(struct of_counts *, struct ovs_list *msgs);

/* Notes that the switch refused a meter although it says that it has some:
 * from now on it has none. */
void of_counts_set_broken(struct of_counts *);

/* Appends a request for the counts: of the meters if 'drops' is true,
 * otherwise of the flows of stage flood. */
void of_counts_request(struct of_counts *, bool drops, struct ovs_list *msgs);

/* Takes a message from the switch.  Returns false if it is no answer to one of
 * the requests. */
bool of_counts_take(struct of_counts *, const struct ofp_header *,
                    enum ofptype);

#endif /* ovs-ctl/of-counts.h */
