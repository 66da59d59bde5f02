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

/* paths-tree: the best ways of all hosts to one of them.
 *
 * The best ways to a host make a tree that ends there: what comes after the
 * next host does not depend on where a frame began.  All hosts compute the
 * same trees.  This finds them; which other ways are worth to be kept, beside
 * the best, is paths.c.
 *
 * Hosts are numbered by their place in paths_in.hosts here.  Pure. */

#ifndef MOBULA_PATHS_TREE_H
#define MOBULA_PATHS_TREE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/paths.h"

#define PATHS_NOBODY UINT16_MAX

/* What a link adds to the key of a way.  Keys compare ways: by cost, then by
 * the number of links, which is in the lowest PATHS_LINKS_BITS bits. */
#define PATHS_LINKS_BITS 4
#define PATHS_KEY(COST) ((COST) << PATHS_LINKS_BITS | 1)

/* The links that can be used, as sets of hosts: one bit each. */
struct paths_graph {
    const struct paths_in *in;
    size_t n;                   /* Hosts. */
    size_t n_words;             /* Of a set. */
    uint64_t *good;             /* n * n_words: the neighbours of each host
                                 * over good links... */
    uint64_t *poor;             /* ...and over poor ones. */
};

/* A host in the tree of another. */
struct paths_node {
    uint16_t key;               /* Of its best way, or PATHS_NOBODY. */
    uint16_t links;             /* Of that way. */

    /* Found when asked for. */
    bool has_first;
    bool has_second;            /* For paths.c. */
    bool is_apart;              /* The second way does not visit 'first', or
                                 * that is where the tree ends. */
    uint16_t first;             /* Next host on the best way, and... */
    uint16_t second;            /* ...on the second best; or
                                 * PATHS_NOBODY. */
};

struct paths_tree {
    const struct paths_graph *graph;
    size_t dst;                 /* Where it ends. */
    uint16_t good_key;          /* What a good link adds in this tree... */
    uint16_t poor_key;          /* ...and a poor one. */
    struct paths_node *nodes;   /* graph->n. */
    uint64_t *layers;           /* Working space: a set for each key. */
    uint64_t *done;             /* Working space: a set. */
};

/* 'in' is borrowed until paths_graph_uninit(). */
void paths_graph_init(struct paths_graph *, const struct paths_in *in);
void paths_graph_uninit(struct paths_graph *);

/* Returns what the link between 'a' and 'b' costs. */
enum paths_cost paths_graph_cost(const struct paths_graph *,
                                 size_t a, size_t b);

/* Returns true if 'host' may pass on what is for 'dst', or is 'dst'. */
bool paths_graph_may_pass(const struct paths_graph *,
                          size_t host, size_t dst);

/* Calls for each neighbour I of HOST, a size_t that this declares. */
#define PATHS_GRAPH_FOR_EACH_NEIGHBOUR(I, HOST, GRAPH) \
    for (size_t I = paths_graph_next(GRAPH, HOST, 0); I < (GRAPH)->n; \
         I = paths_graph_next(GRAPH, HOST, I + 1))

/* Returns the first neighbour of 'host' that is not below 'i', or the number
 * of hosts. */
size_t paths_graph_next(const struct paths_graph *, size_t host, size_t i);

/* 'graph' is borrowed until paths_tree_uninit(). */
void paths_tree_init(struct paths_tree *, const struct paths_graph *graph);
void paths_tree_uninit(struct paths_tree *);

/* Makes it the tree of 'dst'.  Every host that can reach 'dst' over at most
 * PATHS_MAX_LINKS links gets a key. */
void paths_tree_set_dst(struct paths_tree *, size_t dst);

/* Returns the next host on the best way from 'host', or PATHS_NOBODY if there
 * is none. */
uint16_t paths_tree_first(struct paths_tree *, size_t host);

/* Returns how much 'via' is liked for what goes from 'host' to the end of the
 * tree: of ways that are equally good, the one that is liked most is taken.
 * No two are liked equally, it depends on nothing but these three hosts, and
 * not on the direction: so both directions share a relay, the pairs of hosts
 * are spread over all relays, and a pair keeps its relay whatever becomes of
 * the others. */
uint64_t paths_tree_liking(const struct paths_tree *, size_t host, size_t via);

#endif /* lib/paths-tree.h */
