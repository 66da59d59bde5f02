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

/* sync-wg: keeps the WireGuard device as desired.
 *
 * With the kernel's WireGuard, the links (sync-net.c) include the device and
 * we only configure it, inside the gateway's namespace.  Without, we start the
 * program that makes the device, in the namespace where its UDP socket
 * belongs: where the external interface is.  If that is the host's, sync-net.c
 * then moves the device.
 *
 * WireGuard tells nobody when it changes, so it is asked every second. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/addr.h"
#include "net/net-ctx.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "wg/wg-backend.h"
#include "wg/wg-diff.h"
#include "wg/wg-want.h"

VLOG_DEFINE_THIS_MODULE(sync_wg);

#define AUDIT_MS 1000
#define SPAWN_LOG OPTIONS_LOG_DIR"/wireguard-go.log"

/* A program that has run for START_STABLE_MS is started again at once, others
 * after START_BACKOFF_MIN_MS and longer and longer: after a crash, the old
 * interface may be in the way for a moment. */
#define START_STABLE_MS 10000
#define START_BACKOFF_MIN_MS 100
#define START_BACKOFF_MAX_MS 30000

static enum pace_outcome stop_program(struct daemon *);
static enum pace_outcome remove_program(struct daemon *);
static enum pace_outcome follow_program(struct daemon *, long long int now);
static void start_program(struct daemon *, long long int now);
static int spawn(void *spawn_call);
static bool is_misplaced(const struct daemon *);
static void note_end(struct sync_wg *, long long int now);
static enum pace_outcome compare(struct daemon *);
static bool read_device(struct daemon *, struct wg_device *actual,
                        enum pace_outcome *);
static enum pace_outcome apply(struct daemon *, struct wg_device *desired,
                               struct wg_delta *);
static void note_applied(struct sync_wg *, struct wg_device *desired);
static int open_backend(struct daemon *);
static void close_backend(struct sync_wg *);
static void set_error(struct sync_wg *, char *error);

void
sync_wg_init(struct daemon *d)
{
    struct sync_wg *wg = &d->wg;

    wg->spawn = wg_spawn_create(LINK_WG, SPAWN_LOG);
    pace_init(&wg->pace, AUDIT_MS);
    wg_device_init(&wg->applied, LINK_WG);
    wg_device_init(&wg->actual, LINK_WG);
    plan_init(&wg->plan);
}

void
sync_wg_uninit(struct daemon *d)
{
    struct sync_wg *wg = &d->wg;

    wg_backend_close(wg->backend);
    wg_spawn_destroy(wg->spawn);
    wg_device_uninit(&wg->applied);
    wg_device_uninit(&wg->actual);
    plan_uninit(&wg->plan);
    free(wg->error);
}

/* The other kind of WireGuard may be desired now, or a program be installed
 * that was missing. */
void
sync_wg_reset(struct daemon *d)
{
    close_backend(&d->wg);
    d->wg.start_ms = 0;
    d->wg.start_backoff_ms = 0;
    pace_reset(&d->wg.pace);
}

void
sync_wg_run(struct daemon *d, long long int now)
{
    struct sync_wg *wg = &d->wg;
    enum wg_spawn_state before = wg->spawn_state;

    wg->spawn_state = wg_spawn_run(wg->spawn, now);
    if (wg->spawn_state != before) {
        pace_mark_dirty(&wg->pace);
        if (wg->spawn_state == WG_SPAWN_FAILED) {
            note_end(wg, now);
        }
    }
    if (!pace_is_due(&wg->pace, now)) {
        return;
    }
    if (d->mode != MODE_RUN) {
        pace_done(&wg->pace, remove_program(d), now);
    } else if (d->has_fabric) {
        enum pace_outcome outcome = PACE_CONVERGED;

        if (d->userspace_wireguard) {
            outcome = follow_program(d, now);
        }
        if (outcome == PACE_CONVERGED) {
            outcome = compare(d);
        }
        pace_done(&wg->pace, outcome, now);
    }
}

void
sync_wg_wait(struct daemon *d, long long int now)
{
    wg_spawn_wait(d->wg.spawn, now);
    if (d->has_fabric || d->mode != MODE_RUN) {
        poll_timer_wait_until(pace_next(&d->wg.pace, now));
    }
}

bool
sync_wg_is_ready(const struct daemon *d)
{
    return d->wg.pace.last == PACE_CONVERGED && !d->wg.pace.dirty;
}

/* The kernel's device goes with the links; a program has to be told. */
static enum pace_outcome
stop_program(struct daemon *d)
{
    struct sync_wg *wg = &d->wg;
    int error;

    close_backend(wg);
    if (d->options.dry_run) {
        return PACE_WAITING;
    }
    error = wg_spawn_stop(LINK_WG);
    if (error) {
        set_error(wg, xasprintf("cannot stop the program of %s: %s", LINK_WG,
                                ovs_strerror(error)));
        return PACE_FAILED;
    }
    return PACE_WAITING;
}

static enum pace_outcome
remove_program(struct daemon *d)
{
    struct sync_wg *wg = &d->wg;

    close_backend(wg);
    plan_uninit(&wg->plan);
    plan_init(&wg->plan);
    wg->has_plan = true;
    if (!wg_spawn_is_running(LINK_WG)) {
        set_error(wg, NULL);
        return PACE_CONVERGED;
    }
    plan_add(&wg->plan, PLAN_REMOVE, xstrdup("program of "LINK_WG), NULL);
    return stop_program(d);
}

/* Sees to it that the program runs.  Converged means that it does. */
static enum pace_outcome
follow_program(struct daemon *d, long long int now)
{
    struct sync_wg *wg = &d->wg;

    switch (wg->spawn_state) {
    case WG_SPAWN_RUNNING:
        return is_misplaced(d) ? stop_program(d) : PACE_CONVERGED;

    case WG_SPAWN_STARTING:
        return PACE_WAITING;

    case WG_SPAWN_FAILED:
    case WG_SPAWN_IDLE:
    default:
        close_backend(wg);
        if (d->options.dry_run && !wg_spawn_is_running(LINK_WG)) {
            return PACE_CONVERGED;
        }
        if (now >= wg->start_ms) {
            start_program(d, now);
        }
        return (wg->spawn_state == WG_SPAWN_RUNNING
                ? PACE_CONVERGED : PACE_WAITING);
    }
}

/* What is to be done in another namespace. */
struct spawn_call {
    struct wg_spawn *spawn;
    long long int now;
};

/* Starts it where its UDP socket belongs. */
static void
start_program(struct daemon *d, long long int now)
{
    const bool in_gateway = sync_external_where(d) == NET_GATEWAY;
    const int fd = in_gateway ? net_ctx_gateway_fd(d->net.ctx) : -1;
    struct sync_wg *wg = &d->wg;
    struct spawn_call call = { wg->spawn, now };
    int error;

    if (in_gateway && fd < 0) {
        return;                 /* There is no such place yet. */
    }
    wg->started_ms = now;
    error = nlns_call(fd, spawn, &call);
    if (error) {
        set_error(wg, xasprintf("cannot start wireguard-go in "GATEWAY_NETNS
                                ": %s", ovs_strerror(error)));
        return;
    }
    wg->spawn_state = wg_spawn_run(wg->spawn, now);
    if (wg->spawn_state == WG_SPAWN_FAILED) {
        note_end(wg, now);
    }
}

static int
spawn(void *call_)
{
    struct spawn_call *call = call_;

    wg_spawn_start(call->spawn, call->now);
    return 0;
}

/* Returns true if the program runs in another namespace than it should: its
 * socket stays where it was started. */
static bool
is_misplaced(const struct daemon *d)
{
    const struct nlns *ns = &d->net.ctx->ns[sync_external_where(d)];
    pid_t pid = wg_spawn_pid(d->wg.spawn);
    struct stat st;
    char path[64];

    snprintf(path, sizeof path, "/proc/%ld/ns/net", (long int) pid);
    return (pid && ns->fd >= 0 && !nlns_is_stale(ns) && !stat(path, &st)
            && (st.st_dev != ns->dev || st.st_ino != ns->ino));
}

/* Notes why the program has ended or does not start, and decides when it may
 * be started again. */
static void
note_end(struct sync_wg *wg, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    set_error(wg, nullable_xstrdup(wg_spawn_error(wg->spawn)));
    VLOG_WARN_RL(&rl, "%s", wg->error ? wg->error : "wireguard-go has ended");
    if (now - wg->started_ms >= START_STABLE_MS) {
        wg->start_backoff_ms = 0;
    }
    wg->start_ms = now + wg->start_backoff_ms;
    wg->start_backoff_ms = MIN(START_BACKOFF_MAX_MS,
                               MAX(START_BACKOFF_MIN_MS,
                                   2 * wg->start_backoff_ms));
}

static enum pace_outcome
compare(struct daemon *d)
{
    struct sync_wg *wg = &d->wg;
    enum pace_outcome outcome = PACE_CONVERGED;
    struct wg_device actual, desired;
    struct wg_delta delta;

    wg_device_init(&actual, LINK_WG);
    /* In a dry run a device that does not exist is an empty one. */
    if (!read_device(d, &actual, &outcome) && !d->options.dry_run) {
        wg_device_uninit(&actual);
        return outcome;
    }

    wg_want(&d->fabric, d->self, sync_resolve_found(d), &desired);
    wg_diff(&desired, &actual, wg->has_applied ? &wg->applied : NULL,
            time(NULL), &delta);
    set_error(wg, NULL);
    if (!wg_delta_is_empty(&delta)) {
        outcome = apply(d, &desired, &delta);
    } else {
        /* It is as desired, whoever made it so. */
        note_applied(wg, &desired);
    }
    plan_uninit(&wg->plan);
    wg->plan = delta.plan;
    plan_init(&delta.plan);
    wg->has_plan = true;
    wg_device_move(&wg->actual, &actual);
    wg_delta_uninit(&delta);
    wg_device_uninit(&desired);
    if (!d->userspace_wireguard) {
        /* An open socket would keep the gateway's namespace, and the device
         * in it with its UDP port, alive after somebody has deleted it. */
        close_backend(wg);
    }
    return outcome;
}

/* Returns false, with what that means in '*outcome', if it cannot be read. */
static bool
read_device(struct daemon *d, struct wg_device *actual,
            enum pace_outcome *outcome)
{
    struct sync_wg *wg = &d->wg;
    char *why = NULL;
    int error;

    error = open_backend(d);
    if (!error) {
        error = wg_backend_read(wg->backend, LINK_WG, actual, &why);
    }
    if (!error) {
        return true;
    }
    set_error(wg, why ? why : xasprintf("cannot read %s: %s", LINK_WG,
                                        ovs_strerror(error)));
    close_backend(wg);
    /* The device is about to be made, or has just gone, perhaps with its
     * namespace: not a failure yet. */
    *outcome = (error == ENODEV || error == ENOENT || error == ECONNREFUSED
                ? PACE_WAITING : PACE_FAILED);
    return false;
}

/* Moves 'desired' away if all went well. */
static enum pace_outcome
apply(struct daemon *d, struct wg_device *desired, struct wg_delta *delta)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct sync_wg *wg = &d->wg;
    struct ds counts = DS_EMPTY_INITIALIZER;
    char *why = NULL;
    int error;

    if (d->options.dry_run) {
        return PACE_WAITING;
    }
    error = wg_backend_apply(wg->backend, desired, delta, &why);
    if (error) {
        set_error(wg, why ? why : xasprintf("cannot configure %s: %s", LINK_WG,
                                            ovs_strerror(error)));
        VLOG_WARN_RL(&rl, "%s", wg->error);
        return PACE_FAILED;
    }
    plan_format_counts(&delta->plan, &counts);
    VLOG_INFO_RL(&rl, "%s: %s", LINK_WG, ds_cstr(&counts));
    ds_destroy(&counts);
    note_applied(wg, desired);
    wg->n_applied++;
    return PACE_CHANGED;
}

/* Keeps 'desired', which is empty afterwards, as what was applied last.  A
 * peer whose address is not known at the moment keeps the one that it was
 * given before: another one will be news. */
static void
note_applied(struct sync_wg *wg, struct wg_device *desired)
{
    for (size_t i = 0; i < desired->n_peers; i++) {
        struct wg_peer *peer = &desired->peers[i];
        const struct wg_peer *old = wg_device_find_peer(&wg->applied,
                                                        peer->public_key);

        if (!peer->has_endpoint && old && old->has_endpoint) {
            peer->has_endpoint = true;
            peer->endpoint = old->endpoint;
            peer->endpoint_port = old->endpoint_port;
        }
    }
    wg_device_move(&wg->applied, desired);
    wg->has_applied = true;
}

static int
open_backend(struct daemon *d)
{
    struct sync_wg *wg = &d->wg;
    int fd;

    if (wg->backend) {
        return 0;
    }
    if (d->userspace_wireguard) {
        return wg_backend_open_userspace(LINK_WG, &wg->backend);
    }
    fd = net_ctx_gateway_fd(d->net.ctx);
    return fd < 0 ? ENOENT : wg_backend_open_kernel(fd, &wg->backend);
}

static void
close_backend(struct sync_wg *wg)
{
    wg_backend_close(wg->backend);
    wg->backend = NULL;
}

/* Takes ownership of 'error', which may be NULL. */
static void
set_error(struct sync_wg *wg, char *error)
{
    free(wg->error);
    wg->error = error;
}
