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

/* test-of: keeps a bridge of a real switch as flows, groups, meters in a file
 * say, by the same ovs-ctl/of-switch.c that the daemon has. */

#include <config.h>
#include "ovs-ctl/of-switch.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fatal-signal.h"
#include "flows/flow-table.h"
#include "lib/plan.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/of-ports.h"
#include "tests/mobula-test.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

/* A daemon that keeps one bridge as a file says. */
struct sync {
    struct of_switch *sw;
    const char *file;
    uint64_t seqno;             /* Of the contents of 'file' read last. */
    bool exiting;
};

struct sync_options {
    bool dry_run;
    bool measure;               /* Print how long it took. */
    const char *socket;         /* To be served; NULL to end when synced. */
    const char *log_file;       /* NULL for none. */
    uint64_t noisy_tables;
};

static char *
load_desired(const char *file, struct flow_table *table)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(file, "r");
    char *error = NULL;

    if (!stream) {
        return xasprintf("%s: %s", file, ovs_strerror(errno));
    }
    while (!error && !ds_get_preprocessed_line(&line, stream, NULL)) {
        const char *s = ds_cstr(&line);

        error = (!strncmp(s, "meter=", 6)
                 ? flow_table_parse_meter(table, s)
                 : !strncmp(s, "group_id=", 9)
                 ? flow_table_parse_group(table, s)
                 : flow_table_parse_flow(table, s));
    }
    ds_destroy(&line);
    fclose(stream);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
sync_load(struct sync *sync)
{
    struct flow_table desired;
    char *error;

    flow_table_init(&desired);
    error = load_desired(sync->file, &desired);
    if (!error) {
        of_switch_set_desired(sync->sw, &desired, ++sync->seqno);
    }
    flow_table_uninit(&desired);
    return error;
}

static void
format_state(const struct of_switch *sw, struct ds *s)
{
    const struct of_switch_stats *stats = of_switch_stats(sw);
    const char *error = of_switch_error(sw);

    ds_put_format(s, "%s applied=%"PRIu64" bundles=%"PRIu64
                  " rejected=%"PRIu64" corrections=%"PRIu64
                  " connections=%"PRIu64"\n",
                  of_switch_is_synced(sw) ? "synced" : "not-synced",
                  of_switch_applied_seqno(sw), stats->n_bundles,
                  stats->n_rejected, stats->n_corrections,
                  stats->n_connections);
    if (error) {
        ds_put_format(s, "error: %s\n", error);
    }
}

static void
show_state(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *sync_)
{
    struct sync *sync = sync_;
    struct ds s = DS_EMPTY_INITIALIZER;

    format_state(sync->sw, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
show_actual(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *sync_)
{
    struct sync *sync = sync_;
    const struct flow_table *actual = of_switch_actual(sync->sw);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (actual) {
        flow_table_format(actual, &s);
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
show_ports(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *sync_)
{
    struct sync *sync = sync_;
    struct ds s = DS_EMPTY_INITIALIZER;

    of_ports_format(of_switch_ports(sync->sw), &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
show_reads(struct unixctl_conn *conn, int argc OVS_UNUSED,
           const char *argv[] OVS_UNUSED, void *sync_)
{
    struct sync *sync = sync_;
    char *s = xasprintf("%"PRIu64"\n", of_switch_stats(sync->sw)->n_reads);

    unixctl_command_reply(conn, s);
    free(s);
}

static void
reload(struct unixctl_conn *conn, int argc OVS_UNUSED,
       const char *argv[] OVS_UNUSED, void *sync_)
{
    struct sync *sync = sync_;
    char *error = sync_load(sync);

    if (error) {
        unixctl_command_reply_error(conn, error);
        free(error);
    } else {
        unixctl_command_reply(conn, NULL);
    }
}

static void
quit(struct unixctl_conn *conn, int argc OVS_UNUSED,
     const char *argv[] OVS_UNUSED, void *sync_)
{
    struct sync *sync = sync_;

    sync->exiting = true;
    unixctl_command_reply(conn, NULL);
}

static void
sync_serve(struct sync *sync, const char *socket)
{
    struct unixctl_server *server;
    int error = unixctl_server_create(socket, &server);

    if (error) {
        ovs_fatal(error, "%s: cannot listen", socket);
    }
    unixctl_command_register("state", "", 0, 0, show_state, sync);
    unixctl_command_register("actual", "", 0, 0, show_actual, sync);
    unixctl_command_register("ports", "", 0, 0, show_ports, sync);
    unixctl_command_register("reads", "", 0, 0, show_reads, sync);
    unixctl_command_register("reload", "", 0, 0, reload, sync);
    unixctl_command_register("exit", "", 0, 0, quit, sync);
    while (!sync->exiting) {
        of_switch_run(sync->sw, time_msec());
        unixctl_server_run(server);
        of_switch_wait(sync->sw);
        unixctl_server_wait(server);
        if (sync->exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }
    /* Lets the reply to "exit" go out. */
    unixctl_server_run(server);
    unixctl_server_destroy(server);
}

/* Runs until the switch is as desired, or something has failed, or (in a dry
 * run) it has been compared; prints the outcome. */
static void
sync_once(struct sync *sync, bool dry_run, bool measure)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    long long int begin = time_msec();
    long long int longest = 0;

    while (!of_switch_is_synced(sync->sw) && !of_switch_error(sync->sw)
           && !(dry_run && !plan_is_noop(of_switch_plan(sync->sw)))) {
        long long int run_begin = time_msec();

        of_switch_run(sync->sw, run_begin);
        longest = MAX(longest, time_msec() - run_begin);
        of_switch_wait(sync->sw);
        if (of_switch_is_synced(sync->sw) || of_switch_error(sync->sw)
            || dry_run) {
            poll_immediate_wake();
        }
        poll_block();
    }
    if (dry_run) {
        plan_format(of_switch_plan(sync->sw), false, &s);
    }
    format_state(sync->sw, &s);
    if (measure) {
        ds_put_format(&s, "%lld ms, of which the longest run took %lld ms\n",
                      time_msec() - begin, longest);
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
}

static struct sync_options
parse_options(int argc, char *argv[])
{
    static const struct option long_options[] = {
        {"dry-run", no_argument, NULL, 'd'},
        {"noisy", required_argument, NULL, 'n'},
        {"serve", required_argument, NULL, 's'},
        {"log-file", required_argument, NULL, 'l'},
        {"time", no_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    struct sync_options o = { .socket = NULL };
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case 'd': o.dry_run = true; break;
        case 'n': o.noisy_tables |= UINT64_C(1) << atoi(optarg); break;
        case 's': o.socket = optarg; break;
        case 'l': o.log_file = optarg; break;
        case 't': o.measure = true; break;
        default: exit(EXIT_FAILURE);
        }
    }
    if (argc - optind != 2) {
        ovs_fatal(0, "usage: of-sync [OPTION]... BRIDGE FILE");
    }
    return o;
}

static void
test_of_sync(struct ovs_cmdl_context *ctx)
{
    struct sync_options o = parse_options(ctx->argc, ctx->argv);
    struct sync sync = {
        .sw = of_switch_create(ctx->argv[optind], o.noisy_tables),
        .file = ctx->argv[optind + 1],
    };
    char *error;

    fatal_ignore_sigpipe();
    if (o.log_file) {
        vlog_set_log_file(o.log_file);
        vlog_set_levels(NULL, VLF_FILE, VLL_DBG);
    }
    of_switch_set_dry_run(sync.sw, o.dry_run);
    error = sync_load(&sync);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    if (o.socket) {
        sync_serve(&sync, o.socket);
    } else {
        sync_once(&sync, o.dry_run, o.measure);
    }
    of_switch_destroy(sync.sw);
}

const struct ovs_cmdl_command test_of_commands[] = {
    { "of-sync", "[OPTION]... BRIDGE FILE", 2, INT_MAX, test_of_sync,
      OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
