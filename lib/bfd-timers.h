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

/* bfd-timers: how often BFD packets are sent to a peer, and how many may be
 * missing before the link counts as down.
 *
 * Quick where that is safe: the interval grows with the number of peers, so
 * that a host sends no more packets than its budget allows, and with the
 * jitter of the link; the multiplier with its loss, so that a link that only
 * loses packets does not look dead.
 *
 * Of the intervals at both ends of a link, the larger one counts, and each end
 * notices after the interval times the multiplier of the other.  So both ends
 * should be given the larger loss that either of them has measured.
 *
 * What is measured changes all the time, and each change of the timers takes
 * packets to agree on.  So they become slower at once, in steps, and quicker
 * when that has been right for BFD_TIMERS_HOLD_MS.
 *
 * A false alarm costs work at all hosts, which makes busy ones raise more of
 * them; and frames, if it leaves no way on which nothing is said to be down.
 * So each makes the interval a step longer for BFD_TIMERS_CALM_MS.
 *
 * Pure; 'now' comes as an argument, in ms, monotonic. */

#ifndef MOBULA_BFD_TIMERS_H
#define MOBULA_BFD_TIMERS_H 1

#include <stddef.h>
#include <stdint.h>

/* The quickest interval that is chosen, in ms: with less, a busy host raises
 * false alarms. */
#define BFD_TIMERS_MIN_MS 13

/* Limits of the multiplier that is chosen. */
#define BFD_TIMERS_MIN_MULT 3
#define BFD_TIMERS_MAX_MULT 10

/* The longest interval that jitter leads to, in ms. */
#define BFD_TIMERS_MAX_JITTER_MS 1000

/* How long less must be enough before it is used. */
#define BFD_TIMERS_HOLD_MS 20000

/* How long there must be no false alarm for one of them to be forgotten, and
 * how many count. */
#define BFD_TIMERS_CALM_MS 60000
#define BFD_TIMERS_MAX_CAUTION 6

struct bfd_timers_in {
    uint16_t interval_ms;       /* Setting; 0 = to be chosen. */
    uint8_t mult;               /* Setting; 0 = to be chosen. */
    uint32_t budget;            /* Packets per second to all peers, > 0. */
    size_t n_peers;
    uint16_t loss;              /* Permille of packets lost on the link. */
    uint32_t jitter_us;         /* By how much packets are late on it. */
    unsigned int n_false;       /* False alarms on it, ever. */
};

struct bfd_timers {
    uint16_t interval_ms;       /* min_tx and min_rx. */
    uint8_t mult;
};

/* The timers of one link, over time.  All 0 before the first time. */
struct bfd_timers_state {
    struct bfd_timers now;      /* What is to be used. */
    struct bfd_timers enough;   /* What has been slow enough since... */
    long long int enough_ms;    /* ...this time. */
    struct bfd_timers_in in;    /* What 'now' is for. */
    unsigned int caution;       /* False alarms that are not forgotten... */
    long long int caution_ms;   /* ...of which the next is, at this time. */
};

/* Returns what is right for 'in' after 'caution' false alarms of late. */
struct bfd_timers bfd_timers_choose(const struct bfd_timers_in *in,
                                    unsigned int caution);

/* Makes 'state->now' follow bfd_timers_choose(), with time. */
void bfd_timers_run(struct bfd_timers_state *, const struct bfd_timers_in *,
                    long long int now);

/* Returns when bfd_timers_run() may have something to do for the same input,
 * or LLONG_MAX. */
long long int bfd_timers_next(const struct bfd_timers_state *);

#endif /* lib/bfd-timers.h */
