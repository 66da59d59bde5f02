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

/* supervise: keeps a program running that stays.  See supervise.h. */

#include <config.h>
#include "gateway/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/spawn.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "process.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(supervise);

/* How often a process without pidfd is looked at, in ms. */
#define INTERVAL_MS 100

/* How much of what it complains of is kept, in bytes. */
#define COMPLAINT_MAX 4096

struct supervise {
    struct svec argv;           /* Terminated. */
    char *pidfile;
    uint64_t memory_max;        /* In bytes, 0 = no limit. */
    enum supervise_state state;
    pid_t pid;                  /* 0: it does not run. */
    int pidfd;                  /* Readable when it has ended, or -1. */
    bool is_child;              /* Otherwise it was taken over. */
    int complaint;              /* File that is its standard error output, or
                                 * -1. */
    long long int started_ms;   /* When it was started or taken over. */
    long long int next_ms;      /* DOWN: not started again before. */
    long long int kill_ms;      /* STOPPING: when it is killed. */
    int backoff_ms;             /* Of the last failure, 0 = none. */
    char *error;                /* Of the last failure, or NULL. */
};

static int launch(struct supervise *);
static void limit_memory(const struct supervise *);
static int make_complaint(void);
static bool find_process(const struct supervise *, pid_t *);
static bool is_program(const struct supervise *, pid_t);
static bool has_ended(struct supervise *, char **how);
static bool is_gone(const struct supervise *);
static void send_signal(const struct supervise *, int sig);
static void go_down(struct supervise *, char *error, long long int now);
static char *read_complaint(const struct supervise *);
static void forget_process(struct supervise *);

struct supervise *
supervise_create(char *const argv[], const char *pidfile)
{
    struct supervise *sv = xmalloc(sizeof *sv);

    *sv = (struct supervise) {
        .argv = SVEC_EMPTY_INITIALIZER,
        .pidfile = xstrdup(pidfile),
        .state = SUPERVISE_IDLE,
        .pidfd = -1,
        .complaint = -1,
    };
    for (size_t i = 0; argv[i]; i++) {
        svec_add(&sv->argv, argv[i]);
    }
    svec_terminate(&sv->argv);
    return sv;
}

void
supervise_set_memory_max(struct supervise *sv, uint64_t bytes)
{
    sv->memory_max = bytes;
}

void
supervise_destroy(struct supervise *sv)
{
    if (sv) {
        forget_process(sv);
        svec_destroy(&sv->argv);
        free(sv->pidfile);
        free(sv->error);
        free(sv);
    }
}

bool
supervise_adopt(struct supervise *sv, long long int now)
{
    pid_t pid;

    if (sv->pid) {
        return true;
    }
    if (!find_process(sv, &pid)) {
        return false;
    }
    sv->pid = pid;
    sv->pidfd = spawn_open_pidfd(pid);
    sv->is_child = false;
    if (!is_program(sv, pid)) {         /* It has ended meanwhile. */
        forget_process(sv);
        return false;
    }
    sv->started_ms = now;
    sv->state = SUPERVISE_RUNNING;
    VLOG_INFO("%s: runs already, as process %d", sv->argv.names[0],
              (int) pid);
    return true;
}

void
supervise_start(struct supervise *sv, long long int now)
{
    int error;

    if (!supervise_is_due(sv, now) || supervise_adopt(sv, now)) {
        return;
    }
    error = launch(sv);
    if (error) {
        go_down(sv, xasprintf("%s: cannot be started: %s", sv->argv.names[0],
                              ovs_strerror(error)), now);
    } else {
        VLOG_INFO("%s: started as process %d", sv->argv.names[0],
                  (int) sv->pid);
        sv->started_ms = now;
        sv->state = SUPERVISE_RUNNING;
    }
}

bool
supervise_is_due(const struct supervise *sv, long long int now)
{
    return sv->state == SUPERVISE_IDLE
           || (sv->state == SUPERVISE_DOWN && now >= sv->next_ms);
}

void
supervise_stop(struct supervise *sv, long long int now)
{
    if (sv->state == SUPERVISE_RUNNING) {
        sv->state = SUPERVISE_STOPPING;
        sv->kill_ms = now + SUPERVISE_STOP_MS;
        send_signal(sv, SIGTERM);
    } else if (sv->state == SUPERVISE_DOWN) {
        sv->state = SUPERVISE_IDLE;
    }
}

void
supervise_signal(struct supervise *sv, int sig)
{
    if (sv->state == SUPERVISE_RUNNING) {
        send_signal(sv, sig);
    }
}

enum supervise_state
supervise_run(struct supervise *sv, long long int now)
{
    char *how;

    if (!sv->pid) {
        return sv->state;
    }
    if (!has_ended(sv, &how)) {
        if (sv->state == SUPERVISE_STOPPING && now >= sv->kill_ms) {
            send_signal(sv, SIGKILL);
            sv->kill_ms = now + SUPERVISE_STOP_MS;
        } else if (sv->state == SUPERVISE_RUNNING && sv->backoff_ms
                   && now >= sv->started_ms + SUPERVISE_STABLE_MS) {
            sv->backoff_ms = 0;
            free(sv->error);
            sv->error = NULL;
        }
    } else if (sv->state == SUPERVISE_STOPPING) {
        free(how);
        forget_process(sv);
        sv->backoff_ms = 0;
        sv->state = SUPERVISE_IDLE;
    } else {
        char *complaint = read_complaint(sv);

        go_down(sv, xasprintf("%s: %s%s%s", sv->argv.names[0], how,
                              complaint ? ": " : "",
                              complaint ? complaint : ""), now);
        free(complaint);
        free(how);
    }
    return sv->state;
}

void
supervise_wait(const struct supervise *sv, long long int now)
{
    if (sv->pid) {
        if (sv->pidfd >= 0) {
            poll_fd_wait(sv->pidfd, POLLIN);
        } else {
            poll_timer_wait(INTERVAL_MS);
        }
        if (sv->state == SUPERVISE_STOPPING) {
            poll_timer_wait_until(sv->kill_ms);
        } else if (sv->backoff_ms) {
            poll_timer_wait_until(sv->started_ms + SUPERVISE_STABLE_MS);
        }
    } else if (sv->state == SUPERVISE_DOWN) {
        poll_timer_wait_until(MAX(now, sv->next_ms));
    }
}

pid_t
supervise_pid(const struct supervise *sv)
{
    return sv->pid;
}

const char *
supervise_error(const struct supervise *sv)
{
    return sv->error;
}

/* Returns 0 or a positive errno. */
static int
launch(struct supervise *sv)
{
    struct spawn_in how = {
        .argv = sv->argv.names,
        .in = -1,
        .out = -1,
        .err = make_complaint(),
        .own_session = true,
        .umask = 0177,
    };
    int error = spawn_program(&how, &sv->pid, &sv->pidfd);

    if (error) {
        sv->pid = 0;
        if (how.err >= 0) {
            close(how.err);
        }
        return error;
    }
    sv->is_child = true;
    sv->complaint = how.err;
    limit_memory(sv);
    return 0;
}

/* The program has hardly begun: there is nothing that it could have taken
 * before. */
static void
limit_memory(const struct supervise *sv)
{
    struct rlimit limit = {
        .rlim_cur = sv->memory_max,
        .rlim_max = sv->memory_max,
    };

    if (sv->memory_max && prlimit(sv->pid, RLIMIT_AS, &limit, NULL)) {
        VLOG_WARN("%s: its memory cannot be limited: %s", sv->argv.names[0],
                  ovs_strerror(errno));
    }
}

/* Returns a file that cannot grow, full of null bytes, or -1: then complaints
 * are lost.  The program writes over them from the beginning. */
static int
make_complaint(void)
{
    int fd = memfd_create("stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd >= 0 && (ftruncate(fd, COMPLAINT_MAX)
                    || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Looks for the program that an earlier process of ours has started. */
static bool
find_process(const struct supervise *sv, pid_t *pid)
{
    FILE *f = fopen(sv->pidfile, "re");
    int number = 0;
    bool ok;

    if (!f) {
        return false;
    }
    ok = fscanf(f, "%d", &number) == 1 && number > 0
         && is_program(sv, number);
    fclose(f);
    if (ok) {
        *pid = number;
    }
    return ok;
}

/* Returns true if the command line of 'pid' says that it is our program with
 * our PID file. */
static bool
is_program(const struct supervise *sv, pid_t pid)
{
    const char *program = sv->argv.names[0];
    char path[64], cmdline[4096];
    const char *slash;
    bool found = false;
    size_t n;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/cmdline", (int) pid);
    f = fopen(path, "re");
    if (!f) {
        return false;
    }
    n = fread(cmdline, 1, sizeof cmdline - 1, f);
    fclose(f);
    cmdline[n] = '\0';

    slash = strrchr(cmdline, '/');
    if (strcmp(slash ? slash + 1 : cmdline, program)) {
        return false;
    }
    for (const char *p = cmdline; p < cmdline + n; p += strlen(p) + 1) {
        found = found || strstr(p, sv->pidfile);
    }
    return found;
}

/* Returns true if the process has ended, with a sentence on how, which the
 * caller must free, in '*how'. */
static bool
has_ended(struct supervise *sv, char **how)
{
    int status;

    if (!sv->is_child) {
        if (!is_gone(sv)) {
            return false;
        }
        *how = xstrdup("ended; it was not started by us, so the reason is "
                       "unknown");
        return true;
    }
    if (waitpid(sv->pid, &status, WNOHANG) != sv->pid) {
        return false;
    }
    *how = process_status_msg(status);
    sv->is_child = false;               /* Reaped. */
    return true;
}

static bool
is_gone(const struct supervise *sv)
{
    struct pollfd pfd = { .fd = sv->pidfd, .events = POLLIN };

    return sv->pidfd >= 0 ? poll(&pfd, 1, 0) > 0 : !is_program(sv, sv->pid);
}

/* The descriptor is of that very process, whatever its number is used for
 * meanwhile.  Without one: a child keeps its number until it is reaped. */
static void
send_signal(const struct supervise *sv, int sig)
{
    if (sv->pidfd >= 0) {
        ignore(syscall(SYS_pidfd_send_signal, sv->pidfd, sig, NULL, 0));
    } else if (sv->is_child || is_program(sv, sv->pid)) {
        kill(sv->pid, sig);
    }
}

/* Takes ownership of 'error'. */
static void
go_down(struct supervise *sv, char *error, long long int now)
{
    if (!nullable_string_is_equal(error, sv->error)) {
        VLOG_WARN("%s", error);
    }
    free(sv->error);
    sv->error = error;
    sv->backoff_ms = (!sv->backoff_ms ? SUPERVISE_MIN_MS
                      : MIN(sv->backoff_ms * 2, SUPERVISE_MAX_MS));
    sv->next_ms = now + sv->backoff_ms;
    sv->state = SUPERVISE_DOWN;
    forget_process(sv);
}

/* Returns the first line of what it complained of, or NULL; the caller must
 * free it. */
static char *
read_complaint(const struct supervise *sv)
{
    char text[COMPLAINT_MAX + 1];
    ssize_t n = (sv->complaint >= 0
                 ? pread(sv->complaint, text, COMPLAINT_MAX, 0) : 0);

    if (n <= 0 || !text[0]) {
        return NULL;
    }
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return xstrdup(text);
}

static void
forget_process(struct supervise *sv)
{
    if (sv->pidfd >= 0) {
        close(sv->pidfd);
        sv->pidfd = -1;
    }
    if (sv->complaint >= 0) {
        close(sv->complaint);
        sv->complaint = -1;
    }
    sv->pid = 0;
    sv->is_child = false;
}
