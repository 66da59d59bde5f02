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

/* wg-spawn: starts, watches and stops wireguard-go for one interface.
 * See wg-spawn.h. */

#include <config.h>
#include "wg/wg-spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "process.h"
#include "util.h"
#include "wg/wg-uapi-socket.h"

#define PROGRAM "wireguard-go"

/* How often a process that is starting is looked at, in ms. */
#define STARTING_INTERVAL_MS 20

/* How often a process that cannot be waited for is looked at, in ms. */
#define RUNNING_INTERVAL_MS 1000

struct wg_spawn {
    char *ifname;
    char *log_file;             /* NULL: none. */
    enum wg_spawn_state state;
    long long int deadline;     /* STARTING: when it becomes a failure. */
    pid_t pid;                  /* 0 if not known. */
    int pidfd;                  /* Readable when 'pid' has ended, or -1. */
    bool is_child;              /* Has to be reaped by us. */
    char *error;                /* NULL if there was none. */
};

static bool adopt(struct wg_spawn *);
static int launch(struct wg_spawn *);
static int execute(struct wg_spawn *, char *envp[]);
static int prepare(const struct wg_spawn *, posix_spawn_file_actions_t *,
                   posix_spawnattr_t *);
static void run_starting(struct wg_spawn *, long long int now);
static void run_running(struct wg_spawn *);
static bool has_ended(struct wg_spawn *, char **how);
static bool reap(struct wg_spawn *, char **how);
static void become_failed(struct wg_spawn *, char *error);
static void forget_process(struct wg_spawn *);
static int connect_peer(const char *ifname, pid_t *);
static bool is_program(pid_t, const char *ifname);
static int open_pidfd(pid_t);

struct wg_spawn *
wg_spawn_create(const char *ifname, const char *log_file)
{
    struct wg_spawn *spawn;

    if (!wg_uapi_name_is_valid(ifname)) {
        return NULL;
    }
    spawn = xzalloc(sizeof *spawn);
    spawn->ifname = xstrdup(ifname);
    spawn->log_file = nullable_xstrdup(log_file);
    spawn->state = WG_SPAWN_IDLE;
    spawn->pidfd = -1;
    return spawn;
}

void
wg_spawn_destroy(struct wg_spawn *spawn)
{
    if (spawn) {
        forget_process(spawn);
        free(spawn->ifname);
        free(spawn->log_file);
        free(spawn->error);
        free(spawn);
    }
}

void
wg_spawn_start(struct wg_spawn *spawn, long long int now)
{
    int retval;

    if (spawn->state == WG_SPAWN_STARTING
        || spawn->state == WG_SPAWN_RUNNING) {
        return;
    }
    if (spawn->is_child && !reap(spawn, NULL)) {
        return;                 /* It was killed and will end any moment. */
    }
    forget_process(spawn);
    free(spawn->error);
    spawn->error = NULL;
    if (adopt(spawn)) {
        spawn->state = WG_SPAWN_RUNNING;
        return;
    }
    retval = launch(spawn);
    if (retval) {
        become_failed(spawn, xasprintf("%s for %s does not start: %s",
                                       PROGRAM, spawn->ifname,
                                       ovs_strerror(retval)));
    } else {
        spawn->state = WG_SPAWN_STARTING;
        spawn->deadline = now + WG_SPAWN_TIMEOUT_MS;
    }
}

enum wg_spawn_state
wg_spawn_run(struct wg_spawn *spawn, long long int now)
{
    if (spawn->state == WG_SPAWN_STARTING) {
        run_starting(spawn, now);
    } else if (spawn->state == WG_SPAWN_RUNNING) {
        run_running(spawn);
    } else if (spawn->is_child) {
        reap(spawn, NULL);
    }
    return spawn->state;
}

void
wg_spawn_wait(const struct wg_spawn *spawn, long long int now)
{
    if (spawn->state != WG_SPAWN_STARTING
        && spawn->state != WG_SPAWN_RUNNING && !spawn->is_child) {
        return;
    }
    if (spawn->state == WG_SPAWN_STARTING) {
        poll_timer_wait_until(now + STARTING_INTERVAL_MS);
    } else if (spawn->pidfd < 0) {
        poll_timer_wait_until(now + RUNNING_INTERVAL_MS);
    }
    if (spawn->pidfd >= 0) {
        poll_fd_wait(spawn->pidfd, POLLIN);
    }
}

pid_t
wg_spawn_pid(const struct wg_spawn *spawn)
{
    return spawn->pid;
}

const char *
wg_spawn_error(const struct wg_spawn *spawn)
{
    return spawn->error;
}

bool
wg_spawn_is_running(const char *ifname)
{
    pid_t pid;

    return !connect_peer(ifname, &pid);
}

int
wg_spawn_stop(const char *ifname)
{
    pid_t pid;
    int pidfd;
    int retval = connect_peer(ifname, &pid);

    if (retval) {
        return retval == ENOENT || retval == ECONNREFUSED ? 0 : retval;
    }

    /* The process is looked at after the descriptor was opened: it cannot be
     * another one with the same number any longer. */
    pidfd = pid ? open_pidfd(pid) : -1;
    if (pidfd >= 0 && is_program(pid, ifname)) {
        if (syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0)
            && errno != ESRCH) {
            retval = errno;
        }
    } else {
        char *path = wg_uapi_socket_path(ifname);

        if (unlink(path) && errno != ENOENT) {
            retval = errno;
        }
        free(path);
    }
    if (pidfd >= 0) {
        close(pidfd);
    }
    return retval;
}

/* Returns true if there is a process for the interface already. */
static bool
adopt(struct wg_spawn *spawn)
{
    pid_t pid;

    if (connect_peer(spawn->ifname, &pid)) {
        return false;
    }
    if (pid) {
        spawn->pidfd = open_pidfd(pid);
        if (is_program(pid, spawn->ifname)) {
            spawn->pid = pid;
        } else {
            forget_process(spawn);
        }
    }
    return true;
}

static int
launch(struct wg_spawn *spawn)
{
    /* How many processors the runtime of Go uses at the same time. */
    const char *n_processors = getenv("GOMAXPROCS");
    char *limit = (n_processors ? xasprintf("GOMAXPROCS=%s", n_processors)
                   : NULL);
    char *envp[] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LOG_LEVEL=error",
        /* Says the same as "-f", and spares us the advice to use the
         * kernel's WireGuard. */
        "WG_PROCESS_FOREGROUND=1",
        limit,
        NULL
    };
    int retval = execute(spawn, envp);

    free(limit);
    if (retval) {
        spawn->pid = 0;
        return retval;
    }
    spawn->is_child = true;
    spawn->pidfd = open_pidfd(spawn->pid);
    return 0;
}

/* Starts the program in environment 'envp', as 'spawn->pid'. */
static int
execute(struct wg_spawn *spawn, char *envp[])
{
    char *argv[] = { PROGRAM, "-f", spawn->ifname, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int retval;

    retval = posix_spawn_file_actions_init(&actions);
    if (retval) {
        return retval;
    }
    retval = posix_spawnattr_init(&attr);
    if (!retval) {
        retval = prepare(spawn, &actions, &attr);
        if (!retval) {
            retval = posix_spawnp(&spawn->pid, PROGRAM, &actions, &attr,
                                  argv, envp);
        }
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&actions);
    return retval;
}

/* The process gets a session of its own, so that no terminal's signals reach
 * it, no descriptors of ours, so that our peers see us end, and the default
 * action for every signal. */
static int
prepare(const struct wg_spawn *spawn, posix_spawn_file_actions_t *actions,
        posix_spawnattr_t *attr)
{
    const char *log_file = spawn->log_file ? spawn->log_file : "/dev/null";
    sigset_t none, all;
    int retval;

    sigemptyset(&none);
    sigfillset(&all);
    retval = posix_spawnattr_setflags(attr, (POSIX_SPAWN_SETSID
                                             | POSIX_SPAWN_SETSIGMASK
                                             | POSIX_SPAWN_SETSIGDEF));
    retval = retval ? retval : posix_spawnattr_setsigmask(attr, &none);
    retval = retval ? retval : posix_spawnattr_setsigdefault(attr, &all);
    retval = retval ? retval : posix_spawn_file_actions_addopen(
        actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    retval = retval ? retval : posix_spawn_file_actions_addopen(
        actions, STDOUT_FILENO, log_file, O_WRONLY | O_CREAT | O_APPEND,
        0600);
    retval = retval ? retval : posix_spawn_file_actions_adddup2(
        actions, STDOUT_FILENO, STDERR_FILENO);
    return retval ? retval : posix_spawn_file_actions_addclosefrom_np(
        actions, STDERR_FILENO + 1);
}

static void
run_starting(struct wg_spawn *spawn, long long int now)
{
    pid_t pid;
    char *how;

    if (has_ended(spawn, &how)) {
        become_failed(spawn, xasprintf("%s for %s did not start: %s", PROGRAM,
                                       spawn->ifname, how));
        free(how);
    } else if (!connect_peer(spawn->ifname, &pid) && pid == spawn->pid) {
        spawn->state = WG_SPAWN_RUNNING;
    } else if (now >= spawn->deadline) {
        kill(spawn->pid, SIGKILL);      /* Our child, and not reaped yet. */
        become_failed(spawn, xasprintf("%s for %s did not start within %d ms",
                                       PROGRAM, spawn->ifname,
                                       WG_SPAWN_TIMEOUT_MS));
    }
}

static void
run_running(struct wg_spawn *spawn)
{
    char *how;

    if (has_ended(spawn, &how)) {
        become_failed(spawn, xasprintf("%s for %s ended: %s", PROGRAM,
                                       spawn->ifname, how));
        free(how);
    }
}

/* Returns true if the process has ended, with a sentence on how, which the
 * caller must free, in '*how'. */
static bool
has_ended(struct wg_spawn *spawn, char **how)
{
    if (spawn->is_child) {
        return reap(spawn, how);
    } else if (spawn->pidfd >= 0) {
        struct pollfd pfd = { .fd = spawn->pidfd, .events = POLLIN };

        if (poll(&pfd, 1, 0) <= 0) {
            return false;
        }
    } else if (wg_spawn_is_running(spawn->ifname)) {
        return false;
    }
    *how = xstrdup("it was not started by us, so the reason is unknown");
    return true;
}

/* Returns true, with a sentence on how it ended in '*how' unless 'how' is
 * NULL, if the process, a child of ours, has ended. */
static bool
reap(struct wg_spawn *spawn, char **how)
{
    int status;

    if (waitpid(spawn->pid, &status, WNOHANG) != spawn->pid) {
        return false;
    }
    if (how) {
        *how = process_status_msg(status);
    }
    forget_process(spawn);
    return true;
}

/* Takes ownership of 'error'.  A child that has not ended yet is kept in mind
 * until it can be reaped. */
static void
become_failed(struct wg_spawn *spawn, char *error)
{
    if (!spawn->is_child) {
        forget_process(spawn);
    }
    free(spawn->error);
    spawn->error = error;
    spawn->state = WG_SPAWN_FAILED;
}

static void
forget_process(struct wg_spawn *spawn)
{
    if (spawn->pidfd >= 0) {
        close(spawn->pidfd);
        spawn->pidfd = -1;
    }
    spawn->pid = 0;
    spawn->is_child = false;
}

/* Connects to the program of 'ifname' for a moment.  Returns 0 with the
 * process that listens in '*pid', 0 if it has ended or is in another process
 * namespace, or the error of wg_uapi_connect(). */
static int
connect_peer(const char *ifname, pid_t *pid)
{
    struct ucred cred = { .pid = 0 };
    socklen_t len = sizeof cred;
    int fd;
    int retval = wg_uapi_connect(ifname, &fd);

    if (retval) {
        return retval;
    }
    *pid = (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ? 0
            : cred.pid);
    close(fd);
    return 0;
}

/* Returns true if the command line of 'pid' says that it is wireguard-go for
 * 'ifname': the process that opened the socket may have ended and its number
 * may be another's by now. */
static bool
is_program(pid_t pid, const char *ifname)
{
    char path[64], cmdline[1024];
    bool is_go, is_ifname;
    const char *p, *slash;
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
    is_go = !strcmp(slash ? slash + 1 : cmdline, PROGRAM);
    is_ifname = false;
    for (p = cmdline; p < cmdline + n; p += strlen(p) + 1) {
        is_ifname |= !strcmp(p, ifname);
    }
    return is_go && is_ifname;
}

/* Returns a close-on-exec descriptor for 'pid', or -1 if the kernel (before
 * 5.3) does not have such. */
static int
open_pidfd(pid_t pid)
{
    return syscall(SYS_pidfd_open, pid, 0);
}
