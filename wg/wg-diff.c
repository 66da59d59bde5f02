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

/* wg-diff: what must be said to a WireGuard device so that it becomes what is
 * desired.  See wg-diff.h. */

#include <config.h>
#include "wg/wg-diff.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "wg/wg-device.h"

static void diff_device(const struct wg_device *, const struct wg_device *,
                        struct wg_delta *);
static void add_peer(const struct wg_peer *, struct wg_delta *);
static void update_peer(const struct wg_peer *, const struct wg_peer *,
                        const struct wg_peer *, int64_t now,
                        struct wg_delta *);
static void remove_peer(const struct wg_peer *, struct wg_delta *);
static bool must_set_endpoint(const struct wg_peer *, const struct wg_peer *,
                              const struct wg_peer *, int64_t now);
static struct wg_peer_delta *append(struct wg_delta *, enum wg_peer_action,
                                    const uint8_t *public_key);
static char *describe_added(const struct wg_peer *);
static char *describe_update(const struct wg_peer_delta *,
                             const struct wg_peer *);
static void put_separator(struct ds *);
static char *peer_name(const struct wg_peer *);

void
wg_diff(const struct wg_device *desired, const struct wg_device *actual,
        const struct wg_device *previous, int64_t now, struct wg_delta *ret)
{
    memset(ret, 0, sizeof *ret);
    plan_init(&ret->plan);
    diff_device(desired, actual, ret);
    for (size_t i = 0; i < desired->n_peers; i++) {
        const struct wg_peer *want = &desired->peers[i];
        const struct wg_peer *have = wg_device_find_peer(actual,
                                                         want->public_key);

        if (!have) {
            add_peer(want, ret);
        } else {
            update_peer(want, have,
                        previous ? wg_device_find_peer(previous,
                                                       want->public_key)
                                 : NULL, now, ret);
        }
    }
    for (size_t i = 0; i < actual->n_peers; i++) {
        const struct wg_peer *have = &actual->peers[i];

        if (!wg_device_find_peer(desired, have->public_key)) {
            remove_peer(have, ret);
        }
    }
}

bool
wg_delta_is_empty(const struct wg_delta *delta)
{
    return !delta->set_private_key && !delta->set_listen_port
           && !delta->set_fwmark && !delta->n_peers;
}

void
wg_delta_uninit(struct wg_delta *delta)
{
    free(delta->peers);
    plan_uninit(&delta->plan);
    memset(delta, 0, sizeof *delta);
}

static void
diff_device(const struct wg_device *desired, const struct wg_device *actual,
            struct wg_delta *ret)
{
    struct ds detail = DS_EMPTY_INITIALIZER;
    char *object = xasprintf("wireguard %s", desired->name);

    if (!wgkey_equal(desired->private_key, actual->private_key)) {
        ret->set_private_key = true;
        ds_put_cstr(&detail, "private key");
    }
    if (desired->listen_port != actual->listen_port) {
        ret->set_listen_port = true;
        put_separator(&detail);
        ds_put_format(&detail, "port %"PRIu16" -> %"PRIu16,
                      actual->listen_port, desired->listen_port);
    }
    if (desired->fwmark != actual->fwmark) {
        ret->set_fwmark = true;
        put_separator(&detail);
        ds_put_format(&detail, "fwmark 0x%"PRIx32" -> 0x%"PRIx32,
                      actual->fwmark, desired->fwmark);
    }
    if (detail.length) {
        plan_add(&ret->plan, PLAN_CHANGE, object, ds_steal_cstr(&detail));
    } else {
        plan_add(&ret->plan, PLAN_KEEP, object, NULL);
        ds_destroy(&detail);
    }
}

static void
add_peer(const struct wg_peer *want, struct wg_delta *ret)
{
    struct wg_peer_delta *delta = append(ret, WG_PEER_ADD, want->public_key);

    delta->peer = want;
    delta->set_preshared_key = want->has_preshared_key;
    delta->set_endpoint = want->has_endpoint;
    delta->set_keepalive = want->keepalive_s != 0;
    delta->set_allowed_ips = want->n_allowed_ips > 0;
    plan_add(&ret->plan, PLAN_ADD, peer_name(want), describe_added(want));
}

/* 'before' is the peer in what was desired before, or NULL. */
static void
update_peer(const struct wg_peer *want, const struct wg_peer *have,
            const struct wg_peer *before, int64_t now, struct wg_delta *ret)
{
    struct wg_peer_delta delta = {
        .action = WG_PEER_UPDATE,
        .peer = want,
        .set_preshared_key = !wg_peer_equal_preshared_key(want, have),
        .set_endpoint = must_set_endpoint(want, have, before, now),
        .set_keepalive = want->keepalive_s != have->keepalive_s,
        .set_allowed_ips = !wg_peer_equal_allowed_ips(want, have),
    };

    if (!delta.set_preshared_key && !delta.set_endpoint
        && !delta.set_keepalive && !delta.set_allowed_ips) {
        plan_add(&ret->plan, PLAN_KEEP, peer_name(want), NULL);
        return;
    }
    memcpy(delta.public_key, want->public_key, sizeof delta.public_key);
    *append(ret, WG_PEER_UPDATE, want->public_key) = delta;
    plan_add(&ret->plan, PLAN_CHANGE, peer_name(want),
             describe_update(&delta, have));
}

static void
remove_peer(const struct wg_peer *have, struct wg_delta *ret)
{
    append(ret, WG_PEER_REMOVE, have->public_key);
    plan_add(&ret->plan, PLAN_REMOVE, peer_name(have), NULL);
}

/* See the comment on wg_diff().  An endpoint cannot be taken from a peer, so
 * one that is not desired any longer stays. */
static bool
must_set_endpoint(const struct wg_peer *want, const struct wg_peer *have,
                  const struct wg_peer *before, int64_t now)
{
    if (!want->has_endpoint || wg_peer_equal_endpoint(want, have)) {
        return false;
    }
    if (!have->has_endpoint) {
        return true;
    }
    if (before && before->has_endpoint
        && !wg_peer_equal_endpoint(want, before)) {
        return true;
    }
    /* A handshake in the future (the clock was set back) counts as fresh. */
    return now - have->last_handshake > WG_SESSION_DEAD_S;
}

static struct wg_peer_delta *
append(struct wg_delta *ret, enum wg_peer_action action,
       const uint8_t *public_key)
{
    struct wg_peer_delta *delta;

    if (ret->n_peers >= ret->allocated_peers) {
        ret->peers = x2nrealloc(ret->peers, &ret->allocated_peers,
                                sizeof *ret->peers);
    }
    delta = &ret->peers[ret->n_peers++];
    memset(delta, 0, sizeof *delta);
    delta->action = action;
    memcpy(delta->public_key, public_key, WGKEY_SIZE);
    return delta;
}

static char *
describe_added(const struct wg_peer *want)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "endpoint ");
    wg_peer_format_endpoint(want, &s);
    ds_put_cstr(&s, ", allowed ");
    wg_peer_format_allowed_ips(want, &s);
    if (want->keepalive_s) {
        ds_put_format(&s, ", keepalive %"PRIu16" s", want->keepalive_s);
    }
    if (want->has_preshared_key) {
        ds_put_cstr(&s, ", preshared key");
    }
    return ds_steal_cstr(&s);
}

static char *
describe_update(const struct wg_peer_delta *delta, const struct wg_peer *have)
{
    const struct wg_peer *want = delta->peer;
    struct ds s = DS_EMPTY_INITIALIZER;

    if (delta->set_endpoint) {
        ds_put_cstr(&s, "endpoint ");
        wg_peer_format_endpoint(have, &s);
        ds_put_cstr(&s, " -> ");
        wg_peer_format_endpoint(want, &s);
    }
    if (delta->set_allowed_ips) {
        put_separator(&s);
        ds_put_cstr(&s, "allowed ");
        wg_peer_format_allowed_ips(have, &s);
        ds_put_cstr(&s, " -> ");
        wg_peer_format_allowed_ips(want, &s);
    }
    if (delta->set_keepalive) {
        put_separator(&s);
        ds_put_format(&s, "keepalive %"PRIu16" s -> %"PRIu16" s",
                      have->keepalive_s, want->keepalive_s);
    }
    if (delta->set_preshared_key) {
        put_separator(&s);
        ds_put_format(&s, "preshared key %s",
                      !want->has_preshared_key ? "removed"
                      : have->has_preshared_key ? "changed" : "added");
    }
    return ds_steal_cstr(&s);
}

static void
put_separator(struct ds *s)
{
    if (s->length) {
        ds_put_cstr(s, ", ");
    }
}

static char *
peer_name(const struct wg_peer *peer)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    wg_peer_format_name(peer, &s);
    return ds_steal_cstr(&s);
}
