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

/* probe-socket: sends packets to a peer through the direct link, and receives
 * its answers.  See probe-socket.h. */

#include <config.h>
#include "ovs-ctl/probe-socket.h"

#include <errno.h>
#include <net/if.h>             /* Must come before Linux's own headers. */
#include <netinet/in.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "csum.h"
#include "lib/addr.h"
#include "lib/fabric.h"
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

/* Nothing that is of use lies around for longer. */
#define MAX_AGE_US (10 * 1000 * 1000)

struct probe_socket {
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
static bool parse_answer(const struct probe_socket *, const char *buf,
                         size_t n, struct probe_answer *);
static uint32_t get_age_us(struct msghdr *);

const char *
probe_link(bool userspace_datapath)
{
    return userspace_datapath ? BRIDGE_UNDERLAY : LINK_TUN_HOST;
}

void
probe_packet_init(struct probe_packet *packet, const struct settings *s,
                  uint16_t self, uint16_t peer, unsigned int ifindex)
{
    *packet = (struct probe_packet) {
        .src = addr_vtep(s, self),
        .dst = addr_vtep(s, peer),
        .ifindex = ifindex,
    };
}

uint16_t
probe_answer_peer(const struct probe_answer *answer, const struct settings *s)
{
    uint32_t id = ntohl(answer->src ^ s->vtep_prefix.address);

    return (id >= HOST_ID_MIN && id <= HOST_ID_MAX
            && addr_vtep(s, id) == answer->src ? id : 0);
}

int
probe_socket_open(struct probe_socket **ret)
{
    uint32_t nonce = random_uint32();
    struct probe_socket *s;
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
probe_socket_close(struct probe_socket *s)
{
    if (s) {
        close(s->fd);
        free(s);
    }
}

int
probe_socket_send(struct probe_socket *s, const struct probe_packet *packet)
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
probe_socket_receive(struct probe_socket *s, struct probe_answer *ret)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    char buf[60 + sizeof(struct probe)];
    struct iovec iov = { buf, sizeof buf };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;

    do {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof control;
        /* The whole length, though only the beginning is read. */
        n = recvmsg(s->fd, &msg, MSG_TRUNC);
        if (n < 0) {
            return false;
        }
    } while (!parse_answer(s, buf, n, ret));
    ret->age_us = get_age_us(&msg);
    return true;
}

void
probe_socket_wait(const struct probe_socket *s)
{
    poll_fd_wait(s->fd, POLLIN);
}

static int
set_options(int fd, uint32_t nonce)
{
    /* Do not fragment, and do not believe what was learnt about the path. */
    const int discover = IP_PMTUDISC_PROBE;
    const int yes = 1;
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
            || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes)
            || setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter)
            || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                          sizeof program)
            ? errno : 0);
}

/* Is the packet of 'n' bytes, which begins with 'buf', an answer to one of
 * ours? */
static bool
parse_answer(const struct probe_socket *s, const char *buf, size_t n,
             struct probe_answer *ret)
{
    struct probe probe;
    struct iphdr ip;
    size_t header;

    if (n < sizeof ip) {
        return false;
    }
    memcpy(&ip, buf, sizeof ip);
    header = ip.ihl * 4;
    if (n < header + sizeof probe) {
        return false;
    }
    memcpy(&probe, buf + header, sizeof probe);
    ret->src = ip.saddr;
    ret->seqno = ntohs(probe.icmp.un.echo.sequence);
    ret->size = n;
    return (probe.icmp.type == ICMP_ECHOREPLY
            && probe.icmp.un.echo.id == htons(s->nonce[0])
            && !memcmp(probe.nonce, s->nonce, sizeof probe.nonce));
}

/* Returns how long ago the kernel received 'msg'.  Its clock may be set
 * meanwhile: what cannot be is 0. */
static uint32_t
get_age_us(struct msghdr *msg)
{
    const struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
    struct timespec then, now;
    long long int us;

    if (!cmsg || cmsg->cmsg_level != SOL_SOCKET
        || cmsg->cmsg_type != SCM_TIMESTAMPNS) {
        return 0;
    }
    memcpy(&then, CMSG_DATA(cmsg), sizeof then);
    clock_gettime(CLOCK_REALTIME, &now);
    us = ((now.tv_sec - then.tv_sec) * 1000000LL
          + (now.tv_nsec - then.tv_nsec) / 1000);
    return us < 0 || us > MAX_AGE_US ? 0 : us;
}
