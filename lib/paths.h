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

/* paths: which way to which host, on the graph of the links that work.
 *
 * Every host computes this for itself from what all have told; the same graph
 * gives the same ways on all hosts, so that what one sends to the next is not
 * sent back.  Costs add up along a way, the cheapest wins, and no way has
 * more than PATHS_MAX_LINKS links.
 *
 *            A ---- B        A's own frames to C: direct; else by B; else by
 *            | \  / |        D.
 *            |  \/  |        B, to which A gave a frame for C: direct; else
 *            D ---- C        by D, but never back to A.
 *
 * Pure. */

#ifndef MOBULA_PATHS_H
#define MOBULA_PATHS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most links of a way.  A frame that is relayed counts the relays down from
 * PATHS_MAX_LINKS, so one that has lost its way ends soon. */
#define PATHS_MAX_LINKS 7

/* How much a link costs. */
enum paths_cost {
    PATHS_COST_NONE = 0,        /* There is no such link. */
    PATHS_COST_GOOD = 1,
    PATHS_COST_POOR = 4,        /* It works, but loses frames or large ones,
                                 * or has not been stable for long: three good
                                 * links are better. */
};

#define PATHS_N_RELAYS 2
#define PATHS_N_NEXT 3

struct paths_in {
    uint16_t self;              /* Host id; one of 'hosts'. */
    const uint16_t *hosts;      /* Host ids, sorted, each once. */
    size_t n_hosts;
    const uint8_t *costs;       /* n_hosts * n_hosts, symmetric: that of the
                                 * link between hosts[i] and hosts[j] at
                                 * [i * n_hosts + j]. */
    const bool *drained;        /* Of each host: relays nothing; NULL: none. */
};

/* The ways to one peer. */
struct paths_peer {
    uint16_t peer;              /* Host id. */
    bool direct_first;          /* The direct link is the best way. */
    uint16_t n_links;           /* Of the best way, 0 = there is none. */

    /* For frames of this host: whom to give them to, best first, when the
     * direct link is not to be used; 0 = nobody (more).  The way of the second
     * does not visit the first if that can be, and shares as few hosts with
     * the way of the first as can be; there is none that is worse than a
     * direct link that is not the best.  Never the peer itself. */
    uint16_t relays[PATHS_N_RELAYS];

    /* Whom to give frames of this host to when nobody above seems to be
     * alive, since alarms may be false; 0 = the peer itself.  Where there is
     * no direct link any more, that is the best relay: its alarm may be
     * false, while that of the direct link was probably true. */
    uint16_t last_resort;

    /* For frames of others that this host relays: whom to give them to, best
     * first; may be the peer itself; 0 = nobody (more).  Each leads to the
     * peer without coming back here as long as nothing else changes, and if
     * no host sends a frame back to the one that it has it from.  A host that
     * is drained has them as well, for those who do not know yet. */
    uint16_t next[PATHS_N_NEXT];
};

/* Stores the ways to each host but 'self', sorted, in 'ret', which has room
 * for in->n_hosts - 1.  All but 'peer' is 0 of one that cannot be reached.
 * Documentation/healing.md says how ways are chosen. */
void paths_compute(const struct paths_in *in, struct paths_peer *ret);

#endif /* lib/paths.h */
