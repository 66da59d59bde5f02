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

/* ovs-state: bridges and ports of Open vSwitch as plain data.
 *
 * The same structs hold what is desired (ports-want.c makes them from the
 * configuration) and what is there (ovsdb-local.c reads them from the host's
 * database), so that ports-diff.c can compare them.  A row is Mobula's if and
 * only if its external_ids have the key "mobula"; the value is its role.
 * No I/O. */

#ifndef MOBULA_OVS_STATE_H
#define MOBULA_OVS_STATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "smap.h"

/* Key in external_ids that marks a row as Mobula's. */
#define OVS_MARK "mobula"

/* Key in external_ids of a Port: see 'ifindex' below. */
#define OVS_IFINDEX OVS_MARK"-ifindex"

/* Values of that key. */
#define OVS_ROLE_ACCESS "access-bridge"
#define OVS_ROLE_UNDERLAY "underlay-bridge"
#define OVS_ROLE_HOST "host"            /* The host's own access port. */
#define OVS_ROLE_GATEWAY "gateway"      /* The gateway's access port. */
#define OVS_ROLE_TUNNEL "tunnel"        /* To the host that the name tells. */
#define OVS_ROLE_UPLINK "uplink"        /* From the underlay bridge on. */

/* A Port row and its one Interface row. */
struct ovs_port {
    char *name;
    char *type;                 /* "" for a network device, "vxlan". */
    uint16_t ofport_request;    /* OpenFlow port number, 0 = any. */
    struct smap options;
    struct smap bfd;
    char *role;                 /* OVS_ROLE_*; NULL if not Mobula's. */
    unsigned int ifindex;       /* Of the network device that is to be plugged
                                 * in, or that was (external_ids); 0: any, or
                                 * not known.  Userspace datapath only. */

    /* VLANs, as in table Port; only read, never compared. */
    char *vlan_mode;            /* NULL = unset. */
    int tag;                    /* 0..4095; -1 = unset. */
    uint16_t *trunks;
    size_t n_trunks;

    /* What ovs-vswitchd reports; only read, never compared. */
    int ofport;                 /* > 0; 0 = not yet; -1 = failed. */
    char *error;                /* Why it failed, or NULL. */
    struct smap bfd_status;
};

struct ovs_bridge {
    char *name;
    char *datapath_type;        /* "system" or "netdev". */
    char *fail_mode;            /* "secure", "standalone", "" = unset. */
    bool disable_in_band;       /* other_config:disable-in-band. */
    char *role;                 /* OVS_ROLE_*; NULL if not Mobula's. */
    size_t n_controllers;       /* Read only: somebody else's. */
    bool exists;                /* Read only: ovs-vswitchd has made it. */
    struct ovs_port **ports;    /* Sorted by name, without LOCAL. */
    size_t n_ports;
    size_t allocated_ports;
};

struct ovs_state {
    struct ovs_bridge **bridges; /* Sorted by name. */
    size_t n_bridges;
    size_t allocated_bridges;
    bool settled;               /* Read only: ovs-vswitchd has seen all. */
};

void ovs_state_init(struct ovs_state *);
void ovs_state_uninit(struct ovs_state *);

/* Appends a bridge or a port with empty members and returns it; ownership
 * stays with the container.  ovs_state_sort() must follow the last one. */
struct ovs_bridge *ovs_state_add_bridge(struct ovs_state *, const char *name);
struct ovs_port *ovs_bridge_add_port(struct ovs_bridge *, const char *name);
void ovs_state_sort(struct ovs_state *);

/* Return NULL if there is none.  Borrowed. */
const struct ovs_bridge *ovs_state_find_bridge(const struct ovs_state *,
                                               const char *name);
const struct ovs_port *ovs_bridge_find_port(const struct ovs_bridge *,
                                            const char *name);

/* Returns the bridge that has a port 'name', or NULL. */
const struct ovs_bridge *ovs_state_find_port_bridge(const struct ovs_state *,
                                                    const char *name);

#endif /* ovs-ctl/ovs-state.h */
