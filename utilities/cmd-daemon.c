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

/* cmd-daemon: the subcommands of mobula-ctl that make mobulad do something,
 * or wait for it: drain, reload, retry-external, teardown, unblock, undrain,
 * wait-ready.
 *
 * mobulad never keeps anybody waiting: who wants to wait asks again. */

#include <config.h>
#include "utilities/cmds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "openvswitch/json.h"
#include "timeval.h"
#include "utilities/daemon-client.h"
#include "util.h"

/* Interval between two questions. */
#define POLL_MS 50

static int set_drained(const struct ctl_context *, const char *command,
                       const char *state);
static bool daemon_runs(void);
static void pause_ms(int ms);
static void print_problems(const struct json *status);
static int teardown_without_daemon(void);

int
cmd_reload(const struct ctl_context *ctx OVS_UNUSED)
{
    char *reply = daemon_ask_or_exit("reload");

    fputs(reply, stdout);
    free(reply);
    return CTL_OK;
}

int
cmd_drain(const struct ctl_context *ctx)
{
    return set_drained(ctx, "drain", "yes");
}

int
cmd_undrain(const struct ctl_context *ctx)
{
    return set_drained(ctx, "undrain", "no");
}

int
cmd_retry_external(const struct ctl_context *ctx OVS_UNUSED)
{
    free(daemon_ask_or_exit("retry-external"));
    return CTL_OK;
}

int
cmd_unblock(const struct ctl_context *ctx)
{
    free(daemon_ask_args_or_exit("unblock", ctx->argc, ctx->argv));
    return CTL_OK;
}

/* Waits until everything is as desired (and with --peers, every tunnel up).
 * mobulad may be about to start: that it does not listen yet is no error. */
int
cmd_wait_ready(const struct ctl_context *ctx)
{
    const char *member = ctx->peers ? "peers_up" : "ready";
    long long int deadline = time_msec() + ctx->timeout_s * 1000LL;
    struct json *status = NULL;
    char *reply;

    for (;;) {
        int error = daemon_ask("status", &reply);

        json_destroy(status);
        status = error ? NULL : json_from_string(reply);
        free(reply);
        if (status && json_get_boolean(status, member)) {
            json_destroy(status);
            return CTL_OK;
        }
        if (time_msec() >= deadline) {
            break;
        }
        pause_ms(POLL_MS);
    }
    if (!status) {
        ctl_error(CTL_FAILED, "not ready after %d s: mobulad does not answer "
                  "on %s", ctx->timeout_s, DAEMON_SOCKET);
    } else {
        ctl_error(CTL_FAILED, "not ready after %d s", ctx->timeout_s);
        print_problems(status);
        json_destroy(status);
    }
    return CTL_FAILED;
}

/* Removes everything that is Mobula's, with the running mobulad or, if there
 * is none, with one that does just that. */
int
cmd_teardown(const struct ctl_context *ctx)
{
    long long int deadline = time_msec() + ctx->timeout_s * 1000LL;

    if (!daemon_runs()) {
        return teardown_without_daemon();
    }
    free(daemon_ask_or_exit("teardown"));
    for (;;) {
        struct json *status = daemon_ask_json_or_exit("status");

        if (!strcmp(json_get_string(status, "mode", ""), "torn-down")) {
            const struct json *notes = json_get_array(status, "notes");

            for (size_t i = 0; notes && i < notes->array.n; i++) {
                printf("%s\n", json_string(notes->array.elems[i]));
            }
            json_destroy(status);
            free(daemon_ask_or_exit("exit"));
            /* Whoever asks next is to hear that it does not run. */
            while (daemon_runs() && time_msec() < deadline) {
                pause_ms(POLL_MS);
            }
            printf("Everything that was Mobula's is removed.\n");
            return CTL_OK;
        }
        if (time_msec() >= deadline) {
            ctl_error(CTL_FAILED, "not removed after %d s; mobulad goes on "
                      "trying", ctx->timeout_s);
            print_problems(status);
            json_destroy(status);
            return CTL_FAILED;
        }
        json_destroy(status);
        pause_ms(POLL_MS);
    }
}

/* Has mobulad do 'command', and waits until it says that the host is
 * "drained": 'state'. */
static int
set_drained(const struct ctl_context *ctx, const char *command,
            const char *state)
{
    long long int deadline = time_msec() + ctx->timeout_s * 1000LL;

    free(daemon_ask_or_exit(command));
    for (;;) {
        struct json *status = daemon_ask_json_or_exit("status");
        const struct json *host = json_get_object(status, "host");
        bool done = host && !strcmp(json_get_string(host, "drained", ""),
                                    state);

        if (!done && time_msec() >= deadline) {
            ctl_error(CTL_FAILED, "not done after %d s; mobulad goes on "
                      "trying", ctx->timeout_s);
            print_problems(status);
            json_destroy(status);
            return CTL_FAILED;
        }
        json_destroy(status);
        if (done) {
            return CTL_OK;
        }
        pause_ms(POLL_MS);
    }
}

static bool
daemon_runs(void)
{
    char *reply;
    int error = daemon_ask("version", &reply);

    free(reply);
    return !error;
}

/* Replaces this process by "mobulad --teardown", found beside us or in
 * PATH. */
static int
teardown_without_daemon(void)
{
    char *const argv[] = {
        CONST_CAST(char *, "mobulad"), CONST_CAST(char *, "--teardown"),
        CONST_CAST(char *, "-vconsole:warn"), NULL
    };

    execvp("mobulad", argv);
    return ctl_error(CTL_FAILED, "mobulad does not run, and cannot be "
                     "started: %s", ovs_strerror(errno));
}

static void
pause_ms(int ms)
{
    struct timespec ts = { .tv_sec = 0, .tv_nsec = ms * 1000000L };

    nanosleep(&ts, NULL);
}

static void
print_problems(const struct json *status)
{
    const struct json *problems = json_get_array(status, "problems");
    const struct json *peers = json_get_array(status, "peers");

    for (size_t i = 0; problems && i < problems->array.n; i++) {
        fprintf(stderr, "  %s\n", json_string(problems->array.elems[i]));
    }
    for (size_t i = 0; peers && i < peers->array.n; i++) {
        const struct json *peer = peers->array.elems[i];
        const char *tunnel = json_get_string(peer, "tunnel", "?");

        if (strcmp(tunnel, "up")) {
            fprintf(stderr, "  tunnel to %lld (%s): %s\n",
                    json_get_integer(peer, "id", 0),
                    json_get_string(peer, "hostname", "?"), tunnel);
        }
    }
}
