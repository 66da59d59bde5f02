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

/* net-ctx: the sockets with which the network of this host is read and
 * changed, and what can be asked without a plan.
 *
 * This is what the daemon includes of net/, besides net-state.h (desired),
 * net-diff.h (plan) and net-watch.h (when to read again):
 *
 *     net_want()  net_read() -> net_diff() -> net_apply()
 *
 * All functions return 0 or a positive errno; on failure '*error' is a
 * malloc'd sentence and other outputs are untouched. */

#ifndef MOBULA_NET_CTX_H
#define MOBULA_NET_CTX_H 1

#include <netinet/in.h>
#include "net/net-state.h"
#include "net/nlns.h"
#include "openvswitch/compiler.h"

struct net_plan;

/* Both namespaces.  The gateway's may appear and disappear at any time. */
struct net_ctx {
    struct nlns ns[NET_N_WHERE];
    char way_out[IFNAMSIZ];     /* Link that the last net_way_out_read() found,
                                 * which net_read() looks at, too. */
};

/* Opens the sockets in the host's namespace, and in the gateway's if there is
 * one.  The caller must free '*ret' with net_ctx_close(). */
int net_ctx_open(struct net_ctx **ret, char **error) OVS_WARN_UNUSED_RESULT;

/* 'ctx' may be NULL.  Changes nothing in the kernel. */
void net_ctx_close(struct net_ctx *ctx);

/* Returns the file descriptor of the gateway's namespace as of the last
 * net_read() or net_apply(), for setns(2), or -1 if there is none.  Owned by
 * 'ctx': valid until the next net_read() or net_apply(). */
int net_ctx_gateway_fd(const struct net_ctx *);

/* Reads the actual state of both namespaces (net-read.c).  Fills '*ret', which
 * need not be initialized before.  EAGAIN: the state changed all the time;
 * try later. */
int net_read(struct net_ctx *, struct net_state *ret, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Executes a plan (net-apply.c).  After an error it goes on with the rest, and
 * returns the first error. */
int net_apply(struct net_ctx *, const struct net_plan *, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Stores in '*ret' all addresses of the host's namespace, IPv4 as v4-mapped,
 * loopback included; the caller must free '*ret'. */
int net_local_addresses(struct net_ctx *, struct in6_addr **ret, size_t *n,
                        char **error) OVS_WARN_UNUSED_RESULT;

/* Returns true if the kernel has the datapath of Open vSwitch; asking loads
 * its module. */
bool net_kernel_datapath_supported(void);

#endif /* net/net-ctx.h */
