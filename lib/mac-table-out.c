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

/* mac-table-out: what a MAC table answers, as sorted arrays.  They are made
 * when they are asked for, and only if something has changed since. */

#include <config.h>
#include "lib/mac-table-private.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static void make_own(struct mac_table *);
static void add_own_ip(struct mt_out *, const struct mt_binding *);
static int compare_facts(const void *, const void *);

static void make_shared(struct mac_table *);
static void make_owners(struct mac_table *);
static int compare_owners(const void *, const void *);
static bool is_frozen(const struct mt_entry *);

static void make_bindings(struct mac_table *);
static void drop_ambiguous(struct mt_out *);
static int compare_bindings(const void *, const void *);
static int compare_addresses(const struct mac_binding *,
                             const struct mac_binding *);
static bool can_be_answered(const struct in6_addr *);

static void fill_row(const struct mt_entry *, struct mac_row *);
static void add_row_ip(struct mac_row *, const struct in6_addr *);
static int compare_rows(const void *, const void *);

const struct facts_mac *
mac_table_own(struct mac_table *mt, size_t *n)
{
    if (mt->out.own_seqno != mt->own_seqno) {
        make_own(mt);
        mt->out.own_seqno = mt->own_seqno;
    }
    *n = mt->out.n_own;
    return mt->out.own;
}

const struct mac_owner *
mac_table_remote(struct mac_table *mt, size_t *n)
{
    make_shared(mt);
    *n = mt->out.n_remote;
    return mt->out.remote;
}

const struct mac_binding *
mac_table_bindings(struct mac_table *mt, size_t *n)
{
    make_shared(mt);
    *n = mt->out.n_bindings;
    return mt->out.bindings;
}

const struct mac_owner *
mac_table_hushed(struct mac_table *mt, size_t *n)
{
    make_shared(mt);
    *n = mt->out.n_hushed;
    return mt->out.hushed;
}

struct mac_row *
mac_table_rows(const struct mac_table *mt, size_t *n)
{
    size_t allocated = hmap_count(&mt->entries);
    struct mac_row *rows = xcalloc(allocated ? allocated : 1, sizeof *rows);
    const struct mt_binding *b;
    const struct mt_entry *e;

    *n = 0;
    HMAP_FOR_EACH (e, node, &mt->entries) {
        if (e->owner || is_frozen(e)) {
            fill_row(e, &rows[(*n)++]);
        }
    }
    qsort(rows, *n, sizeof *rows, compare_rows);
    HMAP_FOR_EACH (b, node, &mt->bindings) {
        const struct mac_row key = { .vlan = b->vlan, .mac = b->mac };
        struct mac_row *row = bsearch(&key, rows, *n, sizeof *rows,
                                      compare_rows);

        if (row && row->host == mt->self) {
            add_row_ip(row, &b->ip);
        }
    }
    return rows;
}

void
mt_out_uninit(struct mt_out *out)
{
    free(out->own);
    free(out->remote);
    free(out->hushed);
    free(out->bindings);
}

static void
make_own(struct mac_table *mt)
{
    struct mt_out *out = &mt->out;
    const struct mt_binding *b;
    const struct mt_entry *e;

    free(out->own);
    out->own = xcalloc(hmap_count(&mt->entries) + 1, sizeof *out->own);
    out->n_own = 0;
    HMAP_FOR_EACH (e, node, &mt->entries) {
        if (e->claimed) {
            out->own[out->n_own++] = (struct facts_mac) {
                .vlan = e->vlan, .mac = e->mac, .seqno = e->seqno,
            };
        }
    }
    qsort(out->own, out->n_own, sizeof *out->own, compare_facts);
    HMAP_FOR_EACH (b, node, &mt->bindings) {
        if (can_be_answered(&b->ip)) {
            add_own_ip(out, b);
        }
    }
}

/* Of too many the lowest are told, so that it is always the same ones. */
static void
add_own_ip(struct mt_out *out, const struct mt_binding *b)
{
    struct facts_mac key = { .vlan = b->vlan, .mac = b->mac };
    struct facts_mac *fact = bsearch(&key, out->own, out->n_own,
                                     sizeof *out->own, compare_facts);
    size_t i;

    if (!fact) {
        return;
    }
    for (i = fact->n_ips; i > 0; i--) {
        if (memcmp(&fact->ips[i - 1], &b->ip, sizeof b->ip) < 0) {
            break;
        }
    }
    if (i < FACTS_MAX_IPS) {
        size_t n = MIN(fact->n_ips, FACTS_MAX_IPS - 1);

        memmove(&fact->ips[i + 1], &fact->ips[i],
                (n - i) * sizeof fact->ips[0]);
        fact->ips[i] = b->ip;
        fact->n_ips = n + 1;
    }
}

static int
compare_facts(const void *a, const void *b)
{
    return facts_mac_compare(a, b);
}

static void
make_shared(struct mac_table *mt)
{
    if (mt->out.seqno != mt->seqno) {
        make_owners(mt);
        make_bindings(mt);
        mt->out.seqno = mt->seqno;
    }
}

static void
make_owners(struct mac_table *mt)
{
    struct mt_out *out = &mt->out;
    size_t n = hmap_count(&mt->entries) + 1;
    const struct mt_entry *e;

    free(out->remote);
    free(out->hushed);
    out->remote = xcalloc(n, sizeof *out->remote);
    out->hushed = xcalloc(n, sizeof *out->hushed);
    out->n_remote = out->n_hushed = 0;
    HMAP_FOR_EACH (e, node, &mt->entries) {
        struct mac_owner owner = { e->vlan, e->mac, e->owner };

        if (e->winner) {
            out->remote[out->n_remote++] = owner;
        }
        if (e->hushed) {
            out->hushed[out->n_hushed++] = owner;
        }
    }
    qsort(out->remote, out->n_remote, sizeof *out->remote, compare_owners);
    qsort(out->hushed, out->n_hushed, sizeof *out->hushed, compare_owners);
}

static int
compare_owners(const void *a, const void *b)
{
    return mac_owner_compare(a, b);
}

static bool
is_frozen(const struct mt_entry *e)
{
    return e->history && e->history->frozen;
}

/* Addresses of MACs that are here, as heard; of MACs that are at peers, as
 * those tell.  Where one that moves too often really is nobody can say. */
static void
make_bindings(struct mac_table *mt)
{
    struct mt_out *out = &mt->out;
    size_t allocated = hmap_count(&mt->bindings);
    const struct mt_binding *b;
    const struct mt_entry *e;

    free(out->bindings);
    out->bindings = xcalloc(allocated ? allocated : 1, sizeof *out->bindings);
    out->n_bindings = 0;
    HMAP_FOR_EACH (b, node, &mt->bindings) {
        e = mt_find(mt, b->vlan, b->mac);
        if (e && e->claimed && !is_frozen(e) && can_be_answered(&b->ip)) {
            out->bindings[out->n_bindings++] = (struct mac_binding) {
                b->vlan, b->ip, b->mac, mt->self
            };
        }
    }
    HMAP_FOR_EACH (e, node, &mt->entries) {
        for (size_t i = 0; e->winner && i < e->winner->n_ips; i++) {
            if (is_frozen(e) || !can_be_answered(&e->winner->ips[i])) {
                continue;
            }
            if (out->n_bindings >= allocated) {
                out->bindings = x2nrealloc(out->bindings, &allocated,
                                           sizeof *out->bindings);
            }
            out->bindings[out->n_bindings++] = (struct mac_binding) {
                e->vlan, e->winner->ips[i], e->mac, e->owner
            };
        }
    }
    qsort(out->bindings, out->n_bindings, sizeof *out->bindings,
          compare_bindings);
    drop_ambiguous(out);
}

/* An address with two MACs is moving from one to the other, or used twice: the
 * machines themselves answer best. */
static void
drop_ambiguous(struct mt_out *out)
{
    size_t n = 0;

    for (size_t i = 0, next; i < out->n_bindings; i = next) {
        bool ambiguous = false;

        for (next = i + 1; (next < out->n_bindings
                            && !compare_addresses(&out->bindings[i],
                                                  &out->bindings[next]));
             next++) {
            ambiguous |= !eth_addr_equals(out->bindings[i].mac,
                                          out->bindings[next].mac);
        }
        if (!ambiguous) {
            out->bindings[n++] = out->bindings[i];
        }
    }
    out->n_bindings = n;
}

static int
compare_bindings(const void *a_, const void *b_)
{
    const struct mac_binding *a = a_;
    const struct mac_binding *b = b_;
    int cmp = compare_addresses(a, b);

    return cmp ? cmp : eth_addr_compare_3way(a->mac, b->mac);
}

static int
compare_addresses(const struct mac_binding *a, const struct mac_binding *b)
{
    return (a->vlan != b->vlan ? (a->vlan < b->vlan ? -1 : 1)
            : memcmp(&a->ip, &b->ip, sizeof a->ip));
}

/* Returns true if 'ip' can be the address of one machine on a network. */
static bool
can_be_answered(const struct in6_addr *ip)
{
    ovs_be32 ip4 = in6_addr_get_mapped_ipv4(ip);

    if (IN6_IS_ADDR_V4MAPPED(ip)) {
        return ip4 && !ip_is_multicast(ip4) && ip4 != htonl(INADDR_BROADCAST)
               && (ip4 & htonl(0xff000000)) != htonl(0x7f000000);
    }
    return (!IN6_IS_ADDR_UNSPECIFIED(ip) && !IN6_IS_ADDR_LOOPBACK(ip)
            && !IN6_IS_ADDR_MULTICAST(ip));
}

static void
fill_row(const struct mt_entry *e, struct mac_row *row)
{
    *row = (struct mac_row) {
        .vlan = e->vlan,
        .mac = e->mac,
        .host = e->owner,
        .ofport = e->ofport,
        .seqno = e->last_seqno,
        .since_ms = e->since_ms,
        .held = e->winner && e->winner->peer->state == MT_HELD,
        .hushed = e->hushed,
    };
    if (e->history) {
        const struct mt_history *history = e->history;

        row->frozen = history->frozen;
        row->thaw_ms = history->at_ms[history->n - 1] + MAC_TABLE_WINDOW_MS;
        row->n_hosts = history->n;
        memcpy(row->hosts, history->to, history->n * sizeof *history->to);
    }
    for (size_t i = 0; e->winner && i < e->winner->n_ips; i++) {
        add_row_ip(row, &e->winner->ips[i]);
    }
}

static void
add_row_ip(struct mac_row *row, const struct in6_addr *ip)
{
    size_t i;

    if (row->n_ips >= FACTS_MAX_IPS) {
        return;
    }
    for (i = row->n_ips++; i > 0; i--) {
        if (memcmp(&row->ips[i - 1], ip, sizeof *ip) < 0) {
            break;
        }
        row->ips[i] = row->ips[i - 1];
    }
    row->ips[i] = *ip;
}

static int
compare_rows(const void *a_, const void *b_)
{
    const struct mac_row *a = a_;
    const struct mac_row *b = b_;

    return (a->vlan != b->vlan ? (a->vlan < b->vlan ? -1 : 1)
            : eth_addr_compare_3way(a->mac, b->mac));
}
