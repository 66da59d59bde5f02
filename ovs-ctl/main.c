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

/* mobulad: the daemon of one Mobula host: starts, loops, stops.
 * See mobulad(8); options.c for the command line, mobulad.h for the state,
 * loop.c for the order of work. */

#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "command-line.h"
#include "daemon.h"
#include "fatal-signal.h"
#include "latch.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/cmds.h"
#include "ovs-ctl/harden.h"
#include "ovs-ctl/loop.h"
#include "ovs-ctl/options.h"
#include "ovs-ctl/rundir.h"
#include "ovs-ctl/sync.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(mobulad);

/* How long "mobulad --teardown" tries. */
#define TEARDOWN_TIMEOUT_MS 20000

static int hide_external(struct daemon_options *);
static struct unixctl_server *go_to_background(const struct daemon_options *);
static void daemon_init(struct daemon *);
static void daemon_uninit(struct daemon *);
static void start_configuration(struct daemon *);
static void say(const struct daemon *, enum vlog_level, const char *text);
static int run(struct daemon *, struct unixctl_server *);
static void run_until_exit(struct daemon *, struct unixctl_server *);
static int run_teardown(struct daemon *, struct unixctl_server *);
static void run_once(struct daemon *, struct unixctl_server *);
static int run_dry(struct daemon *);
static void check_reload(struct daemon *);

/* Set by SIGHUP, taken in by the loop, which it wakes up: the one variable
 * that a signal handler needs. */
static struct latch reload_requested;

static void
handle_sighup(int sig OVS_UNUSED)
{
    latch_set(&reload_requested);
}

int
main(int argc, char *argv[])
{
    struct unixctl_server *unixctl = NULL;
    struct daemon d = { .mode = MODE_RUN };
    int status;

    set_program_name(argv[0]);
    ovs_cmdl_proctitle_init(argc, argv);
    service_start(&argc, &argv);
    options_parse(argc, argv, &d.options);
    if (d.options.dry_run) {
        vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    }
    if (d.options.hide_external) {
        return hide_external(&d.options);
    }
    fatal_ignore_sigpipe();
    harden_process();

    if (!d.options.dry_run) {
        unixctl = go_to_background(&d.options);
    }
    latch_init(&reload_requested);
    signal(SIGHUP, handle_sighup);
    daemon_init(&d);
    cmds_register(&d);
    start_configuration(&d);
    status = run(&d, unixctl);
    daemon_uninit(&d);
    unixctl_server_destroy(unixctl);
    service_stop();
    return status;
}

/* At boot, before any network manager. */
static int
hide_external(struct daemon_options *options)
{
    struct external_taken taken;
    char *why = NULL;
    int error = external_load(&taken, &why);

    if (error) {
        ovs_error(0, "%s", why);
        free(why);
    } else if (taken.phase == EXTERNAL_TAKEN) {
        external_hide(&taken, true);
    }
    external_taken_uninit(&taken);
    options_uninit(options);
    return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* With --detach the rest of the program runs in a child; the parent ends when
 * that says daemonize_complete(). */
static struct unixctl_server *
go_to_background(const struct daemon_options *options)
{
    struct unixctl_server *unixctl;
    int error;

    rundir_make();
    daemonize_start(true);
    rundir_lock();
    error = unixctl_server_create(options->unixctl_path, &unixctl);
    if (error) {
        ovs_fatal(error, "%s: cannot listen", options->unixctl_path);
    }
    return unixctl;
}

/* Does what the options say.  Returns the exit status. */
static int
run(struct daemon *d, struct unixctl_server *unixctl)
{
    if (d->options.dry_run) {
        return run_dry(d);
    }
    daemonize_complete();
    if (d->options.teardown) {
        return run_teardown(d, unixctl);
    }
    VLOG_INFO("mobulad %s started", MOBULA_VERSION);
    run_until_exit(d, unixctl);
    VLOG_INFO("mobulad stopped; everything stays in place");
    return EXIT_SUCCESS;
}

static void
run_until_exit(struct daemon *d, struct unixctl_server *unixctl)
{
    while (!d->exiting) {
        run_once(d, unixctl);
    }
}

/* Removes everything that is ours, or says why that does not work.  Returns
 * the exit status. */
static int
run_teardown(struct daemon *d, struct unixctl_server *unixctl)
{
    long long int deadline = time_msec() + TEARDOWN_TIMEOUT_MS;

    while (!d->exiting && time_msec() < deadline) {
        poll_timer_wait_until(deadline);
        run_once(d, unixctl);
    }
    if (d->exiting) {
        return EXIT_SUCCESS;
    }
    ovs_error(0, "not everything that is Mobula's could be removed: %s",
              daemon_obstacle(d));
    return EXIT_FAILURE;
}

static void
run_once(struct daemon *d, struct unixctl_server *unixctl)
{
    check_reload(d);
    loop_run(d);
    unixctl_server_run(unixctl);
    if (d->exiting) {
        poll_immediate_wake();
    }
    loop_wait(d);
    latch_wait(&reload_requested);
    daemon_files_wait(d);
    unixctl_server_wait(unixctl);
    poll_block();
}

/* Compares everything once, prints what would be done, and changes nothing.
 * Returns the exit status. */
static int
run_dry(struct daemon *d)
{
    /* Long enough for a connection that works, short enough to wait for. */
    long long int deadline = time_msec() + 15000;
    struct ds text = DS_EMPTY_INITIALIZER;

    if (!d->has_fabric && d->mode == MODE_RUN) {
        return EXIT_FAILURE;
    }
    while (!cmds_plan_is_complete(d) && time_msec() < deadline) {
        loop_run(d);
        loop_wait(d);
        poll_timer_wait_until(deadline);
        poll_block();
    }
    cmds_format_plan(d, &text);
    fputs(ds_cstr(&text), stdout);
    ds_destroy(&text);
    return cmds_plan_is_complete(d) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
start_configuration(struct daemon *d)
{
    char *error;

    if (d->options.teardown) {
        d->mode = MODE_TEARDOWN;
        return;
    }
    error = daemon_reload(d);
    if (!error) {
        say(d, VLL_WARN, d->config_warnings);
        return;
    }
    say(d, VLL_ERR, error);
    free(error);
    if (!d->options.dry_run) {
        /* Not fatal: what an earlier run configured goes on working, and the
         * files can be mended and reloaded. */
        VLOG_ERR("no usable configuration: nothing is changed until a reload "
                 "succeeds");
    }
}

/* Says 'text' (one or more lines, or NULL) to whoever started us and to the
 * log, but not twice to the same terminal. */
static void
say(const struct daemon *d, enum vlog_level level, const char *text)
{
    if (text && (d->options.dry_run || get_detach())) {
        fputs(text, stderr);
    }
    if (text && !d->options.dry_run) {
        VLOG(level, "configuration:\n%s", text);
    }
}

/* Loads the configuration if that was asked for.  At boot the addresses of
 * this host, which tell which host it is, may come after us. */
static void
check_reload(struct daemon *d)
{
    bool requested = latch_poll(&reload_requested);
    bool changed = daemon_files_changed(d, time_msec());
    bool retry = d->retry_config && !d->has_fabric;

    d->retry_config = false;
    if (changed) {
        VLOG_INFO("a configuration file has changed");
    }
    if ((requested || changed || retry) && d->mode == MODE_RUN) {
        char *error = daemon_reload(d);

        if (error && (requested || changed)) {
            VLOG_ERR("reload refused, the running configuration stays:\n%s",
                     error);
        }
        free(error);
    }
}

static void
daemon_init(struct daemon *d)
{
    fabric_init(&d->fabric);
    sync_net_init(d);
    sync_external_init(d);
    sync_mtu_init(d);
    sync_quality_init(d);
    sync_resolve_init(d);
    sync_ports_init(d);
    sync_wg_init(d);
    sync_flows_init(d);
    sync_loops_init(d);
    sync_guard_init(d);
    sync_filter_init(d);
    sync_dns_init(d);
    sync_share_init(d);
    sync_hello_init(d);
    sync_facts_init(d);
    sync_macs_init(d);
    sync_paths_init(d);
    sync_drain_init(d);
}

static void
daemon_uninit(struct daemon *d)
{
    sync_paths_uninit(d);
    sync_macs_uninit(d);
    sync_facts_uninit(d);
    sync_hello_uninit(d);
    sync_dns_uninit(d);
    sync_share_uninit(d);
    sync_filter_uninit(d);
    sync_guard_uninit(d);
    sync_loops_uninit(d);
    sync_flows_uninit(d);
    sync_wg_uninit(d);
    sync_ports_uninit(d);
    sync_resolve_uninit(d);
    sync_quality_uninit(d);
    sync_mtu_uninit(d);
    sync_external_uninit(d);
    sync_net_uninit(d);
    fabric_uninit(&d->fabric);
    daemon_files_uninit(d);
    free(d->config_error);
    free(d->config_warnings);
    options_uninit(&d->options);
}
