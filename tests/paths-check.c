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

/* paths-check: is what lib/paths.c computes for a network right?
 * See paths-check.h. */

#include <config.h>
#include "tests/paths-check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "tests/paths-model.h"
#include "util.h"

/* Hosts as bits.  All searches are by breadth, here, over sets: nothing is
 * shared with lib/paths-tree.c but the idea of a graph. */
typedef uint64_t set;
#define SET(I) (UINT64_C(1) << (I))

/* A network under test. */
struct work {
    struct paths_check *counts;
    struct paths_model *model;
    size_t n;
    set links[PATHS_CHECK_MAX_HOSTS]; /* Neighbours over links that count. */
    set relays;                 /* Hosts that are not drained. */
    struct paths_model_trace *sent; /* n * n: in the network as known. */
    struct ds *why;
};

/* A failure: of the link between 'a' and 'b', or of host 'a' if b is a. */
struct failure {
    size_t a;
    size_t b;
};

static void init_links(struct work *);
static bool check_sent(struct work *);
static bool check_best(struct work *);
static bool check_lists(struct work *, size_t self, size_t dst);
static void count_two_ways(struct work *, size_t self, size_t dst);
static bool check_failures(struct work *, size_t n_failures, uint64_t *seed);
static bool check_failure(struct work *, struct failure);

bool
paths_check_network(struct paths_check *counts, struct paths_model *model,
                    size_t n_failures, uint64_t *seed, struct ds *why)
{
    struct work work = {
        .counts = counts,
        .model = model,
        .n = model->n,
        .sent = xcalloc(model->n * model->n, sizeof *work.sent),
        .why = why,
    };
    bool ok;

    ovs_assert(model->n <= PATHS_CHECK_MAX_HOSTS);
    counts->networks++;
    paths_model_compute(model);
    init_links(&work);
    ok = check_sent(&work) && check_best(&work);
    for (size_t i = 0; ok && i < work.n; i++) {
        for (size_t j = 0; ok && j < work.n; j++) {
            if (i != j) {
                ok = check_lists(&work, i, j);
                count_two_ways(&work, i, j);
            }
        }
    }
    ok = ok && check_failures(&work, n_failures, seed);
    free(work.sent);
    return ok;
}

static void
format_failures(const char *what, const struct paths_check_failures *f,
                struct ds *s)
{
    ds_put_format(s, "%s fails: %"PRIu64" frames concerned; %"PRIu64" cut "
                  "off, %"PRIu64" would have to turn round\n",
                  what, f->cut + f->turn + f->can, f->cut, f->turn);
    ds_put_format(s, "  covered %"PRIu64" of %"PRIu64" (%.2f %%), %"PRIu64
                  " of %"PRIu64" with a way by a neighbour\n"
                  "  in a loop: %"PRIu64" of these, %"PRIu64" of the others\n",
                  f->covered, f->can,
                  f->can ? 100.0 * f->covered / f->can : 100.0,
                  f->lists - f->missed, f->lists,
                  f->looped, f->looped_else);
}

void
paths_check_format(const struct paths_check *check, struct ds *s)
{
    ds_put_format(s, "%"PRIu64" networks, %"PRIu64" frames, %"PRIu64
                  " delivered\n",
                  check->networks, check->frames, check->delivered);
    ds_put_format(s, "relays without a common host: %"PRIu64" of %"PRIu64
                  " pairs\n", check->two_relays, check->two_ways);
    format_failures("link", &check->link, s);
    format_failures("host", &check->host, s);
}

/* Xorshift64*. */
uint32_t
paths_check_random(uint64_t *seed, uint32_t n)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (*seed * UINT64_C(0x2545f4914f6cdd1d) >> 32) * n >> 32;
}

static bool OVS_PRINTF_FORMAT(4, 5)
wrong(struct work *work, size_t src, size_t dst, const char *format, ...)
{
    va_list args;

    ds_put_format(work->why, "%u to %u: ", work->model->ids[src],
                  work->model->ids[dst]);
    va_start(args, format);
    ds_put_format_valist(work->why, format, args);
    va_end(args);
    ds_put_char(work->why, '\n');
    return false;
}

static void
init_links(struct work *work)
{
    for (size_t i = 0; i < work->n; i++) {
        work->relays |= work->model->drained[i] ? 0 : SET(i);
        for (size_t j = 0; j < work->n; j++) {
            if (work->model->costs[i * work->n + j]) {
                work->links[i] |= SET(j);
            }
        }
    }
}

/* Returns how many links the shortest way from 'src' to 'dst' has that visits
 * only 'hosts' and 'dst', and passes only relays; SIZE_MAX if none has. */
static size_t
search(const struct work *work, size_t src, size_t dst, set hosts)
{
    set front = SET(src);
    set seen = front;

    for (size_t n_links = 1; front; n_links++) {
        set next = 0;

        for (; front; front &= front - 1) {
            next |= work->links[raw_ctz(front)];
        }
        if (next & SET(dst)) {
            return n_links;
        }
        front = next & hosts & work->relays & ~seen;
        seen |= front;
    }
    return SIZE_MAX;
}

/* Delivered if and only if there is a way; by one copy; not in a loop.  The
 * last resort of a host without a way is the direct link, which may work in
 * the one direction that is needed. */
static bool
check_sent(struct work *work)
{
    const struct paths_model *model = work->model;

    for (size_t i = 0; i < work->n; i++) {
        for (size_t j = 0; j < work->n; j++) {
            struct paths_model_trace *trace = &work->sent[i * work->n + j];
            size_t n_links = search(work, i, j, UINT64_MAX);
            bool way = n_links <= PATHS_MAX_LINKS;

            if (i == j) {
                continue;
            }
            paths_model_send(model, i, j, trace);
            work->counts->frames++;
            work->counts->delivered += trace->fate == PATHS_MODEL_DELIVERED;
            if ((trace->fate == PATHS_MODEL_DELIVERED)
                != (way || model->works[i * work->n + j])) {
                return wrong(work, i, j, "delivered %d, but has a way %d",
                             trace->fate == PATHS_MODEL_DELIVERED, way);
            } else if (trace->looped) {
                return wrong(work, i, j, "in a loop");
            } else if (model->ways[i * work->n + j].n_links
                       != (way ? trace->n - 1 : 0)) {
                return wrong(work, i, j, "not as many links as it says");
            }
        }
    }
    return true;
}

/* Floyd's algorithm, of costs and then links. */
static void
find_best(const struct work *work, uint32_t *best)
{
    size_t n = work->n;

    for (size_t i = 0; i < n * n; i++) {
        uint32_t cost = work->model->costs[i];

        best[i] = cost ? cost << 16 | 1 : UINT32_MAX / 4;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < n && work->relays & SET(k); i++) {
            for (size_t j = 0; j < n; j++) {
                best[i * n + j] = MIN(best[i * n + j],
                                      best[i * n + k] + best[k * n + j]);
            }
        }
    }
}

/* Returns whether all hosts may take what is cheapest to 'dst': none of those
 * ways has too many links. */
static bool
is_short(const struct work *work, const uint32_t *best, size_t dst)
{
    for (size_t i = 0; i < work->n; i++) {
        uint32_t key = best[i * work->n + dst];

        if (i != dst && key < UINT32_MAX / 4
            && (key & 0xffff) > PATHS_MAX_LINKS) {
            return false;
        }
    }
    return true;
}

/* Frames go the cheapest way, and both directions over the same relay if it is
 * one. */
static bool
check_best(struct work *work)
{
    size_t n = work->n;
    uint32_t *best = xcalloc(n * n, sizeof *best);
    bool ok = true;

    find_best(work, best);
    for (size_t j = 0; ok && j < n; j++) {
        if (!is_short(work, best, j)) {
            continue;
        }
        for (size_t i = 0; ok && i < n; i++) {
            const struct paths_model_trace *a = &work->sent[i * n + j];
            const struct paths_model_trace *b = &work->sent[j * n + i];
            uint32_t key = 0;

            if (i == j || best[i * n + j] >= UINT32_MAX / 4) {
                continue;
            }
            for (size_t k = 1; k < a->n; k++) {
                key += work->model->costs[a->hosts[k - 1] * n + a->hosts[k]]
                       << 16 | 1;
            }
            if (key != best[i * n + j]) {
                ok = wrong(work, i, j, "not the cheapest way");
            } else if (a->n == 3 && is_short(work, best, i)
                       && (b->n != 3 || b->hosts[1] != a->hosts[1])) {
                ok = wrong(work, i, j, "another relay than back");
            }
        }
    }
    free(best);
    return ok;
}

/* Returns whether 'trace' is a way without a loop, not just the luck of a last
 * resort: all of its links count. */
static bool
is_way(const struct work *work, const struct paths_model_trace *trace)
{
    for (size_t i = 1; i < trace->n; i++) {
        if (!(work->links[trace->hosts[i - 1]] & SET(trace->hosts[i]))) {
            return false;
        }
    }
    return (trace->fate == PATHS_MODEL_DELIVERED && !trace->looped
            && !trace->forced);
}

/* Follows a frame that 'self' gives to 'via'.  Returns whether it arrives
 * without coming back, over at most PATHS_MAX_LINKS links, and stores the
 * hosts between. */
static bool
follow(const struct work *work, size_t self, size_t via, size_t dst, set *ret)
{
    struct paths_model_trace trace = { .n = 2, .hosts = { self, via } };

    if (via != dst && !(SET(via) & work->relays)) {
        return false;
    }
    paths_model_relay(work->model, self, via, dst, &trace);
    *ret = 0;
    for (size_t i = 1; i + 1 < trace.n; i++) {
        *ret |= SET(trace.hosts[i]);
    }
    return is_way(work, &trace) && trace.n <= PATHS_MAX_LINKS + 1;
}

/* The second relay avoids the first if any neighbour can, and shares no more
 * hosts with the first way than it must. */
static bool
check_second_relay(struct work *work, size_t self, size_t dst)
{
    const struct paths_peer *ways = &work->model->ways[self * work->n + dst];
    const uint16_t *relays = ways->relays;
    set first, second, other;

    if (relays[1] == PATHS_MODEL_NOBODY) {
        return true;
    }
    follow(work, self, relays[0], dst, &first);
    follow(work, self, relays[1], dst, &second);
    for (size_t via = 0; via < work->n; via++) {
        if (work->links[self] & SET(via) && via != dst && via != relays[0]
            && follow(work, self, via, dst, &other)
            && !(other & SET(relays[0]))
            && (second & SET(relays[0])
                || count_1bits(other & first) < count_1bits(second & first))) {
            return wrong(work, self, dst, "relay %u would be better",
                         work->model->ids[via]);
        }
    }
    return true;
}

/* The lists have each host once, and each leads there; a relay is not the
 * peer. */
static bool
check_lists(struct work *work, size_t self, size_t dst)
{
    const struct paths_peer *ways = &work->model->ways[self * work->n + dst];
    const uint16_t *relays = ways->relays;
    set seen = 0;
    set unused;

    for (size_t i = 0; i < PATHS_N_NEXT; i++) {
        uint16_t next = ways->next[i];

        if (next == PATHS_MODEL_NOBODY) {
            continue;
        } else if (seen & SET(next) || !(work->links[self] & SET(next))
                   || !follow(work, self, next, dst, &unused)) {
            return wrong(work, self, dst, "next[%"PRIuSIZE"] is no way", i);
        }
        seen |= SET(next);
    }
    for (size_t i = 0; i < PATHS_N_RELAYS; i++) {
        if (relays[i] != PATHS_MODEL_NOBODY
            && (relays[i] == dst || !(seen & SET(relays[i]))
                || !follow(work, self, relays[i], dst, &unused))) {
            return wrong(work, self, dst, "relays[%"PRIuSIZE"] is no way", i);
        }
    }
    return check_second_relay(work, self, dst);
}

/* Two ways without a common host are there if no host is on all ways, as
 * Menger says. */
static void
count_two_ways(struct work *work, size_t self, size_t dst)
{
    const struct paths_peer *ways = &work->model->ways[self * work->n + dst];
    set direct = work->links[self] & SET(dst);
    set a, b;
    bool two = true;

    work->links[self] &= ~SET(dst);
    for (size_t i = 0; i < work->n; i++) {
        if (i != self && i != dst) {
            two = two && search(work, self, dst, ~SET(i)) <= PATHS_MAX_LINKS;
        }
    }
    work->links[self] |= direct;
    if (two && work->n > 2) {
        work->counts->two_ways++;
        work->counts->two_relays
            += ways->relays[1] != PATHS_MODEL_NOBODY
               && follow(work, self, ways->relays[0], dst, &a)
               && follow(work, self, ways->relays[1], dst, &b)
               && !(a & b);
    }
}

/* Lets links and hosts fail. */
static bool
check_failures(struct work *work, size_t n_failures, uint64_t *seed)
{
    struct failure *links = xcalloc(work->n * work->n, sizeof *links);
    size_t n_links = 0;
    bool ok = true;
    size_t first;

    for (size_t a = 0; a < work->n; a++) {
        for (size_t b = a + 1; b < work->n; b++) {
            if (work->links[a] & SET(b)) {
                links[n_links++] = (struct failure) { a, b };
            }
        }
    }
    first = n_links ? paths_check_random(seed, n_links) : 0;
    for (size_t i = 0; ok && i < MIN(n_links, n_failures); i++) {
        ok = check_failure(work, links[(first + i * 7919) % n_links]);
    }
    first = paths_check_random(seed, work->n);
    for (size_t i = 0; ok && i < MIN(work->n, n_failures); i++) {
        size_t a = (first + i) % work->n;

        ok = check_failure(work, (struct failure) { a, a });
    }
    free(links);
    return ok;
}

/* Returns how many hosts the frame of 'trace' has visited when it comes to the
 * failure: the last of them sees it.  0 if it does not come there. */
static size_t
find_failure(const struct paths_model_trace *trace, struct failure f)
{
    for (size_t i = 1; i < trace->n; i++) {
        size_t from = trace->hosts[i - 1];
        size_t to = trace->hosts[i];

        if (f.a == f.b ? to == f.a
            : (from == f.a && to == f.b) || (from == f.b && to == f.a)) {
            return i;
        }
    }
    return 0;
}

/* The frame of 'trace' has visited 'n' hosts.  Returns whether there is a
 * neighbour of the last of them that it could be given to, now. */
static bool
some_neighbour_can(const struct work *work,
                   const struct paths_model_trace *trace, size_t n, size_t dst)
{
    size_t at = trace->hosts[n - 1];
    set seen = 0;

    for (size_t i = 0; i < n; i++) {
        seen |= SET(trace->hosts[i]);
    }
    for (set left = work->links[at] & ~seen; left; left &= left - 1) {
        size_t via = raw_ctz(left);
        struct paths_model_trace t = *trace;

        if (via != dst && !(work->relays & SET(via))) {
            continue;
        }
        t.hosts[n] = via;
        t.n = n + 1;
        t.fate = PATHS_MODEL_DELIVERED;
        paths_model_relay(work->model, at, via, dst, &t);
        if (is_way(work, &t) && t.n - n <= PATHS_MAX_LINKS) {
            return true;
        }
    }
    return false;
}

/* Counts a frame that would have gone over the failure; 'n' is how many hosts
 * it had visited by then, on the way 'before'. */
static bool
count_failure(struct work *work, struct paths_check_failures *counts,
              const struct paths_model_trace *before, size_t n,
              const struct paths_model_trace *now)
{
    size_t src = before->hosts[0];
    size_t dst = before->hosts[before->n - 1];
    bool delivered = now->fate == PATHS_MODEL_DELIVERED;
    set free_hosts = UINT64_MAX;
    size_t left;

    for (size_t i = 0; i < n; i++) {
        free_hosts &= ~SET(before->hosts[i]);
    }
    left = search(work, before->hosts[n - 1], dst, free_hosts);
    if (left <= PATHS_MAX_LINKS && n - 1 + left <= PATHS_MODEL_HOPS + 1) {
        bool can = some_neighbour_can(work, before, n, dst);

        counts->can++;
        counts->covered += delivered;
        counts->lists += can;
        counts->missed += can && !delivered;
        counts->looped += now->looped;
        return !can || delivered;
    }
    if (search(work, src, dst, UINT64_MAX) <= PATHS_MAX_LINKS) {
        counts->turn++;
    } else {
        counts->cut++;
    }
    counts->looped_else += now->looped;
    return true;
}

/* After the failure of a link, no frame is in a loop, and each is delivered
 * that a neighbour of the host before it could deliver, if it is not too old
 * by then.  After that of a host, this is only counted. */
static bool
check_frame(struct work *work, struct failure f, size_t src, size_t dst)
{
    const struct paths_model_trace *before = &work->sent[src * work->n + dst];
    size_t n = find_failure(before, f);
    bool is_link = f.a != f.b;
    struct paths_model_trace now;

    paths_model_send(work->model, src, dst, &now);
    if (!n) {
        return now.n == before->n && now.fate == before->fate
               ? true : wrong(work, src, dst, "changed without need");
    } else if (is_link && now.looped) {
        return wrong(work, src, dst, "in a loop");
    } else if (!count_failure(work, is_link ? &work->counts->link
                                            : &work->counts->host,
                              before, n, &now)
               && is_link && now.fate != PATHS_MODEL_OLD) {
        return wrong(work, src, dst, "a neighbour has a way");
    }
    return true;
}

static void
fail(struct work *work, struct failure f)
{
    for (size_t b = 0; b < work->n; b++) {
        if (f.a == f.b || b == f.b) {
            work->model->works[f.a * work->n + b] = false;
            work->model->works[b * work->n + f.a] = false;
            work->links[f.a] &= ~SET(b);
            work->links[b] &= ~SET(f.a);
        }
    }
}

static bool
check_failure(struct work *work, struct failure f)
{
    size_t works_size = work->n * work->n * sizeof *work->model->works;
    bool *works = xmemdup(work->model->works, works_size);
    set links[PATHS_CHECK_MAX_HOSTS];
    bool ok = true;

    memcpy(links, work->links, sizeof links);
    fail(work, f);
    for (size_t i = 0; ok && i < work->n; i++) {
        for (size_t j = 0; ok && j < work->n; j++) {
            if (i != j && (f.a != f.b || (i != f.a && j != f.a))) {
                ok = check_frame(work, f, i, j);
            }
        }
    }
    if (!ok) {
        ds_put_format(work->why, "after the failure of %u",
                      work->model->ids[f.a]);
        if (f.a != f.b) {
            ds_put_format(work->why, "-%u", work->model->ids[f.b]);
        }
        ds_put_char(work->why, '\n');
    }
    memcpy(work->links, links, sizeof links);
    memcpy(work->model->works, works, works_size);
    free(works);
    return ok;
}
