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

/* probe-socket: sends packets to a peer through the direct link, and receives
 * its answers: ICMP echo between tunnel end points, not to be fragmented on
 * the way.
 *
 * The addresses of tunnel end points are only ever routed into WireGuard, and
 * to the host that they belong to, whatever detours other traffic takes.  The
 * peer's kernel answers, so that a peer whose mobulad is stopped is measured
 * as well.
 *
 * lib/mtu-probe.[ch] and lib/quality.[ch] say what to send and what the
 * answers mean. */

#ifndef MOBULA_PROBE_SOCKET_H
#define MOBULA_PROBE_SOCKET_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "openvswitch/types.h"

struct probe_socket;
struct settings;

/* A packet to send. */
struct probe_packet {
    ovs_be32 src;               /* Tunnel end point of this host... */
    ovs_be32 dst;               /* ...and of the peer. */
    unsigned int ifindex;       /* Link that it leaves by. */
    uint16_t seqno;             /* Comes back with the answer. */
    uint16_t size;              /* Bytes with the IP header, 36 or more. */
};

/* An answer. */
struct probe_answer {
    ovs_be32 src;               /* Who answers. */
    uint16_t seqno;
    size_t size;                /* Bytes with the IP header. */
    uint32_t age_us;            /* How long ago the kernel received it. */
};

/* Returns the link that carries this host's tunnel end point. */
const char *probe_link(bool userspace_datapath);

/* Initializes 'packet' from host 'self' to 'peer', but for number and size. */
void probe_packet_init(struct probe_packet *packet, const struct settings *,
                       uint16_t self, uint16_t peer, unsigned int ifindex);

/* Returns the id of the host that answers, or 0 if it is none. */
uint16_t probe_answer_peer(const struct probe_answer *,
                           const struct settings *);

/* Opens a socket.  Returns 0 or a positive errno. */
int probe_socket_open(struct probe_socket **ret) OVS_WARN_UNUSED_RESULT;

/* 'socket' may be NULL. */
void probe_socket_close(struct probe_socket *socket);

/* Returns 0 or a positive errno: EMSGSIZE if the link is too small for the
 * packet. */
int probe_socket_send(struct probe_socket *, const struct probe_packet *)
    OVS_WARN_UNUSED_RESULT;

/* Returns true with '*ret' if there is an answer to a packet of this
 * socket. */
bool probe_socket_receive(struct probe_socket *, struct probe_answer *ret);

/* Makes the next poll_block() wake up when there is something to receive. */
void probe_socket_wait(const struct probe_socket *);

#endif /* ovs-ctl/probe-socket.h */
