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
 * See paths.h; paths-tree.c finds the best ways, this the others.
 *
 * Another way begins at a neighbour, and goes on as the hosts on it will send
 * the frame: by the best way of each, but never straight back.  A neighbour
 * whose best way leads here takes its second, which the switches do by
 * themselves; in a ring, all hosts do so, one after the other:
 *
 *        A ------- D         A's frame to D, when their link fails: C's best
 *        |         |         way is by B, and that of B is by A, but A's frame
 *        B -- C -- E         is not sent back to A: it goes on to C, and so
 *                            on to E and D.
 */

#include <config.h>
#include "lib/paths.h"

#include <string.h>

#include "lib/paths-tree.h"
#include "util.h"

/* The hosts that a frame visits between its first and its last. */
struct way {
    uint16_t hosts[PATHS_MAX_LINKS - 1];
    uint16_t n;
    uint16_t key;               /* As in paths-tree.h. */
};

/* The ways that a host has chosen so far, best first. */
struct choice {
    struct paths_tree *tree;
    size_t host;
    uint16_t next[PATHS_N_NEXT]; /* Where they begin. */
    struct way ways[PATHS_N_NEXT];
    size_t n;
};

static void find_ways(struct paths_tree *, size_t self, struct paths_peer *);
static void choice_init(struct choice *, struct paths_tree *, size_t host);
static void choose_next(struct choice *, bool thorough);
static uint64_t rank(const struct choice *, size_t via, const struct way *,
                     bool thorough);
static bool follow(struct paths_tree *, size_t host, size_t via, size_t dead,
                   struct way *ret);
static size_t pass_on(struct paths_tree *, size_t from, size_t at,
                      size_t dead);

void
paths_compute(const struct paths_in *in, struct paths_peer *ret)
{
    struct paths_graph graph;
    struct paths_tree tree;
    size_t self = 0;

    while (self < in->n_hosts && in->hosts[self] != in->self) {
        self++;
    }
    ovs_assert(self < in->n_hosts);

    paths_graph_init(&graph, in);
    paths_tree_init(&tree, &graph);
    for (size_t i = 0; i < in->n_hosts; i++) {
        if (i != self) {
            paths_tree_set_dst(&tree, i);
            find_ways(&tree, self, ret++);
        }
    }
    paths_tree_uninit(&tree);
    paths_graph_uninit(&graph);
}

/* Stores the ways from 'self' to the end of 'tree'. */
static void
find_ways(struct paths_tree *tree, size_t self, struct paths_peer *ret)
{
    const uint16_t *ids = tree->graph->in->hosts;
    struct choice choice;
    size_t n_relays = 0;

    memset(ret, 0, sizeof *ret);
    ret->peer = ids[tree->dst];
    choice_init(&choice, tree, self);
    if (!choice.n) {
        return;
    }
    for (size_t i = 1; i < PATHS_N_NEXT; i++) {
        choose_next(&choice, true);
    }
    ret->n_links = tree->nodes[self].links;
    ret->direct_first = choice.next[0] == tree->dst;
    for (size_t i = 0; i < choice.n; i++) {
        ret->next[i] = ids[choice.next[i]];

        /* What is behind a direct link that is not the best comes after it:
         * the switch tries that link when it has tried all relays. */
        if (choice.next[i] != tree->dst) {
            if (n_relays < PATHS_N_RELAYS) {
                ret->relays[n_relays++] = ids[choice.next[i]];
            }
        } else if (i) {
            n_relays = PATHS_N_RELAYS;
        }
    }
    if (!paths_graph_cost(tree->graph, self, tree->dst)) {
        ret->last_resort = ret->relays[0];
    }
}

/* Begins with the best way of 'host', if it has one. */
static void
choice_init(struct choice *choice, struct paths_tree *tree, size_t host)
{
    choice->tree = tree;
    choice->host = host;
    choice->next[0] = paths_tree_first(tree, host);
    choice->n = choice->next[0] != PATHS_NOBODY
                && follow(tree, host, choice->next[0], PATHS_NOBODY,
                          &choice->ways[0]);
}

static bool
is_chosen(const struct choice *choice, size_t via)
{
    for (size_t i = 0; i < choice->n; i++) {
        if (choice->next[i] == via) {
            return true;
        }
    }
    return false;
}

/* Adds the way that is best beside those that it has, if there is one. */
static void
choose_next(struct choice *choice, bool thorough)
{
    struct paths_tree *tree = choice->tree;
    struct way way;
    struct way best;
    uint16_t best_via = PATHS_NOBODY;
    uint64_t best_rank = UINT64_MAX;
    uint64_t best_liking = 0;

    PATHS_GRAPH_FOR_EACH_NEIGHBOUR (via, choice->host, tree->graph) {
        if (!is_chosen(choice, via)
            && follow(tree, choice->host, via, PATHS_NOBODY, &way)) {
            uint64_t r = rank(choice, via, &way, thorough);
            uint64_t liking = paths_tree_liking(tree, choice->host, via);

            if (r < best_rank || (r == best_rank && liking > best_liking)) {
                best = way;
                best_via = via;
                best_rank = r;
                best_liking = liking;
            }
        }
    }
    if (best_via != PATHS_NOBODY) {
        choice->next[choice->n] = best_via;
        choice->ways[choice->n++] = best;
    }
}

/* Returns whether 'way' visits 'host'. */
static bool
visits(const struct way *way, size_t host)
{
    for (size_t i = 0; i < way->n; i++) {
        if (way->hosts[i] == host) {
            return true;
        }
    }
    return false;
}

/* Returns what is lowest for the way that is best beside those of 'choice':
 * one that does not need the next host of the first of them, because that
 * may have failed; nor that of the second; then the one that shares the fewest
 * hosts with them; then the cheapest.
 *
 * If all need that host: hosts before it will see that it has failed, and take
 * their second way.  To look that far is to be 'thorough'. */
static uint64_t
rank(const struct choice *choice, size_t via, const struct way *way,
     bool thorough)
{
    struct paths_tree *tree = choice->tree;
    uint64_t needs = 0;
    uint64_t shared = 0;

    for (size_t i = 0; i < choice->n; i++) {
        needs <<= 2;
        if (visits(way, choice->next[i])) {
            struct way unused;

            needs |= thorough && follow(tree, choice->host, via,
                                        choice->next[i], &unused) ? 1 : 2;
        }
        for (size_t j = 0; j < way->n; j++) {
            shared += visits(&choice->ways[i], way->hosts[j]);
        }
    }
    return needs << 48 | shared << 32 | way->key;
}

/* Follows a frame that 'host' gives to its neighbour 'via', when host 'dead'
 * has failed and the others have not computed again; PATHS_NOBODY if none has.
 * Returns false if it comes back to 'host', or does not come to the end of the
 * tree over PATHS_MAX_LINKS links. */
static bool
follow(struct paths_tree *tree, size_t host, size_t via, size_t dead,
       struct way *ret)
{
    size_t from = host;
    size_t at = via;

    ret->n = 0;
    ret->key = PATHS_KEY(paths_graph_cost(tree->graph, host, via));
    while (at != tree->dst) {
        size_t next;

        if (ret->n >= ARRAY_SIZE(ret->hosts)
            || !paths_graph_may_pass(tree->graph, at, tree->dst)) {
            return false;
        }
        ret->hosts[ret->n++] = at;
        next = pass_on(tree, from, at, dead);
        if (next == host || next == from || next == PATHS_NOBODY) {
            return false;
        }
        ret->key += PATHS_KEY(paths_graph_cost(tree->graph, at, next));
        from = at;
        at = next;
    }
    return true;
}

/* Makes 'second' of 'host' known.  Needs the same of hosts whose best way
 * leads to 'host', and so on away from the end of the tree: so this ends.
 * Whether a second way that needs the first host could survive its failure is
 * not asked here: others do not count on such a way, and so each host can make
 * that choice for itself. */
static void
find_second(struct paths_tree *tree, size_t host)
{
    struct paths_node *node = &tree->nodes[host];
    struct choice choice;

    choice_init(&choice, tree, host);
    if (choice.n) {
        choose_next(&choice, false);
    }
    node->has_second = true;
    node->second = choice.n > 1 ? choice.next[1] : PATHS_NOBODY;
    node->is_apart = choice.n > 1 && !visits(&choice.ways[1], choice.next[0]);
}

/* Returns whom 'at' gives a frame that it has from 'from', or PATHS_NOBODY if
 * nobody can be counted on. */
static size_t
pass_on(struct paths_tree *tree, size_t from, size_t at, size_t dead)
{
    const struct paths_node *node = &tree->nodes[at];
    size_t first = paths_tree_first(tree, at);

    if (first != from && first != dead) {
        return first;
    }
    if (!node->has_second) {
        find_second(tree, at);
    }
    return first == dead && !node->is_apart ? PATHS_NOBODY : node->second;
}
