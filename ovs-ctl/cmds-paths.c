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

/* cmds-paths: links and ways in status, "drain".  See cmds-paths.h. */

#include <config.h>
#include "ovs-ctl/cmds-paths.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/quality.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/cmds-endpoints.h"
#include "ovs-ctl/sync.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

static struct json *way_json(const struct daemon *, const struct sync_path *);
static struct json *link_json(const struct daemon *, const struct sync_path *);
static void put_quality(const struct quality_sum *, struct json *link);
static bool is_linkless(const struct daemon *, const struct sync_path *);
static bool peer_is_drained(const struct daemon *, uint16_t peer);
static void describe_way(const struct daemon *, const struct sync_path *,
                         struct ds *);
static void describe_link(const struct daemon *, const struct sync_path *,
                          struct ds *);
static const char *hostname(const struct daemon *, uint16_t id);
static long long int seconds_since(long long int ms);
static void put_seconds(struct json *, const char *name, long long int);
static void cmd_drain(struct unixctl_conn *, int argc, const char *argv[],
                      void *d);
static void cmd_undrain(struct unixctl_conn *, int argc, const char *argv[],
                        void *d);

void
cmds_paths_put_host(const struct daemon *d, struct json *host)
{
    json_object_put_string(host, "drained",
                           !sync_drain_is_done(d) ? "changing"
                           : d->drain.wanted ? "yes" : "no");
}

void
cmds_paths_put_peer(const struct daemon *d, uint16_t peer, struct json *json)
{
    const struct sync_path *path = sync_paths_find(d, peer);

    if (path) {
        json_object_put(json, "way", way_json(d, path));
        json_object_put(json, "link", link_json(d, path));
        json_object_put(json, "drained",
                        json_boolean_create(peer_is_drained(d, peer)));
        cmds_endpoints_put_peer(d, fabric_find_host(&d->fabric, peer), json);
    }
}

bool
cmds_paths_needs_no_link(const struct daemon *d, uint16_t peer)
{
    const struct sync_path *path = sync_paths_find(d, peer);

    return path && path->detours && is_linkless(d, path);
}

void
cmds_paths_add_notes(const struct daemon *d, struct json *notes)
{
    if (d->drain.wanted) {
        json_array_add(notes, json_string_create(
            "this host is drained: its peers do not use it as a relay (until "
            "'mobula-ctl undrain', or a boot)"));
    }
    cmds_endpoints_add_notes(d, notes);
    for (size_t i = 0; i < d->paths.n_paths; i++) {
        const struct sync_path *path = &d->paths.paths[i];
        struct ds s = DS_EMPTY_INITIALIZER;

        if (path->liveness.state != LIVENESS_UP && path->liveness.heard
            && !is_linkless(d, path)) {
            ds_put_format(&s, "link to host %"PRIu16" (%s): ", path->peer,
                          hostname(d, path->peer));
            describe_link(d, path, &s);
            ds_put_cstr(&s, "; ");
            describe_way(d, path, &s);
        } else if (path->liveness.state == LIVENESS_DOWN
                   && path->detours && !is_linkless(d, path)) {
            ds_put_format(&s, "link to host %"PRIu16" (%s) has not worked "
                          "yet; ", path->peer, hostname(d, path->peer));
            describe_way(d, path, &s);
        } else if (peer_is_drained(d, path->peer)) {
            ds_put_format(&s, "host %"PRIu16" (%s) is drained: it is not used "
                          "as a relay", path->peer, hostname(d, path->peer));
        }
        if (s.length) {
            json_array_add(notes, json_string_create(ds_cstr(&s)));
        }
        ds_destroy(&s);
    }
}

void
cmds_register_paths(struct daemon *d)
{
    unixctl_command_register("drain", "", 0, 0, cmd_drain, d);
    unixctl_command_register("undrain", "", 0, 0, cmd_undrain, d);
}

static struct json *
way_json(const struct daemon *d, const struct sync_path *path)
{
    struct json *way = json_object_create();

    json_object_put_string(way, "by", path->ways.direct_first ? "direct"
                           : path->detours ? hostname(d, path->ways.relays[0])
                           : "none");
    json_object_put(way, "links", json_integer_create(path->ways.n_links));
    if (path->changed_ms) {
        put_seconds(way, "for", seconds_since(path->changed_ms));
    }
    return way;
}

static struct json *
link_json(const struct daemon *d, const struct sync_path *path)
{
    const struct liveness *l = &path->liveness;
    struct json *link = json_object_create();

    json_object_put_string(link, "state", l->state == LIVENESS_UP ? "up"
                           : l->state == LIVENESS_HELD ? "held" : "down");
    put_seconds(link, "for", seconds_since(l->since_ms));
    json_object_put(link, "poor", json_boolean_create(l->poor));
    if (l->state == LIVENESS_HELD) {
        put_seconds(link, "held_for", -seconds_since(l->ready_ms));
    }
    json_object_put(link, "flaps", json_integer_create(l->n_flaps));
    if (l->n_flaps) {
        put_seconds(link, "last_down", seconds_since(l->down_ms));
        if (l->outage_ms >= 0) {
            json_object_put(link, "outage_ms",
                            json_integer_create(l->outage_ms));
        }
    }
    json_object_put(link, "interval_ms",
                    json_integer_create(path->timers.now.interval_ms));
    json_object_put(link, "mult", json_integer_create(path->timers.now.mult));
    json_object_put(link, "detect_ms", json_integer_create(path->detect_ms));
    put_quality(sync_quality_find(d, path->peer), link);
    return link;
}

static void
put_quality(const struct quality_sum *sum, struct json *link)
{
    if (sum && sum->n) {
        json_object_put(link, "loss", json_integer_create(sum->loss));
        if (sum->rtt_us) {
            json_object_put(link, "rtt_us", json_integer_create(sum->rtt_us));
        }
    }
}

/* Is there no link, because there cannot be one? */
static bool
is_linkless(const struct daemon *d, const struct sync_path *path)
{
    const struct fabric_host *host = fabric_find_host(&d->fabric, path->peer);

    return (host && path->liveness.state == LIVENESS_DOWN
            && cmds_endpoints_is_linkless(d, host));
}

static bool
peer_is_drained(const struct daemon *d, uint16_t peer)
{
    bool connected;
    const struct facts *facts = sync_facts_peer(d, peer, &connected);

    return facts && facts->drained;
}

/* "it is reached by c.example, over 2 links". */
static void
describe_way(const struct daemon *d, const struct sync_path *path,
             struct ds *s)
{
    if (path->ways.direct_first) {
        ds_put_cstr(s, "there is no better way, so it is used all the same");
    } else if (path->detours) {
        ds_put_format(s, "the host is reached by %s, over %"PRIu16" links",
                      hostname(d, path->ways.relays[0]), path->ways.n_links);
    } else {
        ds_put_cstr(s, "no host that is heard reaches this one");
    }
}

static void
describe_link(const struct daemon *d, const struct sync_path *path,
              struct ds *s)
{
    const char *why = sync_quality_why_poor(d, path->peer);
    const struct liveness *l = &path->liveness;

    if (l->state == LIVENESS_DOWN) {
        ds_put_format(s, "down for %lld s", seconds_since(l->since_ms));
    } else if (l->ready_ms > time_msec()) {
        ds_put_format(s, "up again, but held for %lld s more, because it went "
                      "down %"PRIu64" %s", -seconds_since(l->ready_ms),
                      l->n_flaps, l->n_flaps == 1 ? "time" : "times");
    } else {
        ds_put_format(s, "it %s", why ? why : "is poor");
    }
}

static const char *
hostname(const struct daemon *d, uint16_t id)
{
    const struct fabric_host *host = fabric_find_host(&d->fabric, id);

    return host ? host->hostname : "?";
}

/* Rounded away from zero for what is yet to come. */
static long long int
seconds_since(long long int ms)
{
    long long int since = time_msec() - ms;

    return since < 0 ? -DIV_ROUND_UP(-since, 1000) : since / 1000;
}

static void
put_seconds(struct json *object, const char *name, long long int seconds)
{
    json_object_put(object, name, json_integer_create(MAX(seconds, 0)));
}

static void
set_drained(struct unixctl_conn *conn, struct daemon *d, bool drained)
{
    char *error = (d->mode == MODE_RUN ? sync_drain_set(d, drained)
                   : xstrdup("mobulad is being torn down"));

    if (error) {
        unixctl_command_reply_error(conn, error);
        free(error);
    } else {
        unixctl_command_reply(conn, NULL);
    }
}

static void
cmd_drain(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *d)
{
    set_drained(conn, d, true);
}

static void
cmd_undrain(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *d)
{
    set_drained(conn, d, false);
}
