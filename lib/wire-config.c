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

/* wire-config: the configuration file of a client of extrawire.
 * See wire-config.h. */

#include <config.h>
#include "lib/wire-config.h"

#include "lib/addr.h"
#include "lib/endpoint.h"
#include "lib/fabric.h"
#include "lib/mtu.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static void format_interface(const struct wire_config_in *, bool comments,
                             struct ds *);
static void format_private_key(const struct wire_config_in *, struct ds *);
static void format_peer(const struct wire_config_in *, bool comments,
                        struct ds *);
static void format_endpoint(const struct wire_config_in *, struct ds *);
static void format_allowed_ips(const struct settings *, struct ds *);

void
wire_config_format(const struct wire_config_in *in, bool comments,
                   struct ds *s)
{
    format_interface(in, comments, s);
    ds_put_char(s, '\n');
    format_peer(in, comments, s);
}

uint16_t
wire_config_mtu(uint16_t underlay_mtu)
{
    return mtu_access(underlay_mtu ? MIN(underlay_mtu, MTU_DEFAULT)
                      : MTU_DEFAULT);
}

static void
format_interface(const struct wire_config_in *in, bool comments,
                 struct ds *s)
{
    const struct settings *settings = &in->fabric->settings;

    ds_put_cstr(s, "[Interface]\n");
    if (comments) {
        ds_put_cstr(s, "# ");
        fabric_extra_wire_format_name(in->wire, s);
        ds_put_cstr(s, ", a client of the extrawire network.\n");
    }
    format_private_key(in, s);
    ds_put_format(s, "Address = "IP_FMT"/32\n", IP_ARGS(in->wire->address));
    ds_put_format(s, "DNS = "IP_FMT"\n",
                  IP_ARGS(addr_access_gateway(settings, in->host->id)));
    ds_put_format(s, "MTU = %u\n", wire_config_mtu(in->underlay_mtu));
}

static void
format_private_key(const struct wire_config_in *in, struct ds *s)
{
    char text[WGKEY_BASE64_LEN + 1];

    if (in->private_key) {
        wgkey_to_base64(in->private_key, text);
        ds_put_format(s, "PrivateKey = %s\n", text);
        wgkey_wipe(text, sizeof text);
    } else {
        wgkey_to_base64(in->wire->public_key, text);
        ds_put_format(s, "# The private key that belongs to %s:\n"
                      "#PrivateKey =\n", text);
    }
}

static void
format_peer(const struct wire_config_in *in, bool comments, struct ds *s)
{
    char text[WGKEY_BASE64_LEN + 1];

    wgkey_to_base64(in->host->public_key, text);
    ds_put_cstr(s, "[Peer]\n");
    if (comments) {
        ds_put_format(s, "# %s\n", in->host->hostname);
    }
    ds_put_format(s, "PublicKey = %s\n", text);
    format_endpoint(in, s);
    format_allowed_ips(&in->fabric->settings, s);
    ds_put_format(s, "PersistentKeepalive = %d\n", WIRE_CONFIG_KEEPALIVE_S);
}

static void
format_endpoint(const struct wire_config_in *in, struct ds *s)
{
    ds_put_cstr(s, "Endpoint = ");
    endpoint_format_port(&in->fabric->settings, in->host, s);
    ds_put_char(s, '\n');
}

/* The upper half of intrawire is the other clients. */
static void
format_allowed_ips(const struct settings *settings, struct ds *s)
{
    const struct ipv4_prefix *access = &settings->access_prefix;
    const struct ipv4_prefix *intrawire = &settings->intrawire_prefix;

    ds_put_format(s, "AllowedIPs = "IP_FMT"/%u, "IP_FMT"/%u\n",
                  IP_ARGS(access->address), access->len,
                  IP_ARGS(intrawire->address),
                  intrawire->len + !settings->wire_to_wire);
}
