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

/* host-key: the file with the private key of this host.  See host-key.h. */

#include <config.h>
#include "lib/host-key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/file-read.h"
#include "util.h"

/* More than a key, new-lines and spaces that an editor may have left. */
#define MAX_SIZE 256

static char *parse(const char *name, const struct file_contents *,
                   uint8_t key[WGKEY_SIZE]);
static char *make(const char *name);

char *
host_key_read(const char *name, uint8_t key[WGKEY_SIZE], bool *missing)
{
    struct file_contents contents;
    int error = file_read(name, MAX_SIZE, &contents);
    char *problem;

    *missing = error == ENOENT;
    if (error == EFBIG) {
        return xasprintf("%s: the file is too big for a key: expected one "
                         "line", name);
    } else if (error) {
        return xasprintf("%s: the private key cannot be read: %s", name,
                         ovs_strerror(error));
    }
    problem = parse(name, &contents, key);
    file_contents_uninit(&contents);
    return problem;
}

char *
host_key_read_or_make(const char *name, uint8_t key[WGKEY_SIZE])
{
    bool missing;
    char *problem = host_key_read(name, key, &missing);

    if (problem && missing) {
        free(problem);
        problem = make(name);
        if (!problem) {
            /* Not what was made, but what is there: somebody else may have
             * been quicker. */
            problem = host_key_read(name, key, &missing);
        }
    }
    return problem;
}

static char *
parse(const char *name, const struct file_contents *contents,
      uint8_t key[WGKEY_SIZE])
{
    uint8_t decoded[WGKEY_SIZE];
    char *text, *problem;

    if (S_ISREG(contents->mode) && contents->mode & (S_IRWXG | S_IRWXO)) {
        return xasprintf("%s: others can use this private key: expected mode "
                         "0600, not %04o", name,
                         (unsigned int) contents->mode & 07777);
    }
    text = xmemdup0(contents->data, contents->size);
    text[strcspn(text, " \t\r\n")] = '\0';
    problem = wgkey_from_base64(text, decoded);
    wgkey_wipe(text, contents->size);
    free(text);
    if (problem) {
        char *sentence = xasprintf("%s: the private key %s", name, problem);

        free(problem);
        return sentence;
    }
    memcpy(key, decoded, WGKEY_SIZE);
    wgkey_wipe(decoded, sizeof decoded);
    return NULL;
}

/* Makes the file, unless there is one by now. */
static char *
make(const char *name)
{
    char text[WGKEY_BASE64_LEN + 2];
    uint8_t key[WGKEY_SIZE];
    int error;

    wgkey_generate(key);
    wgkey_to_base64(key, text);
    text[WGKEY_BASE64_LEN] = '\n';
    text[WGKEY_BASE64_LEN + 1] = '\0';
    error = file_create(name, text, WGKEY_BASE64_LEN + 1, S_IRUSR | S_IWUSR);
    wgkey_wipe(key, sizeof key);
    wgkey_wipe(text, sizeof text);
    return (!error || error == EEXIST ? NULL
            : xasprintf("%s: the private key cannot be written: %s", name,
                        ovs_strerror(error)));
}
