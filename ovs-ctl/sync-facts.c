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

/* sync-facts: what this host tells the others, and what they tell.
 *
 *     set_macs(), ports,      facts-publish       facts-peers     peer()
 *     configuration ---> own ------------> database -------> facts ---> others
 *                                   facts-server keeps it
 *
 * Brings the parts together: facts-server.h runs the database server,
 * facts-publish.h writes to it, facts-peers.h read those of the peers.  This
 * file knows what is to be published and when which of them has work. */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <netinet/in.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovs-ctl/facts-peer.h"
#include "ovs-ctl/facts-peers.h"
#include "ovs-ctl/facts-publish.h"
#include "ovs-ctl/facts-server.h"
#include "packets.h"
#include "util.h"

/* How often it is looked whether the intrawire address is there, in ms. */
#define ADDRESS_MS 100

/* How often losses and round trips are told, at most, in ms. */
#define NUMBERS_MS 10000

/* How long the server may leave us without an answer, in ms. */
#define SILENT_MS 10000

/* What is new about the links. */
enum links_change {
    LINKS_SAME,                 /* Nothing to speak of. */
    LINKS_NUMBERS,              /* Loss or round trip. */
    LINKS_STATE,                /* Which there are, up or not, poor or not. */
};

static void set_number(struct sync_facts *, uint16_t *number,
                       uint16_t value);
static bool is_wanted(const struct daemon *);
static void make_plan(struct sync_facts *, bool wanted, bool there);
static void follow_server(struct sync_facts *, bool wanted);
static void publish(struct daemon *, long long int now);
static void watch_server(struct sync_facts *, long long int now);
static void follow_config(struct daemon *, long long int now);
static char *config_digest(const struct fabric *);
static void follow_address(struct daemon *);
static bool has_address(ovs_be32);
static bool has_links(const struct daemon *);
static void take_links(struct daemon *, long long int now);
static enum links_change compare_links(const struct sync_facts *);
static void follow_ways(struct daemon *, long long int now);
static bool way_equal(const struct sync_facts_way *,
                      const struct sync_facts_way *);

void
sync_facts_init(struct daemon *d)
{
    struct sync_facts *facts = &d->facts;

    facts->server = facts_server_create(OPTIONS_RUN_DIR);
    facts->publish = facts_publish_create();
    facts->peers = facts_peers_create();
    facts_init(&facts->own);
    facts->own.version = xstrdup(MOBULA_VERSION);
    plan_init(&facts->plan);
}

/* The server goes on. */
void
sync_facts_uninit(struct daemon *d)
{
    struct sync_facts *facts = &d->facts;

    facts_peers_destroy(facts->peers);
    facts_publish_destroy(facts->publish);
    facts_server_destroy(facts->server);
    facts_uninit(&facts->own);
    plan_uninit(&facts->plan);
    free(facts->links);
    free(facts->listen);
    free(facts->ways);
}

void
sync_facts_run(struct daemon *d, long long int now)
{
    bool wanted = d->mode == MODE_RUN;
    struct sync_facts *facts = &d->facts;
    uint64_t before = facts_peers_seqno(facts->peers);

    if (!is_wanted(d)) {
        return;
    } else if (d->options.dry_run) {
        make_plan(facts, wanted, facts_server_find(facts->server, now));
        return;
    }
    if (wanted) {
        follow_config(d, now);
    }
    facts_server_run(facts->server, wanted, now);
    follow_server(facts, wanted);
    make_plan(facts, wanted, (wanted ? facts->up
                              : !facts_server_is_gone(facts->server)));
    if (wanted) {
        follow_address(d);
        take_links(d, now);
        publish(d, now);
        watch_server(facts, now);
        follow_ways(d, now);
        facts_peers_run(facts->peers, now);
    } else {
        facts_peers_configure(facts->peers, NULL, 0, now);
    }
    if (facts_peers_seqno(facts->peers) != before) {
        poll_immediate_wake();
    }
}

void
sync_facts_wait(struct daemon *d, long long int now)
{
    bool wanted = d->mode == MODE_RUN;
    struct sync_facts *facts = &d->facts;

    if (!is_wanted(d) || d->options.dry_run) {
        return;
    }
    facts_server_wait(facts->server, wanted, now);
    if (wanted) {
        facts_publish_wait(facts->publish);
        facts_peers_wait(facts->peers, now);
        if (has_links(d) && compare_links(facts) == LINKS_NUMBERS) {
            poll_timer_wait_until(facts->links_ms);
        }
        if (facts->silent_ms) {
            poll_timer_wait_until(facts->silent_ms + SILENT_MS);
        }
        if (!facts->listen) {
            poll_timer_wait(ADDRESS_MS);
        }
    }
}

bool
sync_facts_is_ready(const struct daemon *d)
{
    const struct sync_facts *facts = &d->facts;

    return (d->options.dry_run ? true
            : d->mode != MODE_RUN ? facts_server_is_gone(facts->server)
            : (facts->listen && facts->up
               && facts_publish_is_done(facts->publish)));
}

const char *
sync_facts_error(const struct daemon *d)
{
    const char *error = facts_server_error(d->facts.server);

    return error ? error : facts_publish_error(d->facts.publish);
}

void
sync_facts_set_macs(struct daemon *d, const struct facts_mac *macs, size_t n)
{
    struct sync_facts *facts = &d->facts;
    struct facts *own = &facts->own;

    free(own->macs);
    own->macs = n ? xmemdup(macs, n * sizeof *macs) : NULL;
    own->n_macs = n;
    facts_normalize(own);
    facts->has_macs = true;
    facts->version++;
    poll_immediate_wake();
}

void
sync_facts_set_links(struct daemon *d, const struct facts_link *links,
                     size_t n)
{
    struct sync_facts *facts = &d->facts;
    struct facts own = {
        .links = n ? xmemdup(links, n * sizeof *links) : NULL,
        .n_links = n,
    };

    facts_normalize(&own);
    free(facts->links);
    facts->links = own.links;
    facts->n_links = own.n_links;
    if (facts->links_seqno != d->config_seqno) {
        facts->links_seqno = d->config_seqno;
        facts->version++;
    }
    poll_immediate_wake();
}

void
sync_facts_set_drained(struct daemon *d, bool drained)
{
    struct sync_facts *facts = &d->facts;

    if (!facts->has_drained || facts->own.drained != drained) {
        facts->own.drained = drained;
        facts->has_drained = true;
        facts->version++;
        poll_immediate_wake();
    }
}

void
sync_facts_set_underlay_mtu(struct daemon *d, uint16_t mtu)
{
    set_number(&d->facts, &d->facts.own.underlay_mtu, mtu);
}

void
sync_facts_set_path_mtu(struct daemon *d, uint16_t mtu)
{
    set_number(&d->facts, &d->facts.own.path_mtu, mtu);
}

const struct facts *
sync_facts_restored(const struct daemon *d)
{
    return facts_publish_restored(d->facts.publish);
}

bool
sync_facts_own_ready(const struct daemon *d)
{
    return facts_publish_has_read(d->facts.publish);
}

const struct facts *
sync_facts_peer(const struct daemon *d, uint16_t id, bool *connected)
{
    const struct facts_peer *peer = facts_peers_find(d->facts.peers, id);

    *connected = peer && peer->connected;
    return peer && peer->has_facts ? &peer->facts : NULL;
}

uint64_t
sync_facts_peer_seqno(const struct daemon *d, uint16_t id)
{
    const struct facts_peer *peer = facts_peers_find(d->facts.peers, id);

    return peer ? peer->n_changes : 0;
}

uint64_t
sync_facts_seqno(const struct daemon *d)
{
    return facts_peers_seqno(d->facts.peers);
}

static void
set_number(struct sync_facts *facts, uint16_t *number, uint16_t value)
{
    if (*number != value) {
        *number = value;
        facts->version++;
        poll_immediate_wake();
    }
}

/* Before there is a configuration, what an earlier run left stays. */
static bool
is_wanted(const struct daemon *d)
{
    return d->has_fabric || d->mode != MODE_RUN;
}

/* Says what is to be done about the server, which is there or not. */
static void
make_plan(struct sync_facts *facts, bool wanted, bool there)
{
    enum plan_verdict verdict = (!wanted ? PLAN_REMOVE
                                 : there ? PLAN_KEEP : PLAN_ADD);

    if (wanted || there) {
        if (!facts->plan.n || facts->plan.items[0].verdict != verdict) {
            plan_uninit(&facts->plan);
            plan_add(&facts->plan, verdict,
                     xstrdup("ovsdb-server of the database Mobula"), NULL);
        }
    } else if (facts->plan.n) {
        plan_uninit(&facts->plan);
    }
    facts->has_plan = true;
}

static void
follow_server(struct sync_facts *facts, bool wanted)
{
    bool up = wanted && facts_server_is_up(facts->server);

    if (up != facts->up) {
        facts->up = up;
        facts_publish_set_remote(facts->publish, up
                                 ? facts_server_remote(facts->server) : NULL);
    }
}

static void
publish(struct daemon *d, long long int now)
{
    struct sync_facts *facts = &d->facts;
    struct facts_publish_in in = {
        .facts = &facts->own,
        .has_macs = facts->has_macs,
        .has_links = has_links(d),
        .has_drained = facts->has_drained,
        .listen = facts->listen,
        .version = facts->version,
    };

    facts_publish_run(facts->publish, &in, now);
}

/* A server that takes connections but does not answer is of no use. */
static void
watch_server(struct sync_facts *facts, long long int now)
{
    if (!facts->up || facts_publish_is_connected(facts->publish)) {
        facts->silent_ms = 0;
    } else if (!facts->silent_ms) {
        facts->silent_ms = now;
    } else if (now >= facts->silent_ms + SILENT_MS) {
        facts->silent_ms = 0;
        facts_server_restart(facts->server, now);
    }
}

static void
follow_config(struct daemon *d, long long int now)
{
    struct sync_facts *facts = &d->facts;

    if (facts->config_seqno != d->config_seqno) {
        facts->config_seqno = d->config_seqno;
        facts_peers_configure(facts->peers, &d->fabric, d->self, now);
        facts_server_set_size(facts->server, d->fabric.settings.mac_limit);
        facts->own.host_id = d->self;
        free(facts->own.config_digest);
        facts->own.config_digest = config_digest(&d->fabric);
        free(facts->listen);
        facts->listen = NULL;
        facts->version++;
    }
}

/* Returns a short text that is the same on all hosts whose configuration is,
 * whichever private keys they have; the caller must free it. */
static char *
config_digest(const struct fabric *fabric)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    char hex[2 * sizeof hash + 1];
    struct ds s = DS_EMPTY_INITIALIZER;

    fabric_format_public(fabric, &s);
    crypto_generichash(hash, sizeof hash, (unsigned char *) ds_cstr(&s),
                       s.length, NULL, 0);
    ds_destroy(&s);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return xstrdup(hex);
}

/* A server can only listen at an address that is there. */
static void
follow_address(struct daemon *d)
{
    ovs_be32 address = addr_intrawire(&d->fabric.settings, d->self);

    if (!d->facts.listen && has_address(address)) {
        d->facts.listen = xasprintf("ptcp:%"PRIu16":"IP_FMT,
                                    d->fabric.settings.facts_port,
                                    IP_ARGS(address));
        d->facts.version++;
    }
}

static bool
has_address(ovs_be32 address)
{
    struct sockaddr_in sin = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = address,
    };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && !bind(fd, (struct sockaddr *) &sin, sizeof sin);

    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static bool
has_links(const struct daemon *d)
{
    return d->facts.links_seqno && d->facts.links_seqno == d->config_seqno;
}

/* Tells about the links if that is worth it. */
static void
take_links(struct daemon *d, long long int now)
{
    struct sync_facts *facts = &d->facts;
    struct facts *own = &facts->own;
    enum links_change change = compare_links(facts);

    if (!has_links(d) || change == LINKS_SAME
        || (change == LINKS_NUMBERS && now < facts->links_ms)) {
        return;
    }
    free(own->links);
    own->links = (facts->n_links
                  ? xmemdup(facts->links, facts->n_links * sizeof *own->links)
                  : NULL);
    own->n_links = facts->n_links;
    facts->links_ms = now + NUMBERS_MS;
    facts->version++;
}

/* Returns what is different from what was told. */
static enum links_change
compare_links(const struct sync_facts *facts)
{
    const struct facts *own = &facts->own;
    enum links_change change = LINKS_SAME;

    if (facts->n_links != own->n_links) {
        return LINKS_STATE;
    }
    for (size_t i = 0; i < own->n_links; i++) {
        if (!facts_link_same_state(&facts->links[i], &own->links[i])) {
            return LINKS_STATE;
        } else if (!facts_link_same_numbers(&facts->links[i],
                                            &own->links[i])) {
            change = LINKS_NUMBERS;
        }
    }
    return change;
}

/* Tells the sessions to which peers there is another way now. */
static void
follow_ways(struct daemon *d, long long int now)
{
    struct sync_facts *facts = &d->facts;
    struct sync_facts_way *ways;

    /* There is nothing to try before the routes are those of the new ways. */
    if (facts->paths_seqno == sync_paths_seqno(d)
        || d->net.paths_seqno != sync_paths_seqno(d)) {
        return;
    }
    ways = xcalloc(d->paths.n_paths + 1, sizeof *ways);
    for (size_t i = 0, j = 0; i < d->paths.n_paths; i++) {
        const struct sync_path *path = &d->paths.paths[i];

        ways[i] = (struct sync_facts_way) {
            .peer = path->peer,
            .up = path->liveness.state != LIVENESS_DOWN,
            .detours = path->detours,
            .n_links = path->detours ? path->ways.n_links : 0,
            .relay = path->detours ? path->ways.relays[0] : 0,
        };
        while (j < facts->n_ways && facts->ways[j].peer < path->peer) {
            j++;
        }
        if (!(j < facts->n_ways && way_equal(&facts->ways[j], &ways[i]))) {
            facts_peers_way_changed(facts->peers, path->peer, now);
        }
        facts_peers_set_reached(facts->peers, path->peer, path->ways.n_links,
                                now);
    }
    free(facts->ways);
    facts->ways = ways;
    facts->n_ways = d->paths.n_paths;
    facts->paths_seqno = sync_paths_seqno(d);
}

static bool
way_equal(const struct sync_facts_way *a, const struct sync_facts_way *b)
{
    return a->peer == b->peer && a->up == b->up && a->detours == b->detours
           && a->n_links == b->n_links && a->relay == b->relay;
}
