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

/* nft: a table of nftables as text: how it is put in place, and whether it is
 * as it should be.
 *
 * What a table of ours says is up to those who write it down: guard.h (host's
 * namespace) and filter.h (gateway's).  gw.h reads and applies.  A name of
 * ours, of family "inet", says that the table is ours.  Pure. */

#ifndef MOBULA_NFT_H
#define MOBULA_NFT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct plan;

/* What is known about the table that is in force. */
struct nft_known {
    char *want;                 /* Text that was desired when it was applied
                                 * or last found as desired; or NULL. */
    char *text;                 /* What nft printed then; NULL: it was applied
                                 * and not read since. */
};

/* What rules that drop have counted. */
struct nft_drop {
    char *comment;              /* Of the rule, or of several rules. */
    uint64_t packets;           /* In all tables of that name so far. */
    uint64_t last;              /* In the table that was read last. */
    uint64_t current;           /* 0 between calls. */
};

/* All zeros is one that has counted nothing. */
struct nft_drops {
    struct nft_drop *drops;     /* In the order of the rules. */
    size_t n, allocated;
};

/* nft-state.c.  Takes in the counters of a table as nft lists it with states;
 * NULL: there is no table. */
void nft_drops_update(struct nft_drops *, const char *text);
void nft_drops_uninit(struct nft_drops *);

/* nft-state.c.  Removes the numbers of counters from a table as nft lists it
 * with states: what is left is what it lists without. */
void nft_remove_states(char *text);

/* Appends commands that, as one transaction, put 'table' (a text that nft can
 * read in) in place of the table 'name', or that remove that if 'table' is
 * NULL.  They touch nothing else, and succeed also if there is no such
 * table. */
void nft_format_replace(const char *name, const char *table, struct ds *);

/* Compares a table as it should be ('want', NULL: not at all) with what nft
 * printed ('actual', NULL: there is none) and adds the verdict on 'object' to
 * 'plan'.  Returns true if something is to be done and was not before:
 * somebody else has altered it.
 *
 * The two texts are mostly equal.  A release of nft that writes rules in
 * another way is dealt with by 'known': what it printed after we had applied
 * 'want' is right. */
bool nft_diff(const char *object, const char *want, const char *actual,
              const struct nft_known *known, struct plan *plan);

#endif /* gateway/nft.h */
