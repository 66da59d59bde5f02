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

/* mobulad: what concerns all kinds of objects.  See mobulad.h. */

#include <config.h>
#include "ovs-ctl/mobulad.h"

#include "ovs-ctl/ovsdb-local.h"
#include "ovs-ctl/sync.h"

void
daemon_reset(struct daemon *d)
{
    pace_reset(&d->ports.pace);
    pace_reset(&d->net.pace);
    sync_external_reset(d);
    pace_reset(&d->guard.pace);
    pace_reset(&d->filter.nft.pace);
    sync_dns_reset(d);
    pace_reset(&d->share.pace);
    sync_wg_reset(d);
    sync_flows_update(d);
}

bool
daemon_is_ready(const struct daemon *d)
{
    return (d->has_fabric || d->mode != MODE_RUN)
           && sync_ports_is_ready(d)
           && sync_net_is_ready(d)
           && sync_external_is_ready(d)
           && sync_wg_is_ready(d)
           && sync_flows_is_ready(d)
           && sync_guard_is_ready(d)
           && sync_filter_is_ready(d)
           && sync_dns_is_ready(d)
           && sync_share_is_ready(d)
           && sync_facts_is_ready(d)
           && sync_macs_is_ready(d)
           && sync_resolve_is_ready(d);
}

const char *
daemon_obstacle(const struct daemon *d)
{
    const char *ovsdb = ovsdb_local_error(d->ports.db);

    return (ovsdb ? ovsdb
            : d->wg.error ? d->wg.error
            : d->net.error ? d->net.error
            : d->external.damage ? d->external.damage
            : d->external.error ? d->external.error
            : d->guard.error ? d->guard.error
            : d->filter.nft.error ? d->filter.nft.error
            : sync_dns_error(d) ? sync_dns_error(d)
            : d->share.error ? d->share.error
            : sync_facts_error(d) ? sync_facts_error(d)
            : "something is changed again and again");
}

int
daemon_compare_peer(const void *id_, const void *element)
{
    const uint16_t *peer = element;
    const uint16_t *id = id_;

    return *id < *peer ? -1 : *id > *peer;
}
