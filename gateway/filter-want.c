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

/* filter-want: (fabric, host id) -> what the gateway lets through.  See
 * filter.h.
 *
 * Nothing here depends on which links are up: routes decide that
 * (net-want.c), and a peer may come over the access network while this host
 * still uses WireGuard. */

#include <config.h>
#include "gateway/filter.h"

#include <stdlib.h>

#include "lib/addr.h"
#include "util.h"

void
filter_want(const struct fabric *fabric, uint16_t self, struct filter *ret)
{
    const struct settings *settings = &fabric->settings;

    *ret = (struct filter) {
        .host_mac = addr_mac_host(self),
        .intrawire = addr_intrawire(settings, self),
        .vtep = addr_vtep(settings, self),
        .gateway = addr_access_gateway(settings, self),
        .intrawire_gateway = addr_intrawire_gateway(settings),
        .access_prefix = settings->access_prefix,
        .hosts_prefix = settings->intrawire_prefix,
        .intrawire_prefix = settings->intrawire_prefix,
        .extrawire_prefix = settings->extrawire_prefix,
        .vtep_prefix = settings->vtep_prefix,
        .wireguard_port = settings->wireguard_port,
        .vxlan_port = settings->vxlan_port,
        .facts_port = settings->facts_port,
        .external = settings->external,
        .clients = fabric->n_extra_wires > 0,
        .ipv6 = settings->ipv6,
        .ipv6_prefix = settings->ipv6_prefix.address,
        .gateway6 = addr_access6_gateway(settings, self),
        .wire_to_wire = settings->wire_to_wire,
        .peers = xcalloc(fabric->n_hosts + 1, sizeof *ret->peers),
    };
    /* Host ids end at 32767; the upper half is for clients. */
    ret->hosts_prefix.len++;
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        uint16_t id = fabric->hosts[i].id;

        if (id != self) {
            ret->peers[ret->n_peers++] = (struct filter_peer) {
                .gateway = addr_mac_gateway(id),
                .intrawire = addr_intrawire(settings, id),
            };
        }
    }
}

void
filter_uninit(struct filter *filter)
{
    free(filter->peers);
}
