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

/* net-op: the operations of a plan in words.  See net_op_format() in
 * net-diff.h. */

#include <config.h>
#include "net/net-diff.h"

#include "lib/addr.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"

static void format_object(const struct net_op *, struct ds *);
static void put_parts(unsigned int parts, struct ds *);

void
net_op_format(const struct net_op *op, struct ds *s)
{
    static const char *const verbs[] = {
        [NET_OP_DEL_RULE] = "remove",
        [NET_OP_DEL_NEIGH] = "remove",
        [NET_OP_DEL_ROUTE] = "remove",
        [NET_OP_DEL_ADDR] = "remove",
        [NET_OP_DEL_LINK] = "remove",
        [NET_OP_DEL_NETNS] = "remove",
        [NET_OP_ADD_NETNS] = "add",
        [NET_OP_ADD_PAIR] = "add",
        [NET_OP_ADD_LINK] = "add",
        [NET_OP_MOVE_LINK] = "move",
        [NET_OP_SET_LINK] = "set",
        [NET_OP_SET_OFFLOAD] = "set checksum offload of",
        [NET_OP_SET_SYSCTL] = "set",
        [NET_OP_ADD_RULE] = "add",
        [NET_OP_ADD_ADDR] = "add",
        [NET_OP_ADD_ROUTE] = "add",
        [NET_OP_SET_NEIGH] = "set",
    };

    ds_put_format(s, "%s ", verbs[op->type]);
    format_object(op, s);
    if (op->type == NET_OP_ADD_PAIR) {
        ds_put_format(s, " with its other end %s", op->peer.name);
    }
    put_parts(op->parts, s);
}

static void
format_object(const struct net_op *op, struct ds *s)
{
    switch (op->type) {
    case NET_OP_ADD_NETNS:
    case NET_OP_DEL_NETNS:
        ds_put_cstr(s, "namespace "GATEWAY_NETNS);
        break;
    case NET_OP_ADD_ADDR:
    case NET_OP_DEL_ADDR:
        net_addr_format(&op->addr, s);
        break;
    case NET_OP_ADD_ROUTE:
    case NET_OP_DEL_ROUTE:
        net_route_format(&op->route, s);
        break;
    case NET_OP_ADD_RULE:
    case NET_OP_DEL_RULE:
        net_rule_format(&op->rule, s);
        break;
    case NET_OP_SET_NEIGH:
    case NET_OP_DEL_NEIGH:
        net_neigh_format_name(&op->neigh, s);
        break;
    case NET_OP_SET_SYSCTL:
        net_sysctl_format_name(&op->sysctl, s);
        ds_put_format(s, " to %d", op->sysctl.value);
        break;
    case NET_OP_ADD_PAIR:
    case NET_OP_ADD_LINK:
    case NET_OP_DEL_LINK:
    case NET_OP_MOVE_LINK:
    case NET_OP_SET_LINK:
    case NET_OP_SET_OFFLOAD:
        net_link_format_name(&op->link, s);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
put_parts(unsigned int parts, struct ds *s)
{
    ds_put_format(s, "%s%s%s%s",
                  parts & NET_LINK_MARK ? " alias" : "",
                  parts & NET_LINK_MTU ? " mtu" : "",
                  parts & NET_LINK_MAC ? " mac" : "",
                  parts & NET_LINK_UP ? " up" : "");
}
