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

/* wire-config: the configuration file of a client of extrawire.
 *
 * The text that wg-quick, NetworkManager and the WireGuard apps read, made of
 * what the hosts' own files say.  It names one host, through which the client
 * reaches all of the network.  Pure; comes after fabric-load.[ch], and the
 * other end of it is in wg/wg-want.c. */

#ifndef MOBULA_WIRE_CONFIG_H
#define MOBULA_WIRE_CONFIG_H 1

#include <stdbool.h>
#include <stdint.h>

struct ds;
struct fabric;
struct fabric_extra_wire;
struct fabric_host;

/* A client keeps its way through a NAT open with a packet in so many
 * seconds. */
#define WIRE_CONFIG_KEEPALIVE_S 25

/* What the file is made of.  Everything is borrowed. */
struct wire_config_in {
    const struct fabric *fabric;
    const struct fabric_extra_wire *wire;   /* The client. */
    const struct fabric_host *host;         /* Has an endpoint. */
    uint16_t underlay_mtu;      /* That the hosts use, bytes of IP packet; 0 =
                                 * unknown. */
    const uint8_t *private_key; /* Of the client, WGKEY_SIZE bytes; or NULL:
                                 * a comment takes its place. */
};

/* Appends the file to 's'; 'comments' says whether with words for people.
 * Without a private key there are always some. */
void wire_config_format(const struct wire_config_in *, bool comments,
                        struct ds *s);

/* Returns the MTU of a client: what fits the access network in WireGuard, also
 * on the way there, which is the Internet's business.  'underlay_mtu' as
 * above. */
uint16_t wire_config_mtu(uint16_t underlay_mtu);

#endif /* lib/wire-config.h */
