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

/* config-watch: tells when a configuration file has been written.
 * See config-watch.h. */

#include <config.h>
#include "ovs-ctl/config-watch.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/fabric.h"
#include "lib/fabric-load.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "util.h"

/* Events of a directory, and of the files in it. */
#define COMPLETE (IN_CLOSE_WRITE | IN_MOVED_TO)
#define UNREST (IN_MODIFY | IN_CREATE)
#define GONE (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)

/* One file.  Two in the same directory have the same 'wd'. */
struct watched {
    char *directory;
    char *name;                 /* In it. */
    int wd;                     /* Of the directory, -1 = not watched. */
};

struct config_watch {
    struct watched files[CONFIG_FILE_N];
    size_t n;
    int fd;                     /* -1: there is no inotify. */
    char *error;                /* Owned, or NULL. */
    bool pending;               /* A file was written completely. */
    long long int quiet_ms;     /* If 'pending': when that may count. */
    long long int retry_ms;     /* When to look for directories again. */
};

static void add_file(struct config_watch *, const char *path);
static void watch_directories(struct config_watch *, long long int now);
static void read_events(struct config_watch *, long long int now);
static void take_event(struct config_watch *, const struct inotify_event *,
                       long long int now);
static void lose_directory(struct config_watch *, int wd);
static void forget_everything(struct config_watch *, long long int now);
static void set_error(struct config_watch *, char *error);

struct config_watch *
config_watch_create(const struct fabric_files *files)
{
    const struct fabric_files defaults = fabric_files_default();
    struct config_watch *w = xzalloc(sizeof *w);

    add_file(w, files->hosts ? files->hosts : defaults.hosts);
    add_file(w, files->extra_hosts ? files->extra_hosts
             : defaults.extra_hosts);
    add_file(w, files->extra_wires ? files->extra_wires
             : defaults.extra_wires);
    add_file(w, files->settings ? files->settings : defaults.settings);
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->fd < 0) {
        set_error(w, xasprintf("the configuration files cannot be watched: "
                               "%s", ovs_strerror(errno)));
    }
    return w;
}

void
config_watch_destroy(struct config_watch *w)
{
    if (!w) {
        return;
    }
    for (size_t i = 0; i < w->n; i++) {
        free(w->files[i].directory);
        free(w->files[i].name);
    }
    if (w->fd >= 0) {
        close(w->fd);
    }
    free(w->error);
    free(w);
}

bool
config_watch_run(struct config_watch *w, long long int now)
{
    if (w->fd < 0) {
        return false;
    }
    read_events(w, now);
    if (now >= w->retry_ms) {
        watch_directories(w, now);
    }
    if (w->pending && now >= w->quiet_ms) {
        w->pending = false;
        return true;
    }
    return false;
}

void
config_watch_wait(const struct config_watch *w)
{
    if (w->fd < 0) {
        return;
    }
    poll_fd_wait(w->fd, POLLIN);
    if (w->pending) {
        poll_timer_wait_until(w->quiet_ms);
    }
    if (w->retry_ms != LLONG_MAX) {
        poll_timer_wait_until(w->retry_ms);
    }
}

const char *
config_watch_error(const struct config_watch *w)
{
    return w->error;
}

static void
add_file(struct config_watch *w, const char *path)
{
    struct watched *file = &w->files[w->n++];
    const char *slash = strrchr(path, '/');

    file->directory = (!slash ? xstrdup(".") : slash == path ? xstrdup("/")
                       : xmemdup0(path, slash - path));
    file->name = xstrdup(slash ? slash + 1 : path);
    file->wd = -1;
}

/* Tries what is not watched yet.  One that comes back later may have come with
 * new files, which counts as a change, but not at the start. */
static void
watch_directories(struct config_watch *w, long long int now)
{
    bool first = !w->retry_ms;

    w->retry_ms = LLONG_MAX;
    set_error(w, NULL);
    for (size_t i = 0; i < w->n; i++) {
        struct watched *file = &w->files[i];

        if (file->wd >= 0) {
            continue;
        }
        file->wd = inotify_add_watch(w->fd, file->directory,
                                     COMPLETE | UNREST | IN_DELETE_SELF
                                     | IN_MOVE_SELF | IN_ONLYDIR);
        if (file->wd < 0) {
            set_error(w, xasprintf("%s cannot be watched: %s",
                                   file->directory, ovs_strerror(errno)));
            w->retry_ms = now + CONFIG_WATCH_RETRY_MS;
        } else if (!first) {
            w->pending = true;
            w->quiet_ms = now + CONFIG_WATCH_QUIET_MS;
        }
    }
}

static void
read_events(struct config_watch *w, long long int now)
{
    union {
        struct inotify_event event;
        char bytes[4096];
    } buffer;
    ssize_t size;

    while ((size = read(w->fd, buffer.bytes, sizeof buffer.bytes)) > 0) {
        const char *p = buffer.bytes;

        while (p < buffer.bytes + size) {
            const struct inotify_event *event
                = ALIGNED_CAST(const struct inotify_event *, p);

            take_event(w, event, now);
            p += sizeof *event + event->len;
        }
    }
}

static void
take_event(struct config_watch *w, const struct inotify_event *event,
           long long int now)
{
    if (event->mask & IN_Q_OVERFLOW) {
        forget_everything(w, now);
        return;
    }
    if (event->mask & GONE) {
        lose_directory(w, event->wd);
        w->retry_ms = MIN(w->retry_ms, now + CONFIG_WATCH_QUIET_MS);
        return;
    }
    for (size_t i = 0; i < w->n; i++) {
        const struct watched *file = &w->files[i];

        if (file->wd == event->wd && event->len
            && !strcmp(file->name, event->name)) {
            w->pending = w->pending || event->mask & COMPLETE;
            w->quiet_ms = now + CONFIG_WATCH_QUIET_MS;
        }
    }
}

/* A directory that was moved away would go on telling what happens in it. */
static void
lose_directory(struct config_watch *w, int wd)
{
    bool watched = false;

    for (size_t i = 0; i < w->n; i++) {
        if (w->files[i].wd == wd) {
            w->files[i].wd = -1;
            watched = true;
        }
    }
    if (watched) {
        /* Fails if the kernel has removed it already. */
        ignore(inotify_rm_watch(w->fd, wd));
    }
}

/* Events were lost: anything may have changed. */
static void
forget_everything(struct config_watch *w, long long int now)
{
    w->pending = true;
    w->quiet_ms = now + CONFIG_WATCH_QUIET_MS;
}

static void
set_error(struct config_watch *w, char *error)
{
    free(w->error);
    w->error = error;
}
