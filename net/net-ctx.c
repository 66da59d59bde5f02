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
 * changed.  See net-ctx.h. */

#include <config.h>
#include "net/net-ctx.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/addr.h"
#include "net/net-codec.h"
#include "net/nl.h"
#include "openvswitch/util.h"
#include "util.h"

/* How often an interrupted dump is started again. */
#define MAX_DUMPS 10

/* Addresses that are being collected. */
struct address_list {
    struct in6_addr *addresses;
    size_t n, allocated;
};

static void collect_address(const struct nlmsghdr *, void *list);

int
net_ctx_open(struct net_ctx **ret, char **error)
{
    struct net_ctx *ctx = xzalloc(sizeof *ctx);
    int retval;

    nlns_init(&ctx->ns[NET_HOST], NULL);
    nlns_init(&ctx->ns[NET_GATEWAY], GATEWAY_NETNS);
    retval = nlns_refresh(&ctx->ns[NET_HOST], NULL);
    if (!retval) {
        retval = nlns_refresh(&ctx->ns[NET_GATEWAY], NULL);
    }
    if (retval) {
        *error = xasprintf("cannot open rtnetlink sockets: %s",
                           ovs_strerror(retval));
        net_ctx_close(ctx);
        return retval;
    }
    *ret = ctx;
    return 0;
}

void
net_ctx_close(struct net_ctx *ctx)
{
    if (ctx) {
        for (int i = 0; i < NET_N_WHERE; i++) {
            nlns_uninit(&ctx->ns[i]);
        }
        free(ctx);
    }
}

int
net_ctx_gateway_fd(const struct net_ctx *ctx)
{
    return ctx->ns[NET_GATEWAY].fd;
}

int
net_local_addresses(struct net_ctx *ctx, struct in6_addr **ret, size_t *n,
                    char **error)
{
    struct address_list list = { NULL, 0, 0 };
    int retval = EAGAIN;

    for (int i = 0; i < MAX_DUMPS && retval == EAGAIN; i++) {
        union net_codec_buffer buf;

        list.n = 0;
        retval = nl_conn_dump(ctx->ns[NET_HOST].route,
                              net_codec_dump_addrs(&buf, AF_UNSPEC),
                              collect_address, &list);
    }
    if (retval) {
        free(list.addresses);
        *error = xasprintf("cannot read the addresses of this host: %s",
                           ovs_strerror(retval));
        return retval;
    }
    *ret = list.addresses;
    *n = list.n;
    return 0;
}

bool
net_kernel_datapath_supported(void)
{
    return nl_has_genl_family("ovs_datapath");
}

static void
collect_address(const struct nlmsghdr *nlh, void *list_)
{
    struct address_list *list = list_;
    struct in6_addr address;

    if (net_codec_parse_any_addr(nlh, &address)) {
        if (list->n >= list->allocated) {
            list->addresses = x2nrealloc(list->addresses, &list->allocated,
                                         sizeof *list->addresses);
        }
        list->addresses[list->n++] = address;
    }
}
