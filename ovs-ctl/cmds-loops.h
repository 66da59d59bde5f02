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

/* cmds-loops: what "mobula-ctl status" tells of loops and storms, and
 * "mobula-ctl unblock". */

#ifndef MOBULA_CMDS_LOOPS_H
#define MOBULA_CMDS_LOOPS_H 1

struct daemon;
struct json;

/* Adds to 'status':
 *   "blocked"  array with an object per port that is blocked:
 *                "port"     name
 *                "ofport"   OpenFlow port number
 *                "why"      a sentence
 *                "seconds"  for how long it has been blocked
 *                "left"     for how many seconds it will be; absent as long as
 *                           the loop is there
 *   "storms"   array with an object per port and kind of frames that exceed
 *              a limit:
 *                "port", "ofport"
 *                "kind"     "broadcast" or "unknown-unicast"
 *                "limit"    frames a second
 *                "dropped"  frames in the last minute
 *                "crowded"  boolean, as many MACs as may be are learnt there
 *                "muted"    for how many seconds none will be flooded; absent
 *                           if it is not muted
 * and to 'notes' a sentence about each of them. */
void cmds_put_loops(const struct daemon *, struct json *status,
                    struct json *notes);

void cmds_register_loops(struct daemon *);

#endif /* ovs-ctl/cmds-loops.h */
