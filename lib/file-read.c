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

/* file-read: reads a whole small file, replaces one in a single step.
 * See file-read.h. */

#include <config.h>
#include "lib/file-read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/wgkey.h"
#include "openvswitch/util.h"
#include "util.h"

static int check_type(mode_t);
static int read_all(int fd, size_t max_size, struct file_contents *);
static char *grow(char *data, size_t *allocated);
static int write_file(const char *name, const void *data, size_t size,
                      mode_t mode,
                      int (*place)(const char *temporary, const char *name));
static int link_and_unlink(const char *temporary, const char *name);
static int write_all(int fd, const void *data, size_t size);
static int fill_file(int fd, const void *data, size_t size, mode_t);
static int sync_parent(const char *name);

int
file_read(const char *name, size_t max_size, struct file_contents *contents)
{
    /* O_NONBLOCK: opening a pipe that nobody writes must not hang. */
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct file_contents new = { .data = NULL };
    struct stat st;
    int error;

    if (fd < 0) {
        return errno;
    }
    error = fstat(fd, &st) ? errno : check_type(st.st_mode);
    if (!error) {
        error = read_all(fd, max_size, &new);
    }
    close(fd);
    if (!error) {
        new.mode = st.st_mode;
        new.owner = st.st_uid;
        *contents = new;
    }
    return error;
}

void
file_contents_uninit(struct file_contents *contents)
{
    if (contents->data) {
        wgkey_wipe(contents->data, contents->size);
        free(contents->data);
        contents->data = NULL;
        contents->size = 0;
    }
}

int
file_replace(const char *name, const void *data, size_t size, mode_t mode)
{
    return write_file(name, data, size, mode, rename);
}

int
file_create(const char *name, const void *data, size_t size, mode_t mode)
{
    return write_file(name, data, size, mode, link_and_unlink);
}

/* Writes a temporary file, which 'place' gives its name. */
static int
write_file(const char *name, const void *data, size_t size, mode_t mode,
           int (*place)(const char *temporary, const char *name))
{
    char *temporary = xasprintf("%s.%ld.new", name, (long int) getpid());
    int error = 0;
    int fd;

    /* One that is there was left behind by a process that crashed. */
    unlink(temporary);
    fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
              S_IRUSR | S_IWUSR);
    if (fd < 0) {
        error = errno;
        free(temporary);
        return error;
    }
    error = fill_file(fd, data, size, mode);
    if (close(fd) && !error) {
        error = errno;
    }
    if (!error && place(temporary, name)) {
        error = errno;
    }
    if (error) {
        unlink(temporary);
    } else {
        error = sync_parent(name);
    }
    free(temporary);
    return error;
}

/* Like rename(), but never replaces a file. */
static int
link_and_unlink(const char *temporary, const char *name)
{
    return link(temporary, name) ? -1 : unlink(temporary);
}

static int
check_type(mode_t mode)
{
    return (S_ISREG(mode) || S_ISCHR(mode) ? 0
            : S_ISDIR(mode) ? EISDIR
            : EINVAL);
}

/* Sets data and size of '*contents', only if the result is 0. */
static int
read_all(int fd, size_t max_size, struct file_contents *contents)
{
    size_t allocated = 4096;
    char *data = xmalloc(allocated + 1);
    size_t size = 0;
    int error = 0;

    for (;;) {
        ssize_t n = read(fd, data + size, allocated - size);

        if (!n) {
            data[size] = '\0';
            contents->data = data;
            contents->size = size;
            return 0;
        } else if (n > 0) {
            size += n;
            error = size > max_size ? EFBIG : 0;
        } else if (errno != EINTR) {
            error = errno;
        }
        if (error) {
            wgkey_wipe(data, size);
            free(data);
            return error;
        }
        if (size == allocated) {
            data = grow(data, &allocated);
        }
    }
}

/* Doubles a buffer of '*allocated' bytes and a null.  Not realloc(), which
 * would leave the bytes in memory that it frees. */
static char *
grow(char *data, size_t *allocated)
{
    char *bigger = xmalloc(2 * *allocated + 1);

    memcpy(bigger, data, *allocated);
    wgkey_wipe(data, *allocated);
    free(data);
    *allocated *= 2;
    return bigger;
}

static int
write_all(int fd, const void *data_, size_t size)
{
    const char *data = data_;

    while (size) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return errno;
        }
        data += n;
        size -= n;
    }
    return 0;
}

static int
fill_file(int fd, const void *data, size_t size, mode_t mode)
{
    int error = write_all(fd, data, size);

    if (!error && (fchmod(fd, mode & 07777) || fsync(fd))) {
        error = errno;
    }
    return error;
}

/* Writes the directory of 'name' to the disk: its entry is in there. */
static int
sync_parent(const char *name)
{
    char *directory = dir_name(name);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    free(directory);
    return error;
}
