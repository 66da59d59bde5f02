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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config-messages.h"
#include "lib/fabric.h"
#include "lib/file-read.h"
#include "lib/host-key.h"
#include "lib/wire-add.h"
#include "packets.h"
#include "util.h"

/* Of a file that is not there yet: it has no secrets. */
#define NEW_MODE 0644

static int add(const struct ctl_context *, const struct fabric *);
static char *fill_in(const struct ctl_context *, const struct fabric *,
                     struct fabric_extra_wire *);
static char *find_public_key(const struct ctl_context *,
                             uint8_t public_key[WGKEY_SIZE]);
static char *append(const char *file, const struct fabric *,
                    const struct fabric_extra_wire *);
static int read_text(const char *name, struct file_contents *);
static int write_text(const char *name, const char *text, mode_t mode);

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
    struct fabric_extra_wire wire = { .name = ctx->argv[0] };
    char *error = fill_in(ctx, fabric, &wire);

    if (!error) {
        error = append(ctx->files.extra_wires, fabric, &wire);
    }
    if (error) {
        ctl_error(CTL_FAILED, "%s", error);
        free(error);
        return CTL_FAILED;
    }
    printf("%s is "IP_FMT"/32 in %s.\n", wire.name, IP_ARGS(wire.address),
           ctx->files.extra_wires);
    return CTL_OK;
}

/* Finds what 'wire', which has a name, does not have yet.  A new private key
 * is made only if nothing else is wrong.  Like the functions below, returns
 * NULL or a sentence that the caller must free. */
static char *
fill_in(const struct ctl_context *ctx, const struct fabric *fabric,
        struct fabric_extra_wire *wire)
{
    char *error = wire_add_check_name(fabric, wire->name);

    wire->address = wire_add_free_address(fabric);
    if (!error && !wire->address) {
        error = xstrdup("extrawire_prefix has no free address");
    }
    if (!error) {
        error = find_public_key(ctx, wire->public_key);
    }
    return error ? error : wire_add_check_key(fabric, wire->public_key);
}

static char *
find_public_key(const struct ctl_context *ctx,
                uint8_t public_key[WGKEY_SIZE])
{
    uint8_t private_key[WGKEY_SIZE];
    char *error;

    if (ctx->private_key_file) {
        error = host_key_read_or_make(ctx->private_key_file, private_key);
        if (!error) {
            wgkey_public(private_key, public_key);
            wgkey_wipe(private_key, sizeof private_key);
        }
        return error;
    }
    error = wgkey_from_base64(ctx->argv[1], public_key);
    if (error) {
        char *sentence = xasprintf("the public key %s", error);

        free(error);
        return sentence;
    }
    return NULL;
}

static char *
append(const char *file, const struct fabric *fabric,
       const struct fabric_extra_wire *wire)
{
    struct file_contents old;
    char *sentence = NULL;
    char *text, *problem;
    int error;

    error = read_text(file, &old);
    if (error) {
        return xasprintf("%s cannot be read: %s", file, ovs_strerror(error));
    }
    problem = wire_add(fabric, wire, old.data, old.size, &text);
    if (problem) {
        sentence = xasprintf("%s: %s.  This belongs there:\n%s", file,
                             problem, text);
    } else {
        error = write_text(file, text, old.mode & 07777);
        if (error) {
            sentence = xasprintf("%s cannot be written: %s", file,
                                 ovs_strerror(error));
        }
    }
    free(problem);
    free(text);
    file_contents_uninit(&old);
    return sentence;
}

/* A file that is not there is an empty one.  Returns 0 or a positive errno, as
 * the next one does. */
static int
read_text(const char *name, struct file_contents *contents)
{
    int error = file_read(name, FILE_READ_MAX, contents);

    if (error == ENOENT) {
        *contents = (struct file_contents) { .data = xstrdup(""),
                                             .mode = NEW_MODE };
        return 0;
    }
    return error;
}

/* Symbolic links stay what they are. */
static int
write_text(const char *name, const char *text, mode_t mode)
{
    char *target = realpath(name, NULL);
    int error = file_replace(target ? target : name, text, strlen(text), mode);

    free(target);
    return error;
}
