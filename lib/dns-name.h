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

/* dns-name: is a text the name of a host?
 *
 * Pure.  For hostnames of the configuration (fabric-yaml.c) and names to look
 * up (endpoint.c); nothing is looked up here. */

#ifndef MOBULA_DNS_NAME_H
#define MOBULA_DNS_NAME_H 1

/* Returns what is wrong with 'name' as the name of a host, as in "NAME ends
 * with a dot", or NULL.  A constant.  What is accepted consists of letters,
 * digits, dots and hyphens, does not begin with a hyphen, and is no IPv4
 * address. */
const char *dns_name_problem(const char *name);

#endif /* lib/dns-name.h */
