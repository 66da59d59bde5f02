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

/* spawn: starts a program, with nothing of ours but what it is given.  See
 * spawn.h. */

#include <config.h>
#include "gateway/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

static const char *const dirs[] = {
    "/usr/sbin", "/usr/bin", "/sbin", "/bin"
};

static int prepare(const struct spawn_in *, posix_spawn_file_actions_t *,
                   posix_spawnattr_t *);
static int add_file(posix_spawn_file_actions_t *, int fd, int target,
                    int flags);
static int spawn_in_path(const struct spawn_in *,
                         const posix_spawn_file_actions_t *,
                         const posix_spawnattr_t *, pid_t *);

int
spawn_program(const struct spawn_in *in, pid_t *pid, int *pidfd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    int error = posix_spawn_file_actions_init(&actions);

    if (error) {
        return error;
    }
    error = posix_spawnattr_init(&attr);
    if (!error) {
        error = prepare(in, &actions, &attr);
        if (!error) {
            error = spawn_in_path(in, &actions, &attr, pid);
        }
        posix_spawnattr_destroy(&attr);
    }
    posix_spawn_file_actions_destroy(&actions);
    if (!error) {
        *pidfd = spawn_open_pidfd(*pid);
    }
    return error;
}

bool
spawn_is_installed(const char *program)
{
    bool found = false;

    for (size_t i = 0; i < ARRAY_SIZE(dirs) && !found; i++) {
        char *path = xasprintf("%s/%s", dirs[i], program);

        found = !access(path, X_OK);
        free(path);
    }
    return found;
}

int
spawn_open_pidfd(pid_t pid)
{
    return syscall(SYS_pidfd_open, pid, 0);
}

static int
prepare(const struct spawn_in *in, posix_spawn_file_actions_t *actions,
        posix_spawnattr_t *attr)
{
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    if (in->own_session) {
        flags |= POSIX_SPAWN_SETSID;
    }
    error = posix_spawnattr_setflags(attr, flags);
    error = error ? error : posix_spawnattr_setsigmask(attr, &none);
    error = error ? error : posix_spawnattr_setsigdefault(attr, &all);
    error = error ? error : add_file(actions, in->in, STDIN_FILENO, O_RDONLY);
    error = error ? error : add_file(actions, in->out, STDOUT_FILENO,
                                     O_WRONLY);
    error = error ? error : add_file(actions, in->err, STDERR_FILENO,
                                     O_WRONLY);
    return error ? error : posix_spawn_file_actions_addclosefrom_np(
        actions, STDERR_FILENO + 1);
}

/* Makes 'fd', or /dev/null if it is -1, the program's 'target'. */
static int
add_file(posix_spawn_file_actions_t *actions, int fd, int target, int flags)
{
    return (fd >= 0
            ? posix_spawn_file_actions_adddup2(actions, fd, target)
            : posix_spawn_file_actions_addopen(actions, target, "/dev/null",
                                               flags, 0));
}

/* posix_spawnp() would search the PATH that we were started with. */
static int
spawn_in_path(const struct spawn_in *in,
              const posix_spawn_file_actions_t *actions,
              const posix_spawnattr_t *attr, pid_t *pid)
{
    char *envp[] = {
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL
    };
    mode_t mask = in->umask ? umask(in->umask) : 0;
    int error = ENOENT;

    for (size_t i = 0; i < ARRAY_SIZE(dirs) && error == ENOENT; i++) {
        char *path = xasprintf("%s/%s", dirs[i], in->argv[0]);

        error = posix_spawn(pid, path, actions, attr, in->argv, envp);
        free(path);
    }
    if (in->umask) {
        umask(mask);
    }
    return error;
}
