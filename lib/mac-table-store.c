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

/* mac-table-store: the containers of a MAC table: entries, peers, claims,
 * bindings, lists of what waits.  The rules are in mac-table.c. */

#include <config.h>
#include "lib/mac-table-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "util.h"

/* How many events wait for somebody to take them. */
#define MAX_EVENTS 1024

static void leave_idle(struct mac_table *, struct mt_entry *);
static uint32_t hash_key(uint16_t vlan, struct eth_addr);
static uint32_t hash_ip(uint16_t vlan, const struct in6_addr *);

void
mac_table_bind(struct mac_table *mt, uint16_t vlan, const struct in6_addr *ip,
               struct eth_addr mac)
{
    struct mt_binding *b = mt_find_binding(mt, vlan, ip);

    if (!b) {
        if (hmap_count(&mt->bindings) >= mt->limit * FACTS_MAX_IPS) {
            return;
        }
        b = xzalloc(sizeof *b);
        b->vlan = vlan;
        b->ip = *ip;
        hmap_insert(&mt->bindings, &b->node, hash_ip(vlan, ip));
    } else if (eth_addr_equals(b->mac, mac)) {
        return;
    }
    b->mac = mac;
    mt->own_seqno++;
    mt->seqno++;
}

void
mac_table_unbind(struct mac_table *mt, uint16_t vlan,
                 const struct in6_addr *ip)
{
    struct mt_binding *b = mt_find_binding(mt, vlan, ip);

    if (b) {
        hmap_remove(&mt->bindings, &b->node);
        free(b);
        mt->own_seqno++;
        mt->seqno++;
    }
}

bool
mac_table_next_forget(struct mac_table *mt, struct mac_local *ret)
{
    struct mt_forget *f;

    if (ovs_list_is_empty(&mt->forget)) {
        return false;
    }
    f = CONTAINER_OF(ovs_list_pop_front(&mt->forget), struct mt_forget, node);
    *ret = f->local;
    free(f);
    return true;
}

bool
mac_table_next_event(struct mac_table *mt, struct mac_event *ret)
{
    struct mt_event *event;

    if (ovs_list_is_empty(&mt->events)) {
        return false;
    }
    event = CONTAINER_OF(ovs_list_pop_front(&mt->events), struct mt_event,
                         node);
    *ret = event->event;
    mt->n_events--;
    free(event);
    return true;
}

struct mt_entry *
mt_find(const struct mac_table *mt, uint16_t vlan, struct eth_addr mac)
{
    struct mt_entry *e;

    HMAP_FOR_EACH_WITH_HASH (e, node, hash_key(vlan, mac), &mt->entries) {
        if (e->vlan == vlan && eth_addr_equals(e->mac, mac)) {
            return e;
        }
    }
    return NULL;
}

/* The caller must make the entry worth keeping, and then call decide(). */
struct mt_entry *
mt_get(struct mac_table *mt, uint16_t vlan, struct eth_addr mac)
{
    struct mt_entry *e = mt_find(mt, vlan, mac);

    if (!e) {
        e = xzalloc(sizeof *e);
        e->vlan = vlan;
        e->mac = mac;
        ovs_list_init(&e->idle_node);
        hmap_insert(&mt->entries, &e->node, hash_key(vlan, mac));
    }
    return e;
}

void
mt_free_entry(struct mac_table *mt, struct mt_entry *e)
{
    leave_idle(mt, e);
    mt_free_history(e);
    hmap_remove(&mt->entries, &e->node);
    free(e);
}

/* What nobody speaks of is remembered for a while, so that a MAC that was
 * withdrawn before somebody else claims it has moved all the same. */
void
mt_update_idle(struct mac_table *mt, struct mt_entry *e, long long int now)
{
    leave_idle(mt, e);
    if (!e->heard && !e->claimed && !e->claims) {
        e->idle_ms = now;
        ovs_list_push_back(&mt->idle, &e->idle_node);
        mt->n_idle++;
    }
}

void
mt_trim_idle(struct mac_table *mt)
{
    while (mt->n_idle > mt->limit) {
        mt_free_entry(mt, CONTAINER_OF(ovs_list_front(&mt->idle),
                                    struct mt_entry, idle_node));
    }
}

void
mt_free_history(struct mt_entry *e)
{
    if (e->history) {
        ovs_list_remove(&e->history->node);
        free(e->history);
        e->history = NULL;
    }
}

struct mt_peer *
mt_find_peer(const struct mac_table *mt, uint16_t id)
{
    struct mt_peer *peer;

    HMAP_FOR_EACH_WITH_HASH (peer, node, hash_int(id, 0), &mt->peers) {
        if (peer->id == id) {
            return peer;
        }
    }
    return NULL;
}

struct mt_peer *
mt_get_peer(struct mac_table *mt, uint16_t id)
{
    struct mt_peer *peer = mt_find_peer(mt, id);

    if (!peer) {
        peer = xzalloc(sizeof *peer);
        peer->id = id;
        ovs_list_init(&peer->claims);
        hmap_insert(&mt->peers, &peer->node, hash_int(id, 0));
    }
    return peer;
}

/* Returns the claim of 'peer' for 'e', a new one if need be. */
struct mt_claim *
mt_get_claim(struct mt_peer *peer, struct mt_entry *e)
{
    struct mt_claim **p = &e->claims;
    struct mt_claim *claim;

    while (*p && (*p)->peer->id < peer->id) {
        p = &(*p)->next;
    }
    if (*p && (*p)->peer == peer) {
        return *p;
    }
    claim = xzalloc(sizeof *claim);
    claim->round = UINT64_MAX;
    claim->peer = peer;
    claim->entry = e;
    claim->next = *p;
    *p = claim;
    ovs_list_push_back(&peer->claims, &claim->node);
    return claim;
}

/* The caller must see to the entry's 'winner'. */
void
mt_free_claim(struct mt_claim *claim)
{
    struct mt_claim **p = &claim->entry->claims;

    while (*p != claim) {
        p = &(*p)->next;
    }
    *p = claim->next;
    ovs_list_remove(&claim->node);
    free(claim->ips);
    free(claim);
}

struct mt_binding *
mt_find_binding(const struct mac_table *mt, uint16_t vlan,
             const struct in6_addr *ip)
{
    struct mt_binding *b;

    HMAP_FOR_EACH_WITH_HASH (b, node, hash_ip(vlan, ip), &mt->bindings) {
        if (b->vlan == vlan && !memcmp(&b->ip, ip, sizeof *ip)) {
            return b;
        }
    }
    return NULL;
}

void
mt_add_forget(struct mac_table *mt, const struct mt_entry *e)
{
    struct mt_forget *f = xmalloc(sizeof *f);

    f->local = (struct mac_local) {
        .vlan = e->vlan, .mac = e->mac, .ofport = e->ofport
    };
    ovs_list_push_back(&mt->forget, &f->node);
}

void
mt_add_event(struct mac_table *mt, enum mac_event_kind kind,
          const struct mt_entry *e, uint16_t from)
{
    struct mt_event *event = xmalloc(sizeof *event);

    event->event = (struct mac_event) {
        .kind = kind, .vlan = e->vlan, .mac = e->mac,
        .from = from, .to = e->owner, .ofport = e->ofport,
    };
    ovs_list_push_back(&mt->events, &event->node);
    if (++mt->n_events > MAX_EVENTS) {
        struct mac_event oldest;

        mac_table_next_event(mt, &oldest);
    }
}

static void
leave_idle(struct mac_table *mt, struct mt_entry *e)
{
    if (!ovs_list_is_empty(&e->idle_node)) {
        ovs_list_remove(&e->idle_node);
        ovs_list_init(&e->idle_node);
        mt->n_idle--;
    }
}

static uint32_t
hash_key(uint16_t vlan, struct eth_addr mac)
{
    uint64_t word = eth_addr_to_uint64(mac);

    return hash_2words(word, hash_2words(word >> 32, vlan));
}

static uint32_t
hash_ip(uint16_t vlan, const struct in6_addr *ip)
{
    return hash_bytes(ip, sizeof *ip, vlan);
}
