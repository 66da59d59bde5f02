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

/* sync-resolve: keeps the addresses that names of hosts have.
 *
 * "getent ahosts NAME" asks the resolver of this host, whatever that is made
 * of (nsswitch.conf(5)), in a process of its own: a name server that does not
 * answer holds up nobody.  lib/resolve.h says when, and which address counts;
 * sync-wg.c hands it to WireGuard, which may know better (wg/wg-diff.h). */

#include <config.h>
#include "ovs-ctl/sync.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/child.h"
#include "lib/endpoint.h"
#include "lib/resolve.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"
#include "wg/wg-diff.h"

VLOG_DEFINE_THIS_MODULE(sync_resolve);

/* Names that are looked up at a time, and for how long each of them is. */
#define MAX_CHILDREN 8
#define LOOKUP_MS 5000

/* What getent(1) exits with if there is no such name. */
#define GETENT_NOT_FOUND 2

/* A peer whose endpoint is a name. */
struct sync_resolve_host {
    struct resolve resolve;
    struct child *child;        /* Looks the name up; NULL: nobody does. */
};

/* Where peers are that have names. */
struct sync_resolve {
    struct sync_resolve_host *hosts;    /* Sorted. */
    size_t n_hosts;
    size_t n_children;          /* Names that are being looked up. */
    size_t turn;                /* Who was asked last whether it is due. */
    uint64_t config_seqno;      /* Of the configuration in use, 0: none. */
    struct endpoints found;     /* What is known of 'hosts'. */
};

static bool is_due(const struct daemon *);
static void take_config(struct daemon *, long long int now);
static struct sync_resolve_host *find_host(const struct sync_resolve *,
                                           uint16_t host);
static void free_hosts(struct sync_resolve_host *, size_t n);
static void hear(const struct daemon *, struct resolve *, long long int now);
static const struct wg_peer *find_peer(const struct daemon *, uint16_t host);
static bool start(struct sync_resolve_host *, long long int now);
static bool finish(struct daemon *, struct sync_resolve_host *,
                   long long int now);
static char *explain(const struct child *);
static void log_failure(const struct daemon *, const struct resolve *);
static void publish(struct daemon *);

void
sync_resolve_init(struct daemon *d)
{
    d->resolve = xzalloc(sizeof *d->resolve);
}

void
sync_resolve_uninit(struct daemon *d)
{
    free_hosts(d->resolve->hosts, d->resolve->n_hosts);
    free(d->resolve->found.found);
    free(d->resolve);
}

void
sync_resolve_run(struct daemon *d, long long int now)
{
    struct sync_resolve *r = d->resolve;
    bool news = false;

    if (!is_due(d)) {
        return;
    }
    if (r->config_seqno != d->config_seqno) {
        take_config(d, now);
        news = true;
    }
    for (size_t i = 0; i < r->n_hosts; i++) {
        struct sync_resolve_host *host = &r->hosts[i];

        hear(d, &host->resolve, now);
        if (host->child && child_run(host->child, now)) {
            news = finish(d, host, now) || news;
            r->n_children--;
        }
    }
    /* Who comes after the last one that was looked up has its turn first. */
    for (size_t i = 0; i < r->n_hosts && r->n_children < MAX_CHILDREN; i++) {
        size_t turn = (r->turn + 1) % r->n_hosts;

        r->n_children += start(&r->hosts[turn], now);
        r->turn = turn;
    }
    if (news) {
        publish(d);
    }
}

void
sync_resolve_wait(struct daemon *d)
{
    struct sync_resolve *r = d->resolve;

    if (!is_due(d)) {
        return;
    }
    for (size_t i = 0; i < r->n_hosts; i++) {
        if (r->hosts[i].child) {
            child_wait(r->hosts[i].child);
        } else if (r->n_children < MAX_CHILDREN) {
            poll_timer_wait_until(resolve_next(&r->hosts[i].resolve));
        }
    }
}

bool
sync_resolve_is_ready(const struct daemon *d)
{
    const struct sync_resolve *r = d->resolve;

    if (!is_due(d)) {
        return true;
    }
    for (size_t i = 0; i < r->n_hosts; i++) {
        if (!r->hosts[i].resolve.answered) {
            return false;
        }
    }
    return r->config_seqno == d->config_seqno;
}

const struct endpoints *
sync_resolve_found(const struct daemon *d)
{
    return &d->resolve->found;
}

const struct resolve *
sync_resolve_find(const struct daemon *d, uint16_t host)
{
    const struct sync_resolve_host *h = find_host(d->resolve, host);

    return h ? &h->resolve : NULL;
}

struct in6_addr *
sync_resolve_remotes(const struct daemon *d, size_t *n)
{
    struct in6_addr *remotes = xcalloc(2 * d->fabric.n_hosts + 1,
                                       sizeof *remotes);

    *n = 0;
    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        const struct fabric_host *host = &d->fabric.hosts[i];
        const struct wg_peer *peer = find_peer(d, host->id);

        if (host->id == d->self) {
            continue;
        }
        *n += endpoints_find(&d->resolve->found, host, &remotes[*n]);
        if (peer && peer->has_endpoint) {
            remotes[(*n)++] = peer->endpoint;
        }
    }
    return remotes;
}

static bool
is_due(const struct daemon *d)
{
    return d->mode == MODE_RUN && d->has_fabric;
}

/* One entry for each peer that has a name, with what was known about it. */
static void
take_config(struct daemon *d, long long int now)
{
    struct sync_resolve *r = d->resolve;
    struct sync_resolve_host *hosts = xcalloc(d->fabric.n_hosts,
                                              sizeof *hosts);
    size_t n = 0;

    for (size_t i = 0; i < d->fabric.n_hosts; i++) {
        const struct fabric_host *host = &d->fabric.hosts[i];
        struct sync_resolve_host *old;

        if (host->id == d->self || !host->endpoint_name) {
            continue;
        }
        old = find_host(r, host->id);
        if (old && !strcmp(old->resolve.name, host->endpoint_name)) {
            hosts[n++] = *old;
            memset(old, 0, sizeof *old);
        } else {
            resolve_init(&hosts[n++].resolve, host->id, host->endpoint_name,
                         now);
        }
        hosts[n - 1].resolve.interval_ms
            = d->fabric.settings.resolve_interval_s * 1000;
    }
    free_hosts(r->hosts, r->n_hosts);
    r->hosts = hosts;
    r->n_hosts = n;
    r->n_children = 0;
    for (size_t i = 0; i < n; i++) {
        r->n_children += hosts[i].child != NULL;
    }
    r->turn = 0;
    r->config_seqno = d->config_seqno;
}

static struct sync_resolve_host *
find_host(const struct sync_resolve *r, uint16_t host)
{
    for (size_t i = 0; i < r->n_hosts; i++) {
        if (r->hosts[i].resolve.host == host) {
            return &r->hosts[i];
        }
    }
    return NULL;
}

static void
free_hosts(struct sync_resolve_host *hosts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        child_destroy(hosts[i].child);
        resolve_uninit(&hosts[i].resolve);
    }
    free(hosts);
}

static void
hear(const struct daemon *d, struct resolve *resolve, long long int now)
{
    const struct wg_peer *peer = find_peer(d, resolve->host);

    if (peer) {
        resolve_hear(resolve, peer->rx_bytes, now);
    }
}

/* Returns the peer that 'host' is in the device as it was last read. */
static const struct wg_peer *
find_peer(const struct daemon *d, uint16_t host)
{
    const struct fabric_host *h = fabric_find_host(&d->fabric, host);

    return h ? wg_device_find_peer(&d->wg.actual, h->public_key) : NULL;
}

/* Returns true if the name is being looked up now and was not before. */
static bool
start(struct sync_resolve_host *host, long long int now)
{
    char *argv[] = {
        CONST_CAST(char *, "getent"), CONST_CAST(char *, "ahosts"),
        host->resolve.name, NULL
    };

    if (host->child || now < resolve_next(&host->resolve)) {
        return false;
    }
    host->child = child_start(argv, "", now, now + LOOKUP_MS);
    return true;
}

/* Takes in what the child says.  Returns true if another address is in use
 * now. */
static bool
finish(struct daemon *d, struct sync_resolve_host *host, long long int now)
{
    const struct settings *settings = &d->fabric.settings;
    struct resolve *resolve = &host->resolve;
    const struct wg_peer *peer = find_peer(d, resolve->host);
    struct in6_addr *found = NULL;
    char *error = explain(host->child);
    bool news = false;
    size_t n = 0;

    if (!error) {
        n = endpoint_parse_ahosts(child_stdout(host->child), settings,
                                  &found);
    }
    if (n) {
        bool works = (peer && time(NULL) - peer->last_handshake
                              <= WG_SESSION_DEAD_S);

        news = resolve_answer(resolve, found, n, works, now);
    } else {
        resolve_fail(resolve, error ? error
                     : xstrdup("it has no address that a host can have on the "
                               "underlay"), now);
        log_failure(d, resolve);
    }
    if (news) {
        struct ds s = DS_EMPTY_INITIALIZER;

        ipv6_format_mapped(&resolve->address, &s);
        VLOG_INFO("host %"PRIu16": %s is %s", resolve->host, resolve->name,
                  ds_cstr(&s));
        ds_destroy(&s);
    }
    free(found);
    child_destroy(host->child);
    host->child = NULL;
    return news;
}

/* Returns why there is no answer, which the caller must free, or NULL. */
static char *
explain(const struct child *child)
{
    if (child_start_error(child) || child_exit_status(child) < 0) {
        return child_error(child);
    } else if (child_exit_status(child) == GETENT_NOT_FOUND) {
        return xstrdup("there is no such name, or no name server answers");
    }
    return child_error(child);
}

static void
log_failure(const struct daemon *d, const struct resolve *resolve)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    const struct fabric_host *host = fabric_find_host(&d->fabric,
                                                      resolve->host);

    VLOG_WARN_RL(&rl, "host %"PRIu16" (%s): %s cannot be resolved: %s",
                 resolve->host, host ? host->hostname : "?", resolve->name,
                 resolve->error);
}

/* Hands on what was found, to whoever goes by it. */
static void
publish(struct daemon *d)
{
    struct sync_resolve *r = d->resolve;
    struct endpoints *found = &r->found;

    free(found->found);
    found->found = xcalloc(r->n_hosts + 1, sizeof *found->found);
    found->n = 0;
    for (size_t i = 0; i < r->n_hosts; i++) {
        const struct resolve *resolve = &r->hosts[i].resolve;

        if (resolve->has_address) {
            found->found[found->n++] = (struct endpoint_found) {
                resolve->host, resolve->address
            };
        }
    }
    pace_mark_dirty(&d->wg.pace);
    pace_mark_dirty(&d->guard.pace);
    sync_mtu_look_again(d);
    poll_immediate_wake();
}
