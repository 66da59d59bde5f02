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

/* closest: "did you mean ...?" for words that are not known. */

#ifndef MOBULA_CLOSEST_H
#define MOBULA_CLOSEST_H 1

#include <stddef.h>

/* Returns the one of the 'n' strings in 'words' that is most like 'word', the
 * first of several; or NULL if none is so alike that a slip of the keyboard
 * explains the difference.  Borrowed from 'words'. */
const char *closest_word(const char *word, const char *const words[],
                         size_t n);

#endif /* lib/closest.h */
