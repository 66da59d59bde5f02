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

/* mobula-ctl: the table of subcommands, and the command line around it.
 *
 * What a subcommand does is in cmd-NAME.c. */

#include <config.h>
#include "utilities/cmds.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/closest.h"
#include "lib/config-messages.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "table.h"
#include "util.h"

/* How long to wait if not told, in seconds. */
#define DEFAULT_TIMEOUT_S 30
#define MAX_TIMEOUT_S 86400
#define DEFAULT_TIMEOUT_TEXT OVS_STRINGIZE(DEFAULT_TIMEOUT_S)

static int cmd_version(const struct ctl_context *);

static const struct ctl_command commands[] = {
    { "addr", "ID", "show all addresses and names of a host",
      CTL_OPT_SETTINGS | CTL_OPT_FORMAT, 1, 1, cmd_addr },
    { "check", "", "check the configuration files",
      CTL_OPT_FILES | CTL_OPT_FORMAT | CTL_OPT_VERBOSE, 0, 0, cmd_check },
    { "drain", "", "have peers send nothing through this host",
      CTL_OPT_TIMEOUT, 0, 0, cmd_drain },
    { "facts", "[HOST]", "show what a host tells the others",
      CTL_OPT_FORMAT, 0, 1, cmd_facts },
    { "flows", "", "show desired and installed flows side by side, in words",
      CTL_OPT_FORMAT | CTL_OPT_VERBOSE, 0, 0, cmd_flows },
    { "keygen", "[FILE]", "make the WireGuard keys of a new host",
      CTL_OPT_FORMAT, 0, 1, cmd_keygen },
    { "macs", "", "show which machine is at which host",
      CTL_OPT_FORMAT, 0, 0, cmd_macs },
    { "plan", "", "show what mobulad found when it last compared",
      CTL_OPT_FORMAT | CTL_OPT_VERBOSE, 0, 0, cmd_plan },
    { "reload", "", "make mobulad read the configuration files again",
      0, 0, 0, cmd_reload },
    { "retry-external", "", "try again to move the external interface",
      0, 0, 0, cmd_retry_external },
    { "status", "", "show this host, its peers and what is not as desired",
      CTL_OPT_FORMAT, 0, 0, cmd_status },
    { "teardown", "", "remove everything that is Mobula's from this host",
      CTL_OPT_TIMEOUT, 0, 0, cmd_teardown },
    { "unblock", "PORT", "open a guest's port that was part of a loop",
      0, 1, 1, cmd_unblock },
    { "undrain", "", "take this host back into the network",
      CTL_OPT_TIMEOUT, 0, 0, cmd_undrain },
    { "version", "", "show the version", 0, 0, 0, cmd_version },
    { "wait-ready", "", "wait until everything is as desired",
      CTL_OPT_PEERS | CTL_OPT_TIMEOUT, 0, 0, cmd_wait_ready },
    { "wire-add", "NAME [PUBLIC-KEY]", "add a client to extra_wires.yml",
      CTL_OPT_FILES | CTL_OPT_PRIVATE_KEY_FILE, 1, 2, cmd_wire_add },
    { "wire-config", "NAME", "make the configuration file of a client",
      CTL_OPT_FILES | CTL_OPT_HOST | CTL_OPT_PRIVATE_KEY_FILE | CTL_OPT_NO_QR
      | CTL_OPT_QR_ONLY, 1, 1, cmd_wire_config },
};

/* An option that takes part in CTL_OPT_*; '--help' and '--version' do not. */
struct ctl_option {
    unsigned int bit;
    char letter;                /* Short form, or 0. */
    const char *name;
    const char *arg;            /* Name of its argument, or NULL. */
    const char *help;           /* One line. */
};

static const struct ctl_option options[] = {
    { CTL_OPT_HOSTS, 0, "hosts", "FILE",
      "instead of "FABRIC_FILE_HOSTS },
    { CTL_OPT_EXTRA_HOSTS, 0, "extra-hosts", "FILE",
      "instead of "FABRIC_FILE_EXTRA_HOSTS },
    { CTL_OPT_EXTRA_WIRES, 0, "extra-wires", "FILE",
      "instead of "FABRIC_FILE_EXTRA_WIRES },
    { CTL_OPT_SETTINGS, 0, "settings", "FILE",
      "instead of "FABRIC_FILE_SETTINGS },
    { CTL_OPT_FORMAT, 'f', "format", "FORMAT",
      "table (default), list, csv, html or json" },
    { CTL_OPT_VERBOSE, 'v', "verbose", NULL, "show more" },
    { CTL_OPT_PEERS, 0, "peers", NULL, "wait for all tunnels to be up, too" },
    { CTL_OPT_TIMEOUT, 't', "timeout", "SECONDS",
      "give up after this time (default: "DEFAULT_TIMEOUT_TEXT")" },
    { CTL_OPT_HOST, 0, "host", "HOST",
      "the one that the client connects to" },
    { CTL_OPT_PRIVATE_KEY_FILE, 0, "private-key-file", "FILE",
      "of the client; wire-config also takes '-'" },
    { CTL_OPT_NO_QR, 0, "no-qr", NULL, "without the QR code" },
    { CTL_OPT_QR_ONLY, 0, "qr-only", NULL, "the QR code alone" },
};

/* What the command line says. */
struct ctl_line {
    struct ctl_context ctx;
    unsigned int given;         /* Bits CTL_OPT_*. */
    bool help;
    bool version;
};

static int run_command(const struct ctl_line *, const struct ctl_command *);
static bool parse_options(int argc, char *argv[], struct ctl_line *);
static void report_option(char *argv[], bool missing_argument);
static bool set_option(struct ctl_line *, const struct ctl_option *,
                       const char *arg);
static const char **find_text(struct ctl_context *, unsigned int bit);
static bool parse_timeout(const char *arg, int *timeout_s);
static const struct ctl_command *find_command(const char *name);
static int check_usage(const struct ctl_line *, const struct ctl_command *);
static void print_help(const struct ctl_command *);
static void print_options(unsigned int bits);

int
main(int argc, char *argv[])
{
    struct ctl_line line = {
        .ctx = { .files = fabric_files_default(), .format = "table",
                 .timeout_s = DEFAULT_TIMEOUT_S },
    };
    const struct ctl_command *command = NULL;
    int status;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (!parse_options(argc, argv, &line)) {
        return CTL_USAGE;
    }
    line.ctx.argc = argc - optind;
    line.ctx.argv = argv + optind;
    if (line.ctx.argc) {
        command = find_command(*line.ctx.argv);
        if (!command) {
            return CTL_USAGE;
        }
        line.ctx.argc--;
        line.ctx.argv++;
    }

    status = run_command(&line, command);
    if (fflush(stdout) || ferror(stdout)) {
        return ctl_error(CTL_FAILED, "the output cannot be written");
    }
    return status;
}

int
ctl_error(int status, const char *format, ...)
{
    va_list args;

    fputs("mobula-ctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

void
ctl_print_messages(const struct config_messages *msgs)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    config_messages_format(msgs, CONFIG_ERROR, &s);
    config_messages_format(msgs, CONFIG_WARNING, &s);
    fputs(ds_cstr(&s), stderr);
    ds_destroy(&s);
}

void
ctl_print_json(struct json *json)
{
    char *text = json_to_string(json, JSSF_PRETTY | JSSF_SORT);

    puts(text);
    free(text);
    json_destroy(json);
}

void
ctl_print_table(const struct ctl_context *ctx, const struct table *table)
{
    struct table_style style = table_style_default;

    table_parse_format(&style, ctx->format);
    table_print(table, &style);
}

/* Does what the command line says; 'command' is null if it names none. */
static int
run_command(const struct ctl_line *line, const struct ctl_command *command)
{
    int status;

    if (line->help) {
        print_help(command);
        return CTL_OK;
    } else if (line->version) {
        return cmd_version(&line->ctx);
    } else if (!command) {
        return ctl_error(CTL_USAGE, "no command: expected one of those that "
                         "'mobula-ctl --help' shows");
    }
    status = check_usage(line, command);
    return status == CTL_OK ? command->run(&line->ctx) : status;
}

static int
cmd_version(const struct ctl_context *ctx OVS_UNUSED)
{
    puts("mobula-ctl (Mobula) "MOBULA_VERSION);
    return CTL_OK;
}

/* Options may stand before and after the subcommand.  Leaves the arguments at
 * 'argv + optind'.  Returns false after printing what is wrong. */
static bool
parse_options(int argc, char *argv[], struct ctl_line *line)
{
    enum { OPT_FIRST = 256 };
    struct option long_options[ARRAY_SIZE(options) + 3];
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        long_options[n++] = (struct option) {
            options[i].name, !!options[i].arg, NULL, OPT_FIRST + i
        };
    }
    long_options[n++] = (struct option) { "help", 0, NULL, 'h' };
    long_options[n++] = (struct option) { "version", 0, NULL, 'V' };
    long_options[n] = (struct option) { NULL, 0, NULL, 0 };

    opterr = 0;
    for (;;) {
        int c = getopt_long(argc, argv, ":hVf:vt:", long_options, NULL);

        if (c == -1) {
            return true;
        } else if (c == 'h') {
            line->help = true;
        } else if (c == 'V') {
            line->version = true;
        } else if (c == '?' || c == ':') {
            report_option(argv, c == ':');
            return false;
        }
        for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
            if ((c == OPT_FIRST + i || c == options[i].letter)
                && !set_option(line, &options[i], optarg)) {
                return false;
            }
        }
    }
}

/* Prints why getopt_long() did not like the argument that it saw last. */
static void
report_option(char *argv[], bool missing_argument)
{
    const char *names[ARRAY_SIZE(options) + 2] = { "help", "version" };
    const char *word = argv[optind - 1];

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        names[i + 2] = options[i].name;
    }
    if (missing_argument) {
        ctl_error(CTL_USAGE, "option '%s' needs an argument", word);
    } else if (!strncmp(word, "--", 2)) {
        char *name = xmemdup0(word + 2, strcspn(word + 2, "="));
        const char *like = closest_word(name, names, ARRAY_SIZE(names));

        if (like && !strcmp(like, name)) {
            ctl_error(CTL_USAGE, "option '--%s' takes no argument", name);
        } else {
            ctl_error(CTL_USAGE, "option '--%s' is not known%s%s%s", name,
                      like ? ": did you mean --" : "",
                      like ? like : "", like ? "?" : "");
        }
        free(name);
    } else {
        ctl_error(CTL_USAGE, "option '-%c' is not known", optopt);
    }
}

static bool
set_option(struct ctl_line *line, const struct ctl_option *option,
           const char *arg)
{
    struct ctl_context *ctx = &line->ctx;
    const char **text = find_text(ctx, option->bit);

    line->given |= option->bit;
    if (text) {
        *text = arg;
        return true;
    }
    switch (option->bit) {
    case CTL_OPT_VERBOSE:
        ctx->verbose = true;
        break;
    case CTL_OPT_PEERS:
        ctx->peers = true;
        break;
    case CTL_OPT_NO_QR:
        ctx->no_qr = true;
        break;
    case CTL_OPT_QR_ONLY:
        ctx->qr_only = true;
        break;
    case CTL_OPT_TIMEOUT:
        return parse_timeout(arg, &ctx->timeout_s);
    case CTL_OPT_FORMAT:
        if (strcmp(arg, "table") && strcmp(arg, "list") && strcmp(arg, "csv")
            && strcmp(arg, "html") && strcmp(arg, "json")) {
            ctl_error(CTL_USAGE, "format '%s' is not known: expected table, "
                      "list, csv, html or json", arg);
            return false;
        }
        ctx->format = arg;
        ctx->json = !strcmp(arg, "json");
        break;
    }
    return true;
}

/* Returns where the argument of an option goes that may be any text, or
 * NULL. */
static const char **
find_text(struct ctl_context *ctx, unsigned int bit)
{
    switch (bit) {
    case CTL_OPT_HOSTS: return &ctx->files.hosts;
    case CTL_OPT_EXTRA_HOSTS: return &ctx->files.extra_hosts;
    case CTL_OPT_EXTRA_WIRES: return &ctx->files.extra_wires;
    case CTL_OPT_SETTINGS: return &ctx->files.settings;
    case CTL_OPT_HOST: return &ctx->host;
    case CTL_OPT_PRIVATE_KEY_FILE: return &ctx->private_key_file;
    default: return NULL;
    }
}

static bool
parse_timeout(const char *arg, int *timeout_s)
{
    if (!str_to_int(arg, 10, timeout_s)
        || *timeout_s < 0 || *timeout_s > MAX_TIMEOUT_S) {
        ctl_error(CTL_USAGE, "'%s' is no timeout: expected a number of "
                  "seconds from 0 to %d", arg, MAX_TIMEOUT_S);
        return false;
    }
    return true;
}

/* Returns NULL after printing that there is none. */
static const struct ctl_command *
find_command(const char *name)
{
    const char *names[ARRAY_SIZE(commands)];
    const char *like;

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (!strcmp(name, commands[i].name)) {
            return &commands[i];
        }
        names[i] = commands[i].name;
    }
    like = closest_word(name, names, ARRAY_SIZE(names));
    if (like) {
        ctl_error(CTL_USAGE, "'%s' is not a command: did you mean '%s'?",
                  name, like);
    } else {
        ctl_error(CTL_USAGE, "'%s' is not a command: expected one of those "
                  "that 'mobula-ctl --help' shows", name);
    }
    return NULL;
}

/* Do the options and the number of arguments suit 'command'? */
static int
check_usage(const struct ctl_line *line, const struct ctl_command *command)
{
    int n = line->ctx.argc;

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        if (line->given & options[i].bit & ~command->options) {
            return ctl_error(CTL_USAGE, "'%s' takes no option --%s",
                             command->name, options[i].name);
        }
    }
    if (n < command->min_args || n > command->max_args) {
        char *given = n ? xasprintf("%d %s", n, n == 1 ? "is" : "are")
                        : xstrdup("none is");

        ctl_error(CTL_USAGE, "'%s' takes %s%s, but %s given", command->name,
                  command->max_args == 0 ? "no arguments"
                  : command->max_args == 1 ? "the argument "
                  : "the arguments ", command->args, given);
        free(given);
        return CTL_USAGE;
    }
    return CTL_OK;
}

/* Prints the help of 'command', or if it is null of the whole program. */
static void
print_help(const struct ctl_command *command)
{
    if (command) {
        printf("Usage: mobula-ctl %s%s%s%s\n\nIt will %s.\n",
               command->name, command->options ? " [OPTION]..." : "",
               *command->args ? " " : "", command->args, command->help);
        print_options(command->options);
        return;
    }
    puts("Usage: mobula-ctl [OPTION]... COMMAND [ARGUMENT]...\n"
         "Shows and checks a Mobula network.\n"
         "\n"
         "Commands:");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const struct ctl_command *c = &commands[i];
        int width = printf("  %s %s", c->name, c->args);

        printf("%*s%s\n", MAX(1, 22 - width), "", c->help);
    }
    print_options(UINT_MAX);
    puts("\n'mobula-ctl COMMAND --help' shows what a command takes.\n"
         "Exit status: 0 done, 1 wrong input or failed, 2 wrong usage.");
}

static void
print_options(unsigned int bits)
{
    puts("\nOptions:");
    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        const struct ctl_option *o = &options[i];

        if (bits & o->bit) {
            int width = printf("  %c%c%c --%s%s%s",
                               o->letter ? '-' : ' ',
                               o->letter ? o->letter : ' ',
                               o->letter ? ',' : ' ', o->name,
                               o->arg ? "=" : "", o->arg ? o->arg : "");

            printf("%*s%s\n", MAX(1, 28 - width), "", o->help);
        }
    }
    printf("  -h, --help%16s%s\n  -V, --version%13s%s\n", "",
           "show this and do nothing else", "",
           "show the version and do nothing else");
}
