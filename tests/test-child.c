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

/* test-child: programs that are run to their end. */

#include <config.h>
#include "gateway/child.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/poll-loop.h"
#include "tests/mobula-test.h"
#include "timeval.h"
#include "util.h"

/* child TIMEOUT INPUT PROGRAM [ARG]...: runs it and prints how it went. */
static void
test_child(struct ovs_cmdl_context *ctx)
{
    long long int start = time_msec();
    struct child *child;
    char *error;

    child = child_start(ctx->argv + 3, ctx->argv[2],
                        start, start + atoi(ctx->argv[1]));
    while (!child_run(child, time_msec())) {
        child_wait(child);
        poll_block();
    }
    error = child_error(child);
    printf("exit status: %d\nerror: %s\noutput (%"PRIuSIZE"): %.60s\n",
           child_exit_status(child), error ? error : "none",
           strlen(child_stdout(child)), child_stdout(child));
    free(error);
    child_destroy(child);
}

const struct ovs_cmdl_command test_child_commands[] = {
    { "child", "TIMEOUT INPUT PROGRAM [ARG]...", 3, INT_MAX, test_child,
      OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
