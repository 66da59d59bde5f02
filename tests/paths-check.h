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

/* paths-check: is what lib/paths.c computes for a network right?
 *
 * Sends a frame from each host to each other in the model of paths-model.h,
 * first in the network that the hosts know, then with one more failure that
 * they do not know of yet, and compares with what a plain search in the graph
 * says.  Up to 64 hosts. */

#ifndef MOBULA_PATHS_CHECK_H
#define MOBULA_PATHS_CHECK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATHS_CHECK_MAX_HOSTS 64

struct ds;
struct paths_model;

/* What became of the frames that were on a link, or went over a host, when it
 * failed.  Each is counted in one of 'cut', 'turn' and 'can'. */
struct paths_check_failures {
    uint64_t cut;               /* No way is left to where they go. */
    uint64_t turn;              /* There is, but all of them lead back over
                                 * hosts that they have been at. */
    uint64_t can;               /* There is one that does not... */
    uint64_t lists;             /* ...and one of the neighbours of the host
                                 * before the failure is on it, as far as the
                                 * groups of all other hosts are concerned. */
    uint64_t covered;           /* Of 'can': delivered. */
    uint64_t missed;            /* Of 'lists': not delivered. */
    uint64_t looped;            /* Of 'can': at a host twice. */
    uint64_t looped_else;       /* Of 'cut' and 'turn': the same. */
};

struct paths_check {
    uint64_t networks;
    uint64_t frames;            /* In the networks that the hosts know. */
    uint64_t delivered;         /* Of them. */
    uint64_t two_ways;          /* Pairs of hosts between which there are two
                                 * ways over relays without a common host. */
    uint64_t two_relays;        /* Of them: their relays have two such. */
    struct paths_check_failures link;
    struct paths_check_failures host;
};

/* Checks the network 'model', whose ways it computes, and adds to the counts.
 * 'n_failures' is how many links and how many hosts are made to fail, one
 * after the other, beginning with a random one that '*seed' says; SIZE_MAX for
 * all.  Returns true if all is right; else 'why' says what is not. */
bool paths_check_network(struct paths_check *, struct paths_model *model,
                         size_t n_failures, uint64_t *seed, struct ds *why);

/* Says all of it in some lines. */
void paths_check_format(const struct paths_check *, struct ds *);

/* Returns a number below 'n' and moves '*seed' on. */
uint32_t paths_check_random(uint64_t *seed, uint32_t n);

#endif /* tests/paths-check.h */
