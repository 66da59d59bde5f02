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

/* graph: costs of links.  See graph.h. */

#include <config.h>
#include "lib/graph.h"

#include <stdlib.h>

#include "lib/facts.h"
#include "lib/paths.h"

static enum paths_cost own_cost(const struct graph_host *self,
                                const struct graph_host *peer);
static enum paths_cost cost(const struct graph_host *,
                            const struct graph_host *);
static int compare_link(const void *peer, const void *link);

void
graph_costs(const struct graph_host *hosts, size_t n, size_t self,
            uint8_t *costs)
{
    for (size_t i = 0; i < n; i++) {
        costs[i * n + i] = PATHS_COST_NONE;
        for (size_t j = i + 1; j < n; j++) {
            costs[i * n + j] = costs[j * n + i]
                = (i == self ? own_cost(&hosts[i], &hosts[j])
                   : j == self ? own_cost(&hosts[j], &hosts[i])
                   : cost(&hosts[i], &hosts[j]));
        }
    }
}

const struct facts_link *
graph_find_link(const struct graph_host *host, uint16_t peer)
{
    return (host->n_links
            ? bsearch(&peer, host->links, host->n_links, sizeof *host->links,
                      compare_link) : NULL);
}

static enum paths_cost
own_cost(const struct graph_host *self, const struct graph_host *peer)
{
    const struct facts_link *mine = graph_find_link(self, peer->id);
    const struct facts_link *its = (peer->heard
                                    ? graph_find_link(peer, self->id) : NULL);

    return (!mine || !mine->up ? PATHS_COST_NONE
            : mine->poor || (its && its->poor) ? PATHS_COST_POOR
            : PATHS_COST_GOOD);
}

/* Returns what the link between two others costs. */
static enum paths_cost
cost(const struct graph_host *x, const struct graph_host *y)
{
    const struct facts_link *a = graph_find_link(x, y->id);
    const struct facts_link *b = graph_find_link(y, x->id);

    /* What a host that cannot be heard has told is old.  To hear it again may
     * need just the link that it has not told of yet. */
    bool x_knows = !x->unknown && (x->heard || !y->heard);
    bool y_knows = !y->unknown && (y->heard || !x->heard);

    a = x_knows ? a : b;
    b = y_knows ? b : a;
    return (!a || !b || !a->up || !b->up ? PATHS_COST_NONE
            : a->poor || b->poor ? PATHS_COST_POOR : PATHS_COST_GOOD);
}

static int
compare_link(const void *key_, const void *link_)
{
    const struct facts_link *link = link_;
    const uint16_t *key = key_;

    return *key < link->peer ? -1 : *key > link->peer;
}
