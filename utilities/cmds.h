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

/* cmds: what mobula-ctl.c and the subcommands in cmd-*.c share.
 *
 * A subcommand is a function in a cmd-NAME.c of its own and a line in the
 * table in mobula-ctl.c. */

#ifndef MOBULA_CMDS_H
#define MOBULA_CMDS_H 1

#include <stdbool.h>
#include "lib/fabric-load.h"

struct config_messages;
struct json;
struct table;

/* Exit statuses. */
enum {
    CTL_OK = 0,
    CTL_FAILED = 1,             /* Wrong input, or it did not work. */
    CTL_USAGE = 2,              /* Wrong command line. */
};

/* Options, each with its bit: a subcommand says which of them it takes. */
enum {
    CTL_OPT_HOSTS = 1 << 0,
    CTL_OPT_EXTRA_HOSTS = 1 << 1,
    CTL_OPT_EXTRA_WIRES = 1 << 2,
    CTL_OPT_SETTINGS = 1 << 3,
    CTL_OPT_FORMAT = 1 << 4,
    CTL_OPT_VERBOSE = 1 << 5,
    CTL_OPT_PEERS = 1 << 6,
    CTL_OPT_TIMEOUT = 1 << 7,
    CTL_OPT_HOST = 1 << 8,
    CTL_OPT_PRIVATE_KEY_FILE = 1 << 9,
    CTL_OPT_NO_QR = 1 << 10,
    CTL_OPT_QR_ONLY = 1 << 11,

    CTL_OPT_FILES = (CTL_OPT_HOSTS | CTL_OPT_EXTRA_HOSTS
                     | CTL_OPT_EXTRA_WIRES | CTL_OPT_SETTINGS),
};

/* How a subcommand was called. */
struct ctl_context {
    int argc;                   /* Arguments after the subcommand. */
    char **argv;
    struct fabric_files files;
    const char *format;         /* Value of --format: "table", "list",
                                 * "csv", "html" or "json". */
    bool json;                  /* 'format' is "json". */
    bool verbose;
    bool peers;                 /* --peers. */
    int timeout_s;              /* --timeout, or the default. */
    const char *host;           /* Value of --host, or NULL. */
    const char *private_key_file; /* Of --private-key-file, or NULL. */
    bool no_qr;                 /* --no-qr. */
    bool qr_only;               /* --qr-only. */
};

/* A subcommand. */
struct ctl_command {
    const char *name;
    const char *args;           /* Synopsis of its arguments, or "". */
    const char *help;           /* One line. */
    unsigned int options;       /* Bits CTL_OPT_* that it takes. */
    int min_args, max_args;

    /* Prints its result; returns an exit status. */
    int (*run)(const struct ctl_context *);
};

/* Subcommands, in the files that are named after them. */
int cmd_addr(const struct ctl_context *);
int cmd_check(const struct ctl_context *);
int cmd_drain(const struct ctl_context *);
int cmd_facts(const struct ctl_context *);
int cmd_flows(const struct ctl_context *);
int cmd_keygen(const struct ctl_context *);
int cmd_macs(const struct ctl_context *);
int cmd_plan(const struct ctl_context *);
int cmd_reload(const struct ctl_context *);
int cmd_retry_external(const struct ctl_context *);
int cmd_status(const struct ctl_context *);
int cmd_teardown(const struct ctl_context *);
int cmd_unblock(const struct ctl_context *);
int cmd_undrain(const struct ctl_context *);
int cmd_wait_ready(const struct ctl_context *);
int cmd_wire_add(const struct ctl_context *);
int cmd_wire_config(const struct ctl_context *);

/* Prints "mobula-ctl: " and the formatted sentence to stderr.  Returns
 * 'status', for "return ctl_error(CTL_FAILED, ...)". */
int ctl_error(int status, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Prints all errors, then all warnings, to stderr. */
void ctl_print_messages(const struct config_messages *);

/* Prints 'json', sorted and indented, and frees it. */
void ctl_print_json(struct json *);

/* Prints 'table' in the way that 'ctx->format' says, other than "json". */
void ctl_print_table(const struct ctl_context *ctx, const struct table *);

#endif /* utilities/cmds.h */
