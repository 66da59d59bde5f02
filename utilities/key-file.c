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

/* key-file: the file with the private key of a client.  See key-file.h. */

#include <config.h>
#include "utilities/key-file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file-read.h"
#include "util.h"
#include "utilities/cmds.h"

/* Far more than a key and what people write beside it. */
#define MAX_SIZE 4096

/* What keygen writes before the key. */
#define KEYGEN_WORD "private_key:"

static int read_input(struct file_contents *);
static int parse(char *text, const char *name, uint8_t key[WGKEY_SIZE]);

int
key_file_read(const char *name, uint8_t key[WGKEY_SIZE])
{
    const mode_t others = S_IRWXG | S_IRWXO;
    const bool is_input = !strcmp(name, "-");
    struct file_contents contents;
    int error = (is_input ? read_input(&contents)
                 : file_read(name, MAX_SIZE, &contents));

    if (error) {
        if (error != ENOENT) {
            ctl_error(CTL_FAILED, "%s cannot be read: %s", name,
                      ovs_strerror(error));
        }
        return error;
    }
    if (!is_input && S_ISREG(contents.mode) && contents.mode & others) {
        fprintf(stderr, "mobula-ctl: warning: %s has a private key and mode "
                "%04o: expected 0600, so that others cannot read it\n", name,
                (unsigned int) contents.mode & 07777);
    }
    error = parse(contents.data, name, key);
    file_contents_uninit(&contents);
    return error;
}

bool
key_file_create(const char *name, const uint8_t key[WGKEY_SIZE])
{
    char text[WGKEY_BASE64_LEN + 1];
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok;

    if (fd < 0) {
        ctl_error(CTL_FAILED, "%s cannot be made: %s", name,
                  ovs_strerror(errno));
        return false;
    }
    wgkey_to_base64(key, text);
    text[WGKEY_BASE64_LEN] = '\n';
    ok = write(fd, text, sizeof text) == sizeof text && !fsync(fd);
    if (close(fd) || !ok) {
        ctl_error(CTL_FAILED, "%s cannot be written: %s", name,
                  ovs_strerror(errno));
        unlink(name);
        ok = false;
    }
    wgkey_wipe(text, sizeof text);
    return ok;
}

/* The standard input may be a pipe, from a keeper of passwords. */
static int
read_input(struct file_contents *contents)
{
    *contents = (struct file_contents) { .data = xzalloc(MAX_SIZE + 1) };
    contents->size = fread(contents->data, 1, MAX_SIZE, stdin);
    if (ferror(stdin) || !feof(stdin)) {
        int error = ferror(stdin) ? EIO : EFBIG;

        file_contents_uninit(contents);
        return error;
    }
    return 0;
}

/* Cuts 'text' up. */
static int
parse(char *text, const char *name, uint8_t key[WGKEY_SIZE])
{
    uint8_t decoded[WGKEY_SIZE];
    char *start = text;
    char *error, *end;

    start += strspn(start, " \t\r\n");
    if (!strncmp(start, KEYGEN_WORD, strlen(KEYGEN_WORD))) {
        start += strlen(KEYGEN_WORD);
        start += strspn(start, " \t");
        start[strcspn(start, "\n")] = '\0';
    }
    end = start + strlen(start);
    while (end > start && isspace((unsigned char) end[-1])) {
        *--end = '\0';
    }
    error = wgkey_from_base64(start, decoded);
    if (error) {
        ctl_error(CTL_FAILED, "%s: the private key %s", name, error);
        free(error);
        return EINVAL;
    }
    memcpy(key, decoded, WGKEY_SIZE);
    wgkey_wipe(decoded, sizeof decoded);
    return 0;
}
