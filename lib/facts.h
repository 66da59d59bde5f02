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

/* facts: what one host tells the others about itself.
 *
 * Plain data: a host fills in one struct facts about itself and publishes it;
 * what its peers publish arrives as one struct facts each.  The database that
 * carries it is in ovs-ctl/mobula.ovsschema.  A host speaks for itself only:
 * nothing here says anything about a third one. */

#ifndef MOBULA_FACTS_H
#define MOBULA_FACTS_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "packets.h"

struct ds;

/* How many IP addresses of one MAC are told at most. */
#define FACTS_MAX_IPS 8

/* All frames of a link are lost, in permille. */
#define FACTS_MAX_LOSS 1000

/* A station that this host hears at one of its local ports. */
struct facts_mac {
    uint16_t vlan;              /* 0..4095, 0 = no VLAN. */
    struct eth_addr mac;        /* Unicast, not of a host or gateway. */
    uint32_t seqno;             /* Grows by one each time that the MAC moves
                                 * from one host to another; the highest one
                                 * is right, and of equal ones that of the
                                 * lowest host id. */
    struct in6_addr ips[FACTS_MAX_IPS]; /* Sorted, IPv4 as v4-mapped. */
    size_t n_ips;
};

/* The direct way to a peer, as this host sees it. */
struct facts_link {
    uint16_t peer;              /* Host id. */
    bool up;                    /* This host hears the peer: BFD says so, or
                                 * was wrong. */
    bool poor;                  /* It is up, but other ways are better. */
    uint16_t loss;              /* Permille of frames lost, 0..1000. */
    uint32_t rtt_us;            /* Round trip, in microseconds, 0 = not
                                 * known. */
};

struct facts {
    uint16_t host_id;
    char *boot;                 /* A new one each time that the facts begin
                                 * anew; owned. */
    char *version;              /* Of mobulad; owned. */
    char *config_digest;        /* Equal for equal configuration files, private
                                 * keys aside; owned. */
    uint16_t underlay_mtu;      /* Bytes of IP packet that this host can send
                                 * to every peer, by its links and routes;
                                 * 0 = unknown. */
    uint16_t path_mtu;          /* The same, as measured on the paths to its
                                 * peers; 0 = no less than by the links. */
    bool drained;               /* Is not to be used as a relay. */
    struct facts_mac *macs;     /* Sorted by VLAN and MAC, each once; owned. */
    size_t n_macs;
    struct facts_link *links;   /* Sorted by peer, each once; owned. */
    size_t n_links;
};

/* Which host has a MAC. */
struct mac_owner {
    uint16_t vlan;              /* 0..4095, 0 = no VLAN. */
    struct eth_addr mac;
    uint16_t host;              /* Host id. */
};

void facts_init(struct facts *);

/* Frees what 'facts' owns; not 'facts' itself. */
void facts_uninit(struct facts *);

/* Makes 'dst' (not initialized) a deep copy of 'src'. */
void facts_clone(struct facts *dst, const struct facts *src);

/* Sorts MACs, their addresses, and links, and drops what is there twice. */
void facts_normalize(struct facts *);

/* Returns true if normalized 'a' and 'b' say the same. */
bool facts_equal(const struct facts *a, const struct facts *b);

/* Returns true if two MACs with sorted addresses say the same. */
bool facts_mac_equal(const struct facts_mac *, const struct facts_mac *);

/* Returns true if two links say the same. */
bool facts_link_equal(const struct facts_link *, const struct facts_link *);

/* Returns true if two links say the same but for loss and round trip. */
bool facts_link_same_state(const struct facts_link *,
                           const struct facts_link *);

/* Returns true if loss and round trip of two links differ by no more than
 * numbers do that are measured again and again. */
bool facts_link_same_numbers(const struct facts_link *,
                             const struct facts_link *);

/* Appends a line for each fact to 's'. */
void facts_format(const struct facts *, struct ds *s);

/* Orders by VLAN, then MAC: less, equal or greater than 0. */
int mac_owner_compare(const struct mac_owner *, const struct mac_owner *);
int facts_mac_compare(const struct facts_mac *, const struct facts_mac *);

#endif /* lib/facts.h */
