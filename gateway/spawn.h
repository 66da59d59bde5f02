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

/* spawn: starts a program, with nothing of ours but what it is given.
 *
 * What child.c (programs that come to an end) and supervise.c (programs that
 * stay) have in common. */

#ifndef MOBULA_SPAWN_H
#define MOBULA_SPAWN_H 1

#include <stdbool.h>
#include <sys/types.h>
#include "openvswitch/compiler.h"

/* How to start a program.  The descriptors stay the caller's. */
struct spawn_in {
    char *const *argv;          /* A NULL ends it.  argv[0] is looked for in
                                 * the system's own directories; the PATH of
                                 * the environment is not used. */
    int in, out, err;           /* Its standard files, or -1 = /dev/null. */
    bool own_session;           /* No terminal's signals reach it. */
    mode_t umask;               /* 0 = ours. */
};

/* Starts a program in the network namespace of the caller.  Its environment
 * is PATH and LC_ALL=C, it has no descriptor but the three, and every signal
 * does what it does by default.  Returns 0 with the process in '*pid' and a
 * descriptor for it in '*pidfd' (close-on-exec; -1 if the kernel, before 5.3,
 * has no such); or a positive errno: ENOENT if there is no such program. */
int spawn_program(const struct spawn_in *, pid_t *pid, int *pidfd)
    OVS_WARN_UNUSED_RESULT;

/* Returns true if spawn_program() would find 'program'. */
bool spawn_is_installed(const char *program);

/* Returns a descriptor that becomes readable when 'pid' ends (close-on-exec),
 * or -1. */
int spawn_open_pidfd(pid_t pid);

#endif /* gateway/spawn.h */
