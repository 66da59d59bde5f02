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

/* sync-nft: keeps one table of nftables as desired.  See sync-nft.h. */

#include <config.h>
#include "ovs-ctl/sync-nft.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/child.h"
#include "gateway/gw.h"
#include "gateway/nft-watch.h"
#include "net/nlns.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/mobulad.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_nft);

/* How often it is asked what is desired, and how often nft what is there. */
#define AUDIT_MS 5000
#define READ_MS 30000

/* What is to be started in a namespace. */
struct start {
    struct sync_nft *nft;
    const char *commands;       /* NULL: read. */
    long long int now;
};

static bool is_wanted(const struct daemon *);
static bool is_as_known(const struct sync_nft *, const struct daemon *,
                        long long int now);
static int create_watch(void *nft);
static void finish_read(struct sync_nft *, const struct daemon *, int ns_fd,
                        long long int now);
static enum pace_outcome compare(struct sync_nft *, const struct daemon *,
                                 int ns_fd, const char *actual,
                                 long long int now);
static bool still_in_force(const struct sync_nft *, const char *actual,
                           bool altered);
static void apply(struct sync_nft *, int ns_fd, const char *table,
                  long long int now);
static void finish_apply(struct sync_nft *, long long int now);
static void start_job(struct sync_nft *, int ns_fd, const char *commands,
                      long long int now);
static int start_child(void *start);
static void end_job(struct sync_nft *);
static void know(struct sync_nft *, const char *table, const char *text);
static void set_error(struct sync_nft *, char *error);

void
sync_nft_init(struct sync_nft *nft, const struct sync_nft_class *class)
{
    nft->class = class;
    pace_init(&nft->pace, AUDIT_MS);
    plan_init(&nft->plan);
}

void
sync_nft_uninit(struct sync_nft *nft)
{
    end_job(nft);
    know(nft, NULL, NULL);
    nft_watch_destroy(nft->watch);
    nft_drops_uninit(&nft->drops);
    plan_uninit(&nft->plan);
    free(nft->error);
}

void
sync_nft_restart(struct sync_nft *nft, bool listen, int ns_fd)
{
    int error;

    end_job(nft);
    know(nft, NULL, NULL);
    nft->in_force = false;
    nft_watch_destroy(nft->watch);
    nft->watch = NULL;
    error = listen ? nlns_call(ns_fd, create_watch, nft) : 0;
    if (error) {
        VLOG_WARN("cannot listen to changes of %s (%s): looking every %d s "
                  "only", nft->class->object, ovs_strerror(error),
                  AUDIT_MS / 1000);
    }
    pace_reset(&nft->pace);
}

void
sync_nft_run(struct sync_nft *nft, const struct daemon *d, int ns_fd,
             long long int now)
{
    if (nft->watch && nft_watch_run(nft->watch)) {
        pace_mark_dirty(&nft->pace);
    }
    if (nft->child && child_run(nft->child, now)) {
        if (nft->job == SYNC_NFT_READ) {
            finish_read(nft, d, ns_fd, now);
        } else {
            finish_apply(nft, now);
        }
    }
    if (nft->child || !is_wanted(d) || !pace_is_due(&nft->pace, now)) {
        return;
    } else if (is_as_known(nft, d, now)) {
        pace_done(&nft->pace, PACE_CONVERGED, now);
    } else {
        /* What changes from here on is a reason to read again. */
        nft->doubtful = nft->pace.dirty;
        nft->pace.dirty = nft->asked = false;
        nft->read_ms = now;
        start_job(nft, ns_fd, NULL, now);
    }
}

void
sync_nft_wait(struct sync_nft *nft, const struct daemon *d,
              long long int now)
{
    if (nft->watch) {
        nft_watch_wait(nft->watch);
    }
    if (nft->child) {
        child_wait(nft->child);
    } else if (is_wanted(d)) {
        poll_timer_wait_until(pace_next(&nft->pace, now));
    }
}

void
sync_nft_ask(struct sync_nft *nft)
{
    nft->asked = true;
}

bool
sync_nft_is_ready(const struct sync_nft *nft)
{
    return nft->has_plan && !nft->pace.dirty && !nft->doubtful
           && nft->pace.last == PACE_CONVERGED;
}

/* Is the desired table the one that was there when it was last read, and would
 * the kernel have told of a change since? */
static bool
is_as_known(const struct sync_nft *nft, const struct daemon *d,
            long long int now)
{
    bool same;
    char *table;

    if (!nft->watch || nft->pace.dirty || nft->asked || !nft->has_plan
        || nft->pace.last != PACE_CONVERGED || now >= nft->read_ms + READ_MS) {
        return false;
    }
    table = nft->class->want(d);
    same = nullable_string_is_equal(table, nft->known.want);
    free(table);
    return same;
}

static bool
is_wanted(const struct daemon *d)
{
    return d->has_fabric || d->mode != MODE_RUN;
}

static int
create_watch(void *nft_)
{
    struct sync_nft *nft = nft_;

    return nft_watch_create(nft->class->table, &nft->watch);
}

static void
finish_read(struct sync_nft *nft, const struct daemon *d, int ns_fd,
            long long int now)
{
    bool dirty = nft->pace.dirty;
    enum pace_outcome outcome = PACE_FAILED;
    char *actual = NULL;
    char *error = gw_read_finish(nft->child, &actual);

    end_job(nft);
    set_error(nft, error);
    if (error) {
        nft->in_force = false;
    } else {
        nft_drops_update(&nft->drops, actual);
        if (actual) {
            nft_remove_states(actual);
        }
        outcome = compare(nft, d, ns_fd, actual, now);
    }
    pace_done(&nft->pace, outcome, now);
    nft->pace.dirty = dirty;
    nft->doubtful = false;
    free(actual);
}

static enum pace_outcome
compare(struct sync_nft *nft, const struct daemon *d, int ns_fd,
        const char *actual, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    enum pace_outcome outcome = PACE_CONVERGED;
    char *table = nft->class->want(d);
    bool altered;

    plan_uninit(&nft->plan);
    altered = nft_diff(nft->class->object, table, actual, &nft->known,
                       &nft->plan);
    nft->in_force = still_in_force(nft, actual, altered);
    nft->has_plan = true;
    if (plan_is_noop(&nft->plan)) {
        know(nft, table, actual);
    } else if (d->options.dry_run) {
        outcome = PACE_WAITING;
    } else {
        if (altered) {
            VLOG_WARN_RL(&rl, "%s: %s", nft->class->object,
                         nft->plan.items[0].detail);
        }
        apply(nft, ns_fd, table, now);
        outcome = PACE_CHANGED;
    }
    free(table);
    return outcome;
}

/* One that is not as desired any longer, because something else is desired,
 * is in force until the next one takes its place. */
static bool
still_in_force(const struct sync_nft *nft, const char *actual, bool altered)
{
    return actual && !altered
           && (plan_is_noop(&nft->plan)
               || (nft->in_force && nft->known.text
                   && !strcmp(nft->known.text, actual)));
}

static void
apply(struct sync_nft *nft, int ns_fd, const char *table, long long int now)
{
    struct ds counts = DS_EMPTY_INITIALIZER;
    struct ds commands = DS_EMPTY_INITIALIZER;

    plan_format_counts(&nft->plan, &counts);
    VLOG_INFO("%s: %s", nft->class->title, ds_cstr(&counts));
    nft_format_replace(nft->class->table, table, &commands);
    start_job(nft, ns_fd, ds_cstr(&commands), now);
    nft->applying = nullable_xstrdup(table);
    ds_destroy(&counts);
    ds_destroy(&commands);
}

static void
finish_apply(struct sync_nft *nft, long long int now)
{
    char *error = gw_apply_finish(nft->child);

    set_error(nft, error);
    know(nft, error ? NULL : nft->applying, NULL);
    end_job(nft);
    if (error) {
        nft->in_force = false;
        pace_done(&nft->pace, PACE_FAILED, now);
    }
}

static void
start_job(struct sync_nft *nft, int ns_fd, const char *commands,
          long long int now)
{
    struct start start = { nft, commands, now };
    int error = nlns_call(ns_fd, start_child, &start);

    if (error) {
        set_error(nft, xasprintf("%s: cannot enter the namespace: %s",
                                 nft->class->object, ovs_strerror(error)));
        nft->in_force = false;
        pace_done(&nft->pace, PACE_FAILED, now);
    } else {
        nft->job = commands ? SYNC_NFT_APPLY : SYNC_NFT_READ;
    }
}

/* Runs in the namespace, which the child inherits. */
static int
start_child(void *start_)
{
    struct start *start = start_;
    struct sync_nft *nft = start->nft;

    nft->child = (start->commands
                  ? gw_apply_start(start->commands, start->now)
                  : gw_read_start(nft->class->table, start->now));
    return 0;
}

static void
end_job(struct sync_nft *nft)
{
    child_destroy(nft->child);
    nft->child = NULL;
    nft->job = SYNC_NFT_IDLE;
    free(nft->applying);
    nft->applying = NULL;
}

/* The desired 'table' is in force and prints as 'text'. */
static void
know(struct sync_nft *nft, const char *table, const char *text)
{
    struct nft_known old = nft->known;

    nft->known = (struct nft_known) {
        .want = nullable_xstrdup(table),
        .text = nullable_xstrdup(text),
    };
    free(old.want);
    free(old.text);
}

/* Takes ownership of 'error', which may be NULL.  One that stays is logged
 * once. */
static void
set_error(struct sync_nft *nft, char *error)
{
    if (error && !nullable_string_is_equal(error, nft->error)) {
        VLOG_WARN("%s", error);
    }
    free(nft->error);
    nft->error = error;
}
