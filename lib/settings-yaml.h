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

/* settings-yaml: text of mobula.yml <-> struct settings.
 *
 * One level of "name: value".  Every setting has a default, an unknown one is
 * an error.  What settings have to do with each other and with the hosts is
 * fabric_check()'s business.  No I/O. */

#ifndef MOBULA_SETTINGS_YAML_H
#define MOBULA_SETTINGS_YAML_H 1

#include <stddef.h>
#include "lib/fabric.h"

struct ds;

/* Parses the 'size' bytes at 'text' of a file that is called 'file' (the name
 * is copied) into 'fabric->settings' and 'fabric->setting_pos', of which the
 * fabric has the defaults yet.  What is wrong is added to the messages, and
 * leaves the default.  If only intrawire_prefix is given, extrawire_prefix
 * becomes its upper half. */
void settings_yaml_parse(const char *text, size_t size, const char *file,
                         struct fabric *, struct config_messages *);

/* Returns the name of a setting in the file. */
const char *settings_yaml_name(enum setting);

/* Returns the prefix that a setting is, borrowed from 'settings'; 'id' is one
 * of SETTING_*_PREFIX. */
const struct ipv4_prefix *settings_yaml_prefix(const struct settings *,
                                               enum setting id);

/* Appends 'settings' as text that settings_yaml_parse() accepts to 's'. */
void settings_yaml_format(const struct settings *, struct ds *s);

#endif /* lib/settings-yaml.h */
