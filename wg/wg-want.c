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

/* wg-want: which WireGuard device a configuration asks for.
 * See wg-want.h. */

#include <config.h>
#include "wg/wg-want.h"

#include "lib/addr.h"
#include "lib/endpoint.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "wg/wg-device.h"

/* Keepalive of a host that others cannot reach, in seconds: less than NATs
 * wait at the least before they forget (RFC 4787, section 4.3, and wg(8)). */
#define NAT_KEEPALIVE_S 25

static void want_peer(const struct fabric *, const struct fabric_host *self,
                      const struct fabric_host *, const struct endpoints *,
                      struct wg_device *);
static void want_client(const struct fabric_extra_wire *, struct wg_device *);
static uint16_t keepalive(const struct settings *, const struct fabric_host *);
static void set_preshared_key(const struct fabric *,
                              const struct fabric_host *self,
                              struct wg_peer *);
static void allow_ipv4(struct wg_peer *, ovs_be32);

void
wg_want(const struct fabric *fabric, uint16_t self,
        const struct endpoints *found, struct wg_device *ret)
{
    const struct fabric_host *own = fabric_find_host(fabric, self);

    wg_device_init(ret, LINK_WG);
    ret->listen_port = fabric->settings.wireguard_port;
    ret->fwmark = MARK_MOBULA;
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        if (host->id != self) {
            want_peer(fabric, own, host, found, ret);
        } else if (host->has_private_key) {
            wg_device_set_private_key(ret, host->private_key);
        }
    }
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        want_client(&fabric->extra_wires[i], ret);
    }
    wg_device_sort(ret);
}

static void
want_peer(const struct fabric *fabric, const struct fabric_host *self,
          const struct fabric_host *host, const struct endpoints *found,
          struct wg_device *ret)
{
    const struct settings *settings = &fabric->settings;
    struct wg_peer *peer = wg_device_add_peer(ret, host->public_key);

    peer->host_id = host->id;
    peer->hostname = nullable_xstrdup(host->hostname);
    peer->has_endpoint = endpoints_find(found, host, &peer->endpoint);
    if (peer->has_endpoint) {
        peer->endpoint_port = endpoint_port(settings, host);
    }
    peer->keepalive_s = keepalive(settings, self);
    set_preshared_key(fabric, self, peer);
    allow_ipv4(peer, addr_intrawire(settings, host->id));
    allow_ipv4(peer, addr_vtep(settings, host->id));
}

/* An administrator's client, which comes to whichever host it likes: it says
 * where it is. */
static void
want_client(const struct fabric_extra_wire *wire, struct wg_device *ret)
{
    struct wg_peer *peer = wg_device_add_peer(ret, wire->public_key);
    struct ds name = DS_EMPTY_INITIALIZER;

    fabric_extra_wire_format_name(wire, &name);
    peer->hostname = ds_steal_cstr(&name);
    allow_ipv4(peer, wire->address);
}

/* How often 'self', which may be NULL, is to let each peer hear something. */
static uint16_t
keepalive(const struct settings *settings, const struct fabric_host *self)
{
    return (self && self->has_keepalive ? self->keepalive_s
            : settings->keepalive_s ? settings->keepalive_s
            : self && self->endpoint_none ? NAT_KEEPALIVE_S : 0);
}

static void
set_preshared_key(const struct fabric *fabric, const struct fabric_host *self,
                  struct wg_peer *peer)
{
    uint8_t key[WGKEY_SIZE];

    if (fabric->has_preshared_secret && self) {
        wgkey_derive_pair(fabric->preshared_secret, self->public_key,
                          peer->public_key, key);
        wg_peer_set_preshared_key(peer, key);
        wgkey_wipe(key, sizeof key);
    }
}

static void
allow_ipv4(struct wg_peer *peer, ovs_be32 address)
{
    struct in6_addr mapped;

    in6_addr_set_mapped_ipv4(&mapped, address);
    /* A /32 cannot be out of range. */
    wg_peer_add_allowed_ip(peer, AF_INET, &mapped, 32);
}
