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

/* cmds-endpoints: what the status says about where peers are.
 * See cmds-endpoints.h. */

#include <config.h>
#include "ovs-ctl/cmds-endpoints.h"

#include <inttypes.h>

#include "lib/endpoint.h"
#include "lib/resolve.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/config-watch.h"
#include "ovs-ctl/sync.h"
#include "packets.h"
#include "util.h"

static void describe_name(const struct daemon *, const struct resolve *,
                          struct ds *);
static void describe_linkless(const struct daemon *,
                              const struct fabric_host *, struct ds *);
static void put_address(struct json *, const char *name,
                        const struct in6_addr *);

bool
cmds_endpoints_is_linkless(const struct daemon *d,
                           const struct fabric_host *host)
{
    const struct fabric_host *self = fabric_find_host(&d->fabric, d->self);

    return self && !endpoint_can_meet(self, host);
}

void
cmds_endpoints_put_peer(const struct daemon *d,
                        const struct fabric_host *host, struct json *json)
{
    const struct resolve *resolve = sync_resolve_find(d, host->id);
    struct ds s = DS_EMPTY_INITIALIZER;

    endpoint_format(host, &s);
    json_object_put_string(json, "configured", ds_cstr(&s));
    ds_destroy(&s);
    if (cmds_endpoints_is_linkless(d, host)) {
        json_object_put(json, "no_endpoint", json_boolean_create(true));
    }
    if (resolve && resolve->has_address) {
        put_address(json, "resolved", &resolve->address);
    }
    if (resolve && resolve->error) {
        json_object_put_string(json, "resolve_error", resolve->error);
    }
}

void
cmds_endpoints_add_notes(const struct daemon *d, struct json *notes)
{
    for (size_t i = 0; d->has_fabric && i < d->fabric.n_hosts; i++) {
        const struct fabric_host *host = &d->fabric.hosts[i];
        const struct resolve *resolve = sync_resolve_find(d, host->id);
        struct ds s = DS_EMPTY_INITIALIZER;

        if (resolve && resolve->error) {
            describe_name(d, resolve, &s);
        } else if (host->id != d->self
                   && cmds_endpoints_is_linkless(d, host)) {
            describe_linkless(d, host, &s);
        }
        if (s.length) {
            json_array_add(notes, json_string_create(ds_cstr(&s)));
        }
        ds_destroy(&s);
    }
    if (d->config_watch && config_watch_error(d->config_watch)) {
        json_array_add(notes, json_string_create(
            config_watch_error(d->config_watch)));
    }
}

static void
describe_name(const struct daemon *d, const struct resolve *resolve,
              struct ds *s)
{
    const struct fabric_host *host = fabric_find_host(&d->fabric,
                                                      resolve->host);

    ds_put_format(s, "endpoint of host %"PRIu16" (%s): %s cannot be resolved "
                  "(%s)", resolve->host, host->hostname, resolve->name,
                  resolve->error);
    if (resolve->has_address) {
        ds_put_cstr(s, ": it is still taken to be ");
        ipv6_format_mapped(&resolve->address, s);
    } else {
        ds_put_cstr(s, ": this host cannot speak to it before it speaks to "
                    "this host");
    }
}

static void
describe_linkless(const struct daemon *d, const struct fabric_host *host,
                  struct ds *s)
{
    const struct sync_path *path = sync_paths_find(d, host->id);

    ds_put_format(s, "host %"PRIu16" (%s): like this host, it has no "
                  "endpoint: ", host->id, host->hostname);
    if (path && path->ways.direct_first) {
        ds_put_cstr(s, "all the same there is a link");
    } else if (path && path->detours) {
        const struct fabric_host *relay
            = fabric_find_host(&d->fabric, path->ways.relays[0]);

        ds_put_format(s, "relayed by %s", relay ? relay->hostname : "?");
    } else {
        ds_put_cstr(s, "no host that is heard reaches it");
    }
}

static void
put_address(struct json *json, const char *name,
            const struct in6_addr *address)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_mapped(address, &s);
    json_object_put_string(json, name, ds_cstr(&s));
    ds_destroy(&s);
}
