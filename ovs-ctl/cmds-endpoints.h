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

/* cmds-endpoints: what the status says about where peers are, beyond what
 * WireGuard says (cmds-status.c): names that are looked up (sync-resolve.c),
 * and peers that cannot have a link with this host. */

#ifndef MOBULA_CMDS_ENDPOINTS_H
#define MOBULA_CMDS_ENDPOINTS_H 1

#include <stdbool.h>
#include <stdint.h>

struct daemon;
struct fabric_host;
struct json;

/* Returns true if neither this host nor 'host' has an endpoint: no link is
 * expected between them. */
bool cmds_endpoints_is_linkless(const struct daemon *,
                                const struct fabric_host *host);

/* Adds to the object of a peer:
 *   "configured"  its endpoint in the configuration: an address, a name, each
 *                 perhaps with a port, or "none"
 *   "no_endpoint" true if no link is expected; otherwise absent
 *   "resolved"    the address that was found for the name, if any, and
 *   "resolve_error" why it was not found when it was last looked up. */
void cmds_endpoints_put_peer(const struct daemon *,
                             const struct fabric_host *host, struct json *);

/* Adds sentences about names that do not resolve, and about peers without a
 * link. */
void cmds_endpoints_add_notes(const struct daemon *, struct json *notes);

#endif /* ovs-ctl/cmds-endpoints.h */
