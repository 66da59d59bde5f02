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

/* dnsmasq-want: (fabric, host id) -> the files of dnsmasq.  See dnsmasq.h.
 *
 * Pure.  Names were checked when they were read; what would mean anything to
 * dnsmasq beyond a name is left out all the same.
 *
 * A server of "NAME" that is nobody keeps NAME, and whatever ends with .NAME,
 * at home; one of "*.NAME", which is longer and therefore wins, sends the
 * latter out again.  (Before version 2.86, dnsmasq knows no asterisk: then
 * they stay at home as well.) */

#include <config.h>
#include "gateway/dnsmasq.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "sset.h"
#include "util.h"

/* Longest name that DNS can carry, in characters. */
#define NAME_MAX_LEN 253

/* How long others may keep what we know by ourselves, in s: a change should
 * be seen soon. */
#define LOCAL_TTL 10

/* Names from outside that are kept, and queries that wait for an answer from
 * there, at most. */
#define CACHE_SIZE 5000
#define FORWARD_MAX 500

/* Bytes that UDP carries without being cut into fragments on any path that
 * IPv6 takes. */
#define EDNS_MAX 1232

/* How often a gateway says that it is a router, and for how long each time, in
 * s. */
#define RA_INTERVAL 60
#define RA_LIFETIME 600

/* Address space of a dnsmasq that knows nothing; of one name, with its two
 * servers and the reverse name, generously.  The limit grows in steps: with
 * it, dnsmasq is started again. */
#define MEMORY_BASE (96 * 1024 * 1024)
#define MEMORY_NAME 2048
#define MIN_NAMES 4096

/* Files that are being written. */
struct texts {
    const struct dnsmasq_in *in;
    struct sset taken;          /* Names that somebody was given. */
    struct ds hosts;
    struct ds servers;
    size_t n_names;
};

static void want_config(const struct dnsmasq_in *, size_t max_names,
                        struct ds *);
static void want_ipv6(const struct dnsmasq_in *, struct ds *);
static void want_upstream(const struct settings *, struct ds *);
static void want_reverse(const struct ipv4_prefix *, struct ds *);
static void want_reverse6(const struct ip_prefix *, struct ds *);
static void want_hosts(struct texts *);
static void want_extra_hosts(struct texts *);
static void want_derived(struct texts *, const char *prefix, const char *name,
                         ovs_be32 address, const struct in6_addr *address6);
static void add_name(struct texts *, const char *name, ovs_be32 address,
                     const struct in6_addr *address6);
static bool is_name(const char *);

void
dnsmasq_want(const struct dnsmasq_in *in, struct dnsmasq_texts *ret)
{
    const struct settings *settings = &in->fabric->settings;
    struct ds config = DS_EMPTY_INITIALIZER;
    struct texts texts = {
        .in = in,
        .taken = SSET_INITIALIZER(&texts.taken),
        .hosts = DS_EMPTY_INITIALIZER,
        .servers = DS_EMPTY_INITIALIZER,
    };
    size_t max_names;

    want_upstream(settings, &texts.servers);
    want_reverse(&settings->access_prefix, &texts.servers);
    want_reverse(&settings->intrawire_prefix, &texts.servers);
    if (settings->ipv6 != IPV6_OFF) {
        want_reverse6(&settings->ipv6_prefix, &texts.servers);
    }
    want_hosts(&texts);
    want_extra_hosts(&texts);
    sset_destroy(&texts.taken);
    max_names = MAX(MIN_NAMES, ROUND_UP_POW2(texts.n_names));
    want_config(in, max_names, &config);
    *ret = (struct dnsmasq_texts) {
        .config = ds_steal_cstr(&config),
        .hosts = ds_steal_cstr(&texts.hosts),
        .servers = ds_steal_cstr(&texts.servers),
        .n_names = texts.n_names,
        .memory_max = MEMORY_BASE + (uint64_t) MEMORY_NAME * max_names,
    };
}

void
dnsmasq_texts_uninit(struct dnsmasq_texts *texts)
{
    free(texts->config);
    free(texts->hosts);
    free(texts->servers);
}

/* Nothing of /etc is read, and neither DHCP nor TFTP is switched on.  A name
 * without a dot is nobody's outside. */
static void
want_config(const struct dnsmasq_in *in, size_t max_names, struct ds *s)
{
    ovs_be32 address = addr_access_gateway(&in->fabric->settings, in->self);

    ds_put_format(s,
                  "# Written by mobulad; changes are lost.\n"
                  "# For namespace %"PRIu64", up to %"PRIuSIZE" names.\n"
                  "user=%s\n"
                  "group=%s\n"
                  "listen-address="IP_FMT"\n"
                  "bind-interfaces\n"
                  "no-hosts\n"
                  "no-resolv\n"
                  "no-poll\n"
                  "addn-hosts=%s\n"
                  "servers-file=%s\n"
                  "domain-needed\n"
                  "local-ttl=%d\n"
                  "cache-size=%d\n"
                  "dns-forward-max=%d\n"
                  "edns-packet-max=%d\n"
                  "log-async=25\n",
                  in->netns, max_names, in->user, in->group,
                  IP_ARGS(address), in->hosts_path,
                  in->servers_path, LOCAL_TTL, CACHE_SIZE, FORWARD_MAX,
                  EDNS_MAX);
    if (in->fabric->settings.ipv6 != IPV6_OFF) {
        want_ipv6(in, s);
    }
}

/* Router advertisements, and no DHCP: machines make their addresses of the
 * prefix by themselves. */
static void
want_ipv6(const struct dnsmasq_in *in, struct ds *s)
{
    const struct settings *settings = &in->fabric->settings;
    struct in6_addr address = addr_access6_gateway(settings, in->self);

    /* It advertises nothing on an interface that is not named; if one is
     * named, "lo" is meant as well. */
    ds_put_cstr(s, "interface="LINK_ACC_GW"\nexcept-interface=lo\n"
                "listen-address=");
    ipv6_format_addr(&address, s);
    ds_put_cstr(s, "\nenable-ra\nquiet-ra\ndhcp-range=");
    ipv6_format_addr(&settings->ipv6_prefix.address, s);
    ds_put_format(s, ",ra-only,%d\n"
                  "ra-param="LINK_ACC_GW",mtu:"LINK_ACC_GW",%d,%d\n",
                  ADDR_ACCESS6_LEN, RA_INTERVAL,
                  in->is_router ? RA_LIFETIME : 0);
}

static void
want_upstream(const struct settings *settings, struct ds *s)
{
    for (size_t i = 0; i < settings->n_dns_servers; i++) {
        ds_put_cstr(s, "server=");
        ipv6_format_mapped(&settings->dns_servers[i].address, s);
        ds_put_char(s, '\n');
    }
}

/* Keeps the reverse names of a prefix, a /16, at home. */
static void
want_reverse(const struct ipv4_prefix *prefix, struct ds *s)
{
    uint32_t ip = ntohl(prefix->address);

    ds_put_format(s, "server=/%"PRIu32".%"PRIu32".in-addr.arpa/\n",
                  ip >> 16 & 0xff, ip >> 24);
}

/* The same for the first /64 of an IPv6 prefix. */
static void
want_reverse6(const struct ip_prefix *prefix, struct ds *s)
{
    ds_put_cstr(s, "server=/");
    for (int i = ADDR_ACCESS6_LEN / 8 - 1; i >= 0; i--) {
        uint8_t byte = prefix->address.s6_addr[i];

        ds_put_format(s, "%x.%x.", byte & 0xf, byte >> 4);
    }
    ds_put_cstr(s, "ip6.arpa/\n");
}

static void
want_hosts(struct texts *texts)
{
    const struct fabric *fabric = texts->in->fabric;
    const struct settings *settings = &fabric->settings;

    /* What was configured comes before what is made of it. */
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        sset_add(&texts->taken, fabric->hosts[i].hostname);
    }
    for (size_t i = 0; i < fabric->n_extra_hosts; i++) {
        sset_add(&texts->taken, fabric->extra_hosts[i].hostname);
    }
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        struct in6_addr host6 = addr_access6_host(settings, host->id);
        struct in6_addr gateway6 = addr_access6_gateway(settings, host->id);

        /* The last one's would be the broadcast address. */
        if (host->id != HOST_ID_MAX) {
            add_name(texts, host->hostname,
                     addr_access_host(settings, host->id), &host6);
        }
        want_derived(texts, DNSMASQ_GATEWAY, host->hostname,
                     addr_access_gateway(settings, host->id), &gateway6);
        want_derived(texts, DNSMASQ_INTRAWIRE, host->hostname,
                     addr_intrawire(settings, host->id), NULL);
    }
}

static void
want_extra_hosts(struct texts *texts)
{
    const struct fabric *fabric = texts->in->fabric;

    for (size_t i = 0; i < fabric->n_extra_hosts; i++) {
        add_name(texts, fabric->extra_hosts[i].hostname,
                 fabric->extra_hosts[i].address, NULL);
    }
}

static void
want_derived(struct texts *texts, const char *prefix, const char *name,
             ovs_be32 address, const struct in6_addr *address6)
{
    char *derived = xasprintf("%s%s", prefix, name);

    if (sset_add(&texts->taken, derived)) {
        add_name(texts, derived, address, address6);
    }
    free(derived);
}

/* 'address6', which may be NULL, is only used if IPv6 is on. */
static void
add_name(struct texts *texts, const char *name, ovs_be32 address,
         const struct in6_addr *address6)
{
    bool has_ipv6 = texts->in->fabric->settings.ipv6 != IPV6_OFF;

    if (is_name(name)) {
        ds_put_format(&texts->hosts, IP_FMT" %s\n", IP_ARGS(address), name);
        if (has_ipv6 && address6) {
            ipv6_format_addr(address6, &texts->hosts);
            ds_put_format(&texts->hosts, " %s\n", name);
        }
        ds_put_format(&texts->servers, "server=/%s/\nserver=/*.%s/#\n",
                      name, name);
        texts->n_names++;
    }
}

static bool
is_name(const char *name)
{
    size_t len = strlen(name);

    return (len && len <= NAME_MAX_LEN
            && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len);
}
