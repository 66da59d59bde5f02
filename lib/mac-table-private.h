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

/* mac-table-private: what lib/mac-table.c (the rules) and lib/mac-table-out.c
 * (the answers as arrays) share.  Nobody else includes it. */

#ifndef MOBULA_MAC_TABLE_PRIVATE_H
#define MOBULA_MAC_TABLE_PRIVATE_H 1

#include "lib/fabric.h"
#include "lib/mac-table.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"

enum mt_peer_state {
    MT_LIVE,                    /* Connected, and has told. */
    MT_HELD,                    /* Lost; its claims stand against nothing. */
    MT_EXPIRED,                 /* Lost for too long. */
};

struct mt_peer {
    struct hmap_node node;      /* In struct mac_table's 'peers'. */
    uint16_t id;
    enum mt_peer_state state;
    bool told;                  /* Since the table was made. */
    long long int lost_ms;      /* MT_HELD only. */
    struct ovs_list claims;     /* Of struct mt_claim. */
    size_t n_dropped;           /* See mac_table_n_dropped(). */
};

/* A peer says that it has a MAC. */
struct mt_claim {
    struct mt_claim *next;      /* In struct mt_entry, by rising host id. */
    struct ovs_list node;       /* In struct mt_peer. */
    struct mt_peer *peer;
    struct mt_entry *entry;
    uint32_t seqno;
    uint64_t round;             /* See struct mac_table. */
    struct in6_addr *ips;       /* Owned, sorted. */
    size_t n_ips;               /* 0..FACTS_MAX_IPS. */
};

/* The last moves of a MAC. */
struct mt_history {
    struct ovs_list node;       /* In struct mac_table's 'moving'. */
    struct mt_entry *entry;
    long long int at_ms[MAC_TABLE_MOVES]; /* Oldest first. */
    uint16_t to[MAC_TABLE_MOVES];
    size_t n;                   /* 1..MAC_TABLE_MOVES. */
    bool frozen;
};

/* A MAC. */
struct mt_entry {
    struct hmap_node node;      /* In struct mac_table's 'entries'. */
    uint16_t vlan;
    struct eth_addr mac;

    /* Here. */
    bool heard;                 /* The switch has learnt it. */
    bool claimed;               /* We say that it is ours. */
    bool early;                 /* Claimed before all peers could have told
                                 * what they claim. */
    bool hushed;                /* See mac_table_hushed(). */
    uint16_t ofport;            /* Where it was heard last, 0 = never. */
    uint32_t seqno;             /* 'claimed' only. */
    uint16_t lost_port;         /* Where it was heard when it was lost to a
                                 * peer, 0 = it was not lost. */
    long long int lost_ms;      /* When the switch had forgotten that,
                                 * LLONG_MAX = it has not yet. */

    struct mt_claim *claims;    /* Of peers. */

    /* Decided. */
    uint16_t owner;             /* 0 = nobody. */
    const struct mt_claim *winner; /* NULL if nobody's, or ours. */
    long long int since_ms;     /* When 'owner' changed. */
    uint16_t last_owner;        /* 'owner', or the last one that there was. */
    uint32_t last_seqno;        /* Its sequence number. */
    struct mt_history *history; /* NULL if it has not moved lately. */

    struct ovs_list idle_node;  /* In struct mac_table's 'idle', if nobody
                                 * says anything about the MAC; else empty. */
    long long int idle_ms;      /* Since when. */
};

struct mt_binding {
    struct hmap_node node;      /* In struct mac_table's 'bindings'. */
    uint16_t vlan;
    struct in6_addr ip;
    struct eth_addr mac;
};

struct mt_forget {
    struct ovs_list node;
    struct mac_local local;
};

struct mt_event {
    struct ovs_list node;
    struct mac_event event;
};

/* Arrays for the caller. */
struct mt_out {
    struct facts_mac *own;
    size_t n_own;
    uint64_t own_seqno;         /* Of the table when 'own' was made. */

    struct mac_owner *remote;
    size_t n_remote;
    struct mac_owner *hushed;
    size_t n_hushed;
    struct mac_binding *bindings;
    size_t n_bindings;
    uint64_t seqno;             /* Of the table when these were made. */
};

struct mac_table {
    uint16_t self;
    size_t limit;               /* Claims per peer, and MACs heard here. */
    long long int hold_ms;
    struct mac_prefix exempt[SETTINGS_MAX_LIST];
    size_t n_exempt;
    long long int started_ms;

    struct hmap entries;        /* Of struct mt_entry. */
    struct hmap peers;          /* Of struct mt_peer. */
    struct hmap bindings;       /* Of struct mt_binding: heard here. */
    size_t n_local;             /* Entries that are 'heard'. */
    struct ovs_list moving;     /* Of struct mt_history, by last move. */
    struct ovs_list idle;       /* Of struct mt_entry, by 'idle_ms'. */
    size_t n_idle;
    struct ovs_list forget;     /* Of struct mt_forget. */
    struct ovs_list events;     /* Of struct mt_event. */
    size_t n_events;

    uint64_t round;             /* Counts mac_table_set_peer(): claims of an
                                 * older round are not told any more. */
    uint64_t own_seqno;
    uint64_t seqno;
    struct mt_out out;
};

/* mac-table-store.c */

/* mt_find() returns the entry of a MAC, or NULL; mt_get() makes a new one,
 * which the caller must give a claim or what was heard before it calls
 * mt_update_idle(). */
struct mt_entry *mt_find(const struct mac_table *, uint16_t vlan,
                         struct eth_addr mac);
struct mt_entry *mt_get(struct mac_table *, uint16_t vlan,
                        struct eth_addr mac);

/* Frees an entry without claims of peers. */
void mt_free_entry(struct mac_table *, struct mt_entry *);

/* To be called when what is said about the MAC has changed: an entry that
 * nobody says anything about joins the idle ones.  mt_trim_idle() frees the
 * oldest of those when they are too many. */
void mt_update_idle(struct mac_table *, struct mt_entry *, long long int now);
void mt_trim_idle(struct mac_table *);

/* NULL history is fine. */
void mt_free_history(struct mt_entry *);

/* mt_find_peer() returns NULL if there is none, mt_get_peer() makes one that
 * is live, has told nothing yet, and has no claims. */
struct mt_peer *mt_find_peer(const struct mac_table *, uint16_t id);
struct mt_peer *mt_get_peer(struct mac_table *, uint16_t id);

/* Returns the claim of the peer for the entry, a new one (whose 'round' is
 * UINT64_MAX) if need be. */
struct mt_claim *mt_get_claim(struct mt_peer *, struct mt_entry *);

/* The caller must see to 'winner' of the entry. */
void mt_free_claim(struct mt_claim *);

struct mt_binding *mt_find_binding(const struct mac_table *, uint16_t vlan,
                                   const struct in6_addr *);

/* Append to the lists that mac_table_next_forget() and mac_table_next_event()
 * take from. */
void mt_add_forget(struct mac_table *, const struct mt_entry *);
void mt_add_event(struct mac_table *, enum mac_event_kind,
                  const struct mt_entry *, uint16_t from);

/* mac-table-out.c */

void mt_out_uninit(struct mt_out *);

#endif /* lib/mac-table-private.h */
