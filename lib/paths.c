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

static void find_ways(struct paths_tree *, size_t self, struct paths_peer *);
static void choose(struct paths_tree *, size_t host);
static uint16_t choose_next(struct paths_tree *, size_t host,
                            const struct way *ways, size_t n_ways,
                            struct way *ret);
static bool follow(struct paths_tree *, size_t host, size_t via,
                   struct way *ret);
static uint64_t compare_key(const struct way *,
                            const struct way *others, size_t n_others);

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
    const struct paths_node *node = &tree->nodes[self];
    size_t n_relays = 0;

    memset(ret, 0, sizeof *ret);
    ret->peer = ids[tree->dst];
    if (node->key == PATHS_NOBODY) {
        return;
    }
    choose(tree, self);
    ret->n_links = node->links;
    ret->direct_first = node->next[0] == tree->dst;
    for (size_t i = 0; i < PATHS_N_NEXT; i++) {
        if (node->next[i] == PATHS_NOBODY) {
            break;
        }
        ret->next[i] = ids[node->next[i]];

        /* What is behind a direct link that is not the best comes after it:
         * the switch tries that link when it has tried all relays. */
        if (node->next[i] != tree->dst) {
            if (n_relays < PATHS_N_RELAYS) {
                ret->relays[n_relays++] = ids[node->next[i]];
            }
        } else if (i) {
            n_relays = PATHS_N_RELAYS;
        }
    }
}

/* Makes all of 'next' of 'host' known.  Needs the same of some hosts whose
 * best way leads through 'host'; so this ends, PATHS_MAX_LINKS deep. */
static void
choose(struct paths_tree *tree, size_t host)
{
    struct paths_node *node = &tree->nodes[host];
    struct way ways[PATHS_N_NEXT];
    uint16_t next = paths_tree_first(tree, host);

    if (node->n_known >= PATHS_N_NEXT) {
        return;
    }
    for (size_t i = 1; i < PATHS_N_NEXT; i++) {
        node->next[i] = PATHS_NOBODY;
    }
    if (next != PATHS_NOBODY && follow(tree, host, next, &ways[0])) {
        for (size_t i = 1; i < PATHS_N_NEXT && next != PATHS_NOBODY; i++) {
            next = choose_next(tree, host, ways, i, &ways[i]);
            node->next[i] = next;
        }
    }
    node->n_known = PATHS_N_NEXT;
}

/* Returns the neighbour of 'host' that is best after 'ways', or PATHS_NOBODY,
 * and stores the way in 'ret'. */
static uint16_t
choose_next(struct paths_tree *tree, size_t host,
            const struct way *ways, size_t n_ways, struct way *ret)
{
    const struct paths_node *node = &tree->nodes[host];
    uint16_t best = PATHS_NOBODY;
    uint64_t best_key = 0;
    uint64_t best_liking = 0;

    PATHS_GRAPH_FOR_EACH_NEIGHBOUR (i, host, tree->graph) {
        struct way way;
        bool known = false;

        for (size_t j = 0; j < n_ways; j++) {
            known |= node->next[j] == i;
        }
        if (!known && follow(tree, host, i, &way)) {
            uint64_t key = compare_key(&way, ways, n_ways);
            uint64_t liking = paths_tree_liking(tree, host, i);

            if (best == PATHS_NOBODY || key < best_key
                || (key == best_key && liking > best_liking)) {
                best = i;
                best_key = key;
                best_liking = liking;
                *ret = way;
            }
        }
    }
    return best;
}

/* Follows a frame that 'host' gives to its neighbour 'via'.  Returns false if
 * it comes back to 'host', or does not come to the end of the tree over
 * PATHS_MAX_LINKS links. */
static bool
follow(struct paths_tree *tree, size_t host, size_t via, struct way *ret)
{
    size_t from = host;
    size_t at = via;
    uint16_t key = 0;

    ret->n = 0;
    for (;;) {
        size_t next;

        key += PATHS_KEY(paths_graph_cost(tree->graph, from, at));
        if (at == tree->dst) {
            ret->key = key;
            return true;
        } else if (ret->n >= PATHS_MAX_LINKS - 1
                   || !paths_graph_may_pass(tree->graph, at, tree->dst)) {
            return false;
        }
        ret->hosts[ret->n++] = at;

        next = paths_tree_first(tree, at);
        if (next == from) {
            choose(tree, at);
            next = tree->nodes[at].next[1];
        }
        if (next == host || next == PATHS_NOBODY) {
            return false;
        }
        from = at;
        at = next;
    }
}

/* Returns what is lowest for the way that is best beside 'others', which are
 * in order: one that does not visit the next host of the first, because that
 * host may have failed; nor that of the second; then the one that shares the
 * fewest hosts with them; then the cheapest. */
static uint64_t
compare_key(const struct way *way,
            const struct way *others, size_t n_others)
{
    uint64_t first_hosts = 0;
    uint64_t shared = 0;

    for (size_t i = 0; i < n_others; i++) {
        first_hosts <<= 1;
        for (size_t j = 0; j < others[i].n; j++) {
            for (size_t k = 0; k < way->n; k++) {
                if (way->hosts[k] == others[i].hosts[j]) {
                    first_hosts |= !j;
                    shared++;
                }
            }
        }
    }
    return first_hosts << 48 | shared << 32 | way->key;
}
