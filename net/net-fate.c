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

/* net-fate: what becomes of each link.  See net-fate.h. */

#include <config.h>
#include "net/net-fate.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

static void resolve_pair(struct net_fates *, size_t i, size_t j);
static void resolve_made(struct net_fates *, size_t i);
static void resolve_adopted(struct net_fates *, size_t i);
static void resolve_moving(struct net_fates *, size_t i, enum net_fate none);
static void resolve_doomed(struct net_fates *);
static size_t find_desired(const struct net_fates *, enum net_where,
                           const char *name);

void
net_fates_init(struct net_fates *f, const struct net_state *desired,
               const struct net_state *actual)
{
    f->desired = desired;
    f->actual = actual;
    f->fates = xcalloc(desired->n_links, sizeof *f->fates);
    f->existing = xcalloc(desired->n_links, sizeof *f->existing);
    f->doomed = xcalloc(actual->n_links, sizeof *f->doomed);

    for (size_t i = 0; i < desired->n_links; i++) {
        const struct net_link *want = &desired->links[i];

        if (want->adopted) {
            resolve_adopted(f, i);
        } else if (!want->peer[0]) {
            resolve_made(f, i);
        } else {
            size_t j = find_desired(f, want->peer_where, want->peer);

            if (j > i) {
                resolve_pair(f, i, j);
            }
        }
    }
    resolve_doomed(f);
}

void
net_fates_uninit(struct net_fates *f)
{
    free(f->fates);
    free(f->existing);
    free(f->doomed);
}

bool
net_fates_is_doomed(const struct net_fates *f, enum net_where where,
                    uint32_t ifindex)
{
    const struct net_link *link = net_state_find_ifindex(f->actual, where,
                                                         ifindex);

    return link && f->doomed[link - f->actual->links];
}

bool
net_fates_is_usable(const struct net_fates *f, enum net_where where,
                    const char *name)
{
    size_t i = find_desired(f, where, name);

    return (i < f->desired->n_links
            && (f->fates[i] == NET_FATE_ADD || f->fates[i] == NET_FATE_KEEP
                || f->fates[i] == NET_FATE_MOVE));
}

bool
net_fates_is_kept(const struct net_fates *f, enum net_where where,
                  const char *name)
{
    size_t i = find_desired(f, where, name);

    return i < f->desired->n_links && f->fates[i] == NET_FATE_KEEP;
}

/* The veth pair of the desired links 'i' and 'j'. */
static void
resolve_pair(struct net_fates *f, size_t i, size_t j)
{
    const struct net_link *want_i = &f->desired->links[i];
    const struct net_link *want_j = &f->desired->links[j];
    const struct net_link *a = net_state_find_link(f->actual, want_i->where,
                                                   want_i->name);
    const struct net_link *b = net_state_find_link(f->actual, want_j->where,
                                                   want_j->name);
    const bool alien_a = a && !a->ours;
    const bool alien_b = b && !b->ours;

    f->existing[i] = a;
    f->existing[j] = b;
    if (alien_a || alien_b) {
        f->fates[i] = alien_a ? NET_FATE_ALIEN : NET_FATE_BLOCKED;
        f->fates[j] = alien_b ? NET_FATE_ALIEN : NET_FATE_BLOCKED;
    } else if (a && b
               && !strcmp(a->kind, want_i->kind)
               && !strcmp(b->kind, want_j->kind)
               && a->peer_ifindex == b->ifindex
               && b->peer_ifindex == a->ifindex) {
        f->fates[i] = f->fates[j] = NET_FATE_KEEP;
    } else {
        /* Whatever is left of it is made anew. */
        f->fates[i] = f->fates[j] = NET_FATE_ADD;
    }
}

/* A link without another end: made in the host's namespace and moved to the
 * gateway, or made there. */
static void
resolve_made(struct net_fates *f, size_t i)
{
    const struct net_link *have;

    resolve_moving(f, i, NET_FATE_ADD);
    have = f->existing[i];
    if (have && f->fates[i] != NET_FATE_ALIEN
        && have->made_in_gateway != f->desired->links[i].made_in_gateway) {
        /* Its socket stays where it was made. */
        f->fates[i] = NET_FATE_ADD;
        f->existing[i] = NULL;
    }
}

static void
resolve_adopted(struct net_fates *f, size_t i)
{
    const struct net_link *want = &f->desired->links[i];

    if (want->where == NET_GATEWAY && !net_link_is_kernels(want)) {
        resolve_moving(f, i, NET_FATE_WAIT);
        return;
    }
    f->existing[i] = net_state_find_link(f->actual, want->where,
                                             want->name);
    f->fates[i] = (f->existing[i] ? NET_FATE_KEEP
                   : net_link_is_kernels(want) ? NET_FATE_ADD
                   : NET_FATE_WAIT);
}

/* A link that appears in the host's namespace and must be in the gateway.
 * 'none' is its fate when it is in neither, or of the wrong kind. */
static void
resolve_moving(struct net_fates *f, size_t i, enum net_fate none)
{
    const struct net_link *want = &f->desired->links[i];

    for (int k = 0; k < 2; k++) {
        const struct net_link *have;

        have = net_state_find_link(f->actual, k ? NET_HOST : NET_GATEWAY,
                                   want->name);
        if (!have) {
            continue;
        }
        if (!strcmp(have->kind, want->kind) && (have->ours || want->adopted)) {
            f->fates[i] = k ? NET_FATE_MOVE : NET_FATE_KEEP;
            f->existing[i] = have;
            return;
        }
        if (!have->ours) {
            f->fates[i] = NET_FATE_ALIEN;
            f->existing[i] = have;
            return;
        }
    }
    f->fates[i] = none;
}

/* Ours, but nothing that is desired claims it. */
static void
resolve_doomed(struct net_fates *f)
{
    for (size_t k = 0; k < f->actual->n_links; k++) {
        f->doomed[k] = f->actual->links[k].ours;
    }
    for (size_t i = 0; i < f->desired->n_links; i++) {
        if (f->existing[i] && f->fates[i] != NET_FATE_ADD) {
            f->doomed[f->existing[i] - f->actual->links] = false;
        }
    }
}

/* Returns the number of desired links if there is none. */
static size_t
find_desired(const struct net_fates *f, enum net_where where,
             const char *name)
{
    const struct net_link *link = net_state_find_link(f->desired, where,
                                                      name);

    return link ? link - f->desired->links : f->desired->n_links;
}
