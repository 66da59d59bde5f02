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

/* switch-sync: brings a switch to the desired flows, as simply as can be, for
 * tests of the ring "switch".  How the daemon does it is in ovs-ctl/.  What
 * goes wrong ends the program, but for what the switch refuses, which is
 * printed. */

#ifndef MOBULA_SWITCH_SYNC_H
#define MOBULA_SWITCH_SYNC_H 1

struct ds;
struct flow_table;
struct vconn;

/* Connects to the switch 'name', for example "unix:ovsbr-mobula.mgmt".  The
 * caller must pass what it returns to vconn_close(). */
struct vconn *switch_open(const char *name);

/* Reads what the switch has, compares, changes.  Appends the plan to 'plan' if
 * that is not NULL. */
void switch_sync(struct vconn *, const struct flow_table *desired,
                 struct ds *plan);

#endif /* tests/switch-sync.h */
