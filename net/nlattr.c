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

/* nlattr: attributes of rtnetlink messages that nobody has vetted.
 * See nlattr.h. */

#include <config.h>
#include "net/nlattr.h"

#include <libmnl/libmnl.h>
#include <string.h>

/* Attributes by type; 'max' is the greatest type of interest. */
struct attr_table {
    const struct nlattr **attrs;
    uint16_t max;
};

static int collect_attr(const struct nlattr *, void *table);

bool
nlattr_parse(const struct nlmsghdr *nlh, size_t header_size,
             const struct nlattr **attrs, uint16_t max)
{
    struct attr_table table = { attrs, max };

    memset(attrs, 0, (max + 1) * sizeof *attrs);
    return (nlh->nlmsg_len >= MNL_NLMSG_HDRLEN + MNL_ALIGN(header_size)
            && mnl_attr_parse(nlh, header_size, collect_attr, &table)
               == MNL_CB_OK);
}

bool
nlattr_parse_nested(const struct nlattr *nest, const struct nlattr **attrs,
                    uint16_t max)
{
    struct attr_table table = { attrs, max };

    memset(attrs, 0, (max + 1) * sizeof *attrs);
    return mnl_attr_parse_nested(nest, collect_attr, &table) == MNL_CB_OK;
}

bool
nlattr_parse_payload(const void *payload, size_t size,
                     const struct nlattr **attrs, uint16_t max)
{
    struct attr_table table = { attrs, max };

    memset(attrs, 0, (max + 1) * sizeof *attrs);
    return mnl_attr_parse_payload(payload, size, collect_attr, &table)
           == MNL_CB_OK;
}

bool
nlattr_u8(const struct nlattr *attr, uint8_t *value)
{
    if (!attr || mnl_attr_get_payload_len(attr) != sizeof *value) {
        return false;
    }
    *value = mnl_attr_get_u8(attr);
    return true;
}

bool
nlattr_u32(const struct nlattr *attr, uint32_t *value)
{
    if (!attr || mnl_attr_get_payload_len(attr) != sizeof *value) {
        return false;
    }
    *value = mnl_attr_get_u32(attr);
    return true;
}

bool
nlattr_be32(const struct nlattr *attr, ovs_be32 *value)
{
    if (!attr || mnl_attr_get_payload_len(attr) != sizeof *value) {
        return false;
    }
    memcpy(value, mnl_attr_get_payload(attr), sizeof *value);
    return true;
}

bool
nlattr_mac(const struct nlattr *attr, struct eth_addr *mac)
{
    if (!attr || mnl_attr_get_payload_len(attr) != sizeof *mac) {
        return false;
    }
    memcpy(mac, mnl_attr_get_payload(attr), sizeof *mac);
    return true;
}

bool
nlattr_string(const struct nlattr *attr, char *dst, size_t size)
{
    const char *src;
    size_t len;

    if (!attr) {
        return false;
    }
    src = mnl_attr_get_payload(attr);
    len = strnlen(src, mnl_attr_get_payload_len(attr));
    if (!len || len >= size) {
        return false;
    }
    memcpy(dst, src, len);
    dst[len] = '\0';
    return true;
}

static int
collect_attr(const struct nlattr *attr, void *table_)
{
    struct attr_table *table = table_;
    uint16_t type = mnl_attr_get_type(attr);

    if (type <= table->max) {
        table->attrs[type] = attr;
    }
    return MNL_CB_OK;
}
