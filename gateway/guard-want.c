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

/* guard-want: (fabric, host id, kind of datapath, outside interfaces) -> what
 * the guard lets through.  See guard.h. */

#include <config.h>
#include "gateway/guard.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "sset.h"
#include "util.h"

static struct ipv4_prefix lower_half(struct ipv4_prefix);
static bool is_inner(const struct guard *, const char *name);

void
guard_want(const struct guard_want_in *in, struct guard *ret)
{
    const struct settings *settings = &in->fabric->settings;
    const char **names = sset_sort(in->outside);
    size_t n = sset_count(in->outside);

    *ret = (struct guard) {
        .vtep = addr_vtep(settings, in->self),
        .vtep_link = in->userspace_datapath ? BRIDGE_UNDERLAY : LINK_TUN_HOST,
        .intrawire = addr_intrawire(settings, in->self),
        .intrawire_link = LINK_DIR_HOST,
        .intrawire_prefix = settings->intrawire_prefix,
        .hosts_prefix = lower_half(settings->intrawire_prefix),
        .facts_port = settings->facts_port,
        .outside = xcalloc(n ? n : 1, sizeof *ret->outside),
    };
    for (size_t i = 0; i < n; i++) {
        if (!is_inner(ret, names[i])) {
            ovs_strlcpy(ret->outside[ret->n_outside++], names[i],
                        sizeof *ret->outside);
        }
    }
    free(names);
}

void
guard_uninit(struct guard *guard)
{
    free(guard->outside);
}

bool
guard_name_is_plain(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+");

    return len > 0 && len < IFNAMSIZ && !name[len];
}

/* Host ids end at 32767; the upper half of the intrawire prefix is for
 * clients. */
static struct ipv4_prefix
lower_half(struct ipv4_prefix prefix)
{
    prefix.len++;
    return prefix;
}

/* A configuration may give endpoints that are reached through Mobula itself;
 * that does not make its links outside ones. */
static bool
is_inner(const struct guard *guard, const char *name)
{
    return !strcmp(name, "lo") || !strcmp(name, guard->vtep_link)
           || !strcmp(name, guard->intrawire_link);
}
