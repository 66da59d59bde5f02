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

/* mtu-socket: sends packets of a given size to a peer, and receives its
 * answers: ICMP echo between intrawire addresses, not to be fragmented on the
 * way.
 *
 * The peer's kernel answers, so that a peer whose mobulad is stopped is
 * measured as well.  lib/mtu-probe.[ch] says what to send and what the answers
 * mean. */

#ifndef MOBULA_MTU_SOCKET_H
#define MOBULA_MTU_SOCKET_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "openvswitch/types.h"

struct mtu_socket;

/* A packet to send. */
struct mtu_packet {
    ovs_be32 src;               /* Intrawire address of this host... */
    ovs_be32 dst;               /* ...and of the peer. */
    unsigned int ifindex;       /* Link that it leaves by. */
    uint16_t seqno;             /* Comes back with the answer. */
    uint16_t size;              /* Bytes with the IP header, 36 or more. */
};

/* Opens a socket.  Returns 0 or a positive errno. */
int mtu_socket_open(struct mtu_socket **ret) OVS_WARN_UNUSED_RESULT;

/* 'socket' may be NULL. */
void mtu_socket_close(struct mtu_socket *socket);

/* Returns 0 or a positive errno: EMSGSIZE if the link is too small for the
 * packet. */
int mtu_socket_send(struct mtu_socket *, const struct mtu_packet *)
    OVS_WARN_UNUSED_RESULT;

/* Returns true, with its origin, number and size, if there is an answer to a
 * packet of this socket. */
bool mtu_socket_receive(struct mtu_socket *, ovs_be32 *src, uint16_t *seqno,
                        size_t *size);

/* Makes the next poll_block() wake up when there is something to receive. */
void mtu_socket_wait(const struct mtu_socket *);

#endif /* ovs-ctl/mtu-socket.h */
