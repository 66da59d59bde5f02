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

/* test-resolve: tries lib/endpoint, lib/resolve and ovs-ctl/config-watch.
 *
 * "endpoint-ahosts": reads the output of getent(1) and prints the addresses
 * that count.
 *
 * "resolve EVENT...": one name, looked up every 60 s; EVENT is
 *     is:ADDRESS[,ADDRESS...]       what the name has from now on; "is:"
 *                                   alone: it does not resolve
 *     works                         there is a session with the host from now
 *     dead                          on; there is none
 *     heard                         the host is heard every second from now on
 *     silent                        it is not
 *     +MS                           time passes
 * Prints when the name is looked up, and what follows.
 *
 * "config-watch EVENT...": watches hosts.yml, extra_hosts.yml, and the others
 * that mobulad has, in the directory "conf"; EVENT is
 *     write:NAME                    opens, writes to and closes a file
 *     open:NAME, close:NAME         the parts of that
 *     rename:NAME:NAME              renames it
 *     remove:NAME
 *     +MS                           time passes
 * with NAMEs relative to the current directory.  Prints when it is time to
 * reload. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/endpoint.h"
#include "lib/fabric-load.h"
#include "lib/resolve.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "ovs-ctl/config-watch.h"
#include "packets.h"
#include "tests/mobula-test.h"
#include "util.h"

static void
print_address(const struct in6_addr *address)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_mapped(address, &s);
    puts(ds_cstr(&s));
    ds_destroy(&s);
}

static void
test_ahosts(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct in6_addr *addresses;
    struct settings settings;
    size_t n;

    for (int c; (c = getchar()) != EOF; ) {
        ds_put_char(&text, c);
    }
    settings_init(&settings);
    n = endpoint_parse_ahosts(ds_cstr(&text), &settings, &addresses);
    for (size_t i = 0; i < n; i++) {
        print_address(&addresses[i]);
    }
    free(addresses);
    ds_destroy(&text);
}

/* A host with a name. */
struct named {
    struct resolve resolve;
    const char *is;             /* Its addresses, between commas. */
    bool works, heard;
    uint64_t rx_bytes;
};

static void
look_up(struct named *named, long long int now)
{
    struct settings settings;
    struct in6_addr *found;
    char *text = xstrdup(named->is);
    size_t n;

    for (char *p = text; *p; p++) {
        *p = *p == ',' ? '\n' : *p;
    }
    settings_init(&settings);
    n = endpoint_parse_ahosts(text, &settings, &found);
    printf("%lld: ", now);
    if (!n) {
        resolve_fail(&named->resolve, xstrdup("no such name"), now);
        printf("%s", named->resolve.error);
        printf(named->resolve.has_address ? ", still " : "\n");
    } else if (!resolve_answer(&named->resolve, found, n, named->works, now)) {
        printf("the same ");
    }
    if (named->resolve.has_address) {
        print_address(&named->resolve.address);
    }
    free(found);
    free(text);
}

/* Seconds are enough. */
static void
pass_time(struct named *named, long long int *now, long long int end)
{
    for (; *now < end; *now += 1000) {
        if (named->heard) {
            resolve_hear(&named->resolve, ++named->rx_bytes, *now);
        }
        if (*now >= resolve_next(&named->resolve)) {
            look_up(named, *now);
        }
    }
}

static void
test_resolve(struct ovs_cmdl_context *ctx)
{
    struct named named = { .is = "" };
    long long int now = 0;

    resolve_init(&named.resolve, 1, "a.example.com", now);
    named.resolve.interval_ms = 60000;
    for (int i = 1; i < ctx->argc; i++) {
        const char *event = ctx->argv[i];

        if (!strncmp(event, "is:", 3)) {
            named.is = event + 3;
        } else if (!strcmp(event, "works") || !strcmp(event, "dead")) {
            named.works = event[0] == 'w';
        } else if (!strcmp(event, "heard") || !strcmp(event, "silent")) {
            named.heard = event[0] == 'h';
        } else if (event[0] == '+') {
            pass_time(&named, &now, now + atoll(event + 1));
        } else {
            ovs_fatal(0, "%s: unknown event", event);
        }
    }
    resolve_uninit(&named.resolve);
}

static void
write_file(int *fd, const char *name, bool begin, bool end)
{
    if (begin) {
        *fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    if (*fd < 0 || (begin && write(*fd, "x\n", 2) != 2)
        || (end && close(*fd))) {
        ovs_fatal(errno, "%s", name);
    }
}

static void
change_files(const char *event, int *fd)
{
    char *copy = xstrdup(event);
    char *save = NULL;
    const char *verb = strtok_r(copy, ":", &save);
    const char *name = strtok_r(NULL, ":", &save);
    const char *other = strtok_r(NULL, ":", &save);

    if (!strcmp(verb, "rename")) {
        if (!other || rename(name, other)) {
            ovs_fatal(errno, "%s", event);
        }
    } else if (!strcmp(verb, "remove")) {
        if (remove(name)) {
            ovs_fatal(errno, "%s", event);
        }
    } else {
        write_file(fd, name, strcmp(verb, "close"), strcmp(verb, "open"));
    }
    free(copy);
}

static void
test_config_watch(struct ovs_cmdl_context *ctx)
{
    const struct fabric_files files = {
        "conf/hosts.yml", "conf/extra_hosts.yml", "conf/extra_wires.yml",
        "conf/mobula.yml",
    };
    struct config_watch *watch = config_watch_create(&files);
    long long int now = 1;
    int fd = -1;

    ignore(config_watch_run(watch, now));
    for (int i = 1; i < ctx->argc; i++) {
        const char *event = ctx->argv[i];
        long long int end = event[0] == '+' ? now + atoll(event + 1) : now;

        if (event[0] != '+') {
            change_files(event, &fd);
        }
        do {
            if (config_watch_run(watch, now)) {
                printf("%lld: reload\n", now - 1);
            }
            now = MIN(now + 100, end);
        } while (now < end);
    }
    if (config_watch_error(watch)) {
        puts(config_watch_error(watch));
    }
    config_watch_destroy(watch);
}

const struct ovs_cmdl_command test_resolve_commands[] = {
    { "endpoint-ahosts", "", 0, 0, test_ahosts, OVS_RO },
    { "resolve", "EVENT...", 1, INT_MAX, test_resolve, OVS_RO },
    { "config-watch", "EVENT...", 1, INT_MAX, test_config_watch, OVS_RW },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};
