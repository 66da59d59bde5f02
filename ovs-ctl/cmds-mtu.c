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

/* cmds-mtu: what "status" says about the size of packets.
 * See cmds-mtu.h. */

#include <config.h>
#include "ovs-ctl/cmds-mtu.h"

#include "lib/addr.h"
#include "openvswitch/json.h"
#include "ovs-ctl/sync.h"
#include "util.h"

static const char *verdict_to_string(enum mtu_verdict);
static void add_path(const struct daemon *, const struct sync_mtu_path *,
                     struct json *array);
static void add_peer_facts(const struct daemon *, uint16_t peer,
                           struct json *notes);
static void add_sentence(struct json *array, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);

void
cmds_mtu_put_host(const struct daemon *d, struct json *host)
{
    const struct mtu_network *network = &d->mtu.network;
    const struct {
        const char *name;
        uint16_t value;
    } members[] = {
        { "access_mtu", mtu_access(network->paths.now) },
        { "intrawire_mtu", mtu_wireguard(network->paths.now) },
        { "wireguard_mtu", mtu_wireguard(network->links.now) },
        { "underlay_mtu", network->paths.now },
        { "links_mtu", network->links.now },
        { "own_links_mtu", d->mtu.own.links },
        { "next_underlay_mtu", network->paths.next },
    };

    for (size_t i = 0; network->links.now && i < ARRAY_SIZE(members); i++) {
        if (members[i].value) {
            json_object_put(host, members[i].name,
                            json_integer_create(members[i].value));
        }
    }
}

void
cmds_mtu_put_peer(const struct daemon *d, uint16_t peer, struct json *json)
{
    const struct sync_mtu_path *path = sync_mtu_find_path(d, peer);
    enum mtu_verdict verdict;
    uint16_t limit;

    if (!path) {
        return;
    }
    verdict = mtu_probe_verdict(&path->probe);
    limit = mtu_probe_limit(&path->probe, NULL);
    json_object_put_string(json, "path", verdict_to_string(verdict));
    if (limit || verdict == MTU_VERDICT_OK) {
        uint16_t mtu = (limit ? mtu_from_wireguard(limit)
                        : d->mtu.network.links.now);

        json_object_put(json, "path_mtu", json_integer_create(mtu));
    }
}

void
cmds_mtu_add_problems(const struct daemon *d, struct json *problems)
{
    for (size_t i = 0; i < d->mtu.n_paths; i++) {
        const struct sync_mtu_path *path = &d->mtu.paths[i];
        bool lower_still;
        uint16_t limit = mtu_probe_limit(&path->probe, &lower_still);

        if (path->counts && (lower_still || (mtu_from_wireguard(limit)
                                             < d->mtu.network.paths.now))) {
            add_path(d, path, problems);
        }
    }
    if (d->mtu.keep_ipv6) {
        add_sentence(problems, LINK_FAC_HOST" has IPv6 addresses and keeps "
                     "its MTU of %d for them, but the access network carries "
                     "%u bytes: larger packets may be lost", MTU_IPV6,
                     mtu_access(d->mtu.network.paths.now));
    }
}

void
cmds_mtu_add_notes(const struct daemon *d, struct json *notes)
{
    const struct mtu_network *network = &d->mtu.network;

    for (size_t i = 0; i < d->mtu.n_paths; i++) {
        const struct sync_mtu_path *path = &d->mtu.paths[i];
        bool lower_still;
        uint16_t limit = mtu_probe_limit(&path->probe, &lower_still);

        if (limit && !(path->counts
                       && (lower_still || (mtu_from_wireguard(limit)
                                           < network->paths.now)))) {
            add_path(d, path, notes);
        }
        if (!d->fabric.settings.underlay_mtu) {
            add_peer_facts(d, path->peer, notes);
        }
    }
    if (d->fabric.settings.underlay_mtu && d->mtu.own.links
        && d->mtu.own.links < network->links.now) {
        add_sentence(notes, "underlay_mtu is %"PRIu16", but the links of this "
                     "host take packets of %"PRIu16" bytes at most: larger "
                     "ones are cut into fragments or lost",
                     d->fabric.settings.underlay_mtu, d->mtu.own.links);
    }
    if (network->links.now && !d->fabric.settings.underlay_mtu
        && mtu_access(network->paths.now) < MTU_IPV6 && !d->mtu.keep_ipv6) {
        add_sentence(notes, "the access network carries packets of %u bytes, "
                     "less than the %d that IPv6 needs to work on it",
                     mtu_access(network->paths.now), MTU_IPV6);
    }
    if (network->paths.next) {
        add_sentence(notes, "the underlay carries packets of %"PRIu16" bytes "
                     "now: they are used when that has been so for %"PRIu16
                     " s", network->paths.next,
                     d->fabric.settings.mtu_hold_s);
    }
}

static const char *
verdict_to_string(enum mtu_verdict verdict)
{
    switch (verdict) {
    case MTU_VERDICT_OK: return "ok";
    case MTU_VERDICT_LIMITED: return "limited";
    case MTU_VERDICT_SILENT: return "silent";
    case MTU_VERDICT_UNKNOWN:
    default: return "unknown";
    }
}

/* Adds what is to be said about a limited path. */
static void
add_path(const struct daemon *d, const struct sync_mtu_path *path,
         struct json *array)
{
    const struct fabric_host *host = fabric_find_host(&d->fabric, path->peer);
    uint16_t wanted = d->mtu.network.links.now;
    uint16_t used = d->mtu.network.paths.now;
    bool lower_still;
    uint16_t limit = mtu_probe_limit(&path->probe, &lower_still);
    uint16_t mtu = mtu_from_wireguard(limit);

    if (!host) {
        return;
    } else if (!path->counts) {
        add_sentence(array, "path to host %"PRIu16" (%s): is good for an "
                     "underlay_mtu of %"PRIu16" only, and not for %"PRIu16" "
                     "as the links are: frames take another way: repair the "
                     "path", path->peer, host->hostname, mtu, wanted);
    } else if (lower_still) {
        add_sentence(array, "path to host %"PRIu16" (%s): loses packets that "
                     "are good for an underlay_mtu of %d, the least that "
                     "Mobula can do with: repair the path", path->peer,
                     host->hostname, MTU_MIN);
    } else if (mtu < used) {
        add_sentence(array, "path to host %"PRIu16" (%s): is good for an "
                     "underlay_mtu of %"PRIu16" only, and %"PRIu16" is %s: "
                     "large frames to it are lost: set underlay_mtu: %"PRIu16
                     " or repair the path", path->peer, host->hostname, mtu,
                     used, (d->fabric.settings.underlay_mtu
                            ? "configured" : "used"), mtu);
    } else {
        add_sentence(array, "path to host %"PRIu16" (%s): is good for an "
                     "underlay_mtu of %"PRIu16" only, and not for %"PRIu16" "
                     "as the links are: repair the path", path->peer,
                     host->hostname, mtu, wanted);
    }
}

/* Adds a note if the MTU is what it is because of 'peer'. */
static void
add_peer_facts(const struct daemon *d, uint16_t peer, struct json *notes)
{
    const struct fabric_host *host = fabric_find_host(&d->fabric, peer);
    const struct mtu_network *network = &d->mtu.network;
    bool connected;
    const struct facts *facts = sync_facts_peer(d, peer, &connected);

    if (!facts || !host) {
        return;
    }
    if (facts->underlay_mtu && facts->underlay_mtu == network->links.now
        && d->mtu.own.links > network->links.now) {
        add_sentence(notes, "links of host %"PRIu16" (%s) take packets of "
                     "%"PRIu16" bytes at most, those of this host %"PRIu16": "
                     "all use the smaller size", peer, host->hostname,
                     facts->underlay_mtu, d->mtu.own.links);
    }
    if (facts->path_mtu && facts->path_mtu <= network->paths.now
        && network->paths.now < network->links.now) {
        add_sentence(notes, "host %"PRIu16" (%s) has a path that is good for "
                     "an underlay_mtu of %"PRIu16" only: all use it", peer,
                     host->hostname, facts->path_mtu);
    }
}

static void
add_sentence(struct json *array, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    json_array_add(array, json_string_create_nocopy(xvasprintf(format, args)));
    va_end(args);
}
