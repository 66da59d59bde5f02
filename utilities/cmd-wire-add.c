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

/* cmd-wire-add: mobula-ctl wire-add NAME [PUBLIC-KEY]: one more client of
 * extrawire in extra_wires.yml. */

#include <config.h>
#include "utilities/cmds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config-messages.h"
#include "lib/fabric.h"
#include "lib/file-read.h"
#include "lib/wire-add.h"
#include "packets.h"
#include "util.h"
#include "utilities/key-file.h"

/* Of a file that is not there yet: it has no secrets. */
#define NEW_MODE 0644

static int add(const struct ctl_context *, const struct fabric *);
static int add_checked(const struct ctl_context *, const struct fabric *,
                       const struct fabric_extra_wire *,
                       const uint8_t *new_key);
static bool get_key(const struct ctl_context *, uint8_t new_key[WGKEY_SIZE],
                    bool *is_new, uint8_t public_key[WGKEY_SIZE]);
static bool read_text(const char *name, struct file_contents *);
static bool write_text(const char *name, const char *text, mode_t mode);

int
cmd_wire_add(const struct ctl_context *ctx)
{
    struct config_messages msgs;
    struct fabric fabric;
    int status = CTL_FAILED;

    if ((ctx->argc > 1) == (ctx->private_key_file != NULL)) {
        return ctl_error(CTL_USAGE, "expected either the public key of the "
                         "client, or --private-key-file with the file that "
                         "has its private key, or will have it");
    }
    config_messages_init(&msgs);
    if (fabric_load(&ctx->files, &fabric, &msgs)) {
        ctl_print_messages(&msgs);
        status = add(ctx, &fabric);
        fabric_uninit(&fabric);
    } else {
        ctl_print_messages(&msgs);
    }
    config_messages_uninit(&msgs);
    return status;
}

static int
add(const struct ctl_context *ctx, const struct fabric *fabric)
{
    struct fabric_extra_wire wire = {
        .name = ctx->argv[0],
        .address = wire_add_free_address(fabric),
    };
    int status = CTL_FAILED;
    uint8_t key[WGKEY_SIZE];
    bool is_new;

    if (!wire.address) {
        return ctl_error(CTL_FAILED, "extrawire_prefix has no free address");
    }
    if (get_key(ctx, key, &is_new, wire.public_key)) {
        char *error = wire_add_check(fabric, &wire);

        if (!error) {
            status = add_checked(ctx, fabric, &wire, is_new ? key : NULL);
        } else {
            ctl_error(CTL_FAILED, "%s", error);
            free(error);
        }
    }
    wgkey_wipe(key, sizeof key);
    return status;
}

/* Writes the files.  The key comes first: without it, the entry would be of
 * no use. */
static int
add_checked(const struct ctl_context *ctx, const struct fabric *fabric,
            const struct fabric_extra_wire *wire, const uint8_t *new_key)
{
    const char *file = ctx->files.extra_wires;
    struct file_contents old;
    int status = CTL_FAILED;
    char *text, *error;

    if (!read_text(file, &old)) {
        return CTL_FAILED;
    }
    error = wire_add(fabric, wire, old.data, old.size, &text);
    if (error) {
        ctl_error(CTL_FAILED, "%s: %s.  This belongs there:\n%s", file, error,
                  text);
    } else if ((!new_key || key_file_create(ctx->private_key_file, new_key))
               && write_text(file, text, old.mode & 07777)) {
        printf("%s is "IP_FMT"/32 in %s.\n", wire->name,
               IP_ARGS(wire->address), file);
        status = CTL_OK;
    }
    free(error);
    free(text);
    file_contents_uninit(&old);
    return status;
}

/* Returns false after printing why there is no key.  'new_key' is a private
 * key that is in no file yet if '*is_new' is set. */
static bool
get_key(const struct ctl_context *ctx, uint8_t new_key[WGKEY_SIZE],
        bool *is_new, uint8_t public_key[WGKEY_SIZE])
{
    const char *file = ctx->private_key_file;

    *is_new = false;
    if (!file) {
        char *error = wgkey_from_base64(ctx->argv[1], public_key);

        if (error) {
            ctl_error(CTL_FAILED, "the public key %s", error);
            free(error);
        }
        return !error;
    }

    int error = key_file_read(file, new_key);
    if (error == ENOENT) {
        *is_new = true;
        wgkey_generate(new_key);
    } else if (error) {
        return false;
    }
    wgkey_public(new_key, public_key);
    return true;
}

/* A file that is not there is an empty one. */
static bool
read_text(const char *name, struct file_contents *contents)
{
    int error = file_read(name, FILE_READ_MAX, contents);

    if (error == ENOENT) {
        *contents = (struct file_contents) { .data = xstrdup(""),
                                             .mode = NEW_MODE };
    } else if (error) {
        ctl_error(CTL_FAILED, "%s cannot be read: %s", name,
                  ovs_strerror(error));
        return false;
    }
    return true;
}

/* Symbolic links stay what they are. */
static bool
write_text(const char *name, const char *text, mode_t mode)
{
    char *target = realpath(name, NULL);
    int error = file_replace(target ? target : name, text, strlen(text), mode);

    if (error) {
        ctl_error(CTL_FAILED, "%s cannot be written: %s", name,
                  ovs_strerror(error));
    }
    free(target);
    return !error;
}
