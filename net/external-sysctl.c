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

/* external-sysctl: numbers and texts under /proc/sys/net of one interface.
 *
 * Other than net-sysctl.h, it knows no list of them: what is on an interface
 * that is taken is up to the administrator and the kernel.  See external.h. */

#include <config.h>
#include "net/external.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static char *make_path(const char *dir, const char *link, const char *key);

char *
external_sysctl_get(const char *dir, const char *link, const char *key)
{
    char *path = make_path(dir, link, key);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[256];
    ssize_t n;

    free(path);
    if (fd < 0) {
        return NULL;
    }
    n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n < 0) {
        return NULL;
    }
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return xstrdup(text);
}

int
external_sysctl_set(const struct external_sysctl *sysctl, const char *link)
{
    char *value = external_sysctl_get(sysctl->dir, link, sysctl->key);
    size_t len = strlen(sysctl->value);
    int error = 0;

    if (!value || strcmp(value, sysctl->value)) {
        char *path = make_path(sysctl->dir, link, sysctl->key);
        int fd = open(path, O_WRONLY | O_CLOEXEC);

        free(path);
        if (fd < 0) {
            error = errno;
        } else {
            error = write(fd, sysctl->value, len) < 0 ? errno : 0;
            close(fd);
        }
    }
    free(value);
    return error;
}

static char *
make_path(const char *dir, const char *link, const char *key)
{
    return xasprintf("/proc/sys/net/%s/%s/%s", dir, link, key);
}
