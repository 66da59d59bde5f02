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

/* nft-state: what a table of nftables has counted.  See nft.h.  Pure. */

#include <config.h>
#include "gateway/nft.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* A rule that drops, as nft lists it:
 *
 *     ...counter packets 12 bytes 720 drop comment "access: forged source"
 */
#define COUNTER "counter packets "
#define COMMENT " drop comment \""

static struct nft_drop *find(struct nft_drops *, const char *comment,
                             size_t len);
static void settle(struct nft_drops *);

void
nft_drops_uninit(struct nft_drops *drops)
{
    for (size_t i = 0; i < drops->n; i++) {
        free(drops->drops[i].comment);
    }
    free(drops->drops);
    memset(drops, 0, sizeof *drops);
}

void
nft_drops_update(struct nft_drops *drops, const char *text)
{
    const char *p = text;

    while (p && (p = strstr(p, COUNTER))) {
        const char *eol = p + strcspn(p, "\n");
        const char *comment = strstr(p, COMMENT);

        if (comment && comment < eol) {
            comment += strlen(COMMENT);
            find(drops, comment, strcspn(comment, "\"\n"))->current
                += strtoull(p + strlen(COUNTER), NULL, 10);
        }
        p = eol;
    }
    settle(drops);
}

void
nft_remove_states(char *text)
{
    static const char *const words[] = { " packets ", " bytes " };
    char *to = text;

    for (const char *from = text; *from; ) {
        const char *end = from;

        if (to > text && to - text >= 7 && !memcmp(to - 7, "counter", 7)) {
            for (size_t i = 0; end && i < ARRAY_SIZE(words); i++) {
                size_t len = strlen(words[i]);

                end = strncmp(end, words[i], len) ? NULL : end + len;
                end = end ? end + strspn(end, "0123456789") : NULL;
            }
            from = end ? end : from;
        }
        if (*from) {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

/* Returns the one with 'comment', of 'len' characters, made if need be. */
static struct nft_drop *
find(struct nft_drops *drops, const char *comment, size_t len)
{
    for (size_t i = 0; i < drops->n; i++) {
        struct nft_drop *drop = &drops->drops[i];

        if (strlen(drop->comment) == len
            && !memcmp(drop->comment, comment, len)) {
            return drop;
        }
    }
    if (drops->n >= drops->allocated) {
        drops->drops = x2nrealloc(drops->drops, &drops->allocated,
                                  sizeof *drops->drops);
    }
    drops->drops[drops->n] = (struct nft_drop) {
        .comment = xmemdup0(comment, len),
    };
    return &drops->drops[drops->n++];
}

/* Counters that are lower than before belong to another table, which has begun
 * at 0. */
static void
settle(struct nft_drops *drops)
{
    for (size_t i = 0; i < drops->n; i++) {
        struct nft_drop *drop = &drops->drops[i];

        drop->packets += (drop->current >= drop->last
                          ? drop->current - drop->last : drop->current);
        drop->last = drop->current;
        drop->current = 0;
    }
}
