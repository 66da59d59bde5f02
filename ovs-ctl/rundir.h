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

/* rundir: the directories that mobulad needs, and the lock that makes it the
 * only one of its kind on a host.  Both work before there is a log. */

#ifndef MOBULA_RUNDIR_H
#define MOBULA_RUNDIR_H 1

/* Makes the directories of options.h.  Ends the process with a sentence if
 * that does not work. */
void rundir_make(void);

/* Two mobulads would undo each other's work, and a pidfile is optional.  Takes
 * a lock that is held until this process (not its parent) ends, however that
 * comes.  Ends the process with a sentence if somebody else has it. */
void rundir_lock(void);

#endif /* ovs-ctl/rundir.h */
