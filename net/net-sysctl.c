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

/* net-sysctl: numbers under /proc/sys/net.  See net-sysctl.h. */

#include <config.h>
#include "net/net-sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/nlns.h"
#include "openvswitch/util.h"
#include "util.h"

/* A run of sysctls of the same namespace. */
struct batch {
    struct net_sysctl *sysctls;
    size_t n;
};

static int read_batch(void *batch);
static int read_one(struct net_sysctl *);
static int write_one(void *sysctl);
static char *make_path(const struct net_sysctl *);

int
net_sysctl_read(int ns_fd, struct net_sysctl *sysctls, size_t n)
{
    struct batch batch = { sysctls, n };

    return nlns_call(ns_fd, read_batch, &batch);
}

int
net_sysctl_write(int ns_fd, const struct net_sysctl *sysctl)
{
    return nlns_call(ns_fd, write_one, CONST_CAST(void *, sysctl));
}

static int
read_batch(void *batch_)
{
    const struct batch *batch = batch_;
    int retval = 0;

    for (size_t i = 0; i < batch->n && !retval; i++) {
        retval = read_one(&batch->sysctls[i]);
    }
    return retval;
}

static int
read_one(struct net_sysctl *sysctl)
{
    char *path = make_path(sysctl);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[32];
    ssize_t n;
    int error = 0;

    free(path);
    sysctl->missing = fd < 0;
    if (fd < 0) {
        return errno == ENOENT ? 0 : errno;
    }
    n = read(fd, text, sizeof text - 1);
    if (n > 0) {
        text[n] = '\0';
        sysctl->value = atoi(text);
    } else {
        error = n ? errno : EIO;
    }
    close(fd);
    return error;
}

static int
write_one(void *sysctl_)
{
    const struct net_sysctl *sysctl = sysctl_;
    char *path = make_path(sysctl);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int error = fd < 0 ? errno : 0;
    char text[32];
    int len;

    free(path);
    if (!error) {
        len = snprintf(text, sizeof text, "%d\n", sysctl->value);
        if (write(fd, text, len) != len) {
            error = errno;
        }
        close(fd);
    }
    return error;
}

/* The name of a link cannot contain a slash. */
static char *
make_path(const struct net_sysctl *sysctl)
{
    return xasprintf("/proc/sys/net/%s/%s/%s", sysctl->dir, sysctl->link,
                     sysctl->key);
}
