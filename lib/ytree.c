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
 * See ytree.h. */

#include <config.h>
#include "lib/ytree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "lib/wgkey.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* State of one ytree_parse(). */
struct parse {
    yaml_parser_t parser;
    yaml_event_t event;         /* The current one; valid unless 'failed'. */
    const char *text;
    size_t size;
    const char *file;
    struct config_messages *msgs;
    size_t n_nodes;
    bool alias_seen;            /* One is reported, not thousands. */
    bool failed;                /* Nothing more can be read. */
};

static struct ytree *parse_stream(struct parse *);
static bool next_event(struct parse *);
static void report_syntax(struct parse *);
static void check_last_line(struct parse *);
static struct ytree *parse_node(struct parse *, unsigned int depth);
static void read_scalar(struct parse *, struct ytree *);
static void read_properties(struct parse *, struct ytree *,
                            const yaml_char_t *anchor,
                            const yaml_char_t *tag);
static void parse_mapping(struct parse *, struct ytree *, unsigned int depth);
static void parse_sequence(struct parse *, struct ytree *, unsigned int depth);
static void add_entry(struct ytree *, size_t *allocated, struct ytree *key,
                      struct ytree *value);
static const char *node_kind(const struct ytree *);
static bool expect_kind(const struct ytree *, enum ytree_kind,
                        const char *what, const char *expected,
                        struct config_messages *);
static bool expect_usable(const struct ytree *, const char *what,
                          struct config_messages *);
static struct source_pos event_pos(const struct parse *);
static struct source_pos text_pos(const struct parse *, size_t offset);
static void fail(struct parse *, const struct source_pos *, const char *text);

bool
ytree_parse(const char *text, size_t size, const char *file,
            struct config_messages *msgs, struct ytree **rootp)
{
    struct parse p = {
        .text = text, .size = size, .file = file, .msgs = msgs,
    };

    config_messages_add_file(msgs, file);
    if (!yaml_parser_initialize(&p.parser)) {
        out_of_memory();
    }
    yaml_parser_set_encoding(&p.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p.parser, (const unsigned char *) text,
                                 size);
    check_last_line(&p);
    *rootp = parse_stream(&p);
    if (p.failed) {
        ytree_destroy(*rootp);
        *rootp = NULL;
    } else {
        yaml_event_delete(&p.event);
    }
    yaml_parser_delete(&p.parser);
    return !p.failed;
}

void
ytree_destroy(struct ytree *node)
{
    if (node) {
        for (size_t i = 0; i < node->n; i++) {
            ytree_destroy(node->entries[i].key);
            ytree_destroy(node->entries[i].value);
        }
        free(node->entries);
        if (node->text) {
            wgkey_wipe(node->text, node->len);
        }
        free(node->text);
        free(node->tag);
        free(node);
    }
}

bool
ytree_is_null(const struct ytree *node)
{
    return (node->kind == YTREE_SCALAR && !node->quoted && !node->tag
            && (!node->text[0]
                || !strcmp(node->text, "~")
                || !strcmp(node->text, "null")
                || !strcmp(node->text, "Null")
                || !strcmp(node->text, "NULL")));
}

const struct ytree *
ytree_get(const struct ytree *mapping, const char *key)
{
    for (size_t i = 0; i < mapping->n; i++) {
        if (mapping->entries[i].key
            && !strcmp(mapping->entries[i].key->text, key)) {
            return mapping->entries[i].value;
        }
    }
    return NULL;
}

bool
ytree_equal(const struct ytree *a, const struct ytree *b)
{
    if (a->kind != b->kind || a->n != b->n || a->len != b->len
        || (a->text && memcmp(a->text, b->text, a->len))) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        const struct ytree_entry *ae = &a->entries[i];
        const struct ytree_entry *be = &b->entries[i];

        if ((ae->key && !ytree_equal(ae->key, be->key))
            || !ytree_equal(ae->value, be->value)) {
            return false;
        }
    }
    return true;
}

bool
ytree_expect_mapping(const struct ytree *node, const char *what,
                     const char *expected, struct config_messages *msgs)
{
    return expect_kind(node, YTREE_MAPPING, what, expected, msgs);
}

bool
ytree_expect_sequence(const struct ytree *node, const char *what,
                      const char *expected, struct config_messages *msgs)
{
    return expect_kind(node, YTREE_SEQUENCE, what, expected, msgs);
}

bool
ytree_expect_text(const struct ytree *node, const char *what,
                  const char *expected, struct config_messages *msgs,
                  const char **textp)
{
    if (!expect_usable(node, what, msgs)) {
        return false;
    }
    if (node->kind != YTREE_SCALAR || ytree_is_null(node)) {
        config_error(msgs, &node->pos, "%s is %s: expected %s", what,
                     node_kind(node), expected);
        return false;
    }
    if (strlen(node->text) != node->len) {
        config_error(msgs, &node->pos,
                     "%s contains a null character: expected %s", what,
                     expected);
        return false;
    }
    if (strstr(node->text, "{{") || strstr(node->text, "{%")) {
        config_error(msgs, &node->pos, "%s is an Ansible template, which "
                     "Mobula does not expand: expected %s", what, expected);
        return false;
    }
    *textp = node->text;
    return true;
}

int64_t
ytree_expect_number(const struct ytree *node, const char *what,
                    uint32_t min, uint32_t max, struct config_messages *msgs)
{
    const struct ytree_number number = { .min = min, .max = max };

    return ytree_expect_number_or(node, what, &number, msgs);
}

int64_t
ytree_expect_number_or(const struct ytree *node, const char *what,
                       const struct ytree_number *number,
                       struct config_messages *msgs)
{
    const char *word = number->word;
    char *expected = xasprintf("%s%sa whole number from %"PRIu32" to %"PRIu32,
                               word ? word : "", word ? " or " : "",
                               number->min, number->max);
    int64_t value = -1;
    const char *text;

    if (ytree_expect_text(node, what, expected, msgs, &text)) {
        size_t n = strspn(text, "0123456789");

        if (word && !strcmp(text, word)) {
            value = 0;
        } else if (node->quoted) {
            config_error(msgs, &node->pos, "%s is text in quotes: "
                         "expected %s, without quotes", what, expected);
        } else if (!n || text[n]) {
            config_error(msgs, &node->pos, "%s '%.64s' is not a whole "
                         "number: expected %s", what, text, expected);
        } else if (text[0] == '0' && n > 1) {
            config_error(msgs, &node->pos, "%s '%.64s' begins with 0, which "
                         "some programs read as octal: expected %s",
                         what, text, expected);
        } else {
            value = n > 10 ? INT64_MAX : strtoll(text, NULL, 10);
            if (value < number->min || value > number->max) {
                config_error(msgs, &node->pos, "%s %.64s is out of range: "
                             "expected %s", what, text, expected);
                value = -1;
            }
        }
    }
    free(expected);
    return value;
}

/* Returns the tree of the only document, or NULL if there is none. */
static struct ytree *
parse_stream(struct parse *p)
{
    struct ytree *root = NULL;

    /* STREAM-START, then DOCUMENT-START or, in an empty file, STREAM-END. */
    if (next_event(p) && next_event(p)
        && p->event.type == YAML_DOCUMENT_START_EVENT && next_event(p)) {
        root = parse_node(p, 0);
        if (!p->failed && next_event(p) && next_event(p)
            && p->event.type == YAML_DOCUMENT_START_EVENT) {
            struct source_pos pos = event_pos(p);

            fail(p, &pos, "a second YAML document begins here: "
                 "expected one document in the file");
        }
    }
    return root;
}

/* Replaces the current event by the next one.  Returns false, after adding an
 * error, if the text is not YAML. */
static bool
next_event(struct parse *p)
{
    /* Deleting an event twice, or one of zeros, does nothing. */
    yaml_event_delete(&p->event);
    if (!yaml_parser_parse(&p->parser, &p->event)) {
        report_syntax(p);
        p->failed = true;
    }
    return !p->failed;
}

/* Adds libyaml's complaint. */
static void
report_syntax(struct parse *p)
{
    const yaml_parser_t *y = &p->parser;
    struct source_pos pos;

    if (y->error == YAML_MEMORY_ERROR) {
        out_of_memory();
    } else if (y->error == YAML_READER_ERROR) {
        pos = text_pos(p, y->problem_offset);
        config_error(p->msgs, &pos, "the text is not YAML: %s: "
                     "expected UTF-8 without control characters", y->problem);
    } else {
        pos = (struct source_pos) {
            p->file, y->problem_mark.line + 1, y->problem_mark.column + 1
        };
        if (y->context) {
            config_error(p->msgs, &pos, "the text is not YAML: %s "
                         "(%s that begins at line %"PRIuSIZE")",
                         y->problem, y->context,
                         (size_t) y->context_mark.line + 1);
        } else {
            config_error(p->msgs, &pos, "the text is not YAML: %s",
                         y->problem);
        }
    }
}

/* The last thing that a complete text file has is a new-line.  Without it the
 * file was cut off, perhaps in the middle of a name that is still a name. */
static void
check_last_line(struct parse *p)
{
    if (p->size && p->text[p->size - 1] != '\n') {
        struct source_pos pos = text_pos(p, p->size);

        config_error(p->msgs, &pos, "the file is cut off: "
                     "expected a new-line at the end of the last line");
    }
}

/* Makes a tree of what begins with the current event; afterwards its last
 * event is the current one.  If 'p->failed' is set, the result is only good
 * for ytree_destroy(). */
static struct ytree *
parse_node(struct parse *p, unsigned int depth)
{
    struct ytree *node = xzalloc(sizeof *node);

    node->pos = event_pos(p);
    node->kind = YTREE_INVALID;
    if (++p->n_nodes > YTREE_MAX_NODES) {
        fail(p, &node->pos, "the file has too many YAML nodes: "
             "expected at most "OVS_STRINGIZE(YTREE_MAX_NODES));
    } else if (p->event.type == YAML_ALIAS_EVENT) {
        if (!p->alias_seen) {
            config_error(p->msgs, &node->pos, "a YAML alias (*%.64s): "
                         "expected the value itself",
                         p->event.data.alias.anchor);
        }
        p->alias_seen = true;
    } else if (p->event.type == YAML_SCALAR_EVENT) {
        read_scalar(p, node);
    } else if (depth >= YTREE_MAX_DEPTH) {
        fail(p, &node->pos, "the YAML is nested too deeply: expected at most "
             OVS_STRINGIZE(YTREE_MAX_DEPTH)" levels");
    } else if (p->event.type == YAML_MAPPING_START_EVENT) {
        node->kind = YTREE_MAPPING;
        read_properties(p, node, p->event.data.mapping_start.anchor,
                        p->event.data.mapping_start.tag);
        parse_mapping(p, node, depth);
    } else {
        node->kind = YTREE_SEQUENCE;
        read_properties(p, node, p->event.data.sequence_start.anchor,
                        p->event.data.sequence_start.tag);
        parse_sequence(p, node, depth);
    }
    return node;
}

static void
read_scalar(struct parse *p, struct ytree *node)
{
    yaml_event_t *e = &p->event;

    node->kind = YTREE_SCALAR;
    node->len = e->data.scalar.length;
    node->text = xmemdup0((const char *) e->data.scalar.value, node->len);
    node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    wgkey_wipe(e->data.scalar.value, node->len);
    read_properties(p, node, e->data.scalar.anchor, e->data.scalar.tag);
}

/* 'anchor' and 'tag' are null if the node has none. */
static void
read_properties(struct parse *p, struct ytree *node,
                const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor) {
        config_error(p->msgs, &node->pos, "a YAML anchor (&%.64s): expected "
                     "no anchors and aliases", anchor);
    }
    if (tag) {
        node->tag = xstrdup((const char *) tag);
    }
}

static void
parse_mapping(struct parse *p, struct ytree *mapping, unsigned int depth)
{
    struct shash seen = SHASH_INITIALIZER(&seen);
    size_t allocated = 0;

    while (next_event(p) && p->event.type != YAML_MAPPING_END_EVENT) {
        struct ytree *key = parse_node(p, depth + 1);
        struct ytree *value = (!p->failed && next_event(p)
                               ? parse_node(p, depth + 1) : NULL);
        const struct ytree *first;

        if (p->failed) {
            ytree_destroy(key);
            ytree_destroy(value);
            break;
        }
        if (key->kind != YTREE_SCALAR || strlen(key->text) != key->len) {
            if (key->kind != YTREE_INVALID) {
                config_error(p->msgs, &key->pos, "the key of a mapping is "
                             "%s: expected text", node_kind(key));
            }
        } else if (!strcmp(key->text, "<<") && !key->quoted) {
            config_error(p->msgs, &key->pos, "a YAML merge key (<<): "
                         "expected the merged keys themselves");
        } else if ((first = shash_find_data(&seen, key->text)) != NULL) {
            config_error(p->msgs, &key->pos, "'%.64s' is already given at "
                         "line %u: expected it once", key->text,
                         first->pos.line);
        } else {
            shash_add_nocopy(&seen, xstrdup(key->text), key);
            add_entry(mapping, &allocated, key, value);
            continue;
        }
        ytree_destroy(key);
        ytree_destroy(value);
    }
    shash_destroy(&seen);
}

static void
parse_sequence(struct parse *p, struct ytree *sequence, unsigned int depth)
{
    size_t allocated = 0;

    while (next_event(p) && p->event.type != YAML_SEQUENCE_END_EVENT) {
        struct ytree *value = parse_node(p, depth + 1);

        add_entry(sequence, &allocated, NULL, value);
        if (p->failed) {
            break;
        }
    }
}

/* Takes ownership of 'key' and 'value'. */
static void
add_entry(struct ytree *node, size_t *allocated, struct ytree *key,
          struct ytree *value)
{
    if (node->n >= *allocated) {
        node->entries = x2nrealloc(node->entries, allocated,
                                   sizeof *node->entries);
    }
    node->entries[node->n++] = (struct ytree_entry) { key, value };
}

static const char *
node_kind(const struct ytree *node)
{
    return (node->kind == YTREE_MAPPING ? "a mapping"
            : node->kind == YTREE_SEQUENCE ? "a list"
            : ytree_is_null(node) ? "empty"
            : "text");
}

/* Is 'node' of the 'kind', which is not a scalar? */
static bool
expect_kind(const struct ytree *node, enum ytree_kind kind, const char *what,
            const char *expected, struct config_messages *msgs)
{
    if (!expect_usable(node, what, msgs)) {
        return false;
    }
    if (node->kind != kind) {
        config_error(msgs, &node->pos, "%s is %s: expected %s", what,
                     node_kind(node), expected);
        return false;
    }
    return true;
}

/* Can the value of 'node' be used?  Not if it was reported before, or has a
 * tag that changes its meaning. */
static bool
expect_usable(const struct ytree *node, const char *what,
              struct config_messages *msgs)
{
    if (node->kind == YTREE_INVALID) {
        return false;
    }
    if (node->tag && !strcmp(node->tag, "!vault")) {
        config_error(msgs, &node->pos, "%s is encrypted with ansible-vault: "
                     "expected the decrypted value", what);
        return false;
    }
    if (node->tag) {
        config_error(msgs, &node->pos, "%s has the YAML tag '%.64s': "
                     "expected a value without a tag", what, node->tag);
        return false;
    }
    return true;
}

static struct source_pos
event_pos(const struct parse *p)
{
    const yaml_mark_t *mark = &p->event.start_mark;

    return (struct source_pos) { p->file, mark->line + 1, mark->column + 1 };
}

/* Returns the position of the byte at 'offset'. */
static struct source_pos
text_pos(const struct parse *p, size_t offset)
{
    struct source_pos pos = { p->file, 1, 1 };

    for (size_t i = 0; i < offset && i < p->size; i++) {
        if (p->text[i] == '\n') {
            pos.line++;
            pos.column = 1;
        } else if ((p->text[i] & 0xc0) != 0x80) {
            pos.column++;       /* Not the rest of a UTF-8 character. */
        }
    }
    return pos;
}

/* Adds an error and ends the parsing. */
static void
fail(struct parse *p, const struct source_pos *pos, const char *text)
{
    config_error(p->msgs, pos, "%s", text);
    yaml_event_delete(&p->event);
    p->failed = true;
}
