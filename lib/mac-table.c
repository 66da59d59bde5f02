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

/* mac-table: the rules of MAC mobility.  See mac-table.h.
 *
 * Every input changes claims, then decide() finds out whose the MAC is now and
 * what follows from that.  What comes out as arrays is in mac-table-out.c. */

#include <config.h>
#include "lib/mac-table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/mac-table-private.h"
#include "util.h"

/* Whose claim is best. */
struct winner {
    uint16_t host;              /* 0 = nobody's. */
    uint32_t seqno;
    const struct mt_claim *claim; /* NULL if nobody's or ours. */
};

static void decide(struct mac_table *, struct mt_entry *, long long int now);
static struct winner find_winner(const struct mac_table *,
                                 const struct mt_entry *);
static void consider(struct winner *, uint16_t host, uint32_t seqno,
                     const struct mt_claim *);
static bool beats(uint32_t a, uint32_t b);
static void set_owner(struct mac_table *, struct mt_entry *,
                      const struct winner *, long long int now);
static void lose(struct mac_table *, struct mt_entry *);
static void update_hushed(struct mac_table *, struct mt_entry *);

static void claim_local(struct mac_table *, struct mt_entry *,
                        long long int now);
static bool is_echo(const struct mt_entry *, uint16_t ofport,
                    long long int now);
static bool is_frozen_elsewhere(const struct mt_entry *);

static void record_move(struct mac_table *, struct mt_entry *, uint16_t from,
                        long long int now);
static void drop_old_moves(struct mt_history *, long long int now);
static bool is_exempt(const struct mac_table *, struct eth_addr);

static void decide_all(struct mac_table *, struct mt_peer *,
                       long long int now);
static void expire_peer(struct mac_table *, struct mt_peer *,
                        long long int now);

static bool take_fact(struct mac_table *, struct mt_peer *, bool first,
                      const struct facts_mac *, long long int now);
static bool is_valid(const struct facts_mac *);
static bool set_ips(struct mt_claim *, const struct facts_mac *);
static void withdraw_old(struct mac_table *, struct mt_peer *,
                         long long int now);

struct mac_table *
mac_table_create(uint16_t self, const struct settings *settings,
                 long long int now)
{
    struct mac_table *mt = xzalloc(sizeof *mt);

    mt->self = self;
    mt->started_ms = now;
    hmap_init(&mt->entries);
    hmap_init(&mt->peers);
    hmap_init(&mt->bindings);
    ovs_list_init(&mt->moving);
    ovs_list_init(&mt->idle);
    ovs_list_init(&mt->forget);
    ovs_list_init(&mt->events);
    mt->own_seqno = mt->seqno = 1;
    mac_table_configure(mt, settings);
    return mt;
}

void
mac_table_destroy(struct mac_table *mt)
{
    struct mt_entry *e;
    struct mt_peer *peer;
    struct mt_binding *b;
    struct mac_local local;
    struct mac_event event;

    if (!mt) {
        return;
    }
    HMAP_FOR_EACH_SAFE (e, node, &mt->entries) {
        while (e->claims) {
            mt_free_claim(e->claims);
        }
        mt_free_entry(mt, e);
    }
    HMAP_FOR_EACH_POP (peer, node, &mt->peers) {
        free(peer);
    }
    HMAP_FOR_EACH_POP (b, node, &mt->bindings) {
        free(b);
    }
    while (mac_table_next_forget(mt, &local)) {
        continue;
    }
    while (mac_table_next_event(mt, &event)) {
        continue;
    }
    hmap_destroy(&mt->entries);
    hmap_destroy(&mt->peers);
    hmap_destroy(&mt->bindings);
    mt_out_uninit(&mt->out);
    free(mt);
}

void
mac_table_configure(struct mac_table *mt, const struct settings *settings)
{
    mt->limit = settings->mac_limit;
    mt->hold_ms = settings->facts_hold_s * 1000LL;
    memcpy(mt->exempt, settings->move_exempt, sizeof mt->exempt);
    mt->n_exempt = settings->n_move_exempt;
}

void
mac_table_restore(struct mac_table *mt, const struct facts_mac *macs, size_t n,
                  long long int now)
{
    for (size_t i = 0; i < n && i < mt->limit; i++) {
        if (is_valid(&macs[i])) {
            struct mt_entry *e = mt_get(mt, macs[i].vlan, macs[i].mac);

            e->claimed = true;
            e->seqno = macs[i].seqno;
            mt->own_seqno++;
            decide(mt, e, now);
        }
    }
}

void
mac_table_adopt(struct mac_table *mt, const struct mac_owner *owner,
                long long int now)
{
    struct facts_mac fact = { .vlan = owner->vlan, .mac = owner->mac };
    struct mt_peer *peer;

    if (owner->host == mt->self || !is_valid(&fact)) {
        return;
    }
    peer = mt_find_peer(mt, owner->host);
    if (!peer) {
        peer = mt_get_peer(mt, owner->host);
        peer->state = MT_HELD;
        peer->lost_ms = now;
    }
    if (!peer->told && ovs_list_size(&peer->claims) < mt->limit) {
        take_fact(mt, peer, false, &fact, now);
    }
}

bool
mac_table_heard(struct mac_table *mt, uint16_t vlan, struct eth_addr mac,
                uint16_t ofport, long long int now)
{
    struct mt_entry *e = mt_find(mt, vlan, mac);

    if (!(e && e->heard) && !mac_table_has_room(mt)) {
        return false;
    }
    e = mt_get(mt, vlan, mac);
    mt->n_local += !e->heard;
    e->heard = true;
    e->ofport = ofport;
    if (e->claimed) {
        /* At another port of this host, or restored. */
    } else if (is_echo(e, ofport, now)) {
        mt_add_forget(mt, e);
    } else if (is_frozen_elsewhere(e)) {
        mt->seqno += !e->hushed;
        e->hushed = true;
        mt_add_forget(mt, e);
    } else {
        claim_local(mt, e, now);
    }
    decide(mt, e, now);
    return true;
}

void
mac_table_gone(struct mac_table *mt, uint16_t vlan, struct eth_addr mac,
               long long int now)
{
    struct mt_entry *e = mt_find(mt, vlan, mac);

    if (e && e->heard) {
        e->heard = false;
        mt->n_local--;
        if (e->lost_ms == LLONG_MAX) {
            e->lost_ms = now;
        }
        if (e->claimed) {
            e->claimed = false;
            mt->own_seqno++;
        }
        decide(mt, e, now);
        mt_trim_idle(mt);
    }
}

uint16_t
mac_table_local_port(const struct mac_table *mt, uint16_t vlan,
                     struct eth_addr mac)
{
    const struct mt_entry *e = mt_find(mt, vlan, mac);

    return e && e->heard ? e->ofport : 0;
}

void
mac_table_locals_complete(struct mac_table *mt, long long int now)
{
    struct mt_entry *e;

    HMAP_FOR_EACH (e, node, &mt->entries) {
        if (e->claimed && !e->heard) {
            e->claimed = false;
            mt->own_seqno++;
            decide(mt, e, now);
        }
    }
    mt_trim_idle(mt);
}

bool
mac_table_has_room(const struct mac_table *mt)
{
    return mt->n_local < mt->limit;
}

void
mac_table_set_peer(struct mac_table *mt, uint16_t id,
                   const struct facts_mac *macs, size_t n, long long int now)
{
    struct mt_peer *peer;
    bool first, revived;

    if (id == mt->self) {
        return;
    }
    peer = mt_get_peer(mt, id);
    first = !peer->told;
    revived = peer->state != MT_LIVE;
    peer->told = true;
    peer->state = MT_LIVE;
    peer->n_dropped = 0;
    mt->round++;
    for (size_t i = 0, n_taken = 0; i < n; i++) {
        if (n_taken >= mt->limit || !is_valid(&macs[i])) {
            peer->n_dropped++;
        } else {
            n_taken += take_fact(mt, peer, first, &macs[i], now);
        }
    }
    withdraw_old(mt, peer, now);
    mt->seqno += revived;
}

void
mac_table_lose_peer(struct mac_table *mt, uint16_t id, long long int now)
{
    struct mt_peer *peer = mt_find_peer(mt, id);

    if (peer && peer->state == MT_LIVE) {
        peer->state = MT_HELD;
        peer->lost_ms = now;
        decide_all(mt, peer, now);
    }
}

void
mac_table_remove_peer(struct mac_table *mt, uint16_t id, long long int now)
{
    struct mt_peer *peer = mt_find_peer(mt, id);

    if (peer) {
        mt->round++;
        withdraw_old(mt, peer, now);
        hmap_remove(&mt->peers, &peer->node);
        free(peer);
    }
}

void
mac_table_run(struct mac_table *mt, long long int now)
{
    struct mt_history *history;
    struct mt_entry *e;
    struct mt_peer *peer;

    HMAP_FOR_EACH (peer, node, &mt->peers) {
        if (peer->state == MT_HELD && now >= peer->lost_ms + mt->hold_ms) {
            expire_peer(mt, peer, now);
        }
    }
    LIST_FOR_EACH_SAFE (history, node, &mt->moving) {
        e = history->entry;
        if (now < history->at_ms[history->n - 1] + MAC_TABLE_WINDOW_MS) {
            break;
        }
        if (history->frozen) {
            mt->seqno++;
            mt_add_event(mt, MAC_EVENT_THAWED, e, 0);
        }
        mt_free_history(e);
        update_hushed(mt, e);
    }
    LIST_FOR_EACH_SAFE (e, idle_node, &mt->idle) {
        if (now < e->idle_ms + MAC_TABLE_WINDOW_MS) {
            break;
        }
        mt_free_entry(mt, e);
    }
}

long long int
mac_table_deadline(const struct mac_table *mt)
{
    long long int deadline = LLONG_MAX;
    const struct mt_peer *peer;

    HMAP_FOR_EACH (peer, node, &mt->peers) {
        if (peer->state == MT_HELD) {
            deadline = MIN(deadline, peer->lost_ms + mt->hold_ms);
        }
    }
    if (!ovs_list_is_empty(&mt->moving)) {
        const struct mt_history *history
            = CONTAINER_OF(ovs_list_front(&mt->moving), struct mt_history,
                           node);
        deadline = MIN(deadline, history->at_ms[history->n - 1]
                                 + MAC_TABLE_WINDOW_MS);
    }
    if (!ovs_list_is_empty(&mt->idle)) {
        const struct mt_entry *e
            = CONTAINER_OF(ovs_list_front(&mt->idle), struct mt_entry,
                           idle_node);
        deadline = MIN(deadline, e->idle_ms + MAC_TABLE_WINDOW_MS);
    }
    return deadline;
}

uint64_t
mac_table_own_seqno(const struct mac_table *mt)
{
    return mt->own_seqno;
}

uint64_t
mac_table_seqno(const struct mac_table *mt)
{
    return mt->seqno;
}

size_t
mac_table_n_dropped(const struct mac_table *mt, uint16_t id)
{
    const struct mt_peer *peer = mt_find_peer(mt, id);

    return peer ? peer->n_dropped : 0;
}

size_t
mac_table_n_local(const struct mac_table *mt)
{
    return mt->n_local;
}

/* Claims of 'e' have changed: acts on it. */
static void
decide(struct mac_table *mt, struct mt_entry *e, long long int now)
{
    struct winner w = find_winner(mt, e);

    if (e->claimed && w.host != mt->self) {
        lose(mt, e);
    }
    if (e->winner != w.claim) {
        e->winner = w.claim;
        mt->seqno++;
    }
    if (w.host) {
        e->last_seqno = w.seqno;
    }
    set_owner(mt, e, &w, now);
    update_hushed(mt, e);
    mt_update_idle(mt, e, now);
}

/* What is claimed by hosts that can be heard counts.  Only if nobody claims
 * the MAC, those that were lost lately do. */
static struct winner
find_winner(const struct mac_table *mt, const struct mt_entry *e)
{
    struct winner live = { .host = 0 };
    struct winner held = { .host = 0 };
    bool own_done = !e->claimed;

    for (const struct mt_claim *c = e->claims; c; c = c->next) {
        if (!own_done && c->peer->id > mt->self) {
            consider(&live, mt->self, e->seqno, NULL);
            own_done = true;
        }
        if (c->peer->state == MT_LIVE) {
            consider(&live, c->peer->id, c->seqno, c);
        } else if (c->peer->state == MT_HELD) {
            consider(&held, c->peer->id, c->seqno, c);
        }
    }
    if (!own_done) {
        consider(&live, mt->self, e->seqno, NULL);
    }
    return live.host ? live : held;
}

/* To be called by rising host id. */
static void
consider(struct winner *w, uint16_t host, uint32_t seqno,
         const struct mt_claim *claim)
{
    if (!w->host || beats(seqno, w->seqno)) {
        *w = (struct winner) { host, seqno, claim };
    }
}

/* Serial number arithmetic.  Numbers that are more than half of the circle
 * apart come from a host that makes them up; with those the order of three may
 * be no order, but every host still comes to the same answer, since it takes
 * them in the same sequence. */
static bool
beats(uint32_t a, uint32_t b)
{
    return a != b && a - b < UINT32_C(1) << 31;
}

static void
set_owner(struct mac_table *mt, struct mt_entry *e, const struct winner *w,
          long long int now)
{
    if (e->owner == w->host) {
        return;
    }
    e->owner = w->host;
    e->since_ms = now;
    mt->seqno++;
    if (w->host) {
        uint16_t from = e->last_owner;

        e->last_owner = w->host;
        if (from && from != w->host) {
            record_move(mt, e, from, now);
        }
    }
}

/* A peer's claim is better than ours. */
static void
lose(struct mac_table *mt, struct mt_entry *e)
{
    e->claimed = false;
    mt->own_seqno++;
    if (e->heard) {
        e->lost_port = e->ofport;
        e->lost_ms = LLONG_MAX;
        mt_add_forget(mt, e);
    }
}

/* Nothing needs to be kept from being learnt once it is not frozen, or ours,
 * or nobody's. */
static void
update_hushed(struct mac_table *mt, struct mt_entry *e)
{
    if (e->hushed && !is_frozen_elsewhere(e)) {
        e->hushed = false;
        mt->seqno++;
    }
}

/* The number is one more than that of whoever had the MAC last, so that it
 * beats a claim that is still on its way out. */
static void
claim_local(struct mac_table *mt, struct mt_entry *e, long long int now)
{
    e->claimed = true;
    e->early = now < mt->started_ms + mt->hold_ms;
    e->seqno = e->last_seqno + (e->last_owner && e->last_owner != mt->self);
    e->lost_port = 0;
    mt->own_seqno++;
}

/* A peer has the MAC since a moment ago, and what is heard can be what its
 * machine sent before it left. */
static bool
is_echo(const struct mt_entry *e, uint16_t ofport, long long int now)
{
    return (e->lost_port == ofport && e->owner
            && (e->lost_ms == LLONG_MAX
                || now < e->lost_ms + MAC_TABLE_ECHO_MS));
}

static bool
is_frozen_elsewhere(const struct mt_entry *e)
{
    return (e->history && e->history->frozen
            && e->winner && e->winner->peer->state == MT_LIVE);
}

/* 'e' has moved from host 'from' to its new owner. */
static void
record_move(struct mac_table *mt, struct mt_entry *e, uint16_t from,
            long long int now)
{
    struct mt_history *history = e->history;

    mt_add_event(mt, MAC_EVENT_MOVED, e, from);
    if (is_exempt(mt, e->mac)) {
        return;
    }
    if (history) {
        drop_old_moves(history, now);
        ovs_list_remove(&history->node);
    } else {
        history = e->history = xzalloc(sizeof *history);
        history->entry = e;
    }
    ovs_list_push_back(&mt->moving, &history->node);
    history->at_ms[history->n] = now;
    history->to[history->n++] = e->owner;
    if (history->n == MAC_TABLE_MOVES && !history->frozen) {
        history->frozen = true;
        mt->seqno++;
        mt_add_event(mt, MAC_EVENT_FROZEN, e, from);
    }
}

/* Makes room for one more. */
static void
drop_old_moves(struct mt_history *history, long long int now)
{
    size_t n_old = history->n == MAC_TABLE_MOVES;

    while (!history->frozen && n_old < history->n
           && now >= history->at_ms[n_old] + MAC_TABLE_WINDOW_MS) {
        n_old++;
    }
    history->n -= n_old;
    memmove(history->at_ms, history->at_ms + n_old,
            history->n * sizeof *history->at_ms);
    memmove(history->to, history->to + n_old,
            history->n * sizeof *history->to);
}

static bool
is_exempt(const struct mac_table *mt, struct eth_addr mac)
{
    for (size_t i = 0; i < mt->n_exempt; i++) {
        const struct mac_prefix *prefix = &mt->exempt[i];
        uint64_t diff = (eth_addr_to_uint64(mac)
                         ^ eth_addr_to_uint64(prefix->mac));

        if (!(diff >> (48 - prefix->len))) {
            return true;
        }
    }
    return false;
}

static void
decide_all(struct mac_table *mt, struct mt_peer *peer, long long int now)
{
    struct mt_claim *claim;

    LIST_FOR_EACH (claim, node, &peer->claims) {
        decide(mt, claim->entry, now);
    }
    mt->seqno++;
}

static void
expire_peer(struct mac_table *mt, struct mt_peer *peer, long long int now)
{
    peer->state = MT_EXPIRED;
    decide_all(mt, peer, now);
}

/* Returns true if the claim was not there yet in this round.  'first' is true
 * if 'peer' has not told anything before: then what it says may be older than
 * what we heard since we began, without knowing its number. */
static bool
take_fact(struct mac_table *mt, struct mt_peer *peer, bool first,
          const struct facts_mac *fact, long long int now)
{
    struct mt_entry *e = mt_get(mt, fact->vlan, fact->mac);
    struct mt_claim *claim = mt_get_claim(peer, e);
    bool fresh = claim->round != mt->round;

    if (!fresh) {
        return false;
    }
    claim->round = mt->round;
    claim->seqno = fact->seqno;
    if (set_ips(claim, fact) && e->winner == claim) {
        mt->seqno++;
    }
    if (first && e->claimed && e->early && !beats(e->seqno, fact->seqno)) {
        e->seqno = fact->seqno + 1;
        mt->own_seqno++;
    }
    decide(mt, e, now);
    return true;
}

static bool
is_valid(const struct facts_mac *fact)
{
    struct eth_addr prefix = addr_mac_infra_prefix();
    struct eth_addr mask = addr_mac_infra_mask();

    return (fact->vlan < 4096
            && !eth_addr_is_multicast(fact->mac)
            && !eth_addr_is_zero(fact->mac)
            && !eth_addr_equal_except(fact->mac, prefix, mask)
            && fact->n_ips <= FACTS_MAX_IPS);
}

/* Drops the claims of 'peer' that are not of this round. */
static void
withdraw_old(struct mac_table *mt, struct mt_peer *peer, long long int now)
{
    struct mt_claim *claim;

    LIST_FOR_EACH_SAFE (claim, node, &peer->claims) {
        if (claim->round != mt->round) {
            struct mt_entry *e = claim->entry;

            if (e->winner == claim) {
                e->winner = NULL;
                mt->seqno++;
            }
            mt_free_claim(claim);
            decide(mt, e, now);
        }
    }
    mt_trim_idle(mt);
}

/* Returns true if they are others than before. */
static bool
set_ips(struct mt_claim *claim, const struct facts_mac *fact)
{
    size_t size = fact->n_ips * sizeof *fact->ips;

    if (claim->n_ips == fact->n_ips
        && (!size || !memcmp(claim->ips, fact->ips, size))) {
        return false;
    }
    free(claim->ips);
    claim->ips = size ? xmemdup(fact->ips, size) : NULL;
    claim->n_ips = fact->n_ips;
    return true;
}
