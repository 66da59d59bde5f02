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

/* compute: all flows and groups that a bridge should have.
 *
 * Pure: the same input gives the same flows, to the byte, whatever the order
 * of its arrays.  Runs the builders of flows/stages.c and flows/groups.c;
 * flows/flows-diff.c compares the result with what is installed. */

#ifndef MOBULA_COMPUTE_H
#define MOBULA_COMPUTE_H 1

#include <stdint.h>

struct flow_table;
struct flows_input;

/* Adds to 'ret' (initialized and empty) what BRIDGE_ACCESS should have.  Any
 * input gives a safe result: without ports, everything is dropped. */
void flows_compute(const struct flows_input *, struct flow_table *ret);

/* Adds to 'ret' (initialized and empty) what BRIDGE_UNDERLAY should have.
 * 'tun_ofport' is the OpenFlow port of LINK_TUN_HOST there; without one
 * (0, or no number of a port), nothing. */
void flows_compute_underlay(uint16_t tun_ofport, struct flow_table *ret);

#endif /* flows/compute.h */
