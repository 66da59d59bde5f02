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

/* test-dnsmasq: what the DNS server of the gateway is told. */

#include <config.h>
#include "gateway/dnsmasq.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config-messages.h"
#include "lib/fabric-load.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "tests/mobula-test.h"
#include "util.h"

static void
load_or_die(char *argv[], struct fabric *fabric)
{
    struct fabric_files files = {
        .hosts = argv[0],
        .extra_hosts = argv[1],
        .extra_wires = "/dev/null",
        .settings = argv[2],
    };
    struct ds text = DS_EMPTY_INITIALIZER;
    struct config_messages msgs;

    config_messages_init(&msgs);
    if (!fabric_load(&files, fabric, &msgs)) {
        config_messages_format(&msgs, CONFIG_ERROR, &text);
        ovs_fatal(0, "%s", ds_cstr(&text));
    }
    config_messages_uninit(&msgs);
    ds_destroy(&text);
}

/* dnsmasq-want HOSTS EXTRA-HOSTS SETTINGS ID FILE: prints what FILE, which is
 * config, hosts, servers or limits, has in it on host ID. */
static void
test_dnsmasq_want(struct ovs_cmdl_context *ctx)
{
    const char *file = ctx->argv[5];
    struct dnsmasq_texts texts;
    struct fabric fabric;

    load_or_die(ctx->argv + 1, &fabric);
    dnsmasq_want(&(struct dnsmasq_in) {
        .fabric = &fabric,
        .self = atoi(ctx->argv[4]),
        .user = "nobody",
        .group = "nogroup",
        .hosts_path = "/run/hosts",
        .servers_path = "/run/servers",
        .is_router = atoi(ctx->argv[4]) == 1,
        .netns = 4026531840,
    }, &texts);
    if (!strcmp(file, "limits")) {
        printf("%"PRIuSIZE" names, %"PRIu64" bytes\n", texts.n_names,
               texts.memory_max);
    } else {
        fputs(!strcmp(file, "config") ? texts.config
              : !strcmp(file, "hosts") ? texts.hosts
              : texts.servers, stdout);
    }
    dnsmasq_texts_uninit(&texts);
    fabric_uninit(&fabric);
}

/* dnsmasq-odd NAME...: the same file "hosts" for a host and extra hosts whose
 * names nobody has checked. */
static void
test_dnsmasq_odd(struct ovs_cmdl_context *ctx)
{
    struct dnsmasq_texts texts;
    struct fabric fabric;

    fabric_init(&fabric);
    fabric.n_hosts = 1;
    fabric.hosts = xcalloc(1, sizeof *fabric.hosts);
    fabric.hosts[0].id = 1;
    fabric.hosts[0].hostname = xstrdup(ctx->argv[1]);
    fabric.n_extra_hosts = ctx->argc - 2;
    fabric.extra_hosts = xcalloc(ctx->argc, sizeof *fabric.extra_hosts);
    for (int i = 2; i < ctx->argc; i++) {
        fabric.extra_hosts[i - 2].address = htonl(0x0a1f4000 + i);
        fabric.extra_hosts[i - 2].hostname = xstrdup(ctx->argv[i]);
    }
    dnsmasq_want(&(struct dnsmasq_in) {
        .fabric = &fabric, .self = 1, .user = "", .group = "",
        .hosts_path = "", .servers_path = "",
    }, &texts);
    printf("%s%s", texts.hosts, texts.servers);
    dnsmasq_texts_uninit(&texts);
    fabric_uninit(&fabric);
}

const struct ovs_cmdl_command test_dnsmasq_commands[] = {
    { "dnsmasq-want", "HOSTS EXTRA-HOSTS SETTINGS ID FILE", 5, 5,
      test_dnsmasq_want, OVS_RO },
    { "dnsmasq-odd", "NAME...", 1, INT_MAX, test_dnsmasq_odd, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
