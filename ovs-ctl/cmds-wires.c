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

/* cmds-wires: WireGuard's sessions -> JSON.  See cmds-wires.h. */

#include <config.h>
#include "ovs-ctl/cmds-wires.h"

#include <time.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/mobulad.h"
#include "packets.h"
#include "util.h"
#include "wg/wg-device.h"
#include "wg/wg-diff.h"

static struct json *client_json(const struct daemon *,
                                const struct fabric_extra_wire *);
static long long int handshake_age(const struct wg_peer *);

void
cmds_wires_put_session(const struct daemon *d, const uint8_t *public_key,
                       struct json *json)
{
    const struct wg_peer *peer = wg_device_find_peer(&d->wg.actual,
                                                     public_key);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!peer) {
        return;
    }
    if (peer->last_handshake) {
        json_object_put(json, "handshake_age",
                        json_integer_create(handshake_age(peer)));
    }
    wg_peer_format_endpoint(peer, &s);
    json_object_put_string(json, "endpoint", ds_cstr(&s));
    ds_destroy(&s);
    json_object_put(json, "rx_bytes", json_integer_create(peer->rx_bytes));
    json_object_put(json, "tx_bytes", json_integer_create(peer->tx_bytes));
}

void
cmds_wires_put_clients(const struct daemon *d, struct json *status)
{
    struct json *clients = json_array_create_empty();

    for (size_t i = 0; d->has_fabric && i < d->fabric.n_extra_wires; i++) {
        json_array_add(clients, client_json(d, &d->fabric.extra_wires[i]));
    }
    json_object_put(status, "clients", clients);
}

static struct json *
client_json(const struct daemon *d, const struct fabric_extra_wire *wire)
{
    const struct wg_peer *peer = wg_device_find_peer(&d->wg.actual,
                                                     wire->public_key);
    struct json *client = json_object_create();
    struct ds name = DS_EMPTY_INITIALIZER;

    fabric_extra_wire_format_name(wire, &name);
    json_object_put_string(client, "name", ds_cstr(&name));
    ds_destroy(&name);
    json_object_put_format(client, "address", IP_FMT, IP_ARGS(wire->address));
    json_object_put(client, "connected", json_boolean_create(
        peer && peer->last_handshake
        && handshake_age(peer) < WG_SESSION_DEAD_S));
    cmds_wires_put_session(d, wire->public_key, client);
    return client;
}

/* In seconds; the clock may have been set back since. */
static long long int
handshake_age(const struct wg_peer *peer)
{
    return MAX(time(NULL) - peer->last_handshake, 0);
}
