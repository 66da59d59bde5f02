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

/* rundir: directories and the lock of mobulad.  See rundir.h. */

#include <config.h>
#include "ovs-ctl/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "ovs-ctl/options.h"
#include "util.h"

#define LOCK_FILE OPTIONS_RUN_DIR"/mobulad.lock"

/* How long the lock of a mobulad that was killed may outlive it, in ms: until
 * the kernel has put it away, and a child that it was about to start has
 * become another program. */
#define LOCK_WAIT_MS 3000
#define LOCK_POLL_MS 20

static bool lock(int fd);
static void make_directory(const char *name, mode_t mode);

void
rundir_make(void)
{
    make_directory(OPTIONS_RUN_DIR, 0755);
    make_directory(OPTIONS_LOG_DIR, 0750);
}

void
rundir_lock(void)
{
    /* Stays open. */
    int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        ovs_fatal(errno, "%s: cannot open", LOCK_FILE);
    }
    if (!lock(fd)) {
        if (errno == EWOULDBLOCK) {
            ovs_fatal(0, "another mobulad runs on this host (it holds %s)",
                      LOCK_FILE);
        }
        ovs_fatal(errno, "%s: cannot lock", LOCK_FILE);
    }
}

/* Returns false, with errno set, if somebody else holds the lock all the
 * time. */
static bool
lock(int fd)
{
    for (int ms = 0; flock(fd, LOCK_EX | LOCK_NB); ms += LOCK_POLL_MS) {
        if (errno != EWOULDBLOCK || ms >= LOCK_WAIT_MS) {
            return false;
        }
        xnanosleep(LOCK_POLL_MS * 1000000ULL);
    }
    return true;
}

static void
make_directory(const char *name, mode_t mode)
{
    if (mkdir(name, mode) && errno != EEXIST) {
        ovs_fatal(errno, "%s: cannot create this directory", name);
    }
}
