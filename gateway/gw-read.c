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

/* gw-read: reads a table of nftables.  See gw.h. */

#include <config.h>
#include "gateway/gw.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/child.h"
#include "util.h"

struct child *
gw_read_start(const char *name, long long int now)
{
    char *argv[] = {
        "nft", "list", "table", "inet", CONST_CAST(char *, name), NULL
    };

    return child_start(argv, "", now, now + GW_TIMEOUT_MS);
}

char *
gw_read_finish(const struct child *child, char **text)
{
    char *error = gw_error(child);

    /* Children run in the locale "C". */
    if (!error) {
        *text = xstrdup(child_stdout(child));
    } else if (child_exit_status(child) > 0
               && strstr(child_stderr(child), "No such file or directory")) {
        free(error);
        error = NULL;
        *text = NULL;
    }
    return error;
}
