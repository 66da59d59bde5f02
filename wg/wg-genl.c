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

/* wg-genl: the WireGuard backend of the kernel.  See wg-backend.h.
 *
 * Opens a generic netlink socket, sends what wg-genl-codec.c writes and hands
 * it what comes back.  A netlink socket stays in the network namespace in
 * which it was opened, which is how one process serves devices in others. */

#include <config.h>
#include "wg/wg-backend.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "wg/wg-device.h"
#include "wg/wg-genl-codec.h"

VLOG_DEFINE_THIS_MODULE(wg_genl);

/* Of requests.  Answers of a dump come in up to 32 kB. */
#define REQUEST_SIZE 8192
#define ANSWER_SIZE 65536

/* How often a dump that the kernel marks as inconsistent is repeated. */
#define MAX_DUMPS 5

struct wg_genl {
    struct wg_backend up;
    struct mnl_socket *socket;
    uint16_t family;            /* Id of "wireguard". */
    uint32_t seq;               /* Of the last request. */
    void *request;              /* REQUEST_SIZE bytes... */
    void *answer;               /* ...and ANSWER_SIZE bytes, which hold keys
                                 * during a call and are wiped after it. */
};

/* What is done with the messages of an answer other than its end.  Returns 0
 * or a positive errno value with a sentence in '*error'. */
typedef int answer_cb(const struct nlmsghdr *, void *aux, char **error);

/* An answer that is being received. */
struct answer {
    answer_cb *cb;              /* NULL if only its end matters. */
    void *aux;                  /* For 'cb'. */
    bool done;                  /* Its last message was there. */
};

static const struct wg_backend_ops wg_genl_ops;

static int open_socket(int netns_fd, struct mnl_socket **);
static int open_socket_here(struct mnl_socket **);
static int find_family(struct wg_genl *);
static int dump(struct wg_genl *, const char *ifname, struct wg_device *,
                char **error);
static int transact(struct wg_genl *, answer_cb *, void *aux, char **error);
static int receive(struct wg_genl *, size_t *len, char **error);
static int process(struct wg_genl *, const struct nlmsghdr *,
                   struct answer *, char **error);
static int process_end(const struct nlmsghdr *, char **error);
static const char *extended_ack(const struct nlmsghdr *, size_t skip);
static int fail(int err, const char *what, char **error);

int
wg_backend_open_kernel(int netns_fd, struct wg_backend **backend)
{
    struct mnl_socket *socket;
    struct wg_genl *genl;
    int retval = open_socket(netns_fd, &socket);

    if (retval) {
        return retval == EPROTONOSUPPORT ? EOPNOTSUPP : retval;
    }
    genl = xzalloc(sizeof *genl);
    genl->up.ops = &wg_genl_ops;
    genl->socket = socket;
    genl->request = xmalloc(REQUEST_SIZE);
    genl->answer = xmalloc(ANSWER_SIZE);
    retval = find_family(genl);
    if (retval) {
        wg_backend_close(&genl->up);
        return retval == ENOENT ? EOPNOTSUPP : retval;
    }
    *backend = &genl->up;
    return 0;
}

static int
wg_genl_read(struct wg_backend *backend, const char *ifname,
             struct wg_device *dev, char **error)
{
    struct wg_genl *genl = CONTAINER_OF(backend, struct wg_genl, up);
    char *dump_error = NULL;
    int retval = dump(genl, ifname, dev, &dump_error);

    for (int i = 1; i < MAX_DUMPS && retval == EINTR; i++) {
        free(dump_error);
        dump_error = NULL;
        wg_device_uninit(dev);
        wg_device_init(dev, ifname);
        retval = dump(genl, ifname, dev, &dump_error);
    }
    if (retval) {
        *error = dump_error;
    }
    return retval;
}

static int
wg_genl_apply(struct wg_backend *backend, const struct wg_device *desired,
              const struct wg_delta *delta, char **error)
{
    struct wg_genl *genl = CONTAINER_OF(backend, struct wg_genl, up);
    struct wg_genl_cursor cursor = {
        .desired = desired,
        .delta = delta,
        .family = genl->family,
    };
    int retval = 0;

    while (!cursor.done && !retval) {
        retval = wg_genl_put_set(&cursor, ++genl->seq, genl->request,
                                 REQUEST_SIZE);
        if (retval) {
            fail(retval, "WireGuard request", error);
        } else {
            retval = transact(genl, NULL, NULL, error);
        }
    }
    wgkey_wipe(genl->request, REQUEST_SIZE);
    return retval;
}

static void
wg_genl_close(struct wg_backend *backend)
{
    struct wg_genl *genl = CONTAINER_OF(backend, struct wg_genl, up);

    mnl_socket_close(genl->socket);
    free(genl->request);
    free(genl->answer);
    free(genl);
}

static const struct wg_backend_ops wg_genl_ops = {
    .name = "kernel",
    .read = wg_genl_read,
    .apply = wg_genl_apply,
    .close = wg_genl_close,
};

static int
open_socket(int netns_fd, struct mnl_socket **socket)
{
    int own_fd, retval;

    if (netns_fd < 0) {
        return open_socket_here(socket);
    }
    own_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    if (own_fd < 0) {
        return errno;
    }
    if (setns(netns_fd, CLONE_NEWNET)) {
        retval = errno;
    } else {
        retval = open_socket_here(socket);
        if (setns(own_fd, CLONE_NEWNET)) {
            /* Going on would configure the wrong network. */
            VLOG_FATAL("cannot return to own network namespace: %s",
                       ovs_strerror(errno));
        }
    }
    close(own_fd);
    return retval;
}

static int
open_socket_here(struct mnl_socket **socketp)
{
    struct timeval timeout = { .tv_sec = WG_BACKEND_TIMEOUT_MS / 1000 };
    struct mnl_socket *socket;
    int on = 1;

    socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
    if (!socket) {
        return errno;
    }
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID)
        || setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO,
                      &timeout, sizeof timeout)) {
        int retval = errno;

        mnl_socket_close(socket);
        return retval;
    }
    /* Kernels before 4.12 have no sentences for their errors. */
    mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof on);
    *socketp = socket;
    return 0;
}

static int
family_cb(const struct nlmsghdr *nlh, void *genl_, char **error)
{
    struct wg_genl *genl = genl_;
    int retval = wg_genl_parse_family(nlh, &genl->family);

    return retval ? fail(retval, "family of WireGuard", error) : 0;
}

static int
find_family(struct wg_genl *genl)
{
    char *error = NULL;
    int retval = wg_genl_put_get_family(WG_GENL_NAME, ++genl->seq,
                                        genl->request, REQUEST_SIZE);

    if (!retval) {
        retval = transact(genl, family_cb, genl, &error);
    }
    free(error);
    return retval ? retval : genl->family ? 0 : EPROTO;
}

static int
device_cb(const struct nlmsghdr *nlh, void *dev, char **error)
{
    return wg_genl_parse_device(nlh, dev, error);
}

/* Returns EINTR if the device changed meanwhile. */
static int
dump(struct wg_genl *genl, const char *ifname, struct wg_device *dev,
     char **error)
{
    int retval = wg_genl_put_get(ifname, genl->family, ++genl->seq,
                                 genl->request, REQUEST_SIZE);

    return (retval ? fail(retval, "WireGuard request", error)
            : transact(genl, device_cb, dev, error));
}

/* Sends genl->request and passes each message of the answer to 'cb', until
 * the end of the answer.  Reads the whole answer also if 'cb' fails, so that
 * the next call does not find the rest. */
static int
transact(struct wg_genl *genl, answer_cb *cb, void *aux, char **error)
{
    const struct nlmsghdr *request = genl->request;
    struct answer answer = { .cb = cb, .aux = aux };
    int retval = 0;

    if (mnl_socket_sendto(genl->socket, request, request->nlmsg_len) < 0) {
        return fail(errno, "WireGuard request", error);
    }
    while (!answer.done) {
        const struct nlmsghdr *nlh = genl->answer;
        size_t size = 0;
        int len;
        int err = receive(genl, &size, retval ? NULL : error);

        if (err) {
            retval = retval ? retval : err;
            break;
        }
        for (len = size; mnl_nlmsg_ok(nlh, len) && !answer.done;
             nlh = mnl_nlmsg_next(nlh, &len)) {
            char *this_error = NULL;

            err = process(genl, nlh, &answer, &this_error);
            if (err && !retval) {
                retval = err;
                *error = this_error;
            } else {
                free(this_error);
            }
        }
    }
    wgkey_wipe(genl->answer, ANSWER_SIZE);
    return retval;
}

static int
receive(struct wg_genl *genl, size_t *size, char **error)
{
    ssize_t n;

    do {
        n = mnl_socket_recvfrom(genl->socket, genl->answer, ANSWER_SIZE);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        return fail(errno == EAGAIN ? ETIMEDOUT : errno,
                    "answer of the kernel's WireGuard", error);
    }
    *size = n;
    return 0;
}

/* Handles one message. */
static int
process(struct wg_genl *genl, const struct nlmsghdr *nlh,
        struct answer *answer, char **error)
{
    if (nlh->nlmsg_seq != genl->seq) {
        return 0;               /* Rest of an answer that came too late. */
    }
    if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE) {
        answer->done = true;
        return process_end(nlh, error);
    }
    if (nlh->nlmsg_flags & NLM_F_DUMP_INTR) {
        return fail(EINTR, "dump of WireGuard", error);
    }
    return (answer->cb && nlh->nlmsg_type >= NLMSG_MIN_TYPE
            ? answer->cb(nlh, answer->aux, error) : 0);
}

/* NLMSG_ERROR carries an error and the request (its header only, if capped),
 * NLMSG_DONE an error; after that comes the extended acknowledgement. */
static int
process_end(const struct nlmsghdr *nlh, char **error)
{
    size_t len = mnl_nlmsg_get_payload_len(nlh);
    const char *text = NULL;
    int err = 0;

    if (len >= sizeof err) {
        memcpy(&err, mnl_nlmsg_get_payload(nlh), sizeof err);
    } else if (nlh->nlmsg_type == NLMSG_ERROR) {
        err = -EPROTO;
    }
    if (!err) {
        return 0;
    }
    err = err < 0 && err > -4096 ? -err : EPROTO;
    if (nlh->nlmsg_type == NLMSG_DONE) {
        text = extended_ack(nlh, sizeof err);
    } else if (len >= sizeof(struct nlmsgerr)) {
        const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

        text = extended_ack(nlh, sizeof *e
                            + (nlh->nlmsg_flags & NLM_F_CAPPED ? 0
                               : MNL_ALIGN(e->msg.nlmsg_len)
                                 - sizeof e->msg));
    }
    *error = xasprintf("the kernel's WireGuard refuses: %s%s%s",
                       ovs_strerror(err), text ? ": " : "", text ? text : "");
    return err;
}

/* Returns the kernel's sentence in the attributes after 'skip' bytes of
 * payload, or NULL.  Borrowed from 'nlh'. */
static const char *
extended_ack(const struct nlmsghdr *nlh, size_t skip)
{
    const struct nlattr *a;

    if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS)
        || skip > mnl_nlmsg_get_payload_len(nlh)) {
        return NULL;
    }
    mnl_attr_for_each(a, nlh, skip) {
        const char *text = mnl_attr_get_payload(a);
        size_t len = mnl_attr_get_payload_len(a);

        if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG
            && len && !text[len - 1]) {
            return text;
        }
    }
    return NULL;
}

/* 'error' may be NULL if nobody wants the sentence. */
static int
fail(int err, const char *what, char **error)
{
    if (error) {
        *error = xasprintf("%s: %s", what, ovs_strerror(err));
    }
    return err;
}
