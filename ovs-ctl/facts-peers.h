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

/* facts-peers: reads the databases Mobula of all peers, one session each.
 *
 * A peer that sends much does not keep the others waiting: a round ends after
 * some hundred kB, and the next one begins with the peer after. */

#ifndef MOBULA_FACTS_PEERS_H
#define MOBULA_FACTS_PEERS_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct fabric;
struct facts_peer;
struct facts_peers;

struct facts_peers *facts_peers_create(void);
void facts_peers_destroy(struct facts_peers *);

/* The peers are the hosts of 'fabric' but 'self' from now on; NULL: nobody.
 * Sessions with those that stay as they are stay, too. */
void facts_peers_configure(struct facts_peers *, const struct fabric *fabric,
                           uint16_t self, long long int now);

/* The way to peer 'id' has changed: see facts_peer_way_changed(). */
void facts_peers_way_changed(struct facts_peers *, uint16_t id,
                             long long int now);

/* See facts_peer_set_reached(). */
void facts_peers_set_reached(struct facts_peers *, uint16_t id, bool reached,
                             long long int now);

/* Does what can be done now.  'now' is the poll loop's time in ms. */
void facts_peers_run(struct facts_peers *, long long int now);
void facts_peers_wait(struct facts_peers *, long long int now);

/* Returns the peer, or NULL if there is no such.  Borrowed: valid until the
 * next facts_peers_configure(). */
const struct facts_peer *facts_peers_find(const struct facts_peers *,
                                          uint16_t id);

/* Returns a number that changes when any peer's facts, or whether it is
 * connected, have changed. */
uint64_t facts_peers_seqno(const struct facts_peers *);

#endif /* ovs-ctl/facts-peers.h */
