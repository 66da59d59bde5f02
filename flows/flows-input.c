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

/* flows-input: everything that the desired flows depend on.
 * See flows-input.h. */

#include <config.h>
#include "flows/flows-input.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "flows/learnt.h"
#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/util.h"
#include "util.h"

static void normalize_ports(const struct flows_input *, struct flows_input *);
static void normalize_remote_macs(const struct flows_input *,
                                  struct flows_input *);
static void normalize_bindings(const struct flows_input *,
                               struct flows_input *);
static void normalize_paths(const struct flows_input *, struct flows_input *);
static bool normalize_peer(const struct flows_input *, struct paths_peer *);
static void keep_neighbours(const struct flows_input *, uint16_t except,
                            uint16_t *ids, size_t n);

static bool is_meaningful(const struct flows_input *,
                          const struct flows_port *);
static void clear_vlans(struct flows_port *);
static bool is_station(uint16_t vlan, struct eth_addr);

static int compare_ports(const void *, const void *);
static int compare_owners(const void *, const void *);
static int compare_bindings(const void *, const void *);
static int compare_binding_keys(const struct flows_binding *,
                                const struct flows_binding *);
static int compare_paths(const void *, const void *);
static int compare_ids(const uint16_t *, const uint16_t *, size_t n);

void
flows_input_normalize(const struct flows_input *in, struct flows_input *ret)
{
    *ret = *in;
    normalize_ports(in, ret);
    normalize_remote_macs(in, ret);
    normalize_bindings(in, ret);
    normalize_paths(in, ret);
}

void
flows_input_uninit_normalized(struct flows_input *in)
{
    free(CONST_CAST(struct flows_port *, in->ports));
    free(CONST_CAST(struct mac_owner *, in->remote_macs));
    free(CONST_CAST(struct flows_binding *, in->bindings));
    free(CONST_CAST(struct paths_peer *, in->paths));
}

const struct flows_port *
flows_input_find_port(const struct flows_input *in,
                      enum flows_port_kind kind, uint16_t peer)
{
    const struct flows_port key = { .kind = kind, .peer = peer };
    size_t low = 0, high = in->n_ports;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare_ports(&in->ports[mid], &key) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return (low < in->n_ports
            && in->ports[low].kind == kind
            && in->ports[low].peer == peer
            ? &in->ports[low] : NULL);
}

const struct paths_peer *
flows_input_find_paths(const struct flows_input *in, uint16_t peer)
{
    size_t low = 0, high = in->n_paths;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (in->paths[mid].peer < peer) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return (low < in->n_paths && in->paths[low].peer == peer
            ? &in->paths[low] : NULL);
}

uint32_t
flows_input_port_quota(const struct flows_input *in)
{
    const struct settings *settings = &in->fabric->settings;
    size_t n_local = 0, n_shares = 1;

    for (size_t i = 0; i < in->n_ports; i++) {
        n_local += in->ports[i].kind != FLOWS_PORT_TUNNEL;
    }
    while (n_shares < n_local) {
        n_shares *= 2;
    }
    return MAX(1, MIN(settings->mac_limit / n_shares,
                      settings->port_mac_limit));
}

static void
normalize_ports(const struct flows_input *in, struct flows_input *ret)
{
    struct flows_port *ports = xcalloc(in->n_ports + 1, sizeof *ports);
    /* A switch never has one number twice; a caller may by mistake, and then
     * the same input must still give the same flows. */
    unsigned long *taken = bitmap_allocate(FLOWS_OFPORT_MAX + 1);
    size_t n_sorted = 0;
    size_t n = 0;

    for (size_t i = 0; i < in->n_ports; i++) {
        if (is_meaningful(in, &in->ports[i])) {
            ports[n_sorted] = in->ports[i];
            if (ports[n_sorted].kind != FLOWS_PORT_GUEST) {
                clear_vlans(&ports[n_sorted]);
            }
            n_sorted++;
        }
    }
    qsort(ports, n_sorted, sizeof *ports, compare_ports);
    for (size_t i = 0; i < n_sorted; i++) {
        const struct flows_port *port = &ports[i];
        bool again = n && ports[n - 1].kind == port->kind
                     && ports[n - 1].peer == port->peer
                     && port->kind != FLOWS_PORT_GUEST;

        if (!again && !bitmap_is_set(taken, port->ofport)) {
            bitmap_set1(taken, port->ofport);
            ports[n++] = *port;
        }
    }
    bitmap_free(taken);
    ret->ports = ports;
    ret->n_ports = n;
}

static void
normalize_remote_macs(const struct flows_input *in, struct flows_input *ret)
{
    struct mac_owner *owners = xcalloc(in->n_remote_macs + 1, sizeof *owners);
    size_t n_sorted = 0;
    size_t n = 0;

    for (size_t i = 0; i < in->n_remote_macs; i++) {
        const struct mac_owner *owner = &in->remote_macs[i];

        if (is_station(owner->vlan, owner->mac) && owner->host != in->self
            && fabric_find_host(in->fabric, owner->host)) {
            owners[n_sorted++] = *owner;
        }
    }
    qsort(owners, n_sorted, sizeof *owners, compare_owners);
    for (size_t i = 0; i < n_sorted; i++) {
        if (!n || mac_owner_compare(&owners[n - 1], &owners[i])) {
            owners[n++] = owners[i];
        }
    }
    ret->remote_macs = owners;
    ret->n_remote_macs = n;
}

static void
normalize_bindings(const struct flows_input *in, struct flows_input *ret)
{
    struct flows_binding *bindings = xcalloc(in->n_bindings + 1,
                                             sizeof *bindings);
    size_t n_sorted = 0;
    size_t n = 0;

    for (size_t i = 0; i < in->n_bindings; i++) {
        const struct flows_binding *binding = &in->bindings[i];

        if (is_station(binding->vlan, binding->mac)
            && learnt_ip_is_plausible(&binding->ip)
            && fabric_find_host(in->fabric, binding->host)) {
            bindings[n_sorted++] = *binding;
        }
    }
    qsort(bindings, n_sorted, sizeof *bindings, compare_bindings);
    for (size_t i = 0; i < n_sorted; i++) {
        if (!n || compare_binding_keys(&bindings[n - 1], &bindings[i])) {
            bindings[n++] = bindings[i];
        }
    }
    ret->bindings = bindings;
    ret->n_bindings = n;
}

/* 'ret->ports' must be normalized already. */
static void
normalize_paths(const struct flows_input *in, struct flows_input *ret)
{
    const struct fabric *fabric = in->fabric;
    struct paths_peer *sorted = xmemdup(in->paths,
                                        in->n_paths * sizeof *sorted);
    struct paths_peer *paths = xcalloc(fabric->n_hosts + 1, sizeof *paths);
    size_t n = 0;
    size_t j = 0;

    qsort(sorted, in->n_paths, sizeof *sorted, compare_paths);
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        uint16_t peer = fabric->hosts[i].id;

        while (j < in->n_paths && sorted[j].peer < peer) {
            j++;
        }
        if (j < in->n_paths && sorted[j].peer == peer) {
            paths[n] = sorted[j];
        } else {
            paths[n] = (struct paths_peer) {
                .peer = peer, .direct_first = true,
            };
        }
        n += peer != in->self && normalize_peer(ret, &paths[n]);
    }
    free(sorted);
    ret->paths = paths;
    ret->n_paths = n;
}

/* Returns false if 'path' leads nowhere. */
static bool
normalize_peer(const struct flows_input *in, struct paths_peer *path)
{
    bool direct = flows_input_find_port(in, FLOWS_PORT_TUNNEL, path->peer);

    path->direct_first = path->direct_first && direct;
    keep_neighbours(in, path->peer, path->relays, PATHS_N_RELAYS);
    keep_neighbours(in, path->peer, &path->last_resort, 1);
    keep_neighbours(in, 0, path->next, PATHS_N_NEXT);
    if (!direct && !path->last_resort) {
        path->last_resort = path->relays[0];
    }
    return direct || path->last_resort;
}

/* Removes from the 'n' elements of 'ids' those that are 'except', have no
 * tunnel or come twice, and fills up with 0. */
static void
keep_neighbours(const struct flows_input *in, uint16_t except, uint16_t *ids,
                size_t n)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint16_t id = ids[i];
        bool keep = id && id != except
                    && flows_input_find_port(in, FLOWS_PORT_TUNNEL, id);

        for (size_t k = 0; k < n_kept; k++) {
            keep = keep && ids[k] != id;
        }
        if (keep) {
            ids[n_kept++] = id;
        }
    }
    while (n_kept < n) {
        ids[n_kept++] = 0;
    }
}

static bool
is_meaningful(const struct flows_input *in, const struct flows_port *port)
{
    if (port->ofport < FLOWS_OFPORT_MIN || port->ofport > FLOWS_OFPORT_MAX) {
        return false;
    }
    if (port->kind != FLOWS_PORT_TUNNEL) {
        return port->peer == 0;
    }
    return port->peer != in->self
           && fabric_find_host(in->fabric, port->peer);
}

static void
clear_vlans(struct flows_port *port)
{
    port->vlan_mode = FLOWS_VLAN_TRUNK;
    port->tag = 0;
    port->trunks = NULL;
    port->n_trunks = 0;
}

/* Returns true if a station that is no host's or gateway's may have 'mac'. */
static bool
is_station(uint16_t vlan, struct eth_addr mac)
{
    return (vlan <= VLAN_VID_MASK >> VLAN_VID_SHIFT
            && !eth_addr_is_multicast(mac)
            && !eth_addr_is_zero(mac)
            && !eth_addr_equal_except(mac, addr_mac_infra_prefix(),
                                      addr_mac_infra_mask()));
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct flows_port *a = a_;
    const struct flows_port *b = b_;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->peer != b->peer) {
        return a->peer < b->peer ? -1 : 1;
    }
    return a->ofport < b->ofport ? -1 : a->ofport > b->ofport;
}

static int
compare_owners(const void *a_, const void *b_)
{
    const struct mac_owner *a = a_;
    const struct mac_owner *b = b_;
    int cmp = mac_owner_compare(a, b);

    if (cmp) {
        return cmp;
    }
    return a->host < b->host ? -1 : a->host > b->host;
}

static int
compare_bindings(const void *a_, const void *b_)
{
    const struct flows_binding *a = a_;
    const struct flows_binding *b = b_;
    int cmp = compare_binding_keys(a, b);

    if (cmp) {
        return cmp;
    }
    if (a->host != b->host) {
        return a->host < b->host ? -1 : 1;
    }
    return eth_addr_compare_3way(a->mac, b->mac);
}

/* Orders by VLAN, then address. */
static int
compare_binding_keys(const struct flows_binding *a,
                     const struct flows_binding *b)
{
    if (a->vlan != b->vlan) {
        return a->vlan < b->vlan ? -1 : 1;
    }
    return memcmp(&a->ip, &b->ip, sizeof a->ip);
}

/* Orders by peer, and then so that equal input gives equal output. */
static int
compare_paths(const void *a_, const void *b_)
{
    const struct paths_peer *a = a_;
    const struct paths_peer *b = b_;
    int cmp;

    if (a->peer != b->peer) {
        return a->peer < b->peer ? -1 : 1;
    }
    if (a->direct_first != b->direct_first) {
        return a->direct_first ? -1 : 1;
    }
    cmp = compare_ids(a->relays, b->relays, PATHS_N_RELAYS);
    if (cmp) {
        return cmp;
    }
    cmp = compare_ids(&a->last_resort, &b->last_resort, 1);
    if (cmp) {
        return cmp;
    }
    return compare_ids(a->next, b->next, PATHS_N_NEXT);
}

static int
compare_ids(const uint16_t *a, const uint16_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}
