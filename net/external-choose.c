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

/* external-choose: which interface leads outside, and all that is on it.  See
 * external.h. */

#include <config.h>
#include "net/external.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "net/net-ctx.h"
#include "openvswitch/util.h"
#include "util.h"

/* An interface that is looked for. */
struct search {
    const struct in6_addr *endpoint;
    uint32_t carrier;           /* The one that has 'endpoint', or 0. */
    uint32_t by_default;        /* The one of the best default route that is
                                 * not ours, or 0. */
    uint32_t metric;            /* Of that route. */
};

static int find_name(struct net_ctx *, const char *choice,
                     const struct in6_addr *endpoint, char name[IFNAMSIZ]);
static int read_all(struct net_ctx *, const struct external_link *,
                    struct external_taken *, char **why);
static void read_sysctls(const char *link, struct external_sysctls *);

int
external_choose(struct net_ctx *ctx, const char *choice,
                const struct in6_addr *endpoint, struct external_taken *ret,
                char **error)
{
    struct external_link link = { .exists = false };
    struct external_taken taken;
    char name[IFNAMSIZ] = "";
    char *why = NULL;
    int retval = find_name(ctx, choice, endpoint, name);

    external_taken_init(&taken);
    if (!retval && !name[0]) {
        *error = xstrdup("no interface has this host's endpoint address or a "
                         "default route: name it with \"external_interface\" "
                         "in mobula.yml");
        return ENODEV;
    }
    if (!retval) {
        retval = external_read_link(&ctx->ns[NET_HOST], name, &link);
    }
    if (!retval) {
        why = external_refuse(&link);
        retval = why ? EOPNOTSUPP : read_all(ctx, &link, &taken, &why);
    }
    if (retval) {
        *error = xasprintf("interface %s cannot become the gateway's: %s",
                           name, why ? why : ovs_strerror(retval));
        free(why);
        external_taken_uninit(&taken);
        return retval;
    }
    taken.phase = EXTERNAL_TAKEN;
    taken.choice = xstrdup(choice);
    *ret = taken;
    return 0;
}

static void
reset_search(void *search OVS_UNUSED)
{
    /* What is found again is the same or better. */
}

static void
take_carrier(const struct nlmsghdr *nlh, void *search_)
{
    struct search *search = search_;
    struct in6_addr address;
    uint32_t ifindex;

    if (external_codec_parse_carrier(nlh, &ifindex, &address)
        && ipv6_addr_equals(&address, search->endpoint)) {
        search->carrier = ifindex;
    }
}

/* An administrator may have set the default route to the gateway already: that
 * is not the way out that is looked for. */
static void
take_default(const struct nlmsghdr *nlh, void *search_)
{
    struct search *search = search_;
    char name[IFNAMSIZ];
    uint32_t ifindex, metric;

    if (external_codec_parse_default(nlh, &ifindex, &metric)
        && (!search->by_default || metric < search->metric)
        && if_indextoname(ifindex, name)
        && net_link_role(name) == NET_ROLE_FOREIGN) {
        search->by_default = ifindex;
        search->metric = metric;
    }
}

/* Stores an empty name if there is none. */
static int
find_name(struct net_ctx *ctx, const char *choice,
          const struct in6_addr *endpoint, char name[IFNAMSIZ])
{
    static const uint8_t families[] = { AF_INET, AF_INET6 };
    struct search search = { .endpoint = endpoint };
    struct nlns *host = &ctx->ns[NET_HOST];
    union net_codec_buffer buf;
    uint32_t ifindex;
    int error = 0;

    if (strcmp(choice, "auto")) {
        ovs_strlcpy(name, choice, IFNAMSIZ);
        return 0;
    }
    if (ipv6_addr_is_set(endpoint)) {
        error = external_dump(host, net_codec_dump_addrs(&buf, AF_UNSPEC),
                              take_carrier, reset_search, &search);
    }
    /* A default route of IPv4 goes before one of IPv6. */
    for (size_t i = 0; i < ARRAY_SIZE(families) && !search.by_default; i++) {
        int e = external_dump(host, external_codec_dump(&buf, EXTERNAL_ROUTE,
                                                        families[i]),
                              take_default, reset_search, &search);

        error = error || e == ENOENT ? error : e;
    }
    ifindex = search.carrier ? search.carrier : search.by_default;
    if (ifindex && !if_indextoname(ifindex, name)) {
        error = errno;
    }
    return error;
}

/* 'taken' is initialized. */
static int
read_all(struct net_ctx *ctx, const struct external_link *link,
         struct external_taken *taken, char **why)
{
    struct in6_addr *addresses;
    size_t n_addresses;
    int error;

    ovs_strlcpy(taken->name, link->name, sizeof taken->name);
    taken->up = link->up;
    taken->ifindex = link->ifindex;
    taken->mtu = link->mtu;
    taken->mac = link->mac;
    read_sysctls(link->name, &taken->sysctls);
    error = external_read_objects(&ctx->ns[NET_HOST], link, &taken->objects,
                                  why);
    if (error || *why) {
        return error ? error : EOPNOTSUPP;
    }
    n_addresses = external_taken_addresses(taken, &addresses);
    free(addresses);
    if (!n_addresses || !link->up) {
        *why = xstrdup(link->up ? "it has no address" : "it is down");
        return EOPNOTSUPP;
    }
    return 0;
}

/* Reads the sysctls below /proc/sys/net/'dir'/'link' that can be written. */
static void
read_directory(const char *dir, const char *link,
               struct external_sysctls *sysctls)
{
    char *path = xasprintf("/proc/sys/net/%s/%s", dir, link);
    DIR *stream = opendir(path);
    struct dirent *entry;

    while (stream && (entry = readdir(stream))) {
        struct stat st;
        char *value;

        if (fstatat(dirfd(stream), entry->d_name, &st, 0)
            || !S_ISREG(st.st_mode) || !(st.st_mode & S_IWUSR)) {
            continue;
        }
        value = external_sysctl_get(dir, link, entry->d_name);
        if (value && value[0]) {
            external_sysctls_add(sysctls, dir, entry->d_name, value);
        }
        free(value);
    }
    if (stream) {
        closedir(stream);
    }
    free(path);
}

static void
read_sysctls(const char *link, struct external_sysctls *sysctls)
{
    read_directory("ipv4/conf", link, sysctls);
    read_directory("ipv4/neigh", link, sysctls);
    read_directory("ipv6/conf", link, sysctls);
    read_directory("ipv6/neigh", link, sysctls);
}
