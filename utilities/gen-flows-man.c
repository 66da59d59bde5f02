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

/* gen-flows-man: writes the manual page mobula-flows(7).
 *
 * Copies the template Documentation/flows.7.in to standard output; a line that
 * is @STAGES@, @REGISTERS@, @RULES@ or @GROUPS@ becomes the table of that name
 * in flows/, in the language of man(7).  Runs while Mobula is built, is not
 * installed. */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flows/explain.h"
#include "flows/groups.h"
#include "flows/rules.h"
#include "flows/stages.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static void put_stages(void);
static void put_registers(void);
static void put_rules(void);
static void put_groups(void);
static void put_text(const char *);

static const struct {
    const char *line;           /* In the template. */
    void (*put)(void);          /* What comes instead. */
} tables[] = {
    { "@STAGES@", put_stages },
    { "@REGISTERS@", put_registers },
    { "@RULES@", put_rules },
    { "@GROUPS@", put_groups },
};

static void
put_line(const char *line)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (!strcmp(line, tables[i].line)) {
            tables[i].put();
            return;
        }
    }
    puts(line);
}

int
main(int argc, char *argv[])
{
    struct ds line = DS_EMPTY_INITIALIZER;
    FILE *template;

    set_program_name(argv[0]);
    if (argc != 2) {
        ovs_fatal(0, "usage: %s TEMPLATE", program_name);
    }
    template = fopen(argv[1], "r");
    if (!template) {
        ovs_fatal(errno, "%s: open failed", argv[1]);
    }
    while (!ds_get_line(&line, template)) {
        put_line(ds_cstr(&line));
    }
    if (ferror(template)) {
        ovs_fatal(errno, "%s: read failed", argv[1]);
    }
    fclose(template);
    ds_destroy(&line);
    if (fflush(stdout) || ferror(stdout)) {
        ovs_fatal(errno, "write failed");
    }
    return EXIT_SUCCESS;
}

static void
put_stages(void)
{
    for (const struct stage *s = stages; s->name; s++) {
        printf(".TP\n.BR ");
        put_text(s->name);
        printf(" \" (table %d of ", s->table_id);
        put_text(s->bridge);
        printf(")\"\n");
        put_text(s->doc);
        putchar('\n');
    }
}

static void
put_registers(void)
{
    for (const struct stage_register *r = stage_registers; r->name; r++) {
        printf(".TP\n.B ");
        put_text(r->name);
        putchar('\n');
        put_text(r->doc);
        putchar('\n');
    }
}

/* By stage, with the first hexadecimal digits of the cookies. */
static void
put_rules(void)
{
    for (const struct stage *s = stages; s->name; s++) {
        printf(".SS ");
        put_text(s->name);
        putchar('\n');
        for (const struct rule *r = rules; r->name; r++) {
            struct ds meaning = DS_EMPTY_INITIALIZER;

            if (r->stage != s->id) {
                continue;
            }
            rule_explain(r, &meaning);
            printf(".TP\n.BR ");
            put_text(r->name);
            printf(" \" (priority %d, cookie 0x6d6f%02x%04x...)\"\n",
                   r->priority, r->stage, r->id);
            put_text(ds_cstr(&meaning));
            putchar('\n');
            ds_destroy(&meaning);
        }
    }
}

static void
put_groups(void)
{
    for (const struct group_doc *g = group_docs; g->name; g++) {
        printf(".TP\n.BR %u \" (", g->id);
        put_text(g->name);
        printf(")\"\n");
        put_text(g->doc);
        putchar('\n');
    }
}

/* Prints 's' so that troff takes no character of it as its own. */
static void
put_text(const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '-':
            fputs("\\-", stdout);
            break;
        case '\\':
            fputs("\\e", stdout);
            break;
        case '"':
            fputs("\\(dq", stdout);
            break;
        default:
            putchar(*s);
            break;
        }
    }
}
