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

/* net-inside: questions about the network namespace that the caller is in.
 *
 * For functions that nlns_call() runs inside the gateway's, where all that is
 * needed is an answer; net-read.h reads what is compared. */

#ifndef MOBULA_NET_INSIDE_H
#define MOBULA_NET_INSIDE_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include "openvswitch/compiler.h"

/* Returns 0 if a socket can be bound to 'address' (IPv4 as v4-mapped), that
 * is, if the namespace has it and it is in use; EADDRNOTAVAIL if not; or
 * another positive errno. */
int net_inside_try_address(const struct in6_addr *address)
    OVS_WARN_UNUSED_RESULT;

/* Stores in '*ret' whether there is an IPv6 route to the outside, whoever made
 * it.  Returns 0 or a positive errno. */
int net_inside_has_default6(bool *ret) OVS_WARN_UNUSED_RESULT;

#endif /* net/net-inside.h */
