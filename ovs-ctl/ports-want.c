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

/* ports-want: configuration -> bridges and ports (pure).  See ports.h. */

#include <config.h>
#include "ovs-ctl/ports.h"

#include <net/if.h>
#include <stdlib.h>

#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static struct ovs_bridge *want_bridge(struct ovs_state *, const char *name,
                                      const char *role, bool userspace);
static void want_device(struct ovs_bridge *, const char *name,
                        const char *role, uint16_t ofport);
static void want_tunnel(struct ovs_bridge *, const struct ports_want_in *,
                        uint16_t peer);
static struct ports_bfd find_bfd(const struct ports_want_in *, uint16_t peer);
static int compare_bfd(const void *peer, const void *bfd);
static void want_bfd(struct smap *bfd, struct ports_bfd, bool cpath_down);

void
ports_want(const struct ports_want_in *in, struct ovs_state *state)
{
    bool userspace = in->userspace_datapath;
    struct ovs_bridge *access
        = want_bridge(state, BRIDGE_ACCESS, OVS_ROLE_ACCESS, userspace);

    want_device(access, LINK_FAC_OVS, OVS_ROLE_HOST, OFPORT_FAC);
    want_device(access, LINK_ACC_OVS, OVS_ROLE_GATEWAY, OFPORT_ACC);
    for (size_t i = 0; i < in->fabric->n_hosts; i++) {
        uint16_t peer = in->fabric->hosts[i].id;

        if (peer != in->self) {
            want_tunnel(access, in, peer);
        }
    }
    if (userspace) {
        struct ovs_bridge *underlay
            = want_bridge(state, BRIDGE_UNDERLAY, OVS_ROLE_UNDERLAY, true);

        want_device(underlay, LINK_TUN_HOST, OVS_ROLE_UPLINK, OFPORT_UND_TUN);
    }
    ovs_state_sort(state);
}

static struct ovs_bridge *
want_bridge(struct ovs_state *state, const char *name, const char *role,
            bool userspace)
{
    struct ovs_bridge *bridge = ovs_state_add_bridge(state, name);

    free(bridge->datapath_type);
    bridge->datapath_type = xstrdup(userspace ? "netdev" : "system");
    /* Secure: a bridge without flows drops.  Unset, a new bridge would switch
     * with NORMAL at once, which in a full mesh of tunnels is a loop. */
    free(bridge->fail_mode);
    bridge->fail_mode = xstrdup("secure");
    /* Keeps OVS from adding its hidden in-band flows, which use NORMAL. */
    bridge->disable_in_band = true;
    bridge->role = xstrdup(role);
    return bridge;
}

static void
want_device(struct ovs_bridge *bridge, const char *name, const char *role,
            uint16_t ofport)
{
    struct ovs_port *port = ovs_bridge_add_port(bridge, name);

    port->role = xstrdup(role);
    port->ofport_request = ofport;
}

static void
want_tunnel(struct ovs_bridge *bridge, const struct ports_want_in *in,
            uint16_t peer)
{
    const struct settings *settings = &in->fabric->settings;
    char name[IFNAMSIZ];
    struct ovs_port *port;

    addr_vxlan_name(peer, name);
    port = ovs_bridge_add_port(bridge, name);
    free(port->type);
    port->type = xstrdup("vxlan");
    port->role = xstrdup(OVS_ROLE_TUNNEL);
    port->ofport_request = addr_tunnel_ofport(peer);
    smap_add_format(&port->options, "remote_ip", IP_FMT,
                    IP_ARGS(addr_vtep(settings, peer)));
    smap_add_format(&port->options, "local_ip", IP_FMT,
                    IP_ARGS(addr_vtep(settings, in->self)));
    smap_add_format(&port->options, "dst_port", "%u", settings->vxlan_port);
    /* The flows set and check the VNI; BFD itself travels with VNI 0. */
    smap_add(&port->options, "key", "flow");
    want_bfd(&port->bfd, find_bfd(in, peer), in->cpath_down);
}

static struct ports_bfd
find_bfd(const struct ports_want_in *in, uint16_t peer)
{
    const struct settings *settings = &in->fabric->settings;
    const struct ports_bfd *bfd
        = in->n_bfd ? bsearch(&peer, in->bfd, in->n_bfd, sizeof *in->bfd,
                              compare_bfd) : NULL;
    struct bfd_timers_in fresh = {
        .interval_ms = settings->bfd_interval_ms,
        .mult = settings->bfd_mult,
        .budget = settings->bfd_budget,
        .n_peers = in->fabric->n_hosts - 1,
    };

    return (bfd ? *bfd
            : (struct ports_bfd) { .timers = bfd_timers_choose(&fresh, 0) });
}

static int
compare_bfd(const void *key_, const void *bfd_)
{
    const struct ports_bfd *bfd = bfd_;
    const uint16_t *key = key_;

    return *key < bfd->peer ? -1 : *key > bfd->peer;
}

/* Open vSwitch agrees on new timers with the peer while the session stays up,
 * by packets that it and the peer send at once (RFC 5880, 6.5).  So a min_rx
 * that is longer by a millisecond makes both ends hear of each other up to a
 * second sooner when a session comes up. */
static void
want_bfd(struct smap *bfd, struct ports_bfd session, bool cpath_down)
{
    struct bfd_timers timers = session.timers;

    smap_add(bfd, "enable", "true");
    /* min_rx must be explicit: OVS's default of 1000 ms would rule. */
    smap_add_format(bfd, "min_rx", "%u",
                    timers.interval_ms + session.comes_up);
    smap_add_format(bfd, "min_tx", "%u", timers.interval_ms);
    smap_add_format(bfd, "mult", "%u", timers.mult);
    /* Only VNI 0 is BFD of the tunnel: a guest's own BFD frame, which comes
     * with our VNI, passes as the data that it is. */
    smap_add(bfd, "check_tnl_key", "true");
    if (cpath_down) {
        smap_add(bfd, "cpath_down", "true");
    }
}
