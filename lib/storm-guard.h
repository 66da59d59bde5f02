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

/* storm-guard: which local ports send more than may be flooded, and what to
 * do about it where the switch cannot.
 *
 * Two kinds of frames are copied to everybody: what is for many
 * (broadcast and multicast), and what is for a MAC that nobody knows.  Where
 * the switch has meters, it keeps both to their limits, and all that is left
 * to do is to tell who exceeds them, from the counts of what the meters
 * dropped.  Where it has none, the counts are of what was flooded: a port that
 * exceeds a limit is muted, that is, nothing of what it sends is flooded for a
 * while, longer each time.
 *
 * A port that sends from ever new MACs is another kind of storm: see
 * storm_guard_learnt().
 *
 * No I/O and no clock; 'now' is in milliseconds, as time_msec() has it, and
 * never goes back.  ovs-ctl/sync-loops.c feeds it with what
 * ovs-ctl/of-counts.c has counted. */

#ifndef MOBULA_STORM_GUARD_H
#define MOBULA_STORM_GUARD_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often counts should be taken. */
#define STORM_GUARD_INTERVAL_MS 1000

/* What is told about drops is about so much time. */
#define STORM_GUARD_WINDOW_MS 60000

/* How long a port is muted: at first, and at most.  It doubles if the port has
 * been open for less than the memory's time. */
#define STORM_GUARD_MUTE_MS 5000
#define STORM_GUARD_MUTE_MAX_MS 300000
#define STORM_GUARD_MEMORY_MS 600000

enum storm_kind {
    STORM_FLOOD,                /* Broadcast and multicast. */
    STORM_UNKNOWN,              /* For a MAC that nobody knows. */
    STORM_N_KINDS
};

/* A local port, as the caller knows it. */
struct storm_port {
    uint16_t ofport;            /* Not 0. */
    const char *name;           /* Borrowed during the call. */
};

/* A counter of a port. */
struct storm_count {
    uint16_t ofport;
    enum storm_kind kind;
    uint64_t n;                 /* Frames since any time; begins anew if it is
                                 * lower than before. */
};

/* A port that exceeds a limit, or did so in the last minute. */
struct storm_row {
    uint16_t ofport;
    const char *name;           /* Borrowed. */
    enum storm_kind kind;
    uint64_t n_dropped;         /* In the last STORM_GUARD_WINDOW_MS; 0 without
                                 * meters, where nobody counts. */
    uint32_t limit;             /* Frames a second. */
    long long int muted_until_ms; /* 0 = not muted because of this. */
    bool crowded;               /* The same for both kinds. */
};

/* What has happened, for the log. */
struct storm_event {
    const char *name;           /* Borrowed until the next call of another
                                 * function. */
    enum storm_kind kind;
    bool crowded;               /* It has become crowded; then the rest is
                                 * 0. */
    bool muted;                 /* Otherwise, its meter has begun to drop. */
    uint32_t limit;
    uint64_t rate;              /* Muted: frames a second that were seen. */
    long long int mute_ms;      /* Muted: for so long. */
};

/* "broadcast" or "unknown-unicast". */
const char *storm_kind_to_string(enum storm_kind);

/* storm_guard_destroy(NULL) is fine. */
struct storm_guard *storm_guard_create(void);
void storm_guard_destroy(struct storm_guard *);

/* Frames a second, by enum storm_kind; 0 = no limit. */
void storm_guard_set_limits(struct storm_guard *,
                            const uint32_t limits[STORM_N_KINDS]);

/* The local ports that are there now, in any order. */
void storm_guard_set_ports(struct storm_guard *, const struct storm_port *,
                           size_t n);

/* Counts were taken at 'now': of what meters dropped, or of what was flooded.
 * Ports that are not there are left out. */
void storm_guard_count(struct storm_guard *, const struct storm_count *,
                       size_t n, bool drops, long long int now);

/* 'n' MACs are learnt at a port, which may have 'quota'.  It is crowded from
 * then on, until there are an eighth less.
 *
 * What a crowded port sends is best not looked at for its source: a switch
 * would make a flow for every new one, to no avail. */
void storm_guard_learnt(struct storm_guard *, uint16_t ofport, uint32_t n,
                        uint32_t quota);

/* Does what is due by time, and when that is the case, LLONG_MAX for never. */
void storm_guard_run(struct storm_guard *, long long int now);
long long int storm_guard_deadline(const struct storm_guard *);

bool storm_guard_is_muted(const struct storm_guard *, uint16_t ofport);
bool storm_guard_is_crowded(const struct storm_guard *, uint16_t ofport);

/* Returns a number that changes when one of the two does for some port. */
uint64_t storm_guard_seqno(const struct storm_guard *);

/* Takes the next thing that has happened; returns false if there is none. */
bool storm_guard_next_event(struct storm_guard *, struct storm_event *);

/* Returns the ports that are to be told about, by number; the caller must
 * free() the array. */
struct storm_row *storm_guard_rows(const struct storm_guard *, size_t *n,
                                   long long int now);

#endif /* lib/storm-guard.h */
