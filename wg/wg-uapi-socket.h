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

/* wg-uapi-socket: connects to the unix socket of the program that runs a
 * WireGuard device.
 *
 * Comes before wg-uapi.c, which talks over it, and wg-spawn.c, which asks
 * whether there is such a program. */

#ifndef MOBULA_WG_UAPI_SOCKET_H
#define MOBULA_WG_UAPI_SOCKET_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

/* Where WireGuard programs have their sockets. */
#define WG_UAPI_DIR "/var/run/wireguard"

/* Returns true if 'ifname' can be the name of an interface, and so of a file
 * without leading elsewhere. */
bool wg_uapi_name_is_valid(const char *ifname);

/* Returns the path of the socket for 'ifname'; the caller must free it. */
char *wg_uapi_socket_path(const char *ifname);

/* Connects, without waiting, and stores a non-blocking file descriptor, which
 * the caller must close, in '*fd'.  Returns 0; EINVAL if 'ifname' is invalid;
 * ENOENT or ECONNREFUSED if no program listens; EAGAIN if too many wait for
 * it already. */
int wg_uapi_connect(const char *ifname, int *fd) OVS_WARN_UNUSED_RESULT;

#endif /* wg/wg-uapi-socket.h */
