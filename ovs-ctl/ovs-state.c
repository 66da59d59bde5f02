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

/* ovs-state: bridges and ports of Open vSwitch as plain data.
 * See ovs-state.h. */

#include <config.h>
#include "ovs-ctl/ovs-state.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

static void ovs_bridge_destroy(struct ovs_bridge *);
static void ovs_port_destroy(struct ovs_port *);
static int compare_bridges(const void *, const void *);
static int compare_ports(const void *, const void *);

void
ovs_state_init(struct ovs_state *state)
{
    memset(state, 0, sizeof *state);
}

void
ovs_state_uninit(struct ovs_state *state)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        ovs_bridge_destroy(state->bridges[i]);
    }
    free(state->bridges);
    ovs_state_init(state);
}

struct ovs_bridge *
ovs_state_add_bridge(struct ovs_state *state, const char *name)
{
    struct ovs_bridge *bridge = xzalloc(sizeof *bridge);

    bridge->name = xstrdup(name);
    bridge->datapath_type = xstrdup("");
    bridge->fail_mode = xstrdup("");
    if (state->n_bridges >= state->allocated_bridges) {
        state->bridges = x2nrealloc(state->bridges, &state->allocated_bridges,
                                    sizeof *state->bridges);
    }
    state->bridges[state->n_bridges++] = bridge;
    return bridge;
}

struct ovs_port *
ovs_bridge_add_port(struct ovs_bridge *bridge, const char *name)
{
    struct ovs_port *port = xzalloc(sizeof *port);

    port->name = xstrdup(name);
    port->type = xstrdup("");
    port->tag = -1;
    smap_init(&port->options);
    smap_init(&port->bfd);
    smap_init(&port->bfd_status);
    if (bridge->n_ports >= bridge->allocated_ports) {
        bridge->ports = x2nrealloc(bridge->ports, &bridge->allocated_ports,
                                   sizeof *bridge->ports);
    }
    bridge->ports[bridge->n_ports++] = port;
    return port;
}

void
ovs_state_sort(struct ovs_state *state)
{
    if (state->n_bridges) {
        qsort(state->bridges, state->n_bridges, sizeof *state->bridges,
              compare_bridges);
    }
    for (size_t i = 0; i < state->n_bridges; i++) {
        struct ovs_bridge *bridge = state->bridges[i];

        if (bridge->n_ports) {
            qsort(bridge->ports, bridge->n_ports, sizeof *bridge->ports,
                  compare_ports);
        }
    }
}

const struct ovs_bridge *
ovs_state_find_bridge(const struct ovs_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        if (!strcmp(state->bridges[i]->name, name)) {
            return state->bridges[i];
        }
    }
    return NULL;
}

const struct ovs_port *
ovs_bridge_find_port(const struct ovs_bridge *bridge, const char *name)
{
    const struct ovs_port key = { .name = CONST_CAST(char *, name) };
    const struct ovs_port *keyp = &key;
    struct ovs_port **port;

    if (!bridge->n_ports) {
        return NULL;
    }
    port = bsearch(&keyp, bridge->ports, bridge->n_ports,
                   sizeof *bridge->ports, compare_ports);
    return port ? *port : NULL;
}

const struct ovs_bridge *
ovs_state_find_port_bridge(const struct ovs_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_bridges; i++) {
        if (ovs_bridge_find_port(state->bridges[i], name)) {
            return state->bridges[i];
        }
    }
    return NULL;
}

static void
ovs_bridge_destroy(struct ovs_bridge *bridge)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        ovs_port_destroy(bridge->ports[i]);
    }
    free(bridge->ports);
    free(bridge->name);
    free(bridge->datapath_type);
    free(bridge->fail_mode);
    free(bridge->role);
    free(bridge);
}

static void
ovs_port_destroy(struct ovs_port *port)
{
    smap_destroy(&port->options);
    smap_destroy(&port->bfd);
    smap_destroy(&port->bfd_status);
    free(port->name);
    free(port->type);
    free(port->role);
    free(port->vlan_mode);
    free(port->trunks);
    free(port->error);
    free(port);
}

static int
compare_bridges(const void *a_, const void *b_)
{
    const struct ovs_bridge *const *a = a_;
    const struct ovs_bridge *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct ovs_port *const *a = a_;
    const struct ovs_port *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}
