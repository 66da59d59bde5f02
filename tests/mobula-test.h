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

/* mobula-test: the list of subcommands that test-*.c files offer. */

#ifndef MOBULA_TEST_H
#define MOBULA_TEST_H 1

#include "command-line.h"

/* Each is an array that ends with an all-zero entry. */
extern const struct ovs_cmdl_command test_addr_commands[];
extern const struct ovs_cmdl_command test_child_commands[];
extern const struct ovs_cmdl_command test_dnsmasq_commands[];
extern const struct ovs_cmdl_command test_external_commands[];
extern const struct ovs_cmdl_command test_fabric_commands[];
extern const struct ovs_cmdl_command test_facts_commands[];
extern const struct ovs_cmdl_command test_liveness_commands[];
extern const struct ovs_cmdl_command test_mac_table_commands[];
extern const struct ovs_cmdl_command test_mtu_commands[];
extern const struct ovs_cmdl_command test_net_codec_commands[];
extern const struct ovs_cmdl_command test_net_out_commands[];
extern const struct ovs_cmdl_command test_net_commands[];
extern const struct ovs_cmdl_command test_flows_commands[];
extern const struct ovs_cmdl_command test_flows_switch_commands[];
extern const struct ovs_cmdl_command test_graphs_commands[];
extern const struct ovs_cmdl_command test_guard_commands[];
extern const struct ovs_cmdl_command test_guards_commands[];
extern const struct ovs_cmdl_command test_of_commands[];
extern const struct ovs_cmdl_command test_of_fsm_commands[];
extern const struct ovs_cmdl_command test_of_learn_commands[];
extern const struct ovs_cmdl_command test_pace_commands[];
extern const struct ovs_cmdl_command test_paths_check_commands[];
extern const struct ovs_cmdl_command test_paths_commands[];
extern const struct ovs_cmdl_command test_plan_commands[];
extern const struct ovs_cmdl_command test_ports_commands[];
extern const struct ovs_cmdl_command test_quality_commands[];
extern const struct ovs_cmdl_command test_resolve_commands[];
extern const struct ovs_cmdl_command test_storm_commands[];
extern const struct ovs_cmdl_command test_wg_commands[];
extern const struct ovs_cmdl_command test_wg_live_commands[];

#endif /* tests/mobula-test.h */
