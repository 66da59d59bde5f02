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

/* cmd-wire-config: mobula-ctl wire-config NAME: the configuration file of a
 * client of extrawire, and the same as a QR code.
 *
 * The file is what lib/wire-config.h makes.  The QR code stands in comments
 * below it, so that the output as a whole is a file that clients read. */

#include <config.h>
#include "utilities/cmds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/config-messages.h"
#include "lib/fabric.h"
#include "lib/host-key.h"
#include "lib/wire-config.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"
#include "utilities/daemon-client.h"
#include "utilities/qr.h"

/* What the running mobulad knows: zero if there is none, or if the files are
 * not those that it has. */
struct local {
    uint16_t host_id;
    uint16_t underlay_mtu;
};

static int print_config(const struct ctl_context *, const struct fabric *);
static bool find_wire(const struct fabric *, const char *name,
                      struct wire_config_in *);
static bool find_host(const struct fabric *, const char *name,
                      const struct local *, struct wire_config_in *);
static const struct fabric_host *find_named(const struct fabric *,
                                            const char *name);
static const struct fabric_host *find_label(const struct fabric *,
                                            const char *label);
static bool has_endpoint(const struct fabric_host *);
static struct local ask_local(const struct ctl_context *);
static int read_key(const struct ctl_context *, const struct wire_config_in *,
                    uint8_t key[WGKEY_SIZE]);
static char *read_input(uint8_t key[WGKEY_SIZE]);
static int print(const struct ctl_context *, const struct wire_config_in *);

int
cmd_wire_config(const struct ctl_context *ctx)
{
    struct config_messages msgs;
    struct fabric fabric;
    int status = CTL_FAILED;

    if (ctx->no_qr && ctx->qr_only) {
        return ctl_error(CTL_USAGE, "--no-qr and --qr-only together leave "
                         "nothing to print");
    }
    config_messages_init(&msgs);
    if (fabric_load(&ctx->files, &fabric, &msgs)) {
        ctl_print_messages(&msgs);
        status = print_config(ctx, &fabric);
        fabric_uninit(&fabric);
    } else {
        ctl_print_messages(&msgs);
    }
    config_messages_uninit(&msgs);
    return status;
}

static int
print_config(const struct ctl_context *ctx, const struct fabric *fabric)
{
    const struct local local = ask_local(ctx);
    struct wire_config_in in = {
        .fabric = fabric,
        .underlay_mtu = (fabric->settings.underlay_mtu
                         ? fabric->settings.underlay_mtu
                         : local.underlay_mtu),
    };
    uint8_t key[WGKEY_SIZE];
    int status;

    if (!find_wire(fabric, ctx->argv[0], &in)
        || !find_host(fabric, ctx->host, &local, &in)) {
        return CTL_FAILED;
    } else if (!ctx->private_key_file) {
        return (ctx->qr_only
                ? ctl_error(CTL_FAILED, "a QR code needs the private key of "
                            "the client: expected --private-key-file")
                : print(ctx, &in));
    }
    status = read_key(ctx, &in, key);
    if (status == CTL_OK) {
        in.private_key = key;
        status = print(ctx, &in);
    }
    wgkey_wipe(key, sizeof key);
    return status;
}

static bool
find_wire(const struct fabric *fabric, const char *name,
          struct wire_config_in *in)
{
    in->wire = fabric_find_extra_wire(fabric, name);
    if (!in->wire) {
        ctl_error(CTL_FAILED, "'%s' is no client in extra_wires.yml: expected "
                  "the name or the address of one of its %"PRIuSIZE, name,
                  fabric->n_extra_wires);
    }
    return in->wire != NULL;
}

/* 'name' may be null: then this host, or the first that can be reached. */
static bool
find_host(const struct fabric *fabric, const char *name,
          const struct local *local, struct wire_config_in *in)
{
    if (name) {
        in->host = find_named(fabric, name);
        if (!in->host) {
            ctl_error(CTL_FAILED, "'%s' is no host in hosts.yml: expected a "
                      "host id, a hostname or its first part", name);
            return false;
        } else if (!has_endpoint(in->host)) {
            ctl_error(CTL_FAILED, "host %u (%s) has no address that clients "
                      "can reach: expected another one", in->host->id,
                      in->host->hostname);
            return false;
        }
        return true;
    }
    in->host = fabric_find_host(fabric, local->host_id);
    for (size_t i = 0; !in->host || !has_endpoint(in->host); i++) {
        if (i >= fabric->n_hosts) {
            ctl_error(CTL_FAILED, "no host has an address that clients can "
                      "reach");
            return false;
        }
        in->host = &fabric->hosts[i];
    }
    return true;
}

static const struct fabric_host *
find_named(const struct fabric *fabric, const char *name)
{
    unsigned int id;

    if (!name[strspn(name, "0123456789")]) {
        return (str_to_uint(name, 10, &id) && id <= UINT16_MAX
                ? fabric_find_host(fabric, id) : NULL);
    } else if (strchr(name, '.')) {
        return fabric_find_hostname(fabric, name);
    }
    return find_label(fabric, name);
}

/* Returns the host whose name is 'label', or the only one whose name begins
 * with it. */
static const struct fabric_host *
find_label(const struct fabric *fabric, const char *label)
{
    const struct fabric_host *exact = fabric_find_hostname(fabric, label);
    const struct fabric_host *found = NULL;
    size_t len = strlen(label);

    for (size_t i = 0; !exact && i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        if (!strncasecmp(host->hostname, label, len)
            && host->hostname[len] == '.') {
            if (found) {
                return NULL;
            }
            found = host;
        }
    }
    return exact ? exact : found;
}

static bool
has_endpoint(const struct fabric_host *host)
{
    return !host->endpoint_none;
}

static struct local
ask_local(const struct ctl_context *ctx)
{
    struct local local = { 0, 0 };
    const struct json *host;
    struct json *status;
    char *reply;

    if (!strcmp(ctx->files.hosts, FABRIC_FILE_HOSTS)) {
        if (!daemon_ask("status", &reply)) {
            status = json_from_string(reply);
            host = json_get_object(status, "host");
            if (host) {
                local.host_id = json_get_integer(host, "id", 0);
                local.underlay_mtu = json_get_integer(host, "underlay_mtu", 0);
            }
            json_destroy(status);
        }
        free(reply);
    }
    return local;
}

static int
read_key(const struct ctl_context *ctx, const struct wire_config_in *in,
         uint8_t key[WGKEY_SIZE])
{
    const char *file = ctx->private_key_file;
    char text[WGKEY_BASE64_LEN + 1];
    uint8_t public_key[WGKEY_SIZE];
    bool missing;
    char *error = (strcmp(file, "-") ? host_key_read(file, key, &missing)
                   : read_input(key));

    if (error) {
        ctl_error(CTL_FAILED, "%s", error);
        free(error);
        return CTL_FAILED;
    }
    wgkey_public(key, public_key);
    if (wgkey_equal(public_key, in->wire->public_key)) {
        return CTL_OK;
    }
    wgkey_wipe(key, WGKEY_SIZE);
    wgkey_to_base64(public_key, text);
    return ctl_error(CTL_FAILED, "%s is not the private key of %s: its public "
                     "key is %s, and %s:%u has another one", file,
                     ctx->argv[0], text, in->wire->public_key_pos.file,
                     in->wire->public_key_pos.line);
}

/* Reads the key in the first line of the standard input, which may come from
 * a keeper of passwords.  Returns NULL, or a sentence that the caller must
 * free. */
static char *
read_input(uint8_t key[WGKEY_SIZE])
{
    char line[2 * WGKEY_BASE64_LEN] = "";
    char *error;

    if (!fgets(line, sizeof line, stdin)) {
        return xstrdup("the standard input has no private key");
    }
    line[strcspn(line, " \t\r\n")] = '\0';
    error = wgkey_from_base64(line, key);
    wgkey_wipe(line, sizeof line);
    if (error) {
        char *sentence = xasprintf("the private key %s", error);

        free(error);
        return sentence;
    }
    return NULL;
}

static int
print(const struct ctl_context *ctx, const struct wire_config_in *in)
{
    const char *prefix = ctx->qr_only ? "" : "# ";
    struct ds config = DS_EMPTY_INITIALIZER;
    struct ds output = DS_EMPTY_INITIALIZER;
    char *error = NULL;

    if (!ctx->qr_only) {
        wire_config_format(in, true, &output);
    }
    if (!ctx->no_qr && in->private_key) {
        wire_config_format(in, false, &config);
        if (!ctx->qr_only) {
            ds_put_cstr(&output, "\n# The same for the camera of a phone:\n");
        }
        error = qr_format(ds_cstr(&config), prefix, isatty(STDOUT_FILENO),
                          &output);
    } else if (!ctx->no_qr) {
        ds_put_cstr(&output, "\n# A QR code would need the private key "
                    "(--private-key-file).\n");
    }
    fputs(ds_cstr(&output), stdout);
    wgkey_wipe(config.string, config.length);
    wgkey_wipe(output.string, output.length);
    ds_destroy(&config);
    ds_destroy(&output);
    if (error) {
        ctl_error(CTL_FAILED, "%s", error);
        free(error);
        return CTL_FAILED;
    }
    return CTL_OK;
}
