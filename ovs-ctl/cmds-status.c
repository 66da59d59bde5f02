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

/* cmds-status: state of the daemon -> JSON.  See cmds-status.h. */

#include <config.h>
#include "ovs-ctl/cmds-status.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovs-ctl/cmds-facts.h"
#include "ovs-ctl/cmds-gateway.h"
#include "ovs-ctl/cmds-loops.h"
#include "ovs-ctl/cmds-macs.h"
#include "ovs-ctl/cmds-mtu.h"
#include "ovs-ctl/cmds-paths.h"
#include "ovs-ctl/cmds-wires.h"
#include "ovs-ctl/of-switch.h"
#include "ovs-ctl/ovsdb-local.h"
#include "ovs-ctl/snapshot.h"
#include "ovs-ctl/sync.h"
#include "packets.h"
#include "util.h"

static const char *mode_to_string(enum daemon_mode);
static struct json *host_json(const struct daemon *);
static void put_external(const struct daemon *, struct json *);
static struct json *peers_json(const struct daemon *, bool *all_up);
static struct json *peer_json(const struct daemon *,
                              const struct fabric_host *, bool *up);
static void put_tunnel(const struct daemon *, uint16_t peer, struct json *,
                       bool *up);
static struct json *problems_json(const struct daemon *);
static struct json *notes_json(const struct daemon *);
static void add_plan(struct json *array, const char *what,
                     const struct plan *, bool alien);
static void add_port_errors(struct json *array, const struct ovs_state *);
static void add_refused_ports(struct json *array, const struct ovs_bridge *);
static void add_errors(struct json *array, const struct daemon *);
static void add_external_errors(struct json *array,
                                const struct sync_external *);
static void add_switch(struct json *array, const struct daemon *,
                       enum sync_bridge_kind);
static void add_lines(struct json *array, const char *text);
static void add_sentence(struct json *array, const char *, ...)
    OVS_PRINTF_FORMAT(2, 3);
static void put_ip(struct json *, const char *name, ovs_be32);
static void put_ipv6(struct json *, const char *name, struct in6_addr);

struct json *
cmds_status_json(const struct daemon *d)
{
    struct json *status = json_object_create();
    bool ready = daemon_is_ready(d);
    struct json *notes;
    bool all_up = true;

    json_object_put_string(status, "version", MOBULA_VERSION);
    json_object_put_string(status, "mode", mode_to_string(d->mode));
    json_object_put(status, "ready", json_boolean_create(ready));
    json_object_put(status, "config", json_integer_create(d->config_seqno));
    if (d->has_fabric) {
        json_object_put(status, "host", host_json(d));
    }
    json_object_put(status, "peers", peers_json(d, &all_up));
    cmds_wires_put_clients(d, status);
    json_object_put(status, "peers_up", json_boolean_create(ready && all_up));
    json_object_put(status, "problems", problems_json(d));
    cmds_gateway_put_drops(d, status);
    notes = notes_json(d);
    cmds_put_loops(d, status, notes);
    json_object_put(status, "notes", notes);
    return status;
}

static const char *
mode_to_string(enum daemon_mode mode)
{
    switch (mode) {
    case MODE_RUN: return "run";
    case MODE_TEARDOWN: return "teardown";
    case MODE_TORN_DOWN: return "torn-down";
    default: OVS_NOT_REACHED();
    }
}

static struct json *
host_json(const struct daemon *d)
{
    const struct settings *settings = &d->fabric.settings;
    const struct fabric_host *self = fabric_find_host(&d->fabric, d->self);
    struct json *host = json_object_create();

    json_object_put(host, "id", json_integer_create(d->self));
    json_object_put_string(host, "hostname", self->hostname);
    put_ip(host, "access", addr_access_host(settings, d->self));
    put_ip(host, "gateway", addr_access_gateway(settings, d->self));
    put_ip(host, "intrawire", addr_intrawire(settings, d->self));
    put_ip(host, "vtep", addr_vtep(settings, d->self));
    json_object_put_string(host, "datapath",
                           d->userspace_datapath ? "userspace" : "kernel");
    json_object_put_string(host, "wireguard",
                           d->userspace_wireguard ? "userspace" : "kernel");
    if (settings->ipv6 != IPV6_OFF) {
        put_ipv6(host, "access6", addr_access6_host(settings, d->self));
        put_ipv6(host, "gateway6", addr_access6_gateway(settings, d->self));
    }
    json_object_put_string(host, "dns", sync_dns_state(d));
    json_object_put(host, "dns_names",
                    json_integer_create(sync_dns_n_names(d)));
    cmds_gateway_put_host(d, host);
    put_external(d, host);
    cmds_mtu_put_host(d, host);
    cmds_paths_put_host(d, host);
    if (d->flows.bridges[SYNC_ACCESS].sw) {
        json_object_put(host, "flow_corrections", json_integer_create(
            of_switch_stats(d->flows.bridges[SYNC_ACCESS].sw)
                ->n_corrections));
    }
    return host;
}

/* "external": where the interface to the outside is; "external_interface": its
 * name, if it was taken. */
static void
put_external(const struct daemon *d, struct json *host)
{
    const struct external_taken *taken = d->external.taken;
    const bool moved = sync_external_is_moved(d);

    json_object_put_string(host, "external", moved ? "move" : "share");
    if (moved) {
        json_object_put_string(host, "external_interface", taken->name);
        json_object_put(host, "external_confirmed",
                        json_boolean_create(taken->confirmed));
    }
}

static struct json *
peers_json(const struct daemon *d, bool *all_up)
{
    struct json *peers = json_array_create_empty();

    for (size_t i = 0; d->has_fabric && i < d->fabric.n_hosts; i++) {
        const struct fabric_host *host = &d->fabric.hosts[i];

        if (host->id != d->self) {
            bool up;

            json_array_add(peers, peer_json(d, host, &up));
            *all_up = *all_up && up;
        }
    }
    return peers;
}

static struct json *
peer_json(const struct daemon *d, const struct fabric_host *host, bool *up)
{
    struct json *peer = json_object_create();

    json_object_put(peer, "id", json_integer_create(host->id));
    json_object_put_string(peer, "hostname", host->hostname);
    put_tunnel(d, host->id, peer, up);
    /* WireGuard's second opinion. */
    cmds_wires_put_session(d, host->public_key, peer);
    cmds_paths_put_peer(d, host->id, peer);
    cmds_mtu_put_peer(d, host->id, peer);
    cmds_facts_put_peer(d, host->id, peer);
    return peer;
}

/* BFD's word on the direct path. */
static void
put_tunnel(const struct daemon *d, uint16_t peer, struct json *json, bool *up)
{
    const struct ovs_bridge *bridge
        = ovs_state_find_bridge(&d->ports.actual, BRIDGE_ACCESS);
    const struct ovs_port *port;
    char name[IFNAMSIZ];
    const char *state;

    addr_vxlan_name(peer, name);
    port = bridge ? ovs_bridge_find_port(bridge, name) : NULL;
    state = (!port ? "no port"
             : port->ofport <= 0 ? "port failed"
             : smap_get_def(&port->bfd_status, "state", "starting"));
    json_object_put_string(json, "tunnel", state);
    json_object_put_string(json, "port", name);
    *up = !strcmp(state, "up") || cmds_paths_needs_no_link(d, peer);
    if (port) {
        const char *why = smap_get(&port->bfd_status, "diagnostic");

        if (why && !*up) {
            json_object_put_string(json, "diagnostic", why);
        }
    }
}

static struct json *
problems_json(const struct daemon *d)
{
    struct json *problems = json_array_create_empty();

    if (d->config_error) {
        add_sentence(problems, "the configuration files were refused, %s:",
                     d->has_fabric ? "the one before is in force"
                                   : "so nothing is configured");
        add_lines(problems, d->config_error);
    }
    add_errors(problems, d);
    add_plan(problems, "to do", &d->ports.plan, false);
    if (d->ports.blocked) {
        add_plan(problems, NULL, &d->ports.plan, true);
    }
    add_plan(problems, "to do", &d->net.plan, false);
    add_plan(problems, "to do", &d->external.plan, false);
    add_plan(problems, "to do", &d->wg.plan, false);
    add_plan(problems, "to do", &d->guard.plan, false);
    add_plan(problems, "to do", &d->filter.nft.plan, false);
    if (sync_dns_plan(d)) {
        add_plan(problems, "to do", sync_dns_plan(d), false);
    }
    add_plan(problems, "to do", &d->share.plan, false);
    add_plan(problems, "to do", &d->facts.plan, false);
    add_port_errors(problems, &d->ports.actual);
    for (size_t i = 0; i < SYNC_N_BRIDGES; i++) {
        add_switch(problems, d, i);
    }
    cmds_mtu_add_problems(d, problems);
    return problems;
}

/* What the parts say of themselves. */
static void
add_errors(struct json *problems, const struct daemon *d)
{
    if (ovsdb_local_error(d->ports.db)) {
        add_sentence(problems, "Open vSwitch: %s",
                     ovsdb_local_error(d->ports.db));
    }
    if (d->net.error) {
        add_sentence(problems, "links: %s", d->net.error);
    }
    add_external_errors(problems, &d->external);
    if (d->wg.error) {
        add_sentence(problems, "WireGuard: %s", d->wg.error);
    }
    if (d->guard.error) {
        add_sentence(problems, "guard: %s", d->guard.error);
    }
    if (d->filter.nft.error) {
        add_sentence(problems, "filter of the gateway: %s",
                     d->filter.nft.error);
    }
    if (sync_dns_error(d)) {
        add_sentence(problems, "DNS: %s", sync_dns_error(d));
    }
    if (d->share.error) {
        add_sentence(problems, "way out of the gateway: %s", d->share.error);
    }
    if (sync_facts_error(d)) {
        add_sentence(problems, "facts: %s", sync_facts_error(d));
    }
}

static void
add_external_errors(struct json *problems,
                    const struct sync_external *external)
{
    if (external->damage) {
        add_sentence(problems, "external interface: %s", external->damage);
    }
    if (external->error) {
        add_sentence(problems, "external interface: %s", external->error);
    }
    if (external->taken->phase == EXTERNAL_FAILED
        && external->taken->reason) {
        add_sentence(problems, "external interface: %s (\"mobula-ctl "
                     "retry-external\" tries again)",
                     external->taken->reason);
    }
}

static struct json *
notes_json(const struct daemon *d)
{
    struct json *notes = json_array_create_empty();

    add_lines(notes, d->config_warnings);
    if (d->mode == MODE_RUN && !sync_dns_is_installed(d)) {
        add_sentence(notes, "DNS: the program dnsmasq is not installed, so "
                     "the gateway of this host answers for no names (Debian "
                     "package dnsmasq-base)");
    }
    cmds_gateway_add_notes(d, notes);
    if (!d->ports.blocked) {
        add_plan(notes, NULL, &d->ports.plan, true);
    }
    add_plan(notes, NULL, &d->net.plan, true);
    add_plan(notes, NULL, &d->wg.plan, true);
    cmds_paths_add_notes(d, notes);
    cmds_facts_add_notes(d, notes);
    cmds_macs_add_notes(d, notes);
    for (size_t i = 0; i < d->ports.actual.n_bridges; i++) {
        const struct ovs_bridge *bridge = d->ports.actual.bridges[i];

        if (bridge->role && bridge->n_controllers) {
            add_sentence(notes, "bridge %s has a controller that is not "
                         "Mobula's; it may change flows", bridge->name);
        }
        if (bridge->role && !strcmp(bridge->role, OVS_ROLE_ACCESS)) {
            add_refused_ports(notes, bridge);
        }
    }
    cmds_mtu_add_notes(d, notes);
    return notes;
}

/* Adds a sentence per item that is to be done, or per item of somebody else's
 * that is worth one: those that have a detail. */
static void
add_plan(struct json *array, const char *what, const struct plan *plan,
         bool alien)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct plan_item *item = &plan->items[i];

        if (item->verdict == PLAN_KEEP
            || (item->verdict == PLAN_ALIEN) != alien
            || (alien && !item->detail)) {
            continue;
        }
        add_sentence(array, "%s%s%s%s%s",
                     what ? what : "", what ? ": " : "",
                     item->object, item->detail ? ": " : "",
                     item->detail ? item->detail : "");
    }
}

/* What ovs-vswitchd says of our ports. */
static void
add_port_errors(struct json *array, const struct ovs_state *state)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        const struct ovs_bridge *bridge = state->bridges[i];

        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct ovs_port *port = bridge->ports[j];

            if (port->role && port->error) {
                add_sentence(array, "port %s: %s", port->name, port->error);
            }
        }
    }
}

/* Guests whose frames are dropped, whatever they say. */
static void
add_refused_ports(struct json *array, const struct ovs_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct ovs_port *port = bridge->ports[i];

        if (!port->role
            && snapshot_vlan_mode(port) == FLOWS_VLAN_UNSUPPORTED) {
            add_sentence(array, "port %s: vlan_mode %s is not supported, "
                         "so all its frames are dropped",
                         port->name, port->vlan_mode);
        }
    }
}

static void
add_switch(struct json *array, const struct daemon *d,
           enum sync_bridge_kind kind)
{
    const struct of_switch *sw = d->flows.bridges[kind].sw;
    const char *bridge = sync_bridge_name(kind);
    const struct ovs_bridge *row
        = ovs_state_find_bridge(&d->ports.actual, bridge);

    if (row && row->role && !row->exists) {
        add_sentence(array, "bridge %s: ovs-vswitchd has not made it yet "
                     "(does it run?)", bridge);
    } else if (sw && !of_switch_is_connected(sw)) {
        add_sentence(array, "flows of %s: no connection to ovs-vswitchd "
                     "(does it run?)", bridge);
    } else if (sw && of_switch_error(sw)) {
        add_sentence(array, "flows of %s: %s", bridge, of_switch_error(sw));
    } else if (sw && !of_switch_is_synced(sw)) {
        add_sentence(array, "flows of %s: not compared yet", bridge);
    }
}

static void
add_lines(struct json *array, const char *text)
{
    char *copy = nullable_xstrdup(text);
    char *save = NULL;

    for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        json_array_add(array, json_string_create(line));
    }
    free(copy);
}

static void
add_sentence(struct json *array, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    json_array_add(array, json_string_create_nocopy(xvasprintf(format, args)));
    va_end(args);
}

static void
put_ip(struct json *object, const char *name, ovs_be32 ip)
{
    json_object_put_format(object, name, IP_FMT, IP_ARGS(ip));
}

static void
put_ipv6(struct json *object, const char *name, struct in6_addr ip)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_addr(&ip, &s);
    json_object_put_string(object, name, ds_cstr(&s));
    ds_destroy(&s);
}
