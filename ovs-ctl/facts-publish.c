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

/* facts-publish: writes what this host has to say into its database Mobula.
 * See facts-publish.h. */

#include <config.h>
#include "ovs-ctl/facts-publish.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "lib/facts.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/mobula-idl.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(facts_publish);

/* Peers that say nothing for this long are asked, and then dropped, in ms;
 * the same for our own connection. */
#define PROBE_MS 5000

/* How long a socket may stay unbound before that is worth a sentence, in
 * ms.  (ovsdb-server says how it stands every 2.5 s.) */
#define LISTEN_MS 10000

/* Until a transaction that failed is tried again, in ms. */
#define RETRY_MS 1000

struct facts_publish {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;  /* Under way, or NULL. */
    struct facts restored;      /* What was there first... */
    bool has_restored;          /* ...if it was of this host. */
    bool has_read;
    unsigned int seqno;         /* Of 'idl', when last compared... */
    uint64_t version;           /* ...and of what it was compared with. */
    bool fresh;                 /* 'idl' has the rows of this connection. */
    bool done;
    char *error;                /* Of the last transaction, or NULL. */
    long long int retry_ms;     /* No transaction before. */
    long long int unbound_ms;   /* Since when the server does not listen for
                                 * peers, 0 = it does, or nobody asked... */
    bool unbound;               /* ...and whether that is too long. */
};

static bool is_connected(const struct facts_publish *);
static void read_back(struct facts_publish *, uint16_t self);
static struct facts_link read_link(const struct mobularec_link *);
static void read_mac(const struct mobularec_mac *, struct facts_mac *);
static bool parse_ip(const char *, struct in6_addr *);
static void compare(struct facts_publish *, const struct facts_publish_in *,
                    long long int now);
static bool remove_foreign(struct facts_publish *, uint16_t self);
static bool sync_host(struct facts_publish *,
                      const struct facts_publish_in *);
static bool sync_connection(struct facts_publish *,
                            const struct mobularec_host *,
                            const char *listen);
static bool sync_links(struct facts_publish *, const struct facts *);
static void write_link(const struct mobularec_link *,
                       const struct facts_link *);
static bool sync_macs(struct facts_publish *, const struct facts *);
static void add_mac(struct facts_publish *, const struct facts_mac *);
static void write_mac(const struct mobularec_mac *, const struct facts_mac *);
static int compare_links(const void *, const void *);
static int compare_macs(const void *, const void *);
static void commit(struct facts_publish *, long long int now);
static void watch_listening(struct facts_publish *, long long int now);

struct facts_publish *
facts_publish_create(void)
{
    struct facts_publish *publish = xzalloc(sizeof *publish);

    facts_init(&publish->restored);
    publish->idl = ovsdb_idl_create_unconnected(&mobularec_idl_class, true);
    /* Counts seconds: nothing to wake up for. */
    ovsdb_idl_omit_alert(publish->idl, &mobularec_connection_col_status);
    return publish;
}

void
facts_publish_destroy(struct facts_publish *publish)
{
    if (publish) {
        if (publish->txn) {
            ovsdb_idl_txn_destroy(publish->txn);
        }
        ovsdb_idl_destroy(publish->idl);
        facts_uninit(&publish->restored);
        free(publish->error);
        free(publish);
    }
}

void
facts_publish_set_remote(struct facts_publish *publish, const char *remote)
{
    ovsdb_idl_set_remote(publish->idl, remote, true);
    /* Of this connection; for a unix socket there are none by default. */
    ovsdb_idl_set_probe_interval(publish->idl, PROBE_MS);
    publish->seqno = ovsdb_idl_get_seqno(publish->idl);
    publish->fresh = publish->done = false;
}

void
facts_publish_run(struct facts_publish *publish,
                  const struct facts_publish_in *in, long long int now)
{
    unsigned int seqno;

    ovsdb_idl_run(publish->idl);
    if (publish->txn) {
        commit(publish, now);
    }
    seqno = ovsdb_idl_get_seqno(publish->idl);
    publish->fresh = (is_connected(publish)
                      && (publish->fresh || seqno != publish->seqno));
    if (!publish->fresh) {
        publish->done = false;
    } else if (!publish->txn && now >= publish->retry_ms
               && (!publish->done || seqno != publish->seqno
                   || in->version != publish->version)) {
        if (!publish->has_read) {
            read_back(publish, in->facts->host_id);
        }
        publish->version = in->version;
        compare(publish, in, now);
    }
    publish->seqno = seqno;
    watch_listening(publish, now);
}

void
facts_publish_wait(struct facts_publish *publish)
{
    ovsdb_idl_wait(publish->idl);
    if (publish->txn) {
        ovsdb_idl_txn_wait(publish->txn);
    } else if (publish->error) {
        poll_timer_wait_until(publish->retry_ms);
    }
    if (publish->unbound_ms && !publish->unbound) {
        poll_timer_wait_until(publish->unbound_ms + LISTEN_MS);
    }
}

bool
facts_publish_is_connected(const struct facts_publish *publish)
{
    return publish->fresh;
}

bool
facts_publish_is_done(const struct facts_publish *publish)
{
    return publish->done;
}

bool
facts_publish_has_read(const struct facts_publish *publish)
{
    return publish->has_read;
}

const struct facts *
facts_publish_restored(const struct facts_publish *publish)
{
    return publish->has_restored ? &publish->restored : NULL;
}

const char *
facts_publish_error(const struct facts_publish *publish)
{
    return (publish->error ? publish->error
            : publish->unbound ? "ovsdb-server does not (yet) serve peers"
            : NULL);
}

static bool
is_connected(const struct facts_publish *publish)
{
    return ovsdb_idl_is_connected(publish->idl)
           && ovsdb_idl_has_ever_connected(publish->idl);
}

/* Keeps what an earlier mobulad of host 'self' published. */
static void
read_back(struct facts_publish *publish, uint16_t self)
{
    const struct mobularec_host *host = mobularec_host_first(publish->idl);
    struct facts *facts = &publish->restored;
    const struct mobularec_link *link;
    const struct mobularec_mac *mac;

    publish->has_read = true;
    if (!host || host->host_id != self) {
        return;
    }
    publish->has_restored = true;
    facts->host_id = host->host_id;
    facts->boot = xstrdup(host->boot);
    facts->version = xstrdup(host->version);
    facts->config_digest = xstrdup(host->config_digest);
    facts->underlay_mtu = host->underlay_mtu;
    facts->path_mtu = host->path_mtu;
    facts->drained = host->drained;
    MOBULAREC_MAC_FOR_EACH (mac, publish->idl) {
        facts->macs = xrealloc(facts->macs, ((facts->n_macs + 1)
                                             * sizeof *facts->macs));
        read_mac(mac, &facts->macs[facts->n_macs++]);
    }
    MOBULAREC_LINK_FOR_EACH (link, publish->idl) {
        facts->links = xrealloc(facts->links, ((facts->n_links + 1)
                                               * sizeof *facts->links));
        facts->links[facts->n_links++] = read_link(link);
    }
    facts_normalize(facts);
}

/* Only we write to the database, and the schema sees to the ranges. */
static struct facts_link
read_link(const struct mobularec_link *row)
{
    return (struct facts_link) {
        .peer = row->peer,
        .up = row->up,
        .poor = row->poor,
        .loss = row->loss,
        .rtt_us = row->rtt,
    };
}

static void
read_mac(const struct mobularec_mac *row, struct facts_mac *mac)
{
    memset(mac, 0, sizeof *mac);
    mac->vlan = row->vlan;
    ignore(eth_addr_from_string(row->mac, &mac->mac));
    mac->seqno = row->sequence;
    for (size_t i = 0; i < row->n_ips && mac->n_ips < FACTS_MAX_IPS; i++) {
        mac->n_ips += parse_ip(row->ips[i], &mac->ips[mac->n_ips]);
    }
}

static bool
parse_ip(const char *text, struct in6_addr *ip)
{
    ovs_be32 ip4;

    if (ip_parse(text, &ip4)) {
        in6_addr_set_mapped_ipv4(ip, ip4);
        return true;
    }
    return ipv6_parse(text, ip);
}

/* Compares, and sends what differs. */
static void
compare(struct facts_publish *publish, const struct facts_publish_in *in,
        long long int now)
{
    bool changed = false;

    publish->txn = ovsdb_idl_txn_create(publish->idl);
    if (remove_foreign(publish, in->facts->host_id)) {
        changed = true;
    } else {
        changed |= sync_host(publish, in);
        if (in->has_links) {
            changed |= sync_links(publish, in->facts);
        }
        if (in->has_macs) {
            changed |= sync_macs(publish, in->facts);
        }
    }
    publish->done = !changed;
    if (changed) {
        /* The IDL may not run while a transaction is being made. */
        commit(publish, now);
    } else {
        ovsdb_idl_txn_destroy(publish->txn);
        publish->txn = NULL;
        free(publish->error);
        publish->error = NULL;
    }
}

/* The facts of another host are none of ours.  Returns true if there are
 * such; what is ours comes with the next transaction. */
static bool
remove_foreign(struct facts_publish *publish, uint16_t self)
{
    const struct mobularec_host *host = mobularec_host_first(publish->idl);
    const struct mobularec_link *link;
    const struct mobularec_mac *mac;

    if (!host || host->host_id == self) {
        return false;
    }
    MOBULAREC_LINK_FOR_EACH_SAFE (link, publish->idl) {
        mobularec_link_delete(link);
    }
    MOBULAREC_MAC_FOR_EACH_SAFE (mac, publish->idl) {
        mobularec_mac_delete(mac);
    }
    mobularec_host_delete(host);
    return true;
}

/* Returns the new row of a host whose facts begin now. */
static const struct mobularec_host *
insert_host(struct facts_publish *publish, uint16_t id)
{
    const struct mobularec_host *host = mobularec_host_insert(publish->txn);
    struct uuid uuid;
    char *boot;

    uuid_generate(&uuid);
    boot = xasprintf(UUID_FMT, UUID_ARGS(&uuid));
    mobularec_host_set_host_id(host, id);
    mobularec_host_set_boot(host, boot);
    free(boot);
    return host;
}

static bool
sync_host(struct facts_publish *publish, const struct facts_publish_in *in)
{
    const struct mobularec_host *host = mobularec_host_first(publish->idl);
    const struct facts *facts = in->facts;
    const char *digest = facts->config_digest ? facts->config_digest : "";
    const char *version = facts->version ? facts->version : "";
    bool changed = !host;

    if (!host) {
        host = insert_host(publish, facts->host_id);
    }
    if (changed || strcmp(host->version, version)) {
        mobularec_host_set_version(host, version);
        changed = true;
    }
    if (changed || strcmp(host->config_digest, digest)) {
        mobularec_host_set_config_digest(host, digest);
        changed = true;
    }
    if (changed || host->underlay_mtu != facts->underlay_mtu) {
        mobularec_host_set_underlay_mtu(host, facts->underlay_mtu);
        changed = true;
    }
    if (changed || host->path_mtu != facts->path_mtu) {
        mobularec_host_set_path_mtu(host, facts->path_mtu);
        changed = true;
    }
    if (in->has_drained && host->drained != facts->drained) {
        mobularec_host_set_drained(host, facts->drained);
        changed = true;
    }
    return sync_connection(publish, host, in->listen) || changed;
}

/* A row that is not referred to goes by itself. */
static bool
sync_connection(struct facts_publish *publish,
                const struct mobularec_host *host, const char *listen)
{
    struct mobularec_connection *row;
    int64_t probe_ms = PROBE_MS;

    if (!listen
        || (host->n_connections == 1
            && !strcmp(host->connections[0]->target, listen)
            && host->connections[0]->read_only
            && host->connections[0]->n_inactivity_probe
            && host->connections[0]->inactivity_probe[0] == PROBE_MS)) {
        return false;
    }
    row = mobularec_connection_insert(publish->txn);
    mobularec_connection_set_target(row, listen);
    mobularec_connection_set_read_only(row, true);
    mobularec_connection_set_inactivity_probe(row, &probe_ms, 1);
    mobularec_host_set_connections(host, &row, 1);
    return true;
}

static bool
sync_links(struct facts_publish *publish, const struct facts *facts)
{
    const struct mobularec_link *row;
    const struct facts_link *link;
    bool changed = false;
    unsigned long *found = bitmap_allocate(facts->n_links + 1);

    MOBULAREC_LINK_FOR_EACH_SAFE (row, publish->idl) {
        struct facts_link actual = read_link(row);

        link = (facts->n_links
                ? bsearch(&actual, facts->links, facts->n_links, sizeof actual,
                          compare_links)
                : NULL);
        if (!link) {
            mobularec_link_delete(row);
            changed = true;
            continue;
        }
        bitmap_set1(found, link - facts->links);
        if (!facts_link_equal(link, &actual)) {
            write_link(row, link);
            changed = true;
        }
    }
    for (size_t i = 0; i < facts->n_links; i++) {
        if (!bitmap_is_set(found, i)) {
            row = mobularec_link_insert(publish->txn);
            mobularec_link_set_peer(row, facts->links[i].peer);
            write_link(row, &facts->links[i]);
            changed = true;
        }
    }
    bitmap_free(found);
    return changed;
}

static bool
sync_macs(struct facts_publish *publish, const struct facts *facts)
{
    unsigned long *found = bitmap_allocate(facts->n_macs + 1);
    const struct mobularec_mac *row;
    bool changed = false;

    MOBULAREC_MAC_FOR_EACH_SAFE (row, publish->idl) {
        const struct facts_mac *mac;
        struct facts_mac actual;

        read_mac(row, &actual);
        mac = (facts->n_macs
               ? bsearch(&actual, facts->macs, facts->n_macs, sizeof actual,
                         compare_macs)
               : NULL);
        if (!mac) {
            mobularec_mac_delete(row);
            changed = true;
            continue;
        }
        bitmap_set1(found, mac - facts->macs);
        if (!facts_mac_equal(mac, &actual)) {
            write_mac(row, mac);
            changed = true;
        }
    }
    for (size_t i = 0; i < facts->n_macs; i++) {
        if (!bitmap_is_set(found, i)) {
            add_mac(publish, &facts->macs[i]);
            changed = true;
        }
    }
    bitmap_free(found);
    return changed;
}

static void
add_mac(struct facts_publish *publish, const struct facts_mac *mac)
{
    const struct mobularec_mac *row = mobularec_mac_insert(publish->txn);
    char text[ETH_ADDR_STRLEN + 1];

    snprintf(text, sizeof text, ETH_ADDR_FMT, ETH_ADDR_ARGS(mac->mac));
    mobularec_mac_set_vlan(row, mac->vlan);
    mobularec_mac_set_mac(row, text);
    write_mac(row, mac);
}

/* What may change in a row. */
static void
write_link(const struct mobularec_link *row, const struct facts_link *link)
{
    mobularec_link_set_up(row, link->up);
    mobularec_link_set_poor(row, link->poor);
    mobularec_link_set_loss(row, link->loss);
    mobularec_link_set_rtt(row, link->rtt_us);
}

static int
compare_links(const void *a_, const void *b_)
{
    const struct facts_link *a = a_;
    const struct facts_link *b = b_;

    return a->peer < b->peer ? -1 : a->peer > b->peer;
}

static int
compare_macs(const void *a, const void *b)
{
    return facts_mac_compare(a, b);
}

/* What may change in a row. */
static void
write_mac(const struct mobularec_mac *row, const struct facts_mac *mac)
{
    char text[FACTS_MAX_IPS][INET6_ADDRSTRLEN];
    const char *ips[FACTS_MAX_IPS];

    for (size_t i = 0; i < mac->n_ips; i++) {
        ips[i] = ipv6_string_mapped(text[i], &mac->ips[i]);
    }
    mobularec_mac_set_sequence(row, mac->seqno);
    mobularec_mac_set_ips(row, ips, mac->n_ips);
}

/* Sends the transaction, or if that is done sees what became of it. */
static void
commit(struct facts_publish *publish, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(publish->txn);

    if (status == TXN_INCOMPLETE) {
        return;
    }
    free(publish->error);
    publish->error = NULL;
    if (status == TXN_ERROR || status == TXN_NOT_LOCKED) {
        publish->error = xasprintf("own facts cannot be published: %s",
                                   ovsdb_idl_txn_get_error(publish->txn));
        publish->retry_ms = now + RETRY_MS;
        VLOG_WARN_RL(&rl, "%s", publish->error);
    }
    /* With TXN_UNCHANGED, what differed is being brought in line by somebody
     * else; with TXN_TRY_AGAIN the next comparison starts from what is. */
    ovsdb_idl_txn_destroy(publish->txn);
    publish->txn = NULL;
    poll_immediate_wake();
}

/* Sees whether the server does what the database tells it to. */
static void
watch_listening(struct facts_publish *publish, long long int now)
{
    const struct mobularec_host *host = mobularec_host_first(publish->idl);
    bool asked = publish->fresh && host && host->n_connections;

    if (!asked || smap_get(&host->connections[0]->status, "bound_port")) {
        publish->unbound_ms = 0;
    } else if (!publish->unbound_ms) {
        publish->unbound_ms = now;
    }
    publish->unbound = (publish->unbound_ms
                        && now >= publish->unbound_ms + LISTEN_MS);
}
