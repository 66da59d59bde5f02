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

/* cmds-macs: which machine is where -> JSON, for "mobula-ctl macs" and
 * "mobula-ctl status". */

#ifndef MOBULA_CMDS_MACS_H
#define MOBULA_CMDS_MACS_H 1

struct daemon;
struct json;

/* Returns an array with an object per MAC, sorted by VLAN and MAC:
 *
 *     "vlan"      0..4095, 0 = no VLAN
 *     "mac"
 *     "host"      id of the host that it is at; missing if it is nowhere
 *     "hostname"  of that host
 *     "port"      name of the local port where it is, or was heard last
 *     "sequence"  number of the claim
 *     "seconds"   how long it has been there, as far as this host knows
 *     "state"     "here", "there", "held" (its host cannot be heard) or "gone"
 *     "frozen"    true if it stays where it is, see "mobula-ctl status"
 *     "ips"       array of addresses
 *
 * The caller must pass it to json_destroy(). */
struct json *cmds_macs_json(const struct daemon *);

/* Appends sentences about frozen MACs, and about those that found no room, to
 * 'array'. */
void cmds_macs_add_notes(const struct daemon *, struct json *array);

#endif /* ovs-ctl/cmds-macs.h */
