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

/* fabric-check: is a whole configuration one that works?
 *
 * After the parsers have judged every value by itself, this compares them
 * with each other: duplicates, addresses in the wrong place, prefixes that
 * overlap, keys that do not belong together.  Pure; changes nothing. */

#ifndef MOBULA_FABRIC_CHECK_H
#define MOBULA_FABRIC_CHECK_H 1

struct config_messages;
struct fabric;

/* Adds everything that is wrong with 'fabric' to the messages.  Members that
 * could not be parsed (see struct fabric) are skipped: they are reported
 * already.  The fabric can be used if the messages have no error. */
void fabric_check(const struct fabric *, struct config_messages *);

#endif /* lib/fabric-check.h */
