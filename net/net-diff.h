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

/* net-diff: desired and actual state -> a plan, and the operations that carry
 * it out, in the order that they need.
 *
 * Order: what is not wanted goes first, routes before addresses before links,
 * and the routes that refuse packets ("guards") and the rules as the last of
 * them.  Then the namespace, the guards, the rules, links (down), their
 * sysctls, links up, addresses, routes, neighbours.  So a link never forwards
 * before its sysctls and rules say what, and no packet leaves by a default
 * route in between.
 *
 * Pure.  net-apply.c executes the operations. */

#ifndef MOBULA_NET_DIFF_H
#define MOBULA_NET_DIFF_H 1

#include "lib/plan.h"
#include "net/net-state.h"

enum net_op_type {
    NET_OP_DEL_RULE,            /* 'rule'. */
    NET_OP_DEL_NEIGH,           /* 'neigh'. */
    NET_OP_DEL_ROUTE,           /* 'route'. */
    NET_OP_DEL_ADDR,            /* 'addr'. */
    NET_OP_DEL_LINK,            /* 'link'. */
    NET_OP_DEL_NETNS,
    NET_OP_ADD_NETNS,
    NET_OP_ADD_PAIR,            /* 'link' and its other end 'peer'. */
    NET_OP_ADD_LINK,            /* 'link', in the host's namespace, unless it
                                 * says otherwise. */
    NET_OP_MOVE_LINK,           /* 'link', from the host to the gateway. */
    NET_OP_SET_LINK,            /* 'parts' of 'link'. */
    NET_OP_SET_OFFLOAD,         /* 'link.tx_csum'. */
    NET_OP_SET_SYSCTL,          /* 'sysctl'. */
    NET_OP_ADD_RULE,            /* 'rule'. */
    NET_OP_ADD_ADDR,            /* 'addr'. */
    NET_OP_ADD_ROUTE,           /* 'route'. */
    NET_OP_SET_NEIGH,           /* 'neigh', with the MAC of 'of_link'. */
};

/* One operation.  An 'ifindex' in it is 0 if the object did not exist when
 * the plan was made: then its name counts. */
struct net_op {
    enum net_op_type type;
    unsigned int parts;         /* Of enum net_link_part. */
    struct net_link link;
    struct net_link peer;
    struct net_addr addr;
    struct net_route route;
    struct net_neigh neigh;
    struct net_rule rule;
    struct net_sysctl sysctl;
};

struct net_plan {
    struct plan plan;           /* In words. */
    struct net_op *ops;         /* In order of execution. */
    size_t n_ops, allocated_ops;
    char **waiting;             /* Sentences: what cannot be done yet. */
    size_t n_waiting;
};

/* Compares.  Fills '*ret', which need not be initialized before; the caller
 * must destroy it with net_plan_uninit(). */
void net_diff(const struct net_state *desired, const struct net_state *actual,
              struct net_plan *ret);

void net_plan_uninit(struct net_plan *);

/* Appends the plan, and the lines "waiting: ...", to 's'. */
void net_plan_format(const struct net_plan *, bool verbose, struct ds *s);

/* For net-diff.c and net-rule-diff.c: appends an operation and returns it, to
 * be filled in: borrowed, valid until the next one. */
struct net_op *net_plan_add_op(struct net_plan *, enum net_op_type);

/* net-rule-diff.c, the part about rules: those that are not desired any
 * longer, those that are missing. */
void net_rule_diff_remove(const struct net_state *desired,
                          const struct net_state *actual, struct net_plan *);
void net_rule_diff_add(const struct net_state *desired,
                       const struct net_state *actual, struct net_plan *);

/* Appends what 'op' does to 's': "add route 10.30.0.0/16 dev mo-dir-hs". */
void net_op_format(const struct net_op *op, struct ds *s);

#endif /* net/net-diff.h */
