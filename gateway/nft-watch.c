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

/* nft-watch: tells that somebody has changed a table of nftables.
 * See nft-watch.h. */

#include <config.h>
#include "gateway/nft-watch.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "util.h"

/* The attribute that has the name of the table, in messages about tables,
 * chains, rules and sets alike (NFTA_TABLE_NAME, NFTA_CHAIN_TABLE...). */
#define ATTR_TABLE 1

struct nft_watch {
    struct mnl_socket *nl;
    char *name;                 /* Of the table. */
    bool relevant;              /* Something about it was heard. */
};

static int judge_message(const struct nlmsghdr *, void *watch);
static int judge_attr(const struct nlattr *, void *watch);

int
nft_watch_create(const char *name, struct nft_watch **ret)
{
    int group = NFNLGRP_NFTABLES;
    struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER,
                                             SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID)
        || mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group,
                                 sizeof group)) {
        int error = errno;

        if (nl) {
            mnl_socket_close(nl);
        }
        return error;
    }
    *ret = xmalloc(sizeof **ret);
    **ret = (struct nft_watch) { .nl = nl, .name = xstrdup(name) };
    return 0;
}

void
nft_watch_destroy(struct nft_watch *watch)
{
    if (watch) {
        mnl_socket_close(watch->nl);
        free(watch->name);
        free(watch);
    }
}

bool
nft_watch_run(struct nft_watch *watch)
{
    watch->relevant = false;
    for (;;) {
        union {
            struct nlmsghdr nlh;
            char bytes[16384];
        } buf;
        ssize_t n = mnl_socket_recvfrom(watch->nl, &buf, sizeof buf);

        if (n > 0) {
            mnl_cb_run(&buf, n, 0, 0, judge_message, watch);
        } else if (n < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
            watch->relevant = true;    /* Messages were lost, or cut off. */
        } else if (n >= 0 || errno != EINTR) {
            return watch->relevant;
        }
    }
}

void
nft_watch_wait(const struct nft_watch *watch)
{
    poll_fd_wait(mnl_socket_get_fd(watch->nl), POLLIN);
}

static int
judge_message(const struct nlmsghdr *nlh, void *watch)
{
    if (NFNL_SUBSYS_ID(nlh->nlmsg_type) == NFNL_SUBSYS_NFTABLES) {
        mnl_attr_parse(nlh, sizeof(struct nfgenmsg), judge_attr, watch);
    }
    return MNL_CB_OK;
}

static int
judge_attr(const struct nlattr *attr, void *watch_)
{
    struct nft_watch *watch = watch_;
    size_t size = strlen(watch->name) + 1;

    if (mnl_attr_get_type(attr) == ATTR_TABLE
        && mnl_attr_get_payload_len(attr) == size
        && !memcmp(mnl_attr_get_payload(attr), watch->name, size)) {
        watch->relevant = true;
    }
    return MNL_CB_OK;
}
