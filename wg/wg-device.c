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

/* wg-device: a WireGuard device and its peers as plain data.
 * See wg-device.h. */

#include <config.h>
#include "wg/wg-device.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static void peer_uninit(struct wg_peer *);
static void peer_sort_allowed_ips(struct wg_peer *);
static void sort_peers(struct wg_device *);
static int compare_peers(const void *, const void *);
static int compare_allowed_ips(const void *, const void *);
static void format_peer(const struct wg_peer *, struct ds *);

void
wg_device_init(struct wg_device *dev, const char *name)
{
    memset(dev, 0, sizeof *dev);
    ovs_strlcpy(dev->name, name, sizeof dev->name);
}

void
wg_device_uninit(struct wg_device *dev)
{
    for (size_t i = 0; i < dev->n_peers; i++) {
        peer_uninit(&dev->peers[i]);
    }
    free(dev->peers);
    wgkey_wipe(dev, sizeof *dev);
}

void
wg_device_move(struct wg_device *dst, struct wg_device *src)
{
    wg_device_uninit(dst);
    *dst = *src;
    wgkey_wipe(src, sizeof *src);
}

void
wg_device_set_private_key(struct wg_device *dev,
                          const uint8_t key[WGKEY_SIZE])
{
    dev->has_private_key = !wgkey_is_zero(key);
    if (!dev->has_private_key) {
        wgkey_wipe(dev->private_key, sizeof dev->private_key);
        memset(dev->public_key, 0, sizeof dev->public_key);
        return;
    }
    memcpy(dev->private_key, key, WGKEY_SIZE);
    dev->private_key[0] &= 248;
    dev->private_key[WGKEY_SIZE - 1] &= 127;
    dev->private_key[WGKEY_SIZE - 1] |= 64;
    wgkey_public(dev->private_key, dev->public_key);
}

struct wg_peer *
wg_device_add_peer(struct wg_device *dev,
                   const uint8_t public_key[WGKEY_SIZE])
{
    struct wg_peer *peer;

    if (dev->n_peers >= dev->allocated_peers) {
        /* Not realloc(), which would leave preshared keys behind. */
        size_t allocated = dev->allocated_peers ? dev->allocated_peers * 2 : 8;
        struct wg_peer *peers = xcalloc(allocated, sizeof *peers);

        if (dev->n_peers) {
            memcpy(peers, dev->peers, dev->n_peers * sizeof *peers);
            wgkey_wipe(dev->peers, dev->n_peers * sizeof *peers);
        }
        free(dev->peers);
        dev->peers = peers;
        dev->allocated_peers = allocated;
    }
    peer = &dev->peers[dev->n_peers++];
    memset(peer, 0, sizeof *peer);
    memcpy(peer->public_key, public_key, WGKEY_SIZE);
    return peer;
}

void
wg_peer_set_preshared_key(struct wg_peer *peer, const uint8_t key[WGKEY_SIZE])
{
    peer->has_preshared_key = !wgkey_is_zero(key);
    memcpy(peer->preshared_key, key, WGKEY_SIZE);
}

bool
wg_peer_add_allowed_ip(struct wg_peer *peer, int family,
                       const struct in6_addr *address, uint8_t cidr)
{
    struct in6_addr mask;

    if (!(family == AF_INET && cidr <= 32)
        && !(family == AF_INET6 && cidr <= 128)) {
        return false;
    }
    if (peer->n_allowed_ips >= peer->allocated_allowed_ips) {
        peer->allowed_ips = x2nrealloc(peer->allowed_ips,
                                       &peer->allocated_allowed_ips,
                                       sizeof *peer->allowed_ips);
    }
    mask = ipv6_create_mask(family == AF_INET ? 96 + cidr : cidr);
    peer->allowed_ips[peer->n_allowed_ips++] = (struct wg_allowed_ip) {
        .family = family,
        .address = ipv6_addr_bitand(address, &mask),
        .cidr = cidr,
    };
    return true;
}

void
wg_device_sort(struct wg_device *dev)
{
    for (size_t i = 0; i < dev->n_peers; i++) {
        peer_sort_allowed_ips(&dev->peers[i]);
    }
    sort_peers(dev);
}

const struct wg_peer *
wg_device_find_peer(const struct wg_device *dev, const uint8_t *public_key)
{
    size_t low = 0, high = dev->n_peers;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int cmp = memcmp(public_key, dev->peers[mid].public_key, WGKEY_SIZE);

        if (!cmp) {
            return &dev->peers[mid];
        } else if (cmp < 0) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return NULL;
}

bool
wg_peer_equal_endpoint(const struct wg_peer *a, const struct wg_peer *b)
{
    if (a->has_endpoint != b->has_endpoint) {
        return false;
    }
    return !a->has_endpoint
           || (ipv6_addr_equals(&a->endpoint, &b->endpoint)
               && a->endpoint_port == b->endpoint_port);
}

bool
wg_peer_equal_preshared_key(const struct wg_peer *a, const struct wg_peer *b)
{
    return wgkey_equal(a->preshared_key, b->preshared_key);
}

bool
wg_peer_equal_allowed_ips(const struct wg_peer *a, const struct wg_peer *b)
{
    if (a->n_allowed_ips != b->n_allowed_ips) {
        return false;
    }
    for (size_t i = 0; i < a->n_allowed_ips; i++) {
        if (compare_allowed_ips(&a->allowed_ips[i], &b->allowed_ips[i])) {
            return false;
        }
    }
    return true;
}

void
wg_peer_format_name(const struct wg_peer *peer, struct ds *s)
{
    if (peer->host_id) {
        ds_put_format(s, "peer %"PRIu16" (%s%s", peer->host_id,
                      peer->hostname ? peer->hostname : "",
                      peer->hostname ? ", " : "");
    } else if (peer->hostname) {
        ds_put_format(s, "client %s (", peer->hostname);
    } else {
        ds_put_cstr(s, "peer ");
    }
    wg_key_format_short(peer->public_key, s);
    if (peer->host_id || peer->hostname) {
        ds_put_char(s, ')');
    }
}

void
wg_peer_format_endpoint(const struct wg_peer *peer, struct ds *s)
{
    if (!peer->has_endpoint) {
        ds_put_cstr(s, "none");
    } else if (IN6_IS_ADDR_V4MAPPED(&peer->endpoint)) {
        ipv6_format_mapped(&peer->endpoint, s);
        ds_put_format(s, ":%"PRIu16, peer->endpoint_port);
    } else {
        ds_put_char(s, '[');
        ipv6_format_addr(&peer->endpoint, s);
        ds_put_format(s, "]:%"PRIu16, peer->endpoint_port);
    }
}

void
wg_peer_format_allowed_ips(const struct wg_peer *peer, struct ds *s)
{
    for (size_t i = 0; i < peer->n_allowed_ips; i++) {
        if (i) {
            ds_put_char(s, ' ');
        }
        wg_allowed_ip_format(&peer->allowed_ips[i], s);
    }
    if (!peer->n_allowed_ips) {
        ds_put_cstr(s, "none");
    }
}

void
wg_allowed_ip_format(const struct wg_allowed_ip *ip, struct ds *s)
{
    if (ip->family == AF_INET) {
        ipv6_format_mapped(&ip->address, s);
    } else {
        ipv6_format_addr(&ip->address, s);
    }
    ds_put_format(s, "/%"PRIu8, ip->cidr);
}

void
wg_key_format_short(const uint8_t public_key[WGKEY_SIZE], struct ds *s)
{
    char text[WGKEY_BASE64_LEN + 1];

    wgkey_to_base64(public_key, text);
    ds_put_format(s, "%.*s", WG_SHORT_KEY_LEN, text);
}

void
wg_device_format(const struct wg_device *dev, struct ds *s)
{
    ds_put_format(s, "wireguard %s: key ", dev->name);
    if (wgkey_is_zero(dev->public_key)) {
        ds_put_cstr(s, "none");
    } else {
        wg_key_format_short(dev->public_key, s);
    }
    ds_put_format(s, ", port %"PRIu16", fwmark 0x%"PRIx32"\n",
                  dev->listen_port, dev->fwmark);
    for (size_t i = 0; i < dev->n_peers; i++) {
        format_peer(&dev->peers[i], s);
    }
}

static void
peer_uninit(struct wg_peer *peer)
{
    free(peer->allowed_ips);
    free(peer->hostname);
    wgkey_wipe(peer, sizeof *peer);
}

static void
peer_sort_allowed_ips(struct wg_peer *peer)
{
    struct wg_allowed_ip *ips = peer->allowed_ips;
    size_t n = 0;

    if (!peer->n_allowed_ips) {
        return;
    }
    qsort(ips, peer->n_allowed_ips, sizeof *ips, compare_allowed_ips);
    for (size_t i = 0; i < peer->n_allowed_ips; i++) {
        if (!n || compare_allowed_ips(&ips[n - 1], &ips[i])) {
            ips[n++] = ips[i];
        }
    }
    peer->n_allowed_ips = n;
}

/* Sorts pointers and then moves the peers once: sorting the peers themselves
 * would let qsort() leave preshared keys in memory that it frees. */
static void
sort_peers(struct wg_device *dev)
{
    struct wg_peer **order;
    struct wg_peer *peers;

    if (!dev->n_peers) {
        return;
    }
    order = xcalloc(dev->n_peers, sizeof *order);
    for (size_t i = 0; i < dev->n_peers; i++) {
        order[i] = &dev->peers[i];
    }
    qsort(order, dev->n_peers, sizeof *order, compare_peers);

    peers = xcalloc(dev->allocated_peers, sizeof *peers);
    for (size_t i = 0; i < dev->n_peers; i++) {
        peers[i] = *order[i];
    }
    wgkey_wipe(dev->peers, dev->n_peers * sizeof *dev->peers);
    free(dev->peers);
    dev->peers = peers;
    free(order);
}

static int
compare_peers(const void *a_, const void *b_)
{
    const struct wg_peer *const *a = a_;
    const struct wg_peer *const *b = b_;

    return memcmp((*a)->public_key, (*b)->public_key, WGKEY_SIZE);
}

static int
compare_allowed_ips(const void *a_, const void *b_)
{
    const struct wg_allowed_ip *a = a_;
    const struct wg_allowed_ip *b = b_;
    int cmp;

    if (a->family != b->family) {
        return a->family == AF_INET ? -1 : 1;
    }
    cmp = memcmp(&a->address, &b->address, sizeof a->address);
    return cmp ? cmp : a->cidr < b->cidr ? -1 : a->cidr > b->cidr;
}

static void
format_peer(const struct wg_peer *peer, struct ds *s)
{
    ds_put_cstr(s, "  ");
    wg_peer_format_name(peer, s);
    ds_put_cstr(s, ": endpoint ");
    wg_peer_format_endpoint(peer, s);
    ds_put_cstr(s, ", allowed ");
    wg_peer_format_allowed_ips(peer, s);
    if (peer->keepalive_s) {
        ds_put_format(s, ", keepalive %"PRIu16" s", peer->keepalive_s);
    }
    if (peer->has_preshared_key) {
        ds_put_cstr(s, ", preshared key");
    }
    if (peer->last_handshake) {
        ds_put_format(s, ", handshake at %"PRId64, peer->last_handshake);
    }
    if (peer->rx_bytes || peer->tx_bytes) {
        ds_put_format(s, ", received %"PRIu64" bytes, sent %"PRIu64,
                      peer->rx_bytes, peer->tx_bytes);
    }
    ds_put_char(s, '\n');
}
