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

/* cmd-check: mobula-ctl check: is the configuration right?
 *
 * Works without a daemon and changes nothing. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/addr.h"
#include "lib/config-messages.h"
#include "lib/endpoint.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

static void print_json(const struct fabric *, const struct config_messages *);
static struct json *host_to_json(const struct settings *,
                                 const struct fabric_host *);
static struct json *messages_to_json(const struct config_messages *,
                                     enum config_severity);
static struct json *ip_to_json(ovs_be32);
static void print_summary(const struct fabric *,
                          const struct config_messages *);
static void put_count(struct ds *, const char *zero, size_t n,
                      const char *what);

int
cmd_check(const struct ctl_context *ctx)
{
    struct config_messages msgs;
    struct fabric fabric;
    bool ok;

    config_messages_init(&msgs);
    ok = fabric_load_partial(&ctx->files, &fabric, &msgs);
    if (ctx->json) {
        print_json(&fabric, &msgs);
    } else {
        ctl_print_messages(&msgs);
        if (ctx->verbose && ok) {
            struct ds s = DS_EMPTY_INITIALIZER;

            fabric_format(&fabric, &s);
            fputs(ds_cstr(&s), stdout);
            ds_destroy(&s);
        }
        print_summary(&fabric, &msgs);
    }
    fabric_uninit(&fabric);
    config_messages_uninit(&msgs);
    return ok ? CTL_OK : CTL_FAILED;
}

/* With errors, there are no hosts: what was read of them may be wrong. */
static void
print_json(const struct fabric *fabric, const struct config_messages *msgs)
{
    struct json *hosts = json_array_create_empty();
    struct json *json = json_object_create();

    for (size_t i = 0; !msgs->n_errors && i < fabric->n_hosts; i++) {
        json_array_add(hosts, host_to_json(&fabric->settings,
                                           &fabric->hosts[i]));
    }
    json_object_put(json, "hosts", hosts);
    json_object_put(json, "errors", messages_to_json(msgs, CONFIG_ERROR));
    json_object_put(json, "warnings",
                    messages_to_json(msgs, CONFIG_WARNING));
    ctl_print_json(json);
}

static struct json *
host_to_json(const struct settings *s, const struct fabric_host *host)
{
    struct ds endpoint = DS_EMPTY_INITIALIZER;
    struct json *json = json_object_create();

    endpoint_format(host, &endpoint);
    json_object_put(json, "id", json_integer_create(host->id));
    json_object_put_string(json, "hostname", host->hostname);
    json_object_put_string(json, "endpoint", ds_cstr(&endpoint));
    json_object_put(json, "access", ip_to_json(addr_access_host(s,
                                                                host->id)));
    json_object_put(json, "gateway",
                    ip_to_json(addr_access_gateway(s, host->id)));
    json_object_put(json, "intrawire", ip_to_json(addr_intrawire(s,
                                                                 host->id)));
    json_object_put(json, "vtep", ip_to_json(addr_vtep(s, host->id)));
    ds_destroy(&endpoint);
    return json;
}

static struct json *
messages_to_json(const struct config_messages *msgs,
                 enum config_severity severity)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < msgs->n; i++) {
        const struct config_message *m = &msgs->items[i];
        struct json *json;

        if (m->severity != severity) {
            continue;
        }
        json = json_object_create();
        json_object_put_string(json, "file", msgs->files[m->file]);
        json_object_put(json, "line", json_integer_create(m->line));
        json_object_put(json, "column", json_integer_create(m->column));
        json_object_put_string(json, "text", m->text);
        json_array_add(array, json);
    }
    return array;
}

static struct json *
ip_to_json(ovs_be32 ip)
{
    return json_string_create_nocopy(xasprintf(IP_FMT, IP_ARGS(ip)));
}

static void
print_summary(const struct fabric *fabric, const struct config_messages *msgs)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_count(&s, "0", fabric->n_hosts, "host");
    ds_put_cstr(&s, ", ");
    put_count(&s, "0", fabric->n_extra_hosts, "extra host");
    ds_put_cstr(&s, ", ");
    put_count(&s, "0", fabric->n_extra_wires, "extra wire");
    ds_put_cstr(&s, ": ");
    put_count(&s, "no", msgs->n_errors, "error");
    if (msgs->n_warnings) {
        ds_put_cstr(&s, ", ");
        put_count(&s, "no", msgs->n_warnings, "warning");
    }
    puts(ds_cstr(&s));
    ds_destroy(&s);
}

/* Appends "3 hosts", "1 host" or, with 'zero' as "no", "no hosts". */
static void
put_count(struct ds *s, const char *zero, size_t n, const char *what)
{
    if (n) {
        ds_put_format(s, "%"PRIuSIZE, n);
    } else {
        ds_put_cstr(s, zero);
    }
    ds_put_format(s, " %s%s", what, n == 1 ? "" : "s");
}
