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

/* host-key: the file with the private key of this host.
 *
 * A host whose private key is not in hosts.yml has it in a file of its own,
 * which never leaves the host: one line, the base64 of the key.  mobulad reads
 * it, "mobula-ctl keygen FILE" and the deployment make it.  Clients of
 * extrawire keep theirs in such a file, too.  With file-read.[ch] and
 * fabric-load.[ch], this is what in lib/ has to do with files. */

#ifndef MOBULA_HOST_KEY_H
#define MOBULA_HOST_KEY_H 1

#include <stdbool.h>
#include "lib/fabric-load.h"
#include "lib/wgkey.h"
#include "openvswitch/compiler.h"

/* Where it is unless told otherwise. */
#define HOST_KEY_FILE FABRIC_DIR"/private_key"

/* Reads the key in the file 'name'.  Returns NULL if 'key' was written, and
 * otherwise a sentence that the caller must free: 'key' is untouched, and
 * '*missing' says whether there is no such file.  A file that others can read
 * is refused: whoever has the key is the host. */
char *host_key_read(const char *name, uint8_t key[WGKEY_SIZE], bool *missing)
    OVS_WARN_UNUSED_RESULT;

/* The same, but makes a file that is missing, with a new key and mode 0600.
 * It is there as a whole or not at all; its directory must be there. */
char *host_key_read_or_make(const char *name, uint8_t key[WGKEY_SIZE])
    OVS_WARN_UNUSED_RESULT;

#endif /* lib/host-key.h */
