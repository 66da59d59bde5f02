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

/* fabric: the whole configuration of a Mobula network as plain data.
 * See fabric.h. */

#include <config.h>
#include "lib/fabric.h"

#include <arpa/inet.h>
#include <string.h>

void
settings_init(struct settings *s)
{
    *s = (struct settings) {
        .access_prefix = { htonl(0x0a1f0000), 16 },
        .intrawire_prefix = { htonl(0x0a1e0000), 16 },
        .extrawire_prefix = { htonl(0x0a1e8000), 17 },
        .vtep_prefix = { htonl(0xa9fe0000), 17 },
        .wireguard_port = 51820,
        .vxlan_port = 4789,
        .vni = 29,
        .underlay_mtu = 1500,
        .keepalive_s = 0,
        .bfd_interval_ms = 100,
        .bfd_mult = 3,
        .mac_age_s = 300,
        .mac_limit = 8192,
        .datapath = DATAPATH_AUTO,
        .wireguard = WIREGUARD_AUTO,
        .external = EXTERNAL_SHARE,
    };
}
