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

/* facts-codec: what a peer's database Mobula says -> struct facts.  See
 * facts-codec.h. */

#include <config.h>
#include "ovs-ctl/facts-codec.h"

#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

/* No version of anything is longer. */
#define MAX_STRING_LEN 64

enum table { TABLE_HOST, TABLE_LINK, TABLE_MAC, N_TABLES };

/* What we read of them.  A null column ends it; the first one must be
 * there, and without the first table there is no point in going on. */
static const struct table_type {
    const char *name;
    const char *columns[8];
} tables[N_TABLES] = {
    [TABLE_HOST] = { "Host", { "host_id", "boot", "version", "config_digest",
                               "underlay_mtu", "path_mtu", "drained",
                               NULL } },
    [TABLE_LINK] = { "Link", { "peer", "up", "poor", "loss", "rtt", NULL } },
    [TABLE_MAC] = { "MAC", { "mac", "vlan", "sequence", "ips", NULL } },
};

/* Of table Host. */
struct host_row {
    int64_t host_id;
    uint16_t underlay_mtu, path_mtu;
    bool drained;
    char *boot, *version, *config_digest;
};

struct row {
    struct hmap_node node;      /* In struct facts_rows's 'rows'. */
    struct uuid uuid;
    enum table table;
    const char *senseless;      /* Why it is left out; a constant, or NULL. */
    union {
        struct host_row host;
        struct facts_link link;
        struct facts_mac mac;
    };
};

/* A row of JSON that is being read. */
struct reader {
    const struct shash *columns;
    const char *table;
    char *error;                /* The first one, or NULL. */
};

static char *add_columns(const struct table_type *, const struct json *schema,
                         struct json *requests);
static char *update_table(struct facts_rows *, enum table,
                          const struct json *);
static char *update_row(struct facts_rows *, enum table, const char *uuid,
                        const struct json *);
static char *read_row(const struct facts_rows *, struct row *,
                      const struct json *);
static void read_host(struct reader *, struct host_row *);
static const char *read_link(struct reader *, const struct facts_limits *,
                             struct facts_link *);
static const char *read_mac(struct reader *, struct facts_mac *);
static const char *read_ips(struct reader *, struct facts_mac *);
static const char *read_ip(const char *, struct facts_mac *);
static int64_t get_integer(struct reader *, const char *column);
static uint16_t get_mtu(struct reader *, const char *column);
static bool get_boolean(struct reader *, const char *column);
static const char *get_string(struct reader *, const char *column);
static const struct json *get(struct reader *, const char *column,
                              enum json_type);
static void set_error(struct reader *, const char *column);
static struct row *find_row(const struct facts_rows *, const struct uuid *);
static void remove_row(struct facts_rows *, struct row *);
static void free_row(struct row *);
static void add_row(const struct row *, struct facts *);

void
facts_rows_init(struct facts_rows *rows, const struct facts_limits *limits)
{
    *rows = (struct facts_rows) { .limits = *limits };
    hmap_init(&rows->rows);
}

void
facts_rows_uninit(struct facts_rows *rows)
{
    struct row *row;

    HMAP_FOR_EACH_POP (row, node, &rows->rows) {
        free_row(row);
    }
    hmap_destroy(&rows->rows);
}

char *
facts_codec_monitor(const struct json *schema, struct json **requests)
{
    const struct json *all = (schema->type == JSON_OBJECT
                              ? shash_find_data(json_object(schema), "tables")
                              : NULL);
    struct json *object;
    char *error = NULL;

    if (!all || all->type != JSON_OBJECT) {
        return xstrdup("its schema has no tables");
    }
    object = json_object_create();
    for (size_t i = 0; i < N_TABLES && !error; i++) {
        error = add_columns(&tables[i], all, object);
    }
    if (error) {
        json_destroy(object);
        return error;
    }
    *requests = object;
    return NULL;
}

char *
facts_rows_update(struct facts_rows *rows, const struct json *updates)
{
    char *error = NULL;

    if (updates->type != JSON_OBJECT) {
        return xstrdup("an update is not an object");
    }
    for (size_t i = 0; i < N_TABLES && !error; i++) {
        const struct json *table = shash_find_data(json_object(updates),
                                                   tables[i].name);
        if (table) {
            error = update_table(rows, i, table);
        }
    }
    return error;
}

bool
facts_rows_get(const struct facts_rows *rows, struct facts *ret,
               char **ignored)
{
    const char *senseless = NULL;
    size_t n_senseless = 0;
    struct facts facts;
    struct row *row;

    facts_init(&facts);
    facts.macs = xcalloc(rows->n_macs + 1, sizeof *facts.macs);
    facts.links = xcalloc(hmap_count(&rows->rows) - rows->n_macs + 1,
                          sizeof *facts.links);
    HMAP_FOR_EACH (row, node, &rows->rows) {
        if (!row->senseless) {
            add_row(row, &facts);
        } else {
            senseless = row->senseless;
            n_senseless++;
        }
    }
    if (!facts.host_id) {
        facts_uninit(&facts);
        return false;
    }
    facts_normalize(&facts);
    *ret = facts;
    *ignored = (n_senseless
                ? xasprintf("rows left out: %"PRIuSIZE", such as %s",
                            n_senseless, senseless)
                : NULL);
    return true;
}

/* Adds the monitor request for table 'type' of the schema's tables 'all'. */
static char *
add_columns(const struct table_type *type, const struct json *all,
            struct json *requests)
{
    const struct json *table = shash_find_data(json_object(all), type->name);
    const struct json *columns = (table && table->type == JSON_OBJECT
                                  ? shash_find_data(json_object(table),
                                                    "columns")
                                  : NULL);
    struct json *names, *request;

    if (!columns || columns->type != JSON_OBJECT
        || !shash_find(json_object(columns), type->columns[0])) {
        return (type != &tables[TABLE_HOST] ? NULL
                : xasprintf("its schema has no column %s in table %s",
                            type->columns[0], type->name));
    }
    names = json_array_create_empty();
    for (size_t i = 0; type->columns[i]; i++) {
        if (shash_find(json_object(columns), type->columns[i])) {
            json_array_add(names, json_string_create(type->columns[i]));
        }
    }
    request = json_object_create();
    json_object_put(request, "columns", names);
    json_object_put(requests, type->name, request);
    return NULL;
}

static char *
update_table(struct facts_rows *rows, enum table table,
             const struct json *json)
{
    struct shash_node *node;

    if (json->type != JSON_OBJECT) {
        return xasprintf("the update of table %s is not an object",
                         tables[table].name);
    }
    SHASH_FOR_EACH (node, json_object(json)) {
        char *error = update_row(rows, table, node->name, node->data);

        if (error) {
            return error;
        }
    }
    return NULL;
}

/* An update has the whole row ("new"), or none if it was deleted. */
static char *
update_row(struct facts_rows *rows, enum table table, const char *name,
           const struct json *json)
{
    const struct json *contents;
    struct uuid uuid;
    struct row *row;
    char *error;

    if (json->type != JSON_OBJECT || !uuid_from_string(&uuid, name)) {
        return xasprintf("a row of table %s is not one", tables[table].name);
    }
    row = find_row(rows, &uuid);
    if (row) {
        remove_row(rows, row);
    }
    contents = shash_find_data(json_object(json), "new");
    if (!contents) {
        return NULL;
    }
    row = xzalloc(sizeof *row);
    row->uuid = uuid;
    row->table = table;
    error = read_row(rows, row, contents);
    if (error) {
        free_row(row);
        return error;
    }
    hmap_insert(&rows->rows, &row->node, uuid_hash(&uuid));
    rows->n_macs += table == TABLE_MAC;
    if (rows->n_macs > rows->limits.max_macs) {
        return xasprintf("more than %"PRIu32" MACs (setting mac_limit)",
                         rows->limits.max_macs);
    } else if (hmap_count(&rows->rows) - rows->n_macs > HOST_ID_MAX) {
        return xstrdup("more links than there can be hosts");
    }
    return NULL;
}

static char *
read_row(const struct facts_rows *rows, struct row *row,
         const struct json *json)
{
    struct reader reader = { .table = tables[row->table].name };

    if (json->type != JSON_OBJECT) {
        return xasprintf("a row of table %s is not one", reader.table);
    }
    reader.columns = json_object(json);
    switch (row->table) {
    case TABLE_HOST:
        read_host(&reader, &row->host);
        if (!reader.error && row->host.host_id != rows->limits.peer) {
            reader.error = xasprintf("it says that it is host %"PRId64,
                                     row->host.host_id);
        }
        break;
    case TABLE_LINK:
        row->senseless = read_link(&reader, &rows->limits, &row->link);
        break;
    case TABLE_MAC:
        row->senseless = read_mac(&reader, &row->mac);
        break;
    case N_TABLES:
    default:
        OVS_NOT_REACHED();
    }
    return reader.error;
}

static void
read_host(struct reader *reader, struct host_row *host)
{
    host->host_id = get_integer(reader, "host_id");
    host->underlay_mtu = get_mtu(reader, "underlay_mtu");
    host->path_mtu = get_mtu(reader, "path_mtu");
    host->drained = get_boolean(reader, "drained");
    host->boot = nullable_xstrdup(get_string(reader, "boot"));
    host->version = nullable_xstrdup(get_string(reader, "version"));
    host->config_digest = nullable_xstrdup(get_string(reader,
                                                      "config_digest"));
}

/* Returns why the row makes no sense, or NULL. */
static const char *
read_link(struct reader *reader, const struct facts_limits *limits,
          struct facts_link *link)
{
    int64_t peer = get_integer(reader, "peer");
    int64_t loss = get_integer(reader, "loss");
    int64_t rtt = get_integer(reader, "rtt");

    link->up = get_boolean(reader, "up");
    link->poor = get_boolean(reader, "poor");
    if (peer < HOST_ID_MIN || peer > HOST_ID_MAX || peer == limits->peer) {
        return "a link to a host that cannot be";
    } else if (loss < 0 || loss > FACTS_MAX_LOSS) {
        return "a loss that cannot be";
    } else if (rtt < 0 || rtt > UINT32_MAX) {
        return "a round trip that cannot be";
    }
    link->peer = peer;
    link->loss = loss;
    link->rtt_us = rtt;
    return NULL;
}

/* Returns why the row makes no sense, or NULL. */
static const char *
read_mac(struct reader *reader, struct facts_mac *mac)
{
    struct eth_addr prefix = addr_mac_infra_prefix();
    struct eth_addr mask = addr_mac_infra_mask();
    int64_t vlan = get_integer(reader, "vlan");
    int64_t seqno = get_integer(reader, "sequence");
    const char *text = get_string(reader, "mac");

    if (!text || !eth_addr_from_string(text, &mac->mac)) {
        return "a MAC that is none";
    } else if (eth_addr_is_multicast(mac->mac)
               || eth_addr_is_zero(mac->mac)) {
        return "a MAC that is no station's";
    } else if (eth_addr_equal_except(mac->mac, prefix, mask)) {
        return "a MAC of a host or gateway";
    } else if (vlan < 0 || vlan > 4095) {
        return "a VLAN that cannot be";
    } else if (seqno < 0 || seqno > UINT32_MAX) {
        return "a sequence number that cannot be";
    }
    mac->vlan = vlan;
    mac->seqno = seqno;
    return read_ips(reader, mac);
}

/* A set of one element may stand alone.  Returns why the row makes no sense,
 * or NULL. */
static const char *
read_ips(struct reader *reader, struct facts_mac *mac)
{
    const struct json *json = shash_find_data(reader->columns, "ips");
    const struct json *elems;

    if (!json) {
        return NULL;
    } else if (json->type == JSON_STRING) {
        return read_ip(json_string(json), mac);
    }
    if (json->type != JSON_ARRAY || json->array.n != 2
        || json->array.elems[0]->type != JSON_STRING
        || strcmp(json_string(json->array.elems[0]), "set")
        || json->array.elems[1]->type != JSON_ARRAY) {
        set_error(reader, "ips");
        return NULL;
    }
    elems = json->array.elems[1];
    for (size_t i = 0; i < elems->array.n; i++) {
        const struct json *elem = elems->array.elems[i];
        const char *senseless;

        if (elem->type != JSON_STRING) {
            set_error(reader, "ips");
            return NULL;
        }
        senseless = read_ip(json_string(elem), mac);
        if (senseless) {
            return senseless;
        }
    }
    return NULL;
}

/* Returns why 'text' makes no sense as an address of a station, or NULL. */
static const char *
read_ip(const char *text, struct facts_mac *mac)
{
    struct in6_addr *ip;
    ovs_be32 ip4;

    if (mac->n_ips >= FACTS_MAX_IPS) {
        return "a MAC with too many IP addresses";
    }
    ip = &mac->ips[mac->n_ips];
    if (ip_parse(text, &ip4)) {
        in6_addr_set_mapped_ipv4(ip, ip4);
        if (!ip4 || ip_is_multicast(ip4) || ip4 == htonl(UINT32_MAX)) {
            return "an IP address that is no station's";
        }
    } else if (!ipv6_parse(text, ip) || !ipv6_addr_is_set(ip)
               || ipv6_addr_is_multicast(ip)) {
        return "an IP address that is no station's";
    }
    mac->n_ips++;
    return NULL;
}

/* Values of columns; those that are not there are 0, false or NULL. */
static int64_t
get_integer(struct reader *reader, const char *column)
{
    const struct json *json = get(reader, column, JSON_INTEGER);

    return json ? json_integer(json) : 0;
}

/* One that cannot be is as good as none. */
static uint16_t
get_mtu(struct reader *reader, const char *column)
{
    int64_t mtu = get_integer(reader, column);

    return mtu >= 0 && mtu <= UINT16_MAX ? mtu : 0;
}

static bool
get_boolean(struct reader *reader, const char *column)
{
    const struct json *json = shash_find_data(reader->columns, column);

    if (json && json->type != JSON_TRUE && json->type != JSON_FALSE) {
        set_error(reader, column);
    }
    return json && json->type == JSON_TRUE;
}

/* Borrowed: valid as long as the JSON. */
static const char *
get_string(struct reader *reader, const char *column)
{
    const struct json *json = get(reader, column, JSON_STRING);

    if (json && strlen(json_string(json)) > MAX_STRING_LEN) {
        set_error(reader, column);
        return NULL;
    }
    return json ? json_string(json) : NULL;
}

static const struct json *
get(struct reader *reader, const char *column, enum json_type type)
{
    const struct json *json = shash_find_data(reader->columns, column);

    if (json && json->type != type) {
        set_error(reader, column);
        return NULL;
    }
    return json;
}

static void
set_error(struct reader *reader, const char *column)
{
    if (!reader->error) {
        reader->error = xasprintf("column %s of table %s is not of its type",
                                  column, reader->table);
    }
}

static struct row *
find_row(const struct facts_rows *rows, const struct uuid *uuid)
{
    struct row *row;

    HMAP_FOR_EACH_WITH_HASH (row, node, uuid_hash(uuid), &rows->rows) {
        if (uuid_equals(&row->uuid, uuid)) {
            return row;
        }
    }
    return NULL;
}

static void
remove_row(struct facts_rows *rows, struct row *row)
{
    rows->n_macs -= row->table == TABLE_MAC;
    hmap_remove(&rows->rows, &row->node);
    free_row(row);
}

static void
free_row(struct row *row)
{
    if (row->table == TABLE_HOST) {
        free(row->host.boot);
        free(row->host.version);
        free(row->host.config_digest);
    }
    free(row);
}

/* Adds what 'row' says to 'facts', which has room for it. */
static void
add_row(const struct row *row, struct facts *facts)
{
    switch (row->table) {
    case TABLE_HOST:
        if (!facts->host_id) {
            facts->host_id = row->host.host_id;
            facts->underlay_mtu = row->host.underlay_mtu;
            facts->path_mtu = row->host.path_mtu;
            facts->drained = row->host.drained;
            facts->boot = nullable_xstrdup(row->host.boot);
            facts->version = nullable_xstrdup(row->host.version);
            facts->config_digest = nullable_xstrdup(row->host.config_digest);
        }
        break;
    case TABLE_LINK:
        facts->links[facts->n_links++] = row->link;
        break;
    case TABLE_MAC:
        facts->macs[facts->n_macs++] = row->mac;
        break;
    case N_TABLES:
    default:
        OVS_NOT_REACHED();
    }
}
