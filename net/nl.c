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

/* nl: a netlink socket over libmnl.  See nl.h. */

#include <config.h>
#include "net/nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "openvswitch/util.h"
#include "util.h"

/* The kernel answers a request before send() returns; this is only a limit
 * against waiting for ever. */
#define ANSWER_TIMEOUT_MS 5000

/* Largest datagram that the kernel makes for a dump. */
#define RECEIVE_SIZE 32768

/* Enough for the multicast of a few thousand changes at once. */
#define SOCKET_BUFFER_SIZE (1024 * 1024)

struct nl_conn {
    struct mnl_socket *mnl;
    uint32_t seq;               /* Of the last request. */
    uint32_t portid;            /* Our address. */
    void *buffer;               /* RECEIVE_SIZE bytes. */
};

/* What one answer is collected into. */
struct answer {
    nl_message_cb *cb;          /* May be NULL. */
    void *aux;
    char **explanation;         /* May be NULL. */
    int error;                  /* From NLMSG_ERROR or NLMSG_DONE. */
    bool interrupted;           /* NLM_F_DUMP_INTR was seen. */
    bool done;
};

static int send_request(struct nl_conn *, struct nlmsghdr *);
static int receive_answer(struct nl_conn *, struct answer *);
static int wait_readable(const struct nl_conn *);
static void take_datagram(struct nl_conn *, size_t size, struct answer *);
static void take_message(const struct nlmsghdr *, struct answer *);
static void set_flag(struct mnl_socket *, int option);
static int find_message(const struct nlattr *, void *text);

int
nl_conn_open(int bus, struct nl_conn **ret)
{
    struct mnl_socket *mnl = mnl_socket_open2(bus, SOCK_CLOEXEC);
    int size = SOCKET_BUFFER_SIZE;
    struct nl_conn *conn;
    int error;

    if (!mnl) {
        return errno;
    }
    if (mnl_socket_bind(mnl, 0, MNL_SOCKET_AUTOPID) < 0) {
        error = errno;
        mnl_socket_close(mnl);
        return error;
    }

    /* All three are improvements that old kernels do not have. */
    set_flag(mnl, NETLINK_EXT_ACK);
    set_flag(mnl, NETLINK_CAP_ACK);
    set_flag(mnl, NETLINK_GET_STRICT_CHK);
    /* So is a large buffer, when the administrator's limit is lower. */
    if (setsockopt(mnl_socket_get_fd(mnl), SOL_SOCKET, SO_RCVBUFFORCE,
                   &size, sizeof size)) {
        ignore(setsockopt(mnl_socket_get_fd(mnl), SOL_SOCKET, SO_RCVBUF,
                          &size, sizeof size));
    }

    conn = xzalloc(sizeof *conn);
    conn->mnl = mnl;
    conn->portid = mnl_socket_get_portid(mnl);
    conn->buffer = xmalloc(RECEIVE_SIZE);
    *ret = conn;
    return 0;
}

void
nl_conn_close(struct nl_conn *conn)
{
    if (conn) {
        mnl_socket_close(conn->mnl);
        free(conn->buffer);
        free(conn);
    }
}

int
nl_conn_fd(const struct nl_conn *conn)
{
    return mnl_socket_get_fd(conn->mnl);
}

int
nl_conn_join(struct nl_conn *conn, int group)
{
    return (mnl_socket_setsockopt(conn->mnl, NETLINK_ADD_MEMBERSHIP,
                                  &group, sizeof group) < 0
            ? errno : 0);
}

int
nl_conn_request(struct nl_conn *conn, struct nlmsghdr *nlh,
                nl_message_cb *cb, void *aux, char **explanation)
{
    struct answer answer = {
        .cb = cb,
        .aux = aux,
        .explanation = explanation,
    };
    int error;

    if (explanation) {
        *explanation = NULL;
    }
    nlh->nlmsg_flags |= NLM_F_ACK;
    error = send_request(conn, nlh);
    return error ? error : receive_answer(conn, &answer);
}

int
nl_conn_dump(struct nl_conn *conn, struct nlmsghdr *nlh,
             nl_message_cb *cb, void *aux)
{
    struct answer answer = { .cb = cb, .aux = aux };
    int error = send_request(conn, nlh);

    if (!error) {
        error = receive_answer(conn, &answer);
    }
    if (error == ENOBUFS || (!error && answer.interrupted)) {
        error = EAGAIN;
    }
    return error;
}

int
nl_conn_drain(struct nl_conn *conn, nl_message_cb *cb, void *aux)
{
    for (;;) {
        ssize_t n = recv(nl_conn_fd(conn), conn->buffer, RECEIVE_SIZE,
                         MSG_DONTWAIT);
        const struct nlmsghdr *nlh = conn->buffer;
        int left;

        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }
        for (left = n; mnl_nlmsg_ok(nlh, left);
             nlh = mnl_nlmsg_next(nlh, &left)) {
            cb(nlh, aux);
        }
    }
}

char *
nl_error_explanation(const struct nlmsghdr *nlh)
{
    const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
    size_t offset = sizeof *err;
    char *text = NULL;

    if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof *err
        || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS)) {
        return NULL;
    }
    if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
        /* The whole request is repeated in front of the attributes. */
        if (err->msg.nlmsg_len < MNL_NLMSG_HDRLEN
            || err->msg.nlmsg_len > nlh->nlmsg_len) {
            return NULL;
        }
        offset += MNL_ALIGN(err->msg.nlmsg_len - MNL_NLMSG_HDRLEN);
    }
    if (MNL_NLMSG_HDRLEN + offset < nlh->nlmsg_len) {
        ignore(mnl_attr_parse(nlh, offset, find_message, &text));
    }
    return text;
}

bool
nl_has_genl_family(const char *name)
{
    union {
        struct nlmsghdr nlh;
        char bytes[MNL_NLMSG_HDRLEN + GENL_HDRLEN + 64];
    } buf;
    struct genlmsghdr *genl;
    struct nl_conn *conn;
    bool found;

    if (strlen(name) >= GENL_NAMSIZ || nl_conn_open(NETLINK_GENERIC, &conn)) {
        return false;
    }
    memset(&buf, 0, sizeof buf);
    mnl_nlmsg_put_header(&buf);
    buf.nlh.nlmsg_type = GENL_ID_CTRL;
    buf.nlh.nlmsg_flags = NLM_F_REQUEST;
    genl = mnl_nlmsg_put_extra_header(&buf.nlh, sizeof *genl);
    genl->cmd = CTRL_CMD_GETFAMILY;
    genl->version = 1;
    mnl_attr_put_strz(&buf.nlh, CTRL_ATTR_FAMILY_NAME, name);
    found = !nl_conn_request(conn, &buf.nlh, NULL, NULL, NULL);
    nl_conn_close(conn);
    return found;
}

static int
send_request(struct nl_conn *conn, struct nlmsghdr *nlh)
{
    nlh->nlmsg_seq = ++conn->seq;
    return (mnl_socket_sendto(conn->mnl, nlh, nlh->nlmsg_len) < 0
            ? errno : 0);
}

static int
receive_answer(struct nl_conn *conn, struct answer *answer)
{
    while (!answer->done) {
        ssize_t n;
        int error = wait_readable(conn);

        if (error) {
            return error;
        }
        n = mnl_socket_recvfrom(conn->mnl, conn->buffer, RECEIVE_SIZE);
        if (n < 0) {
            if (errno == EINTR || errno == EAGAIN) {
                continue;
            }
            return errno;
        }
        take_datagram(conn, n, answer);
    }
    return answer->error;
}

static int
wait_readable(const struct nl_conn *conn)
{
    struct pollfd pfd = { .fd = nl_conn_fd(conn), .events = POLLIN };
    int n;

    do {
        n = poll(&pfd, 1, ANSWER_TIMEOUT_MS);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? errno : n ? 0 : ETIMEDOUT;
}

/* Messages that do not belong to the last request are late answers to an
 * earlier one that was given up: skipped. */
static void
take_datagram(struct nl_conn *conn, size_t size, struct answer *answer)
{
    const struct nlmsghdr *nlh = conn->buffer;
    int left = size;

    for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
        if (nlh->nlmsg_seq == conn->seq && nlh->nlmsg_pid == conn->portid) {
            take_message(nlh, answer);
        }
    }
}

static void
take_message(const struct nlmsghdr *nlh, struct answer *answer)
{
    if (nlh->nlmsg_flags & NLM_F_DUMP_INTR) {
        answer->interrupted = true;
    }
    if (nlh->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

        answer->done = true;
        if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof *err) {
            answer->error = EPROTO;
        } else if (err->error) {
            answer->error = -err->error;
            if (answer->explanation) {
                *answer->explanation = nl_error_explanation(nlh);
            }
        }
    } else if (nlh->nlmsg_type == NLMSG_DONE) {
        answer->done = true;
        if (nlh->nlmsg_len >= MNL_NLMSG_HDRLEN + sizeof(int)) {
            int code = *(const int *) mnl_nlmsg_get_payload(nlh);

            answer->error = code < 0 ? -code : 0;
        }
    } else if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && answer->cb) {
        answer->cb(nlh, answer->aux);
    }
}

static void
set_flag(struct mnl_socket *mnl, int option)
{
    int on = 1;

    ignore(mnl_socket_setsockopt(mnl, option, &on, sizeof on));
}

static int
find_message(const struct nlattr *attr, void *text_)
{
    char **text = text_;

    if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG && !*text) {
        *text = xmemdup0(mnl_attr_get_payload(attr),
                         mnl_attr_get_payload_len(attr));
    }
    return MNL_CB_OK;
}
