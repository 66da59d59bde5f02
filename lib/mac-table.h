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

/* mac-table: which host has which MAC, and what this host tells about it.
 *
 * The rules of mobility, and nothing else: no I/O and no clock, in the manner
 * of OVS's reconnect.h.  'now' is in milliseconds, as time_msec() has it, and
 * never goes back.  ovs-ctl/sync-macs.c feeds it with what the switch has
 * learnt and what the peers tell, and carries out what it answers.
 *
 * A host that hears a MAC at a local port claims it with a sequence number.
 * Of all claims the one with the highest number is right, and of equal ones
 * that of the lowest host id; so every host that knows the same claims comes
 * to the same answer by itself.  Who hears a MAC that somebody else has claims
 * it with the next number, at once; whose claim is beaten withdraws it, and
 * forgets what the switch has learnt.  Numbers are compared as serial numbers
 * (RFC 1982), so that there is none that cannot be beaten.
 *
 *                     heard
 *        nobody's ------------> ours <--------------------+
 *           ^  ^                 |  |                     | heard
 *           |  +-----------------+  | a better claim:     | (not while it
 *           |    gone               | forget it           |  is frozen)
 *           |                       v                     |
 *           +------------------- a peer's ----------------+
 *            withdrawn, or the
 *            hold time is over
 *
 * A MAC that has moved from host to host MAC_TABLE_MOVES times within
 * MAC_TABLE_WINDOW_MS is frozen: it stays with the host that claimed it last,
 * because no other host claims it, until it has not moved for that long.  Who
 * hears it meanwhile forgets it, and does not learn it ("hushed").  When its
 * owner withdraws it, there is nothing left to protect, and it is free.
 *
 * When the session to a peer is lost, its claims are held for a while, but
 * every other claim beats them.  After that they count for nothing but the
 * next sequence number, in case the peer comes back with them. */

#ifndef MOBULA_MAC_TABLE_H
#define MOBULA_MAC_TABLE_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/facts.h"
#include "packets.h"

struct settings;

/* So many moves in so many milliseconds freeze a MAC. */
#define MAC_TABLE_MOVES 5
#define MAC_TABLE_WINDOW_MS 180000

/* For so long after the switch has forgotten a MAC that this host lost, to
 * hear it at the same port again proves nothing: the switch accounts for
 * frames up to half a second after they have passed, and learns from them only
 * then. */
#define MAC_TABLE_ECHO_MS 500

/* What has happened, for the log. */
enum mac_event_kind {
    MAC_EVENT_MOVED,            /* From one host to another. */
    MAC_EVENT_FROZEN,
    MAC_EVENT_THAWED,
};

struct mac_event {
    enum mac_event_kind kind;
    uint16_t vlan;
    struct eth_addr mac;
    uint16_t from;              /* Host id; 0 for MAC_EVENT_THAWED. */
    uint16_t to;                /* Host id of the owner, 0 = none now. */
    uint16_t ofport;            /* Local port where it was heard last; 0 = it
                                 * was not heard here. */
};

/* A MAC that the switch has learnt here, or is to forget. */
struct mac_local {
    uint16_t vlan;
    struct eth_addr mac;
    uint16_t ofport;
};

/* Where an IP address is. */
struct mac_binding {
    uint16_t vlan;              /* 0..4095, 0 = no VLAN. */
    struct in6_addr ip;         /* IPv4 as v4-mapped. */
    struct eth_addr mac;
    uint16_t host;              /* Host id, may be this one's. */
};

/* All that is known about one MAC, for status. */
struct mac_row {
    uint16_t vlan;
    struct eth_addr mac;
    uint16_t host;              /* Host id of the owner, 0 = none. */
    uint16_t ofport;            /* Local port where it is, or was last heard;
                                 * 0 = it was not heard here. */
    uint32_t seqno;             /* Of the owner's claim. */
    long long int since_ms;     /* When the owner got it. */
    bool held;                  /* The session to the owner is lost. */
    bool frozen;
    bool hushed;                /* This host does not learn it. */
    long long int thaw_ms;      /* Frozen only: thaws then, unless it moves. */
    uint16_t hosts[MAC_TABLE_MOVES]; /* Where the last moves led to, oldest
                                      * first. */
    size_t n_hosts;
    struct in6_addr ips[FACTS_MAX_IPS]; /* Sorted. */
    size_t n_ips;
};

/* Makes an empty table for host 'self'; 'settings' as for
 * mac_table_configure().  mac_table_destroy(NULL) is fine. */
struct mac_table *mac_table_create(uint16_t self, const struct settings *,
                                   long long int now);
void mac_table_destroy(struct mac_table *);

/* Takes mac_limit, facts_hold_s and move_exempt from 'settings' (copied).  A
 * lower limit takes effect on what comes, not on what is there. */
void mac_table_configure(struct mac_table *, const struct settings *);

/* What this host told before it was restarted: so far the only thing known
 * about its local MACs.  To be called first, if at all. */
void mac_table_restore(struct mac_table *, const struct facts_mac *, size_t n,
                       long long int now);

/* A flow for a MAC at peer 'owner->host' was in the switch when this daemon
 * started: it is held as if the session to the peer had just been lost. */
void mac_table_adopt(struct mac_table *, const struct mac_owner *owner,
                     long long int now);

/* The switch has learnt 'mac' at local port 'ofport', anew or instead of
 * another port.  Returns false if there is no room: then the caller may try
 * again when mac_table_has_room(). */
bool mac_table_heard(struct mac_table *, uint16_t vlan, struct eth_addr mac,
                     uint16_t ofport, long long int now);

/* What the switch had learnt has gone. */
void mac_table_gone(struct mac_table *, uint16_t vlan, struct eth_addr mac,
                    long long int now);

/* Returns the local port at which the switch has learnt 'mac', as far as the
 * table was told; 0 if it has not. */
uint16_t mac_table_local_port(const struct mac_table *, uint16_t vlan,
                              struct eth_addr mac);

/* All that the switch had learnt has been heard once: what was restored and
 * was not heard is withdrawn. */
void mac_table_locals_complete(struct mac_table *, long long int now);

bool mac_table_has_room(const struct mac_table *);

/* The switch has heard that 'ip' is at 'mac' behind a local port; that this is
 * no longer known. */
void mac_table_bind(struct mac_table *, uint16_t vlan,
                    const struct in6_addr *ip, struct eth_addr mac);
void mac_table_unbind(struct mac_table *, uint16_t vlan,
                      const struct in6_addr *ip);

/* Peer 'peer' is connected and tells 'macs' (in any order, not to be trusted):
 * that is all that it has now.  What makes no sense, and what is beyond the
 * limit, is left out. */
void mac_table_set_peer(struct mac_table *, uint16_t peer,
                        const struct facts_mac *macs, size_t n,
                        long long int now);

/* The session to 'peer' is lost.  Calling it again changes nothing. */
void mac_table_lose_peer(struct mac_table *, uint16_t peer, long long int now);

/* 'peer' is no longer configured: as if it had never been. */
void mac_table_remove_peer(struct mac_table *, uint16_t peer,
                           long long int now);

/* Does what is due by time. */
void mac_table_run(struct mac_table *, long long int now);

/* When mac_table_run() must be called again even if nothing happens,
 * LLONG_MAX for never. */
long long int mac_table_deadline(const struct mac_table *);

/* Returns a number that changes when what mac_table_own() returns does. */
uint64_t mac_table_own_seqno(const struct mac_table *);

/* The same for mac_table_remote(), mac_table_bindings() and
 * mac_table_hushed(). */
uint64_t mac_table_seqno(const struct mac_table *);

/* Returns what this host tells its peers, sorted, and stores how many in '*n'.
 * Borrowed until the next call of any function that changes the table, as are
 * the following. */
const struct facts_mac *mac_table_own(struct mac_table *, size_t *n);

/* Returns the MACs that are at peers, sorted, each once. */
const struct mac_owner *mac_table_remote(struct mac_table *, size_t *n);

/* Returns the addresses of MACs here and at peers, sorted by VLAN and address,
 * each once.  Left out are those that two MACs have, and those of frozen
 * MACs. */
const struct mac_binding *mac_table_bindings(struct mac_table *, size_t *n);

/* Returns the MACs that must not be learnt here although they are heard here,
 * with their owners, sorted. */
const struct mac_owner *mac_table_hushed(struct mac_table *, size_t *n);

/* Takes the next MAC off the list of those that the switch should forget, and
 * returns true; false if there is none.  When the switch has forgotten it, the
 * caller says so by mac_table_gone(). */
bool mac_table_next_forget(struct mac_table *, struct mac_local *);

/* The same for what has happened.  The oldest are dropped when nobody takes
 * them. */
bool mac_table_next_event(struct mac_table *, struct mac_event *);

/* Returns all MACs, sorted, and stores how many; the caller must free() the
 * array. */
struct mac_row *mac_table_rows(const struct mac_table *, size_t *n);

/* Returns how many MACs of 'peer' were left out when it last told. */
size_t mac_table_n_dropped(const struct mac_table *, uint16_t peer);

/* Returns how many MACs are heard here. */
size_t mac_table_n_local(const struct mac_table *);

#endif /* lib/mac-table.h */
