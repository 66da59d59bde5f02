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

/* of-learn: the flows that a switch has learnt by itself.  See of-learn.h. */

#include <config.h>
#include "ovs-ctl/of-learn.h"

#include <string.h>

#include "byte-order.h"
#include "flows/cookie.h"
#include "flows/flow-table.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-monitor.h"
#include "util.h"

/* A flow that is or was there. */
struct learnt {
    struct hmap_node node;      /* In struct of_learn's 'flows'. */
    struct flow_entry *flow;    /* Owned. */
    bool present;               /* If not, kept until the user knows, and no
                                 * read is on its way that may have it. */
    bool seen;                  /* In the read that is being taken. */
    uint64_t read;              /* Of struct of_learn, at the last event. */
    struct ovs_list change;     /* In struct of_learn's 'changes', or empty. */
    struct ovs_list deletion;   /* In struct of_learn's 'deletions', or
                                 * empty. */
    uint64_t barrier;           /* In 'deletions': that follows the message. */
    bool doubtful;              /* In 'deletions': there was an event since. */
};

struct of_learn {
    uint64_t tables;
    struct hmap flows;          /* Of struct learnt. */
    size_t n_present;
    struct ovs_list changes;    /* Of struct learnt: to be taken. */
    struct ovs_list deletions;  /* Of struct learnt: not confirmed yet. */
    struct learnt *taken;       /* The last change; freed with the next call if
                                 * it is not of use any more. */
    uint64_t read;              /* Counts requests. */
    bool reading;               /* One has not been answered. */
    bool complete;
    uint64_t barrier;           /* Number of the next one. */
};

static struct learnt *find(const struct of_learn *, const struct flow_entry *);
static uint32_t hash_key(const struct flow_entry *);
static struct learnt *get(struct of_learn *, struct flow_entry *);
static void set_present(struct of_learn *, struct learnt *, bool present);
static void replace_flow(struct of_learn *, struct learnt *,
                         struct flow_entry *);
static void touch(struct of_learn *, struct learnt *);
static void add_change(struct of_learn *, struct learnt *);
static void take_read_flow(struct of_learn *, const struct flow_entry *);
static void settle(struct learnt *);
static void collect(struct of_learn *, struct learnt *);
static void release_taken(struct of_learn *);
static struct flow_entry *entry_from_update(const struct ofputil_flow_update
                                            *);

struct of_learn *
of_learn_create(uint64_t tables)
{
    struct of_learn *ol = xzalloc(sizeof *ol);

    ol->tables = tables;
    hmap_init(&ol->flows);
    ovs_list_init(&ol->changes);
    ovs_list_init(&ol->deletions);
    return ol;
}

void
of_learn_destroy(struct of_learn *ol)
{
    if (ol) {
        struct learnt *l;

        HMAP_FOR_EACH_POP (l, node, &ol->flows) {
            flow_entry_destroy(l->flow);
            free(l);
        }
        hmap_destroy(&ol->flows);
        free(ol);
    }
}

bool
of_learn_has_table(const struct of_learn *ol, uint8_t table_id)
{
    return table_id < 64 && (ol->tables & (UINT64_C(1) << table_id));
}

void
of_learn_update(struct of_learn *ol, const struct ofputil_flow_update *update)
{
    bool gone = update->event == OFPFME_REMOVED;
    struct flow_entry *entry;
    struct learnt *l;

    if (!(gone || update->event == OFPFME_INITIAL
          || update->event == OFPFME_ADDED
          || update->event == OFPFME_MODIFIED)
        || !of_learn_has_table(ol, update->table_id)
        || !cookie_is_ours(ntohll(update->cookie))) {
        return;
    }
    release_taken(ol);
    entry = entry_from_update(update);
    if (gone) {
        l = find(ol, entry);
        flow_entry_destroy(entry);
        if (!l) {
            return;
        }
    } else {
        l = get(ol, entry);
    }
    set_present(ol, l, !gone);
    touch(ol, l);
}

void
of_learn_read_begun(struct of_learn *ol)
{
    ol->read++;
    ol->reading = true;
}

void
of_learn_read_done(struct of_learn *ol, const struct flow_table *actual)
{
    const struct flow_entry *entry;
    struct learnt *l;

    release_taken(ol);
    HMAP_FOR_EACH (entry, node, &actual->flows) {
        if (of_learn_has_table(ol, entry->table_id)
            && cookie_is_ours(entry->cookie)) {
            take_read_flow(ol, entry);
        }
    }
    ol->reading = false;
    ol->complete = true;
    HMAP_FOR_EACH_SAFE (l, node, &ol->flows) {
        if (!l->seen && l->present && l->read != ol->read) {
            set_present(ol, l, false);
        }
        l->seen = false;
        collect(ol, l);
    }
}

bool
of_learn_is_complete(const struct of_learn *ol)
{
    return ol->complete;
}

const struct flow_entry *
of_learn_next(struct of_learn *ol, bool *present)
{
    struct learnt *l;

    release_taken(ol);
    if (ovs_list_is_empty(&ol->changes)) {
        return NULL;
    }
    l = CONTAINER_OF(ovs_list_pop_front(&ol->changes), struct learnt, change);
    ovs_list_init(&l->change);
    ol->taken = l;
    *present = l->present;
    return l->flow;
}

void
of_learn_for_each(const struct of_learn *ol,
                  void (*cb)(const struct flow_entry *, void *aux), void *aux)
{
    const struct learnt *l;

    HMAP_FOR_EACH (l, node, &ol->flows) {
        if (l->present) {
            cb(l->flow, aux);
        }
    }
}

const struct flow_entry *
of_learn_find(const struct of_learn *ol, const struct flow_entry *key)
{
    const struct learnt *l = find(ol, key);

    return l && l->present ? l->flow : NULL;
}

void
of_learn_delete_sent(struct of_learn *ol, const struct flow_entry *key)
{
    struct learnt *l = find(ol, key);

    if (l) {
        settle(l);
        ovs_list_push_back(&ol->deletions, &l->deletion);
        l->barrier = ol->barrier;
    }
}

uint64_t
of_learn_barrier_sent(struct of_learn *ol)
{
    return ol->barrier++;
}

bool
of_learn_barrier_done(struct of_learn *ol, uint64_t barrier)
{
    bool doubtful = false;
    struct learnt *l;

    release_taken(ol);
    LIST_FOR_EACH_SAFE (l, deletion, &ol->deletions) {
        if (l->barrier > barrier) {
            break;
        }
        doubtful |= l->doubtful && l->present;
        if (!l->doubtful && l->present) {
            l->read = ol->read;
            set_present(ol, l, false);
        }
        settle(l);
        collect(ol, l);
    }
    return doubtful;
}

/* What was read before stays until the next read says otherwise. */
void
of_learn_disconnected(struct of_learn *ol)
{
    struct learnt *l;

    release_taken(ol);
    ol->reading = false;
    LIST_FOR_EACH_SAFE (l, deletion, &ol->deletions) {
        settle(l);
        collect(ol, l);
    }
}

size_t
of_learn_count(const struct of_learn *ol)
{
    return ol->n_present;
}

static struct learnt *
find(const struct of_learn *ol, const struct flow_entry *key)
{
    struct learnt *l;

    HMAP_FOR_EACH_WITH_HASH (l, node, hash_key(key), &ol->flows) {
        if (l->flow->table_id == key->table_id
            && l->flow->priority == key->priority
            && minimatch_equal(&l->flow->match, &key->match)) {
            return l;
        }
    }
    return NULL;
}

static uint32_t
hash_key(const struct flow_entry *entry)
{
    return minimatch_hash(&entry->match,
                          hash_2words(entry->table_id, entry->priority));
}

/* Makes 'entry' (ownership of which is taken) what is there under its key. */
static struct learnt *
get(struct of_learn *ol, struct flow_entry *entry)
{
    struct learnt *l = find(ol, entry);

    if (l) {
        replace_flow(ol, l, entry);
    } else {
        l = xzalloc(sizeof *l);
        l->flow = entry;
        ovs_list_init(&l->change);
        ovs_list_init(&l->deletion);
        hmap_insert(&ol->flows, &l->node, hash_key(entry));
    }
    return l;
}

static void
replace_flow(struct of_learn *ol, struct learnt *l, struct flow_entry *entry)
{
    if (l->present && !flow_entry_equal(l->flow, entry)) {
        add_change(ol, l);
    }
    flow_entry_destroy(l->flow);
    l->flow = entry;
}

static void
set_present(struct of_learn *ol, struct learnt *l, bool present)
{
    if (l->present != present) {
        l->present = present;
        ol->n_present += present ? 1 : -1;
        add_change(ol, l);
    }
}

/* There was an event about 'l'.  If it is to be deleted, that it was learnt
 * again is news, although it never was seen to be gone. */
static void
touch(struct of_learn *ol, struct learnt *l)
{
    l->read = ol->read;
    l->doubtful = !ovs_list_is_empty(&l->deletion);
    if (l->doubtful) {
        add_change(ol, l);
    }
}

static void
add_change(struct of_learn *ol, struct learnt *l)
{
    if (ovs_list_is_empty(&l->change)) {
        ovs_list_push_back(&ol->changes, &l->change);
    }
}

static void
take_read_flow(struct of_learn *ol, const struct flow_entry *entry)
{
    struct learnt *l = find(ol, entry);

    if (l && ol->reading && l->read == ol->read) {
        /* The event is newer. */
    } else if (!l || !l->present || !flow_entry_equal(l->flow, entry)) {
        l = get(ol, flow_entry_clone(entry));
        set_present(ol, l, true);
    }
    l->seen = true;
}

/* The deletion of 'l', if there is one, needs no more attention. */
static void
settle(struct learnt *l)
{
    if (!ovs_list_is_empty(&l->deletion)) {
        ovs_list_remove(&l->deletion);
        ovs_list_init(&l->deletion);
    }
    l->doubtful = false;
}

/* Frees 'l' if it is of no use any more. */
static void
collect(struct of_learn *ol, struct learnt *l)
{
    if (!l->present && !ol->reading && ol->taken != l
        && ovs_list_is_empty(&l->change)
        && ovs_list_is_empty(&l->deletion)) {
        hmap_remove(&ol->flows, &l->node);
        flow_entry_destroy(l->flow);
        free(l);
    }
}

static void
release_taken(struct of_learn *ol)
{
    struct learnt *l = ol->taken;

    ol->taken = NULL;
    if (l) {
        collect(ol, l);
    }
}

static struct flow_entry *
entry_from_update(const struct ofputil_flow_update *update)
{
    struct ofputil_flow_stats fs = {
        .match = update->match,
        .cookie = update->cookie,
        .table_id = update->table_id,
        .priority = update->priority,
        .idle_timeout = update->idle_timeout,
        .hard_timeout = update->hard_timeout,
        .ofpacts = update->ofpacts,
        .ofpacts_len = update->ofpacts_len,
    };

    return flow_entry_from_stats(&fs);
}
