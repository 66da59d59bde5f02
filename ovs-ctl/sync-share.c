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

/* sync-share: keeps the table of nftables by which the gateway uses the
 * host's external interface as desired.
 *
 * gateway/share.h says what is in it and why, sync-nft.h when it is looked at,
 * net/net-out.h which interface that is.  sync-net.c asks here whether the
 * host may forward what comes from the gateway. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include "gateway/guard.h"
#include "gateway/share.h"
#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static char *want(const struct daemon *);

static const struct sync_nft_class share_class = {
    .table = SHARE_TABLE,
    .object = "table inet "SHARE_TABLE,
    .title = "way out of the gateway",
    .want = want,
};

void
sync_share_init(struct daemon *d)
{
    sync_nft_init(&d->share, &share_class);
    sync_nft_restart(&d->share, true, -1);
}

void
sync_share_uninit(struct daemon *d)
{
    sync_nft_uninit(&d->share);
}

void
sync_share_run(struct daemon *d, long long int now)
{
    enum net_may_forward before = sync_share_may_forward(d);

    sync_nft_run(&d->share, d, -1, now);
    if (sync_share_may_forward(d) != before) {
        pace_mark_dirty(&d->net.pace);
    }
}

void
sync_share_wait(struct daemon *d, long long int now)
{
    sync_nft_wait(&d->share, d, now);
}

bool
sync_share_is_ready(const struct daemon *d)
{
    return sync_nft_is_ready(&d->share);
}

enum net_may_forward
sync_share_may_forward(const struct daemon *d)
{
    return (d->share.in_force ? NET_FORWARD_YES
            : d->share.has_plan || d->share.error ? NET_FORWARD_NO
            : NET_FORWARD_KEEP);
}

char *
sync_share_why_no_way_out(const struct daemon *d)
{
    const struct net_way_out *out = &d->net.way_out;

    if (!d->has_fabric || d->mode != MODE_RUN || !d->net.has_plan
        || sync_external_is_moved(d)) {
        return NULL;
    } else if (!out->link[0]) {
        return xstrdup("this host has no default route, or none but into "
                       "Mobula's own networks");
    } else if (!guard_name_is_plain(out->link)) {
        return xasprintf("the interface of the default route has an odd name, "
                         "\"%s\"", out->link);
    }
    return NULL;
}

static char *
want(const struct daemon *d)
{
    struct share share = {
        .link = d->net.way_out.link,
        .gateway = addr_external_gateway(&d->fabric.settings),
    };
    struct ds s = DS_EMPTY_INITIALIZER;

    if (d->mode != MODE_RUN
        || sync_external_is_moved(d)
        || !share.link[0] || !guard_name_is_plain(share.link)) {
        return NULL;
    }
    share_render(&share, &s);
    return ds_steal_cstr(&s);
}
