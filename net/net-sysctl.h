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

/* net-sysctl: numbers under /proc/sys/net, which are those of the namespace
 * that the thread is in while it opens the file. */

#ifndef MOBULA_NET_SYSCTL_H
#define MOBULA_NET_SYSCTL_H 1

#include "net/net-state.h"
#include "openvswitch/compiler.h"

/* Fills 'value' and 'missing' of the 'n' elements of 'sysctls' from the
 * namespace 'ns_fd' (-1: our own).  A file that does not exist is no error.
 * Returns 0 or a positive errno. */
int net_sysctl_read(int ns_fd, struct net_sysctl *sysctls, size_t n)
    OVS_WARN_UNUSED_RESULT;

/* Writes one.  Returns 0 or a positive errno. */
int net_sysctl_write(int ns_fd, const struct net_sysctl *)
    OVS_WARN_UNUSED_RESULT;

#endif /* net/net-sysctl.h */
