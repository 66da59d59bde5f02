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

/* cmds-gateway: what the status says of the gateway.  See cmds-gateway.h. */

#include <config.h>
#include "ovs-ctl/cmds-gateway.h"

#include <stdlib.h>

#include "net/net-ctx.h"
#include "net/net-sysctl.h"
#include "openvswitch/json.h"
#include "ovs-ctl/sync.h"
#include "packets.h"
#include "util.h"

/* Full to this percentage, a table of connections is worth a word: what comes
 * after it is lost. */
#define CONNECTIONS_PERCENT 90

static void add_connections(int ns_fd, const char *whose, struct json *notes);
static void put_way_out(const struct daemon *, struct json *);
static void add_drops(const struct sync_nft *, struct json *array);

void
cmds_gateway_put_host(const struct daemon *d, struct json *host)
{
    const bool share = !sync_external_is_moved(d);
    struct json *object = json_object_create();

    json_object_put_string(object, "mode", share ? "share" : "move");
    if (share) {
        put_way_out(d, object);
    }
    json_object_put(host, "way_out", object);
}

void
cmds_gateway_put_drops(const struct daemon *d, struct json *status)
{
    struct json *array = json_array_create_empty();

    add_drops(&d->filter.nft, array);
    add_drops(&d->share, array);
    add_drops(&d->guard, array);
    json_object_put(status, "dropped", array);
}

void
cmds_gateway_ask_drops(struct daemon *d)
{
    sync_nft_ask(&d->filter.nft);
    sync_nft_ask(&d->share);
    sync_nft_ask(&d->guard);
}

void
cmds_gateway_add_notes(const struct daemon *d, struct json *notes)
{
    char *why = sync_share_why_no_way_out(d);

    if (why) {
        json_array_add(notes, json_string_create_nocopy(
            xasprintf("the gateway has no way out: %s", why)));
        free(why);
    }
    if (net_ctx_gateway_fd(d->net.ctx) >= 0) {
        add_connections(net_ctx_gateway_fd(d->net.ctx), "gateway", notes);
    }
    if (!sync_external_is_moved(d)) {
        add_connections(-1, "host", notes);
    }
}

/* Linux keeps track of connections in each namespace by itself; the limit is
 * the same for all.  Without the module there are no such files. */
static void
add_connections(int ns_fd, const char *whose, struct json *notes)
{
    struct net_sysctl numbers[] = {
        { .dir = "netfilter", .link = ".", .key = "nf_conntrack_count" },
        { .dir = "netfilter", .link = ".", .key = "nf_conntrack_max" },
    };
    int count, max;

    if (net_sysctl_read(ns_fd, numbers, ARRAY_SIZE(numbers))
        || numbers[0].missing || numbers[1].missing) {
        return;
    }
    count = numbers[0].value;
    max = numbers[1].value;
    if (max > 0 && count >= (long long int) max * CONNECTIONS_PERCENT / 100) {
        json_array_add(notes, json_string_create_nocopy(xasprintf(
            "the %s keeps track of %d connections, and %d are the limit: new "
            "ones that go outside, or come from there, are lost when it is "
            "reached (net.netfilter.nf_conntrack_max)", whose, count, max)));
    }
}

static void
put_way_out(const struct daemon *d, struct json *object)
{
    const struct net_way_out *out = &d->net.way_out;
    char *why = sync_share_why_no_way_out(d);

    if (why) {
        json_object_put(object, "none", json_string_create_nocopy(why));
        return;
    }
    json_object_put_string(object, "link", out->link);
    if (out->via) {
        json_object_put_format(object, "via", IP_FMT, IP_ARGS(out->via));
    } else {
        json_object_put_string(object, "via", "");
    }
    json_object_put(object, "moved", json_boolean_create(out->moved));
}

static void
add_drops(const struct sync_nft *nft, struct json *array)
{
    for (size_t i = 0; i < nft->drops.n; i++) {
        const struct nft_drop *drop = &nft->drops.drops[i];
        struct json *object;

        if (drop->packets) {
            object = json_object_create();
            json_object_put_string(object, "table", nft->class->table);
            json_object_put_string(object, "what", drop->comment);
            json_object_put(object, "packets",
                            json_integer_create(drop->packets));
            json_array_add(array, object);
        }
    }
}
