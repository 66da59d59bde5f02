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

/* external-state: struct external_taken <-> text of the file; and what goes
 * with the structs of external.h.
 *
 * The file is for two readers: this code, of any version, and somebody who has
 * to bring a server back to the network with nothing but ip(8).
 *
 *     mobula-external 1
 *     interface ens3
 *     phase taken
 *     ...
 *     # address 192.0.2.1/24
 *     address 0218000000000000...
 *     sysctl ipv4/conf rp_filter 1
 *     end
 *
 * A greater version than 1 would mean that this code cannot do it right.
 * Lines that begin with a word that is not known are skipped.
 *
 * Pure. */

#include <config.h>
#include "net/external.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

#define HEADLINE "mobula-external 1"

static const char *const phases[] = {
    [EXTERNAL_NONE] = "none",
    [EXTERNAL_TAKEN] = "taken",
    [EXTERNAL_FAILING] = "failing",
    [EXTERNAL_FAILED] = "failed",
};

static const char *const kinds[EXTERNAL_N_KINDS] = {
    [EXTERNAL_ADDR] = "address",
    [EXTERNAL_ROUTE] = "route",
    [EXTERNAL_NEIGH] = "neighbour",
};

static void put_object(const struct external_object *, struct ds *);
static char *parse_line(char *line, struct external_taken *);
static char *parse_value(const char *word, const char *value,
                         struct external_taken *);
static bool parse_object(enum external_kind, const char *hex,
                         struct external_taken *);
static bool parse_sysctl(const char *value, struct external_taken *);
static bool parse_u32(const char *, uint32_t *);
static bool is_plain(const char *name);
static char *check_complete(const struct external_taken *, bool end);

void
external_taken_init(struct external_taken *taken)
{
    memset(taken, 0, sizeof *taken);
}

void
external_taken_uninit(struct external_taken *taken)
{
    free(taken->choice);
    free(taken->reason);
    external_objects_uninit(&taken->objects);
    external_sysctls_uninit(&taken->sysctls);
    external_taken_init(taken);
}

void
external_objects_uninit(struct external_objects *objects)
{
    for (size_t i = 0; i < objects->n; i++) {
        free(objects->objects[i].bytes);
    }
    free(objects->objects);
    memset(objects, 0, sizeof *objects);
}

void
external_sysctls_uninit(struct external_sysctls *sysctls)
{
    for (size_t i = 0; i < sysctls->n; i++) {
        struct external_sysctl *sysctl = &sysctls->sysctls[i];

        free(CONST_CAST(char *, sysctl->dir));
        free(CONST_CAST(char *, sysctl->key));
        free(CONST_CAST(char *, sysctl->value));
    }
    free(sysctls->sysctls);
    memset(sysctls, 0, sizeof *sysctls);
}

void
external_actual_init(struct external_actual *actual)
{
    memset(actual, 0, sizeof *actual);
}

void
external_actual_uninit(struct external_actual *actual)
{
    external_objects_uninit(&actual->on_host);
    external_objects_uninit(&actual->on_bridge);
    external_sysctls_uninit(&actual->host_sysctls);
    external_sysctls_uninit(&actual->veth_sysctls);
    external_sysctls_uninit(&actual->bridge_sysctls);
    external_sysctls_uninit(&actual->namespace_sysctls);
    external_actual_init(actual);
}

void
external_objects_add(struct external_objects *objects,
                     const struct external_object *object)
{
    if (objects->n >= objects->allocated) {
        objects->objects = x2nrealloc(objects->objects, &objects->allocated,
                                      sizeof *objects->objects);
    }
    objects->objects[objects->n++] = *object;
}

void
external_sysctls_add(struct external_sysctls *sysctls, const char *dir,
                     const char *key, const char *value)
{
    if (sysctls->n >= sysctls->allocated) {
        sysctls->sysctls = x2nrealloc(sysctls->sysctls, &sysctls->allocated,
                                      sizeof *sysctls->sysctls);
    }
    sysctls->sysctls[sysctls->n++] = (struct external_sysctl) {
        .dir = xstrdup(dir),
        .key = xstrdup(key),
        .value = xstrdup(value),
    };
}

const char *
external_sysctls_find(const struct external_sysctls *sysctls,
                      const char *dir, const char *key)
{
    for (size_t i = 0; i < sysctls->n; i++) {
        const struct external_sysctl *sysctl = &sysctls->sysctls[i];

        if (!strcmp(sysctl->dir, dir) && !strcmp(sysctl->key, key)) {
            return sysctl->value;
        }
    }
    return NULL;
}

void
external_veth_name(const char *name, char veth[IFNAMSIZ])
{
    snprintf(veth, IFNAMSIZ, "veth_%.*s", IFNAMSIZ - 1 - (int) strlen("veth_"),
             name);
}

size_t
external_taken_addresses(const struct external_taken *taken,
                         struct in6_addr **ret)
{
    size_t n = 0;

    *ret = xcalloc(taken->objects.n + 1, sizeof **ret);
    for (size_t i = 0; i < taken->objects.n; i++) {
        const struct external_object *object = &taken->objects.objects[i];

        if (object->kind == EXTERNAL_ADDR
            && external_object_address(object, &(*ret)[n])) {
            n++;
        }
    }
    return n;
}

size_t
external_taken_routers(const struct external_taken *taken,
                       struct in6_addr **ret)
{
    size_t n = 0;

    *ret = xcalloc(taken->objects.n + 1, sizeof **ret);
    for (int any = 0; any < 2 && !n; any++) {
        for (size_t i = 0; i < taken->objects.n; i++) {
            const struct external_object *object = &taken->objects.objects[i];

            if ((any || external_object_is_default(object))
                && external_object_router(object, &(*ret)[n])) {
                n++;
            }
        }
    }
    return n;
}

void
external_taken_format(const struct external_taken *taken, struct ds *s)
{
    ds_put_format(s, HEADLINE"\n"
                  "# Written by mobulad: what was on the interface before it "
                  "became the gateway's.\n"
                  "# \"external: share\" in mobula.yml, or \"mobula-ctl "
                  "teardown\", gives it back.\n"
                  "interface %s\nphase %s\nchoice %s\n",
                  taken->name, phases[taken->phase],
                  taken->choice ? taken->choice : "auto");
    ds_put_format(s, "confirmed %d\nup %d\nindex %"PRIu32"\nmtu %"PRIu32"\n"
                  "mac "ETH_ADDR_FMT"\n", taken->confirmed, taken->up,
                  taken->ifindex, taken->mtu, ETH_ADDR_ARGS(taken->mac));
    if (taken->reason) {
        ds_put_format(s, "reason %s\n", taken->reason);
    }
    for (size_t i = 0; i < taken->objects.n; i++) {
        put_object(&taken->objects.objects[i], s);
    }
    for (size_t i = 0; i < taken->sysctls.n; i++) {
        const struct external_sysctl *sysctl = &taken->sysctls.sysctls[i];

        ds_put_format(s, "sysctl %s %s %s\n", sysctl->dir, sysctl->key,
                      sysctl->value);
    }
    ds_put_cstr(s, "end\n");
}

char *
external_taken_parse(const char *text, struct external_taken *ret)
{
    struct external_taken taken;
    char *copy = xstrdup(text);
    char *rest = copy;
    char *error = NULL;
    bool end = false;
    char *line = strsep(&rest, "\n");

    external_taken_init(&taken);
    if (strcmp(line, HEADLINE)) {
        error = xasprintf("line 1 is not \""HEADLINE"\"");
    }
    for (int n = 2; !error && !end && (line = strsep(&rest, "\n")); n++) {
        end = !strcmp(line, "end");
        if (!end) {
            char *why = parse_line(line, &taken);

            if (why) {
                error = xasprintf("line %d: %s", n, why);
                free(why);
            }
        }
    }
    if (!error) {
        error = check_complete(&taken, end);
    }
    if (error) {
        external_taken_uninit(&taken);
    } else {
        *ret = taken;
    }
    free(copy);
    return error;
}

static void
put_object(const struct external_object *object, struct ds *s)
{
    ds_put_cstr(s, "# ");
    external_object_format(object, s);
    ds_put_format(s, "\n%s ", kinds[object->kind]);
    for (size_t i = 0; i < object->size; i++) {
        ds_put_format(s, "%02x", object->bytes[i]);
    }
    ds_put_char(s, '\n');
}

/* Takes the line apart.  Returns NULL or a malloc'd sentence. */
static char *
parse_line(char *line, struct external_taken *taken)
{
    char *value = strchr(line, ' ');

    if (line[0] == '#' || !value) {
        return NULL;            /* Nothing, or of another version. */
    }
    *value++ = '\0';
    for (int i = 0; i < EXTERNAL_N_KINDS; i++) {
        if (!strcmp(line, kinds[i])) {
            return (parse_object(i, value, taken) ? NULL
                    : xasprintf("this is no %s", line));
        }
    }
    return parse_value(line, value, taken);
}

static char *
parse_value(const char *word, const char *value, struct external_taken *taken)
{
    uint32_t number = 0;
    bool ok = true;

    if (!strcmp(word, "interface")) {
        ok = is_plain(value) && strlen(value) < IFNAMSIZ;
        ovs_strlcpy(taken->name, value, sizeof taken->name);
    } else if (!strcmp(word, "phase")) {
        ok = false;
        for (size_t i = EXTERNAL_TAKEN; i < ARRAY_SIZE(phases); i++) {
            if (!strcmp(value, phases[i])) {
                taken->phase = i;
                ok = true;
            }
        }
    } else if (!strcmp(word, "choice")) {
        free(taken->choice);
        taken->choice = xstrdup(value);
    } else if (!strcmp(word, "reason")) {
        free(taken->reason);
        taken->reason = xstrdup(value);
    } else if (!strcmp(word, "confirmed")) {
        ok = parse_u32(value, &number);
        taken->confirmed = number;
    } else if (!strcmp(word, "up")) {
        ok = parse_u32(value, &number);
        taken->up = number;
    } else if (!strcmp(word, "index")) {
        ok = parse_u32(value, &taken->ifindex);
    } else if (!strcmp(word, "mtu")) {
        ok = parse_u32(value, &taken->mtu);
    } else if (!strcmp(word, "mac")) {
        ok = eth_addr_from_string(value, &taken->mac);
    } else if (!strcmp(word, "sysctl")) {
        ok = parse_sysctl(value, taken);
    }
    return ok ? NULL : xasprintf("%s cannot be '%.64s'", word, value);
}

static bool
parse_object(enum external_kind kind, const char *hex,
             struct external_taken *taken)
{
    size_t len = strspn(hex, "0123456789abcdef");
    struct external_object object = { .kind = kind, .size = len / 2 };

    if (hex[len] || len % 2 || !len) {
        return false;
    }
    object.bytes = xmalloc(object.size);
    for (size_t i = 0; i < object.size; i++) {
        object.bytes[i] = (hexit_value(hex[2 * i]) << 4
                           | hexit_value(hex[2 * i + 1]));
    }
    if (!external_codec_check(&object)) {
        free(object.bytes);
        return false;
    }
    external_objects_add(&taken->objects, &object);
    return true;
}

/* "ipv4/conf rp_filter 1". */
static bool
parse_sysctl(const char *value, struct external_taken *taken)
{
    static const char *const dirs[] = { "ipv4/conf", "ipv4/neigh",
                                        "ipv6/conf", "ipv6/neigh" };
    char *copy = xstrdup(value);
    char *rest = copy;
    const char *dir = strsep(&rest, " ");
    const char *key = strsep(&rest, " ");
    bool ok = false;

    for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
        ok |= key && rest && !strcmp(dir, dirs[i]) && is_plain(key);
    }
    if (ok) {
        external_sysctls_add(&taken->sysctls, dir, key, rest);
    }
    free(copy);
    return ok;
}

static bool
parse_u32(const char *text, uint32_t *value)
{
    size_t n = strspn(text, "0123456789");
    unsigned long long int number;

    if (!n || n > 10 || text[n]) {
        return false;
    }
    number = strtoull(text, NULL, 10);
    if (number > UINT32_MAX) {
        return false;
    }
    *value = number;
    return true;
}

/* Can 'name' be one part of the path of a file? */
static bool
is_plain(const char *name)
{
    return (name[0] && name[0] != '.' && strlen(name) < 64
            && !strchr(name, '/'));
}

static char *
check_complete(const struct external_taken *taken, bool end)
{
    if (!end) {
        return xstrdup("the line \"end\" is missing");
    } else if (!taken->name[0]) {
        return xstrdup("there is no line \"interface\"");
    } else if (taken->phase == EXTERNAL_NONE) {
        return xstrdup("there is no line \"phase\"");
    } else if (taken->phase != EXTERNAL_FAILED && !taken->mtu) {
        return xstrdup("there is no line \"mtu\"");
    }
    return NULL;
}
