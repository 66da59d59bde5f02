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

/* ovsdb-local: the host's own Open_vSwitch database, through ovsdb-idl.
 * See ovsdb-local.h.  ports-apply.c writes the rows. */

#include <config.h>
#include "ovs-ctl/ovsdb-local.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/ovs-state.h"
#include "ovs-ctl/ports.h"
#include "ovsdb-idl.h"
#include "util.h"
#include "vswitch-idl.h"

VLOG_DEFINE_THIS_MODULE(ovsdb_local);

struct ovsdb_local {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;  /* Under way, or NULL. */
    char *error;                /* Of the last transaction, or NULL. */
    char *remote;
    unsigned int n_txns;        /* Finished transactions. */
    bool was_ready;
};

static void watch_columns(struct ovsdb_idl *);
static void commit_txn(struct ovsdb_local *);
static void finish_txn(struct ovsdb_local *, enum ovsdb_idl_txn_status);
static void read_bridge(const struct ovsrec_bridge *, struct ovs_bridge *);
static void read_port(const struct ovsrec_port *, struct ovs_port *);
static void read_vlans(const struct ovsrec_port *, struct ovs_port *);
static void replace_string(char **, const char *);

struct ovsdb_local *
ovsdb_local_create(const char *remote)
{
    struct ovsdb_local *db = xzalloc(sizeof *db);

    db->remote = xstrdup(remote);
    db->idl = ovsdb_idl_create_unconnected(&ovsrec_idl_class, false);
    watch_columns(db->idl);
    ovsdb_idl_set_remote(db->idl, remote, true);
    return db;
}

void
ovsdb_local_destroy(struct ovsdb_local *db)
{
    if (db) {
        if (db->txn) {
            ovsdb_idl_txn_destroy(db->txn);
        }
        ovsdb_idl_destroy(db->idl);
        free(db->error);
        free(db->remote);
        free(db);
    }
}

void
ovsdb_local_run(struct ovsdb_local *db)
{
    bool ready;

    ovsdb_idl_run(db->idl);
    if (db->txn) {
        commit_txn(db);
    }
    ready = ovsdb_local_is_ready(db);
    if (ready != db->was_ready) {
        if (ready) {
            VLOG_INFO("%s: connected", db->remote);
        } else {
            VLOG_WARN("%s: connection lost", db->remote);
        }
        db->was_ready = ready;
    }
}

void
ovsdb_local_wait(struct ovsdb_local *db)
{
    ovsdb_idl_wait(db->idl);
    if (db->txn) {
        ovsdb_idl_txn_wait(db->txn);
    }
}

bool
ovsdb_local_is_ready(const struct ovsdb_local *db)
{
    return ovsdb_idl_is_connected(db->idl)
           && ovsdb_idl_has_ever_connected(db->idl)
           && ovsrec_open_vswitch_first(db->idl);
}

bool
ovsdb_local_is_busy(const struct ovsdb_local *db)
{
    return db->txn != NULL;
}

unsigned int
ovsdb_local_seqno(const struct ovsdb_local *db)
{
    return ovsdb_idl_get_seqno(db->idl) + db->n_txns;
}

void
ovsdb_local_read(const struct ovsdb_local *db, struct ovs_state *state)
{
    const struct ovsrec_open_vswitch *ovs
        = ovsrec_open_vswitch_first(db->idl);
    const struct ovsrec_bridge *row;

    state->settled = ovs && ovs->cur_cfg >= ovs->next_cfg;
    OVSREC_BRIDGE_FOR_EACH (row, db->idl) {
        read_bridge(row, ovs_state_add_bridge(state, row->name));
    }
    ovs_state_sort(state);
}

void
ovsdb_local_apply(struct ovsdb_local *db, const struct ports_plan *plan)
{
    db->txn = ovsdb_idl_txn_create(db->idl);
    ovsdb_idl_txn_add_comment(db->txn, "mobulad: %"PRIuSIZE" changes",
                              plan->n_ops);
    ports_apply(plan, db->idl, db->txn);
    /* Lets us see when ovs-vswitchd has done it. */
    ovsdb_idl_txn_increment(db->txn,
                            &ovsrec_open_vswitch_first(db->idl)->header_,
                            &ovsrec_open_vswitch_col_next_cfg, false);
    /* The IDL may not run while a transaction is being made. */
    commit_txn(db);
}

const char *
ovsdb_local_error(const struct ovsdb_local *db)
{
    return (db->error ? db->error
            : !ovsdb_local_is_ready(db) ? "not connected to ovsdb-server"
            : NULL);
}

/* Monitors what read_bridge() and read_port() read, and nothing else:
 * statistics would wake us up for nothing. */
static void
watch_columns(struct ovsdb_idl *idl)
{
    ovsdb_idl_add_table(idl, &ovsrec_table_open_vswitch);
    ovsdb_idl_add_column(idl, &ovsrec_open_vswitch_col_bridges);
    ovsdb_idl_add_column(idl, &ovsrec_open_vswitch_col_next_cfg);
    ovsdb_idl_add_column(idl, &ovsrec_open_vswitch_col_cur_cfg);

    ovsdb_idl_add_table(idl, &ovsrec_table_bridge);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_name);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_ports);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_datapath_type);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_fail_mode);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_controller);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_other_config);
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_external_ids);

    ovsdb_idl_add_table(idl, &ovsrec_table_port);
    ovsdb_idl_add_column(idl, &ovsrec_port_col_name);
    ovsdb_idl_add_column(idl, &ovsrec_port_col_interfaces);
    ovsdb_idl_add_column(idl, &ovsrec_port_col_external_ids);
    ovsdb_idl_add_column(idl, &ovsrec_port_col_vlan_mode);
    ovsdb_idl_add_column(idl, &ovsrec_port_col_tag);
    ovsdb_idl_add_column(idl, &ovsrec_port_col_trunks);

    ovsdb_idl_add_table(idl, &ovsrec_table_interface);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_name);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_type);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_options);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_external_ids);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_ofport);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_ofport_request);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_error);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_bfd);
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_bfd_status);
}

/* Sends the transaction, or if that is done sees what became of it. */
static void
commit_txn(struct ovsdb_local *db)
{
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(db->txn);

    if (status != TXN_INCOMPLETE) {
        finish_txn(db, status);
    }
}

static void
finish_txn(struct ovsdb_local *db, enum ovsdb_idl_txn_status status)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    free(db->error);
    db->error = NULL;
    if (status == TXN_ERROR || status == TXN_NOT_LOCKED) {
        db->error = xasprintf("transaction failed: %s",
                              ovsdb_idl_txn_get_error(db->txn));
        VLOG_WARN_RL(&rl, "%s: %s", db->remote, db->error);
    } else {
        /* TXN_TRY_AGAIN: somebody changed the database meanwhile; the next
         * comparison starts from what it is now. */
        VLOG_DBG("transaction: %s", ovsdb_idl_txn_status_to_string(status));
    }
    ovsdb_idl_txn_destroy(db->txn);
    db->txn = NULL;
    db->n_txns++;
    poll_immediate_wake();
}

static void
read_bridge(const struct ovsrec_bridge *row, struct ovs_bridge *bridge)
{
    replace_string(&bridge->datapath_type,
                   row->datapath_type[0] ? row->datapath_type : "system");
    replace_string(&bridge->fail_mode, row->fail_mode ? row->fail_mode : "");
    bridge->disable_in_band = smap_get_bool(&row->other_config,
                                            "disable-in-band", false);
    bridge->role = nullable_xstrdup(smap_get(&row->external_ids, OVS_MARK));
    bridge->n_controllers = row->n_controller;
    for (size_t i = 0; i < row->n_ports; i++) {
        const struct ovsrec_port *port = row->ports[i];

        if (strcmp(port->name, row->name)) {
            read_port(port, ovs_bridge_add_port(bridge, port->name));
        } else {
            /* LOCAL gets its number when the bridge is made. */
            bridge->exists = (port->n_interfaces
                              && port->interfaces[0]->n_ofport);
        }
    }
}

/* A bond has several interfaces; it is never ours and needs only its
 * ofport. */
static void
read_port(const struct ovsrec_port *row, struct ovs_port *port)
{
    const struct ovsrec_interface *interface;

    port->role = nullable_xstrdup(smap_get(&row->external_ids, OVS_MARK));
    read_vlans(row, port);
    port->ifindex = smap_get_uint(&row->external_ids, OVS_IFINDEX, 0);
    if (!row->n_interfaces) {
        return;
    }
    interface = row->interfaces[0];
    replace_string(&port->type, strcmp(interface->type, "system")
                                ? interface->type : "");
    port->ofport_request = (interface->n_ofport_request
                            ? *interface->ofport_request : 0);
    smap_destroy(&port->options);
    smap_clone(&port->options, &interface->options);
    smap_destroy(&port->bfd);
    smap_clone(&port->bfd, &interface->bfd);
    smap_destroy(&port->bfd_status);
    smap_clone(&port->bfd_status, &interface->bfd_status);
    port->ofport = interface->n_ofport ? *interface->ofport : 0;
    port->error = nullable_xstrdup(interface->error);
}

/* The schema sees to it that VLANs are in range. */
static void
read_vlans(const struct ovsrec_port *row, struct ovs_port *port)
{
    port->vlan_mode = nullable_xstrdup(row->vlan_mode);
    port->tag = row->n_tag ? *row->tag : -1;
    port->trunks = xcalloc(row->n_trunks + 1, sizeof *port->trunks);
    port->n_trunks = row->n_trunks;
    for (size_t i = 0; i < row->n_trunks; i++) {
        port->trunks[i] = row->trunks[i];
    }
}

static void
replace_string(char **dst, const char *src)
{
    free(*dst);
    *dst = xstrdup(src);
}
