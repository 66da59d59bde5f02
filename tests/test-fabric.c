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

/* test-fabric: configuration files, keys and files by themselves; whole
 * configurations are tested with "mobula-ctl check". */

#include <config.h>
#include "lib/fabric.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/config-messages.h"
#include "lib/fabric-check.h"
#include "lib/fabric-yaml.h"
#include "lib/file-read.h"
#include "lib/settings-yaml.h"
#include "lib/wgkey.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"

typedef void parse_function(const char *text, size_t size, const char *file,
                            struct fabric *, struct config_messages *);

static void
read_or_die(const char *name, struct file_contents *contents)
{
    int error = file_read(name, FILE_READ_MAX, contents);

    if (error) {
        ovs_fatal(error, "%s", name);
    }
}

/* Parses a copy of the text that has nothing around it, so that a sanitizer
 * sees every byte that is read beyond. */
static void
parse_copy(parse_function *parse, const char *text, size_t size,
           struct fabric *fabric, struct config_messages *msgs)
{
    char *copy = xmemdup(text, size);

    fabric_init(fabric);
    config_messages_init(msgs);
    parse(copy, size, "input", fabric, msgs);
    fabric_check(fabric, msgs);
    config_messages_sort(msgs);
    free(copy);
}

/* Without errors, nothing may be missing. */
static void
check_complete(const struct fabric *fabric)
{
    for (size_t i = 0; i < fabric->n_hosts; i++) {
        const struct fabric_host *host = &fabric->hosts[i];

        if (!host->id || !host->hostname
            || (ipv6_addr_is_set(&host->endpoint)
                + (host->endpoint_name != NULL) + host->endpoint_none != 1)
            || wgkey_is_zero(host->public_key)) {
            ovs_fatal(0, "accepted an incomplete host");
        }
    }
}

/* What is written must be read again as the same. */
static void
check_settings_text(const struct fabric *fabric)
{
    struct ds first = DS_EMPTY_INITIALIZER;
    struct ds second = DS_EMPTY_INITIALIZER;
    struct config_messages msgs;
    struct fabric copy;

    settings_yaml_format(&fabric->settings, &first);
    parse_copy(settings_yaml_parse, ds_cstr(&first), first.length, &copy,
               &msgs);
    settings_yaml_format(&copy.settings, &second);
    if (msgs.n_errors || strcmp(ds_cstr(&first), ds_cstr(&second))) {
        ovs_fatal(0, "settings change when written and read again");
    }
    fabric_uninit(&copy);
    config_messages_uninit(&msgs);
    ds_destroy(&first);
    ds_destroy(&second);
}

/* Tries every parser on each file, and every answer on the result.  Prints
 * how many files each parser accepted. */
static void
test_fuzz(struct ovs_cmdl_context *ctx)
{
    static parse_function *const parsers[] = {
        fabric_yaml_parse_hosts, fabric_yaml_parse_extra_hosts,
        fabric_yaml_parse_extra_wires, settings_yaml_parse,
    };
    size_t accepted[ARRAY_SIZE(parsers)] = { 0 };

    for (int i = 1; i < ctx->argc; i++) {
        struct file_contents contents;

        read_or_die(ctx->argv[i], &contents);
        for (size_t j = 0; j < ARRAY_SIZE(parsers); j++) {
            struct ds s = DS_EMPTY_INITIALIZER;
            struct config_messages msgs;
            struct fabric fabric;
            char *why;

            parse_copy(parsers[j], contents.data, contents.size, &fabric,
                       &msgs);
            config_messages_format(&msgs, CONFIG_ERROR, &s);
            config_messages_format(&msgs, CONFIG_WARNING, &s);
            fabric_format(&fabric, &s);
            ignore(fabric_guess_self(&fabric, NULL, 0, "alice", &why));
            free(why);
            if (!msgs.n_errors) {
                accepted[j]++;
                check_complete(&fabric);
                check_settings_text(&fabric);
            }
            fabric_uninit(&fabric);
            config_messages_uninit(&msgs);
            ds_destroy(&s);
        }
        file_contents_uninit(&contents);
    }
    printf("accepted: %"PRIuSIZE" hosts, %"PRIuSIZE" extra hosts, "
           "%"PRIuSIZE" extra wires, %"PRIuSIZE" settings\n",
           accepted[0], accepted[1], accepted[2], accepted[3]);
}

/* Cuts a hosts.yml at every byte and prints which cuts are accepted: the
 * bytes and lines that are left, and what they say. */
static void
test_truncate(struct ovs_cmdl_context *ctx)
{
    struct file_contents contents;
    unsigned int line = 0;

    read_or_die(ctx->argv[1], &contents);
    for (size_t size = 0; size <= contents.size; size++) {
        struct config_messages msgs;
        struct fabric fabric;

        line += size && contents.data[size - 1] == '\n';
        parse_copy(fabric_yaml_parse_hosts, contents.data, size, &fabric,
                   &msgs);
        if (!msgs.n_errors) {
            check_complete(&fabric);
            printf("%"PRIuSIZE" bytes, %u lines:", size, line);
            for (size_t i = 0; i < fabric.n_hosts; i++) {
                printf(" %s%s", fabric.hosts[i].hostname,
                       fabric.hosts[i].has_private_key ? "" : " (no key)");
            }
            printf("%s\n", msgs.n_warnings ? ", warning" : "");
        }
        fabric_uninit(&fabric);
        config_messages_uninit(&msgs);
    }
    file_contents_uninit(&contents);
}

static void
test_guess_self(struct ovs_cmdl_context *ctx)
{
    struct file_contents contents;
    struct config_messages msgs;
    struct in6_addr local[8];
    struct fabric fabric;
    size_t n = 0;
    char *why;

    read_or_die(ctx->argv[1], &contents);
    parse_copy(fabric_yaml_parse_hosts, contents.data, contents.size,
               &fabric, &msgs);
    for (int i = 3; i < ctx->argc && n < ARRAY_SIZE(local); i++) {
        ovs_be32 ip;

        if (ip_parse(ctx->argv[i], &ip)) {
            in6_addr_set_mapped_ipv4(&local[n++], ip);
        } else if (!ipv6_parse(ctx->argv[i], &local[n++])) {
            ovs_fatal(0, "%s: not an address", ctx->argv[i]);
        }
    }
    printf("%u", fabric_guess_self(&fabric, local, n,
                                   *ctx->argv[2] ? ctx->argv[2] : NULL,
                                   &why));
    printf("%s%s\n", why ? " " : "", why ? why : "");
    free(why);
    fabric_uninit(&fabric);
    config_messages_uninit(&msgs);
    file_contents_uninit(&contents);
}

static void
print_hex(const char *what, const uint8_t key[WGKEY_SIZE])
{
    printf("%s ", what);
    for (size_t i = 0; i < WGKEY_SIZE; i++) {
        printf("%02x", key[i]);
    }
}

/* Prints each private key, from base64, and its public key in hexadecimal. */
static void
test_wgkey(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        uint8_t private_key[WGKEY_SIZE], public_key[WGKEY_SIZE];
        char text[WGKEY_BASE64_LEN + 1];
        char *error = wgkey_from_base64(ctx->argv[i], private_key);

        if (error) {
            printf("%s\n", error);
            free(error);
            continue;
        }
        wgkey_to_base64(private_key, text);
        wgkey_public(private_key, public_key);
        print_hex("private", private_key);
        print_hex(" public", public_key);
        printf("%s%s\n", strcmp(text, ctx->argv[i]) ? " not the same" : "",
               wgkey_is_zero(private_key) ? " zero" : "");
    }
}

/* Prints the preshared key that SECRET makes for each pair of the other keys,
 * all base64, and the fingerprint of SECRET. */
static void
test_wgkey_pairs(struct ovs_cmdl_context *ctx)
{
    uint8_t keys[8][WGKEY_SIZE];
    int n = ctx->argc - 1;

    for (int i = 0; i < n; i++) {
        char *error = wgkey_from_base64(ctx->argv[i + 1], keys[i]);

        if (error) {
            ovs_fatal(0, "%s", error);
        }
    }
    for (int i = 1; i < n; i++) {
        for (int j = 1; j < n; j++) {
            uint8_t key[WGKEY_SIZE];

            if (i != j) {
                printf("%d %d ", i, j);
                wgkey_derive_pair(keys[0], keys[i], keys[j], key);
                print_hex("key", key);
                putchar('\n');
            }
        }
    }
    printf("%08"PRIx32"\n", wgkey_fingerprint(keys[0]));
}

/* Makes two keys: clamped, and not the same. */
static void
test_wgkey_generate(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint8_t a[WGKEY_SIZE], b[WGKEY_SIZE];

    wgkey_generate(a);
    wgkey_generate(b);
    printf("%s, %s\n",
           !(a[0] & 7) && (a[31] & 0xc0) == 0x40 ? "clamped" : "not clamped",
           wgkey_equal(a, b) ? "the same" : "different");
}

static void
test_file_read(struct ovs_cmdl_context *ctx)
{
    struct file_contents contents;
    int error = file_read(ctx->argv[1], atoi(ctx->argv[2]), &contents);

    if (error) {
        printf("%s\n", ovs_strerror(error));
    } else {
        printf("%"PRIuSIZE" bytes, mode %04o\n", contents.size,
               (unsigned int) contents.mode & 07777);
        file_contents_uninit(&contents);
    }
}

static void
test_file_replace(struct ovs_cmdl_context *ctx)
{
    int error = file_replace(ctx->argv[1], ctx->argv[3],
                             strlen(ctx->argv[3]),
                             strtol(ctx->argv[2], NULL, 8));

    printf("%s\n", error ? ovs_strerror(error) : "ok");
}

const struct ovs_cmdl_command test_fabric_commands[] = {
    { "config-fuzz", "FILE...", 1, INT_MAX, test_fuzz, OVS_RO },
    { "fabric-truncate", "HOSTS", 1, 1, test_truncate, OVS_RO },
    { "fabric-self", "HOSTS HOSTNAME [ADDRESS]...", 2, 10, test_guess_self,
      OVS_RO },
    { "wgkey", "BASE64...", 1, INT_MAX, test_wgkey, OVS_RO },
    { "wgkey-generate", "", 0, 0, test_wgkey_generate, OVS_RO },
    { "wgkey-pairs", "SECRET KEY KEY...", 3, 8, test_wgkey_pairs, OVS_RO },
    { "file-read", "FILE MAX-SIZE", 2, 2, test_file_read, OVS_RO },
    { "file-replace", "FILE MODE TEXT", 3, 3, test_file_replace, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
