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

/* cmd-addr: mobula-ctl addr ID: every address and name of a host. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/config-messages.h"
#include "lib/fabric.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "table.h"
#include "util.h"

/* What is known of a host by its id. */
enum addr_row {
    ROW_ACCESS,
    ROW_GATEWAY,
    ROW_INTRAWIRE,
    ROW_VTEP,
    ROW_MAC,
    ROW_GATEWAY_MAC,
    ROW_PORT,
    ROW_OFPORT,
    N_ROWS
};

static const struct {
    const char *name;           /* Member of the JSON object. */
    const char *what;
    const char *where;
} rows[N_ROWS] = {
    [ROW_ACCESS] = { "access", "host on the access network", LINK_FAC_HOST },
    [ROW_GATEWAY] = { "gateway", "gateway on the access network",
                      LINK_ACC_GW },
    [ROW_INTRAWIRE] = { "intrawire", "host on the intrawire network",
                        LINK_DIR_HOST },
    [ROW_VTEP] = { "vtep", "tunnel endpoint", LINK_TUN_HOST },
    [ROW_MAC] = { "mac", "MAC of the host", LINK_FAC_HOST },
    [ROW_GATEWAY_MAC] = { "gateway_mac", "MAC of the gateway", LINK_ACC_GW },
    [ROW_PORT] = { "port", "tunnel port of its peers", BRIDGE_ACCESS },
    [ROW_OFPORT] = { "ofport", "OpenFlow number of that port",
                     BRIDGE_ACCESS },
};

static bool parse_id(const char *text, uint16_t *id);
static char *format_row(const struct settings *, uint16_t id, enum addr_row);
static char *format_address(ovs_be32, unsigned int len);
static void print_json(const struct settings *, uint16_t id);
static void print_table(const struct ctl_context *, const struct settings *,
                        uint16_t id);

int
cmd_addr(const struct ctl_context *ctx)
{
    struct config_messages msgs;
    struct fabric fabric;
    uint16_t id;
    bool ok;

    if (!parse_id(ctx->argv[0], &id)) {
        return ctl_error(CTL_FAILED, "'%s' is not a host id: expected a "
                         "whole number from %d to %d", ctx->argv[0],
                         HOST_ID_MIN, HOST_ID_MAX);
    }
    config_messages_init(&msgs);
    ok = fabric_load_settings(&ctx->files, &fabric, &msgs);
    ctl_print_messages(&msgs);
    config_messages_uninit(&msgs);
    if (!ok) {
        return CTL_FAILED;
    }

    if (ctx->json) {
        print_json(&fabric.settings, id);
    } else {
        print_table(ctx, &fabric.settings, id);
    }
    fabric_uninit(&fabric);
    return CTL_OK;
}

static bool
parse_id(const char *text, uint16_t *id)
{
    unsigned int value;

    if (text[strspn(text, "0123456789")] || !str_to_uint(text, 10, &value)
        || value < HOST_ID_MIN || value > HOST_ID_MAX) {
        return false;
    }
    *id = value;
    return true;
}

/* The caller must free the result. */
static char *
format_row(const struct settings *s, uint16_t id, enum addr_row row)
{
    char name[IFNAMSIZ];

    switch (row) {
    case ROW_ACCESS:
        return format_address(addr_access_host(s, id), s->access_prefix.len);
    case ROW_GATEWAY:
        return format_address(addr_access_gateway(s, id),
                              s->access_prefix.len);
    case ROW_INTRAWIRE:
        return format_address(addr_intrawire(s, id), 32);
    case ROW_VTEP:
        return format_address(addr_vtep(s, id), s->vtep_prefix.len);
    case ROW_MAC:
        return xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(addr_mac_host(id)));
    case ROW_GATEWAY_MAC:
        return xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(addr_mac_gateway(id)));
    case ROW_PORT:
        addr_vxlan_name(id, name);
        return xstrdup(name);
    case ROW_OFPORT:
        return xasprintf("%u", addr_tunnel_ofport(id));
    case N_ROWS:
        break;
    }
    OVS_NOT_REACHED();
}

static char *
format_address(ovs_be32 ip, unsigned int len)
{
    return xasprintf(IP_FMT"/%u", IP_ARGS(ip), len);
}

static void
print_json(const struct settings *s, uint16_t id)
{
    struct json *json = json_object_create();

    json_object_put(json, "id", json_integer_create(id));
    for (size_t i = 0; i < N_ROWS; i++) {
        char *value = format_row(s, id, i);

        /* Addresses are plain, as in the output of 'check'. */
        value[strcspn(value, "/")] = '\0';
        json_object_put(json, rows[i].name,
                        i == ROW_OFPORT
                        ? json_integer_create(addr_tunnel_ofport(id))
                        : json_string_create(value));
        free(value);
    }
    ctl_print_json(json);
}

static void
print_table(const struct ctl_context *ctx, const struct settings *s,
            uint16_t id)
{
    struct table table;

    table_init(&table);
    table_add_column(&table, "what");
    table_add_column(&table, "where");
    table_add_column(&table, "value");
    for (size_t i = 0; i < N_ROWS; i++) {
        table_add_row(&table);
        table_add_cell(&table)->text = xstrdup(rows[i].what);
        table_add_cell(&table)->text = xstrdup(rows[i].where);
        table_add_cell(&table)->text = format_row(s, id, i);
    }
    ctl_print_table(ctx, &table);
    table_destroy(&table);
}
