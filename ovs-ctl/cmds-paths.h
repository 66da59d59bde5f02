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

/* cmds-paths: what "status" says about links and the ways to the peers
 * (sync-paths.c), and the commands "drain" and "undrain" (sync-drain.c). */

#ifndef MOBULA_CMDS_PATHS_H
#define MOBULA_CMDS_PATHS_H 1

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct json;

/* Adds to the object 'host':
 *   "drained"   "yes", "no", or "changing" while it becomes one of these. */
void cmds_paths_put_host(const struct daemon *, struct json *host);

/* Adds to the object of a peer:
 *   "way"       object: "by", "direct", the hostname of the host that frames
 *               for the peer are given to, or "none"; "links", how many the
 *               way has; "for", seconds since it is that one
 *   "link"      object about the direct link: "state", "down", "held" or "up";
 *               "for", seconds since it is; "poor", whether it works badly;
 *               "held_for", seconds until it may be used again, while it is
 *               held; "flaps", how often it went down; "last_down", seconds
 *               since the last time, and "outage_ms", how long frames were
 *               lost then, about (absent if that is not over); "interval_ms",
 *               "mult" and "detect_ms": how long that goes unnoticed; "loss",
 *               in permille, and "rtt_us", if known.
 *   "drained"   whether the peer says that it is
 * and what cmds_endpoints_put_peer() adds. */
void cmds_paths_put_peer(const struct daemon *, uint16_t peer, struct json *);

/* Returns true if no link to 'peer' is expected, because neither it nor this
 * host has an endpoint, and it is reached by another host. */
bool cmds_paths_needs_no_link(const struct daemon *, uint16_t peer);

/* Adds sentences about links and peers that are not as they should be. */
void cmds_paths_add_notes(const struct daemon *, struct json *notes);

void cmds_register_paths(struct daemon *);

#endif /* ovs-ctl/cmds-paths.h */
