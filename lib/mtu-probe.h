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

/* mtu-probe: does the path to a peer carry packets of the full size?
 *
 * Paths that lose large packets without a word (MTU black holes) let small
 * ones pass: everything seems to be well, and nothing works.  So a small and
 * a large packet are sent to the peer at once, all the time, and it is seen
 * which answers come.  A round in which not even the small one is answered
 * says nothing about sizes.
 *
 *                     large ones lost,          limit found
 *                     six in a row
 *     MTU_PROBE_CHECK ---------> MTU_PROBE_SEARCH --------> MTU_PROBE_LIMITED
 *            ^                           ^                     |   |
 *            |                           +---------------------+   |
 *            |                            limit is lost as well    |
 *            +-----------------------------------------------------+
 *                          full size is answered again, twice
 *
 * Pure: sync-mtu.c in ovs-ctl/ sends and receives.  Sizes are bytes of the IP
 * packet that goes into WireGuard; all multiples of 16 but the full one, for
 * WireGuard pads to that. */

#ifndef MOBULA_MTU_PROBE_H
#define MOBULA_MTU_PROBE_H 1

#include <stdbool.h>
#include <stdint.h>

/* Size of the small packet. */
#define MTU_PROBE_SMALL 128

enum mtu_probe_state {
    MTU_PROBE_CHECK,            /* The full size is sent. */
    MTU_PROBE_SEARCH,           /* It is lost; what does pass? */
    MTU_PROBE_LIMITED,          /* 'limit' passes, the full size does not. */
};

enum mtu_verdict {
    MTU_VERDICT_UNKNOWN,        /* Nothing was answered yet. */
    MTU_VERDICT_OK,             /* The full size passes. */
    MTU_VERDICT_LIMITED,        /* Only mtu_probe_limit() passes. */
    MTU_VERDICT_SILENT,         /* Nothing passes now, small or large. */
};

/* All members are private to mtu-probe.c. */
struct mtu_probe {
    enum mtu_probe_state state;
    uint16_t min;               /* Not searched below; a multiple of 16. */
    uint16_t full;              /* What the path should carry. */
    bool limited;               /* The full size is lost, and... */
    uint16_t limit;             /* ...this passes; 0: not even 'min' does. */
    uint16_t low, high;         /* SEARCH: passes, as far as known; is lost. */
    uint16_t larger;            /* LIMITED: size to try next above 'limit'. */
    bool try_larger;            /* LIMITED: this round is about 'larger'. */
    uint16_t size;              /* Of the large packet of this round; 0: no
                                 * round is under way. */
    uint16_t seqno;             /* Of this round or the last one. */
    bool small_back, large_back;    /* What was answered of it. */
    uint8_t n_lost;             /* Large ones lost in a row. */
    uint8_t n_passed;           /* LIMITED: of 'larger', in a row. */
    uint8_t n_silent;           /* Rounds without any answer in a row. */
    bool heard;                 /* There has been an answer. */
    long long int sent_ms;      /* When this round began. */
    long long int next_ms;      /* When to look again. */
    uint16_t wait_ms;           /* How long answers may take. */
};

/* Initializes 'probe' of a path that should carry 'full' and carries at least
 * 'min', if anything; the first round begins at 'start'. */
void mtu_probe_init(struct mtu_probe *, uint16_t min, uint16_t full,
                    long long int start);

/* Changes the full size.  A smaller one that is known to pass ends a limit. */
void mtu_probe_set_full(struct mtu_probe *, uint16_t full, long long int now);

/* Ends a round whose time is over.  Returns true if a new one begins: the
 * caller sends a packet of MTU_PROBE_SMALL and one of '*size' bytes, both with
 * '*seqno'.  'interval_ms' is how often that is while all is well. */
bool mtu_probe_run(struct mtu_probe *, int interval_ms, long long int now,
                   uint16_t *seqno, uint16_t *size);

/* The packets of this round could not be sent: it does not count. */
void mtu_probe_unsent(struct mtu_probe *, int interval_ms, long long int now);

/* A packet of 'size' bytes with 'seqno' was answered. */
void mtu_probe_answer(struct mtu_probe *, uint16_t seqno, uint16_t size,
                      long long int now);

/* Returns when mtu_probe_run() has something to do. */
long long int mtu_probe_next(const struct mtu_probe *);

enum mtu_verdict mtu_probe_verdict(const struct mtu_probe *);

/* Returns the largest size that passes if that is less than the full one, or
 * 0 if the path is not known to be limited.  '*lower_still' (may be NULL)
 * becomes true if not even that passes. */
uint16_t mtu_probe_limit(const struct mtu_probe *, bool *lower_still);

#endif /* lib/mtu-probe.h */
