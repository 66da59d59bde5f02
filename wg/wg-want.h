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

/* wg-want: which WireGuard device a configuration asks for.
 *
 * Pure.  The result goes to wg_diff() (wg-diff.h) as what is desired. */

#ifndef MOBULA_WG_WANT_H
#define MOBULA_WG_WANT_H 1

#include <stdint.h>

struct endpoints;
struct fabric;
struct wg_device;

/* Makes in 'ret' the device of host 'self': its private key and port, and one
 * peer for every other host, which may send from its intrawire and VTEP
 * addresses, and for every client of extrawire, which may send from its own.
 * What it encrypts carries MARK_MOBULA (lib/addr.h).  A host whose address is
 * neither configured nor in 'found' (the addresses that names of hosts have,
 * may be NULL) gets no endpoint, nor does a client: they have to speak first.
 * If 'fabric' has no host 'self', or no private key for it, the device has no
 * private key.  The caller must free with wg_device_uninit(). */
void wg_want(const struct fabric *fabric, uint16_t self,
             const struct endpoints *found, struct wg_device *ret);

#endif /* wg/wg-want.h */
