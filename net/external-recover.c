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

static void reset_search(void *search);
static void take_port(const struct nlmsghdr *, void *search);

int
external_recover(struct net_ctx *ctx, struct external_taken *ret,
                 char **error)
{
    struct nlns *gateway = &ctx->ns[NET_GATEWAY];
    struct external_link bridge = { .exists = false };
    struct external_taken taken;
    struct port_search search;
    union net_codec_buffer buf;
    int retval;

    external_taken_init(&taken);
    if (gateway->fd < 0) {
        *ret = taken;
        return 0;
    }
    retval = external_read_link(gateway, LINK_EXT_GW, &bridge);
    if (retval || !bridge.exists || !bridge.ours) {
        goto exit;
    }
    search.master = bridge.ifindex;
    retval = external_dump(gateway, external_codec_dump_links(&buf),
                           take_port, reset_search, &search);
    if (retval || !search.found.exists) {
        goto exit;
    }
    retval = external_read_objects(gateway, &bridge, &taken.objects, NULL);
    if (!retval) {
        taken.phase = EXTERNAL_TAKEN;
        ovs_strlcpy(taken.name, search.found.name, sizeof taken.name);
        taken.up = true;
        taken.mtu = search.found.mtu;
        taken.mac = bridge.mac;
        taken.choice = xstrdup("auto");
        /* Otherwise nobody would have lost a file over it. */
        taken.confirmed = true;
    }

exit:
    if (retval) {
        *error = xasprintf("cannot read what the gateway has: %s",
                           ovs_strerror(retval));
        external_taken_uninit(&taken);
    } else {
        *ret = taken;
    }
    return retval;
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
