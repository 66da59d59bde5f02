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

/* harden: protects the memory of this process.  See harden.h. */

#include <config.h>
#include "ovs-ctl/harden.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(harden);

void
harden_process(void)
{
    struct rlimit none = { 0, 0 };

    if (setrlimit(RLIMIT_CORE, &none)) {
        VLOG_WARN("cannot switch off core dumps: %s", ovs_strerror(errno));
    }
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) {
        VLOG_WARN("cannot make memory undumpable: %s", ovs_strerror(errno));
    }
}
