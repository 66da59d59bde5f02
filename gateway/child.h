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

/* child: runs a program to its end, with text in and text out, in a poll
 * loop.
 *
 *     child_start() ---> RUNNING ------ ends ------> DONE
 *          |                | deadline,               ^
 *          |                | or too much output      |
 *          |                v                         |
 *          |             KILLED (SIGKILL) -- ends ----+
 *          `------------- cannot be started ----------'
 *
 * No shell is involved.  Nothing here waits, except child_destroy() for a
 * process that it has just killed.  Not for programs that stay: those
 * are supervise.h's. */

#ifndef MOBULA_CHILD_H
#define MOBULA_CHILD_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct child;

/* What a program may write at most, in bytes, to each of its outputs. */
#define CHILD_OUTPUT_MAX (256 * 1024)

/* Starts 'argv[0]', found in the system's own directories (the PATH of the
 * environment is not used), with the arguments 'argv', which a NULL ends, and
 * 'input' as standard input.  Its environment is PATH and LC_ALL=C.  It is
 * killed if it has not ended at 'deadline'; times are the poll loop's in ms.
 * The caller must free the result with child_destroy(). */
struct child *child_start(char *const argv[], const char *input,
                          long long int now, long long int deadline);

/* Kills the program if it still runs, and frees 'child'; NULL is fine. */
void child_destroy(struct child *child);

/* Sees how the program does.  Returns true if it has ended, or never
 * started. */
bool child_run(struct child *child, long long int now);

/* Lets poll_block() wake up when child_run() has something to do. */
void child_wait(const struct child *child);

/* The following are for a child that has ended. */

/* Returns 0 if it was started, otherwise a positive errno: ENOENT if there is
 * no such program. */
int child_start_error(const struct child *child);

/* Returns the exit status, or -1 if it did not exit by itself. */
int child_exit_status(const struct child *child);

/* Returns NULL if it exited with 0, otherwise a sentence with what it wrote to
 * its standard error output, which the caller must free. */
char *child_error(const struct child *child) OVS_WARN_UNUSED_RESULT;

/* Return what it wrote, up to the first null byte.  Borrowed from 'child'. */
const char *child_stdout(const struct child *child);
const char *child_stderr(const struct child *child);

#endif /* gateway/child.h */
