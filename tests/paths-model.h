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

/* paths-model: what becomes of a frame when hosts have the ways that
 * lib/paths.c computes.
 *
 * A model of the data path in a few lines, so that very many networks can be
 * tried: the groups of flows/groups.c, whose buckets watch links; the count of
 * relays; "never back to the tunnel that it came from".  What the switches
 * really do is compared with it in the ring 'switch'.
 *
 * Hosts are numbered from 0 here, by their place in 'ids'. */

#ifndef MOBULA_PATHS_MODEL_H
#define MOBULA_PATHS_MODEL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/paths.h"

#define PATHS_MODEL_NOBODY UINT16_MAX

/* How often a frame may be relayed. */
#define PATHS_MODEL_HOPS 7

struct ds;

/* A network: its hosts, and what they take for true. */
struct paths_model {
    size_t n;
    uint16_t *ids;              /* Host ids, sorted, each once. */
    uint8_t *costs;             /* n * n, of paths_cost. */
    bool *drained;              /* n. */

    /* What is true: whether what [i * n + j] i sends to j arrives. */
    bool *works;

    /* Whether BFD says that the link between i and j is down although it may
     * work: n * n, symmetric. */
    bool *alarms;

    /* What each host i has in its switch about each host j, at [i * n + j];
     * host ids are places here, 0 is PATHS_MODEL_NOBODY. */
    struct paths_peer *ways;
};

enum paths_model_fate {
    PATHS_MODEL_DELIVERED,
    PATHS_MODEL_LOST,           /* On a link that does not work. */
    PATHS_MODEL_BACK,           /* It would have to go back. */
    PATHS_MODEL_OLD,            /* Relayed PATHS_MODEL_HOPS times, and no way
                                 * there from the last relay. */
};

/* What happened to a frame. */
struct paths_model_trace {
    enum paths_model_fate fate;
    uint16_t hosts[PATHS_MODEL_HOPS + 2]; /* Where it has been. */
    size_t n;                   /* How many of them. */
    bool looped;                /* One of them twice. */
    bool forced;                /* The last relay would have sent it elsewhere,
                                 * had it had hops left. */
};

/* A network without links; ids count from 1. */
void paths_model_init(struct paths_model *, size_t n);
void paths_model_uninit(struct paths_model *);

/* Reads a network: words with space between them.
 *
 *     1-2    a good link       1~2    a poor one
 *     3>4    what 3 sends arrives at 4, not the other way
 *     5      a host            5!     a host that is drained
 *
 * Returns NULL or what is wrong, which the caller must free; on failure there
 * is nothing to be passed to paths_model_uninit(). */
char *paths_model_parse(struct paths_model *, const char *text)
    __attribute__((warn_unused_result));

/* Returns the place of host 'id', or PATHS_MODEL_NOBODY. */
uint16_t paths_model_find(const struct paths_model *, unsigned int id);

/* Sets a link in both directions: its cost, and that it works, or does not if
 * 'cost' is PATHS_COST_NONE. */
void paths_model_set_link(struct paths_model *, size_t i, size_t j,
                          enum paths_cost cost);

/* All hosts compute their ways. */
void paths_model_compute(struct paths_model *);

/* One host computes its ways, as paths_compute() stores them; 'ret' has room
 * for n - 1. */
void paths_model_compute_one(const struct paths_model *, size_t self,
                             struct paths_peer *ret);

/* Sends a frame from 'src' to 'dst', which are not the same. */
void paths_model_send(const struct paths_model *, size_t src, size_t dst,
                      struct paths_model_trace *);

/* Returns whether the tunnel of 'i' to 'j', which may be nobody, is alive. */
bool paths_model_is_live(const struct paths_model *, size_t i, size_t j);

/* A relay 'at' has got a frame for 'dst' from host 'from'; 'ret' says where it
 * has been before that, and to it is added where it goes from here. */
void paths_model_relay(const struct paths_model *, size_t from, size_t at,
                       size_t dst, struct paths_model_trace *ret);

/* Says "1 3 2: delivered". */
void paths_model_format_trace(const struct paths_model *,
                              const struct paths_model_trace *, struct ds *);

#endif /* tests/paths-model.h */
