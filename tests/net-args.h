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

/* net-args: what net/ is to want, from the arguments of a test. */

#ifndef MOBULA_NET_ARGS_H
#define MOBULA_NET_ARGS_H 1

#include "net/net-state.h"

/* Makes the desired state from "ID [userspace-datapath]
 * [userspace-wireguard] [links-mtu:MTU] [paths-mtu:MTU] [keep-ipv6] [ipv6]
 * [forward:-1|0|1] [share:-1|0|1] [move] [out|out-routes|out-moved]
 * [detour:ID]...", or from "none" (everything goes), and returns the number of
 * arguments used. */
int net_args_want(int argc, char *argv[], struct net_state *ret);

#endif /* tests/net-args.h */
