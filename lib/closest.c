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

/* closest: "did you mean ...?" for words that are not known.
 * See closest.h. */

#include <config.h>
#include "lib/closest.h"

#include <ctype.h>
#include <string.h>

#include "openvswitch/util.h"
#include "util.h"

/* Longer words are not names of anything that we know. */
#define WORD_MAX 48

static size_t distance(const char *a, const char *b);

const char *
closest_word(const char *word, const char *const words[], size_t n)
{
    size_t best_distance = MAX(2, strlen(word) / 3) + 1;
    const char *best = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t d = distance(word, words[i]);

        /* A word that shares nothing with the other is no help. */
        if (d < best_distance && d < strlen(words[i])) {
            best_distance = d;
            best = words[i];
        }
    }
    return best;
}

/* Returns the Levenshtein distance of 'a' and 'b' in bytes, not minding case
 * and with '-' like '_'; SIZE_MAX if one of them is longer than WORD_MAX. */
static size_t
distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > WORD_MAX || b_len > WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            int ca = a[i - 1] == '-' ? '_' : tolower((unsigned char) a[i - 1]);
            int cb = b[j - 1] == '-' ? '_' : tolower((unsigned char) b[j - 1]);
            size_t replace = diagonal + (ca != cb);

            diagonal = row[j];
            row[j] = MIN(replace, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}
