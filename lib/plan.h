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

/* plan: the result of comparing what is desired with what is there.
 *
 * Every kind of object that Mobula reconciles (WireGuard peers, links, OVSDB
 * rows, flows, ...) is compared by a pure '*-diff' function of its folder,
 * which reports each decision here as one of five verdicts.  A plan prints the
 * same for --dry-run, for the log and for tests.  It does not carry out
 * anything: that is the folder's '*-apply'. */

#ifndef MOBULA_PLAN_H
#define MOBULA_PLAN_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"

struct ds;

enum plan_verdict {
    PLAN_ADD,                   /* Desired, not there. */
    PLAN_CHANGE,                /* Desired, there, but different. */
    PLAN_REMOVE,                /* Ours, there, not desired. */
    PLAN_KEEP,                  /* As desired. */
    PLAN_ALIEN,                 /* Somebody else's: left alone. */
    PLAN_N_VERDICTS
};

/* One decision. */
struct plan_item {
    enum plan_verdict verdict;
    char *object;               /* What, e.g. "link mo-dir-hs". */
    char *detail;               /* How, e.g. "mtu 1500 -> 1420"; or NULL. */
};

struct plan {
    struct plan_item *items;    /* In the order in which they are applied. */
    size_t n;
    size_t allocated;
    size_t counts[PLAN_N_VERDICTS];
};

/* Returns "add", "change", "remove", "keep" or "alien". */
const char *plan_verdict_to_string(enum plan_verdict);

void plan_init(struct plan *);
void plan_uninit(struct plan *);

/* Appends a decision.  Takes ownership of 'object' and 'detail' (malloc'd;
 * 'detail' may be NULL). */
void plan_add(struct plan *, enum plan_verdict, char *object, char *detail);

/* Counts a decision that needs no line of its own: thousands of kept flows. */
void plan_count(struct plan *, enum plan_verdict);

/* Moves all items and counts of 'src' to the end of 'dst'; 'src' is empty
 * afterwards. */
void plan_splice(struct plan *dst, struct plan *src);

/* Returns true if applying the plan would change nothing. */
bool plan_is_noop(const struct plan *);

/* Appends one line per add, change, remove and alien item ("+ link mo-dir-hs",
 * "~ link mo-dir-hs: mtu 1500 -> 1420", "- ...", "? ...") to 's'; 'verbose'
 * adds the kept ones ("= ..."). */
void plan_format(const struct plan *, bool verbose, struct ds *s);

/* Appends "2 added, 1 changed, 0 removed, 14 kept, 0 alien" to 's'. */
void plan_format_counts(const struct plan *, struct ds *s);

#endif /* lib/plan.h */
