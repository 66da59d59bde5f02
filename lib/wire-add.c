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

/* wire-add: one more client in the text of an extra_wires.yml.
 * See wire-add.h. */

#include <config.h>
#include "lib/wire-add.h"

#include <stdlib.h>
#include <string.h>

#include "lib/config-messages.h"
#include "lib/fabric-yaml.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

#define TOP_KEY "extra_wires:"

/* Blanks before an entry of a file without any. */
#define INDENT 2

static bool has_top_key(const char *text);
static unsigned int entry_indent(const struct fabric *);
static void format_entry(const struct fabric_extra_wire *,
                         unsigned int indent, struct ds *);
static size_t count_wires(const char *text, size_t size, char **error);

ovs_be32
wire_add_free_address(const struct fabric *fabric)
{
    const struct ipv4_prefix *prefix = &fabric->settings.extrawire_prefix;
    const uint32_t last = ntohl(prefix->address
                                | ~be32_prefix_mask(prefix->len));
    uint32_t address = ntohl(prefix->address) + 1;

    /* They are sorted. */
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        if (ntohl(fabric->extra_wires[i].address) == address) {
            address++;
        }
    }
    return address < last ? htonl(address) : 0;
}

char *
wire_add_check_name(const struct fabric *fabric, const char *name)
{
    const struct fabric_extra_wire *other
        = fabric_find_extra_wire(fabric, name);
    const struct fabric_extra_wire alone = {
        .name = CONST_CAST(char *, name),
        .address = htonl(INADDR_LOOPBACK),
        .public_key = { 1 },
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    char *error;

    if (other) {
        return xasprintf("there is a client '%s' already: "IP_FMT"/32", name,
                         IP_ARGS(other->address));
    }
    ds_put_cstr(&s, TOP_KEY"\n");
    format_entry(&alone, INDENT, &s);
    count_wires(ds_cstr(&s), s.length, &error);
    ds_destroy(&s);
    return error;
}

char *
wire_add_check_key(const struct fabric *fabric, const uint8_t *public_key)
{
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        if (wgkey_equal(fabric->hosts[i].public_key, public_key)) {
            return xasprintf("host %u (%s) has this key already",
                             fabric->hosts[i].id, fabric->hosts[i].hostname);
        }
    }
    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        const struct fabric_extra_wire *wire = &fabric->extra_wires[i];

        if (wgkey_equal(wire->public_key, public_key)) {
            return xasprintf("the client "IP_FMT"/32 has this key already",
                             IP_ARGS(wire->address));
        }
    }
    return NULL;
}

char *
wire_add(const struct fabric *fabric, const struct fabric_extra_wire *wire,
         const char *text, size_t size, char **new_text)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *error;
    size_t n;

    /* It ends with a new-line: others do not get past the parser. */
    ds_put_buffer(&s, text, size);
    if (!has_top_key(ds_cstr(&s))) {
        ds_put_cstr(&s, TOP_KEY"\n");
    }
    format_entry(wire, entry_indent(fabric), &s);

    n = count_wires(ds_cstr(&s), s.length, &error);
    if (error || n != fabric->n_extra_wires + 1) {
        free(error);
        error = xstrdup("nothing can be appended to a file in this style: "
                        "expected a line for each client at its end");
        ds_clear(&s);
        format_entry(wire, INDENT, &s);
    }
    *new_text = ds_steal_cstr(&s);
    return error;
}

/* Does a line begin with it?  There may be comments only, or nothing. */
static bool
has_top_key(const char *text)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!strncmp(line, TOP_KEY, strlen(TOP_KEY))) {
            return true;
        }
    }
    return false;
}

/* Blanks before the last entry of the file. */
static unsigned int
entry_indent(const struct fabric *fabric)
{
    const struct source_pos *last = NULL;

    for (size_t i = 0; i < fabric->n_extra_wires; i++) {
        const struct source_pos *pos = &fabric->extra_wires[i].pos;

        last = !last || pos->line > last->line ? pos : last;
    }
    return last ? last->column - 1 : INDENT;
}

static void
format_entry(const struct fabric_extra_wire *wire, unsigned int indent,
             struct ds *s)
{
    char key[WGKEY_BASE64_LEN + 1];

    wgkey_to_base64(wire->public_key, key);
    ds_put_char_multiple(s, ' ', indent);
    ds_put_format(s, IP_FMT"/32:\n", IP_ARGS(wire->address));
    ds_put_char_multiple(s, ' ', indent + INDENT);
    ds_put_cstr(s, "name: '");
    for (const char *p = wire->name; *p; p++) {
        ds_put_format(s, *p == '\'' ? "%c'" : "%c", *p);
    }
    ds_put_cstr(s, "'\n");
    ds_put_char_multiple(s, ' ', indent + INDENT);
    ds_put_format(s, "public_key: '%s'\n", key);
}

/* Returns how many clients there are in a text; if it is wrong, with
 * '*error' the first complaint, which the caller must free; else NULL. */
static size_t
count_wires(const char *text, size_t size, char **error)
{
    struct config_messages msgs;
    struct fabric fabric;
    size_t n;

    fabric_init(&fabric);
    config_messages_init(&msgs);
    fabric_yaml_parse_extra_wires(text, size, "extra_wires.yml", &fabric,
                                  &msgs);
    *error = msgs.n_errors ? xstrdup(msgs.items[0].text) : NULL;
    n = fabric.n_extra_wires;
    config_messages_uninit(&msgs);
    fabric_uninit(&fabric);
    return n;
}
