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

/* cmds-mtu: what "status" says about the size of packets (sync-mtu.c). */

#ifndef MOBULA_CMDS_MTU_H
#define MOBULA_CMDS_MTU_H 1

#include <stdint.h>

struct daemon;
struct json;

/* Adds to the object 'host', in bytes of IP packet:
 *   "access_mtu"          what a machine on the access network may send
 *   "intrawire_mtu"       what this host sends on the intrawire network
 *   "wireguard_mtu"       of the WireGuard device
 *   "underlay_mtu"        what is used of the underlay
 *   "links_mtu"           the same by links and routes of all hosts
 *   "own_links_mtu"       the same by those of this host; not if unknown
 *   "next_underlay_mtu"   larger one that is about to be used; if any */
void cmds_mtu_put_host(const struct daemon *, struct json *host);

/* Adds to the object of a peer:
 *   "path"       "unknown" (nothing was answered yet), "ok", "limited",
 *                "silent"
 *   "path_mtu"   for which underlay MTU the path is good, if known */
void cmds_mtu_put_peer(const struct daemon *, uint16_t peer, struct json *);

/* Adds sentences: about paths that lose packets that hosts send, to
 * 'problems'; about what determines the MTU, to 'notes'. */
void cmds_mtu_add_problems(const struct daemon *, struct json *problems);
void cmds_mtu_add_notes(const struct daemon *, struct json *notes);

#endif /* ovs-ctl/cmds-mtu.h */
