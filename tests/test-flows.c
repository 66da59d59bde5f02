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

/* test-flows: what flows/ makes of a topology script or of flows in text.
 * The part that needs a switch is in test-flows-switch.c. */

#include <config.h>
#include "flows/compute.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flows/cookie.h"
#include "flows/explain.h"
#include "flows/flow-table.h"
#include "flows/flows-diff.h"
#include "flows/installed-ways.h"
#include "flows/learnt.h"
#include "flows/rules.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "tests/mobula-test.h"
#include "tests/topo.h"
#include "util.h"

/* Fills 'ft' with the flows ("underlay OFPORT" makes those of the underlay
 * bridge) that a script asks for. */
static void
compute(const char *file_name, bool reverse, struct flow_table *ft)
{
    struct topo topo;

    topo_read(&topo, file_name);
    if (reverse) {
        topo_reverse(&topo);
    }
    flow_table_init(ft);
    flows_compute(&topo.input, ft);
    topo_uninit(&topo);
}

static void
print_table(const struct flow_table *ft)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    flow_table_format(ft, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
}

static void
test_compute(struct ovs_cmdl_context *ctx)
{
    struct flow_table ft;

    compute(ctx->argv[1], ctx->argc > 2, &ft);
    print_table(&ft);
    flow_table_uninit(&ft);
}

/* Computes the flows of a fabric of 64 hosts with N MACs at peers, each with
 * an address, and complains if that takes more than MAX_MS of processor time.
 * With "print", prints the time. */
static void
test_time(struct ovs_cmdl_context *ctx)
{
    size_t n = atoi(ctx->argv[2]);
    struct mac_owner *owners = xcalloc(n, sizeof *owners);
    struct flows_binding *bindings = xcalloc(n, sizeof *bindings);
    struct flow_table ft;
    struct topo topo;
    clock_t start;
    int ms;

    topo_read(&topo, ctx->argv[1]);
    for (size_t i = 0; i < n; i++) {
        owners[i].host = bindings[i].host = 2 + i % 63;
        eth_addr_from_uint64(UINT64_C(0x525400000000) + i, &owners[i].mac);
        bindings[i].mac = owners[i].mac;
        in6_addr_set_mapped_ipv4(&bindings[i].ip, htonl(0x0a1f4000 + i));
    }
    topo.input.remote_macs = owners;
    topo.input.bindings = bindings;
    topo.input.n_remote_macs = topo.input.n_bindings = n;
    flow_table_init(&ft);
    start = clock();
    flows_compute(&topo.input, &ft);
    ms = (clock() - start) * 1000 / CLOCKS_PER_SEC;
    if (ctx->argc > 4) {
        printf("%"PRIuSIZE" flows, %d ms\n", hmap_count(&ft.flows), ms);
    } else if (ms > atoi(ctx->argv[3])) {
        printf("%d ms\n", ms);
    }
    flow_table_uninit(&ft);
    topo_uninit(&topo);
}

static void
test_compute_underlay(struct ovs_cmdl_context *ctx)
{
    struct flow_table ft;

    flow_table_init(&ft);
    flows_compute_underlay(atoi(ctx->argv[1]), &ft);
    print_table(&ft);
    flow_table_uninit(&ft);
}

/* Prints desired flows as input of "ovs-ofctl bundle". */
static void
test_bundle(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct group_entry **groups;
    struct flow_entry **flows;
    struct flow_table ft;

    compute(ctx->argv[1], false, &ft);
    groups = flow_table_sorted_groups(&ft);
    flows = flow_table_sorted(&ft);
    for (size_t i = 0; groups[i]; i++) {
        ds_put_cstr(&s, "group add ");
        group_entry_format(groups[i], &s);
        ds_put_char(&s, '\n');
    }
    for (size_t i = 0; flows[i]; i++) {
        ds_put_cstr(&s, "flow add ");
        flow_entry_format(flows[i], &s);
        ds_put_char(&s, '\n');
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    free(groups);
    free(flows);
    flow_table_uninit(&ft);
}

/* Reads flows, groups (lines that start with "group_id=") and meters
 * ("meter="), one a line. */
static void
read_table(const char *file_name, struct flow_table *ft)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(file_name, "r");

    if (!stream) {
        ovs_fatal(errno, "%s: open failed", file_name);
    }
    flow_table_init(ft);
    while (!ds_get_preprocessed_line(&line, stream, NULL)) {
        char *error = (!strncmp(ds_cstr(&line), "meter=", 6)
                       ? flow_table_parse_meter(ft, ds_cstr(&line))
                       : strstr(ds_cstr(&line), "group_id=")
                       ? flow_table_parse_group(ft, ds_cstr(&line))
                       : flow_table_parse_flow(ft, ds_cstr(&line)));

        if (error) {
            printf("%s: %s\n", ds_cstr(&line), error);
            free(error);
        }
    }
    ds_destroy(&line);
    fclose(stream);
}

/* Through a clone, so that it is tested as well. */
static void
test_parse(struct ovs_cmdl_context *ctx)
{
    struct flow_table ft, copy;

    read_table(ctx->argv[1], &ft);
    flow_table_init(&copy);
    flow_table_clone(&copy, &ft);
    flow_table_uninit(&ft);
    print_table(&copy);
    flow_table_uninit(&copy);
}

static void
print_op(const struct flows_op *op)
{
    static const char *const kinds[] = {
        [FLOWS_OP_METER_ADD] = "meter add",
        [FLOWS_OP_METER_MODIFY] = "meter modify",
        [FLOWS_OP_GROUP_ADD] = "group add",
        [FLOWS_OP_GROUP_MODIFY] = "group modify",
        [FLOWS_OP_FLOW_ADD] = "flow add",
        [FLOWS_OP_FLOW_DELETE] = "flow delete",
        [FLOWS_OP_GROUP_DELETE] = "group delete",
        [FLOWS_OP_METER_DELETE] = "meter delete",
    };
    struct ofpbuf *msg = flows_op_encode(op);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (op->flow) {
        flow_entry_format_key(op->flow, &s);
    } else if (op->meter) {
        ds_put_format(&s, "%"PRIu32, op->meter->id);
    } else {
        ds_put_format(&s, "%"PRIu32, op->group->id);
    }
    printf("%s %s\n", kinds[op->kind], ds_cstr(&s));
    ds_destroy(&s);
    ofpbuf_delete(msg);
}

/* Compares the flows in two files.  Prints the plan, then the operations in
 * their order. */
static void
test_diff(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct flow_table desired, actual;
    struct flows_plan fp;

    read_table(ctx->argv[1], &desired);
    read_table(ctx->argv[2], &actual);
    flows_plan_init(&fp);
    flows_diff(&desired, &actual, &fp);
    plan_format(&fp.plan, true, &s);
    plan_format_counts(&fp.plan, &s);
    printf("%s\n", ds_cstr(&s));
    for (size_t i = 0; i < fp.n_ops; i++) {
        print_op(&fp.ops[i]);
    }
    ds_destroy(&s);
    flows_plan_uninit(&fp);
    flow_table_uninit(&desired);
    flow_table_uninit(&actual);
}

static void
print_explanations(const struct flow_table *ft, const struct fabric *fabric)
{
    struct meter_entry **meters = flow_table_sorted_meters(ft);
    struct group_entry **groups = flow_table_sorted_groups(ft);
    struct flow_entry **flows = flow_table_sorted(ft);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; meters[i]; i++) {
        ds_put_format(&s, "meter %"PRIu32": ", meters[i]->id);
        meter_explain(meters[i], &s);
        ds_put_char(&s, '\n');
    }
    for (size_t i = 0; groups[i]; i++) {
        ds_put_format(&s, "group %"PRIu32": ", groups[i]->id);
        group_explain(groups[i], fabric, &s);
        ds_put_char(&s, '\n');
    }
    for (size_t i = 0; flows[i]; i++) {
        cookie_explain(flows[i]->cookie, &s);
        ds_put_cstr(&s, ": ");
        flow_explain(flows[i], fabric, &s);
        ds_put_char(&s, '\n');
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    free(meters);
    free(groups);
    free(flows);
}

/* Explains the flows of a script, and those of a file as seen there. */
static void
test_explain(struct ovs_cmdl_context *ctx)
{
    struct flow_table ft;
    struct topo topo;

    topo_read(&topo, ctx->argv[1]);
    if (ctx->argc > 2) {
        read_table(ctx->argv[2], &ft);
    } else {
        flow_table_init(&ft);
        flows_compute(&topo.input, &ft);
    }
    print_explanations(&ft, &topo.fabric);
    flow_table_uninit(&ft);
    topo_uninit(&topo);
}

/* Says what each flow of a file, if it is learnt, says. */
static void
test_learnt(struct ovs_cmdl_context *ctx)
{
    struct flow_entry **flows;
    struct flow_table ft;

    read_table(ctx->argv[1], &ft);
    flows = flow_table_sorted(&ft);
    for (size_t i = 0; flows[i]; i++) {
        struct ds s = DS_EMPTY_INITIALIZER;
        struct learnt_binding binding;
        struct learnt_mac mac;

        if (learnt_mac_decode(flows[i], &mac)) {
            ds_put_format(&s, "vlan %u mac "ETH_ADDR_FMT" port %u",
                          mac.vlan, ETH_ADDR_ARGS(mac.mac), mac.ofport);
        } else if (learnt_binding_decode(flows[i], &binding)) {
            ds_put_format(&s, "vlan %u ip ", binding.vlan);
            ipv6_format_mapped(&binding.ip, &s);
            ds_put_format(&s, " mac "ETH_ADDR_FMT" port %u",
                          ETH_ADDR_ARGS(binding.mac), binding.ofport);
        } else {
            ds_put_cstr(&s, learnt_is_learnt(flows[i])
                        ? "means nothing" : "is not learnt");
        }
        printf("%s\n", ds_cstr(&s));
        ds_destroy(&s);
    }
    free(flows);
    flow_table_uninit(&ft);
}

/* Prints every rule, and complains about one that is not as it must be. */
static void
test_rules(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    for (const struct rule *r = rules; r->name; r++) {
        const struct stage *stage = stage_find(r->stage);
        struct ds s = DS_EMPTY_INITIALIZER;

        rule_explain(r, &s);
        printf("%s 0x%x %s: %s\n", stage ? stage->name : "NO STAGE", r->id,
               r->name, ds_cstr(&s));
        if (rule_find(r->id) != r) {
            printf("number 0x%x is there twice\n", r->id);
        }
        if (stage && r->id >> 8 != stage->id) {
            printf("number 0x%x is not of stage %d\n", r->id, stage->id);
        }
        if (strchr(ds_cstr(&s), '{') || !ds_chomp(&s, '.')) {
            printf("not a sentence\n");
        }
        ds_destroy(&s);
    }
}

static void
test_cookie(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        uint64_t cookie = strtoull(ctx->argv[i], NULL, 0);

        printf("0x%016"PRIx64": %s stage %d rule 0x%x subject %"PRIu32"%s\n",
               cookie, cookie_is_ours(cookie) ? "ours" : "alien",
               cookie_stage(cookie), cookie_rule(cookie),
               cookie_subject(cookie),
               cookie_pack(cookie_stage(cookie), cookie_rule(cookie),
                           cookie_subject(cookie)) == cookie
               ? "" : ", packs differently");
    }
}

/* Prints what can be read back from the groups, as a topology has it. */
static void
test_installed_ways(struct ovs_cmdl_context *ctx)
{
    struct flow_table ft;

    compute(ctx->argv[1], false, &ft);
    for (int i = 2; i < ctx->argc; i++) {
        struct paths_peer ways;

        installed_ways(&ft, atoi(ctx->argv[i]), &ways);
        printf("paths %u %s relays %u %u last %u next %u %u %u\n", ways.peer,
               ways.direct_first ? "direct" : "detour",
               ways.relays[0], ways.relays[1], ways.last_resort,
               ways.next[0], ways.next[1], ways.next[2]);
    }
    flow_table_uninit(&ft);
}

const struct ovs_cmdl_command test_flows_commands[] = {
    { "flows-compute", "TOPO [reverse]", 1, 2, test_compute, OVS_RO },
    { "flows-compute-underlay", "OFPORT", 1, 1, test_compute_underlay,
      OVS_RO },
    { "flows-time", "TOPO N MAX_MS [print]", 3, 4, test_time, OVS_RO },
    { "flows-bundle", "TOPO", 1, 1, test_bundle, OVS_RO },
    { "flows-parse", "FILE", 1, 1, test_parse, OVS_RO },
    { "flows-diff", "DESIRED ACTUAL", 2, 2, test_diff, OVS_RO },
    { "flows-explain", "TOPO [FILE]", 1, 2, test_explain, OVS_RO },
    { "flows-installed-ways", "TOPO PEER...", 2, INT_MAX, test_installed_ways,
      OVS_RO },
    { "flows-learnt", "FILE", 1, 1, test_learnt, OVS_RO },
    { "flows-rules", "", 0, 0, test_rules, OVS_RO },
    { "flows-cookie", "COOKIE...", 1, INT_MAX, test_cookie, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
