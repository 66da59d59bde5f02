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

/* way-out-file: see way-out-file.h. */

#include <config.h>
#include "ovs-ctl/way-out-file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(way_out_file);

#define WAY_OUT_DIR "/var/lib/mobula"
#define MAX_SIZE 1024

static bool parse(const char *text, struct net_out_memory *);

void
way_out_file_read(struct net_out_memory *ret)
{
    struct file_contents contents;
    int error = file_read(WAY_OUT_FILE, MAX_SIZE, &contents);

    memset(ret, 0, sizeof *ret);
    if (error) {
        if (error != ENOENT) {
            VLOG_WARN(WAY_OUT_FILE": cannot be read: %s", ovs_strerror(error));
        }
        return;
    }
    if (!parse(contents.data, ret)) {
        VLOG_WARN(WAY_OUT_FILE": cannot be understood, and is ignored");
        memset(ret, 0, sizeof *ret);
    }
    file_contents_uninit(&contents);
}

int
way_out_file_write(const struct net_out_memory *memory)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    int error;

    if (!memory->link[0]) {
        return unlink(WAY_OUT_FILE) && errno != ENOENT ? errno : 0;
    }
    if (mkdir(WAY_OUT_DIR, 0755) && errno != EEXIST) {
        return errno;
    }
    ds_put_cstr(&s, "# Written by mobulad: the default route of this host "
                "before it led into Mobula.\n");
    ds_put_format(&s, "link %s via "IP_FMT" src "IP_FMT"\n", memory->link,
                  IP_ARGS(memory->via), IP_ARGS(memory->src));
    error = file_replace(WAY_OUT_FILE, ds_cstr(&s), s.length, 0644);
    ds_destroy(&s);
    return error;
}

static bool
parse(const char *text, struct net_out_memory *ret)
{
    const char *line = strchr(text, '\n');
    int n = -1;

    return (line
            && ovs_scan(line, "\nlink %15s via "IP_SCAN_FMT" src "IP_SCAN_FMT
                        "%n", ret->link, IP_SCAN_ARGS(&ret->via),
                        IP_SCAN_ARGS(&ret->src), &n)
            && !strcmp(line + n, "\n"));
}
