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

/* facts-peer: reads the database Mobula of one peer.
 *
 *            connected       there is a schema     all rows are here
 *     AWAY ------------> SCHEMA ------------> MONITOR ------------> LISTENING
 *      ^                    |                    |                     |
 *      `--------------------+--- lost, silent, slow, or not believed --'
 *
 * Not by ovsdb-idl, which trusts a server: it takes a message of any size and
 * works through it in one go.  A peer may be hostile, so that here
 *
 *   - one round takes in at most one message, or a piece of one of
 *     FACTS_PEER_CHUNK bytes;
 *   - a message that does not fit the number of rows that are allowed, or
 *     does not come to an end in time, ends the session;
 *   - what is in it is looked at by facts-codec.c;
 *   - a session that was ended for such a reason is not begun again before
 *     FACTS_PEER_REFUSED_MS.
 *
 * TCP finds out slowly that there is another way now, and that there is one
 * again: it waits longer and longer.  So whoever knows that the way has
 * changed says so.  A session that answers then stays; otherwise it is begun
 * anew at once, and again and again, at first after FACTS_PEER_QUICK_MS, then
 * after twice as long each time, until attempts follow each other as usual.
 *
 * Nothing here waits. */

#ifndef MOBULA_FACTS_PEER_H
#define MOBULA_FACTS_PEER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/facts.h"
#include "ovs-ctl/facts-codec.h"

struct ds;
struct json;
struct jsonrpc;
struct reconnect;
struct stream;

/* About how much one facts_peer_run() takes in at most, in bytes. */
#define FACTS_PEER_CHUNK (50 * 4096)

/* A silent peer is asked after this time, and left after twice as long. */
#define FACTS_PEER_PROBE_MS 5000

/* Longest wait between two attempts. */
#define FACTS_PEER_BACKOFF_MS 8000

/* How long a session may be silent before it answers when the way has
 * changed. */
#define FACTS_PEER_CHECK_MS 250

/* How often a session is asked that comes by a way that nobody knows. */
#define FACTS_PEER_DOUBT_MS 500

/* How long the first attempt on a new way may take; and the last that is made
 * before attempts follow each other as usual. */
#define FACTS_PEER_QUICK_MS 100
#define FACTS_PEER_QUICK_MAX_MS 3200

/* How long one message may take to come in. */
#define FACTS_PEER_MESSAGE_MS 15000

/* How long a peer that is not believed is left alone. */
#define FACTS_PEER_REFUSED_MS 30000

/* Facts are made out of rows at most this often. */
#define FACTS_PEER_PACE_MS 10

enum facts_peer_state {
    FACTS_PEER_NEVER,           /* It has told nothing yet. */
    FACTS_PEER_CONNECTED,       /* It is heard. */
    FACTS_PEER_STALE,           /* It was heard before. */
    FACTS_PEER_REFUSED,         /* What it tells is not believed. */
};

enum facts_peer_stage {
    FACTS_STAGE_AWAY,           /* No connection. */
    FACTS_STAGE_SCHEMA,         /* It was asked for its schema. */
    FACTS_STAGE_MONITOR,        /* It was asked for its rows. */
    FACTS_STAGE_LISTENING,      /* It tells of changes by itself. */
};

/* The members are for reading by others than facts-peer.c. */
struct facts_peer {
    uint16_t id;                /* Host id. */
    char *remote;               /* Such as "tcp:10.30.0.2:6645". */
    struct facts_limits limits;
    struct reconnect *fsm;
    struct stream *stream;      /* Being connected, or NULL. */
    struct jsonrpc *rpc;        /* Connected, or NULL. */
    enum facts_peer_stage stage;
    struct json *request_id;    /* Of the request that is not answered yet. */
    unsigned int received;      /* Bytes up to the last complete message... */
    unsigned int seen;          /* ...and in all; both wrap around. */
    long long int await_ms;     /* Since when an answer or the rest of a
                                 * message is waited for, 0 = none. */
    struct json *check_id;      /* Of the echo that must be answered, NULL =
                                 * the session is not doubted. */
    long long int check_ms;     /* It is given up then if nothing has come in
                                 * since... */
    unsigned int check_seen;    /* ...'seen' was this. */
    bool reached;               /* facts_peer_set_reached(). */
    long long int doubt_ms;     /* Not REACHED: when to doubt the session. */
    int quick_ms;               /* How long this quick attempt may take, 0 =
                                 * as long as usual... */
    long long int quick_end_ms; /* ...and when that will be over. */
    struct facts_rows rows;     /* Of this session. */
    bool rows_changed;          /* Since 'facts' were made. */
    long long int made_ms;      /* When they were. */

    struct facts facts;         /* What it told last. */
    bool has_facts;
    bool connected;             /* They are those of this session. */
    bool refused;
    long long int changed_ms;   /* When it became connected, or was lost. */
    long long int refused_ms;   /* No attempt before. */
    char *error;                /* Why it is not connected, or NULL. */
    char *ignored;              /* On rows that were left out, or NULL. */
    uint64_t n_changes;         /* Of 'facts' and 'connected'. */
};

/* Makes a facts_peer for the host of the limits, which serves at 'remote'.
 * The caller must free it with facts_peer_destroy(). */
struct facts_peer *facts_peer_create(const struct facts_limits *,
                                     const char *remote, long long int now);
void facts_peer_destroy(struct facts_peer *);

/* The way to the peer has changed.  A session must show now that it works;
 * without one, there is no reason to wait before the next attempt, unless the
 * peer is not believed. */
void facts_peer_way_changed(struct facts_peer *, long long int now);

/* Whether a way to the peer is known, as it is at first.  A session may do
 * without one, by a link that does not count yet; when that fails again,
 * nobody will say that the way has changed.  So the session must show all the
 * time that it works. */
void facts_peer_set_reached(struct facts_peer *, bool reached,
                            long long int now);

/* Does what can be done now.  'now' is the poll loop's time in ms.  Returns
 * the number of bytes that came in. */
size_t facts_peer_run(struct facts_peer *, long long int now);
void facts_peer_wait(struct facts_peer *, long long int now);

enum facts_peer_state facts_peer_state(const struct facts_peer *);

/* Appends how it is, as a part of a sentence: "stale for 12 s: connection
 * refused". */
void facts_peer_format(const struct facts_peer *, long long int now,
                       struct ds *);

#endif /* ovs-ctl/facts-peer.h */
