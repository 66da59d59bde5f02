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

/* mtu-socket: sends packets of a given size to a peer, and receives its
 * answers.  See mtu-socket.h. */

#include <config.h>
#include "ovs-ctl/mtu-socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "csum.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "random.h"
#include "util.h"

/* What an echo request has behind its IP header; zeros follow. */
struct probe {
    struct icmphdr icmp;
    uint32_t nonce[2];          /* Tells our answers from others'. */
};

BUILD_ASSERT_DECL(sizeof(struct probe) == 16);

#define IP_HEADER_SIZE 20
#define MAX_SIZE 65535

struct mtu_socket {
    int fd;
    uint32_t nonce[2];
    char packet[MAX_SIZE];      /* Zeros, but for the beginning. */
};

/* Room for one control message. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static int set_options(int fd, uint32_t nonce);

int
mtu_socket_open(struct mtu_socket **ret)
{
    uint32_t nonce = random_uint32();
    struct mtu_socket *s;
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    IPPROTO_ICMP);
    int error;

    if (fd < 0) {
        return errno;
    }
    error = set_options(fd, nonce);
    if (error) {
        close(fd);
        return error;
    }
    s = xzalloc(sizeof *s);
    s->fd = fd;
    s->nonce[0] = nonce;
    s->nonce[1] = random_uint32();
    *ret = s;
    return 0;
}

void
mtu_socket_close(struct mtu_socket *s)
{
    if (s) {
        close(s->fd);
        free(s);
    }
}

int
mtu_socket_send(struct mtu_socket *s, const struct mtu_packet *packet)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = packet->dst,
    };
    struct iovec iov = { s->packet, packet->size - IP_HEADER_SIZE };
    union control control = {
        .header = {
            .cmsg_level = IPPROTO_IP,
            .cmsg_type = IP_PKTINFO,
            .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
        },
    };
    struct msghdr msg = {
        .msg_name = &to, .msg_namelen = sizeof to,
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control.bytes,
    };
    struct in_pktinfo info = {
        .ipi_ifindex = packet->ifindex, .ipi_spec_dst.s_addr = packet->src,
    };
    struct probe probe = {
        .icmp.type = ICMP_ECHO,
        .icmp.un.echo.id = htons(s->nonce[0]),
        .icmp.un.echo.sequence = htons(packet->seqno),
        .nonce = { s->nonce[0], s->nonce[1] },
    };

    ovs_assert(packet->size >= IP_HEADER_SIZE + sizeof probe);
    /* The zeros behind it do not change the sum. */
    probe.icmp.checksum = csum(&probe, sizeof probe);
    memcpy(s->packet, &probe, sizeof probe);
    memcpy(CMSG_DATA(&control.header), &info, sizeof info);
    return sendmsg(s->fd, &msg, 0) < 0 ? errno : 0;
}

bool
mtu_socket_receive(struct mtu_socket *s, ovs_be32 *src, uint16_t *seqno,
                   size_t *size)
{
    char buf[60 + sizeof(struct probe)];
    ssize_t n;

    /* MSG_TRUNC: the whole length, though only the beginning is read. */
    while ((n = recv(s->fd, buf, sizeof buf, MSG_TRUNC)) >= 0) {
        struct probe probe;
        struct iphdr ip;
        size_t header;

        if (n < sizeof ip) {
            continue;
        }
        memcpy(&ip, buf, sizeof ip);
        header = ip.ihl * 4;
        if (n < header + sizeof probe) {
            continue;
        }
        memcpy(&probe, buf + header, sizeof probe);
        if (probe.icmp.type == ICMP_ECHOREPLY
            && probe.icmp.un.echo.id == htons(s->nonce[0])
            && !memcmp(probe.nonce, s->nonce, sizeof probe.nonce)) {
            *src = ip.saddr;
            *seqno = ntohs(probe.icmp.un.echo.sequence);
            *size = n;
            return true;
        }
    }
    return false;
}

void
mtu_socket_wait(const struct mtu_socket *s)
{
    poll_fd_wait(s->fd, POLLIN);
}

static int
set_options(int fd, uint32_t nonce)
{
    /* Do not fragment, and do not believe what was learnt about the path. */
    const int discover = IP_PMTUDISC_PROBE;
    const struct icmp_filter filter = { ~(1u << ICMP_ECHOREPLY) };

    /* Only answers with our nonce: others' pings must not wake us up. */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_IND, offsetof(struct probe, nonce)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(nonce), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog program = { ARRAY_SIZE(code), code };

    return (setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover,
                       sizeof discover)
            || setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter)
            || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                          sizeof program)
            ? errno : 0);
}
