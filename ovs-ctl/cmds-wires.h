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

/* cmds-wires: what "mobula-ctl status" tells of WireGuard's sessions: with
 * other hosts, and with clients of extrawire. */

#ifndef MOBULA_CMDS_WIRES_H
#define MOBULA_CMDS_WIRES_H 1

#include <stdint.h>

struct daemon;
struct json;

/* Adds to 'json' what WireGuard says of its peer with 'public_key', of
 * WGKEY_SIZE bytes; nothing if it has none yet:
 *   "handshake_age"  seconds since the last handshake; absent if never
 *   "endpoint"       address and port, or "none"
 *   "rx_bytes", "tx_bytes"  since the peer was added */
void cmds_wires_put_session(const struct daemon *, const uint8_t *public_key,
                            struct json *json);

/* Adds to 'status':
 *   "clients"  array with an object per client of extra_wires.yml, by
 *              address:
 *                "name", "address"
 *                "connected"  boolean: there is a session with this host
 *                and the above */
void cmds_wires_put_clients(const struct daemon *, struct json *status);

#endif /* ovs-ctl/cmds-wires.h */
