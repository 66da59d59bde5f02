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

/* loop: the order in which mobulad does things. */

#ifndef MOBULA_LOOP_H
#define MOBULA_LOOP_H 1

struct daemon;

/* One round: takes in events, compares, changes.  Never blocks. */
void loop_run(struct daemon *);

/* Arranges for poll_block() to return when loop_run() has something to do. */
void loop_wait(struct daemon *);

#endif /* ovs-ctl/loop.h */
