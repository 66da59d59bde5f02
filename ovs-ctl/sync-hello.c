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

/* sync-hello: whoever has lost its WireGuard sessions speaks first.
 *
 * A host that was booted, has a new key or a new device cannot read what its
 * peers send: they use sessions that it does not know.  They notice after 15 s
 * without an answer, unless it begins a new session itself, for which it needs
 * something to send.  So when WireGuard has been configured and the routes are
 * there, each peer gets a packet at once.  An answer would do no harm, but
 * nobody waits for one.
 *
 * Later packets (BFD, probes) see to a session as well: WireGuard tries once
 * in 5 s. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <net/if.h>

#include "lib/mtu-probe.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/probe-socket.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync_hello);

static bool is_due(const struct daemon *);
static void say(struct daemon *);

void
sync_hello_init(struct daemon *d)
{
    int error = d->options.dry_run ? 0 : probe_socket_open(&d->hello.socket);

    if (error) {
        VLOG_WARN("peers are not greeted after a restart: cannot open a raw "
                  "socket: %s", ovs_strerror(error));
    }
}

void
sync_hello_uninit(struct daemon *d)
{
    probe_socket_close(d->hello.socket);
}

void
sync_hello_run(struct daemon *d)
{
    if (is_due(d)) {
        say(d);
        d->hello.n_applied = d->wg.n_applied;
    }
}

/* What is waited for wakes up by itself. */
void
sync_hello_wait(struct daemon *d)
{
    if (is_due(d)) {
        poll_immediate_wake();
    }
}

static bool
is_due(const struct daemon *d)
{
    return d->mode == MODE_RUN && d->has_fabric && d->hello.socket
           && d->hello.n_applied != d->wg.n_applied
           && sync_wg_is_ready(d) && sync_net_is_ready(d);
}

static void
say(struct daemon *d)
{
    unsigned int ifindex = if_nametoindex(probe_link(d->userspace_datapath));

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        uint16_t peer = d->fabric.hosts[i].id;
        struct probe_packet packet;
        int error;

        if (peer == d->self) {
            continue;
        }
        probe_packet_init(&packet, &d->fabric.settings, d->self, peer,
                          ifindex);
        packet.seqno = 0;
        packet.size = MTU_PROBE_SMALL;
        error = probe_socket_send(d->hello.socket, &packet);
        VLOG_DBG("host %"PRIu16": greeted: %s", peer,
                 error ? ovs_strerror(error) : "sent");
    }
}
