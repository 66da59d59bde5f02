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

/* endpoint: where on the underlay a host is to be found.
 *
 * The configuration gives an address, or a name that is looked up while we
 * run, or says that others cannot reach the host ("none": it stands behind a
 * NAT and speaks first).  fabric-yaml.c parses with this, sync-resolve.c of
 * ovs-ctl/ looks names up and keeps what was found in a struct endpoints, and
 * whoever needs an address asks endpoints_find().  Pure: no I/O, no clock. */

#ifndef MOBULA_ENDPOINT_H
#define MOBULA_ENDPOINT_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/fabric.h"
#include "openvswitch/compiler.h"

struct ds;

/* What the text of an endpoint says.  All zero and NULL: "none". */
struct endpoint_text {
    struct in6_addr address;    /* IPv4 as v4-mapped; zero if it is a name. */
    char *name;                 /* Owned, in lower case; or NULL. */
    uint16_t port;              /* UDP, host byte order; 0 = not given. */
};

/* Parses an IPv4 or IPv6 address or a DNS name, and, if 'variable', also
 * "none", and any of the others with a port behind it: "192.0.2.1:4000",
 * "[2001:db8::1]:4000", "a.example.com:4000".
 *
 * Returns NULL with '*ret' filled, whose 'name' the caller must free; or what
 * is wrong, as in "'TEXT' is ...", which the caller must free. */
char *endpoint_parse(const char *text, bool variable,
                     struct endpoint_text *ret) OVS_WARN_UNUSED_RESULT;

/* Returns what kind of address 'a' (IPv4 as v4-mapped) is that other hosts
 * cannot send to, as in "it is a loopback address", or NULL. */
const char *endpoint_address_problem(const struct in6_addr *a);

/* Can 'a' and 'b' have a link?  Not if neither of them can be reached by
 * others: then frames between them go by a relay. */
bool endpoint_can_meet(const struct fabric_host *a,
                       const struct fabric_host *b);

/* Returns true, with the setting in '*ret', if 'a' (IPv4 as v4-mapped) is in a
 * network of ours: WireGuard would have to reach itself through itself. */
bool endpoint_is_inside(const struct settings *, const struct in6_addr *a,
                        enum setting *ret);

/* Returns the UDP port at which others reach 'host'. */
uint16_t endpoint_port(const struct settings *, const struct fabric_host *);

/* Appends "192.0.2.1", "192.0.2.1:4000", "[2001:db8::1]:4000", "a.example",
 * "none" and the like to 's': what the configuration says. */
void endpoint_format(const struct fabric_host *, struct ds *s);

/* The same, which must not be "none", always with the port. */
void endpoint_format_port(const struct settings *, const struct fabric_host *,
                          struct ds *s);

/* Collects the addresses in 'text', the output of "getent ahosts NAME", in its
 * order and each once; those that hosts cannot have are left out
 * (endpoint_address_problem(), endpoint_is_inside()).  Stores them in
 * '*addresses' (IPv4 as v4-mapped), which the caller must free(), and returns
 * how many they are. */
size_t endpoint_parse_ahosts(const char *text, const struct settings *,
                             struct in6_addr **addresses);

/* Which of the 'n' addresses 'found' of a name is to be used?  The one
 * 'current' that is, if it is among them, unless it does not work: then the
 * one behind it, or the first.  Without 'current' (NULL), the first: the
 * resolver of the host has put the most suitable one there.
 *
 * Returns it, borrowed from 'found', or NULL if 'n' is 0. */
const struct in6_addr *endpoint_choose(const struct in6_addr *found, size_t n,
                                       const struct in6_addr *current,
                                       bool works);

/* The address that was found for the name of a host. */
struct endpoint_found {
    uint16_t host;              /* Host id; at the beginning. */
    struct in6_addr address;    /* IPv4 as v4-mapped. */
};

/* All of them, sorted by host. */
struct endpoints {
    struct endpoint_found *found;   /* Owned by whoever fills it. */
    size_t n;
};

/* Returns true, with the address of 'host' in '*ret' (IPv4 as v4-mapped), if
 * it is known: given by the configuration, or found ('endpoints' may be NULL:
 * nothing was). */
bool endpoints_find(const struct endpoints *endpoints,
                    const struct fabric_host *host, struct in6_addr *ret);

#endif /* lib/endpoint.h */
