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
 * See wgkey.h. */

#include <config.h>
#include "lib/wgkey.h"

#include <sodium.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

BUILD_ASSERT_DECL(WGKEY_SIZE == crypto_scalarmult_BYTES);
BUILD_ASSERT_DECL(WGKEY_SIZE == crypto_scalarmult_SCALARBYTES);
BUILD_ASSERT_DECL(WGKEY_BASE64_LEN + 1
                  == sodium_base64_ENCODED_LEN(
                      WGKEY_SIZE, sodium_base64_VARIANT_ORIGINAL));

static void derive(const uint8_t secret[WGKEY_SIZE], const char *purpose,
                   const uint8_t first[WGKEY_SIZE],
                   const uint8_t second[WGKEY_SIZE], uint8_t ret[WGKEY_SIZE]);

char *
wgkey_from_base64(const char *text, uint8_t key[WGKEY_SIZE])
{
    uint8_t decoded[WGKEY_SIZE];
    size_t len = strlen(text);
    size_t size;
    int error;

    if (len != WGKEY_BASE64_LEN) {
        return xasprintf("has %"PRIuSIZE" characters: expected a WireGuard "
                         "key, %d characters of base64", len,
                         WGKEY_BASE64_LEN);
    }
    /* Refuses also what decodes, but is not what encoding gives: other
     * characters after the padding, or bits that are lost in it. */
    error = sodium_base642bin(decoded, sizeof decoded, text, len, NULL, &size,
                              NULL, sodium_base64_VARIANT_ORIGINAL);
    if (!error && size == sizeof decoded) {
        memcpy(key, decoded, sizeof decoded);
    }
    wgkey_wipe(decoded, sizeof decoded);
    return (!error && size == sizeof decoded ? NULL
            : xasprintf("is not base64 of %d bytes: expected a WireGuard key "
                        "as 'wg genkey' or 'mobula-ctl keygen' print it",
                        WGKEY_SIZE));
}

void
wgkey_to_base64(const uint8_t key[WGKEY_SIZE],
                char text[WGKEY_BASE64_LEN + 1])
{
    sodium_bin2base64(text, WGKEY_BASE64_LEN + 1, key, WGKEY_SIZE,
                      sodium_base64_VARIANT_ORIGINAL);
}

void
wgkey_public(const uint8_t private_key[WGKEY_SIZE],
             uint8_t public_key[WGKEY_SIZE])
{
    /* Clamps a copy of the private key first (RFC 7748, section 5). */
    int error = crypto_scalarmult_base(public_key, private_key);

    /* The base point has a large order: no scalar gives zero. */
    ovs_assert(!error);
}

void
wgkey_generate(uint8_t private_key[WGKEY_SIZE])
{
    if (sodium_init() < 0) {
        ovs_abort(0, "libsodium cannot be initialized");
    }
    randombytes_buf(private_key, WGKEY_SIZE);
    private_key[0] &= 0xf8;
    private_key[31] = (private_key[31] & 0x7f) | 0x40;
}

void
wgkey_derive_pair(const uint8_t secret[WGKEY_SIZE],
                  const uint8_t a[WGKEY_SIZE], const uint8_t b[WGKEY_SIZE],
                  uint8_t key[WGKEY_SIZE])
{
    bool ordered = memcmp(a, b, WGKEY_SIZE) < 0;

    derive(secret, "mobula preshared key 1", ordered ? a : b,
           ordered ? b : a, key);
}

uint32_t
wgkey_fingerprint(const uint8_t secret[WGKEY_SIZE])
{
    static const uint8_t nobody[WGKEY_SIZE];
    uint8_t hash[WGKEY_SIZE];

    derive(secret, "mobula fingerprint 1", nobody, nobody, hash);
    return ((uint32_t) hash[0] << 24 | hash[1] << 16 | hash[2] << 8
            | hash[3]);
}

bool
wgkey_equal(const uint8_t a[WGKEY_SIZE], const uint8_t b[WGKEY_SIZE])
{
    return !sodium_memcmp(a, b, WGKEY_SIZE);
}

bool
wgkey_is_zero(const uint8_t key[WGKEY_SIZE])
{
    return sodium_is_zero(key, WGKEY_SIZE);
}

void
wgkey_wipe(void *p, size_t size)
{
    sodium_memzero(p, size);
}

/* Hashes 'purpose' without its null and the two keys, keyed with 'secret'. */
static void
derive(const uint8_t secret[WGKEY_SIZE], const char *purpose,
       const uint8_t first[WGKEY_SIZE], const uint8_t second[WGKEY_SIZE],
       uint8_t ret[WGKEY_SIZE])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, secret, WGKEY_SIZE, WGKEY_SIZE);
    crypto_generichash_update(&state, (const unsigned char *) purpose,
                              strlen(purpose));
    crypto_generichash_update(&state, first, WGKEY_SIZE);
    crypto_generichash_update(&state, second, WGKEY_SIZE);
    crypto_generichash_final(&state, ret, WGKEY_SIZE);
    sodium_memzero(&state, sizeof state);
}
