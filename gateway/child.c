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

/* child: runs a program to its end.  See child.h. */

#include <config.h>
#include "gateway/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/spawn.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "process.h"
#include "socket-util.h"
#include "util.h"

/* How often a process without pidfd is looked at, in ms. */
#define INTERVAL_MS 20

enum output { OUT, ERR, N_OUTPUTS };

struct child {
    char *name;                 /* Of the program. */
    int start_error;            /* Positive errno, or 0. */
    pid_t pid;                  /* 0: not started, or reaped. */
    int pidfd;                  /* Readable when it has ended, or -1. */
    int fds[N_OUTPUTS];         /* Our ends of the pipes, or -1. */
    struct ds text[N_OUTPUTS];
    long long int now;          /* Of the last call. */
    long long int deadline;
    int status;                 /* Of waitpid(), once reaped. */
    const char *killed;         /* Why we killed it; a constant, or NULL. */
};

static int start(struct child *, char *const argv[], const char *input);
static int make_input(const char *input);
static void read_output(struct child *, enum output);
static void kill_it(struct child *, const char *why);
static void close_fd(int *);

struct child *
child_start(char *const argv[], const char *input, long long int now,
            long long int deadline)
{
    struct child *child = xmalloc(sizeof *child);

    *child = (struct child) {
        .name = xstrdup(argv[0]),
        .pidfd = -1,
        .fds = { -1, -1 },
        .text = { DS_EMPTY_INITIALIZER, DS_EMPTY_INITIALIZER },
        .now = now,
        .deadline = deadline,
    };
    child->start_error = start(child, argv, input);
    return child;
}

void
child_destroy(struct child *child)
{
    if (child) {
        if (child->pid) {
            kill(child->pid, SIGKILL);
            while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
                continue;
            }
        }
        close_fd(&child->pidfd);
        for (int i = 0; i < N_OUTPUTS; i++) {
            close_fd(&child->fds[i]);
            ds_destroy(&child->text[i]);
        }
        free(child->name);
        free(child);
    }
}

bool
child_run(struct child *child, long long int now)
{
    bool ended;

    if (!child->pid) {
        return true;
    }
    child->now = now;

    /* What it wrote before it ended is read after that is known. */
    ended = waitpid(child->pid, &child->status, WNOHANG) == child->pid;
    if (ended) {
        child->pid = 0;
    }
    for (int i = 0; i < N_OUTPUTS; i++) {
        read_output(child, i);
    }
    if (ended) {
        close_fd(&child->pidfd);
        close_fd(&child->fds[OUT]);
        close_fd(&child->fds[ERR]);
    } else if (now >= child->deadline) {
        kill_it(child, "did not end in time");
    }
    return ended;
}

void
child_wait(const struct child *child)
{
    if (!child->pid) {
        poll_immediate_wake();
        return;
    }
    for (int i = 0; i < N_OUTPUTS; i++) {
        if (child->fds[i] >= 0) {
            poll_fd_wait(child->fds[i], POLLIN);
        }
    }
    if (child->pidfd >= 0) {
        poll_fd_wait(child->pidfd, POLLIN);
    } else {
        poll_timer_wait(INTERVAL_MS);
    }
    if (!child->killed) {
        poll_timer_wait_until(child->deadline);
    }
}

int
child_start_error(const struct child *child)
{
    return child->start_error;
}

int
child_exit_status(const struct child *child)
{
    return (child->start_error || child->killed || !WIFEXITED(child->status)
            ? -1 : WEXITSTATUS(child->status));
}

char *
child_error(const struct child *child)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!child_exit_status(child)) {
        return NULL;
    }
    if (child->start_error) {
        ds_put_format(&s, "%s: cannot be started: %s", child->name,
                      ovs_strerror(child->start_error));
    } else if (child->killed) {
        ds_put_format(&s, "%s: %s", child->name, child->killed);
    } else {
        char *how = process_status_msg(child->status);

        ds_put_format(&s, "%s: %s", child->name, how);
        free(how);
    }
    if (child->text[ERR].length) {
        ds_put_format(&s, ": %s", child_stderr(child));
        ds_chomp(&s, '\n');
    }
    return ds_steal_cstr(&s);
}

const char *
child_stdout(const struct child *child)
{
    return ds_cstr_ro(&child->text[OUT]);
}

const char *
child_stderr(const struct child *child)
{
    return ds_cstr_ro(&child->text[ERR]);
}

/* Returns 0 or a positive errno. */
static int
start(struct child *child, char *const argv[], const char *input)
{
    int out[N_OUTPUTS] = { -1, -1 };
    int error = 0;
    int in = make_input(input);

    if (in < 0) {
        return errno;
    }
    for (int i = 0; i < N_OUTPUTS && !error; i++) {
        int fds[2];

        if (pipe2(fds, O_CLOEXEC)) {
            error = errno;
        } else {
            child->fds[i] = fds[0];
            out[i] = fds[1];
            error = set_nonblocking(fds[0]);
        }
    }
    if (!error) {
        struct spawn_in how = {
            .argv = argv,
            .in = in,
            .out = out[OUT],
            .err = out[ERR],
        };

        error = spawn_program(&how, &child->pid, &child->pidfd);
    }
    close(in);
    for (int i = 0; i < N_OUTPUTS; i++) {
        close_fd(&out[i]);
    }
    return error;
}

/* Returns a file without a name that holds 'input', or -1 with errno set.  The
 * program can read it whenever it likes: there is nothing left to write. */
static int
make_input(const char *input)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    size_t len = strlen(input);
    ssize_t n;

    if (fd < 0) {
        return -1;
    }
    n = pwrite(fd, input, len, 0);
    if (n < 0 || n != len) {
        int error = n < 0 ? errno : ENOSPC;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

/* Takes what has arrived in a pipe. */
static void
read_output(struct child *child, enum output which)
{
    struct ds *text = &child->text[which];
    int *fd = &child->fds[which];

    while (*fd >= 0) {
        char buf[4096];
        ssize_t n = read(*fd, buf, sizeof buf);

        if (n > 0 && text->length + n > CHILD_OUTPUT_MAX) {
            kill_it(child, "wrote too much");
            close_fd(fd);
        } else if (n > 0) {
            ds_put_buffer(text, buf, n);
        } else if (!n || (errno != EINTR && errno != EAGAIN)) {
            close_fd(fd);
        } else if (errno == EAGAIN) {
            break;
        }
    }
}

/* Unless it has ended by itself. */
static void
kill_it(struct child *child, const char *why)
{
    if (!child->killed) {
        child->killed = why;
        if (child->pid) {
            kill(child->pid, SIGKILL);  /* Our child, and not reaped yet. */
        }
    }
}

static void
close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}
