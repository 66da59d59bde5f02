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

/* test-flows-switch: brings a switch to the flows of a topology script, so
 * that the ring "switch" can prove flows/ against a real one. */

#include <config.h>
#include "flows/compute.h"

#include <stdio.h>
#include <stdlib.h>

#include "flows/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vconn.h"
#include "tests/mobula-test.h"
#include "tests/switch-sync.h"
#include "tests/topo.h"

/* Prints the plan. */
static void
sync_with(const char *name, const struct flow_table *desired)
{
    struct vconn *vconn = switch_open(name);
    struct ds plan = DS_EMPTY_INITIALIZER;

    switch_sync(vconn, desired, &plan);
    printf("%s\n", ds_cstr(&plan));
    ds_destroy(&plan);
    vconn_close(vconn);
}

static void
test_sync(struct ovs_cmdl_context *ctx)
{
    struct flow_table desired;
    struct topo topo;

    topo_read(&topo, ctx->argv[1]);
    flow_table_init(&desired);
    flows_compute(&topo.input, &desired);
    sync_with(ctx->argv[2], &desired);
    flow_table_uninit(&desired);
    topo_uninit(&topo);
}

static void
test_sync_underlay(struct ovs_cmdl_context *ctx)
{
    struct flow_table desired;

    flow_table_init(&desired);
    flows_compute_underlay(atoi(ctx->argv[1]), &desired);
    sync_with(ctx->argv[2], &desired);
    flow_table_uninit(&desired);
}

static void
test_teardown(struct ovs_cmdl_context *ctx)
{
    struct flow_table nothing;

    flow_table_init(&nothing);
    sync_with(ctx->argv[1], &nothing);
    flow_table_uninit(&nothing);
}

const struct ovs_cmdl_command test_flows_switch_commands[] = {
    { "flows-sync", "TOPO VCONN", 2, 2, test_sync, OVS_RW },
    { "flows-sync-underlay", "OFPORT VCONN", 2, 2, test_sync_underlay,
      OVS_RW },
    { "flows-teardown", "VCONN", 1, 1, test_teardown, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RW },
};
