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

/* wg-spawn: starts, watches and stops wireguard-go for one interface, where
 * the kernel has no WireGuard.
 *
 *            wg_spawn_start()                       the process ends
 *     IDLE -------------------> STARTING ---------------------------> FAILED
 *      ^ \                         |  ends, or not ready in time        ^ |
 *      |  \ there is one already   | socket answers                     | |
 *      |   `-------------------> RUNNING -------------------------------' |
 *      `------------------------------------------- wg_spawn_start() ----'
 *
 * The process is on its own: it goes on forwarding when the caller ends or is
 * killed, and another wg_spawn finds it again by its socket.  Nothing here
 * waits.
 *
 * What is known about wireguard-go 0.0.20220316:
 *
 *   - It keeps its UDP socket in the network namespace in which it was
 *     started, wherever its interface is moved.
 *   - Left to itself it forks and the parent, which has opened the socket,
 *     exits; then SO_PEERCRED names a process that is gone.  It is therefore
 *     run in the foreground, in a session of its own.
 *   - It goes away when its socket is removed (within 2 s) or its interface is
 *     deleted, and its interface goes away with it.
 *   - It takes its interface for up from the beginning, listens on its UDP
 *     port at once, and does not see it go down in another namespace: traffic
 *     flows a few ms after the interface is moved and set up.
 *   - It sees a change of the MTU (with which it limits its padding to 16
 *     bytes) only in the namespace in which it was started.  Hence the MTU has
 *     to be set before the interface is moved; after that, full packets may
 *     become up to 15 bytes longer than the MTU allows for.  Over IPv4 there
 *     is room for that.  Over IPv6 a host whose own link is the small one cuts
 *     them into fragments, and if they are lost on the way, the check of paths
 *     (lib/mtu-probe.h) finds the size that passes: nothing that would be
 *     worth a restart, which loses all sessions. */

#ifndef MOBULA_WG_SPAWN_H
#define MOBULA_WG_SPAWN_H 1

#include <stdbool.h>
#include <sys/types.h>
#include "openvswitch/compiler.h"

struct wg_spawn;

/* How long the start may take, in ms. */
#define WG_SPAWN_TIMEOUT_MS 5000

enum wg_spawn_state {
    WG_SPAWN_IDLE,              /* Nothing was asked for. */
    WG_SPAWN_STARTING,          /* Started, does not answer yet. */
    WG_SPAWN_RUNNING,           /* Answers; the interface exists. */
    WG_SPAWN_FAILED,            /* Did not start, or has ended. */
};

/* Makes a wg_spawn for 'ifname', idle.  The program's messages are appended to
 * 'log_file'; NULL drops them.  Returns NULL if 'ifname' cannot be the name of
 * an interface.  The caller must free it with wg_spawn_destroy(). */
struct wg_spawn *wg_spawn_create(const char *ifname, const char *log_file);

/* Frees 'spawn' and leaves the process alone; NULL is fine. */
void wg_spawn_destroy(struct wg_spawn *spawn);

/* Takes over the process that runs 'ifname' already, or starts one in the
 * calling thread's network namespace; does nothing while starting or running.
 * 'now' is the poll loop's time in ms. */
void wg_spawn_start(struct wg_spawn *spawn, long long int now);

/* Sees how the process does and returns the new state.  To be called in each
 * round of the poll loop. */
enum wg_spawn_state wg_spawn_run(struct wg_spawn *spawn, long long int now);

/* Lets poll_block() wake up when wg_spawn_run() has something to do. */
void wg_spawn_wait(const struct wg_spawn *spawn, long long int now);

/* Returns the process, or 0 if there is none or it is not known (it was
 * started by somebody else and not in the foreground). */
pid_t wg_spawn_pid(const struct wg_spawn *spawn);

/* Returns a sentence on the last failure, or NULL.  Borrowed: valid until the
 * next call on 'spawn'. */
const char *wg_spawn_error(const struct wg_spawn *spawn);

/* Returns true if a program answers for 'ifname'. */
bool wg_spawn_is_running(const char *ifname);

/* Tells the program that runs 'ifname' to end: exactly that process, or if it
 * cannot be told which it is, by removing its socket.  The interface vanishes
 * a little later, which the caller sees in wg_spawn_is_running() and in the
 * list of links.  Returns 0, also if there is no such program, or a positive
 * errno value. */
int wg_spawn_stop(const char *ifname) OVS_WARN_UNUSED_RESULT;

#endif /* wg/wg-spawn.h */
