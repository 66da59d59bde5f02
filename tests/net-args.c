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

/* net-args: what net/ is to want, from arguments.  See net-args.h. */

#include <config.h>
#include "tests/net-args.h"

#include <stdlib.h>
#include <string.h>

#include "lib/fabric.h"
#include "lib/mtu.h"
#include "net/net-out.h"
#include "packets.h"
#include "util.h"

#define MAX_DETOURS 8

static bool take_flag(const char *arg, struct net_want_in *,
                      uint16_t *detours);

int
net_args_want(int argc, char *argv[], struct net_state *ret)
{
    struct fabric fabric;
    struct net_want_in in = {
        .fabric = &fabric,
        .links_mtu = MTU_DEFAULT,
        .paths_mtu = MTU_DEFAULT,
    };
    uint16_t detours[MAX_DETOURS];
    int i = 1;

    if (!strcmp(argv[0], "none")) {
        net_state_init(ret);
        return 1;
    }
    memset(&fabric, 0, sizeof fabric);
    settings_init(&fabric.settings);
    in.self = atoi(argv[0]);
    in.detours = detours;
    while (i < argc && take_flag(argv[i], &in, detours)) {
        i++;
    }
    net_want(&in, ret);
    return i;
}

/* A way out by eth0: of a host that 'kind' says something about. */
static const struct net_way_out *
pretend_way_out(const char *kind)
{
    static struct net_out_network network = {
        .dst = { CONSTANT_HTONL(0xc0000200), 24 },
        .src = CONSTANT_HTONL(0xc0000201),
    };
    static ovs_be32 address = CONSTANT_HTONL(0xc0000201);
    static struct net_way_out out;

    out = (struct net_way_out) {
        .link = "eth0",
        .via = htonl(0xc00002fe),
        .mtu = 9000,
        .routes = !strcmp(kind, "-routes"),
        .moved = !strcmp(kind, "-moved"),
        .networks = &network,
        .n_networks = 1,
        .addresses = &address,
        .n_addresses = 1,
    };
    return &out;
}

/* Returns false if 'arg' is no flag.  'detours' are those of 'in'. */
static bool
take_flag(const char *arg, struct net_want_in *in, uint16_t *detours)
{
    if (!strcmp(arg, "userspace-datapath")) {
        in->userspace_datapath = true;
    } else if (!strcmp(arg, "userspace-wireguard")) {
        in->userspace_wireguard = true;
    } else if (!strncmp(arg, "links-mtu:", 10)) {
        in->links_mtu = atoi(arg + 10);
    } else if (!strncmp(arg, "paths-mtu:", 10)) {
        in->paths_mtu = atoi(arg + 10);
    } else if (!strcmp(arg, "keep-ipv6")) {
        in->keep_ipv6 = true;
    } else if (!strcmp(arg, "ipv6")) {
        struct settings *s = CONST_CAST(struct settings *,
                                        &in->fabric->settings);

        s->ipv6 = IPV6_NAT;
        ignore(ipv6_parse("fd12:3456:789a::", &s->ipv6_prefix.address));
    } else if (!strncmp(arg, "forward:", 8)) {
        in->may_forward = atoi(arg + 8);
    } else if (!strncmp(arg, "share:", 6)) {
        in->may_share = atoi(arg + 6);
    } else if (!strcmp(arg, "move")) {
        in->external_moved = true;
    } else if (!strncmp(arg, "out", 3)) {
        in->way_out = pretend_way_out(arg + 3);
    } else if (!strncmp(arg, "detour:", 7) && in->n_detours < MAX_DETOURS) {
        detours[in->n_detours++] = atoi(arg + 7);
    } else {
        return false;
    }
    return true;
}
