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

/* flows-input: everything that the desired flows depend on.
 * See flows-input.h. */

#include <config.h>
#include "flows/flows-input.h"

#include <stdbool.h>
#include <stdlib.h>

#include "bitmap.h"
#include "lib/fabric.h"
#include "openvswitch/util.h"
#include "util.h"

static bool is_meaningful(const struct flows_input *,
                          const struct flows_port *);
static void clear_vlans(struct flows_port *);
static int compare_ports(const void *, const void *);

void
flows_input_normalize(const struct flows_input *in, struct flows_input *ret)
{
    struct flows_port *ports = xcalloc(in->n_ports + 1, sizeof *ports);
    /* A switch never has one number twice; a caller may by mistake, and then
     * the same input must still give the same flows. */
    unsigned long *taken = bitmap_allocate(FLOWS_OFPORT_MAX + 1);
    size_t n_sorted = 0;
    size_t n = 0;

    for (size_t i = 0; i < in->n_ports; i++) {
        if (is_meaningful(in, &in->ports[i])) {
            ports[n_sorted] = in->ports[i];
            if (ports[n_sorted].kind != FLOWS_PORT_GUEST) {
                clear_vlans(&ports[n_sorted]);
            }
            n_sorted++;
        }
    }
    qsort(ports, n_sorted, sizeof *ports, compare_ports);
    for (size_t i = 0; i < n_sorted; i++) {
        const struct flows_port *port = &ports[i];
        bool again = n && ports[n - 1].kind == port->kind
                     && ports[n - 1].peer == port->peer
                     && port->kind != FLOWS_PORT_GUEST;

        if (!again && !bitmap_is_set(taken, port->ofport)) {
            bitmap_set1(taken, port->ofport);
            ports[n++] = *port;
        }
    }
    bitmap_free(taken);
    *ret = *in;
    ret->ports = ports;
    ret->n_ports = n;
}

const struct flows_port *
flows_input_find_port(const struct flows_input *in,
                      enum flows_port_kind kind, uint16_t peer)
{
    const struct flows_port key = { .kind = kind, .peer = peer };
    size_t low = 0, high = in->n_ports;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare_ports(&in->ports[mid], &key) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return (low < in->n_ports
            && in->ports[low].kind == kind
            && in->ports[low].peer == peer
            ? &in->ports[low] : NULL);
}

static bool
is_meaningful(const struct flows_input *in, const struct flows_port *port)
{
    if (port->ofport < FLOWS_OFPORT_MIN || port->ofport > FLOWS_OFPORT_MAX) {
        return false;
    }
    if (port->kind != FLOWS_PORT_TUNNEL) {
        return port->peer == 0;
    }
    return port->peer != in->self
           && fabric_find_host(in->fabric, port->peer);
}

static void
clear_vlans(struct flows_port *port)
{
    port->vlan_mode = FLOWS_VLAN_TRUNK;
    port->tag = 0;
    port->trunks = NULL;
    port->n_trunks = 0;
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct flows_port *a = a_;
    const struct flows_port *b = b_;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->peer != b->peer) {
        return a->peer < b->peer ? -1 : 1;
    }
    return a->ofport < b->ofport ? -1 : a->ofport > b->ofport;
}
