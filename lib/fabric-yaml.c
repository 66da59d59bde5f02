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

/* fabric-yaml: text of hosts.yml, extra_hosts.yml and extra_wires.yml ->
 * struct fabric.  See fabric-yaml.h. */

#include <config.h>
#include "lib/fabric-yaml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/closest.h"
#include "lib/dns-name.h"
#include "lib/endpoint.h"
#include "lib/fabric.h"
#include "lib/inventory.h"
#include "lib/ytree.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

#define EXPECTED_NAME "a name such as alice.example.com"
#define EXPECTED_ENDPOINT "an IPv4 or IPv6 address or a DNS name"
#define EXPECTED_KEY "a WireGuard key of 44 characters"
#define EXPECTED_WIRE_NAME "a name such as laptop or laptop.alice"

static void parse_host(const struct inventory_host *, struct fabric_host *,
                       struct config_messages *);
static void parse_wireguard(const struct ytree *, struct fabric_host *,
                            struct config_messages *);
static void warn_wireguard_unknown(const struct ytree *,
                                   struct config_messages *);
static void parse_endpoint(const struct inventory_host *,
                           struct fabric_host *, struct config_messages *);
static void parse_keepalive(const struct ytree *, struct fabric_host *,
                            struct config_messages *);
static void parse_preshared_secret(const struct inventory *, struct fabric *,
                                   struct config_messages *);
static const struct ytree *top_mapping(const struct ytree *root,
                                       const char *name, const char *expected,
                                       struct config_messages *);
static void parse_extra_host(const struct ytree_entry *,
                             struct fabric_extra_host *,
                             struct config_messages *);
static void parse_extra_wire(const struct ytree_entry *,
                             struct fabric_extra_wire *,
                             struct config_messages *);
static void parse_extra_wire_mapping(const struct ytree *,
                                     struct fabric_extra_wire *,
                                     struct config_messages *);
static char *parse_name(const struct ytree *, struct config_messages *);
static char *parse_labels(const struct ytree *, const char *what,
                          const char *expected, struct config_messages *);
static bool parse_key(const struct ytree *, const char *what,
                      struct config_messages *, uint8_t key[WGKEY_SIZE]);

void
fabric_yaml_parse_hosts(const char *text, size_t size, const char *file,
                        struct fabric *fabric, struct config_messages *msgs)
{
    size_t n_errors = msgs->n_errors;
    struct inventory inventory;
    struct ytree *root;

    file = fabric->file_names[CONFIG_FILE_HOSTS] = xstrdup(file);
    if (!ytree_parse(text, size, file, msgs, &root)) {
        return;
    }
    if (!root || ytree_is_null(root)) {
        config_error(msgs, &(struct source_pos) { file, 1, 1 },
                     "the inventory is empty: expected 'all:' with 'hosts:' "
                     "below it");
        ytree_destroy(root);
        return;
    }

    inventory_from_tree(root, &inventory, msgs);
    fabric->hosts = xcalloc(MAX(inventory.n, 1), sizeof *fabric->hosts);
    for (size_t i = 0; i < inventory.n; i++) {
        parse_host(&inventory.hosts[i], &fabric->hosts[fabric->n_hosts++],
                   msgs);
    }
    parse_preshared_secret(&inventory, fabric, msgs);
    if (!inventory.n && msgs->n_errors == n_errors) {
        config_error(msgs, &root->pos, "the inventory has no hosts: "
                     "expected at least one below 'hosts:'");
    }
    inventory_uninit(&inventory);
    ytree_destroy(root);
    fabric_sort(fabric);
}

void
fabric_yaml_parse_extra_hosts(const char *text, size_t size, const char *file,
                              struct fabric *fabric,
                              struct config_messages *msgs)
{
    const struct ytree *entries;
    struct ytree *root;

    file = fabric->file_names[CONFIG_FILE_EXTRA_HOSTS] = xstrdup(file);
    if (!ytree_parse(text, size, file, msgs, &root)) {
        return;
    }
    entries = top_mapping(root, "extra_hosts", "'ADDRESS: NAME' lines", msgs);
    if (entries) {
        fabric->extra_hosts = xcalloc(MAX(entries->n, 1),
                                      sizeof *fabric->extra_hosts);
        for (size_t i = 0; i < entries->n; i++) {
            parse_extra_host(&entries->entries[i],
                             &fabric->extra_hosts[fabric->n_extra_hosts++],
                             msgs);
        }
    }
    ytree_destroy(root);
    fabric_sort(fabric);
}

void
fabric_yaml_parse_extra_wires(const char *text, size_t size, const char *file,
                              struct fabric *fabric,
                              struct config_messages *msgs)
{
    const struct ytree *entries;
    struct ytree *root;

    file = fabric->file_names[CONFIG_FILE_EXTRA_WIRES] = xstrdup(file);
    if (!ytree_parse(text, size, file, msgs, &root)) {
        return;
    }
    entries = top_mapping(root, "extra_wires", "'ADDRESS/32: KEY' lines",
                          msgs);
    if (entries) {
        fabric->extra_wires = xcalloc(MAX(entries->n, 1),
                                      sizeof *fabric->extra_wires);
        for (size_t i = 0; i < entries->n; i++) {
            parse_extra_wire(&entries->entries[i],
                             &fabric->extra_wires[fabric->n_extra_wires++],
                             msgs);
        }
    }
    ytree_destroy(root);
    fabric_sort(fabric);
}

/* Fills in '*host', which is all zero. */
static void
parse_host(const struct inventory_host *in, struct fabric_host *host,
           struct config_messages *msgs)
{
    const struct ytree *id = in->vars[INVENTORY_HOST_ID];
    const struct ytree *hostname = in->vars[INVENTORY_HOSTNAME];
    const struct ytree *wireguard = in->vars[INVENTORY_WIREGUARD];

    host->pos = host->endpoint_pos = in->pos;
    host->id_pos = id ? id->pos : in->pos;
    host->hostname_pos = hostname ? hostname->pos : in->pos;
    host->public_key_pos = host->private_key_pos = in->pos;

    for (size_t i = 0; i <= INVENTORY_WIREGUARD; i++) {
        if (!in->vars[i]) {
            config_error(msgs, &in->pos, "host '%.64s' has no %s: expected "
                         "host_id, hostname and wireguard", in->name,
                         inventory_var_name(i));
        }
    }
    if (id) {
        host->id = MAX(0, ytree_expect_number(id, "host_id", HOST_ID_MIN,
                                              HOST_ID_MAX, msgs));
    }
    if (hostname) {
        host->hostname = parse_name(hostname, msgs);
    }
    if (wireguard) {
        parse_wireguard(wireguard, host, msgs);
    }
    if (in->vars[INVENTORY_KEEPALIVE]) {
        parse_keepalive(in->vars[INVENTORY_KEEPALIVE], host, msgs);
    }
    parse_endpoint(in, host, msgs);
}

static void
parse_wireguard(const struct ytree *wireguard, struct fabric_host *host,
                struct config_messages *msgs)
{
    if (!ytree_expect_mapping(wireguard, "wireguard",
                              "public_key and private_key", msgs)) {
        return;
    }

    const struct ytree *public_key = ytree_get(wireguard, "public_key");
    const struct ytree *private_key = ytree_get(wireguard, "private_key");

    if (public_key) {
        host->public_key_pos = public_key->pos;
        parse_key(public_key, "public_key", msgs, host->public_key);
    } else {
        config_error(msgs, &wireguard->pos, "wireguard has no public_key: "
                     "expected "EXPECTED_KEY);
    }
    /* An explicit null says that the key is not on this machine. */
    if (private_key && !ytree_is_null(private_key)) {
        host->private_key_pos = private_key->pos;
        host->has_private_key = parse_key(private_key, "private_key", msgs,
                                          host->private_key);
    }
    warn_wireguard_unknown(wireguard, msgs);
}

/* A misspelt private_key would go unnoticed: it may be missing. */
static void
warn_wireguard_unknown(const struct ytree *wireguard,
                       struct config_messages *msgs)
{
    static const char *const names[] = { "public_key", "private_key" };

    for (size_t i = 0; i < wireguard->n; i++) {
        const struct ytree *key = wireguard->entries[i].key;

        if (!strcmp(key->text, "preshared_secret")) {
            config_error(msgs, &key->pos, "preshared_secret is for all "
                         "hosts: expected it as mobula_preshared_secret, in "
                         "the vars of group all");
        } else if (strcmp(key->text, names[0])
                   && strcmp(key->text, names[1])) {
            const char *like = closest_word(key->text, names,
                                            ARRAY_SIZE(names));

            config_warn(msgs, &key->pos, "'%.64s' below wireguard is not "
                        "known and ignored%s%s%s", key->text,
                        like ? ": did you mean " : "", like ? like : "",
                        like ? "?" : "");
        }
    }
}

/* The variable of ours counts, then the one of Ansible, then the key. */
static void
parse_endpoint(const struct inventory_host *in, struct fabric_host *host,
               struct config_messages *msgs)
{
    enum inventory_var var = (in->vars[INVENTORY_ENDPOINT]
                              ? INVENTORY_ENDPOINT : INVENTORY_ANSIBLE_HOST);
    const struct ytree *node = in->vars[var];
    struct endpoint_text endpoint;
    const char *text = in->name;
    char *error;

    if (node) {
        host->endpoint_pos = node->pos;
        if (!ytree_expect_text(node, inventory_var_name(var),
                               EXPECTED_ENDPOINT, msgs, &text)) {
            return;
        }
    }
    error = endpoint_parse(text, var == INVENTORY_ENDPOINT, &endpoint);
    if (error) {
        config_error(msgs, &host->endpoint_pos, "%s '%.64s' %s: expected "
                     EXPECTED_ENDPOINT"%s",
                     node ? inventory_var_name(var) : "host", text, error,
                     (var == INVENTORY_ENDPOINT ? ", or none" : !node
                      ? ", here or as ansible_host or mobula_endpoint" : ""));
        free(error);
        return;
    }
    host->endpoint = endpoint.address;
    host->endpoint_name = endpoint.name;
    host->endpoint_port = endpoint.port;
    host->endpoint_none = (!endpoint.name
                           && !ipv6_addr_is_set(&endpoint.address));
}

static void
parse_keepalive(const struct ytree *node, struct fabric_host *host,
                struct config_messages *msgs)
{
    int64_t value = ytree_expect_number(node, "mobula_keepalive", 0,
                                        UINT16_MAX, msgs);

    if (value >= 0) {
        host->has_keepalive = true;
        host->keepalive_s = value;
    }
}

/* The secret of which all preshared keys are made: of all hosts, or of
 * none. */
static void
parse_preshared_secret(const struct inventory *inventory,
                       struct fabric *fabric, struct config_messages *msgs)
{
    const struct ytree *secret = NULL;

    for (size_t i = 0; !secret && i < inventory->n; i++) {
        secret = inventory->hosts[i].vars[INVENTORY_PRESHARED_SECRET];
    }
    if (!secret) {
        return;
    }
    fabric->has_preshared_secret = parse_key(secret,
                                             "mobula_preshared_secret", msgs,
                                             fabric->preshared_secret);
    for (size_t i = 0; i < inventory->n; i++) {
        const struct inventory_host *host = &inventory->hosts[i];
        const struct ytree *other = host->vars[INVENTORY_PRESHARED_SECRET];

        if (!other) {
            config_error(msgs, &host->pos, "host '%.64s' has no "
                         "mobula_preshared_secret, but others have: expected "
                         "it in the vars of group all", host->name);
        } else if (!ytree_equal(secret, other)) {
            config_error(msgs, &other->pos, "mobula_preshared_secret is not "
                         "that of line %u: expected one for all hosts, in "
                         "the vars of group all", secret->pos.line);
        }
    }
}

/* Returns the mapping below the single key 'name' of a file; NULL if there is
 * none, after adding an error unless everything is empty. */
static const struct ytree *
top_mapping(const struct ytree *root, const char *name, const char *expected,
            struct config_messages *msgs)
{
    char *what = xasprintf("'%s:' with %s below it", name, expected);
    const struct ytree *value = NULL;

    if (root && !ytree_is_null(root)
        && ytree_expect_mapping(root, "the file", what, msgs)) {
        for (size_t i = 0; i < root->n; i++) {
            const struct ytree *key = root->entries[i].key;

            if (strcmp(key->text, name)) {
                config_error(msgs, &key->pos, "'%.64s' is not known: "
                             "expected %s", key->text, what);
            }
        }
        value = ytree_get(root, name);
        if (value && (ytree_is_null(value)
                      || !ytree_expect_mapping(value, name, expected, msgs))) {
            value = NULL;
        }
    }
    free(what);
    return value;
}

/* Fills in '*extra', which is all zero. */
static void
parse_extra_host(const struct ytree_entry *e, struct fabric_extra_host *extra,
                 struct config_messages *msgs)
{
    extra->pos = e->key->pos;
    extra->hostname_pos = e->value->pos;
    if (!ip_parse(e->key->text, &extra->address)) {
        config_error(msgs, &extra->pos, "'%.64s' is not an IPv4 address: "
                     "expected one of the access network such as 10.31.0.254",
                     e->key->text);
        extra->address = 0;
    } else if (!extra->address) {
        config_error(msgs, &extra->pos, "0.0.0.0 is not the address of a "
                     "host: expected one of the access network");
    }
    extra->hostname = parse_name(e->value, msgs);
}

/* Fills in '*wire', which is all zero. */
static void
parse_extra_wire(const struct ytree_entry *e, struct fabric_extra_wire *wire,
                 struct config_messages *msgs)
{
    const char *slash = strchr(e->key->text, '/');
    char *address = xmemdup0(e->key->text, slash ? slash - e->key->text
                                           : strlen(e->key->text));

    wire->pos = wire->name_pos = e->key->pos;
    if (!slash || strcmp(slash, "/32") || !ip_parse(address, &wire->address)
        || !wire->address) {
        config_error(msgs, &wire->pos, "'%.64s' is not the address of an "
                     "extra wire: expected an IPv4 address with /32, such as "
                     "10.30.128.1/32", e->key->text);
        wire->address = 0;
    }
    free(address);
    if (e->value->kind == YTREE_MAPPING) {
        parse_extra_wire_mapping(e->value, wire, msgs);
    } else {
        wire->public_key_pos = e->value->pos;
        parse_key(e->value, "the public key", msgs, wire->public_key);
    }
}

/* A client with a name: "name" and "public_key" instead of the key alone. */
static void
parse_extra_wire_mapping(const struct ytree *mapping,
                         struct fabric_extra_wire *wire,
                         struct config_messages *msgs)
{
    static const char *const names[] = { "name", "public_key" };
    const struct ytree *public_key = ytree_get(mapping, names[1]);
    const struct ytree *name = ytree_get(mapping, names[0]);

    wire->public_key_pos = public_key ? public_key->pos : mapping->pos;
    if (public_key) {
        parse_key(public_key, "public_key", msgs, wire->public_key);
    } else {
        config_error(msgs, &mapping->pos, "the extra wire has no public_key: "
                     "expected "EXPECTED_KEY);
    }
    if (name) {
        wire->name_pos = name->pos;
        wire->name = parse_labels(name, "name", EXPECTED_WIRE_NAME, msgs);
    }
    for (size_t i = 0; i < mapping->n; i++) {
        const struct ytree *key = mapping->entries[i].key;

        if (strcmp(key->text, names[0]) && strcmp(key->text, names[1])) {
            config_error(msgs, &key->pos, "'%.64s' of an extra wire is not "
                         "known: expected name and public_key", key->text);
        }
    }
}

/* Returns the name of a host in 'node' in lower case, which the caller must
 * free, or NULL after adding an error. */
static char *
parse_name(const struct ytree *node, struct config_messages *msgs)
{
    char *name = parse_labels(node, "hostname", EXPECTED_NAME, msgs);

    if (name && !strchr(name, '.')) {
        config_warn(msgs, &node->pos, "hostname '%s' is not fully qualified: "
                    "expected "EXPECTED_NAME, name);
    }
    return name;
}

/* The same for any name that is made as those of the DNS; 'what' it is. */
static char *
parse_labels(const struct ytree *node, const char *what, const char *expected,
             struct config_messages *msgs)
{
    const char *problem, *text;
    char *name;

    if (!ytree_expect_text(node, what, expected, msgs, &text)) {
        return NULL;
    }
    problem = dns_name_problem(text);
    if (problem) {
        config_error(msgs, &node->pos, "%s '%.64s' %s: expected %s",
                     what, text, problem, expected);
        return NULL;
    }
    name = xstrdup(text);
    for (char *p = name; *p; p++) {
        *p = tolower((unsigned char) *p);
    }
    return name;
}

/* Reads the base64 of a key.  Returns true if 'key' was written; the text is
 * never part of a message. */
static bool
parse_key(const struct ytree *node, const char *what,
          struct config_messages *msgs, uint8_t key[WGKEY_SIZE])
{
    uint8_t decoded[WGKEY_SIZE];
    const char *text;
    char *error;
    bool ok;

    if (!ytree_expect_text(node, what, EXPECTED_KEY, msgs, &text)) {
        return false;
    }
    error = wgkey_from_base64(text, decoded);
    if (error) {
        config_error(msgs, &node->pos, "%s %s", what, error);
        free(error);
        return false;
    }
    ok = !wgkey_is_zero(decoded);
    if (ok) {
        memcpy(key, decoded, WGKEY_SIZE);
    } else {
        config_error(msgs, &node->pos, "%s is all zero: expected "
                     EXPECTED_KEY" that 'mobula-ctl keygen' makes", what);
    }
    wgkey_wipe(decoded, sizeof decoded);
    return ok;
}
