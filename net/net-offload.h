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

/* net-offload: transmit checksum offload of a link, as "ethtool -K DEV tx
 * on|off" does it. */

#ifndef MOBULA_NET_OFFLOAD_H
#define MOBULA_NET_OFFLOAD_H 1

#include "net/net-state.h"
#include "openvswitch/compiler.h"

/* Reads the state of the link 'name' in the namespace of the socket 'fd'.
 * Returns NET_OFFLOAD_ANY if it cannot be read. */
enum net_offload net_offload_get(int fd, const char *name);

/* Sets it; 'value' is not NET_OFFLOAD_ANY.  Returns 0 or a positive errno. */
int net_offload_set(int fd, const char *name, enum net_offload value)
    OVS_WARN_UNUSED_RESULT;

#endif /* net/net-offload.h */
