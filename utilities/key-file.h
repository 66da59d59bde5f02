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

/* key-file: the file with the private key of a client. */

#ifndef MOBULA_KEY_FILE_H
#define MOBULA_KEY_FILE_H 1

#include <stdbool.h>
#include <stdint.h>
#include "lib/wgkey.h"

/* Reads the private key in file 'name': the text of a key, as "wg genkey"
 * prints it, or what "mobula-ctl keygen" prints; "-" is the standard input.
 * Returns 0, after a warning if others can read the file; or a positive errno
 * after printing what is wrong, with 'key' untouched.  ENOENT is not printed:
 * the caller may want to make the file. */
int key_file_read(const char *name, uint8_t key[WGKEY_SIZE])
    OVS_WARN_UNUSED_RESULT;

/* Makes the file 'name', which must not exist, for its owner alone.  Returns
 * false after printing what is wrong. */
bool key_file_create(const char *name, const uint8_t key[WGKEY_SIZE])
    OVS_WARN_UNUSED_RESULT;

#endif /* utilities/key-file.h */
