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
 *
 * flows_compute() is a pure function of this struct: the same input gives
 * byte-identical flows.  Whoever fills it (ovs-ctl/snapshot.c) keeps it
 * unchanged during the call. */

#ifndef MOBULA_FLOWS_INPUT_H
#define MOBULA_FLOWS_INPUT_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/facts.h"
#include "lib/paths.h"
#include "packets.h"

/* OpenFlow port numbers that a real port can have. */
#define FLOWS_OFPORT_MIN 1
#define FLOWS_OFPORT_MAX 0xfeff

struct fabric;

/* What a port of the access bridge is for. */
enum flows_port_kind {
    FLOWS_PORT_HOST,            /* The host's own access port. */
    FLOWS_PORT_GATEWAY,         /* The gateway's access port. */
    FLOWS_PORT_GUEST,           /* Any port that is not Mobula's. */
    FLOWS_PORT_TUNNEL,          /* VXLAN tunnel to a peer. */
};

/* How a local port carries VLANs, as vlan_mode, tag and trunks of table Port
 * say in ovs-vswitchd.conf.db(5). */
enum flows_vlan_mode {
    FLOWS_VLAN_TRUNK,           /* Tagged and untagged; 'trunks' or all. */
    FLOWS_VLAN_ACCESS,          /* VLAN 'tag' only, untagged on the wire. */
    FLOWS_VLAN_NATIVE_TAGGED,   /* As trunk; untagged frames that come in are
                                 * in VLAN 'tag'. */
    FLOWS_VLAN_NATIVE_UNTAGGED, /* The same, and VLAN 'tag' leaves untagged. */
    FLOWS_VLAN_UNSUPPORTED,     /* Anything else: no frame passes. */
};

struct flows_port {
    enum flows_port_kind kind;
    uint16_t ofport;            /* FLOWS_OFPORT_MIN..FLOWS_OFPORT_MAX. */
    uint16_t peer;              /* Tunnels: host id of the peer; else 0. */
    const char *name;           /* Borrowed. */

    /* Guests only.  All 0 is a trunk of all VLANs, as are the other ports. */
    enum flows_vlan_mode vlan_mode;
    uint16_t tag;               /* 0..4095, 0 = no VLAN; not for trunks. */
    const uint16_t *trunks;     /* Borrowed, in any order; values above 4095
                                 * mean nothing.  Not for access ports. */
    size_t n_trunks;            /* 0 = all VLANs. */

    bool blocked;               /* Guests: nothing passes in or out, because
                                 * the port is part of a loop. */
    bool muted;                 /* Local ports: what it would flood is dropped
                                 * for a while. */
    bool crowded;               /* Local ports: as many MACs as may be are
                                 * learnt there, so it is not tried. */
};

/* Where an IP address is, as far as ARP and ND are concerned. */
struct flows_binding {
    uint16_t vlan;              /* 0..4095, 0 = no VLAN. */
    struct in6_addr ip;         /* IPv4 as v4-mapped. */
    struct eth_addr mac;
    uint16_t host;              /* Id of the host that the MAC is at; may be
                                 * 'self'. */
};

struct flows_input {
    const struct fabric *fabric;
    uint16_t self;              /* Host id of this host. */
    const struct flows_port *ports;   /* In any order; only ports that the
                                       * switch has now. */
    size_t n_ports;
    const struct mac_owner *remote_macs; /* MACs that are at peers, sorted by
                                       * mac_owner_compare(), no MAC twice in
                                       * one VLAN. */
    size_t n_remote_macs;
    const struct mac_owner *frozen_macs; /* MACs of peers that are not to be
                                       * learnt here although they are heard
                                       * here; like 'remote_macs', of which
                                       * they are some. */
    size_t n_frozen_macs;
    const struct flows_binding *bindings; /* Learnt addresses, sorted by VLAN
                                       * and IP, each once. */
    size_t n_bindings;
    const struct paths_peer *paths;   /* Ways to the peers, in any order; a
                                       * peer that is missing has its tunnel
                                       * only. */
    size_t n_paths;
    bool has_meters;                  /* The switch has enough meters. */
    bool floods_nd;                   /* The datapath cannot make neighbour
                                       * advertisements: Linux's own. */
};

/* Makes 'ret' the input as the stage builders expect it: 'ret->ports' is a
 * sorted array (by kind, peer, number), each number once, without ports that
 * mean nothing: a number that no port can have, a tunnel to this host itself
 * or to a host that 'fabric' lacks, a second port for what exists once (host,
 * gateway, tunnel to a peer; the lowest number counts).  Frames from those are
 * frames from an unknown port.  Ports that are not guests are trunks of all
 * VLANs.
 *
 * 'ret->remote_macs' and 'ret->bindings' are sorted, each key once (of equal
 * ones, that of the lowest host id, and then the lowest MAC), without what
 * cannot be: a VLAN above 4095, a MAC that is no station's or reserved for
 * hosts and gateways, a host that 'fabric' lacks, for a remote MAC this host
 * itself, and for a binding an address that no station can have.
 *
 * 'ret->paths' are those of every peer that this host can send to, because it
 * has a tunnel or a relay, sorted, each once (of equal ones, the one with the
 * direct link first, and then with the lowest ids).  From 'relays',
 * 'last_resort' and 'next' those are taken out that have no tunnel or come
 * twice, and the later ones move up; without a tunnel to the peer,
 * 'direct_first' is false and the last resort a relay.
 *
 * The caller must pass 'ret' to flows_input_uninit_normalized(); everything
 * but these four arrays is borrowed from 'in'. */
void flows_input_normalize(const struct flows_input *in,
                           struct flows_input *ret);

/* Frees what flows_input_normalize() made for 'in'. */
void flows_input_uninit_normalized(struct flows_input *in);

/* Returns the port of 'kind' (and, for tunnels, of 'peer'; else 0), or NULL.
 * 'in' is normalized. */
const struct flows_port *flows_input_find_port(const struct flows_input *in,
                                               enum flows_port_kind kind,
                                               uint16_t peer);

/* Returns the ways to 'peer', or NULL if there is none.  'in' is
 * normalized. */
const struct paths_peer *flows_input_find_paths(const struct flows_input *in,
                                                uint16_t peer);

/* Returns how many MACs, and how many addresses, the switch may learn behind
 * one local port, at least 1.  'in' is normalized.
 *
 * The switch can count by port only.  So that all ports together stay below
 * 'mac_limit' of the settings, each has an equal share of it, and no more than
 * 'port_mac_limit'.  The number of ports counts as the next power of two, so
 * that a new port seldom changes the share of the others. */
uint32_t flows_input_port_quota(const struct flows_input *in);

#endif /* flows/flows-input.h */
