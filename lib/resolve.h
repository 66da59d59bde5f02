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

/* resolve: when the name of a host is to be looked up, and what follows from
 * the answer.
 *
 *                  +-- fails: again after 1, 2, 4 ... s <--+
 *                  v                                       |
 *     new ----> due at once ------- answer -------> has an address <----+
 *                                                          | not heard  |
 *                       it, or the next one of the name    v            |
 *                                          every interval: due ---------+
 *
 * As long as the host is heard, its name is of no interest: WireGuard follows
 * it wherever it goes.  Pure: no I/O, no clock.  ovs-ctl/sync-resolve.c asks
 * the resolver and feeds this. */

#ifndef MOBULA_RESOLVE_H
#define MOBULA_RESOLVE_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* WireGuard itself begins to look for a peer that does not answer after this
 * time (its KEEPALIVE_TIMEOUT and REKEY_TIMEOUT), in ms. */
#define RESOLVE_SILENT_MS 15000

/* First time after which a name that did not resolve is looked up again. */
#define RESOLVE_BACKOFF_MS 1000

/* One host whose endpoint is a name. */
struct resolve {
    uint16_t host;              /* Host id. */
    char *name;                 /* Owned. */
    bool has_address;           /* The last good answer is kept: */
    struct in6_addr address;    /* IPv4 as v4-mapped. */
    char *error;                /* What went wrong last time; NULL: nothing. */
    bool answered;              /* It was looked up at least once. */
    int interval_ms;            /* Between two looks; the owner's to set. */
    long long int next_ms;      /* It is not looked up before this time. */
    int backoff_ms;             /* Of the last failure, 0 = none. */
    uint64_t rx_bytes;          /* What WireGuard had received from it... */
    long long int heard_ms;     /* ...when that last grew. */
};

/* Begins with 'host', whose 'name' is copied; the caller must free it with
 * resolve_uninit().  Times are in ms. */
void resolve_init(struct resolve *, uint16_t host, const char *name,
                  long long int now);
void resolve_uninit(struct resolve *);

/* WireGuard has received 'rx_bytes' from the host in all. */
void resolve_hear(struct resolve *, uint64_t rx_bytes, long long int now);

/* Returns when the name is to be looked up next, if nothing is heard until
 * then. */
long long int resolve_next(const struct resolve *);

/* The name has the 'n' addresses 'found' (as endpoint_parse_ahosts() gives
 * them), of which there is one at least.  'works' says whether WireGuard has a
 * session with the host at the address in use.  Returns true if another
 * address is in use now. */
bool resolve_answer(struct resolve *, const struct in6_addr *found, size_t n,
                    bool works, long long int now);

/* The name could not be looked up, because of 'error', a sentence of which
 * this takes ownership. */
void resolve_fail(struct resolve *, char *error, long long int now);

#endif /* lib/resolve.h */
