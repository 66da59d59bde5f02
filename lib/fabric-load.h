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

/* fabric-load: the configuration files -> a fabric that is checked.
 *
 * The I/O around the pure parsers: fabric-yaml.[ch] and settings-yaml.[ch]
 * get the text that file-read.[ch] reads, fabric-check.[ch] has the last
 * word. */

#ifndef MOBULA_FABRIC_LOAD_H
#define MOBULA_FABRIC_LOAD_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct config_messages;
struct fabric;

/* The directory of the configuration, and the files in it. */
#define FABRIC_DIR "/etc/mobula"
#define FABRIC_FILE_HOSTS FABRIC_DIR"/hosts.yml"
#define FABRIC_FILE_EXTRA_HOSTS FABRIC_DIR"/extra_hosts.yml"
#define FABRIC_FILE_EXTRA_WIRES FABRIC_DIR"/extra_wires.yml"
#define FABRIC_FILE_SETTINGS FABRIC_DIR"/mobula.yml"

/* File names, borrowed; null stands for the default.  A file other than
 * hosts.yml may be missing if its name is the default one. */
struct fabric_files {
    const char *hosts;
    const char *extra_hosts;
    const char *extra_wires;
    const char *settings;
};

/* The default names. */
struct fabric_files fabric_files_default(void);

/* Reads, parses and checks all files.  Adds everything that is wrong to
 * 'msgs', sorted.  Returns true if there is no error: '*fabric' is the
 * configuration, which the caller must free with fabric_uninit().  Returns
 * false otherwise: '*fabric' is untouched. */
bool fabric_load(const struct fabric_files *, struct fabric *fabric,
                 struct config_messages *msgs) OVS_WARN_UNUSED_RESULT;

/* The same, but '*fabric' is always written and must be freed: if the result
 * is false, it is what could be read, good for nothing but counting. */
bool fabric_load_partial(const struct fabric_files *, struct fabric *fabric,
                         struct config_messages *msgs);

/* Like fabric_load() with mobula.yml alone: the fabric has settings, but no
 * hosts. */
bool fabric_load_settings(const struct fabric_files *, struct fabric *fabric,
                          struct config_messages *msgs)
    OVS_WARN_UNUSED_RESULT;

#endif /* lib/fabric-load.h */
