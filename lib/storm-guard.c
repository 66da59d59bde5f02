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

/* storm-guard: which local ports send more than may be flooded.  See
 * storm-guard.h. */

#include <config.h>
#include "lib/storm-guard.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* The last minute is counted in slots, the newest of which is not full. */
#define N_SLOTS 6
#define SLOT_MS (STORM_GUARD_WINDOW_MS / N_SLOTS)

/* What is known about one kind of frames of one port. */
struct side {
    bool counted;               /* 'n' and 'at_ms' are known. */
    uint64_t n;                 /* Last count... */
    long long int at_ms;        /* ...and when it was taken. */

    uint64_t slots[N_SLOTS];    /* Dropped in 10 s each, by time modulo the
                                 * window. */
    long long int slot_no;      /* Time / SLOT_MS of the newest one. */

    long long int muted_until_ms; /* 0 = is not. */
    long long int mute_ms;      /* Of the last time, 0 = never. */
    long long int opened_ms;    /* When it was over. */

    bool event;                 /* To be told: */
    bool event_muted;
    uint64_t event_rate;
};

struct port {
    uint16_t ofport;
    char *name;
    bool kept;                  /* In storm_guard_set_ports() only. */
    bool crowded;
    bool crowded_event;         /* That is to be told. */
    struct side sides[STORM_N_KINDS];
};

struct storm_guard {
    struct port **ports;        /* Sorted by number. */
    size_t n_ports;
    uint32_t limits[STORM_N_KINDS];
    bool drops;                 /* What the last counts were of. */
    uint64_t seqno;
};

static struct port *find(const struct storm_guard *, uint16_t ofport);
static int compare_ports(const void *, const void *);
static void port_destroy(struct port *);
static bool port_is_muted(const struct port *);
static void count_drops(struct side *, uint64_t delta, long long int now);
static void count_flooded(struct storm_guard *, struct side *,
                          enum storm_kind, uint64_t delta, long long int now);
static void forget_old(struct side *, long long int now);
static uint64_t sum(const struct side *, long long int now);

const char *
storm_kind_to_string(enum storm_kind kind)
{
    return kind == STORM_FLOOD ? "broadcast" : "unknown-unicast";
}

struct storm_guard *
storm_guard_create(void)
{
    return xzalloc(sizeof(struct storm_guard));
}

void
storm_guard_destroy(struct storm_guard *guard)
{
    if (guard) {
        for (size_t i = 0; i < guard->n_ports; i++) {
            port_destroy(guard->ports[i]);
        }
        free(guard->ports);
        free(guard);
    }
}

void
storm_guard_set_limits(struct storm_guard *guard,
                       const uint32_t limits[STORM_N_KINDS])
{
    memcpy(guard->limits, limits, sizeof guard->limits);
}

void
storm_guard_set_ports(struct storm_guard *guard,
                      const struct storm_port *ports, size_t n)
{
    struct port **new = xcalloc(n + 1, sizeof *new);

    for (size_t i = 0; i < n; i++) {
        struct port *old = find(guard, ports[i].ofport);

        if (old && !old->kept && !strcmp(old->name, ports[i].name)) {
            old->kept = true;
            new[i] = old;
        } else {
            new[i] = xzalloc(sizeof *new[i]);
            new[i]->ofport = ports[i].ofport;
            new[i]->name = xstrdup(ports[i].name);
        }
    }
    for (size_t i = 0; i < guard->n_ports; i++) {
        if (!guard->ports[i]->kept) {
            guard->seqno += (port_is_muted(guard->ports[i])
                             || guard->ports[i]->crowded);
            port_destroy(guard->ports[i]);
        }
    }
    free(guard->ports);
    for (size_t i = 0; i < n; i++) {
        new[i]->kept = false;
    }
    qsort(new, n, sizeof *new, compare_ports);
    guard->ports = new;
    guard->n_ports = n;
}

void
storm_guard_count(struct storm_guard *guard, const struct storm_count *counts,
                  size_t n, bool drops, long long int now)
{
    bool comparable = guard->drops == drops;

    guard->drops = drops;
    for (size_t i = 0; i < n; i++) {
        const struct storm_count *count = &counts[i];
        struct port *port = find(guard, count->ofport);
        struct side *side = port ? &port->sides[count->kind] : NULL;

        if (!side) {
            continue;
        }
        if (side->counted && comparable) {
            uint64_t delta = (count->n >= side->n ? count->n - side->n
                              : count->n);

            if (drops) {
                count_drops(side, delta, now);
            } else {
                count_flooded(guard, side, count->kind, delta, now);
            }
        }
        side->counted = true;
        side->n = count->n;
        side->at_ms = now;
    }
}

void
storm_guard_learnt(struct storm_guard *guard, uint16_t ofport, uint32_t n,
                   uint32_t quota)
{
    struct port *port = find(guard, ofport);

    if (port && (port->crowded ? n < quota - quota / 8 : n >= quota)) {
        port->crowded = !port->crowded;
        port->crowded_event = port->crowded;
        guard->seqno++;
    }
}

void
storm_guard_run(struct storm_guard *guard, long long int now)
{
    for (size_t i = 0; i < guard->n_ports; i++) {
        for (size_t kind = 0; kind < STORM_N_KINDS; kind++) {
            struct side *side = &guard->ports[i]->sides[kind];

            if (side->muted_until_ms
                && (now >= side->muted_until_ms || guard->drops)) {
                side->muted_until_ms = 0;
                side->opened_ms = now;
                side->counted = false;
                guard->seqno++;
            }
        }
    }
}

long long int
storm_guard_deadline(const struct storm_guard *guard)
{
    long long int deadline = LLONG_MAX;

    for (size_t i = 0; i < guard->n_ports; i++) {
        for (size_t kind = 0; kind < STORM_N_KINDS; kind++) {
            const struct side *side = &guard->ports[i]->sides[kind];

            if (side->muted_until_ms) {
                deadline = MIN(deadline, side->muted_until_ms);
            }
        }
    }
    return deadline;
}

bool
storm_guard_is_muted(const struct storm_guard *guard, uint16_t ofport)
{
    const struct port *port = find(guard, ofport);

    return port && port_is_muted(port);
}

bool
storm_guard_is_crowded(const struct storm_guard *guard, uint16_t ofport)
{
    const struct port *port = find(guard, ofport);

    return port && port->crowded;
}

uint64_t
storm_guard_seqno(const struct storm_guard *guard)
{
    return guard->seqno;
}

bool
storm_guard_next_event(struct storm_guard *guard, struct storm_event *event)
{
    for (size_t i = 0; i < guard->n_ports; i++) {
        if (guard->ports[i]->crowded_event) {
            guard->ports[i]->crowded_event = false;
            *event = (struct storm_event) {
                .name = guard->ports[i]->name,
                .crowded = true,
            };
            return true;
        }
        for (size_t kind = 0; kind < STORM_N_KINDS; kind++) {
            struct side *side = &guard->ports[i]->sides[kind];

            if (side->event) {
                side->event = false;
                *event = (struct storm_event) {
                    .name = guard->ports[i]->name,
                    .kind = kind,
                    .muted = side->event_muted,
                    .limit = guard->limits[kind],
                    .rate = side->event_rate,
                    .mute_ms = side->mute_ms,
                };
                return true;
            }
        }
    }
    return false;
}

struct storm_row *
storm_guard_rows(const struct storm_guard *guard, size_t *n,
                 long long int now)
{
    struct storm_row *rows = xcalloc(guard->n_ports * STORM_N_KINDS + 1,
                                     sizeof *rows);

    *n = 0;
    for (size_t i = 0; i < guard->n_ports; i++) {
        for (size_t kind = 0; kind < STORM_N_KINDS; kind++) {
            const struct side *side = &guard->ports[i]->sides[kind];
            uint64_t n_dropped = sum(side, now);

            if (n_dropped || side->muted_until_ms
                || (guard->ports[i]->crowded && kind == STORM_FLOOD)) {
                rows[(*n)++] = (struct storm_row) {
                    .ofport = guard->ports[i]->ofport,
                    .name = guard->ports[i]->name,
                    .kind = kind,
                    .n_dropped = n_dropped,
                    .limit = guard->limits[kind],
                    .muted_until_ms = side->muted_until_ms,
                    .crowded = guard->ports[i]->crowded,
                };
            }
        }
    }
    return rows;
}

static struct port *
find(const struct storm_guard *guard, uint16_t ofport)
{
    size_t low = 0, high = guard->n_ports;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (guard->ports[mid]->ofport < ofport) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return (low < guard->n_ports && guard->ports[low]->ofport == ofport
            ? guard->ports[low] : NULL);
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct port *const *a = a_;
    const struct port *const *b = b_;

    return (*a)->ofport < (*b)->ofport ? -1 : (*a)->ofport > (*b)->ofport;
}

static void
port_destroy(struct port *port)
{
    free(port->name);
    free(port);
}

static bool
port_is_muted(const struct port *port)
{
    for (size_t kind = 0; kind < STORM_N_KINDS; kind++) {
        if (port->sides[kind].muted_until_ms) {
            return true;
        }
    }
    return false;
}

/* An event is the first drop after a minute without any. */
static void
count_drops(struct side *side, uint64_t delta, long long int now)
{
    if (!delta) {
        return;
    }
    if (!sum(side, now)) {
        side->event = true;
        side->event_muted = false;
    }
    forget_old(side, now);
    side->slots[side->slot_no % N_SLOTS] += delta;
}

static void
count_flooded(struct storm_guard *guard, struct side *side,
              enum storm_kind kind, uint64_t delta, long long int now)
{
    long long int elapsed_ms = MAX(now - side->at_ms, 1);
    uint32_t limit = guard->limits[kind];
    bool again = (side->mute_ms
                  && now < side->opened_ms + STORM_GUARD_MEMORY_MS);

    /* A second's worth may come in a burst. */
    if (!limit || side->muted_until_ms
        || delta <= limit + limit * elapsed_ms / 1000) {
        return;
    }
    side->mute_ms = (again ? MIN(2 * side->mute_ms, STORM_GUARD_MUTE_MAX_MS)
                     : STORM_GUARD_MUTE_MS);
    side->muted_until_ms = now + side->mute_ms;
    side->event = true;
    side->event_muted = true;
    side->event_rate = delta * 1000 / elapsed_ms;
    guard->seqno++;
}

/* Makes the newest slot that of 'now'. */
static void
forget_old(struct side *side, long long int now)
{
    long long int slot_no = now / SLOT_MS;

    if (slot_no - side->slot_no >= N_SLOTS) {
        memset(side->slots, 0, sizeof side->slots);
    } else {
        for (long long int i = side->slot_no + 1; i <= slot_no; i++) {
            side->slots[i % N_SLOTS] = 0;
        }
    }
    side->slot_no = slot_no;
}

/* Returns how many were dropped in the last minute. */
static uint64_t
sum(const struct side *side, long long int now)
{
    struct side copy = *side;
    uint64_t total = 0;

    forget_old(&copy, now);
    for (size_t i = 0; i < N_SLOTS; i++) {
        total += copy.slots[i];
    }
    return total;
}
