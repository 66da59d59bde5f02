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

/* installed-ways: from the groups of a switch back to the ways to the peers.
 *
 * What groups.h makes of struct paths_peer can be read from the numbers of the
 * buckets.  So a mobulad that has just started knows which ways the one before
 * it has left there.  Pure. */

#ifndef MOBULA_INSTALLED_WAYS_H
#define MOBULA_INSTALLED_WAYS_H 1

#include <stdint.h>

struct flow_table;
struct paths_peer;

/* Stores in 'ret' the ways to 'peer' that the groups in 'ft' are made for; all
 * but 'peer' is 0 if there are none.  'ret->n_links' is 2 for any number above
 * 1. */
void installed_ways(const struct flow_table *, uint16_t peer,
                    struct paths_peer *ret);

#endif /* flows/installed-ways.h */
