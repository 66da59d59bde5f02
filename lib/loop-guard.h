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

/* loop-guard: which guest ports are part of a loop, and for how long they are
 * blocked.
 *
 * A guest that joins two access ports to each other makes a loop that nothing
 * in the fabric breaks: what is flooded to one of them comes back at the other
 * one, for ever.  So every host sends a probe out of every guest port now and
 * then (lib/addr.h says what it looks like).  A port that hears one is part of
 * a loop.  A MAC that moves to and fro between a port and other places until
 * it is frozen may be the work of a loop, too, but also of a guest that poses
 * as somebody else: so it blocks nobody, but for a while the port has probes
 * in the VLAN of that MAC as well.  A port that hears such a probe has them,
 * too: the MAC may have been frozen at the other end only.  Of the two ports
 * at the ends of a loop the higher one, by host id, then port number, is
 * blocked: that is the one that hears the probe of the lower one, or its own.
 *
 *                     a lower port's probe is heard
 *        open -------------------------------------------> blocked
 *          ^                                                 |
 *          +-------------------------------------------------+
 *            nothing was heard for a while, longer each time
 *
 * Probes go on while a port is blocked, so that it stays blocked as long as
 * there is a loop, and no longer.  A guest can forge a probe, or echo one, and
 * block its own port by that, and no other.
 *
 * No I/O and no clock, in the manner of OVS's reconnect.h: 'now' is in
 * milliseconds, as time_msec() has it, and never goes back.
 * ovs-ctl/sync-loops.c feeds it, sends the probes, and has the ports
 * blocked. */

#ifndef MOBULA_LOOP_GUARD_H
#define MOBULA_LOOP_GUARD_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

/* A port stays blocked for so long after the last sign of a loop.  Each time
 * that it is blocked again within the memory's time, it is twice as long. */
#define LOOP_GUARD_HOLD_MS 10000
#define LOOP_GUARD_HOLD_MAX_MS 600000
#define LOOP_GUARD_MEMORY_MS 600000

/* For so long after a MAC was frozen, or a probe heard, probes are sent in its
 * VLAN, too, and in so many VLANs at most out of one port. */
#define LOOP_GUARD_SUSPECT_MS 180000
#define LOOP_GUARD_MAX_VLANS 8

/* How many different probes a port can hear at once; what is beyond is as good
 * as not heard. */
#define LOOP_GUARD_MAX_HEARD 16

/* A guest's port, as the caller knows it. */
struct loop_port {
    uint16_t ofport;            /* Not 0. */
    const char *name;           /* Borrowed during the call. */
};

/* Whose probe is heard where. */
struct loop_heard {
    uint16_t ofport;            /* The port here that hears it. */
    uint16_t host;              /* Id of the host that sent it... */
    uint16_t port;              /* ...and out of which of its ports. */
    uint16_t vlan;              /* 0 = without a tag. */
};

/* What is to be sent. */
struct loop_probe {
    uint16_t ofport;
    uint16_t vlans[LOOP_GUARD_MAX_VLANS]; /* 1..4095, each once. */
    size_t n_vlans;
};

/* A port that is blocked. */
struct loop_row {
    uint16_t ofport;
    const char *name;           /* Borrowed, as is 'why'. */
    const char *why;            /* A sentence without a full stop. */
    long long int since_ms;
    long long int until_ms;     /* LLONG_MAX: as long as the loop exists. */
};

/* What has happened, for the log. */
struct loop_event {
    char *name;                 /* Of the port; the caller must free it... */
    char *why;                  /* ...and this; NULL: the port is open again,
                                 * else it is blocked. */
    long long int hold_ms;      /* For so long after the last sign. */
};

/* 'self' is the id of this host.  loop_guard_destroy(NULL) is fine. */
struct loop_guard *loop_guard_create(uint16_t self);
void loop_guard_destroy(struct loop_guard *);

/* Seconds between two probes out of a port, 0 = none are sent; initially 1. */
void loop_guard_set_interval(struct loop_guard *, uint16_t interval_s);

/* The guests' ports that are there now, in any order.  What was known about
 * others is forgotten, also if the number now has another name. */
void loop_guard_set_ports(struct loop_guard *, const struct loop_port *,
                          size_t n, long long int now);

/* The port was blocked when this daemon started, nobody knows why. */
void loop_guard_restore(struct loop_guard *, uint16_t ofport,
                        long long int now);

/* A probe has been heard and, if 'present', is heard there until this is
 * called again without. */
void loop_guard_heard(struct loop_guard *, const struct loop_heard *,
                      bool present, long long int now);

/* A MAC in 'vlan' (0 = none) was frozen, and was last heard at 'ofport'. */
void loop_guard_frozen(struct loop_guard *, uint16_t ofport, uint16_t vlan,
                       long long int now);

/* Opens the port 'name' and forgets how often it was blocked.  Returns NULL,
 * or a sentence that the caller must free: there is no such port, it is not
 * blocked, or it still hears a probe. */
char *loop_guard_unblock(struct loop_guard *, const char *name,
                         long long int now) OVS_WARN_UNUSED_RESULT;

/* Does what is due by time. */
void loop_guard_run(struct loop_guard *, long long int now);

/* When loop_guard_run() or loop_guard_next_probe() has something to do even if
 * nothing happens, LLONG_MAX for never. */
long long int loop_guard_deadline(const struct loop_guard *);

/* Returns true if a probe is to be sent now out of 'probe->ofport', without a
 * tag and with each of 'probe->vlans'; to be called until it returns false. */
bool loop_guard_next_probe(struct loop_guard *, long long int now,
                           struct loop_probe *probe);

bool loop_guard_is_blocked(const struct loop_guard *, uint16_t ofport);

/* Returns a number that changes when some loop_guard_is_blocked() does. */
uint64_t loop_guard_seqno(const struct loop_guard *);

/* Takes the next thing that has happened; returns false if there is none. */
bool loop_guard_next_event(struct loop_guard *, struct loop_event *);

/* Returns the ports that are blocked, by number; the caller must free() the
 * array. */
struct loop_row *loop_guard_rows(const struct loop_guard *, size_t *n);

#endif /* lib/loop-guard.h */
