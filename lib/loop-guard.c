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

/* loop-guard: which guest ports are part of a loop.  See loop-guard.h. */

#include <config.h>
#include "lib/loop-guard.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/list.h"
#include "util.h"

/* Probes out of a port that has just come or been opened: so many ms after
 * that, then regularly. */
static const int first_probes_ms[] = { 0, 200, 500 };

/* A probe that a port hears. */
struct sighting {
    uint16_t host;
    uint16_t port;
};

/* A VLAN in which a MAC was frozen at a port, or a probe heard there. */
struct suspect {
    uint16_t vlan;
    long long int until_ms;
};

struct port {
    uint16_t ofport;
    char *name;
    bool kept;                  /* In loop_guard_set_ports() only. */

    struct sighting heard[LOOP_GUARD_MAX_HEARD];
    size_t n_heard;
    struct suspect suspects[LOOP_GUARD_MAX_VLANS]; /* Different VLANs, the
                                * one that was suspected last at the end. */
    size_t n_suspects;

    bool blocked;
    char *why;                  /* While blocked. */
    long long int since_ms;     /* While blocked. */
    long long int until_ms;     /* While blocked; LLONG_MAX while the loop is
                                 * there. */
    long long int hold_ms;      /* Of the last time, 0 = was never blocked. */
    long long int opened_ms;    /* When it was last opened. */

    size_t n_probes;            /* Since 'probing_ms'. */
    long long int probing_ms;   /* When it came or was opened. */
    long long int next_probe_ms;
};

struct event {
    struct ovs_list node;
    struct loop_event event;
};

struct loop_guard {
    uint16_t self;
    uint16_t interval_s;
    struct port **ports;        /* Sorted by number. */
    size_t n_ports;
    uint64_t seqno;
    struct ovs_list events;     /* Of struct event. */
};

static struct port *port_create(const struct loop_port *, long long int now);
static void port_destroy(struct port *);
static struct port *find(const struct loop_guard *, uint16_t ofport);
static int compare_ports(const void *, const void *);
static void suspect(struct port *, uint16_t vlan, long long int now);
static void drop_suspects(struct port *, uint16_t vlan, long long int now);
static const struct sighting *find_lower(const struct loop_guard *,
                                         const struct port *);
static char *describe(const struct loop_guard *, const struct port *,
                      const struct sighting *);
static void check(struct loop_guard *, struct port *, long long int now);
static void block(struct loop_guard *, struct port *, char *why,
                  long long int now);
static void unblock(struct loop_guard *, struct port *, long long int now);
static void start_probing(struct port *, long long int now);
static void add_event(struct loop_guard *, const struct port *,
                      const char *why);

struct loop_guard *
loop_guard_create(uint16_t self)
{
    struct loop_guard *guard = xzalloc(sizeof *guard);

    guard->self = self;
    guard->interval_s = 1;
    ovs_list_init(&guard->events);
    return guard;
}

void
loop_guard_destroy(struct loop_guard *guard)
{
    struct loop_event event;

    if (!guard) {
        return;
    }
    while (loop_guard_next_event(guard, &event)) {
        free(event.name);
        free(event.why);
    }
    for (size_t i = 0; i < guard->n_ports; i++) {
        port_destroy(guard->ports[i]);
    }
    free(guard->ports);
    free(guard);
}

void
loop_guard_set_interval(struct loop_guard *guard, uint16_t interval_s)
{
    guard->interval_s = interval_s;
}

void
loop_guard_set_ports(struct loop_guard *guard, const struct loop_port *ports,
                     size_t n, long long int now)
{
    struct port **new = xcalloc(n + 1, sizeof *new);

    for (size_t i = 0; i < n; i++) {
        struct port *old = find(guard, ports[i].ofport);

        if (old && !old->kept && !strcmp(old->name, ports[i].name)) {
            old->kept = true;
            new[i] = old;
        } else {
            new[i] = port_create(&ports[i], now);
        }
    }
    for (size_t i = 0; i < guard->n_ports; i++) {
        if (!guard->ports[i]->kept) {
            guard->seqno += guard->ports[i]->blocked;
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
loop_guard_restore(struct loop_guard *guard, uint16_t ofport,
                   long long int now)
{
    struct port *port = find(guard, ofport);

    if (port && !port->blocked) {
        block(guard, port,
              xasprintf("port %s was blocked when mobulad was started",
                        port->name), now);
    }
}

void
loop_guard_heard(struct loop_guard *guard, const struct loop_heard *heard,
                 bool present, long long int now)
{
    struct port *port = find(guard, heard->ofport);
    size_t i = 0;

    if (!port) {
        return;
    }
    while (i < port->n_heard && (port->heard[i].host != heard->host
                                 || port->heard[i].port != heard->port)) {
        i++;
    }
    if (present && i == port->n_heard && i < LOOP_GUARD_MAX_HEARD) {
        port->heard[port->n_heard++] = (struct sighting) {
            heard->host, heard->port
        };
    } else if (!present && i < port->n_heard) {
        port->heard[i] = port->heard[--port->n_heard];
    }
    if (present && heard->vlan) {
        suspect(port, heard->vlan, now);
    }
    check(guard, port, now);
}

void
loop_guard_frozen(struct loop_guard *guard, uint16_t ofport, uint16_t vlan,
                  long long int now)
{
    struct port *port = find(guard, ofport);

    /* A probe without a tag is under way all the time. */
    if (port && vlan) {
        suspect(port, vlan, now);
    }
}

char *
loop_guard_unblock(struct loop_guard *guard, const char *name,
                   long long int now)
{
    for (size_t i = 0; i < guard->n_ports; i++) {
        struct port *port = guard->ports[i];

        if (strcmp(port->name, name)) {
            continue;
        } else if (!port->blocked) {
            return xasprintf("port %s is not blocked", name);
        } else if (find_lower(guard, port)) {
            return xasprintf("the loop is still there: %s", port->why);
        }
        unblock(guard, port, now);
        port->hold_ms = 0;
        return NULL;
    }
    return xasprintf("there is no guest's port %s", name);
}

void
loop_guard_run(struct loop_guard *guard, long long int now)
{
    for (size_t i = 0; i < guard->n_ports; i++) {
        struct port *port = guard->ports[i];

        if (port->blocked && now >= port->until_ms) {
            unblock(guard, port, now);
        }
    }
}

long long int
loop_guard_deadline(const struct loop_guard *guard)
{
    long long int deadline = LLONG_MAX;

    for (size_t i = 0; i < guard->n_ports; i++) {
        const struct port *port = guard->ports[i];

        if (port->blocked) {
            deadline = MIN(deadline, port->until_ms);
        }
        if (guard->interval_s) {
            deadline = MIN(deadline, port->next_probe_ms);
        }
    }
    return deadline;
}

bool
loop_guard_next_probe(struct loop_guard *guard, long long int now,
                      struct loop_probe *probe)
{
    for (size_t i = 0; guard->interval_s && i < guard->n_ports; i++) {
        struct port *port = guard->ports[i];

        if (now >= port->next_probe_ms) {
            port->n_probes++;
            port->next_probe_ms
                = (port->n_probes < ARRAY_SIZE(first_probes_ms)
                   ? port->probing_ms + first_probes_ms[port->n_probes]
                   : now + guard->interval_s * 1000LL);
            drop_suspects(port, 0, now);
            *probe = (struct loop_probe) {
                .ofport = port->ofport,
                .n_vlans = port->n_suspects,
            };
            for (size_t j = 0; j < port->n_suspects; j++) {
                probe->vlans[j] = port->suspects[j].vlan;
            }
            return true;
        }
    }
    return false;
}

bool
loop_guard_is_blocked(const struct loop_guard *guard, uint16_t ofport)
{
    const struct port *port = find(guard, ofport);

    return port && port->blocked;
}

uint64_t
loop_guard_seqno(const struct loop_guard *guard)
{
    return guard->seqno;
}

bool
loop_guard_next_event(struct loop_guard *guard, struct loop_event *event)
{
    struct event *first;

    if (ovs_list_is_empty(&guard->events)) {
        return false;
    }
    first = CONTAINER_OF(ovs_list_pop_front(&guard->events), struct event,
                         node);
    *event = first->event;
    free(first);
    return true;
}

struct loop_row *
loop_guard_rows(const struct loop_guard *guard, size_t *n)
{
    struct loop_row *rows = xcalloc(guard->n_ports + 1, sizeof *rows);

    *n = 0;
    for (size_t i = 0; i < guard->n_ports; i++) {
        const struct port *port = guard->ports[i];

        if (port->blocked) {
            rows[(*n)++] = (struct loop_row) {
                .ofport = port->ofport,
                .name = port->name,
                .why = port->why,
                .since_ms = port->since_ms,
                .until_ms = port->until_ms,
            };
        }
    }
    return rows;
}

static struct port *
port_create(const struct loop_port *from, long long int now)
{
    struct port *port = xzalloc(sizeof *port);

    port->ofport = from->ofport;
    port->name = xstrdup(from->name);
    start_probing(port, now);
    return port;
}

static void
port_destroy(struct port *port)
{
    free(port->name);
    free(port->why);
    free(port);
}

static struct port *
find(const struct loop_guard *guard, uint16_t ofport)
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

/* 'port' has probes in 'vlan', too, from now on for a while. */
static void
suspect(struct port *port, uint16_t vlan, long long int now)
{
    drop_suspects(port, vlan, now);
    if (port->n_suspects == LOOP_GUARD_MAX_VLANS) {
        memmove(port->suspects, port->suspects + 1,
                --port->n_suspects * sizeof *port->suspects);
    }
    port->suspects[port->n_suspects++] = (struct suspect) {
        vlan, now + LOOP_GUARD_SUSPECT_MS
    };
    port->next_probe_ms = MIN(port->next_probe_ms, now);
}

/* Drops 'vlan', and those whose time is over. */
static void
drop_suspects(struct port *port, uint16_t vlan, long long int now)
{
    size_t n = 0;

    for (size_t i = 0; i < port->n_suspects; i++) {
        if (port->suspects[i].vlan != vlan
            && port->suspects[i].until_ms > now) {
            port->suspects[n++] = port->suspects[i];
        }
    }
    port->n_suspects = n;
}

/* Returns what 'port' hears of a port that is not higher than itself, or
 * NULL: then, if it is part of a loop, the other end is blocked. */
static const struct sighting *
find_lower(const struct loop_guard *guard, const struct port *port)
{
    for (size_t i = 0; i < port->n_heard; i++) {
        const struct sighting *heard = &port->heard[i];

        if (heard->host < guard->self
            || (heard->host == guard->self && heard->port <= port->ofport)) {
            return heard;
        }
    }
    return NULL;
}

/* Returns a sentence, without a full stop, that the caller must free. */
static char *
describe(const struct loop_guard *guard, const struct port *port,
         const struct sighting *heard)
{
    const struct port *other = (heard->host == guard->self
                                ? find(guard, heard->port) : NULL);

    if (other == port) {
        return xasprintf("port %s hears its own loop probe", port->name);
    } else if (other) {
        return xasprintf("port %s hears the loop probe that this host sent "
                         "out of its port %s", port->name, other->name);
    } else {
        return xasprintf("port %s hears the loop probe that host %"PRIu16
                         " sent out of its port %"PRIu16,
                         port->name, heard->host, heard->port);
    }
}

/* Acts on what 'port' hears. */
static void
check(struct loop_guard *guard, struct port *port, long long int now)
{
    const struct sighting *lower = find_lower(guard, port);

    if (lower && !port->blocked) {
        block(guard, port, describe(guard, port, lower), now);
    }
    if (lower) {
        port->until_ms = LLONG_MAX;
    } else if (port->blocked && port->until_ms == LLONG_MAX) {
        port->until_ms = now + port->hold_ms;
    }
}

/* Takes ownership of 'why'. */
static void
block(struct loop_guard *guard, struct port *port, char *why,
      long long int now)
{
    bool again = (port->hold_ms
                  && now < port->opened_ms + LOOP_GUARD_MEMORY_MS);

    port->blocked = true;
    port->why = why;
    port->since_ms = now;
    port->hold_ms = (again
                     ? MIN(2 * port->hold_ms, LOOP_GUARD_HOLD_MAX_MS)
                     : LOOP_GUARD_HOLD_MS);
    port->until_ms = now + port->hold_ms;
    guard->seqno++;
    add_event(guard, port, why);
}

static void
unblock(struct loop_guard *guard, struct port *port, long long int now)
{
    port->blocked = false;
    free(port->why);
    port->why = NULL;
    port->opened_ms = now;
    guard->seqno++;
    start_probing(port, now);
    add_event(guard, port, NULL);
}

static void
start_probing(struct port *port, long long int now)
{
    port->n_probes = 0;
    port->probing_ms = now;
    port->next_probe_ms = now + first_probes_ms[0];
}

static void
add_event(struct loop_guard *guard, const struct port *port, const char *why)
{
    struct event *event = xmalloc(sizeof *event);

    event->event = (struct loop_event) {
        .name = xstrdup(port->name),
        .why = nullable_xstrdup(why),
        .hold_ms = port->hold_ms,
    };
    ovs_list_push_back(&guard->events, &event->node);
}
