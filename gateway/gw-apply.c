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

/* gw-apply: replaces or removes a table of nftables.  See gw.h. */

#include <config.h>
#include "gateway/gw.h"

#include <errno.h>

#include "gateway/child.h"
#include "util.h"

struct child *
gw_apply_start(const char *commands, long long int now)
{
    char *argv[] = { "nft", "-f", "-", NULL };

    return child_start(argv, commands, now, now + GW_TIMEOUT_MS);
}

char *
gw_apply_finish(const struct child *child)
{
    return gw_error(child);
}

char *
gw_error(const struct child *child)
{
    if (child_start_error(child) == ENOENT) {
        return xstrdup("the program nft is not installed: what may come "
                       "in, and what is forwarded, cannot be looked after "
                       "(Debian package nftables)");
    }
    return child_error(child);
}
