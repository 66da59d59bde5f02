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

/* test-addr: prints what lib/addr.c makes of host ids and of names. */

#include <config.h>
#include "lib/addr.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/fabric.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "tests/mobula-test.h"

static void
test_addr(struct ovs_cmdl_context *ctx)
{
    struct settings settings;

    settings_init(&settings);
    for (int i = 1; i < ctx->argc; i++) {
        uint16_t id = atoi(ctx->argv[i]);
        char name[IFNAMSIZ];

        addr_vxlan_name(id, name);
        printf("%u host "IP_FMT" "ETH_ADDR_FMT" gw "IP_FMT" "ETH_ADDR_FMT
               " intra "IP_FMT" vtep "IP_FMT" port %s %u\n", id,
               IP_ARGS(addr_access_host(&settings, id)),
               ETH_ADDR_ARGS(addr_mac_host(id)),
               IP_ARGS(addr_access_gateway(&settings, id)),
               ETH_ADDR_ARGS(addr_mac_gateway(id)),
               IP_ARGS(addr_intrawire(&settings, id)),
               IP_ARGS(addr_vtep(&settings, id)),
               name, addr_tunnel_ofport(id));
    }
}

static void
test_vxlan_name(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        uint16_t id;

        if (addr_vxlan_parse(ctx->argv[i], &id)) {
            printf("%s: %u\n", ctx->argv[i], id);
        } else {
            printf("%s: no\n", ctx->argv[i]);
        }
    }
}

const struct ovs_cmdl_command test_addr_commands[] = {
    { "addr", "ID...", 1, INT_MAX, test_addr, OVS_RO },
    { "vxlan-name", "NAME...", 1, INT_MAX, test_vxlan_name, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
