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

/* cmds-facts: what hosts tell each other -> JSON, for "mobula-ctl facts" and
 * "mobula-ctl status".  Reads 'struct daemon', changes nothing. */

#ifndef MOBULA_CMDS_FACTS_H
#define MOBULA_CMDS_FACTS_H 1

#include <stdint.h>
#include "openvswitch/compiler.h"

struct daemon;
struct json;

/* Makes '*ret', which the caller must json_destroy(), an object with the facts
 * of the host that is called 'name' (its id or hostname), or of this one if
 * that is NULL:
 *   "host", "hostname"
 *   "state"     "own", or that of cmds_facts_put_peer()
 *   "boot", "version", "config_digest", "underlay_mtu", "path_mtu"   if known
 *   "drained"   boolean
 *   "links"     array of objects "peer", "up", "poor", "loss" (permille),
 *               and "rtt_us" if that is known
 *   "macs"      array of objects "vlan", "mac", "sequence" and "ips"
 * and returns NULL, or a sentence that the caller must free. */
char *cmds_facts_json(const struct daemon *, const char *name,
                      struct json **ret) OVS_WARN_UNUSED_RESULT;

/* Adds to 'json', of peer 'id' in the status, an object "facts":
 *   "state"     "never heard", "heard", "stale" or "not believed"
 *   "for"       how long it is heard or stale, in seconds
 *   "error"     a sentence on why it is not heard, if there is one
 *   "ignored"   a sentence on what it tells and makes no sense, if there is
 *   "macs"      number of MACs. */
void cmds_facts_put_peer(const struct daemon *, uint16_t id,
                         struct json *json);

/* Adds a sentence to 'array' for each peer that is not heard as it should. */
void cmds_facts_add_notes(const struct daemon *, struct json *array);

#endif /* ovs-ctl/cmds-facts.h */
