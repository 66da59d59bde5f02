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

/* cmds-facts: what hosts tell each other -> JSON.  See cmds-facts.h. */

#include <config.h>
#include "ovs-ctl/cmds-facts.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "lib/facts.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/facts-peer.h"
#include "ovs-ctl/facts-peers.h"
#include "ovs-ctl/mobulad.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

static const struct fabric_host *find_host(const struct daemon *,
                                           const char *name);
static const char *state_to_string(enum facts_peer_state);
static void put_facts(struct json *, const struct facts *);
static struct json *links_json(const struct facts *);
static struct json *macs_json(const struct facts *);
static void put_text(struct json *, const char *name, const char *value);

char *
cmds_facts_json(const struct daemon *d, const char *name, struct json **ret)
{
    const struct fabric_host *host;
    struct json *json;

    if (!d->has_fabric) {
        return xstrdup("nothing is configured");
    }
    host = (name ? find_host(d, name)
            : fabric_find_host(&d->fabric, d->self));
    if (!host) {
        return xasprintf("'%s' is no host of the configuration (give its id "
                         "or hostname)", name);
    }
    json = json_object_create();
    json_object_put(json, "host", json_integer_create(host->id));
    json_object_put_string(json, "hostname", host->hostname);
    if (host->id == d->self) {
        json_object_put_string(json, "state", "own");
        put_facts(json, &d->facts.own);
    } else {
        const struct facts_peer *peer = facts_peers_find(d->facts.peers,
                                                         host->id);

        json_object_put_string(json, "state", state_to_string(
            peer ? facts_peer_state(peer) : FACTS_PEER_NEVER));
        if (peer && peer->has_facts) {
            put_facts(json, &peer->facts);
        }
    }
    *ret = json;
    return NULL;
}

void
cmds_facts_put_peer(const struct daemon *d, uint16_t id, struct json *json)
{
    const struct facts_peer *peer = facts_peers_find(d->facts.peers, id);
    struct json *facts;

    if (!peer) {
        return;
    }
    facts = json_object_create();
    json_object_put_string(facts, "state",
                           state_to_string(facts_peer_state(peer)));
    json_object_put(facts, "for", json_integer_create(
        MAX(0, time_msec() - peer->changed_ms) / 1000));
    put_text(facts, "error", peer->connected ? NULL : peer->error);
    put_text(facts, "ignored", peer->ignored);
    json_object_put(facts, "macs",
                    json_integer_create(peer->facts.n_macs));
    json_object_put(json, "facts", facts);
}

void
cmds_facts_add_notes(const struct daemon *d, struct json *array)
{
    long long int now = time_msec();

    for (size_t i = 0; d->has_fabric && i < d->fabric.n_hosts; i++) {
        const struct fabric_host *host = &d->fabric.hosts[i];
        const struct facts_peer *peer = facts_peers_find(d->facts.peers,
                                                         host->id);

        if (peer && (!peer->connected || peer->ignored)) {
            struct ds s = DS_EMPTY_INITIALIZER;

            ds_put_format(&s, "facts of host %"PRIu16" (%s): ", host->id,
                          host->hostname);
            facts_peer_format(peer, now, &s);
            json_array_add(array, json_string_create_nocopy(
                ds_steal_cstr(&s)));
        }
    }
}

static const struct fabric_host *
find_host(const struct daemon *d, const char *name)
{
    unsigned int id;

    return (str_to_uint(name, 10, &id)
            ? (id <= UINT16_MAX ? fabric_find_host(&d->fabric, id) : NULL)
            : fabric_find_hostname(&d->fabric, name));
}

static const char *
state_to_string(enum facts_peer_state state)
{
    switch (state) {
    case FACTS_PEER_NEVER: return "never heard";
    case FACTS_PEER_CONNECTED: return "heard";
    case FACTS_PEER_STALE: return "stale";
    case FACTS_PEER_REFUSED: return "not believed";
    default: OVS_NOT_REACHED();
    }
}

static void
put_facts(struct json *json, const struct facts *facts)
{
    put_text(json, "boot", facts->boot);
    put_text(json, "version", facts->version);
    put_text(json, "config_digest", facts->config_digest);
    if (facts->underlay_mtu) {
        json_object_put(json, "underlay_mtu",
                        json_integer_create(facts->underlay_mtu));
    }
    if (facts->path_mtu) {
        json_object_put(json, "path_mtu",
                        json_integer_create(facts->path_mtu));
    }
    json_object_put(json, "drained", json_boolean_create(facts->drained));
    json_object_put(json, "links", links_json(facts));
    json_object_put(json, "macs", macs_json(facts));
}

static struct json *
links_json(const struct facts *facts)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < facts->n_links; i++) {
        const struct facts_link *link = &facts->links[i];
        struct json *json = json_object_create();

        json_object_put(json, "peer", json_integer_create(link->peer));
        json_object_put(json, "up", json_boolean_create(link->up));
        json_object_put(json, "poor", json_boolean_create(link->poor));
        json_object_put(json, "loss", json_integer_create(link->loss));
        if (link->rtt_us) {
            json_object_put(json, "rtt_us", json_integer_create(link->rtt_us));
        }
        json_array_add(array, json);
    }
    return array;
}

static struct json *
macs_json(const struct facts *facts)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < facts->n_macs; i++) {
        const struct facts_mac *mac = &facts->macs[i];
        struct json *ips = json_array_create_empty();
        struct json *json = json_object_create();

        for (size_t j = 0; j < mac->n_ips; j++) {
            char text[INET6_ADDRSTRLEN];

            json_array_add(ips, json_string_create(
                ipv6_string_mapped(text, &mac->ips[j])));
        }
        json_object_put(json, "vlan", json_integer_create(mac->vlan));
        json_object_put_format(json, "mac", ETH_ADDR_FMT,
                               ETH_ADDR_ARGS(mac->mac));
        json_object_put(json, "sequence", json_integer_create(mac->seqno));
        json_object_put(json, "ips", ips);
        json_array_add(array, json);
    }
    return array;
}

static void
put_text(struct json *json, const char *name, const char *value)
{
    if (value) {
        json_object_put_string(json, name, value);
    }
}
