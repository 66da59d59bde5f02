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

/* of-ports: decoding of port messages into a sorted array. */

#include <config.h>
#include "ovs-ctl/of-ports.h"

#include <string.h>

#include "flow.h"
#include "openflow/openflow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

static size_t list_search(const struct of_port_list *, ofp_port_t);
static bool list_put(struct of_port_list *, const struct of_port *);
static bool list_remove(struct of_port_list *, ofp_port_t);
static bool list_equal(const struct of_port_list *,
                       const struct of_port_list *);
static void list_clear(struct of_port_list *);
static bool port_equal(const struct of_port *, const struct of_port *);
static struct of_port port_from_phy(const struct ofputil_phy_port *);

void
of_ports_init(struct of_ports *ports)
{
    memset(ports, 0, sizeof *ports);
}

void
of_ports_uninit(struct of_ports *ports)
{
    list_clear(&ports->list);
    list_clear(&ports->incoming);
}

const struct of_port *
of_ports_find(const struct of_ports *ports, ofp_port_t ofport)
{
    const struct of_port_list *list = &ports->list;
    size_t i = list_search(list, ofport);

    return (i < list->n && list->ports[i].ofport == ofport
            ? &list->ports[i] : NULL);
}

const struct of_port *
of_ports_find_name(const struct of_ports *ports, const char *name)
{
    for (size_t i = 0; i < ports->list.n; i++) {
        if (!strcmp(ports->list.ports[i].name, name)) {
            return &ports->list.ports[i];
        }
    }
    return NULL;
}

enum ofperr
of_ports_take_desc(struct of_ports *ports, const struct ofp_header *oh)
{
    struct ofpbuf b = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_phy_port pp;
    int retval;

    ofpraw_pull_assert(&b);
    while (!(retval = ofputil_pull_phy_port(oh->version, &b, &pp))) {
        struct of_port port = port_from_phy(&pp);

        list_put(&ports->incoming, &port);
    }
    if (retval != EOF) {
        list_clear(&ports->incoming);
        return retval;
    }
    if (!ofpmp_more(oh)) {
        if (!list_equal(&ports->list, &ports->incoming)) {
            ports->seqno++;
        }
        list_clear(&ports->list);
        ports->list = ports->incoming;
        memset(&ports->incoming, 0, sizeof ports->incoming);
    }
    return 0;
}

enum ofperr
of_ports_take_status(struct of_ports *ports, const struct ofp_header *oh)
{
    struct ofputil_port_status ps;
    enum ofperr error = ofputil_decode_port_status(oh, &ps);

    if (error) {
        return error;
    }

    struct of_port port = port_from_phy(&ps.desc);
    bool changed = (ps.reason == OFPPR_DELETE
                    ? list_remove(&ports->list, port.ofport)
                    : list_put(&ports->list, &port));
    if (changed) {
        ports->seqno++;
    }
    return 0;
}

void
of_ports_clear(struct of_ports *ports)
{
    if (ports->list.n) {
        ports->seqno++;
    }
    list_clear(&ports->list);
    list_clear(&ports->incoming);
}

void
of_ports_format(const struct of_ports *ports, struct ds *s)
{
    for (size_t i = 0; i < ports->list.n; i++) {
        const struct of_port *p = &ports->list.ports[i];

        ofputil_format_port(p->ofport, NULL, s);
        ds_put_format(s, " %s%s%s%s\n", p->name,
                      p->admin_up ? "" : " admin-down",
                      p->link_up ? " up" : " down", p->live ? " live" : "");
    }
}

/* Returns the index of 'ofport', or where it belongs. */
static size_t
list_search(const struct of_port_list *list, ofp_port_t ofport)
{
    size_t low = 0, high = list->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (ofp_to_u16(list->ports[mid].ofport) < ofp_to_u16(ofport)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* Adds or replaces 'port'.  Returns true if that is a change. */
static bool
list_put(struct of_port_list *list, const struct of_port *port)
{
    size_t i = list_search(list, port->ofport);

    if (i < list->n && list->ports[i].ofport == port->ofport) {
        bool changed = !port_equal(&list->ports[i], port);

        list->ports[i] = *port;
        return changed;
    }
    if (list->n >= list->allocated) {
        list->ports = x2nrealloc(list->ports, &list->allocated,
                                 sizeof *list->ports);
    }
    memmove(&list->ports[i + 1], &list->ports[i],
            (list->n - i) * sizeof *list->ports);
    list->ports[i] = *port;
    list->n++;
    return true;
}

static bool
list_remove(struct of_port_list *list, ofp_port_t ofport)
{
    size_t i = list_search(list, ofport);

    if (i >= list->n || list->ports[i].ofport != ofport) {
        return false;
    }
    list->n--;
    memmove(&list->ports[i], &list->ports[i + 1],
            (list->n - i) * sizeof *list->ports);
    return true;
}

static bool
list_equal(const struct of_port_list *a, const struct of_port_list *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!port_equal(&a->ports[i], &b->ports[i])) {
            return false;
        }
    }
    return true;
}

static void
list_clear(struct of_port_list *list)
{
    free(list->ports);
    memset(list, 0, sizeof *list);
}

static bool
port_equal(const struct of_port *a, const struct of_port *b)
{
    return (a->ofport == b->ofport && !strcmp(a->name, b->name)
            && a->admin_up == b->admin_up && a->link_up == b->link_up
            && a->live == b->live);
}

static struct of_port
port_from_phy(const struct ofputil_phy_port *pp)
{
    struct of_port port = {
        .ofport = pp->port_no,
        .admin_up = !(pp->config & OFPUTIL_PC_PORT_DOWN),
        .link_up = !(pp->state & OFPUTIL_PS_LINK_DOWN),
        .live = (pp->state & OFPUTIL_PS_LIVE) != 0,
    };

    ovs_strlcpy(port.name, pp->name, sizeof port.name);
    return port;
}
