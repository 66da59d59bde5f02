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
 * desired.
 *
 * Pure.  Comes after wg-want.c and a backend's read; the codecs
 * (wg-genl-codec.h, wg-uapi-codec.h) turn the result into messages and a
 * backend's apply sends them.  A peer that is as desired is not mentioned at
 * all, and of another only those settings that differ: WireGuard keeps the
 * session, counters and roamed endpoint of whatever is not mentioned. */

#ifndef MOBULA_WG_DIFF_H
#define MOBULA_WG_DIFF_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/plan.h"
#include "lib/wgkey.h"

struct wg_device;
struct wg_peer;

/* After this many seconds without a handshake a session is dead (WireGuard's
 * REJECT_AFTER_TIME). */
#define WG_SESSION_DEAD_S 180

enum wg_peer_action {
    WG_PEER_ADD,                /* Not there yet. */
    WG_PEER_UPDATE,             /* There: change what is flagged. */
    WG_PEER_REMOVE,             /* There, not desired. */
};

struct wg_peer_delta {
    enum wg_peer_action action;
    uint8_t public_key[WGKEY_SIZE];

    /* The desired peer: borrowed from 'desired'; NULL to remove. */
    const struct wg_peer *peer;

    /* Which settings of 'peer' to set.  A setting that 'peer' does not have
     * is reset: a zero preshared key, keepalive 0, no allowed IPs. */
    bool set_preshared_key;
    bool set_endpoint;          /* Only if 'peer' has one. */
    bool set_keepalive;
    bool set_allowed_ips;       /* They replace all that are there. */
};

struct wg_delta {
    bool set_private_key;
    bool set_listen_port;
    bool set_fwmark;

    /* In the order in which they must be applied: peers that stay or come in
     * the order of their keys, then peers that go.  An allowed IP belongs to
     * one peer at a time and giving it to one takes it from the other, so a
     * prefix goes from a peer that is removed to its successor without a
     * moment in which it belongs to nobody. */
    struct wg_peer_delta *peers;
    size_t n_peers;
    size_t allocated_peers;

    struct plan plan;           /* The same in words. */
};

/* Compares 'desired' with 'actual' and makes the differences in 'ret', which
 * borrows from 'desired' and which the caller must free with
 * wg_delta_uninit().
 *
 * 'previous' is the desired device that was applied last, NULL after a start.
 * 'now' is the time in seconds since the epoch (the clock that handshakes are
 * stamped with).
 *
 * WireGuard follows a peer that speaks from another address, so an endpoint
 * that differs from the desired one is not an error.  It is set only if the
 * peer is new, if it has no endpoint, if 'previous' had another one, or if
 * there was no handshake for WG_SESSION_DEAD_S, in which case wherever the
 * peer roamed to, it is not there any longer. */
void wg_diff(const struct wg_device *desired, const struct wg_device *actual,
             const struct wg_device *previous, int64_t now,
             struct wg_delta *ret);

/* Returns true if there is nothing to apply. */
bool wg_delta_is_empty(const struct wg_delta *);

/* Frees what 'delta' owns; not 'delta' itself. */
void wg_delta_uninit(struct wg_delta *delta);

#endif /* wg/wg-diff.h */
