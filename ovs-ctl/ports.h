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

/* ports: bridges and ports that Mobula wants in Open vSwitch, and the way
 * there: want (pure), diff (pure), apply.
 *
 * ports-want.c: configuration -> struct ovs_state.  ports-diff.c: desired and
 * actual -> struct ports_plan.  ports-apply.c: struct ports_plan -> one OVSDB
 * transaction.  Only rows that carry OVS_MARK are ever changed. */

#ifndef MOBULA_PORTS_H
#define MOBULA_PORTS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/bfd-timers.h"
#include "lib/plan.h"
#include "ovs-ctl/ovs-state.h"

struct fabric;
struct ovsdb_idl;
struct ovsdb_idl_txn;

/* Timers of BFD with one peer. */
struct ports_bfd {
    uint16_t peer;              /* Host id. */
    struct bfd_timers timers;
    bool comes_up;              /* The peer is to hear at once that this end is
                                 * up. */
};

/* What the bridges and ports of a host follow from. */
struct ports_want_in {
    const struct fabric *fabric;
    uint16_t self;              /* Host id of this host. */
    bool userspace_datapath;    /* Adds the underlay bridge. */
    const struct ports_bfd *bfd;    /* Sorted by peer; one that is missing has
                                     * the timers of a link without loss. */
    size_t n_bfd;
    bool cpath_down;            /* Peers are asked not to send here if they
                                 * can do without. */
};

/* Fills 'state' (initialized, empty) with the bridges and ports of a host. */
void ports_want(const struct ports_want_in *, struct ovs_state *state);

enum ports_op_kind {
    PORTS_ADD_BRIDGE,
    PORTS_CHANGE_BRIDGE,
    PORTS_DEL_BRIDGE,
    PORTS_ADD_PORT,
    PORTS_CHANGE_PORT,
    PORTS_DEL_PORT,
};

/* One change.  Pointers are borrowed from the desired state, or from the
 * actual one for deletions. */
struct ports_op {
    enum ports_op_kind kind;
    const struct ovs_bridge *bridge;
    const struct ovs_port *port;        /* NULL for changes of bridges. */
};

struct ports_plan {
    struct ports_op *ops;       /* In order: removals first, then changes and
                                 * additions, each bridge before its ports. */
    size_t n_ops;
    size_t allocated_ops;
    struct plan plan;           /* The same in words. */
    bool blocked;               /* Something desired is somebody else's. */
    bool waiting;               /* Something is to be done when ovs-vswitchd
                                 * has done the last thing. */
};

void ports_plan_init(struct ports_plan *);
void ports_plan_uninit(struct ports_plan *);

/* Compares.  'desired' and 'actual' must outlive 'plan'. */
void ports_diff(const struct ovs_state *desired,
                const struct ovs_state *actual, struct ports_plan *plan);

/* Writes all changes of 'plan' into 'txn', a transaction on 'idl'. */
void ports_apply(const struct ports_plan *, struct ovsdb_idl *idl,
                 struct ovsdb_idl_txn *txn);

#endif /* ovs-ctl/ports.h */
