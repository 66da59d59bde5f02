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

/* loop: the order in which mobulad does things.  See loop.h.
 *
 * The parts do not wait for one another: each compares what it can see and
 * changes what it can change; what still misses a precondition (a link that
 * ovs-vswitchd is about to make, an OpenFlow port number) is compared again
 * when that appears.  Only teardown has an order: OVS lets go of the links
 * before they are removed, and the guard stays until they are. */

#include <config.h>
#include "ovs-ctl/loop.h"

#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/sync.h"
#include "timeval.h"

VLOG_DEFINE_THIS_MODULE(loop);

static bool links_are_due(const struct daemon *);
static bool guard_is_due(const struct daemon *);
static void check_torn_down(struct daemon *);

void
loop_run(struct daemon *d)
{
    long long int now = time_msec();

    sync_drain_run(d, now);
    sync_ports_run(d, now);
    sync_mtu_run(d, now);
    sync_quality_run(d, now);
    sync_resolve_run(d, now);
    sync_external_run(d, now);
    sync_filter_run(d, now);
    if (links_are_due(d)) {
        sync_wg_run(d, now);
        sync_net_run(d, now);
    }
    sync_dns_run(d, now);
    sync_hello_run(d);
    sync_flows_run(d, now);
    sync_paths_run(d, now);
    if (guard_is_due(d)) {
        sync_guard_run(d, now);
        sync_share_run(d, now);
    }
    sync_facts_run(d, now);
    sync_macs_run(d, now);
    sync_loops_run(d, now);
    check_torn_down(d);
}

void
loop_wait(struct daemon *d)
{
    long long int now = time_msec();

    sync_drain_wait(d, now);
    sync_ports_wait(d, now);
    sync_mtu_wait(d, now);
    sync_quality_wait(d);
    sync_resolve_wait(d);
    sync_external_wait(d, now);
    sync_filter_wait(d, now);
    if (links_are_due(d)) {
        sync_wg_wait(d, now);
        sync_net_wait(d, now);
    }
    sync_dns_wait(d, now);
    sync_hello_wait(d);
    sync_flows_wait(d);
    sync_paths_wait(d);
    sync_loops_wait(d);
    if (guard_is_due(d)) {
        sync_guard_wait(d, now);
        sync_share_wait(d, now);
    }
    sync_facts_wait(d, now);
    sync_macs_wait(d);
}

/* In teardown OVS has to let go of the links first, and dnsmasq of the
 * gateway's namespace.  A dry run, which removes nothing, would wait for
 * ever. */
static bool
links_are_due(const struct daemon *d)
{
    return (d->mode == MODE_RUN || d->options.dry_run
            || (sync_ports_is_ready(d) && sync_dns_is_ready(d)));
}

/* In teardown: when nothing is there any more that the guard would guard. */
static bool
guard_is_due(const struct daemon *d)
{
    return (d->mode == MODE_RUN || d->options.dry_run
            || (sync_ports_is_ready(d) && sync_net_is_ready(d)));
}

static void
check_torn_down(struct daemon *d)
{
    if (d->mode == MODE_TEARDOWN && daemon_is_ready(d)) {
        VLOG_INFO("everything that is Mobula's is removed");
        d->mode = MODE_TORN_DOWN;
        if (d->options.teardown) {
            d->exiting = true;
        }
        poll_immediate_wake();
    }
}
