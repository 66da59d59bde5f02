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

/* groups: the OpenFlow groups of the access bridge.
 *
 * One group per peer holds the paths to it, first live one first; everything
 * that sends to a peer goes through its group, so a change of liveness touches
 * nothing else.  Two more hold all peers and all local ports, for flooding.
 *
 *     lookup --------------------> group PEER --+--> its tunnel while it lives
 *     flood -> GROUP_ALL_PEERS --> group PEER   +--> tunnel to a relay, while
 *           -> GROUP_LOCAL_PORTS -> egress,     |    it lives; then another
 *              for each                         +--> its or a relay's tunnel,
 *                                                    in any case
 *                                                    (GROUP_ALWAYS is alive)
 *
 * If the direct link is not the best way (lib/paths.h), the relays come before
 * it.  What goes to a relay gets the VNI of relayed frames (lib/addr.h).
 *
 * A switch insists that every bucket of a fast failover group watches a port
 * or a group.  So that the last resort is never out, it watches GROUP_ALWAYS,
 * whose only bucket watches nothing and therefore lives.
 *
 * A request for an address at a peer is answered in the peer's place only
 * while the datapath sees the peer's tunnel alive, whether or not mobulad
 * runs; otherwise it goes its way as if there were no answer.
 *
 *     answers -> group GROUP_ANSWERS + PEER --+--> answer, while PEER lives
 *                                             +--> lookup, in any case
 *
 * Frames that this host relays have groups of their own, one for each peer and
 * one more for each neighbour on a way to it, without that neighbour.
 *
 *     transit -> group GROUP_TRANSIT + PEER --+--> tunnel to the next host,
 *                GROUP_TRANSIT_1 + PEER...    |    while it lives; or another
 *                                             +--> its tunnel, in any case */

#ifndef MOBULA_GROUPS_H
#define MOBULA_GROUPS_H 1

#include <stdbool.h>
#include <stdint.h>

struct flow_table;
struct flows_input;
struct ofputil_bucket;
struct paths_peer;

/* Group ids.  The group of a peer has its host id, up to HOST_ID_MAX. */
enum {
    GROUP_ALL_PEERS = 65536,    /* Type all: the groups of all peers. */
    GROUP_LOCAL_PORTS = 65537,  /* Type all: all local ports. */
    GROUP_ALWAYS = 65538,       /* Type indirect: alive, sends nothing. */
    GROUP_ANSWERS = 131072,     /* + host id, fast failover: see above. */
    GROUP_TRANSIT = 196608,     /* + host id, fast failover: see above. */
    GROUP_TRANSIT_1 = 262144,   /* The same, without the first next host... */
    GROUP_TRANSIT_2 = 327680,   /* ...without the second... */
    GROUP_TRANSIT_3 = 393216,   /* ...without the third. */
};

/* Bucket ids in the groups of a peer and of transit: what a bucket is for. */
enum {
    BUCKET_DIRECT = 0,          /* The peer's tunnel, while it lives. */
    BUCKET_ANYWAY = 1,          /* The last resort. */
    BUCKET_VIA = 65536,         /* + host id: its tunnel, while it lives. */
    BUCKET_ANYWAY_VIA = 131072, /* + host id: it, as the last resort. */
};

/* What a fixed group is for, for the manual; ends with an 'id' of 0. */
struct group_doc {
    uint32_t id;
    const char *name;
    const char *doc;
};
extern const struct group_doc group_docs[];

/* Returns true if a group with this id is Mobula's. */
bool group_is_ours(uint32_t id);

/* Returns true if it is the group of answers about a host: 'id' is that host's
 * plus GROUP_ANSWERS. */
bool group_is_answers(uint32_t id);

/* If 'id' is that of a group of transit, stores in '*peer' for which host it
 * is and in '*without' which next host it lacks (1 = the first; 0 = none), and
 * returns true. */
bool group_parse_transit(uint32_t id, uint16_t *peer, unsigned int *without);

/* Returns the id of the group for frames that this host relays to
 * 'paths->peer', if they come from 'neighbour', one of 'paths->next'; or, if
 * it is 0, from any other.  Returns 0 if there is no way that such a frame may
 * take, so no group.  'in' is normalized, and has 'paths'. */
uint32_t group_transit(const struct flows_input *in,
                       const struct paths_peer *paths, uint16_t neighbour);

/* Adds all groups.  'in' is normalized. */
void groups_build(const struct flows_input *in, struct flow_table *);

/* If 'bucket' outputs to a port, stores the last one in '*ofport' and returns
 * true. */
bool bucket_get_output(const struct ofputil_bucket *bucket, uint16_t *ofport);

/* The same for a bucket of GROUP_LOCAL_PORTS, which sends to egress. */
bool bucket_get_egress(const struct ofputil_bucket *bucket, uint16_t *ofport);

#endif /* flows/groups.h */
