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

/* mobulad-config: from the files to the running configuration.
 *
 * A configuration is taken over as a whole or not at all: everything is read
 * and validated first (lib/fabric-load.c), we must be in it, and only then the
 * running one is replaced. */

#include <config.h>
#include "ovs-ctl/mobulad.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/config-messages.h"
#include "lib/host-key.h"
#include "lib/wgkey.h"
#include "net/net-ctx.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovs-ctl/config-watch.h"
#include "ovs-ctl/sync.h"
#include "util.h"
#include "wg/wg-backend.h"

VLOG_DEFINE_THIS_MODULE(mobulad_config);

static char *find_self(struct daemon *, const struct fabric *, uint16_t *id);
static char *choose_datapath(const struct settings *, bool *userspace);
static char *choose_wireguard(const struct settings *, bool *userspace);
static char *check_self(struct fabric *, uint16_t self,
                        const char *private_key);
static char *take_own_key(const char *name, struct fabric_host *);
static char *take_over(struct daemon *, struct fabric *);

char *
daemon_reload(struct daemon *d)
{
    struct config_messages messages;
    struct fabric fabric;
    char *error = NULL;
    struct ds text = DS_EMPTY_INITIALIZER;

    config_messages_init(&messages);
    if (fabric_load(&d->options.files, &fabric, &messages)) {
        error = take_over(d, &fabric);
        fabric_uninit(&fabric);
    }
    config_messages_format(&messages, CONFIG_ERROR, &text);
    config_messages_format(&messages, CONFIG_WARNING, &text);
    if (error) {
        ds_put_format(&text, "%s\n", error);
        free(error);
        error = ds_steal_cstr(&text);
    } else if (messages.n_errors) {
        error = ds_steal_cstr(&text);
    } else {
        free(d->config_warnings);
        d->config_warnings = text.length ? ds_steal_cstr(&text) : NULL;
        ds_destroy(&text);
    }
    config_messages_uninit(&messages);

    free(d->config_error);
    d->config_error = nullable_xstrdup(error);
    return error;
}

/* The setting is that of the running configuration. */
bool
daemon_files_changed(struct daemon *d, long long int now)
{
    bool wanted = (d->has_fabric && d->fabric.settings.watch_config
                   && d->mode == MODE_RUN && !d->options.dry_run);

    if (wanted && !d->config_watch) {
        d->config_watch = config_watch_create(&d->options.files);
    } else if (!wanted) {
        config_watch_destroy(d->config_watch);
        d->config_watch = NULL;
    }
    return d->config_watch && config_watch_run(d->config_watch, now);
}

void
daemon_files_wait(const struct daemon *d)
{
    if (d->config_watch) {
        config_watch_wait(d->config_watch);
    }
}

void
daemon_files_uninit(struct daemon *d)
{
    config_watch_destroy(d->config_watch);
}

/* Makes 'fabric' the running configuration, unless something speaks against
 * it, which is returned as a sentence that the caller must free.  'fabric'
 * is empty afterwards. */
static char *
take_over(struct daemon *d, struct fabric *fabric)
{
    bool userspace_datapath, userspace_wireguard;
    uint16_t self = 0;
    char *error;

    error = find_self(d, fabric, &self);
    if (!error) {
        error = check_self(fabric, self, d->options.private_key);
    }
    if (!error) {
        error = choose_datapath(&fabric->settings, &userspace_datapath);
    }
    if (!error) {
        error = choose_wireguard(&fabric->settings, &userspace_wireguard);
    }
    if (error) {
        return error;
    }

    fabric_uninit(&d->fabric);
    d->fabric = *fabric;
    fabric_init(fabric);
    d->has_fabric = true;
    d->self = self;
    d->userspace_datapath = userspace_datapath;
    d->userspace_wireguard = userspace_wireguard;
    d->config_seqno++;
    VLOG_INFO("configuration %"PRIu64": host %"PRIu16" of %"PRIuSIZE", "
              "%s datapath, %s WireGuard", d->config_seqno, self,
              d->fabric.n_hosts, userspace_datapath ? "userspace" : "kernel",
              userspace_wireguard ? "userspace" : "kernel");
    daemon_reset(d);
    return NULL;
}

static char *
find_self(struct daemon *d, const struct fabric *fabric, uint16_t *id)
{
    struct in6_addr *addresses, *taken;
    char hostname[256];
    char *why = NULL;
    size_t n, n_taken;

    if (d->options.host_id) {
        *id = d->options.host_id;
        return NULL;
    }
    if (gethostname(hostname, sizeof hostname)) {
        return xasprintf("cannot get the host name: %s",
                         ovs_strerror(errno));
    }
    if (net_local_addresses(d->net.ctx, &addresses, &n, &why)) {
        return why;
    }
    /* One may be on an interface that is the gateway's. */
    n_taken = sync_external_addresses(d, &taken);
    addresses = xrealloc(addresses, (n + n_taken + 1) * sizeof *addresses);
    memcpy(&addresses[n], taken, n_taken * sizeof *taken);
    free(taken);
    *id = fabric_guess_self(fabric, addresses, n + n_taken, hostname, &why);
    free(addresses);
    return why;
}

/* Returns why this host cannot be 'self', or NULL.  A private key that is not
 * in the files of the network is read from the file 'private_key'. */
static char *
check_self(struct fabric *fabric, uint16_t self, const char *private_key)
{
    struct fabric_host *host = NULL;

    for (size_t i = 0; i < fabric->n_hosts; i++) {
        if (fabric->hosts[i].id == self) {
            host = &fabric->hosts[i];
        }
    }
    if (!host) {
        return xasprintf("host %"PRIu16", which this host is, is not in "
                         "hosts.yml: expected one host with this host_id",
                         self);
    }
    return host->has_private_key ? NULL : take_own_key(private_key, host);
}

/* Gives 'host', which is this one, the private key in the file 'name'. */
static char *
take_own_key(const char *name, struct fabric_host *host)
{
    uint8_t private_key[WGKEY_SIZE], public_key[WGKEY_SIZE];
    bool missing;
    char *problem = host_key_read(name, private_key, &missing);

    if (problem && missing) {
        free(problem);
        return xasprintf("%s:%u:%u: host %"PRIu16" is this host, but has no "
                         "private_key: expected one under wireguard, or in "
                         "%s", host->pos.file, host->pos.line,
                         host->pos.column, host->id, name);
    } else if (problem) {
        return problem;
    }
    wgkey_public(private_key, public_key);
    if (wgkey_equal(public_key, host->public_key)) {
        memcpy(host->private_key, private_key, sizeof private_key);
        host->has_private_key = true;
    } else {
        char text[WGKEY_BASE64_LEN + 1];

        wgkey_to_base64(public_key, text);
        problem = xasprintf("%s:%u:%u: the public key of this host does not "
                            "belong to the private key in %s: expected %s",
                            host->public_key_pos.file,
                            host->public_key_pos.line,
                            host->public_key_pos.column, name, text);
    }
    wgkey_wipe(private_key, sizeof private_key);
    return problem;
}

static char *
choose_datapath(const struct settings *settings, bool *userspace)
{
    bool kernel = (settings->datapath != DATAPATH_USERSPACE
                   && net_kernel_datapath_supported());

    if (settings->datapath == DATAPATH_KERNEL && !kernel) {
        return xstrdup("the setting \"datapath: kernel\" cannot be followed: "
                       "this kernel has no openvswitch module");
    }
    *userspace = !kernel;
    return NULL;
}

static char *
choose_wireguard(const struct settings *settings, bool *userspace)
{
    bool kernel = (settings->wireguard != WIREGUARD_USERSPACE
                   && wg_kernel_supported());

    if (settings->wireguard == WIREGUARD_KERNEL && !kernel) {
        return xstrdup("the setting \"wireguard: kernel\" cannot be followed: "
                       "this kernel has no wireguard module");
    }
    *userspace = !kernel;
    return NULL;
}
