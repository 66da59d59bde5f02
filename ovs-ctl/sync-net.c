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

/* sync-net: keeps namespaces, links, addresses, routes and sysctls as desired.
 *
 * The folder net/ reads, compares and changes; this file says when.  What is
 * missing because somebody else makes it (the LOCAL port of a bridge, the
 * device of wireguard-go) is waited for. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/net-ctx.h"
#include "net/net-diff.h"
#include "net/net-watch.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/way-out-file.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_net);

/* Sysctls and offloads tell nobody when they change. */
#define AUDIT_MS 5000

static enum pace_outcome compare(struct daemon *);
static int read_way_out(struct daemon *, char **why);
static void remember(struct daemon *);
static void want(const struct daemon *, struct net_state *);
static size_t list_detours(const struct daemon *, uint16_t *detours);
static enum pace_outcome apply(struct daemon *, const struct net_plan *);
static void set_error(struct sync_net *, char *error);

void
sync_net_init(struct daemon *d)
{
    struct sync_net *net = &d->net;
    char *error = NULL;

    if (net_ctx_open(&net->ctx, &error)) {
        ovs_fatal(0, "cannot talk to the kernel about links: %s", error);
    }
    if (net_watch_create(&net->watch, &error)) {
        ovs_fatal(0, "cannot listen to what happens to links: %s", error);
    }
    pace_init(&net->pace, AUDIT_MS);
    plan_init(&net->plan);
    way_out_file_read(&net->memory);
}

void
sync_net_uninit(struct daemon *d)
{
    net_way_out_uninit(&d->net.way_out);
    net_watch_destroy(d->net.watch);
    net_ctx_close(d->net.ctx);
    plan_uninit(&d->net.plan);
    free(d->net.error);
}

void
sync_net_run(struct daemon *d, long long int now)
{
    struct sync_net *net = &d->net;

    bool changed = net_watch_run(net->watch);

    if (net_watch_take_paths(net->watch)) {
        sync_mtu_look_again(d);
        sync_external_changed(d);
    }
    if (changed) {
        pace_mark_dirty(&net->pace);
        /* The ports of bridges are devices, too. */
        pace_mark_dirty(&d->ports.pace);
        sync_external_changed(d);
        if (!d->has_fabric) {
            /* Now it may be clear which host we are. */
            d->retry_config = true;
            poll_immediate_wake();
        }
    }
    if (net->paths_seqno != sync_paths_seqno(d)) {
        net->paths_seqno = sync_paths_seqno(d);
        pace_mark_dirty(&net->pace);
    }
    if ((d->has_fabric || d->mode != MODE_RUN)
        && pace_is_due(&net->pace, now)) {
        pace_done(&net->pace, compare(d), now);
    }
}

void
sync_net_wait(struct daemon *d, long long int now)
{
    net_watch_wait(d->net.watch);
    if (d->net.paths_seqno != sync_paths_seqno(d)) {
        poll_immediate_wake();
    }
    if (d->has_fabric || d->mode != MODE_RUN) {
        poll_timer_wait_until(pace_next(&d->net.pace, now));
    }
}

bool
sync_net_is_ready(const struct daemon *d)
{
    return d->net.has_plan && !d->net.pace.dirty
           && d->net.pace.last == PACE_CONVERGED;
}

static enum pace_outcome
compare(struct daemon *d)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct sync_net *net = &d->net;
    enum pace_outcome outcome = PACE_CONVERGED;
    struct net_state desired, actual;
    struct net_plan plan;
    char *why = NULL;
    int error;

    error = read_way_out(d, &why);
    if (!error) {
        error = net_read(net->ctx, &actual, &why);
    }
    if (error) {
        set_error(net, why);
        VLOG_WARN_RL(&rl, "%s", net->error);
        return error == EAGAIN ? PACE_WAITING : PACE_FAILED;
    }
    net_state_init(&desired);
    want(d, &desired);
    net_diff(&desired, &actual, &plan);
    set_error(net, NULL);
    if (!plan_is_noop(&plan.plan)) {
        outcome = apply(d, &plan);
    } else if (plan.n_waiting) {
        set_error(net, xstrdup(plan.waiting[0]));
        outcome = PACE_WAITING;
    }
    plan_uninit(&net->plan);
    net->plan = plan.plan;
    plan_init(&plan.plan);
    net->has_plan = true;
    net_plan_uninit(&plan);
    net_state_uninit(&desired);
    net_state_uninit(&actual);
    return outcome;
}

/* Keeps what was known on an error. */
static int
read_way_out(struct daemon *d, char **why)
{
    struct net_way_out way_out = { .link = "" };
    int error = 0;

    if (d->mode == MODE_RUN
        && !sync_external_is_moved(d)) {
        error = net_way_out_read(d->net.ctx, &d->fabric.settings,
                                 &d->net.memory, &way_out, why);
    }
    if (!error) {
        if (strcmp(way_out.link, d->net.way_out.link)) {
            /* The table of nftables names it. */
            pace_mark_dirty(&d->share.pace);
        }
        net_way_out_uninit(&d->net.way_out);
        d->net.way_out = way_out;
        if (!d->options.dry_run) {
            remember(d);
        }
    }
    return error;
}

/* While the host goes by its gateway, its way out is known from here alone
 * after a boot.  It is not forgotten while none is there, or only the copy: a
 * network may be about to be set up. */
static void
remember(struct daemon *d)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
    const struct net_way_out *out = &d->net.way_out;
    struct net_out_memory memory = { .link = "" };
    int error;

    if (out->moved) {
        ovs_strlcpy(memory.link, out->link, sizeof memory.link);
        memory.via = out->via;
        memory.src = out->src;
    } else if (d->mode == MODE_RUN && !sync_external_is_moved(d)
               && (!out->link[0] || out->copied)) {
        return;
    }
    if (!strcmp(memory.link, d->net.memory.link)
        && memory.via == d->net.memory.via
        && memory.src == d->net.memory.src) {
        return;
    }
    error = way_out_file_write(&memory);
    if (error) {
        VLOG_WARN_RL(&rl, WAY_OUT_FILE": cannot be changed: %s",
                     ovs_strerror(error));
    } else {
        d->net.memory = memory;
    }
}

static void
want(const struct daemon *d, struct net_state *desired)
{
    if (d->mode == MODE_RUN) {
        uint16_t *detours = xcalloc(d->fabric.n_hosts, sizeof *detours);
        struct net_want_in in = {
            .fabric = &d->fabric,
            .self = d->self,
            .links_mtu = d->mtu.network.links.now,
            .paths_mtu = d->mtu.network.paths.now,
            .keep_ipv6 = d->mtu.keep_ipv6,
            .may_forward = sync_filter_may_forward(d),
            .may_share = sync_share_may_forward(d),
            .way_out = d->net.way_out.link[0] ? &d->net.way_out : NULL,
            .detours = detours,
            .n_detours = list_detours(d, detours),
            .userspace_datapath = d->userspace_datapath,
            .userspace_wireguard = d->userspace_wireguard,
            .external_moved = sync_external_is_moved(d),
        };

        net_want(&in, desired);
        free(detours);
    }
}

/* Stores the peers that intrawire reaches over the access network in
 * 'detours', which has room for all hosts, and returns how many there are.
 * While that may not forward, the way through WireGuard is as good as any. */
static size_t
list_detours(const struct daemon *d, uint16_t *detours)
{
    size_t n = 0;

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        const struct sync_path *path = sync_paths_find(d,
                                                       d->fabric.hosts[i].id);

        if (path && path->detours
            && sync_filter_may_forward(d) != NET_FORWARD_NO) {
            detours[n++] = path->peer;
        }
    }
    return n;
}

static enum pace_outcome
apply(struct daemon *d, const struct net_plan *plan)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct ds counts = DS_EMPTY_INITIALIZER;
    char *why = NULL;

    if (d->options.dry_run) {
        return PACE_WAITING;
    }
    plan_format_counts(&plan->plan, &counts);
    VLOG_INFO_RL(&rl, "links, addresses, routes: %s", ds_cstr(&counts));
    ds_destroy(&counts);
    if (net_apply(d->net.ctx, plan, &why)) {
        set_error(&d->net, why);
        VLOG_WARN_RL(&rl, "%s", d->net.error);
        return PACE_FAILED;
    }
    return PACE_CHANGED;
}

/* Takes ownership of 'error', which may be NULL. */
static void
set_error(struct sync_net *net, char *error)
{
    free(net->error);
    net->error = error;
}
