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

/* paths-tree: the best ways of all hosts to one of them.  See paths-tree.h.
 *
 * A set of hosts is an array of words, so that all neighbours of a host are
 * taken at once.  Keys are small numbers, so the hosts wait in one set per key
 * instead of in a heap. */

#include <config.h>
#include "lib/paths-tree.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* In a tree where fewer links are all that counts, what a link adds. */
#define FEW_GOOD PATHS_KEY(PATHS_MAX_LINKS + 1)
#define FEW_POOR PATHS_KEY(PATHS_MAX_LINKS + 2)

#define N_KEYS (PATHS_MAX_LINKS * FEW_POOR + 1)
BUILD_ASSERT_DECL(PATHS_KEY(PATHS_COST_POOR) <= FEW_POOR);
BUILD_ASSERT_DECL(PATHS_MAX_LINKS < 1 << PATHS_LINKS_BITS);

static size_t grow(struct paths_tree *, uint16_t good_key, uint16_t poor_key,
                   bool *is_cut);
static void take(struct paths_tree *, size_t host, size_t key);
static void find_first(struct paths_tree *, size_t host);

static bool
bit_is_set(const uint64_t *set, size_t i)
{
    return set[i / 64] >> i % 64 & 1;
}

static void
bit_set(uint64_t *set, size_t i)
{
    set[i / 64] |= UINT64_C(1) << i % 64;
}

void
paths_graph_init(struct paths_graph *graph, const struct paths_in *in)
{
    size_t n = in->n_hosts;
    size_t n_words = DIV_ROUND_UP(n, 64);

    graph->in = in;
    graph->n = n;
    graph->n_words = n_words;
    graph->good = xcalloc(n * n_words, sizeof *graph->good);
    graph->poor = xcalloc(n * n_words, sizeof *graph->poor);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            uint8_t cost = in->costs[i * n + j];

            if (i != j && cost) {
                bit_set(&(cost == PATHS_COST_GOOD ? graph->good
                                                  : graph->poor)[i * n_words],
                        j);
            }
        }
    }
}

void
paths_graph_uninit(struct paths_graph *graph)
{
    free(graph->good);
    free(graph->poor);
}

enum paths_cost
paths_graph_cost(const struct paths_graph *graph, size_t a, size_t b)
{
    return (bit_is_set(&graph->good[a * graph->n_words], b) ? PATHS_COST_GOOD
            : bit_is_set(&graph->poor[a * graph->n_words], b) ? PATHS_COST_POOR
            : PATHS_COST_NONE);
}

bool
paths_graph_may_pass(const struct paths_graph *graph, size_t host, size_t dst)
{
    return host == dst || !graph->in->drained || !graph->in->drained[host];
}

size_t
paths_graph_next(const struct paths_graph *graph, size_t host, size_t i)
{
    const uint64_t *good = &graph->good[host * graph->n_words];
    const uint64_t *poor = &graph->poor[host * graph->n_words];

    for (size_t w = i / 64; w < graph->n_words; w++) {
        uint64_t left = good[w] | poor[w];

        if (w == i / 64) {
            left &= UINT64_MAX << i % 64;
        }
        if (left) {
            return w * 64 + raw_ctz(left);
        }
    }
    return graph->n;
}

void
paths_tree_init(struct paths_tree *tree, const struct paths_graph *graph)
{
    tree->graph = graph;
    tree->nodes = xcalloc(graph->n, sizeof *tree->nodes);
    tree->layers = xcalloc(N_KEYS * graph->n_words, sizeof *tree->layers);
    tree->done = xcalloc(graph->n_words, sizeof *tree->done);
}

void
paths_tree_uninit(struct paths_tree *tree)
{
    free(tree->nodes);
    free(tree->layers);
    free(tree->done);
}

/* The cheapest way of a host may have too many links, while the ways of its
 * neighbours are cheap because they are long.  Then all hosts go to 'dst' by
 * fewest links: if each took what is cheapest for itself, frames could go on
 * from one to the next for longer than they live. */
void
paths_tree_set_dst(struct paths_tree *tree, size_t dst)
{
    bool is_cut;
    size_t n;

    tree->dst = dst;
    n = grow(tree, PATHS_KEY(PATHS_COST_GOOD), PATHS_KEY(PATHS_COST_POOR),
             &is_cut);
    if (is_cut && grow(tree, FEW_GOOD, FEW_POOR, &is_cut) == n) {
        grow(tree, PATHS_KEY(PATHS_COST_GOOD), PATHS_KEY(PATHS_COST_POOR),
             &is_cut);
    }
}

uint16_t
paths_tree_first(struct paths_tree *tree, size_t host)
{
    if (!tree->nodes[host].has_first) {
        find_first(tree, host);
    }
    return tree->nodes[host].first;
}

/* Numbers of 16 bits side by side, and a mixer that loses nothing (the last
 * steps of SplitMix64).  Hosts of all architectures must agree, hence not one
 * of Open vSwitch's hash functions. */
uint64_t
paths_tree_liking(const struct paths_tree *tree, size_t host, size_t via)
{
    const uint16_t *ids = tree->graph->in->hosts;
    uint64_t a = ids[MIN(host, tree->dst)];
    uint64_t b = ids[MAX(host, tree->dst)];
    uint64_t x = (a << 32 | b << 16 | ids[via]) + UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Finds the key of every host, from 'tree->dst' outwards.  Returns how many
 * hosts have one, and in '*is_cut' whether more might have one if ways could
 * be longer. */
static size_t
grow(struct paths_tree *tree, uint16_t good_key, uint16_t poor_key,
     bool *is_cut)
{
    const struct paths_graph *graph = tree->graph;
    size_t n_done = 0;

    tree->good_key = good_key;
    tree->poor_key = poor_key;
    for (size_t i = 0; i < graph->n; i++) {
        tree->nodes[i] = (struct paths_node) { .key = PATHS_NOBODY };
    }
    memset(tree->done, 0, graph->n_words * sizeof *tree->done);
    bit_set(tree->layers, tree->dst);
    for (size_t key = 0; key < N_KEYS; key++) {
        uint64_t *layer = &tree->layers[key * graph->n_words];

        for (size_t w = 0; w < graph->n_words; w++) {
            uint64_t left = layer[w] & ~tree->done[w];

            tree->done[w] |= left;
            layer[w] = 0;
            for (; left; left &= left - 1) {
                take(tree, w * 64 + raw_ctz(left), key);
                n_done++;
            }
        }
    }
    *is_cut = false;
    for (size_t i = 0; i < graph->n && n_done < graph->n; i++) {
        *is_cut |= tree->nodes[i].key != PATHS_NOBODY
                   && tree->nodes[i].links == PATHS_MAX_LINKS;
    }
    return n_done;
}

/* 'host' has a best way, with this key: its neighbours have one as well,
 * unless they have a better one. */
static void
take(struct paths_tree *tree, size_t host, size_t key)
{
    const struct paths_graph *graph = tree->graph;
    size_t n_words = graph->n_words;
    struct paths_node *node = &tree->nodes[host];

    node->key = key;
    node->links = key & ((1 << PATHS_LINKS_BITS) - 1);
    if (node->links >= PATHS_MAX_LINKS
        || !paths_graph_may_pass(graph, host, tree->dst)) {
        return;
    }
    for (size_t w = 0; w < n_words; w++) {
        tree->layers[(key + tree->good_key) * n_words + w]
            |= graph->good[host * n_words + w];
        tree->layers[(key + tree->poor_key) * n_words + w]
            |= graph->poor[host * n_words + w];
    }
}

static void
find_first(struct paths_tree *tree, size_t host)
{
    const struct paths_graph *graph = tree->graph;
    struct paths_node *node = &tree->nodes[host];
    uint16_t best = PATHS_NOBODY;
    uint64_t best_liking = 0;

    if (host != tree->dst && node->key != PATHS_NOBODY) {
        if (node->links == 1) {
            best = tree->dst;
        } else {
            PATHS_GRAPH_FOR_EACH_NEIGHBOUR (i, host, graph) {
                bool good = paths_graph_cost(graph, host, i)
                            == PATHS_COST_GOOD;
                uint16_t step = good ? tree->good_key : tree->poor_key;
                uint64_t liking = paths_tree_liking(tree, host, i);

                if (paths_graph_may_pass(graph, i, tree->dst)
                    && tree->nodes[i].key != PATHS_NOBODY
                    && tree->nodes[i].key + step == node->key
                    && (best == PATHS_NOBODY || liking > best_liking)) {
                    best = i;
                    best_liking = liking;
                }
            }
        }
    }
    node->first = best;
    node->has_first = true;
}
