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

/* cmds-gateway: what the status says of the gateway: its way out, and what it
 * has dropped. */

#ifndef MOBULA_CMDS_GATEWAY_H
#define MOBULA_CMDS_GATEWAY_H 1

struct daemon;
struct json;

/* Adds to the object 'host':
 *
 *     way_out       object
 *       mode        "share" or "move"
 *       link        name of the interface
 *       via         address of the next hop, "" if there is none
 *       moved       true if the host itself goes another way, through its
 *                   gateway
 *       none        why there is no way out; then 'mode' is all besides
 *
 * With mode "move" there is only 'mode'. */
void cmds_gateway_put_host(const struct daemon *, struct json *host);

/* Adds to the object 'status':
 *
 *     dropped       array of objects, of what has been dropped at all
 *       table       name of the table of nftables
 *       what        the comment of its rule or rules
 *       packets     how many, since mobulad started or before that
 *
 * Numbers are up to 5 s old if somebody asks all the time, else up to 30 s. */
void cmds_gateway_put_drops(const struct daemon *, struct json *status);

/* Somebody wants to see that: keeps it up to date for a while. */
void cmds_gateway_ask_drops(struct daemon *);

/* Adds a sentence if there is no way out, and for each table of connections
 * that is almost full. */
void cmds_gateway_add_notes(const struct daemon *, struct json *notes);

#endif /* ovs-ctl/cmds-gateway.h */
