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

/* settings-list: lists of address ranges in mobula.yml, such as
 * "[00:00:5e:00:01:00/40, 02:00:00:00:00:07]".
 *
 * settings-yaml.c knows which setting is such a list; here is what stands in
 * it.  A range is an address, and a slash and a length unless it is the
 * address alone.  No I/O. */

#ifndef MOBULA_SETTINGS_LIST_H
#define MOBULA_SETTINGS_LIST_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/fabric.h"

struct ds;
struct ytree;

/* Store the ranges that the list 'node' has in 'list', an array of
 * SETTINGS_MAX_LIST, and their number in '*n'; 'name' is the setting's.
 * Return false, and leave both alone, after adding an error for each thing
 * that is wrong. */
bool settings_list_parse_macs(const struct ytree *node, const char *name,
                              struct config_messages *,
                              struct mac_prefix *list, size_t *n);
bool settings_list_parse_ips(const struct ytree *node, const char *name,
                             struct config_messages *,
                             struct ip_prefix *list, size_t *n);

/* The same for single addresses, without a length. */
bool settings_list_parse_addresses(const struct ytree *node, const char *name,
                                   struct config_messages *,
                                   struct ip_prefix *list, size_t *n);

/* Stores the IPv6 prefix of 48 to 64 bits that 'node' has in '*prefix', or the
 * empty one for "none".  Returns false, and leaves it alone, after adding an
 * error. */
bool settings_list_parse_prefix6(const struct ytree *node, const char *name,
                                 struct config_messages *,
                                 struct ip_prefix *prefix);
void settings_list_format_prefix6(const struct ip_prefix *prefix,
                                  struct ds *s);

/* Append a list as text that the functions above accept, and a new-line, to
 * 's'. */
void settings_list_format_macs(const struct mac_prefix *list, size_t n,
                               struct ds *s);
void settings_list_format_ips(const struct ip_prefix *list, size_t n,
                              struct ds *s);

/* Reads the length of a prefix, a decimal number from 0 to 'max' without
 * leading zeros, from 'digits' to '*len'.  Returns false if it is none. */
bool settings_list_parse_len(const char *digits, unsigned int max,
                             uint8_t *len);

#endif /* lib/settings-list.h */
