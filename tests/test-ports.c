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

/* test-ports: desired bridges and ports of host 1, and the plan that follows
 * from an actual state.
 *
 * A STATE is "kernel" or "userspace", a slash, and host ids ("kernel/1,2,3"),
 * one of which may have other timers of BFD ("3@100x5", with "+" if it comes
 * up), and behind another slash "drained"; or "nothing".  "ports-want STATE"
 * prints what is desired.
 * "ports-diff DESIRED ACTUAL [EDIT]..." changes ACTUAL as each EDIT says and
 * prints the plan:
 *
 *     bridge:NAME             somebody adds a bridge
 *     unmark-bridge:NAME      a bridge is not Mobula's
 *     fail-mode:NAME:MODE     somebody changes a fail mode
 *     port:BRIDGE:NAME        somebody adds a port
 *     unmark:NAME             a port is not Mobula's
 *     option:NAME:KEY:VALUE   somebody changes an option
 *     bfd:NAME:KEY:VALUE      somebody changes BFD
 *
 * "ports-snapshot PORT..." prints what the flows make of ports that somebody
 * has added.  A PORT is OFPORT:MODE:TAG, with "-" for what is not set, and
 * optionally a VLAN that it trunks (":VLAN"). */

#include <config.h>
#include "ovs-ctl/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovs-ctl/snapshot.h"
#include "tests/mobula-test.h"
#include "util.h"

static void
want(char *spec, struct ovs_state *state)
{
    struct fabric_host hosts[8];
    struct fabric fabric = { .hosts = hosts };
    struct ports_bfd bfd;
    struct ports_want_in in = { .fabric = &fabric, .self = 1, .bfd = &bfd };
    char *save = NULL, *save_id = NULL;
    char *datapath = strtok_r(spec, "/", &save);
    char *ids = strtok_r(NULL, "/", &save);
    char *id;

    ovs_state_init(state);
    if (!strcmp(datapath, "nothing")) {
        return;
    }
    settings_init(&fabric.settings);
    while ((id = strtok_r(ids, ",", &save_id))) {
        int interval_ms, mult;

        ids = NULL;
        ovs_assert(fabric.n_hosts < ARRAY_SIZE(hosts));
        hosts[fabric.n_hosts++] = (struct fabric_host) { .id = atoi(id) };
        if (ovs_scan(id, "%*d@%dx%d", &interval_ms, &mult)) {
            bfd = (struct ports_bfd) {
                .peer = atoi(id),
                .timers = { interval_ms, mult },
                .comes_up = strchr(id, '+') != NULL,
            };
            in.n_bfd = 1;
        }
    }
    in.userspace_datapath = !strcmp(datapath, "userspace");
    in.cpath_down = strtok_r(NULL, "/", &save) != NULL;
    ports_want(&in, state);
}

static void
print_smap(const char *name, const struct smap *smap)
{
    const struct smap_node **nodes = smap_sort(smap);

    for (size_t i = 0; i < smap_count(smap); i++) {
        printf(" %s:%s=%s", name, nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
}

static void
test_ports_want(struct ovs_cmdl_context *ctx)
{
    struct ovs_state state;

    want(ctx->argv[1], &state);
    for (size_t i = 0; i < state.n_bridges; i++) {
        const struct ovs_bridge *bridge = state.bridges[i];

        printf("bridge %s %s fail_mode=%s disable-in-band=%d %s\n",
               bridge->name, bridge->datapath_type, bridge->fail_mode,
               bridge->disable_in_band, bridge->role);
        for (size_t j = 0; j < bridge->n_ports; j++) {
            const struct ovs_port *port = bridge->ports[j];

            printf("  port %s type=\"%s\" ofport_request=%u %s",
                   port->name, port->type, port->ofport_request, port->role);
            print_smap("options", &port->options);
            print_smap("bfd", &port->bfd);
            putchar('\n');
        }
    }
    ovs_state_uninit(&state);
}

static struct ovs_bridge *
bridge_of(struct ovs_state *state, const char *name)
{
    const struct ovs_bridge *bridge = ovs_state_find_bridge(state, name);

    ovs_assert(bridge);
    return CONST_CAST(struct ovs_bridge *, bridge);
}

static struct ovs_port *
port_of(struct ovs_state *state, const char *name)
{
    const struct ovs_bridge *bridge = ovs_state_find_port_bridge(state, name);

    ovs_assert(bridge);
    return CONST_CAST(struct ovs_port *, ovs_bridge_find_port(bridge, name));
}

static void
replace(char **member, const char *value)
{
    free(*member);
    *member = nullable_xstrdup(value);
}

static void
edit(struct ovs_state *state, char *spec)
{
    char *save = NULL;
    const char *verb = strtok_r(spec, ":", &save);
    const char *name = strtok_r(NULL, ":", &save);
    const char *arg = strtok_r(NULL, ":", &save);
    const char *value = strtok_r(NULL, ":", &save);

    if (!strcmp(verb, "bridge")) {
        ovs_state_add_bridge(state, name);
    } else if (!strcmp(verb, "unmark-bridge")) {
        replace(&bridge_of(state, name)->role, NULL);
    } else if (!strcmp(verb, "fail-mode")) {
        replace(&bridge_of(state, name)->fail_mode, arg);
    } else if (!strcmp(verb, "port")) {
        ovs_bridge_add_port(bridge_of(state, name), arg);
    } else if (!strcmp(verb, "unmark")) {
        replace(&port_of(state, name)->role, NULL);
    } else if (!strcmp(verb, "option")) {
        smap_replace(&port_of(state, name)->options, arg, value);
    } else if (!strcmp(verb, "bfd")) {
        smap_replace(&port_of(state, name)->bfd, arg, value);
    } else if (!strcmp(verb, "ifindex")) {
        port_of(state, name)->ifindex = atoi(arg);
    } else if (!strcmp(verb, "gone")) {
        replace(&port_of(state, name)->name, "zzz");
    } else if (!strcmp(verb, "settled")) {
        state->settled = true;
    } else {
        ovs_fatal(0, "%s: unknown edit", verb);
    }
    ovs_state_sort(state);
}

static void
test_ports_diff(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ovs_state desired, actual;
    struct ports_plan plan;

    want(ctx->argv[1], &desired);
    want(ctx->argv[2], &actual);
    for (int i = 3; i < ctx->argc; i++) {
        if (!strncmp(ctx->argv[i], "want-", 5)) {
            edit(&desired, ctx->argv[i] + 5);
        } else {
            edit(&actual, ctx->argv[i]);
        }
    }
    ports_plan_init(&plan);
    ports_diff(&desired, &actual, &plan);
    plan_format(&plan.plan, false, &s);
    plan_format_counts(&plan.plan, &s);
    printf("%s%s%s\n", ds_cstr(&s), plan.blocked ? "; blocked" : "",
           plan.waiting ? "; waiting" : "");
    ovs_assert(plan_is_noop(&plan.plan) == !plan.n_ops);

    ds_destroy(&s);
    ports_plan_uninit(&plan);
    ovs_state_uninit(&desired);
    ovs_state_uninit(&actual);
}

static void
add_guest(struct ovs_bridge *bridge, const char *spec)
{
    struct ovs_port *port = ovs_bridge_add_port(bridge, spec);
    char mode[32], tag[32];
    int n = 0;

    ovs_assert(ovs_scan(spec, "%d:%31[^:]:%31[^:]%n",
                        &port->ofport, mode, tag, &n));
    port->vlan_mode = strcmp(mode, "-") ? xstrdup(mode) : NULL;
    port->tag = strcmp(tag, "-") ? atoi(tag) : -1;
    if (spec[n]) {
        port->n_trunks = 1;
        port->trunks = xmalloc(sizeof *port->trunks);
        port->trunks[0] = atoi(&spec[n + 1]);
    }
}

static void
test_ports_snapshot(struct ovs_cmdl_context *ctx)
{
    static const char *const modes[] = {
        [FLOWS_VLAN_TRUNK] = "trunk",
        [FLOWS_VLAN_ACCESS] = "access",
        [FLOWS_VLAN_NATIVE_TAGGED] = "native-tagged",
        [FLOWS_VLAN_NATIVE_UNTAGGED] = "native-untagged",
        [FLOWS_VLAN_UNSUPPORTED] = "unsupported",
    };
    struct flows_port *ports;
    struct ovs_bridge *bridge;
    struct ovs_state state;
    size_t n;

    ovs_state_init(&state);
    bridge = ovs_state_add_bridge(&state, "br");
    for (int i = 1; i < ctx->argc; i++) {
        add_guest(bridge, ctx->argv[i]);
    }
    ports = snapshot_ports(bridge, &n);
    for (size_t i = 0; i < n; i++) {
        printf("%s: port %u %s tag %u", ports[i].name, ports[i].ofport,
               modes[ports[i].vlan_mode], ports[i].tag);
        for (size_t j = 0; j < ports[i].n_trunks; j++) {
            printf(" trunk %u", ports[i].trunks[j]);
        }
        putchar('\n');
    }
    free(ports);
    ovs_state_uninit(&state);
}

const struct ovs_cmdl_command test_ports_commands[] = {
    { "ports-want", "STATE", 1, 1, test_ports_want, OVS_RO },
    { "ports-diff", "DESIRED ACTUAL [EDIT]...", 2, INT_MAX, test_ports_diff,
      OVS_RO },
    { "ports-snapshot", "PORT...", 1, INT_MAX, test_ports_snapshot, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
