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

/* mobula-test: runs one module on its arguments or standard input and prints
 * what it answers.  The expectations are in tests/NAME.at. */

#include <config.h>
#include "tests/mobula-test.h"

#include <stdio.h>
#include <string.h>

#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

static const struct ovs_cmdl_command *const all_commands[] = {
    test_addr_commands,
    test_child_commands,
    test_dnsmasq_commands,
    test_external_commands,
    test_fabric_commands,
    test_facts_commands,
    test_liveness_commands,
    test_mac_table_commands,
    test_mtu_commands,
    test_net_codec_commands,
    test_net_commands,
    test_net_out_commands,
    test_flows_commands,
    test_flows_switch_commands,
    test_graphs_commands,
    test_guard_commands,
    test_guards_commands,
    test_of_commands,
    test_of_fsm_commands,
    test_of_learn_commands,
    test_pace_commands,
    test_paths_check_commands,
    test_paths_commands,
    test_plan_commands,
    test_ports_commands,
    test_quality_commands,
    test_resolve_commands,
    test_storm_commands,
    test_wg_commands,
    test_wg_live_commands,
};

int
main(int argc, char *argv[])
{
    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (argc < 2) {
        ovs_fatal(0, "usage: %s COMMAND [ARG]...", program_name);
    }
    for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
        const struct ovs_cmdl_command *c;

        for (c = all_commands[i]; c->name; c++) {
            if (!strcmp(c->name, argv[1])) {
                struct ovs_cmdl_context ctx = {
                    .argc = argc - 1,
                    .argv = argv + 1,
                };

                ovs_cmdl_run_command(&ctx, all_commands[i]);
                return 0;
            }
        }
    }
    ovs_fatal(0, "unknown command '%s'", argv[1]);
}
