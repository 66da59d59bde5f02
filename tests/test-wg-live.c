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

/* test-wg-live: backends and processes of wg/ on real devices. */

#include <config.h>
#include "tests/test-wg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "tests/mobula-test.h"
#include "timeval.h"
#include "util.h"
#include "wg/wg-backend.h"
#include "wg/wg-diff.h"
#include "wg/wg-spawn.h"

/* Opens the kernel's WireGuard in the network namespace that the file 'path'
 * names, and makes sure that this thread is where it was afterwards. */
static int
open_kernel_in(const char *path, struct wg_backend **backend)
{
    struct stat before, after;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int retval;

    if (fd < 0 || stat("/proc/thread-self/ns/net", &before)) {
        return errno;
    }
    retval = wg_backend_open_kernel(fd, backend);
    close(fd);
    if (stat("/proc/thread-self/ns/net", &after)
        || before.st_ino != after.st_ino) {
        ovs_fatal(0, "%s: did not come back", path);
    }
    return retval;
}

/* 'kind' is "userspace", "kernel" or "kernel:PATH_OF_NETWORK_NAMESPACE". */
static struct wg_backend *
open_backend(const char *kind, const char *ifname)
{
    const char *colon = strchr(kind, ':');
    struct wg_backend *backend;
    int retval;

    if (colon) {
        retval = open_kernel_in(colon + 1, &backend);
    } else if (!strcmp(kind, "kernel")) {
        retval = wg_backend_open_kernel(-1, &backend);
    } else {
        retval = wg_backend_open_userspace(ifname, &backend);
    }
    if (retval) {
        ovs_fatal(retval, "%s: cannot open %s WireGuard", ifname, kind);
    }
    return backend;
}

/* wg-kernel: prints whether the kernel has WireGuard. */
static void
test_wg_kernel(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    printf("%s\n", wg_kernel_supported() ? "yes" : "no");
}

/* wg-read BACKEND IFNAME: prints the device. */
static void
test_wg_read(struct ovs_cmdl_context *ctx)
{
    struct wg_backend *backend = open_backend(ctx->argv[1], ctx->argv[2]);
    struct wg_device dev;
    char *error = NULL;
    int retval = wg_backend_read(backend, ctx->argv[2], &dev, &error);

    if (retval) {
        ovs_fatal(0, "%s", error);
    }
    wg_print_device(&dev);
    wg_device_uninit(&dev);
    wg_backend_close(backend);
}

/* wg-apply BACKEND: makes the device what standard input desires, and prints
 * the plan. */
static void
test_wg_apply(struct ovs_cmdl_context *ctx)
{
    struct wg_backend *backend;
    struct wg_input input;
    struct wg_device actual;
    struct wg_delta delta;
    char *error = NULL;

    wg_input_read(&input);
    backend = open_backend(ctx->argv[1], input.desired.name);
    if (wg_backend_read(backend, input.desired.name, &actual, &error)) {
        ovs_fatal(0, "%s", error);
    }
    wg_diff(&input.desired, &actual,
            input.has_previous ? &input.previous : NULL, time(NULL), &delta);
    if (wg_backend_apply(backend, &input.desired, &delta, &error)) {
        ovs_fatal(0, "%s", error);
    }
    wg_print_plan(&delta);
    wg_delta_uninit(&delta);
    wg_device_uninit(&actual);
    wg_input_uninit(&input);
    wg_backend_close(backend);
}

/* wg-spawn IFNAME [LOG_FILE]: starts wireguard-go and ends when it runs. */
static void
test_wg_spawn(struct ovs_cmdl_context *ctx)
{
    struct wg_spawn *spawn = wg_spawn_create(ctx->argv[1], ctx->argv[2]);

    if (!spawn) {
        ovs_fatal(0, "%s: no interface name", ctx->argv[1]);
    }
    wg_spawn_start(spawn, time_msec());
    while (wg_spawn_run(spawn, time_msec()) == WG_SPAWN_STARTING) {
        wg_spawn_wait(spawn, time_msec());
        poll_block();
    }
    if (wg_spawn_run(spawn, time_msec()) == WG_SPAWN_RUNNING) {
        printf("%d\n", (int) wg_spawn_pid(spawn));
    } else {
        printf("failed: %s\n", wg_spawn_error(spawn));
    }
    wg_spawn_destroy(spawn);
}

/* wg-watch IFNAME: takes a running wireguard-go over, says so, and ends with
 * it. */
static void
test_wg_watch(struct ovs_cmdl_context *ctx)
{
    struct wg_spawn *spawn = wg_spawn_create(ctx->argv[1], NULL);

    wg_spawn_start(spawn, time_msec());
    printf("%d\n", (int) wg_spawn_pid(spawn));
    fflush(stdout);
    while (wg_spawn_run(spawn, time_msec()) == WG_SPAWN_RUNNING) {
        wg_spawn_wait(spawn, time_msec());
        poll_block();
    }
    printf("%s\n", wg_spawn_error(spawn));
    wg_spawn_destroy(spawn);
}

/* wg-stop IFNAME: ends wireguard-go. */
static void
test_wg_stop(struct ovs_cmdl_context *ctx)
{
    int retval = wg_spawn_stop(ctx->argv[1]);

    if (retval) {
        ovs_fatal(retval, "%s: cannot stop", ctx->argv[1]);
    }
}

const struct ovs_cmdl_command test_wg_live_commands[] = {
    { "wg-kernel", "", 0, 0, test_wg_kernel, OVS_RO },
    { "wg-read", "BACKEND IFNAME", 2, 2, test_wg_read, OVS_RO },
    { "wg-apply", "BACKEND", 1, 1, test_wg_apply, OVS_RW },
    { "wg-spawn", "IFNAME [LOG_FILE]", 1, 2, test_wg_spawn, OVS_RW },
    { "wg-watch", "IFNAME", 1, 1, test_wg_watch, OVS_RO },
    { "wg-stop", "IFNAME", 1, 1, test_wg_stop, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
