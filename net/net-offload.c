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

/* net-offload: transmit checksum offload of a link.  See net-offload.h. */

#include <config.h>
#include "net/net-offload.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "openvswitch/util.h"
#include "util.h"

static int ethtool_value(int fd, const char *name, uint32_t command,
                         uint32_t *value);

enum net_offload
net_offload_get(int fd, const char *name)
{
    uint32_t value = 0;

    if (ethtool_value(fd, name, ETHTOOL_GTXCSUM, &value)) {
        return NET_OFFLOAD_ANY;
    }
    return value ? NET_OFFLOAD_ON : NET_OFFLOAD_OFF;
}

int
net_offload_set(int fd, const char *name, enum net_offload value)
{
    uint32_t on = value == NET_OFFLOAD_ON;

    return ethtool_value(fd, name, ETHTOOL_STXCSUM, &on);
}

static int
ethtool_value(int fd, const char *name, uint32_t command, uint32_t *value)
{
    struct ethtool_value ev = { .cmd = command, .data = *value };
    struct ifreq ifr;

    memset(&ifr, 0, sizeof ifr);
    ovs_strlcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    ifr.ifr_data = (char *) &ev;
    if (ioctl(fd, SIOCETHTOOL, &ifr)) {
        return errno;
    }
    *value = ev.data;
    return 0;
}
