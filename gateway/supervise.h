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

/* supervise: keeps a program running that stays, such as a server.
 *
 *          supervise_start()          ends                 back-off is over,
 *     IDLE ------------> RUNNING ---------------> DOWN -.  supervise_start()
 *      ^                  |  ^                     |    |
 *      |     supervise_stop()  `-------------------+----'
 *      |                  v                        |
 *      `--- ends ----- STOPPING      supervise_stop()
 *      `-------------------------------------------'
 *
 * The program is on its own: it goes on when this process ends or is killed,
 * and another supervise finds it again by its PID file, which the program
 * writes by itself.  That file is only believed if the process that it names
 * has the program's name and was given the name of this file: numbers are
 * used again.
 *
 * A program that ends is started again after SUPERVISE_MIN_MS, and if it ends
 * soon again, after twice that, and so on up to SUPERVISE_MAX_MS.  When to
 * start is up to the caller, who may have to prepare something first; asking
 * too early does no harm.  Nothing here waits.
 *
 * For programs that come to an end there is child.h; wireguard-go, which is
 * found by its socket, has wg/wg-spawn.h. */

#ifndef MOBULA_SUPERVISE_H
#define MOBULA_SUPERVISE_H 1

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct supervise;

/* Bounds of the back-off, and how long a program must have run for the
 * back-off to begin anew, in ms. */
#define SUPERVISE_MIN_MS 100
#define SUPERVISE_MAX_MS 30000
#define SUPERVISE_STABLE_MS 10000

/* How long a program may take to end when told to, before it is killed, in
 * ms. */
#define SUPERVISE_STOP_MS 3000

enum supervise_state {
    SUPERVISE_IDLE,             /* It does not run, and should not. */
    SUPERVISE_RUNNING,
    SUPERVISE_DOWN,             /* It did not start, or has ended. */
    SUPERVISE_STOPPING,         /* It was told to end. */
};

/* Makes a supervise for the program 'argv' (copied; found as spawn.h says), of
 * which one argument has 'pidfile' as a part.  What it writes to its standard
 * error output is kept for supervise_error(), the first 4096 bytes of it.  The
 * files that it makes are for their owner alone.  The caller must free it with
 * supervise_destroy(). */
struct supervise *supervise_create(char *const argv[], const char *pidfile);

/* Limits the memory (address space) of the program to 'bytes' when it is
 * started next; 0 = no limit, the default. */
void supervise_set_memory_max(struct supervise *sv, uint64_t bytes);

/* Frees 'sv' and leaves the program alone; NULL is fine. */
void supervise_destroy(struct supervise *sv);

/* Takes over the program if it runs already, but does not start it.  Returns
 * true if it runs (then). */
bool supervise_adopt(struct supervise *sv, long long int now);

/* Takes over the program if it runs already, or starts it in the network
 * namespace of the caller.  Does nothing while it runs, is being stopped, or
 * must wait.  'now' is the poll loop's time in ms. */
void supervise_start(struct supervise *sv, long long int now);

/* Returns true if supervise_start() would do something. */
bool supervise_is_due(const struct supervise *sv, long long int now);

/* Tells the program to end, if it runs. */
void supervise_stop(struct supervise *sv, long long int now);

/* Sends the signal 'sig' to the program, if it runs and is not being
 * stopped. */
void supervise_signal(struct supervise *, int sig);

/* Sees how the program does and returns the new state.  To be called in each
 * round of the poll loop. */
enum supervise_state supervise_run(struct supervise *sv, long long int now);

/* Lets poll_block() wake up when supervise_run() or supervise_start() has
 * something to do. */
void supervise_wait(const struct supervise *sv, long long int now);

/* Returns the process, or 0 if it does not run. */
pid_t supervise_pid(const struct supervise *sv);

/* Returns a sentence on the last failure, or NULL if there was none since it
 * has last been running for a while.  Borrowed: valid until the next call on
 * 'sv'. */
const char *supervise_error(const struct supervise *sv);

#endif /* gateway/supervise.h */
