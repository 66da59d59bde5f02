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

/* wg-uapi-codec: a WireGuard device to and from the text of WireGuard's
 * cross-platform userspace protocol, "KEY=VALUE" lines that end with an empty
 * line (https://www.wireguard.com/xplatform/).
 *
 * Pure: wg-uapi.c talks to the socket.  The texts hold private keys, and
 * wiping them is up to their owner. */

#ifndef MOBULA_WG_UAPI_CODEC_H
#define MOBULA_WG_UAPI_CODEC_H 1

#include "openvswitch/compiler.h"

struct ds;
struct wg_delta;
struct wg_device;

/* The request for all settings. */
#define WG_UAPI_GET "get=1\n\n"

/* Appends the request that applies 'delta', which wg_diff() made from
 * 'desired', to 's'.  Memory is reserved before the first key is written, so
 * that no copy of it stays behind; the caller wipes 's'. */
void wg_uapi_format_set(const struct wg_device *desired,
                        const struct wg_delta *delta, struct ds *s);

/* Adds what 'text', the answer to WG_UAPI_GET, says to 'dev', which starts as
 * wg_device_init() leaves it, and sorts it.  Unknown keys are skipped: a newer
 * program may have more.
 *
 * Returns 0, the positive errno value that the program answered, or EPROTO if
 * the text is malformed or incomplete; on failure with a malloc'd sentence in
 * '*error', and 'dev' may hold a part of the text. */
int wg_uapi_parse_get(const char *text, struct wg_device *dev, char **error)
    OVS_WARN_UNUSED_RESULT;

/* Reads the answer to a set request.  Returns as wg_uapi_parse_get(). */
int wg_uapi_parse_set(const char *text, char **error) OVS_WARN_UNUSED_RESULT;

#endif /* wg/wg-uapi-codec.h */
