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

/* external-recover: what was taken, out of what is there, when the file that
 * says so is lost or damaged.  See external.h.
 *
 * The bridge has the addresses, routes and MAC address of the interface; what
 * it does not have, labels of addresses and the numbers in /proc/sys/net, is
 * lost. */

#include <config.h>
#include "net/external.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "net/net-ctx.h"
#include "openvswitch/util.h"
#include "util.h"

/* The interface that is looked for: the port of the bridge that is not
 * ours. */
struct port_search {
    uint32_t master;
    struct external_link found;
};

static int find_port(struct nlns *gateway, struct external_link *bridge,
                     struct external_link *port);
static void reset_search(void *search);
static void take_port(const struct nlmsghdr *, void *search);

int
external_recover(struct net_ctx *ctx, struct external_taken *ret,
                 char **error)
{
    struct nlns *gateway = &ctx->ns[NET_GATEWAY];
    struct external_link bridge = { .exists = false };
    struct external_link port = { .exists = false };
    struct external_taken taken;
    int retval;

    external_taken_init(&taken);
    retval = gateway->fd < 0 ? 0 : find_port(gateway, &bridge, &port);
    if (!retval && port.exists) {
        retval = external_read_objects(gateway, &bridge, &taken.objects,
                                       NULL);
        taken.phase = EXTERNAL_TAKEN;
        ovs_strlcpy(taken.name, port.name, sizeof taken.name);
        taken.up = true;
        taken.mtu = port.mtu;
        taken.mac = bridge.mac;
        taken.choice = xstrdup("auto");
        /* Otherwise nobody would have lost a file over it. */
        taken.confirmed = true;
    }
    if (retval) {
        *error = xasprintf("cannot read what the gateway has: %s",
                           ovs_strerror(retval));
        external_taken_uninit(&taken);
    } else {
        *ret = taken;
    }
    return retval;
}

/* Fills '*bridge' and '*port'; 'port' stays as it is if there is no bridge of
 * ours, or no interface in it. */
static int
find_port(struct nlns *gateway, struct external_link *bridge,
          struct external_link *port)
{
    struct port_search search = { .master = 0 };
    union net_codec_buffer buf;
    int error = external_read_link(gateway, LINK_EXT_GW, bridge);

    if (error || !bridge->exists || !bridge->ours) {
        return error;
    }
    search.master = bridge->ifindex;
    error = external_dump(gateway, external_codec_dump_links(&buf),
                          take_port, reset_search, &search);
    if (!error && search.found.exists) {
        *port = search.found;
    }
    return error;
}

static void
reset_search(void *search_)
{
    struct port_search *search = search_;

    search->found.exists = false;
}

static void
take_port(const struct nlmsghdr *nlh, void *search_)
{
    struct port_search *search = search_;
    struct external_link link;

    if (external_codec_parse_link(nlh, &link) && !link.ours
        && link.master == search->master) {
        search->found = link;
    }
}
