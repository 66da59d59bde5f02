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

/* liveness: may the direct link to a peer be trusted?
 *
 * Open vSwitch itself leaves a link within milliseconds when BFD says that it
 * is down, and would come back at once.  This decides when to come back, and
 * keeps count.  A link that goes down often is trusted less: how long it must
 * be up before it is used again doubles each time, and shrinks again while it
 * stays up.
 *
 *                   up                   held long enough,
 *                                        and not poor
 *     LIVENESS_DOWN ----> LIVENESS_HELD ------------------> LIVENESS_UP
 *          ^                   |  ^                           |  |
 *          |      down         |  +---------------------------+  |
 *          +-------------------+     becomes poor                |
 *          +-----------------------------------------------------+
 *                                 down
 *
 * Pure; 'now' comes as an argument, in ms, monotonic. */

#ifndef MOBULA_LIVENESS_H
#define MOBULA_LIVENESS_H 1

#include <stdbool.h>
#include <stdint.h>

enum liveness_state {
    LIVENESS_DOWN,              /* The peer is not heard, or does not hear. */
    LIVENESS_HELD,              /* It is, but there may be better ways. */
    LIVENESS_UP,
};

struct liveness_config {
    long long int hold_ms;      /* How long a link must be up after it was
                                 * down, the first time... */
    long long int max_hold_ms;  /* ...and at most, after many times; no less
                                 * than 'hold_ms' counts. */
};

/* How long a link must be in use for its hold time to become half as much. */
#define LIVENESS_SHRINK_MS 10000

struct liveness {
    enum liveness_state state;
    bool heard;                 /* It has been up since this was made. */
    bool poor;                  /* As told last. */
    long long int since_ms;     /* Of 'state'. */
    long long int hold_ms;      /* How long it must be up before it is used,
                                 * 0 = it has been stable for long. */
    long long int ready_ms;     /* HELD: becomes UP then, unless poor. */
    long long int shrink_ms;    /* UP: 'hold_ms' becomes less then. */
    uint64_t n_flaps;           /* Times that it went down. */
    long long int down_ms;      /* When it last went down, 0 = never. */
    long long int outage_ms;    /* How long frames were lost then, estimated;
                                 * -1 = as long as it is down. */
    int detect_ms;              /* How long that went unnoticed. */
};

/* Nothing is known about the link yet: it counts as down. */
void liveness_init(struct liveness *, long long int now);

/* What the switch says of the link. */
struct liveness_word {
    bool up;
    int detect_ms;              /* How long it takes to notice if not. */
    bool has_relay;             /* There is another way now. */
};

/* Takes in what the switch says.  The first time that a link comes up it is
 * trusted at once.  Returns true if 'state' has changed. */
bool liveness_set_up(struct liveness *, const struct liveness_config *,
                     const struct liveness_word *, long long int now);

/* It loses frames, or no longer does. */
bool liveness_set_poor(struct liveness *, const struct liveness_config *,
                       bool poor, long long int now);

/* Time has passed.  Returns true if 'state' has changed. */
bool liveness_run(struct liveness *, const struct liveness_config *,
                  long long int now);

/* Returns when liveness_run() has something to do, or LLONG_MAX. */
long long int liveness_next(const struct liveness *);

#endif /* lib/liveness.h */
