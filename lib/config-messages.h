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
 *
 * All parsers and checks of the configuration add to one list, so that
 * everything that is wrong is shown at once, in the order of the files and
 * of the lines in them.  Nothing here prints or logs. */

#ifndef MOBULA_CONFIG_MESSAGES_H
#define MOBULA_CONFIG_MESSAGES_H 1

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"

struct ds;

/* Where something stands in a file; lines and columns count from 1.  Line 0
 * means the file as a whole. */
struct source_pos {
    const char *file;           /* Borrowed: lives as long as the fabric. */
    unsigned int line;
    unsigned int column;
};

enum config_severity {
    CONFIG_ERROR,               /* The configuration cannot be used. */
    CONFIG_WARNING,             /* It can, but probably not as meant. */
};

struct config_message {
    enum config_severity severity;
    size_t file;                /* Index into 'files' of the list. */
    unsigned int line;          /* As in struct source_pos. */
    unsigned int column;
    char *text;                 /* A sentence without the full stop. */
};

/* Errors and warnings past this number are counted, but not kept. */
#define CONFIG_MESSAGES_MAX 1000

struct config_messages {
    struct config_message *items;
    size_t n;
    size_t allocated;
    char **files;               /* Names, in the order of their first use. */
    size_t n_files;
    size_t n_errors;            /* Including those that were not kept. */
    size_t n_warnings;
};

void config_messages_init(struct config_messages *);
void config_messages_uninit(struct config_messages *);

/* Says that messages about 'file' come after those about the files that were
 * added before.  A message about a new file adds it as the last one. */
void config_messages_add_file(struct config_messages *, const char *file);

/* Add a message about '*pos', whose file name is copied.  Control characters
 * and what is not UTF-8 become '?', so that text of a file can be quoted. */
void config_error(struct config_messages *, const struct source_pos *pos,
                  const char *format, ...) OVS_PRINTF_FORMAT(3, 4);
void config_warn(struct config_messages *, const struct source_pos *pos,
                 const char *format, ...) OVS_PRINTF_FORMAT(3, 4);

/* Sorts by file, line and column; equal ones stay in order of arrival. */
void config_messages_sort(struct config_messages *);

/* Appends one message to 's', without a new-line: "FILE:LINE:COLUMN: TEXT",
 * "FILE: TEXT" for line 0, and "warning: " before TEXT of a warning. */
void config_message_format(const struct config_messages *,
                           const struct config_message *, struct ds *s);

/* Appends all messages of one severity to 's', a line for each, and a line
 * with the number of those that were not kept. */
void config_messages_format(const struct config_messages *,
                            enum config_severity, struct ds *s);

#endif /* lib/config-messages.h */
