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

/* cmds: what mobula-ctl asks the daemon for. */

#ifndef MOBULA_CMDS_H
#define MOBULA_CMDS_H 1

#include <stdbool.h>

struct daemon;
struct ds;

/* Registers it. */
void cmds_register(struct daemon *);

/* Returns true once every kind of object has been compared. */
bool cmds_plan_is_complete(const struct daemon *);

/* Appends what the last comparisons found, a section per kind, to 's'. */
void cmds_format_plan(const struct daemon *, struct ds *s);

#endif /* ovs-ctl/cmds.h */
