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
 *
 * What the decoders (net-*codec.c) have in common.  Pure. */

#ifndef MOBULA_NLATTR_H
#define MOBULA_NLATTR_H 1

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"

/* Stores each attribute behind the family's header of 'header_size' bytes in
 * 'attrs[type]', which has 'max + 1' elements; absent ones become NULL, those
 * of a greater type are left out.  The attributes are borrowed from the
 * message.  Returns false if it is malformed. */
bool nlattr_parse(const struct nlmsghdr *, size_t header_size,
                  const struct nlattr **attrs, uint16_t max);

/* The same with those inside 'nest'. */
bool nlattr_parse_nested(const struct nlattr *nest,
                         const struct nlattr **attrs, uint16_t max);

/* The same with those in the 'size' bytes at 'payload'. */
bool nlattr_parse_payload(const void *payload, size_t size,
                          const struct nlattr **attrs, uint16_t max);

/* Each stores the value of an attribute and returns true; or returns false,
 * with nothing stored, if the attribute is NULL or of another size. */
bool nlattr_u8(const struct nlattr *, uint8_t *);
bool nlattr_u32(const struct nlattr *, uint32_t *);
bool nlattr_be32(const struct nlattr *, ovs_be32 *);
bool nlattr_mac(const struct nlattr *, struct eth_addr *);

/* The same for a string, which must fit 'dst' of 'size' bytes and not be
 * empty.  It may lack its null, which the kernel leaves out in places. */
bool nlattr_string(const struct nlattr *, char *dst, size_t size);

#endif /* net/nlattr.h */
