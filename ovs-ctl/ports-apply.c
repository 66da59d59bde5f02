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

/* ports-apply: plan -> rows of one OVSDB transaction.  See ports.h.
 *
 * A new bridge gets its fail mode and its ports in the same transaction:
 * ovs-vswitchd never sees it without them. */

#include <config.h>
#include "ovs-ctl/ports.h"

#include <stdio.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "ovsdb-idl.h"
#include "util.h"
#include "vswitch-idl.h"

static void apply_to_bridge(const struct ports_op *,
                            const struct ovsrec_bridge *, struct ovsdb_idl *);
static void apply_to_port(const struct ports_op *,
                          const struct ovsrec_bridge *,
                          struct ovsdb_idl_txn *);
static const struct ovsrec_bridge *find_bridge(struct ovsdb_idl *,
                                               struct shash *added,
                                               const char *name);
static const struct ovsrec_port *find_port(const struct ovsrec_bridge *,
                                           const char *name);
static const struct ovsrec_bridge *add_bridge(struct ovsdb_idl *,
                                              struct ovsdb_idl_txn *,
                                              const struct ovs_bridge *);
static void write_bridge(const struct ovsrec_bridge *,
                         const struct ovs_bridge *);
static void add_port(struct ovsdb_idl_txn *, const struct ovsrec_bridge *,
                     const struct ovs_port *);
static void write_ids(const struct ovsrec_port *, const struct ovs_port *);
static void write_interface(const struct ovsrec_interface *,
                            const struct ovs_port *);

void
ports_apply(const struct ports_plan *plan, struct ovsdb_idl *idl,
            struct ovsdb_idl_txn *txn)
{
    /* Rows inserted in this transaction, which the IDL does not list yet. */
    struct shash added = SHASH_INITIALIZER(&added);

    for (size_t i = 0; i < plan->n_ops; i++) {
        const struct ports_op *op = &plan->ops[i];
        const struct ovsrec_bridge *bridge
            = find_bridge(idl, &added, op->bridge->name);

        if (op->kind == PORTS_ADD_BRIDGE) {
            shash_add(&added, op->bridge->name,
                      add_bridge(idl, txn, op->bridge));
        } else if (bridge && op->port) {
            apply_to_port(op, bridge, txn);
        } else if (bridge) {
            apply_to_bridge(op, bridge, idl);
        }
    }
    shash_destroy(&added);
}

static void
apply_to_bridge(const struct ports_op *op, const struct ovsrec_bridge *bridge,
                struct ovsdb_idl *idl)
{
    if (op->kind == PORTS_DEL_BRIDGE) {
        ovsrec_open_vswitch_update_bridges_delvalue(
            ovsrec_open_vswitch_first(idl), bridge);
    } else {
        write_bridge(bridge, op->bridge);
    }
}

static void
apply_to_port(const struct ports_op *op, const struct ovsrec_bridge *bridge,
              struct ovsdb_idl_txn *txn)
{
    const struct ovsrec_port *port = find_port(bridge, op->port->name);

    if (op->kind == PORTS_ADD_PORT) {
        add_port(txn, bridge, op->port);
    } else if (port && op->kind == PORTS_DEL_PORT) {
        /* Port and Interface rows go when nothing refers to them. */
        ovsrec_bridge_update_ports_delvalue(bridge, port);
    } else if (port && port->n_interfaces == 1) {
        write_interface(port->interfaces[0], op->port);
        write_ids(port, op->port);
    }
}

static const struct ovsrec_bridge *
find_bridge(struct ovsdb_idl *idl, struct shash *added, const char *name)
{
    const struct ovsrec_bridge *bridge = shash_find_data(added, name);

    if (bridge) {
        return bridge;
    }
    OVSREC_BRIDGE_FOR_EACH (bridge, idl) {
        if (!strcmp(bridge->name, name)) {
            return bridge;
        }
    }
    return NULL;
}

static const struct ovsrec_port *
find_port(const struct ovsrec_bridge *bridge, const char *name)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (!strcmp(bridge->ports[i]->name, name)) {
            return bridge->ports[i];
        }
    }
    return NULL;
}

static const struct ovsrec_bridge *
add_bridge(struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn,
           const struct ovs_bridge *desired)
{
    const struct ovsrec_open_vswitch *ovs = ovsrec_open_vswitch_first(idl);
    struct ovsrec_bridge *bridge = ovsrec_bridge_insert(txn);
    struct ovsrec_interface *interface = ovsrec_interface_insert(txn);
    struct ovsrec_port *port = ovsrec_port_insert(txn);

    /* Every bridge has a LOCAL port of its own name. */
    ovsrec_interface_set_name(interface, desired->name);
    ovsrec_interface_set_type(interface, "internal");
    ovsrec_port_set_name(port, desired->name);
    ovsrec_port_set_interfaces(port, &interface, 1);
    ovsrec_port_update_external_ids_setkey(port, OVS_MARK, desired->role);

    ovsrec_bridge_set_name(bridge, desired->name);
    ovsrec_bridge_set_ports(bridge, &port, 1);
    write_bridge(bridge, desired);
    ovsrec_open_vswitch_update_bridges_addvalue(ovs, bridge);
    return bridge;
}

static void
write_bridge(const struct ovsrec_bridge *bridge,
             const struct ovs_bridge *desired)
{
    ovsrec_bridge_set_datapath_type(bridge, desired->datapath_type);
    ovsrec_bridge_set_fail_mode(bridge, desired->fail_mode);
    ovsrec_bridge_update_other_config_setkey(bridge, "disable-in-band",
                                             "true");
    ovsrec_bridge_update_external_ids_setkey(bridge, OVS_MARK, desired->role);
}

static void
add_port(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *bridge,
         const struct ovs_port *desired)
{
    struct ovsrec_interface *interface = ovsrec_interface_insert(txn);
    struct ovsrec_port *port = ovsrec_port_insert(txn);

    ovsrec_interface_set_name(interface, desired->name);
    write_interface(interface, desired);
    ovsrec_port_set_name(port, desired->name);
    ovsrec_port_set_interfaces(port, &interface, 1);
    write_ids(port, desired);
    ovsrec_bridge_update_ports_addvalue(bridge, port);
}

static void
write_ids(const struct ovsrec_port *port, const struct ovs_port *desired)
{
    ovsrec_port_update_external_ids_setkey(port, OVS_MARK, desired->role);
    if (desired->ifindex) {
        char ifindex[12];

        snprintf(ifindex, sizeof ifindex, "%u", desired->ifindex);
        ovsrec_port_update_external_ids_setkey(port, OVS_IFINDEX, ifindex);
    }
}

static void
write_interface(const struct ovsrec_interface *interface,
                const struct ovs_port *desired)
{
    int64_t ofport_request = desired->ofport_request;

    ovsrec_interface_set_type(interface, desired->type);
    ovsrec_interface_set_ofport_request(interface, &ofport_request,
                                        ofport_request ? 1 : 0);
    ovsrec_interface_set_options(interface, &desired->options);
    ovsrec_interface_set_bfd(interface, &desired->bfd);
    ovsrec_interface_update_external_ids_setkey(interface, OVS_MARK,
                                                desired->role);
}
