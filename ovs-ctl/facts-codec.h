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

/* facts-codec: what a peer's database Mobula says -> struct facts.
 *
 * Pure: JSON of the protocol of OVSDB (RFC 7047) in, facts or a sentence out.
 * facts-peer.c does the talking.  Nothing that comes in is believed before it
 * was looked at:
 *
 *   - A database that lacks tables or columns, or has others, is one of
 *     another version: what is there is used.
 *   - Values of another type than the schema's, more rows than are allowed,
 *     or another host's id: whoever talks is not a host of ours that works.
 *     The sentence says what is wrong; nothing of it is used.
 *   - A row that makes no sense (a MAC of the infrastructure, say) is left
 *     out and counted. */

#ifndef MOBULA_FACTS_CODEC_H
#define MOBULA_FACTS_CODEC_H 1

#include <stdbool.h>
#include <stdint.h>
#include "lib/facts.h"
#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"

struct json;

/* Name of the database. */
#define FACTS_DB "Mobula"

/* Whose rows they are, and how many there may be. */
struct facts_limits {
    uint16_t peer;              /* Host id that the peer must have. */
    uint32_t max_macs;          /* More rows than that are refused. */
};

/* What is known of a peer's database, row by row. */
struct facts_rows {
    struct facts_limits limits;
    struct hmap rows;           /* Contains "struct row"s. */
    size_t n_macs;              /* Rows of table MAC. */
};

void facts_rows_init(struct facts_rows *, const struct facts_limits *);
void facts_rows_uninit(struct facts_rows *);

/* Reads 'schema', the result of "get_schema".  Returns NULL with the monitor
 * requests for those of our tables and columns that there are in '*requests',
 * which the caller must json_destroy(); or a sentence that the caller must
 * free. */
char *facts_codec_monitor(const struct json *schema, struct json **requests)
    OVS_WARN_UNUSED_RESULT;

/* Takes in 'updates', the result of "monitor" or the second parameter of an
 * "update".  Returns NULL, or a sentence that the caller must free; then
 * 'rows' are good for nothing but facts_rows_uninit(). */
char *facts_rows_update(struct facts_rows *rows, const struct json *updates)
    OVS_WARN_UNUSED_RESULT;

/* Makes 'ret' (not initialized; the caller must facts_uninit() it) the
 * normalized facts of 'rows', and '*ignored' a sentence on the rows that were
 * left out, which the caller must free, or NULL if none was.  Returns false,
 * with both untouched, if the peer does not say who it is (yet). */
bool facts_rows_get(const struct facts_rows *rows, struct facts *ret,
                    char **ignored);

#endif /* ovs-ctl/facts-codec.h */
