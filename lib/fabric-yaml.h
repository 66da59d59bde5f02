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

/* fabric-yaml: text of hosts.yml, extra_hosts.yml and extra_wires.yml ->
 * struct fabric.
 *
 * Before it, ytree.c turns text into nodes and inventory.c applies Ansible's
 * rules; settings-yaml.c does the same for mobula.yml.  After it,
 * fabric_check() compares what was read.  Here only single values are judged.
 * No I/O. */

#ifndef MOBULA_FABRIC_YAML_H
#define MOBULA_FABRIC_YAML_H 1

#include <stddef.h>

struct config_messages;
struct fabric;

/* Each parses the 'size' bytes at 'text' of a file that is called 'file' (the
 * name is copied) into a fabric that has nothing from such a file yet.  What
 * is wrong is added to the messages.  What could be read is in the fabric
 * also then, so that fabric_check() can tell what else is wrong. */
void fabric_yaml_parse_hosts(const char *text, size_t size, const char *file,
                             struct fabric *, struct config_messages *);
void fabric_yaml_parse_extra_hosts(const char *text, size_t size,
                                   const char *file, struct fabric *,
                                   struct config_messages *);
void fabric_yaml_parse_extra_wires(const char *text, size_t size,
                                   const char *file, struct fabric *,
                                   struct config_messages *);

#endif /* lib/fabric-yaml.h */
