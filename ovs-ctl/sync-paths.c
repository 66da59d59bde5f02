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

/* sync-paths: which links work, and which ways to the peers follow.
 *
 * Until it is told about a link, each is down, and the ways are the direct
 * links alone. */

#include <config.h>
#include "ovs-ctl/mobulad.h"

#include <stdlib.h>

#include "util.h"

static int compare_path(const void *peer, const void *path);
static void take_config(struct daemon *);

void
sync_paths_init(struct daemon *d)
{
    d->paths.seqno = 1;
}

void
sync_paths_uninit(struct daemon *d)
{
    free(d->paths.paths);
}

void
sync_paths_run(struct daemon *d, long long int now OVS_UNUSED)
{
    if (d->has_fabric && d->paths.config_seqno != d->config_seqno) {
        take_config(d);
    }
}

void
sync_paths_wait(struct daemon *d OVS_UNUSED)
{
}

const struct sync_path *
sync_paths_find(const struct daemon *d, uint16_t peer)
{
    return (d->paths.n_paths
            ? bsearch(&peer, d->paths.paths, d->paths.n_paths,
                      sizeof *d->paths.paths, compare_path) : NULL);
}

uint64_t
sync_paths_seqno(const struct daemon *d)
{
    return d->paths.seqno;
}

static int
compare_path(const void *key_, const void *path_)
{
    const struct sync_path *path = path_;
    const uint16_t *key = key_;

    return *key < path->peer ? -1 : *key > path->peer;
}

/* One for each peer. */
static void
take_config(struct daemon *d)
{
    struct sync_path *paths = xcalloc(d->fabric.n_hosts, sizeof *paths);
    size_t n = 0;

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        uint16_t peer = d->fabric.hosts[i].id;
        const struct sync_path *old = sync_paths_find(d, peer);

        if (peer != d->self) {
            if (old) {
                paths[n] = *old;
            }
            paths[n].peer = paths[n].ways.peer = peer;
            n++;
        }
    }
    free(d->paths.paths);
    d->paths.paths = paths;
    d->paths.n_paths = n;
    d->paths.config_seqno = d->config_seqno;
    d->paths.seqno++;
}
