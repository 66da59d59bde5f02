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

/* options: the command line of mobulad.  See options.h, mobulad(8). */

#include <config.h>
#include "ovs-ctl/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "lib/addr.h"
#include "lib/host-key.h"
#include "openvswitch/vlog.h"
#include "util.h"

#define DEFAULT_PIDFILE OPTIONS_RUN_DIR"/mobulad.pid"
#define DEFAULT_UNIXCTL OPTIONS_RUN_DIR"/mobulad.ctl"
#define DEFAULT_LOG_FILE OPTIONS_LOG_DIR"/mobulad.log"

enum {
    OPT_HOSTS = UCHAR_MAX + 1,
    OPT_EXTRA_HOSTS,
    OPT_EXTRA_WIRES,
    OPT_SETTINGS,
    OPT_PRIVATE_KEY,
    OPT_HOST_ID,
    OPT_OVSDB,
    OPT_UNIXCTL,
    OPT_DRY_RUN,
    OPT_TEARDOWN,
    OPT_HIDE_EXTERNAL,
    DAEMON_OPTION_ENUMS,
    VLOG_OPTION_ENUMS,
};

static const struct option long_options[] = {
    {"hosts", required_argument, NULL, OPT_HOSTS},
    {"extra-hosts", required_argument, NULL, OPT_EXTRA_HOSTS},
    {"extra-wires", required_argument, NULL, OPT_EXTRA_WIRES},
    {"settings", required_argument, NULL, OPT_SETTINGS},
    {"private-key", required_argument, NULL, OPT_PRIVATE_KEY},
    {"host-id", required_argument, NULL, OPT_HOST_ID},
    {"ovsdb", required_argument, NULL, OPT_OVSDB},
    {"unixctl", required_argument, NULL, OPT_UNIXCTL},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"teardown", no_argument, NULL, OPT_TEARDOWN},
    {"hide-external", no_argument, NULL, OPT_HIDE_EXTERNAL},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    DAEMON_LONG_OPTIONS,
    VLOG_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static void set_default_options(struct daemon_options *);
static void set_option(int c, struct daemon_options *);
static void set_mode_option(int c, struct daemon_options *);
static void set_ovs_option(int c);
static uint16_t parse_host_id(const char *);
OVS_NO_RETURN static void usage(void);

void
options_parse(int argc, char *argv[], struct daemon_options *options)
{
    char *short_options = ovs_cmdl_long_options_to_short_options(long_options);
    int c;

    set_default_options(options);
    while ((c = getopt_long(argc, argv, short_options, long_options, NULL))
           != -1) {
        set_option(c, options);
    }
    free(short_options);
    if (optind < argc) {
        ovs_error(0, "'%s' is not an option: mobulad takes no arguments "
                  "(use --help for help)", argv[optind]);
        exit(2);
    }
}

void
options_uninit(struct daemon_options *options)
{
    free(options->ovsdb_remote);
    free(options->unixctl_path);
}

static void
set_option(int c, struct daemon_options *options)
{
    switch (c) {
    case OPT_HOSTS:
        options->files.hosts = optarg;
        break;
    case OPT_EXTRA_HOSTS:
        options->files.extra_hosts = optarg;
        break;
    case OPT_EXTRA_WIRES:
        options->files.extra_wires = optarg;
        break;
    case OPT_SETTINGS:
        options->files.settings = optarg;
        break;
    case OPT_PRIVATE_KEY:
        options->private_key = optarg;
        break;
    case OPT_HOST_ID:
        options->host_id = parse_host_id(optarg);
        break;
    case OPT_OVSDB:
        free(options->ovsdb_remote);
        options->ovsdb_remote = xstrdup(optarg);
        break;
    case OPT_UNIXCTL:
        free(options->unixctl_path);
        options->unixctl_path = xstrdup(optarg);
        break;
    default:
        set_mode_option(c, options);
    }
}

/* Options that say what to do instead of running. */
static void
set_mode_option(int c, struct daemon_options *options)
{
    switch (c) {
    case OPT_DRY_RUN:
        options->dry_run = true;
        break;
    case OPT_TEARDOWN:
        options->teardown = true;
        break;
    case OPT_HIDE_EXTERNAL:
        options->hide_external = true;
        break;
    default:
        set_ovs_option(c);
    }
}

/* Options that every OVS daemon has. */
static void
set_ovs_option(int c)
{
    /* OVS's defaults would be among its own files. */
    if (c == OPT_PIDFILE && !optarg) {
        optarg = CONST_CAST(char *, DEFAULT_PIDFILE);
    } else if (c == OPT_LOG_FILE && !optarg) {
        optarg = CONST_CAST(char *, DEFAULT_LOG_FILE);
        /* If this fails, so does opening the log, which says it. */
        ignore(mkdir(OPTIONS_LOG_DIR, 0750));
    }
    switch (c) {
    case 'h':
        usage();

    case 'V':
        printf("mobulad (Mobula) %s\n", MOBULA_VERSION);
        exit(EXIT_SUCCESS);

    DAEMON_OPTION_HANDLERS
    VLOG_OPTION_HANDLERS

    case '?':
        exit(2);

    default:
        OVS_NOT_REACHED();
    }
}

static uint16_t
parse_host_id(const char *s)
{
    unsigned int id;

    if (!str_to_uint(s, 10, &id) || id < HOST_ID_MIN || id > HOST_ID_MAX) {
        ovs_error(0, "--host-id=%s: expected a number from %d to %d",
                  s, HOST_ID_MIN, HOST_ID_MAX);
        exit(2);
    }
    return id;
}

static void
set_default_options(struct daemon_options *options)
{
    *options = (struct daemon_options) {
        .files = fabric_files_default(),
        .private_key = HOST_KEY_FILE,
    };
    options->ovsdb_remote = xasprintf("unix:%s/db.sock", ovs_rundir());
    options->unixctl_path = xstrdup(DEFAULT_UNIXCTL);
}

static void
usage(void)
{
    struct fabric_files files = fabric_files_default();

    printf("\
%s: the daemon of one Mobula host, beside its Open vSwitch\n\
usage: %s [OPTIONS]\n\
\n\
Configuration:\n\
  --hosts=FILE            hosts of the network (default: %s)\n\
  --extra-hosts=FILE      further names (default: %s)\n\
  --extra-wires=FILE      VPN clients (default: %s)\n\
  --settings=FILE         settings (default: %s)\n\
  --private-key=FILE      key of this host if hosts have none (default:\n\
                          %s)\n\
  --host-id=ID            which host this is (default: the one whose address\n\
                          or hostname is ours)\n\
\n\
What to do:\n\
  --dry-run               print what would be changed, and change nothing\n\
  --teardown              remove everything that is Mobula's, and exit\n\
  --hide-external         tell network managers to leave the external\n\
                          interface alone if it is the gateway's, and exit\n\
  --ovsdb=REMOTE          host's database (default: unix:%s/db.sock)\n\
  --unixctl=SOCKET        where mobula-ctl finds us (default: %s)\n\
  -h, --help              show this and exit\n\
  -V, --version           show the version and exit\n",
           program_name, program_name, files.hosts, files.extra_hosts,
           files.extra_wires, files.settings, HOST_KEY_FILE, ovs_rundir(),
           DEFAULT_UNIXCTL);
    daemon_usage();
    vlog_usage();
    exit(EXIT_SUCCESS);
}
