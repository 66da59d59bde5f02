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

/* wg-uapi-socket: connects to the unix socket of the program that runs a
 * WireGuard device.  See wg-uapi-socket.h. */

#include <config.h>
#include "wg/wg-uapi-socket.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "openvswitch/util.h"
#include "util.h"

bool
wg_uapi_name_is_valid(const char *ifname)
{
    size_t len = strlen(ifname);

    return len > 0 && len < IFNAMSIZ && !strpbrk(ifname, "/ \t\n")
           && strcmp(ifname, ".") && strcmp(ifname, "..");
}

char *
wg_uapi_socket_path(const char *ifname)
{
    return xasprintf("%s/%s.sock", WG_UAPI_DIR, ifname);
}

int
wg_uapi_connect(const char *ifname, int *fdp)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd, retval;

    if (!wg_uapi_name_is_valid(ifname)) {
        return EINVAL;
    }
    snprintf(sun.sun_path, sizeof sun.sun_path, "%s/%s.sock", WG_UAPI_DIR,
             ifname);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    if (connect(fd, (struct sockaddr *) &sun, sizeof sun)) {
        retval = errno;
        close(fd);
        return retval;
    }
    *fdp = fd;
    return 0;
}
