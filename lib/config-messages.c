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

/* config-messages: errors and warnings about files that a user wrote.
 * See config-messages.h. */

#include <config.h>
#include "lib/config-messages.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static size_t file_index(struct config_messages *, const char *file);
static void add_message(struct config_messages *, enum config_severity,
                        const struct source_pos *, char *text);
static void make_printable(char *text);
static int compare_messages(const void *a, const void *b);

void
config_messages_init(struct config_messages *msgs)
{
    memset(msgs, 0, sizeof *msgs);
}

void
config_messages_uninit(struct config_messages *msgs)
{
    for (size_t i = 0; i < msgs->n; i++) {
        free(msgs->items[i].text);
    }
    for (size_t i = 0; i < msgs->n_files; i++) {
        free(msgs->files[i]);
    }
    free(msgs->items);
    free(msgs->files);
    config_messages_init(msgs);
}

void
config_messages_add_file(struct config_messages *msgs, const char *file)
{
    file_index(msgs, file);
}

void
config_error(struct config_messages *msgs, const struct source_pos *pos,
             const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_message(msgs, CONFIG_ERROR, pos, xvasprintf(format, args));
    va_end(args);
}

void
config_warn(struct config_messages *msgs, const struct source_pos *pos,
            const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_message(msgs, CONFIG_WARNING, pos, xvasprintf(format, args));
    va_end(args);
}

void
config_messages_sort(struct config_messages *msgs)
{
    /* qsort() is not stable.  Sorting pointers is: an element's place in
     * the array is the last key. */
    struct config_message **order = xmalloc(msgs->n * sizeof *order);
    struct config_message *sorted = xmalloc(msgs->n * sizeof *sorted);

    for (size_t i = 0; i < msgs->n; i++) {
        order[i] = &msgs->items[i];
    }
    if (msgs->n) {
        qsort(order, msgs->n, sizeof *order, compare_messages);
    }
    for (size_t i = 0; i < msgs->n; i++) {
        sorted[i] = *order[i];
    }
    free(order);
    free(msgs->items);
    msgs->items = sorted;
    msgs->allocated = msgs->n;
}

void
config_message_format(const struct config_messages *msgs,
                      const struct config_message *m, struct ds *s)
{
    ds_put_cstr(s, msgs->files[m->file]);
    if (m->line) {
        ds_put_format(s, ":%u:%u", m->line, m->column);
    }
    ds_put_format(s, ": %s%s",
                  m->severity == CONFIG_WARNING ? "warning: " : "", m->text);
}

void
config_messages_format(const struct config_messages *msgs,
                       enum config_severity severity, struct ds *s)
{
    size_t total = (severity == CONFIG_ERROR
                    ? msgs->n_errors : msgs->n_warnings);
    size_t shown = 0;

    for (size_t i = 0; i < msgs->n; i++) {
        if (msgs->items[i].severity == severity) {
            config_message_format(msgs, &msgs->items[i], s);
            ds_put_char(s, '\n');
            shown++;
        }
    }
    if (shown < total) {
        ds_put_format(s, "and %"PRIuSIZE" more %s that are not shown\n",
                      total - shown,
                      severity == CONFIG_ERROR ? "errors" : "warnings");
    }
}

static size_t
file_index(struct config_messages *msgs, const char *file)
{
    for (size_t i = 0; i < msgs->n_files; i++) {
        if (!strcmp(msgs->files[i], file)) {
            return i;
        }
    }
    msgs->files = xrealloc(msgs->files,
                           (msgs->n_files + 1) * sizeof *msgs->files);
    msgs->files[msgs->n_files] = xstrdup(file);
    return msgs->n_files++;
}

/* Takes ownership of 'text'. */
static void
add_message(struct config_messages *msgs, enum config_severity severity,
            const struct source_pos *pos, char *text)
{
    if (severity == CONFIG_ERROR) {
        msgs->n_errors++;
    } else {
        msgs->n_warnings++;
    }
    if (msgs->n >= CONFIG_MESSAGES_MAX) {
        free(text);
        return;
    }
    make_printable(text);
    if (msgs->n >= msgs->allocated) {
        msgs->items = x2nrealloc(msgs->items, &msgs->allocated,
                                 sizeof *msgs->items);
    }
    msgs->items[msgs->n++] = (struct config_message) {
        .severity = severity,
        .file = file_index(msgs, pos->file),
        .line = pos->line,
        .column = pos->column,
        .text = text,
    };
}

/* Replaces control characters and what is not UTF-8 (a quotation may end
 * within a character) by '?'. */
static void
make_printable(char *text)
{
    for (unsigned char *p = (unsigned char *) text; *p; p++) {
        size_t rest = (*p >= 0xc2 && *p <= 0xdf ? 1
                       : *p >= 0xe0 && *p <= 0xef ? 2
                       : *p >= 0xf0 && *p <= 0xf4 ? 3
                       : 0);
        size_t n = 0;

        while (n < rest && (p[n + 1] & 0xc0) == 0x80) {
            n++;
        }
        if (*p < ' ' || *p == 0x7f || (*p >= 0x80 && (!rest || n < rest))) {
            *p = '?';
        } else {
            p += n;
        }
    }
}

/* Compares pointers to elements of one array. */
static int
compare_messages(const void *a_, const void *b_)
{
    const struct config_message *a = *(struct config_message *const *) a_;
    const struct config_message *b = *(struct config_message *const *) b_;

    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    } else if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    } else if (a->column != b->column) {
        return a->column < b->column ? -1 : 1;
    }
    return a < b ? -1 : a > b;
}
