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

/* nlns: named network namespaces.  See nlns.h. */

#include <config.h>
#include "net/nlns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/nl.h"
#include "openvswitch/util.h"
#include "util.h"

/* The calling thread's network namespace. */
#define OWN_NS "/proc/thread-self/ns/net"

static int open_namespace(const char *path);
static int open_all(struct nlns *, const struct stat *);
static int open_sockets(void *ns);
static void close_all(struct nlns *);
static int make_directory(void);
static int mount_new_namespace(const char *path);
static int mount_here(void *path);

void
nlns_init(struct nlns *ns, const char *name)
{
    memset(ns, 0, sizeof *ns);
    ns->name = nullable_xstrdup(name);
    ns->fd = -1;
    ns->ioctl_fd = -1;
}

void
nlns_uninit(struct nlns *ns)
{
    close_all(ns);
    free(ns->name);
}

char *
nlns_path(const char *name)
{
    return xasprintf("%s/%s", NLNS_DIR, name);
}

int
nlns_refresh(struct nlns *ns, bool *changed)
{
    char *path = ns->name ? nlns_path(ns->name) : xstrdup(OWN_NS);
    const bool existed = ns->fd >= 0;
    const int fd = open_namespace(path);
    struct stat st;
    int error = 0;

    free(path);
    if (changed) {
        *changed = false;
    }
    if (fd < 0 && fd != -ENOENT) {
        return -fd;
    }
    if (fd >= 0) {
        if (fstat(fd, &st)) {
            error = errno;
        } else if (existed && st.st_dev == ns->dev && st.st_ino == ns->ino) {
            close(fd);
            return 0;
        }
    }

    close_all(ns);
    if (fd >= 0) {
        ns->fd = fd;
        error = error ? error : open_all(ns, &st);
    }
    if (error) {
        close_all(ns);
    }
    if (changed) {
        *changed = existed || ns->fd >= 0;
    }
    return error;
}

bool
nlns_is_stale(const struct nlns *ns)
{
    char *path = ns->name ? nlns_path(ns->name) : xstrdup(OWN_NS);
    struct stat st;
    bool stale = (stat(path, &st) || st.st_dev != ns->dev
                  || st.st_ino != ns->ino);

    free(path);
    return stale;
}

int
nlns_create(const char *name, char **error)
{
    char *path = nlns_path(name);
    int fd = open_namespace(path);
    int retval = 0;

    if (fd >= 0) {
        close(fd);
    } else if (fd != -ENOENT) {
        retval = -fd;
    } else {
        retval = make_directory();
        if (!retval) {
            retval = mount_new_namespace(path);
        }
    }
    if (retval) {
        *error = xasprintf("namespace %s: cannot make %s: %s", name, path,
                           ovs_strerror(retval));
    }
    free(path);
    return retval;
}

int
nlns_remove(const char *name, char **error)
{
    char *path = nlns_path(name);
    int retval = 0;

    /* EINVAL: not a mount point, the rest of an interrupted creation. */
    if (umount2(path, MNT_DETACH) && errno != EINVAL && errno != ENOENT) {
        retval = errno;
    } else if (unlink(path) && errno != ENOENT) {
        retval = errno;
    }
    if (retval) {
        *error = xasprintf("namespace %s: cannot remove %s: %s", name, path,
                           ovs_strerror(retval));
    }
    free(path);
    return retval;
}

int
nlns_call(int ns_fd, int (*function)(void *aux), void *aux)
{
    int home, retval;

    if (ns_fd < 0) {
        return function(aux);
    }
    home = open(OWN_NS, O_RDONLY | O_CLOEXEC);
    if (home < 0) {
        return errno;
    }
    if (setns(ns_fd, CLONE_NEWNET)) {
        retval = errno;
    } else {
        retval = function(aux);
        if (setns(home, CLONE_NEWNET)) {
            /* Everything from here on would change the wrong host. */
            ovs_abort(errno, "cannot return to the own network namespace");
        }
    }
    close(home);
    return retval;
}

/* Returns a file descriptor, or a negative errno: -ENOENT also for a file
 * that no namespace is mounted on. */
static int
open_namespace(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOTDIR ? -ENOENT : -errno;
    }
    if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
        close(fd);
        return -ENOENT;
    }
    return fd;
}

/* Completes 'ns', whose 'fd' is open; 'st' is the state of that. */
static int
open_all(struct nlns *ns, const struct stat *st)
{
    ns->dev = st->st_dev;
    ns->ino = st->st_ino;
    return nlns_call(ns->name ? ns->fd : -1, open_sockets, ns);
}

static int
open_sockets(void *ns_)
{
    struct nlns *ns = ns_;
    int error = nl_conn_open(NETLINK_ROUTE, &ns->route);

    if (!error) {
        ns->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (ns->ioctl_fd < 0) {
            error = errno;
        }
    }
    return error;
}

static void
close_all(struct nlns *ns)
{
    nl_conn_close(ns->route);
    ns->route = NULL;
    if (ns->ioctl_fd >= 0) {
        close(ns->ioctl_fd);
        ns->ioctl_fd = -1;
    }
    if (ns->fd >= 0) {
        close(ns->fd);
        ns->fd = -1;
    }
}

/* Makes NLNS_DIR, and a shared mount of it: only then a name that is added or
 * removed here is so for processes in other mount namespaces as well. */
static int
make_directory(void)
{
    if (mkdir(NLNS_DIR, 0755) && errno != EEXIST) {
        return errno;
    }
    if (!mount("", NLNS_DIR, "none", MS_SHARED | MS_REC, NULL)) {
        return 0;
    }
    if (errno != EINVAL) {
        return errno;
    }
    /* Not a mount point yet. */
    if (mount(NLNS_DIR, NLNS_DIR, "none", MS_BIND | MS_REC, NULL)
        || mount("", NLNS_DIR, "none", MS_SHARED | MS_REC, NULL)) {
        return errno;
    }
    return 0;
}

static int
mount_new_namespace(const char *path)
{
    int fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0);
    int home, error;

    if (fd < 0) {
        return errno;
    }
    close(fd);

    home = open(OWN_NS, O_RDONLY | O_CLOEXEC);
    if (home < 0) {
        return errno;
    }
    if (unshare(CLONE_NEWNET)) {
        error = errno;
    } else {
        error = mount_here(CONST_CAST(char *, path));
        if (setns(home, CLONE_NEWNET)) {
            ovs_abort(errno, "cannot return to the own network namespace");
        }
    }
    close(home);
    if (error) {
        unlink(path);
    }
    return error;
}

static int
mount_here(void *path)
{
    return mount(OWN_NS, path, "none", MS_BIND, NULL) ? errno : 0;
}
