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

/* sync-guard: keeps the guard's nftables table as desired.
 *
 * gateway/guard.h says what is in it and why, sync-nft.h when it is looked
 * at.  Another interface that becomes an outside one is found by the audit. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include "gateway/guard.h"
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "sset.h"

static char *want(const struct daemon *);

static const struct sync_nft_class guard_class = {
    .table = GUARD_TABLE,
    .object = "table inet "GUARD_TABLE,
    .title = "guard",
    .want = want,
};

void
sync_guard_init(struct daemon *d)
{
    sync_nft_init(&d->guard, &guard_class);
    sync_nft_restart(&d->guard, true, -1);
}

void
sync_guard_uninit(struct daemon *d)
{
    sync_nft_uninit(&d->guard);
}

void
sync_guard_run(struct daemon *d, long long int now)
{
    sync_nft_run(&d->guard, d, -1, now);
}

void
sync_guard_wait(struct daemon *d, long long int now)
{
    sync_nft_wait(&d->guard, d, now);
}

bool
sync_guard_is_ready(const struct daemon *d)
{
    return sync_nft_is_ready(&d->guard);
}

static char *
want(const struct daemon *d)
{
    struct sset outside = SSET_INITIALIZER(&outside);
    struct guard_want_in in = {
        .fabric = &d->fabric,
        .self = d->self,
        .userspace_datapath = d->userspace_datapath,
        .outside = &outside,
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct in6_addr *remotes;
    struct guard guard;
    char veth[IFNAMSIZ];
    size_t n_remotes;

    if (d->mode != MODE_RUN) {
        return NULL;
    }
    remotes = sync_resolve_remotes(d, &n_remotes);
    guard_read_outside(remotes, n_remotes,
                       d->fabric.settings.wireguard_port, &outside);
    free(remotes);
    if (sync_external_veth(d, veth) && guard_name_is_plain(veth)) {
        sset_add(&outside, veth);
    }
    guard_want(&in, &guard);
    guard_render(&guard, &s);
    guard_uninit(&guard);
    sset_destroy(&outside);
    return ds_steal_cstr(&s);
}
