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

/* sync-external: keeps the external interface where it is to be: with the
 * host, or in the gateway ("external: move").
 *
 * net/external.h says how; this file says when, and watches whether it works.
 * The file of what was taken is the only memory: its phase, and the settings,
 * say what is to be.
 *
 * After the interface has become the gateway's for the first time, the router
 * has to answer there within external_watchdog seconds.  Otherwise all goes
 * back, and the file remembers it, until somebody says that it may be tried
 * again: by a change of external_interface, by "share" in between, or by
 * "mobula-ctl retry-external".
 *
 * Where the interface is decides more: where WireGuard's socket is (sync-wg.c,
 * sync-net.c), what the filter lets through (sync-filter.c), and whether there
 * is a way out through the host. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <stdlib.h>
#include <string.h>

#include "net/external.h"
#include "net/net-ctx.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_external);

#define AUDIT_MS 5000

/* How often the router is looked for. */
#define PROBE_MS 250

/* How long an interface may be with the host, but for the gateway, until the
 * host gets its addresses back: the gateway cannot work, and the host must be
 * reached.  Long enough for everything that comes with a boot. */
#define LEND_MS 10000

static void recover(struct daemon *);
static void decide(struct daemon *, long long int now);
static enum external_goal find_goal(struct daemon *, long long int now);
static void follow_goal(struct daemon *, enum external_goal);
static enum pace_outcome compare(struct daemon *, long long int now);
static enum pace_outcome take(struct daemon *, long long int now);
static enum pace_outcome reconcile(struct daemon *);
static enum pace_outcome finish(struct daemon *);
static enum pace_outcome save(struct daemon *);
static void probe(struct daemon *, long long int now);
static void give_up(struct daemon *);
static bool gateway_is_ready(const struct daemon *);
static void set_error(struct sync_external *, char *error);

void
sync_external_init(struct daemon *d)
{
    struct sync_external *external = &d->external;

    plan_init(&external->plan);
    pace_init(&external->pace, AUDIT_MS);
    external->taken = xzalloc(sizeof *external->taken);
    if (external_load(external->taken, &external->damage)) {
        VLOG_ERR("%s", external->damage);
    }
    if (external->taken->phase == EXTERNAL_NONE) {
        recover(d);
    }
}

void
sync_external_uninit(struct daemon *d)
{
    struct sync_external *external = &d->external;

    plan_uninit(&external->plan);
    external_taken_uninit(external->taken);
    free(external->taken);
    free(external->damage);
    free(external->error);
}

void
sync_external_run(struct daemon *d, long long int now)
{
    struct sync_external *external = &d->external;

    if (external->damage) {
        return;                 /* What to give back is not known. */
    }
    decide(d, now);
    if (pace_is_due(&external->pace, now)) {
        pace_done(&external->pace, compare(d, now), now);
    }
    probe(d, now);
}

void
sync_external_wait(struct daemon *d, long long int now)
{
    struct sync_external *external = &d->external;

    if (external->damage) {
        return;
    }
    if (external->deadline_ms) {
        poll_timer_wait_until(external->probe_ms);
    }
    if (external->lend_ms && now < external->lend_ms) {
        poll_timer_wait_until(external->lend_ms);
    }
    poll_timer_wait_until(pace_next(&external->pace, now));
}

bool
sync_external_is_ready(const struct daemon *d)
{
    const struct sync_external *external = &d->external;

    if (external->damage) {
        return d->mode == MODE_RUN && !sync_external_is_wanted(d);
    }
    return (external->pace.last == PACE_CONVERGED && !external->pace.dirty
            && (d->mode == MODE_RUN
                || external->taken->phase == EXTERNAL_NONE));
}

void
sync_external_changed(struct daemon *d)
{
    pace_mark_dirty(&d->external.pace);
}

void
sync_external_reset(struct daemon *d)
{
    pace_reset(&d->external.pace);
}

bool
sync_external_is_moved(const struct daemon *d)
{
    return (d->external.taken->phase == EXTERNAL_TAKEN
            && (d->external.goal == EXTERNAL_GOAL_MOVE
                || d->external.goal == EXTERNAL_GOAL_KEEP));
}

bool
sync_external_is_wanted(const struct daemon *d)
{
    return d->has_fabric && d->fabric.settings.external == EXTERNAL_MOVE;
}

enum net_where
sync_external_where(const struct daemon *d)
{
    return sync_external_is_moved(d) ? NET_GATEWAY : NET_HOST;
}

size_t
sync_external_addresses(const struct daemon *d, struct in6_addr **ret)
{
    return external_taken_addresses(d->external.taken, ret);
}

bool
sync_external_veth(const struct daemon *d, char name[IFNAMSIZ])
{
    if (d->external.taken->phase == EXTERNAL_TAKEN) {
        external_veth_name(d->external.taken->name, name);
        return true;
    }
    return false;
}

bool
sync_external_retry(struct daemon *d)
{
    struct sync_external *external = &d->external;

    if (external->taken->phase != EXTERNAL_FAILED) {
        return false;
    }
    external->retry = true;
    pace_reset(&external->pace);
    return true;
}

/* There is no file, or none that can be read.  If the gateway has an interface
 * all the same, there was one. */
static void
recover(struct daemon *d)
{
    struct sync_external *external = &d->external;
    struct external_taken taken;
    char *why = NULL;

    if (external_recover(d->net.ctx, &taken, &why)) {
        VLOG_WARN("external: %s", why);
        free(why);
        return;
    }
    if (taken.phase != EXTERNAL_NONE) {
        VLOG_WARN("external: %s is the gateway's, and "EXTERNAL_STATE_FILE
                  " is made anew: labels of addresses and sysctls are lost",
                  taken.name);
        external_taken_uninit(external->taken);
        *external->taken = taken;
        ignore(save(d));
        free(external->damage);
        external->damage = NULL;
    }
}

/* Finds out what is to be, and tells the other parts if that has changed. */
static void
decide(struct daemon *d, long long int now)
{
    struct sync_external *external = &d->external;
    enum external_goal goal = find_goal(d, now);

    if (goal != external->goal) {
        follow_goal(d, goal);
    }
    if (goal == EXTERNAL_GOAL_MOVE && !external->taken->confirmed
        && !external->deadline_ms
        && d->fabric.settings.external_watchdog_s) {
        /* Of an earlier mobulad, which did not see it through. */
        external->deadline_ms = (now + 1000LL
                                 * d->fabric.settings.external_watchdog_s);
        external->probe_ms = now;
    } else if (goal != EXTERNAL_GOAL_MOVE) {
        external->deadline_ms = 0;
    }
}

static enum external_goal
find_goal(struct daemon *d, long long int now)
{
    struct sync_external *external = &d->external;
    const struct external_want_in in = {
        .taken = external->taken,
        .teardown = d->mode != MODE_RUN,
        .has_config = d->has_fabric,
        .move = sync_external_is_wanted(d),
        .choice = d->fabric.settings.external_interface,
        .on_host = external->on_host,
    };
    enum external_goal goal = external_want(&in);

    if (goal == EXTERNAL_GOAL_KEEP && external->retry) {
        goal = EXTERNAL_GOAL_FORGET;
    }
    if (external->on_host
        && ((goal == EXTERNAL_GOAL_MOVE && !gateway_is_ready(d))
            || goal == EXTERNAL_GOAL_LEND)) {
        if (!external->lend_ms) {
            external->lend_ms = now + LEND_MS;
        }
        if (now >= external->lend_ms && !external->deadline_ms) {
            return EXTERNAL_GOAL_LEND;
        }
        return goal == EXTERNAL_GOAL_LEND ? EXTERNAL_GOAL_KEEP : goal;
    }
    external->lend_ms = 0;
    return goal;
}

static void
follow_goal(struct daemon *d, enum external_goal goal)
{
    struct sync_external *external = &d->external;
    const bool was_moved = sync_external_is_moved(d);

    external->goal = goal;
    external->tried_sysctls = false;
    pace_reset(&external->pace);
    if (goal == EXTERNAL_GOAL_MOVE && !d->options.dry_run) {
        external_hide(external->taken, true);
    }
    if (sync_external_is_moved(d) != was_moved) {
        /* Other links, another socket of WireGuard, other rules. */
        pace_reset(&d->net.pace);
        pace_reset(&d->filter.nft.pace);
        pace_reset(&d->guard.pace);
        pace_reset(&d->share.pace);
        sync_wg_reset(d);
        sync_mtu_look_again(d);
    }
}

static enum pace_outcome
compare(struct daemon *d, long long int now)
{
    struct sync_external *external = &d->external;
    struct external_taken *taken = external->taken;

    external->on_host = (taken->phase != EXTERNAL_NONE
                         && external_is_on_host(d->net.ctx, taken->name));
    plan_uninit(&external->plan);
    plan_init(&external->plan);
    set_error(external, NULL);
    switch (external->goal) {
    case EXTERNAL_GOAL_KEEP:
        return PACE_CONVERGED;
    case EXTERNAL_GOAL_TAKE:
        return take(d, now);
    case EXTERNAL_GOAL_FORGET:
        external->retry = false;
        external_taken_uninit(taken);
        return save(d);
    case EXTERNAL_GOAL_MOVE:
        if (external->on_host && !gateway_is_ready(d)) {
            set_error(external, xasprintf("%s waits for the filter of the "
                                          "gateway", taken->name));
            return PACE_WAITING;
        }
        return reconcile(d);
    case EXTERNAL_GOAL_RETURN:
    case EXTERNAL_GOAL_FAIL:
    case EXTERNAL_GOAL_LEND:
    default:
        return reconcile(d);
    }
}

/* Chooses an interface, and writes down what is on it: from then on it is to
 * be the gateway's. */
static enum pace_outcome
take(struct daemon *d, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    const struct settings *settings = &d->fabric.settings;
    const struct fabric_host *self = fabric_find_host(&d->fabric, d->self);
    struct sync_external *external = &d->external;
    struct external_taken taken;
    char *why = NULL;

    if (external_choose(d->net.ctx, settings->external_interface,
                        &self->endpoint, &taken, &why)) {
        set_error(external, why);
        VLOG_WARN_RL(&rl, "external: %s", external->error);
        return PACE_FAILED;
    }
    plan_add(&external->plan, PLAN_CHANGE,
             xasprintf("interface %s", taken.name),
             xstrdup("becomes the gateway's"));
    if (d->options.dry_run || !gateway_is_ready(d)) {
        external_taken_uninit(&taken);
        return PACE_WAITING;
    }
    if (external_save(&taken, &why)) {
        set_error(external, why);
        VLOG_WARN_RL(&rl, "external: %s", external->error);
        external_taken_uninit(&taken);
        return PACE_FAILED;
    }
    VLOG_WARN("external: %s becomes the gateway's; what is on it is in "
              EXTERNAL_STATE_FILE, taken.name);
    external_taken_uninit(external->taken);
    *external->taken = taken;
    if (settings->external_watchdog_s) {
        external->deadline_ms = now + 1000LL * settings->external_watchdog_s;
        external->probe_ms = now;
    }
    return PACE_CHANGED;
}

/* Returns true if nothing is left that would be worth another try: what
 * /proc/sys/net refuses, it will refuse again. */
static bool
is_done(struct sync_external *external, const struct external_plan *plan)
{
    bool only_sysctls = plan->n_ops > 0;

    for (size_t i = 0; i < plan->n_ops; i++) {
        only_sysctls &= plan->ops[i].type == EXTERNAL_OP_SET_SYSCTL;
    }
    if (only_sysctls && external->tried_sysctls) {
        return true;
    }
    external->tried_sysctls = only_sysctls;
    return !plan->n_ops;
}

static enum pace_outcome
apply(struct daemon *d, const struct external_plan *plan)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    /* Mobula's own links, and so routes over them, go in teardown. */
    const bool yield = d->mode == MODE_RUN || sync_net_is_ready(d);
    struct ds counts = DS_EMPTY_INITIALIZER;
    char *why = NULL;

    if (d->options.dry_run) {
        return PACE_WAITING;
    }
    plan_format_counts(&plan->plan, &counts);
    VLOG_INFO_RL(&rl, "external interface %s: %s", d->external.taken->name,
                 ds_cstr(&counts));
    ds_destroy(&counts);
    pace_mark_dirty(&d->net.pace);
    if (external_apply(d->net.ctx, plan, yield, &why)) {
        set_error(&d->external, why);
        VLOG_WARN_RL(&rl, "external: %s", d->external.error);
        return PACE_FAILED;
    }
    return PACE_CHANGED;
}

static enum pace_outcome
reconcile(struct daemon *d)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct sync_external *external = &d->external;
    struct external_actual actual;
    struct external_plan plan;
    enum pace_outcome outcome;
    char *why = NULL;

    if (external_read(d->net.ctx, external->taken, external->goal, &actual,
                      &why)) {
        set_error(external, why);
        VLOG_WARN_RL(&rl, "%s", external->error);
        return PACE_FAILED;
    }
    external_diff(external->goal, external->taken, &actual, &plan);
    external->on_host = actual.host.exists;
    if (plan.waiting) {
        set_error(external, xstrdup(plan.waiting));
    }
    if (!is_done(external, &plan)) {
        outcome = apply(d, &plan);
    } else {
        outcome = plan.waiting ? PACE_WAITING : finish(d);
    }
    plan_splice(&external->plan, &plan.plan);
    external_plan_uninit(&plan);
    external_actual_uninit(&actual);
    return outcome;
}

/* The interface is where it is to be. */
static enum pace_outcome
finish(struct daemon *d)
{
    struct sync_external *external = &d->external;
    struct external_taken *taken = external->taken;

    switch (external->goal) {
    case EXTERNAL_GOAL_RETURN:
        VLOG_INFO("external: %s is the host's again", taken->name);
        external_hide(taken, false);
        external_taken_uninit(taken);
        return save(d);
    case EXTERNAL_GOAL_FAIL:
        VLOG_WARN("external: %s is the host's again", taken->name);
        external_hide(taken, false);
        external_objects_uninit(&taken->objects);
        external_sysctls_uninit(&taken->sysctls);
        taken->phase = EXTERNAL_FAILED;
        return save(d);
    case EXTERNAL_GOAL_MOVE:
    case EXTERNAL_GOAL_KEEP:
    case EXTERNAL_GOAL_TAKE:
    case EXTERNAL_GOAL_LEND:
    case EXTERNAL_GOAL_FORGET:
    default:
        return PACE_CONVERGED;
    }
}

static enum pace_outcome
save(struct daemon *d)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    char *why = NULL;

    if (d->options.dry_run) {
        return PACE_CONVERGED;
    }
    if (external_save(d->external.taken, &why)) {
        set_error(&d->external, why);
        VLOG_WARN_RL(&rl, "external: %s", d->external.error);
        return PACE_FAILED;
    }
    return PACE_CHANGED;
}

/* Looks whether the router answers in the gateway, until it does or the time
 * is over.  Without a router, there is nobody to ask. */
static void
probe(struct daemon *d, long long int now)
{
    struct sync_external *external = &d->external;
    struct in6_addr *routers;
    bool there, reached;
    size_t n;

    if (!external->deadline_ms || now < external->probe_ms
        || d->options.dry_run
        || external->goal != EXTERNAL_GOAL_MOVE) {
        return;
    }
    external->probe_ms = now + PROBE_MS;
    there = external->pace.last == PACE_CONVERGED && !external->on_host;
    n = external_taken_routers(external->taken, &routers);
    reached = there && (!n || external_reaches(d->net.ctx, routers, n));
    free(routers);
    if (reached) {
        VLOG_INFO("external: %s is the gateway's%s", external->taken->name,
                  n ? ", and the router answers"
                  : "; it has no router that could be asked");
        external->taken->confirmed = true;
        external->deadline_ms = 0;
        ignore(save(d));        /* The next mobulad would ask once more. */
    } else if (now >= external->deadline_ms) {
        give_up(d);
    }
}

static void
give_up(struct daemon *d)
{
    struct sync_external *external = &d->external;
    struct external_taken *taken = external->taken;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct in6_addr *routers;
    size_t n = external_taken_routers(taken, &routers);

    ds_put_format(&s, "%s was given back to the host: ", taken->name);
    if (external->error) {
        ds_put_format(&s, "%s; after %u s", external->error,
                      d->fabric.settings.external_watchdog_s);
    } else {
        ds_put_cstr(&s, "in the gateway, ");
        for (size_t i = 0; i < n; i++) {
            ds_put_cstr(&s, i ? ", " : "");
            ipv6_format_mapped(&routers[i], &s);
        }
        ds_put_format(&s, " did not answer within %u s",
                      d->fabric.settings.external_watchdog_s);
    }
    free(routers);
    VLOG_ERR("external: %s", ds_cstr(&s));
    taken->phase = EXTERNAL_FAILING;
    free(taken->reason);
    taken->reason = ds_steal_cstr(&s);
    external->deadline_ms = 0;
    /* Whether or not this can be written, it goes back now. */
    ignore(save(d));
    pace_reset(&external->pace);
    poll_immediate_wake();
}

/* Does the filter stand, as it is to be with the interface in the gateway? */
static bool
gateway_is_ready(const struct daemon *d)
{
    return d->filter.has_namespace && sync_filter_is_ready(d);
}

/* Takes ownership of 'error', which may be NULL. */
static void
set_error(struct sync_external *external, char *error)
{
    free(external->error);
    external->error = error;
}
