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

/* cmd-keygen: mobula-ctl keygen: a new WireGuard key pair, to be printed, or
 * to be kept in a file, from where only the public key comes out again. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/host-key.h"
#include "lib/wgkey.h"
#include "openvswitch/json.h"

static void print_keys(const struct ctl_context *,
                       const uint8_t private_key[WGKEY_SIZE], bool secret);

int
cmd_keygen(const struct ctl_context *ctx)
{
    const char *file = ctx->argc ? ctx->argv[0] : NULL;
    uint8_t private_key[WGKEY_SIZE];

    if (file) {
        char *problem = host_key_read_or_make(file, private_key);

        if (problem) {
            ctl_error(CTL_FAILED, "%s", problem);
            free(problem);
            return CTL_FAILED;
        }
    } else {
        wgkey_generate(private_key);
    }
    print_keys(ctx, private_key, file != NULL);
    wgkey_wipe(private_key, sizeof private_key);
    return CTL_OK;
}

/* Prints the pair; if 'secret', the public key alone. */
static void
print_keys(const struct ctl_context *ctx,
           const uint8_t private_key[WGKEY_SIZE], bool secret)
{
    char private_text[WGKEY_BASE64_LEN + 1];
    char public_text[WGKEY_BASE64_LEN + 1];
    uint8_t public_key[WGKEY_SIZE];

    wgkey_public(private_key, public_key);
    wgkey_to_base64(private_key, private_text);
    wgkey_to_base64(public_key, public_text);

    if (ctx->json) {
        struct json *json = json_object_create();

        if (!secret) {
            json_object_put_string(json, "private_key", private_text);
        }
        json_object_put_string(json, "public_key", public_text);
        ctl_print_json(json);
    } else {
        /* To be pasted below "wireguard:". */
        if (!secret) {
            printf("private_key: %s\n", private_text);
        }
        printf("public_key: %s\n", public_text);
    }
    wgkey_wipe(private_text, sizeof private_text);
}
