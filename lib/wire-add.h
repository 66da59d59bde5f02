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

/* wire-add: one more client in the text of an extra_wires.yml.
 *
 * An entry is appended and everything else stays as somebody wrote it; the
 * result is parsed again, so that a file in another style is refused instead
 * of broken.  Pure. */

#ifndef MOBULA_WIRE_ADD_H
#define MOBULA_WIRE_ADD_H 1

#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "openvswitch/types.h"

struct fabric;
struct fabric_extra_wire;

/* Returns the lowest address of extrawire that no client has, or 0. */
ovs_be32 wire_add_free_address(const struct fabric *);

/* Can a client with this name, or this public key of WGKEY_SIZE bytes, be
 * added?  Return NULL, or a sentence that the caller must free. */
char *wire_add_check_name(const struct fabric *, const char *name)
    OVS_WARN_UNUSED_RESULT;
char *wire_add_check_key(const struct fabric *, const uint8_t *public_key)
    OVS_WARN_UNUSED_RESULT;

/* Adds 'wire', whose name and key have been checked, to the 'size' bytes at
 * 'text', which have been parsed into 'fabric'.  Returns NULL with '*new_text'
 * the new text; or a sentence, with '*new_text' the lines to be added by hand.
 * The caller must free both. */
char *wire_add(const struct fabric *, const struct fabric_extra_wire *wire,
               const char *text, size_t size, char **new_text)
    OVS_WARN_UNUSED_RESULT;

#endif /* lib/wire-add.h */
