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

/* cmd-keygen: mobula-ctl keygen: a new WireGuard key pair. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>

#include "lib/wgkey.h"
#include "openvswitch/json.h"

int
cmd_keygen(const struct ctl_context *ctx)
{
    uint8_t private_key[WGKEY_SIZE], public_key[WGKEY_SIZE];
    char private_text[WGKEY_BASE64_LEN + 1];
    char public_text[WGKEY_BASE64_LEN + 1];

    wgkey_generate(private_key);
    wgkey_public(private_key, public_key);
    wgkey_to_base64(private_key, private_text);
    wgkey_to_base64(public_key, public_text);

    if (ctx->json) {
        struct json *json = json_object_create();

        json_object_put_string(json, "private_key", private_text);
        json_object_put_string(json, "public_key", public_text);
        ctl_print_json(json);
    } else {
        /* To be pasted below "wireguard:". */
        printf("private_key: %s\npublic_key: %s\n",
               private_text, public_text);
    }
    wgkey_wipe(private_key, sizeof private_key);
    wgkey_wipe(private_text, sizeof private_text);
    return CTL_OK;
}
