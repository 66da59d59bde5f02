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

/* cmds-flows: desired and installed flows side by side -> JSON, for
 * "mobula-ctl flows".  Reads 'struct daemon', changes nothing. */

#ifndef MOBULA_CMDS_FLOWS_H
#define MOBULA_CMDS_FLOWS_H 1

struct daemon;
struct json;

/* Returns an array that the caller must json_destroy(), groups first, then
 * flows in the order of the tables.  Each object has:
 *   "bridge"    name
 *   "state"     "installed", "missing", "different", "learnt", "stale" (ours,
 *               not desired) or "alien" (somebody else's)
 *   "words"     what it does, a sentence
 *   "text"      in the syntax of ovs-ofctl(8); desired if there is one
 *   "installed" likewise, what is installed, only if "different"
 *   "stage"     of flows, its name
 *   "packets"   of installed flows, when last read. */
struct json *cmds_flows_json(const struct daemon *);

#endif /* ovs-ctl/cmds-flows.h */
