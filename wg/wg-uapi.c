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

/* wg-uapi: the WireGuard backend for programs (wireguard-go).
 * See wg-backend.h.
 *
 * One connection per call: the program may be restarted at any time.  All of a
 * call has to be over by a deadline, however slowly the program talks. */

#include <config.h>
#include "wg/wg-backend.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"
#include "wg/wg-device.h"
#include "wg/wg-diff.h"
#include "wg/wg-uapi-codec.h"
#include "wg/wg-uapi-socket.h"

/* An answer longer than this is not read to its end. */
#define MAX_ANSWER_SIZE (64 * 1024 * 1024)

/* An answer that is being received.  It holds keys. */
struct answer {
    char *text;                 /* Null-terminated. */
    size_t len;
    size_t allocated;
};

static const struct wg_backend_ops wg_uapi_ops;

static int transact(const char *ifname, const char *request, size_t len,
                    struct answer *, char **error);
static int send_all(int fd, const char *, size_t, long long int deadline);
static int receive_all(int fd, struct answer *, long long int deadline);
static int wait_fd(int fd, short int events, long long int deadline);
static bool answer_is_complete(const struct answer *);
static void answer_grow(struct answer *);
static void answer_destroy(struct answer *);
static void wipe_string(struct ds *);
static long long int monotonic_ms(void);

int
wg_backend_open_userspace(const char *ifname, struct wg_backend **backend)
{
    int fd;
    int retval = wg_uapi_connect(ifname, &fd);

    if (retval) {
        return retval;
    }
    close(fd);
    *backend = xzalloc(sizeof **backend);
    (*backend)->ops = &wg_uapi_ops;
    return 0;
}

static int
wg_uapi_read(struct wg_backend *backend OVS_UNUSED, const char *ifname,
             struct wg_device *dev, char **error)
{
    struct answer answer = { .text = NULL };
    int retval = transact(ifname, WG_UAPI_GET, strlen(WG_UAPI_GET), &answer,
                          error);

    if (!retval) {
        retval = wg_uapi_parse_get(answer.text, dev, error);
    }
    answer_destroy(&answer);
    return retval;
}

static int
wg_uapi_apply(struct wg_backend *backend OVS_UNUSED,
              const struct wg_device *desired, const struct wg_delta *delta,
              char **error)
{
    struct ds request = DS_EMPTY_INITIALIZER;
    struct answer answer = { .text = NULL };
    int retval;

    wg_uapi_format_set(desired, delta, &request);
    retval = transact(desired->name, request.string, request.length, &answer,
                      error);
    if (!retval) {
        retval = wg_uapi_parse_set(answer.text, error);
    }
    wipe_string(&request);
    answer_destroy(&answer);
    return retval;
}

static void
wg_uapi_close(struct wg_backend *backend)
{
    free(backend);
}

static const struct wg_backend_ops wg_uapi_ops = {
    .name = "userspace",
    .read = wg_uapi_read,
    .apply = wg_uapi_apply,
    .close = wg_uapi_close,
};

/* Sends the 'len' bytes of 'request' and receives 'answer', which the caller
 * must destroy, also on failure. */
static int
transact(const char *ifname, const char *request, size_t len,
         struct answer *answer, char **error)
{
    long long int deadline = monotonic_ms() + WG_BACKEND_TIMEOUT_MS;
    int fd;
    int retval = wg_uapi_connect(ifname, &fd);

    if (!retval) {
        retval = send_all(fd, request, len, deadline);
        if (!retval) {
            retval = receive_all(fd, answer, deadline);
        }
        close(fd);
    }
    if (retval) {
        char *path = wg_uapi_socket_path(ifname);

        *error = xasprintf("WireGuard program at %s: %s", path,
                           ovs_strerror(retval));
        free(path);
    }
    return retval;
}

static int
send_all(int fd, const char *p, size_t len, long long int deadline)
{
    while (len) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

        if (n >= 0) {
            p += n;
            len -= n;
        } else if (errno == EAGAIN) {
            int retval = wait_fd(fd, POLLOUT, deadline);

            if (retval) {
                return retval;
            }
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* Receives up to the empty line that ends an answer. */
static int
receive_all(int fd, struct answer *answer, long long int deadline)
{
    while (!answer_is_complete(answer)) {
        int retval = wait_fd(fd, POLLIN, deadline);
        ssize_t n;

        if (retval) {
            return retval;
        }
        if (answer->len > MAX_ANSWER_SIZE) {
            return EMSGSIZE;
        }
        answer_grow(answer);
        n = recv(fd, answer->text + answer->len,
                 answer->allocated - answer->len - 1, 0);
        if (!n) {
            return EPIPE;
        } else if (n > 0) {
            answer->len += n;
            answer->text[answer->len] = '\0';
        } else if (errno != EAGAIN && errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* Waits for 'events' until 'deadline'. */
static int
wait_fd(int fd, short int events, long long int deadline)
{
    struct pollfd pfd = { .fd = fd, .events = events };

    for (;;) {
        long long int left = deadline - monotonic_ms();
        int n;

        if (left <= 0) {
            return ETIMEDOUT;
        }
        n = poll(&pfd, 1, left);
        if (n > 0) {
            return 0;
        } else if (n < 0 && errno != EINTR) {
            return errno;
        }
    }
}

static bool
answer_is_complete(const struct answer *answer)
{
    return answer->len >= 2
           && !memcmp(&answer->text[answer->len - 2], "\n\n", 2);
}

/* Makes room for more.  Not with realloc(), which would leave keys behind. */
static void
answer_grow(struct answer *answer)
{
    struct answer larger;

    if (answer->allocated - answer->len > 1) {
        return;
    }
    larger.allocated = answer->allocated ? answer->allocated * 2 : 16384;
    larger.len = answer->len;
    larger.text = xmalloc(larger.allocated);
    if (answer->len) {
        memcpy(larger.text, answer->text, answer->len);
    }
    answer_destroy(answer);
    *answer = larger;
}

static void
answer_destroy(struct answer *answer)
{
    if (answer->text) {
        wgkey_wipe(answer->text, answer->allocated);
        free(answer->text);
    }
}

static void
wipe_string(struct ds *s)
{
    wgkey_wipe(s->string, s->allocated);
    ds_destroy(s);
}

/* Not time_msec() of the poll loop, which stands still during a call. */
static long long int
monotonic_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}
