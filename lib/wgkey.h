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

/* wgkey: WireGuard keys: Curve25519, 32 bytes, 44 characters of base64.
 *
 * libsodium does the mathematics, the base64 and the wiping; see wg(8) for
 * the text form.  wgkey_generate() is the one function that reads the system's
 * random source. */

#ifndef MOBULA_WGKEY_H
#define MOBULA_WGKEY_H 1

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

#define WGKEY_SIZE 32           /* Bytes of a key. */
#define WGKEY_BASE64_LEN 44     /* Characters of its base64 text. */

/* Decodes 'text' into 'key'.  Returns NULL, or a sentence that the caller
 * must free, with 'key' untouched. */
char *wgkey_from_base64(const char *text, uint8_t key[WGKEY_SIZE])
    OVS_WARN_UNUSED_RESULT;

/* Writes the base64 of 'key' and a terminating null. */
void wgkey_to_base64(const uint8_t key[WGKEY_SIZE],
                     char text[WGKEY_BASE64_LEN + 1]);

/* Computes the public key that belongs to 'private_key'. */
void wgkey_public(const uint8_t private_key[WGKEY_SIZE],
                  uint8_t public_key[WGKEY_SIZE]);

/* Makes a new, clamped private key. */
void wgkey_generate(uint8_t private_key[WGKEY_SIZE]);

/* Derives in 'key' the preshared key of the pair of WireGuard peers that have
 * the public keys 'a' and 'b', in whichever order: the BLAKE2b hash of 32
 * bytes, keyed with 'secret', of the text "mobula preshared key 1" (22 bytes)
 * and then the two keys, the lesser one (as bytes) first.  It says nothing
 * about 'secret' or about the key of any other pair. */
void wgkey_derive_pair(const uint8_t secret[WGKEY_SIZE],
                       const uint8_t a[WGKEY_SIZE],
                       const uint8_t b[WGKEY_SIZE],
                       uint8_t key[WGKEY_SIZE]);

/* Returns a number by which to tell whether two secrets are the same.  It is
 * a keyed hash of a 'secret' that is as random as a key: nobody finds that by
 * it. */
uint32_t wgkey_fingerprint(const uint8_t secret[WGKEY_SIZE]);

/* Compares in constant time. */
bool wgkey_equal(const uint8_t a[WGKEY_SIZE], const uint8_t b[WGKEY_SIZE]);

/* Returns true if all bytes are zero (WireGuard's "no key"). */
bool wgkey_is_zero(const uint8_t key[WGKEY_SIZE]);

/* Overwrites 'size' bytes at 'p' in a way that compilers keep. */
void wgkey_wipe(void *p, size_t size);

#endif /* lib/wgkey.h */
