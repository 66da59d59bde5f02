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

/* sync-filter: keeps the gateway's nftables table as desired.
 *
 * gateway/filter.h says what is in it and why, sync-nft.h when it is looked
 * at.  The gateway's namespace may come and go; while there is none, there is
 * nothing to filter.  sync-net.c asks here whether the gateway may forward
 * what comes from the access network. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include "gateway/filter.h"
#include "lib/addr.h"
#include "net/net-ctx.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static bool is_due(const struct daemon *);
static bool follow_namespace(struct daemon *);
static bool is_same(const struct sync_filter *, const struct nlns *);
static void plan_without(struct daemon *);
static char *want(const struct daemon *);

static const struct sync_nft_class filter_class = {
    .table = FILTER_TABLE,
    .object = "table inet "FILTER_TABLE" in "GATEWAY_NETNS,
    .title = "filter of the gateway",
    .want = want,
};

void
sync_filter_init(struct daemon *d)
{
    sync_nft_init(&d->filter.nft, &filter_class);
}

void
sync_filter_uninit(struct daemon *d)
{
    sync_nft_uninit(&d->filter.nft);
}

void
sync_filter_run(struct daemon *d, long long int now)
{
    enum net_may_forward before = sync_filter_may_forward(d);

    if (follow_namespace(d)) {
        if (is_due(d)) {
            sync_nft_run(&d->filter.nft, d, net_ctx_gateway_fd(d->net.ctx),
                         now);
        }
    } else {
        plan_without(d);
    }
    if (sync_filter_may_forward(d) != before) {
        pace_mark_dirty(&d->net.pace);
    }
}

void
sync_filter_wait(struct daemon *d, long long int now)
{
    if (d->filter.has_namespace && is_due(d)) {
        sync_nft_wait(&d->filter.nft, d, now);
    }
}

bool
sync_filter_is_ready(const struct daemon *d)
{
    return (d->filter.has_namespace ? sync_nft_is_ready(&d->filter.nft)
            : d->mode != MODE_RUN);
}

enum net_may_forward
sync_filter_may_forward(const struct daemon *d)
{
    return (!d->filter.has_namespace ? NET_FORWARD_NO
            : d->filter.nft.in_force ? NET_FORWARD_YES
            : d->filter.nft.has_plan || d->filter.nft.error ? NET_FORWARD_NO
            : NET_FORWARD_KEEP);
}

/* In teardown: when nothing is there any more that could be forwarded. */
static bool
is_due(const struct daemon *d)
{
    return (d->mode == MODE_RUN || d->options.dry_run
            || sync_net_is_ready(d));
}

/* Returns true if there is a namespace.  One that somebody has deleted must
 * not be kept alive by our socket in it: that would keep its links, and
 * WireGuard's port, from those of the next one. */
static bool
follow_namespace(struct daemon *d)
{
    const struct nlns *ns = &d->net.ctx->ns[NET_GATEWAY];
    struct sync_filter *filter = &d->filter;
    bool there = ns->fd >= 0 && !nlns_is_stale(ns);

    if (there != filter->has_namespace || (there && !is_same(filter, ns))) {
        filter->has_namespace = there;
        filter->dev = ns->dev;
        filter->ino = ns->ino;
        filter->nft.has_plan = false;
        sync_nft_restart(&filter->nft, there, ns->fd);
    }
    return there;
}

static bool
is_same(const struct sync_filter *filter, const struct nlns *ns)
{
    return filter->dev == ns->dev && filter->ino == ns->ino;
}

/* What is to be done while there is no namespace. */
static void
plan_without(struct daemon *d)
{
    struct sync_nft *nft = &d->filter.nft;

    if (!nft->has_plan && (d->has_fabric || d->mode != MODE_RUN)) {
        plan_uninit(&nft->plan);
        if (d->mode == MODE_RUN) {
            plan_add(&nft->plan, PLAN_ADD, xstrdup(filter_class.object), NULL);
        }
        nft->has_plan = true;
    }
}

static char *
want(const struct daemon *d)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct filter filter;

    if (d->mode != MODE_RUN) {
        return NULL;
    }
    filter_want(&d->fabric, d->self, &filter);
    filter.external = (sync_external_is_moved(d) ? EXTERNAL_MOVE
                       : EXTERNAL_SHARE);
    filter_render(&filter, &s);
    filter_uninit(&filter);
    return ds_steal_cstr(&s);
}
