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

/* dnsmasq: what the DNS server of the gateway is told.
 *
 *       hosts, clients, guests                      namespace "mobula"
 *            | ask 10.31.x.z
 *            v
 *         dnsmasq ---- names and addresses of this network: answers itself
 *            |
 *            '-------- everything else: asks the servers of dns_servers, by
 *                      the gateway's way out
 *
 * dnsmasq is told by three files, two of which it reads again when it gets
 * SIGHUP, without missing a query:
 *
 *   config   where to listen, and as whom; once, when it starts
 *   hosts    names and addresses
 *   servers  who is asked for what
 *
 * The name of a host is the one of its access interface.  Two more are made
 * out of it, unless somebody else has them:
 *
 *   FQDN              10.31.y.z  the host on the access network
 *   gateway.FQDN      10.31.x.z  its gateway there
 *   intrawire.FQDN    10.30.x.z  the host on intrawire
 *
 * With IPv6 (setting ipv6), the first two have an address in ipv6_prefix, too,
 * and dnsmasq says on the access network which prefix it is and, if the
 * gateway has a way out for IPv6, that it is a router.
 *
 * A domain of this network may be a public one, too.  So only what this
 * network knows for sure is never asked outside: each of the names above and
 * of the extra hosts, whatever type of record is asked for, and the reverse
 * names of the access network and intrawire.  A name below one of these names
 * is somebody else's.
 *
 * dnsmasq-want.c, pure, writes the texts; sync-dns.c makes files of them and
 * runs the program. */

#ifndef MOBULA_DNSMASQ_H
#define MOBULA_DNSMASQ_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fabric;

/* The program. */
#define DNSMASQ_PROGRAM "dnsmasq"

/* What is put before the name of a host. */
#define DNSMASQ_GATEWAY "gateway."
#define DNSMASQ_INTRAWIRE "intrawire."

/* Whatever dnsmasq is told follows from this. */
struct dnsmasq_in {
    const struct fabric *fabric;
    uint16_t self;              /* Host id; in 'fabric'. */
    const char *user;           /* As whom it runs, once it listens. */
    const char *group;
    const char *hosts_path;     /* Absolute names of files, of characters that
                                 * mean nothing to dnsmasq. */
    const char *servers_path;
    bool is_router;             /* The gateway has a way out for IPv6. */
    uint64_t netns;             /* Which namespace it is in.  It is started
                                 * again for another. */
};

/* Contents of its files. */
struct dnsmasq_texts {
    char *config;
    char *hosts;
    char *servers;
    size_t n_names;             /* In 'hosts'. */
    uint64_t memory_max;        /* Bytes of address space that it may take. */
};

/* Fills 'ret', which need not be initialized before and which the caller must
 * free with dnsmasq_texts_uninit().  Pure. */
void dnsmasq_want(const struct dnsmasq_in *, struct dnsmasq_texts *ret);
void dnsmasq_texts_uninit(struct dnsmasq_texts *);

#endif /* gateway/dnsmasq.h */
