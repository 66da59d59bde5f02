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
 * gateway/guard.h says what is in it and why.  The folder gateway/ decides,
 * compares and runs nft; this file says when:
 *
 *            due                 differs
 *     IDLE -------> READ ----------------------> APPLY
 *      ^              | as desired, or failed      | done: due at once
 *      +--------------+----------------------------+
 *
 * The kernel tells at once when somebody changes the table; what it cannot
 * tell (another interface becomes an outside one) the audit finds. */

#include <config.h>
#include "ovs-ctl/mobulad.h"

#include <stdlib.h>

#include "gateway/child.h"
#include "gateway/gw.h"
#include "gateway/nft-watch.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_guard);

#define AUDIT_MS 5000

static bool is_wanted(const struct daemon *);
static void finish_read(struct daemon *, long long int now);
static enum pace_outcome compare(struct daemon *, const char *actual,
                                 long long int now);
static char *want(const struct daemon *);
static void apply(struct sync_guard *, const char *table, long long int now);
static void finish_apply(struct daemon *, long long int now);
static void start_job(struct sync_guard *, enum sync_guard_job,
                      struct child *);
static void end_job(struct sync_guard *);
static void know(struct sync_guard *, const char *table, const char *text);
static void set_error(struct sync_guard *, char *error);

void
sync_guard_init(struct daemon *d)
{
    struct sync_guard *guard = &d->guard;
    int error = nft_watch_create(&guard->watch);

    if (error) {
        VLOG_WARN("cannot listen to changes of nftables (%s): looking every "
                  "%d s only", ovs_strerror(error), AUDIT_MS / 1000);
    }
    pace_init(&guard->pace, AUDIT_MS);
    plan_init(&guard->plan);
}

void
sync_guard_uninit(struct daemon *d)
{
    struct sync_guard *guard = &d->guard;

    end_job(guard);
    know(guard, NULL, NULL);
    nft_watch_destroy(guard->watch);
    plan_uninit(&guard->plan);
    free(guard->error);
}

void
sync_guard_run(struct daemon *d, long long int now)
{
    struct sync_guard *guard = &d->guard;

    if (guard->watch && nft_watch_run(guard->watch)) {
        pace_mark_dirty(&guard->pace);
    }
    if (guard->child && child_run(guard->child, now)) {
        if (guard->job == SYNC_GUARD_READ) {
            finish_read(d, now);
        } else {
            finish_apply(d, now);
        }
    }
    if (!guard->child && is_wanted(d) && pace_is_due(&guard->pace, now)) {
        /* What changes from here on is a reason to read again. */
        guard->doubtful = guard->pace.dirty;
        guard->pace.dirty = false;
        start_job(guard, SYNC_GUARD_READ, gw_read_start(now));
    }
}

void
sync_guard_wait(struct daemon *d, long long int now)
{
    struct sync_guard *guard = &d->guard;

    if (guard->watch) {
        nft_watch_wait(guard->watch);
    }
    if (guard->child) {
        child_wait(guard->child);
    } else if (is_wanted(d)) {
        poll_timer_wait_until(pace_next(&guard->pace, now));
    }
}

bool
sync_guard_is_ready(const struct daemon *d)
{
    const struct sync_guard *guard = &d->guard;

    return guard->has_plan && !guard->pace.dirty && !guard->doubtful
           && guard->pace.last == PACE_CONVERGED;
}

/* Before there is a configuration, what an earlier run left stays. */
static bool
is_wanted(const struct daemon *d)
{
    return d->has_fabric || d->mode != MODE_RUN;
}

static void
finish_read(struct daemon *d, long long int now)
{
    struct sync_guard *guard = &d->guard;
    bool dirty = guard->pace.dirty;
    enum pace_outcome outcome = PACE_FAILED;
    char *actual = NULL;
    char *error = gw_read_finish(guard->child, &actual);

    end_job(guard);
    set_error(guard, error);
    if (!error) {
        outcome = compare(d, actual, now);
    }
    pace_done(&guard->pace, outcome, now);
    guard->pace.dirty = dirty;
    guard->doubtful = false;
    free(actual);
}

static enum pace_outcome
compare(struct daemon *d, const char *actual, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct sync_guard *guard = &d->guard;
    enum pace_outcome outcome = PACE_CONVERGED;
    char *table = want(d);
    bool altered;

    plan_uninit(&guard->plan);
    altered = guard_diff(table, actual, &guard->known, &guard->plan);
    guard->has_plan = true;
    if (plan_is_noop(&guard->plan)) {
        know(guard, table, actual);
    } else if (d->options.dry_run) {
        outcome = PACE_WAITING;
    } else {
        if (altered) {
            VLOG_WARN_RL(&rl, "table inet "GUARD_TABLE": %s",
                         guard->plan.items[0].detail);
        }
        apply(guard, table, now);
        outcome = PACE_CHANGED;
    }
    free(table);
    return outcome;
}

/* Returns the table that must be there, or NULL if none; the caller must free
 * it. */
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
    struct guard guard;

    if (d->mode != MODE_RUN) {
        return NULL;
    }
    guard_read_outside(&d->fabric, d->self, &outside);
    guard_want(&in, &guard);
    nft_render_table(&guard, &s);
    guard_uninit(&guard);
    sset_destroy(&outside);
    return ds_steal_cstr(&s);
}

static void
apply(struct sync_guard *guard, const char *table, long long int now)
{
    struct ds counts = DS_EMPTY_INITIALIZER;
    struct ds commands = DS_EMPTY_INITIALIZER;

    plan_format_counts(&guard->plan, &counts);
    VLOG_INFO("guard: %s", ds_cstr(&counts));
    nft_render_replace(table, &commands);
    guard->applying = nullable_xstrdup(table);
    start_job(guard, SYNC_GUARD_APPLY,
              gw_apply_start(ds_cstr(&commands), now));
    ds_destroy(&counts);
    ds_destroy(&commands);
}

static void
finish_apply(struct daemon *d, long long int now)
{
    struct sync_guard *guard = &d->guard;
    char *error = gw_apply_finish(guard->child);

    set_error(guard, error);
    know(guard, error ? NULL : guard->applying, NULL);
    end_job(guard);
    if (error) {
        pace_done(&guard->pace, PACE_FAILED, now);
    }
}

/* Takes ownership of 'child'. */
static void
start_job(struct sync_guard *guard, enum sync_guard_job job,
          struct child *child)
{
    guard->job = job;
    guard->child = child;
}

static void
end_job(struct sync_guard *guard)
{
    child_destroy(guard->child);
    guard->child = NULL;
    guard->job = SYNC_GUARD_IDLE;
    free(guard->applying);
    guard->applying = NULL;
}

/* The desired 'table' is in force and prints as 'text'. */
static void
know(struct sync_guard *guard, const char *table, const char *text)
{
    struct guard_known old = guard->known;

    guard->known = (struct guard_known) {
        .want = nullable_xstrdup(table),
        .text = nullable_xstrdup(text),
    };
    free(old.want);
    free(old.text);
}

/* Takes ownership of 'error', which may be NULL.  One that stays is logged
 * once. */
static void
set_error(struct sync_guard *guard, char *error)
{
    if (error && !nullable_string_is_equal(error, guard->error)) {
        VLOG_WARN("%s", error);
    }
    free(guard->error);
    guard->error = error;
}
