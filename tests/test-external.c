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

/* test-external: what net/external* decides, from arguments; and what it does
 * to the kernel, for tests that run in namespaces of their own. */

#include <config.h>
#include "net/external.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file-read.h"
#include "net/net-ctx.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"

static const char *const goals[] = {
    [EXTERNAL_GOAL_KEEP] = "keep",
    [EXTERNAL_GOAL_TAKE] = "take",
    [EXTERNAL_GOAL_MOVE] = "move",
    [EXTERNAL_GOAL_RETURN] = "return",
    [EXTERNAL_GOAL_FAIL] = "fail",
    [EXTERNAL_GOAL_LEND] = "lend",
    [EXTERNAL_GOAL_FORGET] = "forget",
};

static enum external_goal
parse_goal(const char *text)
{
    for (size_t i = 0; i < ARRAY_SIZE(goals); i++) {
        if (!strcmp(text, goals[i])) {
            return i;
        }
    }
    ovs_fatal(0, "no goal %s", text);
}

/* Ends the process with "error: ..." if 'error'; '*text' may be NULL. */
static void
die_if(int error, char **text)
{
    if (error) {
        printf("error: %s\n", *text ? *text : ovs_strerror(error));
        exit(EXIT_FAILURE);
    }
}

static struct net_ctx *
open_ctx(void)
{
    struct net_ctx *ctx;
    char *text = NULL;

    die_if(net_ctx_open(&ctx, &text), &text);
    return ctx;
}

static void
load(struct external_taken *taken)
{
    char *text = NULL;

    die_if(external_load(taken, &text), &text);
}

static void
save(const struct external_taken *taken)
{
    char *text = NULL;

    die_if(external_save(taken, &text), &text);
}

/* external-want PHASE OPTION...: what is to be. */
static void
test_want(struct ovs_cmdl_context *ctx)
{
    static const char *const phases[] = { "none", "taken", "failing",
                                          "failed" };
    struct external_taken taken;
    struct external_want_in in = {
        .taken = &taken, .has_config = true, .choice = "auto",
    };

    external_taken_init(&taken);
    ovs_strlcpy(taken.name, "ens3", sizeof taken.name);
    taken.choice = xstrdup("auto");
    for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
        if (!strcmp(ctx->argv[1], phases[i])) {
            taken.phase = i;
        }
    }
    for (int i = 2; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];

        in.teardown |= !strcmp(arg, "teardown");
        in.has_config &= strcmp(arg, "no-config") != 0;
        in.move |= !strcmp(arg, "move");
        in.on_host |= !strcmp(arg, "on-host");
        if (!strncmp(arg, "choice=", 7)) {
            in.choice = arg + 7;
        }
    }
    puts(goals[external_want(&in)]);
    external_taken_uninit(&taken);
}

/* external-refuse NAME KIND TYPE MASTER. */
static void
test_refuse(struct ovs_cmdl_context *ctx)
{
    struct external_link link = {
        .exists = true,
        .type = atoi(ctx->argv[3]),
        .master = atoi(ctx->argv[4]),
    };
    char *why;

    ovs_strlcpy(link.name, ctx->argv[1], sizeof link.name);
    ovs_strlcpy(link.kind, ctx->argv[2], sizeof link.kind);
    why = external_refuse(&link);
    puts(why ? why : "can be taken");
    free(why);
}

/* external-parse FILE: reads the file, and writes it again. */
static void
test_parse(struct ovs_cmdl_context *ctx)
{
    struct file_contents contents;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct external_taken taken;
    char *none = NULL;
    char *error;

    die_if(file_read(ctx->argv[1], FILE_READ_MAX, &contents), &none);
    error = external_taken_parse(contents.data, &taken);
    file_contents_uninit(&contents);
    if (error) {
        puts(error);
        free(error);
        return;
    }
    external_taken_format(&taken, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    external_taken_uninit(&taken);
}

/* Pretends that the link 'what' is there. */
static void
pretend(const char *what, struct external_actual *actual)
{
    struct {
        const char *name;
        struct external_link *link;
        bool ours;
        uint32_t master;
    } links[] = {
        { "host", &actual->host, false, 0 },
        { "moved", &actual->moved, false, 3 },
        { "bridge", &actual->bridge, true, 0 },
        { "alien-bridge", &actual->bridge, false, 0 },
        { "veth", &actual->veth, true, 0 },
        { "port", &actual->port, true, 3 },
        { "loose-port", &actual->port, true, 0 },
    };

    actual->gateway |= !strcmp(what, "gateway");
    for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
        if (!strcmp(links[i].name, what)) {
            *links[i].link = (struct external_link) {
                .exists = true, .ours = links[i].ours, .up = true,
                .ifindex = 3, .master = links[i].master,
            };
            ovs_strlcpy(links[i].link->name, what, IFNAMSIZ);
        }
    }
}

static void
print_plan(const struct external_plan *plan, bool ops)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (ops) {
        for (size_t i = 0; i < plan->n_ops; i++) {
            external_op_format(&plan->ops[i], &s);
            ds_put_char(&s, '\n');
        }
    } else {
        plan_format(&plan->plan, false, &s);
    }
    if (plan->waiting) {
        ds_put_format(&s, "waiting: %s\n", plan->waiting);
    }
    plan_format_counts(&plan->plan, &s);
    puts(ds_cstr(&s));
    ds_destroy(&s);
}

/* external-diff GOAL FILE LINK...: the steps. */
static void
test_diff(struct ovs_cmdl_context *ctx)
{
    struct file_contents contents;
    struct external_actual actual;
    struct external_taken taken;
    struct external_plan plan;
    char *none = NULL;
    char *error;

    die_if(file_read(ctx->argv[2], FILE_READ_MAX, &contents), &none);
    error = external_taken_parse(contents.data, &taken);
    file_contents_uninit(&contents);
    die_if(error != NULL, &error);
    external_actual_init(&actual);
    for (int i = 3; i < ctx->argc; i++) {
        pretend(ctx->argv[i], &actual);
    }
    external_diff(parse_goal(ctx->argv[1]), &taken, &actual, &plan);
    print_plan(&plan, true);
    external_plan_uninit(&plan);
    external_actual_uninit(&actual);
    external_taken_uninit(&taken);
}

/* external-take CHOICE [ENDPOINT]: chooses, and writes the file. */
static void
test_take(struct ovs_cmdl_context *ctx)
{
    struct in6_addr endpoint = in6addr_any;
    struct net_ctx *net = open_ctx();
    struct external_taken taken;
    char *text = NULL;
    ovs_be32 ip;

    if (ctx->argc > 2 && ip_parse(ctx->argv[2], &ip)) {
        endpoint = in6_addr_mapped_ipv4(ip);
    }
    die_if(external_choose(net, ctx->argv[1], &endpoint, &taken, &text),
           &text);
    save(&taken);
    printf("takes %s\n", taken.name);
    external_taken_uninit(&taken);
    net_ctx_close(net);
}

/* Leaves the first 'max' steps, and what of /proc/sys/net is between them.
 * Returns true if there are fewer. */
static bool
cut_off(struct external_plan *plan, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < plan->n_ops; i++) {
        n += plan->ops[i].type != EXTERNAL_OP_SET_SYSCTL;
        if (n > max) {
            plan->n_ops = i;
            return false;
        }
    }
    return n < max;
}

/* external-run GOAL [N]: compares, does the first N steps or all, and compares
 * again.  Prints what was to be done and what is left; ends with status 3 if
 * there were less than N steps. */
static void
test_run(struct ovs_cmdl_context *ctx)
{
    const enum external_goal goal = parse_goal(ctx->argv[1]);
    const size_t max = ctx->argc > 2 ? atoi(ctx->argv[2]) : SIZE_MAX;
    struct net_ctx *net = open_ctx();
    struct external_actual actual;
    struct external_taken taken;
    struct external_plan plan;
    char *text = NULL;
    bool fewer;

    load(&taken);
    die_if(external_read(net, &taken, goal, &actual, &text), &text);
    external_diff(goal, &taken, &actual, &plan);
    print_plan(&plan, false);
    fewer = cut_off(&plan, max) && max != SIZE_MAX;
    if (external_apply(net, &plan, true, &text)) {
        printf("error: %s\n", text);
        free(text);
    }
    external_plan_uninit(&plan);
    external_actual_uninit(&actual);
    if (max == SIZE_MAX) {
        die_if(external_read(net, &taken, goal, &actual, &text), &text);
        external_diff(goal, &taken, &actual, &plan);
        puts("left:");
        print_plan(&plan, false);
        external_plan_uninit(&plan);
        external_actual_uninit(&actual);
    }
    external_taken_uninit(&taken);
    net_ctx_close(net);
    if (fewer) {
        exit(3);
    }
}

/* external-reaches: has one of the routers answered? */
static void
test_reaches(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct net_ctx *net = open_ctx();
    struct external_taken taken;
    struct in6_addr *routers;
    size_t n;

    load(&taken);
    n = external_taken_routers(&taken, &routers);
    puts(external_reaches(net, routers, n) ? "yes" : "no");
    free(routers);
    external_taken_uninit(&taken);
    net_ctx_close(net);
}

/* external-hide yes|no. */
static void
test_hide(struct ovs_cmdl_context *ctx)
{
    struct external_taken taken;

    load(&taken);
    external_hide(&taken, !strcmp(ctx->argv[1], "yes"));
    external_taken_uninit(&taken);
}

const struct ovs_cmdl_command test_external_commands[] = {
    { "external-want", NULL, 1, INT_MAX, test_want, OVS_RO },
    { "external-refuse", NULL, 4, 4, test_refuse, OVS_RO },
    { "external-parse", NULL, 1, 1, test_parse, OVS_RO },
    { "external-diff", NULL, 2, INT_MAX, test_diff, OVS_RO },
    { "external-take", NULL, 1, 2, test_take, OVS_RW },
    { "external-run", NULL, 1, 2, test_run, OVS_RW },
    { "external-reaches", NULL, 0, 0, test_reaches, OVS_RW },
    { "external-hide", NULL, 1, 1, test_hide, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
