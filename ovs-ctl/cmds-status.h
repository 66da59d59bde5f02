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

/* cmds-status: state of the daemon -> JSON, for "mobula-ctl status" and
 * "mobula-ctl wait-ready".  Reads 'struct daemon', changes nothing. */

#ifndef MOBULA_CMDS_STATUS_H
#define MOBULA_CMDS_STATUS_H 1

struct daemon;
struct json;

/* Returns an object that the caller must json_destroy():
 *   "mode"      "run", "teardown" or "torn-down"
 *   "ready"     everything is as desired
 *   "peers_up"  ... and every tunnel is up, or, where there can be none, the
 *               peer is reached by a relay
 *   "config"    number of the accepted configuration, 0 = none
 *   "host"      this host, absent without a configuration
 *   "peers"     array, an object per other host, by id
 *   "clients"   array, an object per client of extrawire: cmds-wires.h
 *   "problems"  array of sentences: what is not as desired, and why
 *   "notes"     array of sentences: what is somebody else's, warnings. */
struct json *cmds_status_json(const struct daemon *);

#endif /* ovs-ctl/cmds-status.h */
