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

/* snapshot: what is known of Open vSwitch's ports -> input of the flows
 * (pure).  After ovsdb-local.c, before flows/compute.c. */

#ifndef MOBULA_SNAPSHOT_H
#define MOBULA_SNAPSHOT_H 1

#include <stddef.h>
#include <stdint.h>
#include "flows/flows-input.h"

struct ovs_bridge;
struct ovs_port;
struct ovs_state;

/* Returns the ports of 'bridge' that have an OpenFlow port number, sorted by
 * it, and stores their number in '*n'.  The caller must free() the array;
 * names and trunks are borrowed from 'bridge'. */
struct flows_port *snapshot_ports(const struct ovs_bridge *bridge, size_t *n);

/* Returns how 'port' carries VLANs. */
enum flows_vlan_mode snapshot_vlan_mode(const struct ovs_port *port);

/* Returns the OpenFlow port number of port 'name' of bridge 'bridge_name', or
 * 0 if it has none (yet). */
uint16_t snapshot_ofport(const struct ovs_state *, const char *bridge_name,
                         const char *name);

#endif /* ovs-ctl/snapshot.h */
