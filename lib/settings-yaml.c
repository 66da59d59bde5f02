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

/* settings-yaml: text of mobula.yml <-> struct settings.
 * See settings-yaml.h. */

#include <config.h>
#include "lib/settings-yaml.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/closest.h"
#include "lib/mtu.h"
#include "lib/settings-list.h"
#include "lib/ytree.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

enum setting_kind {
    KIND_PREFIX, KIND_NUMBER, KIND_CHOICE, KIND_MACS, KIND_IPS, KIND_ADDRESSES,
    KIND_PREFIX6, KIND_LINK
};

/* A setting in the file.  Limits that depend on other settings are checked
 * later, in fabric-check.c. */
struct setting_type {
    const char *name;
    enum setting_kind kind;
    uint32_t min, max;          /* KIND_NUMBER. */
    const char *choices[4];     /* KIND_CHOICE: by value, null-terminated.
                                 * KIND_NUMBER: [0] is a word for 0, if 0 is
                                 * less than 'min'. */
};

static const struct setting_type types[SETTING_N] = {
    [SETTING_ACCESS_PREFIX] = { .name = "access_prefix" },
    [SETTING_INTRAWIRE_PREFIX] = { .name = "intrawire_prefix" },
    [SETTING_EXTRAWIRE_PREFIX] = { .name = "extrawire_prefix" },
    [SETTING_VTEP_PREFIX] = { .name = "vtep_prefix" },
    [SETTING_WIREGUARD_PORT] = {
        "wireguard_port", KIND_NUMBER, 1, UINT16_MAX, { NULL },
    },
    [SETTING_VXLAN_PORT] = {
        "vxlan_port", KIND_NUMBER, 1, UINT16_MAX, { NULL },
    },
    [SETTING_VNI] = { "vni", KIND_NUMBER, 1, (1 << 23) - 1, { NULL } },
    [SETTING_UNDERLAY_MTU] = {
        "underlay_mtu", KIND_NUMBER, MTU_MIN, UINT16_MAX, { "auto" },
    },
    [SETTING_MTU_HOLD] = {
        "mtu_hold", KIND_NUMBER, 0, UINT16_MAX, { NULL },
    },
    [SETTING_KEEPALIVE] = {
        "keepalive", KIND_NUMBER, 0, UINT16_MAX, { NULL },
    },
    [SETTING_BFD_INTERVAL] = {
        "bfd_interval", KIND_NUMBER, 1, UINT16_MAX, { "auto" },
    },
    [SETTING_BFD_MULT] = {
        "bfd_mult", KIND_NUMBER, 1, UINT8_MAX, { "auto" },
    },
    [SETTING_BFD_BUDGET] = {
        "bfd_budget", KIND_NUMBER, 1, 1000000, { NULL },
    },
    [SETTING_HOLD_DOWN] = {
        "hold_down", KIND_NUMBER, 0, UINT16_MAX, { NULL },
    },
    [SETTING_HOLD_DOWN_MAX] = {
        "hold_down_max", KIND_NUMBER, 0, UINT16_MAX, { NULL },
    },
    [SETTING_POOR_LOSS] = {
        "poor_loss", KIND_NUMBER, 1, 100, { NULL },
    },
    [SETTING_MAC_AGE] = {
        "mac_age", KIND_NUMBER, 1, UINT16_MAX, { NULL },
    },
    [SETTING_MAC_LIMIT] = {
        "mac_limit", KIND_NUMBER, 1, 1000000, { NULL },
    },
    [SETTING_PORT_MAC_LIMIT] = {
        "port_mac_limit", KIND_NUMBER, 1, 1000000, { NULL },
    },
    [SETTING_FLOOD_LIMIT] = {
        "flood_limit", KIND_NUMBER, 0, 100000000, { NULL },
    },
    [SETTING_UNKNOWN_LIMIT] = {
        "unknown_limit", KIND_NUMBER, 0, 100000000, { NULL },
    },
    [SETTING_LOOP_INTERVAL] = {
        "loop_interval", KIND_NUMBER, 0, 3600, { NULL },
    },
    [SETTING_MOVE_EXEMPT] = {
        "move_exempt", KIND_MACS, 0, 0, { NULL },
    },
    [SETTING_ANSWER_EXEMPT] = {
        "answer_exempt", KIND_IPS, 0, 0, { NULL },
    },
    [SETTING_DNS_SERVERS] = {
        "dns_servers", KIND_ADDRESSES, 0, 0, { NULL },
    },
    [SETTING_IPV6] = {
        "ipv6", KIND_CHOICE, 0, 0,
        { [IPV6_OFF] = "off", [IPV6_NAT] = "nat", [IPV6_ROUTED] = "routed" },
    },
    [SETTING_IPV6_PREFIX] = {
        "ipv6_prefix", KIND_PREFIX6, 0, 0, { NULL },
    },
    [SETTING_FACTS_PORT] = {
        "facts_port", KIND_NUMBER, 1, UINT16_MAX, { NULL },
    },
    [SETTING_FACTS_HOLD] = {
        "facts_hold", KIND_NUMBER, 1, UINT16_MAX, { NULL },
    },
    [SETTING_RESOLVE_INTERVAL] = {
        "resolve_interval", KIND_NUMBER, 1, UINT16_MAX, { NULL },
    },
    [SETTING_WATCH_CONFIG] = {
        "watch_config", KIND_CHOICE, 0, 0, { "false", "true" },
    },
    [SETTING_DATAPATH] = {
        "datapath", KIND_CHOICE, 0, 0,
        { [DATAPATH_AUTO] = "auto", [DATAPATH_KERNEL] = "kernel",
          [DATAPATH_USERSPACE] = "userspace" },
    },
    [SETTING_WIREGUARD] = {
        "wireguard", KIND_CHOICE, 0, 0,
        { [WIREGUARD_AUTO] = "auto", [WIREGUARD_KERNEL] = "kernel",
          [WIREGUARD_USERSPACE] = "userspace" },
    },
    [SETTING_EXTERNAL] = {
        "external", KIND_CHOICE, 0, 0,
        { [EXTERNAL_SHARE] = "share", [EXTERNAL_MOVE] = "move" },
    },
    [SETTING_EXTERNAL_INTERFACE] = {
        "external_interface", KIND_LINK, 0, 0, { NULL },
    },
    [SETTING_EXTERNAL_WATCHDOG] = {
        "external_watchdog", KIND_NUMBER, 0, 3600, { NULL },
    },
    [SETTING_WIRE_TO_WIRE] = {
        "wire_to_wire", KIND_CHOICE, 0, 0,
        { [false] = "false", [true] = "true" },
    },
};

/* Where in struct settings a setting that is a number or a choice is.  The
 * size is that of a uint8_t, uint16_t, uint32_t, or of a bool or an enum,
 * which have one of these sizes. */
struct setting_member {
    size_t offset;
    size_t size;                /* 0 for all other settings. */
};
#define MEMBER(NAME) \
    { offsetof(struct settings, NAME), sizeof ((struct settings *) 0)->NAME }

static const struct setting_member members[SETTING_N] = {
    [SETTING_WIREGUARD_PORT] = MEMBER(wireguard_port),
    [SETTING_VXLAN_PORT] = MEMBER(vxlan_port),
    [SETTING_VNI] = MEMBER(vni),
    [SETTING_UNDERLAY_MTU] = MEMBER(underlay_mtu),
    [SETTING_MTU_HOLD] = MEMBER(mtu_hold_s),
    [SETTING_KEEPALIVE] = MEMBER(keepalive_s),
    [SETTING_BFD_INTERVAL] = MEMBER(bfd_interval_ms),
    [SETTING_BFD_MULT] = MEMBER(bfd_mult),
    [SETTING_BFD_BUDGET] = MEMBER(bfd_budget),
    [SETTING_HOLD_DOWN] = MEMBER(hold_down_s),
    [SETTING_HOLD_DOWN_MAX] = MEMBER(hold_down_max_s),
    [SETTING_POOR_LOSS] = MEMBER(poor_loss),
    [SETTING_MAC_AGE] = MEMBER(mac_age_s),
    [SETTING_MAC_LIMIT] = MEMBER(mac_limit),
    [SETTING_PORT_MAC_LIMIT] = MEMBER(port_mac_limit),
    [SETTING_FLOOD_LIMIT] = MEMBER(flood_limit),
    [SETTING_UNKNOWN_LIMIT] = MEMBER(unknown_limit),
    [SETTING_LOOP_INTERVAL] = MEMBER(loop_interval_s),
    [SETTING_FACTS_PORT] = MEMBER(facts_port),
    [SETTING_FACTS_HOLD] = MEMBER(facts_hold_s),
    [SETTING_RESOLVE_INTERVAL] = MEMBER(resolve_interval_s),
    [SETTING_WATCH_CONFIG] = MEMBER(watch_config),
    [SETTING_IPV6] = MEMBER(ipv6),
    [SETTING_DATAPATH] = MEMBER(datapath),
    [SETTING_WIREGUARD] = MEMBER(wireguard),
    [SETTING_EXTERNAL] = MEMBER(external),
    [SETTING_EXTERNAL_WATCHDOG] = MEMBER(external_watchdog_s),
    [SETTING_WIRE_TO_WIRE] = MEMBER(wire_to_wire),
};

static bool find_setting(const char *name, enum setting *);
static void report_unknown(const struct ytree *key, struct config_messages *);
static bool parse_setting(struct settings *, enum setting,
                          const struct ytree *, struct config_messages *);
static bool parse_prefix(const struct ytree *, const char *name,
                         struct config_messages *, struct ipv4_prefix *);
static bool split_prefix(const char *, struct ipv4_prefix *);
static int parse_choice(const struct ytree *, const struct setting_type *,
                        struct config_messages *);
static bool parse_link(const struct ytree *, const char *name,
                       struct config_messages *, char link[IFNAMSIZ]);
static uint32_t get_number(const struct settings *, enum setting);
static void set_number(struct settings *, enum setting, uint32_t value);

void
settings_yaml_parse(const char *text, size_t size, const char *file,
                    struct fabric *fabric, struct config_messages *msgs)
{
    struct settings *s = &fabric->settings;
    struct ytree *root;

    file = fabric->file_names[CONFIG_FILE_SETTINGS] = xstrdup(file);
    if (!ytree_parse(text, size, file, msgs, &root)) {
        return;
    }
    if (root && !ytree_is_null(root)
        && ytree_expect_mapping(root, "the file", "'name: value' lines",
                                msgs)) {
        for (size_t i = 0; i < root->n; i++) {
            const struct ytree_entry *e = &root->entries[i];
            enum setting id;

            if (!find_setting(e->key->text, &id)) {
                report_unknown(e->key, msgs);
            } else if (parse_setting(s, id, e->value, msgs)) {
                fabric->setting_pos[id] = e->value->pos;
            }
        }
    }
    if (fabric->setting_pos[SETTING_INTRAWIRE_PREFIX].file
        && !fabric->setting_pos[SETTING_EXTRAWIRE_PREFIX].file
        && s->intrawire_prefix.len < 32) {
        unsigned int len = s->intrawire_prefix.len + 1;

        s->extrawire_prefix.address = (s->intrawire_prefix.address
                                       | htonl(1u << (32 - len)));
        s->extrawire_prefix.len = len;
    }
    ytree_destroy(root);
}

const char *
settings_yaml_name(enum setting id)
{
    return types[id].name;
}

const struct ipv4_prefix *
settings_yaml_prefix(const struct settings *s, enum setting id)
{
    return (id == SETTING_ACCESS_PREFIX ? &s->access_prefix
            : id == SETTING_INTRAWIRE_PREFIX ? &s->intrawire_prefix
            : id == SETTING_EXTRAWIRE_PREFIX ? &s->extrawire_prefix
            : &s->vtep_prefix);
}

void
settings_yaml_format(const struct settings *s, struct ds *out)
{
    for (size_t i = 0; i < SETTING_N; i++) {
        const struct setting_type *type = &types[i];

        ds_put_format(out, "%s: ", type->name);
        if (type->kind == KIND_PREFIX) {
            const struct ipv4_prefix *prefix = settings_yaml_prefix(s, i);

            ds_put_format(out, IP_FMT"/%u\n", IP_ARGS(prefix->address),
                          prefix->len);
        } else if (type->kind == KIND_NUMBER) {
            uint32_t number = get_number(s, i);

            if (type->choices[0] && !number) {
                ds_put_format(out, "%s\n", type->choices[0]);
            } else {
                ds_put_format(out, "%"PRIu32"\n", number);
            }
        } else if (type->kind == KIND_MACS) {
            settings_list_format_macs(s->move_exempt, s->n_move_exempt, out);
        } else if (type->kind == KIND_IPS) {
            settings_list_format_ips(s->answer_exempt, s->n_answer_exempt,
                                     out);
        } else if (type->kind == KIND_ADDRESSES) {
            settings_list_format_ips(s->dns_servers, s->n_dns_servers, out);
        } else if (type->kind == KIND_PREFIX6) {
            settings_list_format_prefix6(&s->ipv6_prefix, out);
        } else if (type->kind == KIND_LINK) {
            ds_put_format(out, "%s\n", s->external_interface);
        } else {
            ds_put_format(out, "%s\n", type->choices[get_number(s, i)]);
        }
    }
}

static bool
find_setting(const char *name, enum setting *id)
{
    for (size_t i = 0; i < SETTING_N; i++) {
        if (!strcmp(name, types[i].name)) {
            *id = i;
            return true;
        }
    }
    return false;
}

static void
report_unknown(const struct ytree *key, struct config_messages *msgs)
{
    const char *names[SETTING_N];
    const char *like;

    for (size_t i = 0; i < SETTING_N; i++) {
        names[i] = types[i].name;
    }
    like = closest_word(key->text, names, SETTING_N);
    if (like) {
        config_error(msgs, &key->pos, "'%.64s' is not a setting: did you "
                     "mean %s?", key->text, like);
    } else {
        config_error(msgs, &key->pos, "'%.64s' is not a setting: expected "
                     "one of mobula.yml(5)", key->text);
    }
}

/* Returns true if the setting was changed. */
static bool
parse_setting(struct settings *s, enum setting id, const struct ytree *node,
              struct config_messages *msgs)
{
    const struct setting_type *type = &types[id];
    const struct ytree_number number = {
        type->min, type->max, type->choices[0]
    };
    int64_t value;

    if (type->kind == KIND_PREFIX) {
        const struct ipv4_prefix *prefix = settings_yaml_prefix(s, id);

        return parse_prefix(node, type->name, msgs,
                            CONST_CAST(struct ipv4_prefix *, prefix));
    } else if (type->kind == KIND_MACS) {
        return settings_list_parse_macs(node, type->name, msgs,
                                        s->move_exempt, &s->n_move_exempt);
    } else if (type->kind == KIND_IPS) {
        return settings_list_parse_ips(node, type->name, msgs,
                                       s->answer_exempt, &s->n_answer_exempt);
    } else if (type->kind == KIND_ADDRESSES) {
        return settings_list_parse_addresses(node, type->name, msgs,
                                             s->dns_servers,
                                             &s->n_dns_servers);
    } else if (type->kind == KIND_PREFIX6) {
        return settings_list_parse_prefix6(node, type->name, msgs,
                                           &s->ipv6_prefix);
    } else if (type->kind == KIND_LINK) {
        return parse_link(node, type->name, msgs, s->external_interface);
    }
    value = (type->kind == KIND_NUMBER
             ? ytree_expect_number_or(node, type->name, &number, msgs)
             : parse_choice(node, type, msgs));
    if (value >= 0) {
        set_number(s, id, value);
    }
    return value >= 0;
}

static bool
parse_prefix(const struct ytree *node, const char *name,
             struct config_messages *msgs, struct ipv4_prefix *prefix)
{
    struct ipv4_prefix new;
    const char *text;
    ovs_be32 mask;

    if (!ytree_expect_text(node, name, "an IPv4 prefix such as 10.31.0.0/16",
                           msgs, &text)) {
        return false;
    }
    if (!split_prefix(text, &new)) {
        config_error(msgs, &node->pos, "%s '%.64s' is not an IPv4 prefix: "
                     "expected one such as 10.31.0.0/16", name, text);
        return false;
    }
    mask = be32_prefix_mask(new.len);
    if (new.address & ~mask) {
        config_error(msgs, &node->pos, "%s '%.64s' has bits set after the "
                     "first %u: expected "IP_FMT"/%u", name, text, new.len,
                     IP_ARGS(new.address & mask), new.len);
        return false;
    }
    *prefix = new;
    return true;
}

/* Splits "A.B.C.D/LEN", LEN in 0..32 without leading zeros. */
static bool
split_prefix(const char *text, struct ipv4_prefix *prefix)
{
    const char *slash = strchr(text, '/');
    char *address = slash ? xmemdup0(text, slash - text) : NULL;
    bool ok = (slash && ip_parse(address, &prefix->address)
               && settings_list_parse_len(slash + 1, 32, &prefix->len));

    free(address);
    return ok;
}

/* Returns the value of a choice, or -1 after adding an error. */
static int
parse_choice(const struct ytree *node, const struct setting_type *type,
             struct config_messages *msgs)
{
    struct ds expected = DS_EMPTY_INITIALIZER;
    const char *text;
    int value = -1;

    for (size_t i = 0; type->choices[i]; i++) {
        ds_put_format(&expected, "%s%s",
                      !i ? "" : type->choices[i + 1] ? ", " : " or ",
                      type->choices[i]);
    }
    if (ytree_expect_text(node, type->name, ds_cstr(&expected), msgs,
                          &text)) {
        for (size_t i = 0; type->choices[i]; i++) {
            if (!strcmp(text, type->choices[i])) {
                value = i;
            }
        }
        if (value < 0) {
            config_error(msgs, &node->pos, "%s '%.64s' is not known: "
                         "expected %s", type->name, text, ds_cstr(&expected));
        }
    }
    ds_destroy(&expected);
    return value;
}

/* Stores the name of an interface in 'link'. */
static bool
parse_link(const struct ytree *node, const char *name,
           struct config_messages *msgs, char link[IFNAMSIZ])
{
    const char *text;

    if (!ytree_expect_text(node, name, "auto, or the name of an interface "
                           "such as ens3", msgs, &text)) {
        return false;
    }
    /* What the kernel takes for a name. */
    if (!text[0] || strlen(text) >= IFNAMSIZ || strpbrk(text, "/: \t\n")
        || !strcmp(text, ".") || !strcmp(text, "..")) {
        config_error(msgs, &node->pos, "%s '%.64s' cannot be the name of an "
                     "interface: expected auto, or one such as ens3", name,
                     text);
        return false;
    }
    ovs_strlcpy(link, text, IFNAMSIZ);
    return true;
}

/* Returns the value of a setting that is a number or a choice. */
static uint32_t
get_number(const struct settings *s, enum setting id)
{
    const struct setting_member *member = &members[id];
    const char *p = (const char *) s + member->offset;
    uint32_t value32;
    uint16_t value16;
    uint8_t value8;

    switch (member->size) {
    case sizeof value8:
        memcpy(&value8, p, sizeof value8);
        return value8;
    case sizeof value16:
        memcpy(&value16, p, sizeof value16);
        return value16;
    case sizeof value32:
        memcpy(&value32, p, sizeof value32);
        return value32;
    default:
        OVS_NOT_REACHED();
    }
}

/* The counterpart of get_number(); 'value' is within the limits of 'types'. */
static void
set_number(struct settings *s, enum setting id, uint32_t value)
{
    const struct setting_member *member = &members[id];
    char *p = (char *) s + member->offset;
    uint16_t value16 = value;
    uint8_t value8 = value;

    switch (member->size) {
    case sizeof value8:
        memcpy(p, &value8, sizeof value8);
        return;
    case sizeof value16:
        memcpy(p, &value16, sizeof value16);
        return;
    case sizeof value:
        memcpy(p, &value, sizeof value);
        return;
    default:
        OVS_NOT_REACHED();
    }
}
