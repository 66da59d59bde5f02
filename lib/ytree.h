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

/* ytree: the text of a YAML file as a tree of nodes that know their place.
 *
 * A strict subset of YAML, read with libyaml: one document, no anchors and no
 * aliases (a few lines of them can stand for gigabytes), no mapping key
 * twice, bounded depth and number of nodes, UTF-8 only.  A tree keeps scalars
 * as text; whoever expects a number asks for one.  What the nodes mean is up
 * to inventory.c, fabric-yaml.c and settings-yaml.c.  No I/O. */

#ifndef MOBULA_YTREE_H
#define MOBULA_YTREE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/config-messages.h"
#include "openvswitch/compiler.h"

/* Collections inside collections, and nodes of a file. */
#define YTREE_MAX_DEPTH 32
#define YTREE_MAX_NODES 1000000

enum ytree_kind {
    YTREE_SCALAR,
    YTREE_MAPPING,
    YTREE_SEQUENCE,
    YTREE_INVALID,              /* Already reported: say nothing more. */
};

struct ytree;

/* One "key: value" of a mapping, or one item of a sequence. */
struct ytree_entry {
    struct ytree *key;          /* A scalar; NULL in a sequence. */
    struct ytree *value;
};

struct ytree {
    enum ytree_kind kind;
    struct source_pos pos;      /* Of its first character. */
    char *text;                 /* Scalars: null-terminated; else NULL. */
    size_t len;                 /* Scalars: bytes of 'text'. */
    bool quoted;                /* Scalars: not a plain one. */
    char *tag;                  /* Explicit tag, such as "!vault", or NULL. */
    struct ytree_entry *entries;    /* Mappings and sequences: in order. */
    size_t n;
};

/* Parses the 'size' bytes at 'text'; 'file' names them in messages and is
 * borrowed by the positions in the tree.  Everything that is wrong is added
 * to the messages, and the file to their list of files.
 *
 * Returns true if there is a tree: '*rootp' then is its root, which the caller
 * must free with ytree_destroy(), or NULL if the file is empty but for
 * comments.  A tree can come with errors: parts of it then are
 * YTREE_INVALID.  Returns false, with '*rootp' NULL, if there is none. */
bool ytree_parse(const char *text, size_t size, const char *file,
                 struct config_messages *, struct ytree **rootp)
    OVS_WARN_UNUSED_RESULT;

/* Wipes and frees a tree: it may hold private keys.  NULL is fine. */
void ytree_destroy(struct ytree *);

/* Returns true for the null value of YAML: nothing, "~" or "null". */
bool ytree_is_null(const struct ytree *);

/* Returns the value of 'key' in 'mapping', or NULL. */
const struct ytree *ytree_get(const struct ytree *mapping, const char *key);

/* Returns true if 'a' and 'b' have the same structure and text. */
bool ytree_equal(const struct ytree *a, const struct ytree *b);

/* The ones below fail after adding an error that calls the node 'what' and
 * says what was expected.  Only ytree_expect_number() quotes the text of the
 * node: others may be private keys. */

/* Is 'node' a mapping?  'expected' continues "expected ". */
bool ytree_expect_mapping(const struct ytree *node, const char *what,
                          const char *expected, struct config_messages *);

/* Is 'node' a list?  'expected' as above. */
bool ytree_expect_sequence(const struct ytree *node, const char *what,
                           const char *expected, struct config_messages *);

/* Is 'node' a text?  If so, '*textp' is it, borrowed from 'node'. */
bool ytree_expect_text(const struct ytree *node, const char *what,
                       const char *expected, struct config_messages *,
                       const char **textp);

/* Returns the decimal whole number from 'min' to 'max' that 'node' is, or -1
 * after adding an error. */
int64_t ytree_expect_number(const struct ytree *node, const char *what,
                            uint32_t min, uint32_t max,
                            struct config_messages *);

/* What a number may be. */
struct ytree_number {
    uint32_t min, max;
    const char *word;           /* Stands for 0; NULL: there is none. */
};

/* The same, but 'node' may also be 'number->word', for which 0 is returned. */
int64_t ytree_expect_number_or(const struct ytree *node, const char *what,
                               const struct ytree_number *number,
                               struct config_messages *);

#endif /* lib/ytree.h */
