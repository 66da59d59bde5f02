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

/* test-wg: devices, differences and both codecs of wg/, on devices that are
 * described in a few words on standard input:
 *
 *     desired | actual | previous           (what the next lines describe)
 *     device [name=NAME] [key=KEY] [port=N] [fwmark=N]
 *     peer KEY [id=N] [host=NAME] [psk=KEY] [endpoint=ADDRESS:PORT]
 *              [keepalive=N] [ips=PREFIX,...] [handshake=N] [rx=N] [tx=N]
 *
 * KEY is base64, or N for 32 bytes with that value. */

#include <config.h>
#include "tests/test-wg.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/wireguard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/endpoint.h"
#include "lib/fabric.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"
#include "wg/wg-diff.h"
#include "wg/wg-genl-codec.h"
#include "wg/wg-uapi-codec.h"
#include "wg/wg-want.h"

/* Any number that cannot be the family's. */
#define TEST_FAMILY 0x1d

static void
parse_key(const char *s, uint8_t key[WGKEY_SIZE])
{
    if (strlen(s) == WGKEY_BASE64_LEN) {
        char *error = wgkey_from_base64(s, key);

        if (error) {
            ovs_fatal(0, "%s: %s", s, error);
        }
    } else {
        memset(key, atoi(s), WGKEY_SIZE);
    }
}

static void
parse_prefixes(char *s, struct wg_peer *peer)
{
    char *save = NULL;
    char *p;

    for (p = strtok_r(s, ",", &save); p; p = strtok_r(NULL, ",", &save)) {
        char *slash = strchr(p, '/');
        struct in6_addr address;
        ovs_be32 ipv4;
        int family;

        *slash = '\0';
        if (ip_parse(p, &ipv4)) {
            in6_addr_set_mapped_ipv4(&address, ipv4);
            family = AF_INET;
        } else if (ipv6_parse(p, &address)) {
            family = AF_INET6;
        } else {
            ovs_fatal(0, "%s: no address", p);
        }
        if (!wg_peer_add_allowed_ip(peer, family, &address, atoi(slash + 1))) {
            ovs_fatal(0, "%s/%s: no prefix", p, slash + 1);
        }
    }
}

static void
parse_endpoint(char *s, struct wg_peer *peer)
{
    char *colon = strrchr(s, ':');
    ovs_be32 ipv4;

    *colon = '\0';
    if (ip_parse(s, &ipv4)) {
        in6_addr_set_mapped_ipv4(&peer->endpoint, ipv4);
    } else if (!ipv6_parse(s, &peer->endpoint)) {
        ovs_fatal(0, "%s: no address", s);
    }
    peer->endpoint_port = atoi(colon + 1);
    peer->has_endpoint = true;
}

static void
parse_device_word(struct wg_device *dev, const char *name, const char *value)
{
    uint8_t key[WGKEY_SIZE];

    if (!strcmp(name, "name")) {
        ovs_strlcpy(dev->name, value, sizeof dev->name);
    } else if (!strcmp(name, "key")) {
        parse_key(value, key);
        wg_device_set_private_key(dev, key);
    } else if (!strcmp(name, "port")) {
        dev->listen_port = atoi(value);
    } else if (!strcmp(name, "fwmark")) {
        dev->fwmark = atoi(value);
    } else {
        ovs_fatal(0, "unknown word '%s'", name);
    }
}

static void
parse_peer_word(struct wg_peer *peer, const char *name, char *value)
{
    uint8_t key[WGKEY_SIZE];

    if (!strcmp(name, "id")) {
        peer->host_id = atoi(value);
    } else if (!strcmp(name, "host")) {
        peer->hostname = xstrdup(value);
    } else if (!strcmp(name, "psk")) {
        parse_key(value, key);
        wg_peer_set_preshared_key(peer, key);
    } else if (!strcmp(name, "endpoint")) {
        parse_endpoint(value, peer);
    } else if (!strcmp(name, "keepalive")) {
        peer->keepalive_s = atoi(value);
    } else if (!strcmp(name, "ips")) {
        parse_prefixes(value, peer);
    } else if (!strcmp(name, "handshake")) {
        peer->last_handshake = atoll(value);
    } else if (!strcmp(name, "rx")) {
        peer->rx_bytes = atoll(value);
    } else if (!strcmp(name, "tx")) {
        peer->tx_bytes = atoll(value);
    } else {
        ovs_fatal(0, "unknown word '%s'", name);
    }
}

static void
parse_input_line(char *line, struct wg_device *dev)
{
    char *save = NULL;
    char *kind = strtok_r(line, " ", &save);
    struct wg_peer *peer = NULL;
    char *word;

    if (!strcmp(kind, "peer")) {
        uint8_t key[WGKEY_SIZE];

        parse_key(strtok_r(NULL, " ", &save), key);
        peer = wg_device_add_peer(dev, key);
    } else if (strcmp(kind, "device")) {
        ovs_fatal(0, "unknown kind '%s'", kind);
    }
    while ((word = strtok_r(NULL, " ", &save))) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        if (peer) {
            parse_peer_word(peer, word, value);
        } else {
            parse_device_word(dev, word, value);
        }
    }
}

void
wg_input_read(struct wg_input *input)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct wg_device *dev = &input->desired;

    wg_device_init(&input->desired, "mo-wg-gw");
    wg_device_init(&input->actual, "mo-wg-gw");
    wg_device_init(&input->previous, "mo-wg-gw");
    input->has_previous = false;
    while (!ds_get_line(&line, stdin)) {
        char *s = ds_cstr(&line);

        if (!strcmp(s, "desired")) {
            dev = &input->desired;
        } else if (!strcmp(s, "actual")) {
            dev = &input->actual;
        } else if (!strcmp(s, "previous")) {
            dev = &input->previous;
            input->has_previous = true;
        } else {
            parse_input_line(s, dev);
        }
    }
    ds_destroy(&line);
    wg_device_sort(&input->desired);
    wg_device_sort(&input->actual);
    wg_device_sort(&input->previous);
}

void
wg_input_uninit(struct wg_input *input)
{
    wg_device_uninit(&input->desired);
    wg_device_uninit(&input->actual);
    wg_device_uninit(&input->previous);
}

static void
input_diff(const struct wg_input *input, int64_t now, struct wg_delta *delta)
{
    wg_diff(&input->desired, &input->actual,
            input->has_previous ? &input->previous : NULL, now, delta);
}

static void
print_and_destroy(struct ds *s)
{
    fputs(ds_cstr(s), stdout);
    ds_destroy(s);
}

void
wg_print_plan(const struct wg_delta *delta)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    plan_format(&delta->plan, true, &s);
    if (plan_is_noop(&delta->plan) != wg_delta_is_empty(delta)) {
        ds_put_cstr(&s, "plan and delta do not agree\n");
    }
    print_and_destroy(&s);
}

void
wg_print_device(const struct wg_device *dev)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    wg_device_format(dev, &s);
    print_and_destroy(&s);
}

/* If 'retval' is an error, prints 'error' and frees it.  Returns whether it
 * is. */
static bool
print_error(int retval, char *error)
{
    if (retval) {
        printf("error: %s\n", error);
        free(error);
    }
    return retval != 0;
}

static void
add_client(struct fabric *fabric, const char *address)
{
    struct fabric_extra_wire *wire
        = &fabric->extra_wires[fabric->n_extra_wires++];
    uint8_t private_key[WGKEY_SIZE];

    ovs_assert(ip_parse(address, &wire->address));
    memset(private_key, 100 + fabric->n_extra_wires, WGKEY_SIZE);
    wgkey_public(private_key, wire->public_key);
}

/* Fills in where a host is: "ADDRESS", "none", "@NAME" or "@NAME=ADDRESS" if
 * that was found for the name. */
static void
parse_place(char *place, struct fabric_host *host, struct endpoints *found)
{
    char *save = NULL;
    ovs_be32 ipv4;

    if (place[0] == '@') {
        host->endpoint_name = xstrdup(strtok_r(place + 1, "=", &save));
        place = strtok_r(NULL, "", &save);
        if (place && ip_parse(place, &ipv4)) {
            found->found[found->n].host = host->id;
            in6_addr_set_mapped_ipv4(&found->found[found->n++].address, ipv4);
        }
    } else if (!strcmp(place, "none")) {
        host->endpoint_none = true;
    } else if (ip_parse(place, &ipv4)) {
        in6_addr_set_mapped_ipv4(&host->endpoint, ipv4);
    }
}

static void
parse_host(char *text, struct fabric_host *host, struct endpoints *found)
{
    const char *word;
    char *save = NULL;

    host->id = atoi(strtok_r(text, ":", &save));
    host->hostname = xstrdup(strtok_r(NULL, ":", &save));
    parse_place(strtok_r(NULL, ":", &save), host, found);
    word = strtok_r(NULL, ":", &save);
    host->endpoint_port = word ? atoi(word) : 0;
    word = strtok_r(NULL, ":", &save);
    host->has_keepalive = word != NULL;
    host->keepalive_s = word ? atoi(word) : 0;
    memset(host->private_key, host->id, WGKEY_SIZE);
    host->has_private_key = true;
    wgkey_public(host->private_key, host->public_key);
}

/* wg-want SELF ID:NAME:PLACE[:PORT[:KEEPALIVE]]... [CLIENT-ADDRESS...]
 *
 * Host ID has the key of value ID, client N, counted from 1, that of value
 * 100 + N.  With "SELF+SECRET", SECRET in base64, there are preshared keys. */
static void
test_wg_want(struct ovs_cmdl_context *ctx)
{
    struct fabric fabric;
    struct wg_device dev;
    int n = ctx->argc - 2;
    struct endpoints found = { xcalloc(n + 1, sizeof *found.found), 0 };
    const char *secret = strchr(ctx->argv[1], '+');

    fabric_init(&fabric);
    fabric.settings.keepalive_s = secret ? 0 : 25;
    fabric.has_preshared_secret = secret != NULL;
    if (secret) {
        ignore(wgkey_from_base64(secret + 1, fabric.preshared_secret));
    }
    fabric.hosts = xcalloc(n, sizeof *fabric.hosts);
    fabric.extra_wires = xcalloc(n, sizeof *fabric.extra_wires);
    for (int i = 0; i < n; i++) {
        if (!strchr(ctx->argv[i + 2], ':')) {
            add_client(&fabric, ctx->argv[i + 2]);
            continue;
        }
        parse_host(ctx->argv[i + 2], &fabric.hosts[fabric.n_hosts++],
                   &found);
    }
    wg_want(&fabric, atoi(ctx->argv[1]), &found, &dev);
    wg_print_device(&dev);
    wg_device_uninit(&dev);
    fabric_uninit(&fabric);
    free(found.found);
}

/* wg-diff [NOW]: prints the plan. */
static void
test_wg_diff(struct ovs_cmdl_context *ctx)
{
    struct wg_delta delta;
    struct wg_input input;

    wg_input_read(&input);
    input_diff(&input, ctx->argc > 1 ? atoll(ctx->argv[1]) : 0, &delta);
    wg_print_plan(&delta);
    wg_delta_uninit(&delta);
    wg_input_uninit(&input);
}

/* wg-uapi-set: prints the request. */
static void
test_wg_uapi_set(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct wg_delta delta;
    struct wg_input input;

    wg_input_read(&input);
    input_diff(&input, 0, &delta);
    wg_uapi_format_set(&input.desired, &delta, &s);
    print_and_destroy(&s);
    wg_delta_uninit(&delta);
    wg_input_uninit(&input);
}

/* wg-uapi-get, wg-uapi-answer: reads the answer to get or set. */
static void
test_wg_uapi_get(struct ovs_cmdl_context *ctx)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct wg_device dev;
    char *error = NULL;
    int c, retval;

    while ((c = getchar()) != EOF) {
        ds_put_char(&text, c);
    }
    wg_device_init(&dev, "mo-wg-gw");
    if (!strcmp(ctx->argv[0], "wg-uapi-answer")) {
        retval = wg_uapi_parse_set(ds_cstr(&text), &error);
        if (!print_error(retval, error)) {
            printf("ok\n");
        }
    } else {
        retval = wg_uapi_parse_get(ds_cstr(&text), &dev, &error);
        if (!print_error(retval, error)) {
            wg_print_device(&dev);
        }
    }
    wg_device_uninit(&dev);
    ds_destroy(&text);
}

/* wg-genl-set SIZE: prints the messages, attributes only. */
static void
test_wg_genl_set(struct ovs_cmdl_context *ctx)
{
    size_t size = atoi(ctx->argv[1]);
    struct wg_genl_cursor cursor = { .family = TEST_FAMILY };
    struct nlmsghdr *nlh = xmalloc(size);
    struct wg_delta delta;
    struct wg_input input;

    wg_input_read(&input);
    input_diff(&input, 0, &delta);
    cursor.desired = &input.desired;
    cursor.delta = &delta;
    while (!cursor.done) {
        struct ds s = DS_EMPTY_INITIALIZER;
        int retval = wg_genl_put_set(&cursor, 1, nlh, size);

        if (retval) {
            printf("error: %s\n", ovs_strerror(retval));
            break;
        }
        ds_put_format(&s, "message of %u bytes\n", nlh->nlmsg_len);
        ds_put_hex_dump(&s, nlh, nlh->nlmsg_len, 0, false);
        print_and_destroy(&s);
    }
    free(nlh);
    wg_delta_uninit(&delta);
    wg_input_uninit(&input);
}

/* Wraps 'size' bytes of attributes into a message of exactly the memory that
 * it needs, so that reading past its end is noticed. */
static struct nlmsghdr *
make_message(const void *attrs, size_t size)
{
    struct nlmsghdr *nlh = xzalloc(MNL_NLMSG_HDRLEN + GENL_HDRLEN + size);

    nlh->nlmsg_type = TEST_FAMILY;
    nlh->nlmsg_len = MNL_NLMSG_HDRLEN + GENL_HDRLEN + size;
    memcpy((char *) nlh + MNL_NLMSG_HDRLEN + GENL_HDRLEN, attrs, size);
    return nlh;
}

/* wg-genl-get HEX...: reads one message per argument. */
static void
test_wg_genl_get(struct ovs_cmdl_context *ctx)
{
    struct wg_device dev;
    int retval = 0;

    wg_device_init(&dev, "mo-wg-gw");
    for (int i = 1; i < ctx->argc && !retval; i++) {
        uint8_t attrs[4096];
        size_t size = strlen(ctx->argv[i]) / 2;
        struct nlmsghdr *nlh;
        char *error = NULL;

        for (size_t j = 0; j < size; j++) {
            bool ok;

            attrs[j] = hexits_value(&ctx->argv[i][2 * j], 2, &ok);
            ovs_assert(ok);
        }
        nlh = make_message(attrs, size);
        retval = wg_genl_parse_device(nlh, &dev, &error);
        print_error(retval, error);
        free(nlh);
    }
    if (!retval) {
        wg_device_sort(&dev);
        wg_print_device(&dev);
    }
    wg_device_uninit(&dev);
}

/* Makes a device of 'n_peers' with 'n_ips' allowed IPs each. */
static void
make_large_device(int n_peers, int n_ips, struct wg_device *dev)
{
    uint8_t key[WGKEY_SIZE] = { 1 };

    wg_device_init(dev, "mo-wg-gw");
    wg_device_set_private_key(dev, key);
    dev->listen_port = 51820;
    dev->fwmark = 29;
    for (int i = 0; i < n_peers; i++) {
        struct wg_peer *peer;

        key[5] = i;
        key[6] = i >> 8;
        peer = wg_device_add_peer(dev, key);
        wg_peer_set_preshared_key(peer, key);
        peer->has_endpoint = true;
        peer->endpoint.s6_addr[0] = 0x20;
        peer->endpoint.s6_addr[15] = i;
        peer->endpoint_port = i + 1;
        peer->keepalive_s = 25;
        for (int j = 0; j < n_ips; j++) {
            struct in6_addr address = { .s6_addr = { 0xfd } };

            address.s6_addr[14] = j >> 8;
            address.s6_addr[15] = j;
            memcpy(&address.s6_addr[1], &key[5], 2);
            wg_peer_add_allowed_ip(peer, AF_INET6, &address, 128);
        }
    }
    wg_device_sort(dev);
}

/* wg-genl-round-trip SIZE N_PEERS N_IPS: writes a large device in messages of
 * at most SIZE bytes and reads it again: the messages for both directions are
 * made of the same attributes. */
static void
test_wg_genl_round_trip(struct ovs_cmdl_context *ctx)
{
    size_t size = atoi(ctx->argv[1]);
    struct wg_genl_cursor cursor = { .family = TEST_FAMILY };
    struct nlmsghdr *nlh = xmalloc(size);
    struct wg_device desired, none, copy;
    struct wg_delta delta;
    int retval = 0;
    bool in_size = true;

    make_large_device(atoi(ctx->argv[2]), atoi(ctx->argv[3]), &desired);
    wg_device_init(&none, "mo-wg-gw");
    wg_device_init(&copy, "mo-wg-gw");
    wg_diff(&desired, &none, NULL, 0, &delta);
    cursor.desired = &desired;
    cursor.delta = &delta;
    while (!cursor.done && !retval) {
        char *error = NULL;

        retval = wg_genl_put_set(&cursor, 1, nlh, size);
        if (retval) {
            printf("error: %s\n", ovs_strerror(retval));
            break;
        }
        in_size &= nlh->nlmsg_len <= size;
        retval = wg_genl_parse_device(nlh, &copy, &error);
        print_error(retval, error);
    }
    wg_device_sort(&copy);
    wg_delta_uninit(&delta);
    wg_diff(&desired, &copy, &none, 0, &delta);
    printf("%"PRIuSIZE" peers, %s%s\n", copy.n_peers,
           in_size ? "" : "too large, ",
           wg_delta_is_empty(&delta) ? "same" : "different");
    wg_delta_uninit(&delta);
    wg_device_uninit(&desired);
    wg_device_uninit(&none);
    wg_device_uninit(&copy);
    free(nlh);
}

/* A generator of our own, so that a seed means the same everywhere. */
static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Flips, overwrites and cuts off a few of the '*size' bytes at 'p'. */
static void
mutate(uint8_t *p, size_t *size, uint32_t *state)
{
    for (int i = next_random(state) % 4; i >= 0; i--) {
        size_t ofs = next_random(state) % *size;

        switch (next_random(state) % 4) {
        case 0:
            p[ofs] ^= 1 << next_random(state) % 8;
            break;
        case 1:
            p[ofs] = next_random(state);
            break;
        case 2:
            p[ofs & ~(size_t) 3] = next_random(state) % 64;
            break;
        case 3:
            *size = ofs + 1;
            break;
        }
    }
}

/* Parses one mutation of the request in 'nlh' and of the answer in 'text'.
 * Returns the number of refusals. */
static int
fuzz_once(const struct nlmsghdr *nlh, const struct ds *text, uint32_t *state)
{
    const size_t headers = MNL_NLMSG_HDRLEN + GENL_HDRLEN;
    struct wg_device from_genl, from_uapi;
    size_t size = nlh->nlmsg_len - headers;
    uint8_t *attrs = xmemdup((const char *) nlh + headers, size);
    size_t len = text->length;
    char *copy = xmemdup0(text->string, len);
    char *error[2] = { NULL, NULL };
    struct nlmsghdr *mutated;
    int n;

    wg_device_init(&from_genl, "mo-wg-gw");
    wg_device_init(&from_uapi, "mo-wg-gw");
    mutate(attrs, &size, state);
    mutate((uint8_t *) copy, &len, state);
    copy[len] = '\0';
    mutated = make_message(attrs, size);
    n = (wg_genl_parse_device(mutated, &from_genl, &error[0]) != 0)
        + (wg_uapi_parse_get(copy, &from_uapi, &error[1]) != 0);
    if (n != !!error[0] + !!error[1]) {
        ovs_fatal(0, "an error without a sentence, or a sentence too much");
    }
    wg_device_sort(&from_genl);
    wg_device_uninit(&from_genl);
    wg_device_uninit(&from_uapi);
    free(error[0]);
    free(error[1]);
    free(mutated);
    free(attrs);
    free(copy);
    return n;
}

/* wg-fuzz SEED ROUNDS: nothing that is read may do worse than be refused. */
static void
test_wg_fuzz(struct ovs_cmdl_context *ctx)
{
    uint32_t state = atoi(ctx->argv[1]);
    struct wg_genl_cursor cursor = { .family = TEST_FAMILY };
    struct nlmsghdr *nlh = xmalloc(4096);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct wg_device dev, none;
    struct wg_delta delta;
    int n_refused = 0;

    make_large_device(3, 3, &dev);
    wg_device_init(&none, "mo-wg-gw");
    wg_diff(&dev, &none, NULL, 0, &delta);
    cursor.desired = &dev;
    cursor.delta = &delta;
    if (wg_genl_put_set(&cursor, 1, nlh, 4096)) {
        ovs_fatal(0, "no message");
    }
    /* The answer to "get" has the lines of a "set" request, but the first. */
    wg_uapi_format_set(&dev, &delta, &text);
    memmove(text.string, text.string + strlen("set=1\n"),
            text.length - strlen("set=1\n"));
    ds_truncate(&text, text.length - strlen("set=1\n") - 1);
    ds_put_cstr(&text, "errno=0\n\n");
    for (int i = atoi(ctx->argv[2]); i > 0; i--) {
        n_refused += fuzz_once(nlh, &text, &state);
    }
    printf("%s\n", n_refused ? "some refused" : "none refused");
    wg_delta_uninit(&delta);
    wg_device_uninit(&dev);
    wg_device_uninit(&none);
    ds_destroy(&text);
    free(nlh);
}

const struct ovs_cmdl_command test_wg_commands[] = {
    { "wg-want", "SELF ID:NAME:ADDRESS... [CLIENT-ADDRESS...]", 1, INT_MAX,
      test_wg_want, OVS_RO },
    { "wg-diff", "[NOW]", 0, 1, test_wg_diff, OVS_RO },
    { "wg-uapi-set", "", 0, 0, test_wg_uapi_set, OVS_RO },
    { "wg-uapi-get", "", 0, 0, test_wg_uapi_get, OVS_RO },
    { "wg-uapi-answer", "", 0, 0, test_wg_uapi_get, OVS_RO },
    { "wg-genl-set", "SIZE", 1, 1, test_wg_genl_set, OVS_RO },
    { "wg-genl-get", "HEX...", 1, INT_MAX, test_wg_genl_get, OVS_RO },
    { "wg-genl-round-trip", "SIZE N_PEERS N_IPS", 3, 3,
      test_wg_genl_round_trip, OVS_RO },
    { "wg-fuzz", "SEED ROUNDS", 2, 2, test_wg_fuzz, OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
