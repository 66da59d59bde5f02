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

/* test-storm: sends frames as fast as it can, for the ring "system". */

#include <config.h>

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"

/* Frames that one system call sends. */
#define BATCH 64
#define FRAME_SIZE 60

struct batch {
    uint8_t frames[BATCH][FRAME_SIZE];
    struct iovec iov[BATCH];
    struct mmsghdr msgs[BATCH];
};

static int
open_interface(const char *name)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = if_nametoindex(name),
    };
    int fd = socket(AF_PACKET, SOCK_RAW, 0);

    if (fd < 0
        || bind(fd, (const struct sockaddr *) &address, sizeof address)) {
        ovs_fatal(errno, "%s: cannot be opened", name);
    }
    return fd;
}

static void
batch_init(struct batch *batch)
{
    memset(batch, 0, sizeof *batch);
    for (size_t i = 0; i < BATCH; i++) {
        struct eth_header *eth = (struct eth_header *) batch->frames[i];

        eth->eth_dst = eth_addr_broadcast;
        eth->eth_src = (struct eth_addr) { .ea = { 0x52, 0x54, 0, 0, 0, 1 } };
        eth->eth_type = htons(0x88b5);
        batch->iov[i].iov_base = batch->frames[i];
        batch->iov[i].iov_len = FRAME_SIZE;
        batch->msgs[i].msg_hdr.msg_iov = &batch->iov[i];
        batch->msgs[i].msg_hdr.msg_iovlen = 1;
    }
}

/* Gives every frame a source of its own, from number 'from' upwards. */
static void
set_sources(struct batch *batch, uint32_t from)
{
    for (size_t i = 0; i < BATCH; i++) {
        struct eth_header *eth = (struct eth_header *) batch->frames[i];
        uint32_t n = from + i;

        eth->eth_src = (struct eth_addr) {
            .ea = { 0x52, 0x55, n >> 24, n >> 16, n >> 8, n }
        };
    }
}

static double
now_s(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Sends broadcasts from one source, or from a new one each time, for some time
 * or until there are N; as fast as possible, or RATE a second. */
static void
test_storm(struct ovs_cmdl_context *ctx)
{
    int fd = open_interface(ctx->argv[1]);
    bool sources = !strcmp(ctx->argv[2], "sources");
    double start = now_s();
    double end = start + atoi(ctx->argv[3]);
    uint32_t max = ctx->argc > 4 ? atoi(ctx->argv[4]) : UINT32_MAX;
    double rate = ctx->argc > 5 ? atoi(ctx->argv[5]) : 1e12;
    struct batch batch;
    uint32_t n = 0;

    batch_init(&batch);
    while (n < max && now_s() < end) {
        int retval;

        if (n > (now_s() - start) * rate) {
            usleep(1000);
            continue;
        }
        if (sources) {
            set_sources(&batch, n);
        }
        retval = sendmmsg(fd, batch.msgs, BATCH, 0);
        if (retval > 0) {
            n += retval;
        } else if (errno != ENOBUFS && errno != EAGAIN) {
            ovs_fatal(errno, "%s: sending failed", ctx->argv[1]);
        }
    }
    printf("%u frames, %.0f a second\n", n, n / (now_s() - start));
    close(fd);
}

const struct ovs_cmdl_command test_storm_commands[] = {
    { "storm", "IFACE broadcast|sources SECONDS [N [RATE]]", 3, 5, test_storm,
      OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RW },
};
