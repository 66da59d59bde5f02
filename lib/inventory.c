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

/* inventory: an Ansible inventory in YAML -> its hosts, each with the values
 * of the variables that Mobula knows.  See inventory.h. */

#include <config.h>
#include "lib/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "lib/closest.h"
#include "lib/ytree.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Groups inside groups.  A loop of groups is deeper than any limit. */
#define MAX_GROUP_DEPTH 64

/* A group by its name; it may be written in several places. */
struct group {
    const char *name;           /* Borrowed from the tree. */
    struct source_pos pos;      /* Where it came first. */
    const struct ytree *vars[INVENTORY_N_VARS]; /* As those of a host. */
    struct group **parents;
    size_t n_parents;
    size_t allocated_parents;
    unsigned int depth;         /* Longest way to "all", 0 = not known yet;
                                 * "all" has 1. */
    size_t visit;               /* Number of the last select_vars() here. */
};

/* A host, and the groups that name it. */
struct member {
    struct inventory_host host;
    struct group **groups;
    size_t n_groups;
    size_t allocated_groups;
};

/* State of one inventory_from_tree(). */
struct builder {
    struct shash groups;        /* Of struct group, by name. */
    struct shash members;       /* Of struct member, by name. */
    struct member **order;      /* Members in the order of the file. */
    size_t n;
    size_t allocated;
    struct config_messages *msgs;
};

static struct group *read_group(struct builder *, const struct ytree *key,
                                const struct ytree *value);
static void report_section(struct builder *, const struct group *,
                           const struct ytree *key);
static void read_vars(struct builder *, struct group *, const struct ytree *);
static void read_children(struct builder *, struct group *,
                          const struct ytree *);
static void read_hosts(struct builder *, struct group *,
                       const struct ytree *);
static void read_host_vars(struct builder *, struct member *,
                           const struct ytree *);
static struct group *get_group(struct builder *, const char *name,
                               const struct source_pos *);
static struct member *get_member(struct builder *, const struct ytree *key);
static void add_group(struct group ***, size_t *n, size_t *allocated,
                      struct group *);
static unsigned int find_depth(struct builder *, struct group *,
                               unsigned int level);
static bool find_depths(struct builder *);
static void inherit_vars(struct member *, size_t visit);
static void select_vars(struct group *, size_t visit,
                        const struct group *best[INVENTORY_N_VARS]);
static void destroy_builder(struct builder *);

static const char *const var_names[INVENTORY_N_VARS] = {
    [INVENTORY_HOST_ID] = "host_id",
    [INVENTORY_HOSTNAME] = "hostname",
    [INVENTORY_WIREGUARD] = "wireguard",
    [INVENTORY_ANSIBLE_HOST] = "ansible_host",
    [INVENTORY_ENDPOINT] = "mobula_endpoint",
    [INVENTORY_KEEPALIVE] = "mobula_keepalive",
    [INVENTORY_PRESHARED_SECRET] = "mobula_preshared_secret",
};

const char *
inventory_var_name(enum inventory_var var)
{
    return var_names[var];
}

void
inventory_from_tree(const struct ytree *root, struct inventory *inventory,
                    struct config_messages *msgs)
{
    struct builder b = {
        .groups = SHASH_INITIALIZER(&b.groups),
        .members = SHASH_INITIALIZER(&b.members),
        .msgs = msgs,
    };

    inventory->hosts = NULL;
    inventory->n = 0;
    if (!ytree_expect_mapping(root, "the inventory",
                              "'all:' with 'hosts:' below it", msgs)) {
        return;
    }

    struct group *all = get_group(&b, "all", &root->pos);
    for (size_t i = 0; i < root->n; i++) {
        const struct ytree_entry *e = &root->entries[i];
        struct group *group = read_group(&b, e->key, e->value);

        if (group != all) {
            add_group(&group->parents, &group->n_parents,
                      &group->allocated_parents, all);
        }
    }

    bool depths_known = find_depths(&b);
    inventory->hosts = xcalloc(MAX(b.n, 1), sizeof *inventory->hosts);
    for (size_t i = 0; i < b.n; i++) {
        if (depths_known) {
            inherit_vars(b.order[i], i + 1);
        }
        inventory->hosts[inventory->n++] = b.order[i]->host;
    }
    destroy_builder(&b);
}

void
inventory_uninit(struct inventory *inventory)
{
    free(inventory->hosts);
    inventory->hosts = NULL;
    inventory->n = 0;
}

/* Reads "NAME: {vars: ..., children: ..., hosts: ...}". */
static struct group *
read_group(struct builder *b, const struct ytree *key,
           const struct ytree *value)
{
    struct group *group = get_group(b, key->text, &key->pos);
    char *what = xasprintf("group '%.64s'", group->name);

    if (!ytree_is_null(value)
        && ytree_expect_mapping(value, what, "hosts, children or vars",
                                b->msgs)) {
        for (size_t i = 0; i < value->n; i++) {
            const struct ytree_entry *e = &value->entries[i];

            if (!strcmp(e->key->text, "children")) {
                read_children(b, group, e->value);
            } else if (!strcmp(e->key->text, "hosts")) {
                read_hosts(b, group, e->value);
            } else if (!strcmp(e->key->text, "vars")) {
                read_vars(b, group, e->value);
            } else {
                report_section(b, group, e->key);
            }
        }
    }
    free(what);
    return group;
}

/* Ansible only warns of these; but a misspelt "hosts" is hosts that are not
 * there. */
static void
report_section(struct builder *b, const struct group *group,
               const struct ytree *key)
{
    static const char *const sections[] = { "children", "hosts", "vars" };
    const char *like = closest_word(key->text, sections,
                                    ARRAY_SIZE(sections));

    config_error(b->msgs, &key->pos, "'%.64s' in group '%.64s' is not part "
                 "of an inventory: expected hosts, children or vars%s%s%s",
                 key->text, group->name, like ? " (did you mean " : "",
                 like ? like : "", like ? "?)" : "");
}

static void
read_vars(struct builder *b, struct group *group, const struct ytree *vars)
{
    if (ytree_is_null(vars)
        || !ytree_expect_mapping(vars, "vars",
                                 "names and values of variables", b->msgs)) {
        return;
    }
    for (size_t i = 0; i < INVENTORY_N_VARS; i++) {
        const struct ytree *var = ytree_get(vars, var_names[i]);

        group->vars[i] = var ? var : group->vars[i];
    }
}

static void
read_children(struct builder *b, struct group *parent,
              const struct ytree *children)
{
    if (ytree_is_null(children)
        || !ytree_expect_mapping(children, "children", "names of groups",
                                 b->msgs)) {
        return;
    }
    for (size_t i = 0; i < children->n; i++) {
        const struct ytree_entry *e = &children->entries[i];
        struct group *child = read_group(b, e->key, e->value);

        add_group(&child->parents, &child->n_parents,
                  &child->allocated_parents, parent);
    }
}

static void
read_hosts(struct builder *b, struct group *group, const struct ytree *hosts)
{
    if (ytree_is_null(hosts)
        || !ytree_expect_mapping(hosts, "hosts", "addresses of hosts, each "
                                 "with its variables", b->msgs)) {
        return;
    }
    for (size_t i = 0; i < hosts->n; i++) {
        const struct ytree_entry *e = &hosts->entries[i];
        struct member *m = get_member(b, e->key);

        add_group(&m->groups, &m->n_groups, &m->allocated_groups, group);
        if (!ytree_is_null(e->value)) {
            read_host_vars(b, m, e->value);
        }
    }
}

/* Of a variable that a host has in two places, the later one counts. */
static void
read_host_vars(struct builder *b, struct member *m, const struct ytree *vars)
{
    char *what = xasprintf("host '%.64s'", m->host.name);

    if (ytree_expect_mapping(vars, what, "variables such as host_id",
                             b->msgs)) {
        for (size_t i = 0; i < INVENTORY_N_VARS; i++) {
            const struct ytree *old = m->host.vars[i];
            const struct ytree *new = ytree_get(vars, var_names[i]);

            if (old && new && !ytree_equal(old, new)) {
                config_warn(b->msgs, &new->pos, "%s of %s is given at line "
                            "%u already, with another value: this one counts",
                            var_names[i], what, old->pos.line);
            }
            m->host.vars[i] = new ? new : old;
        }
    }
    free(what);
}

static struct group *
get_group(struct builder *b, const char *name, const struct source_pos *pos)
{
    struct group *group = shash_find_data(&b->groups, name);

    if (!group) {
        group = xzalloc(sizeof *group);
        group->name = name;
        group->pos = *pos;
        shash_add(&b->groups, name, group);
    }
    return group;
}

static struct member *
get_member(struct builder *b, const struct ytree *key)
{
    struct member *m = shash_find_data(&b->members, key->text);

    if (!m) {
        m = xzalloc(sizeof *m);
        m->host.name = key->text;
        m->host.pos = key->pos;
        shash_add(&b->members, key->text, m);
        if (b->n >= b->allocated) {
            b->order = x2nrealloc(b->order, &b->allocated, sizeof *b->order);
        }
        b->order[b->n++] = m;
    }
    return m;
}

static void
add_group(struct group ***groups, size_t *n, size_t *allocated,
          struct group *group)
{
    if (*n >= *allocated) {
        *groups = x2nrealloc(*groups, allocated, sizeof **groups);
    }
    (*groups)[(*n)++] = group;
}

/* Sets the depth of all groups.  Returns false, after adding an error, if
 * there is a loop. */
static bool
find_depths(struct builder *b)
{
    /* Sorted, so that always the same group of a loop is blamed. */
    const struct shash_node **sorted = shash_sort(&b->groups);
    bool ok = true;

    for (size_t i = 0; ok && i < shash_count(&b->groups); i++) {
        ok = find_depth(b, sorted[i]->data, 1) > 0;
    }
    free(sorted);
    return ok;
}

/* Returns the depth of 'group', or 0 after adding an error. */
static unsigned int
find_depth(struct builder *b, struct group *group, unsigned int level)
{
    unsigned int depth = 1;

    if (group->depth) {
        return group->depth;
    }
    if (level > MAX_GROUP_DEPTH) {
        config_error(b->msgs, &group->pos, "group '%.64s' is a child of "
                     "itself, or groups are nested more than %d deep: "
                     "expected a tree of groups", group->name,
                     MAX_GROUP_DEPTH);
        return 0;
    }
    for (size_t i = 0; i < group->n_parents; i++) {
        unsigned int parent = find_depth(b, group->parents[i], level + 1);

        if (!parent) {
            return 0;
        }
        depth = MAX(depth, parent + 1);
    }
    group->depth = depth;
    return depth;
}

/* Gives a host the variables of its groups that it does not have itself.
 * 'visit' is another number for every host. */
static void
inherit_vars(struct member *m, size_t visit)
{
    const struct group *best[INVENTORY_N_VARS] = { NULL };

    for (size_t i = 0; i < m->n_groups; i++) {
        select_vars(m->groups[i], visit, best);
    }
    for (size_t i = 0; i < INVENTORY_N_VARS; i++) {
        if (!m->host.vars[i] && best[i]) {
            m->host.vars[i] = best[i]->vars[i];
        }
    }
}

/* Updates 'best', the group that decides each variable, by 'group' and its
 * ancestors.  A group that has seen 'visit' is not looked at twice. */
static void
select_vars(struct group *group, size_t visit,
            const struct group *best[INVENTORY_N_VARS])
{
    if (group->visit == visit) {
        return;
    }
    group->visit = visit;
    for (size_t i = 0; i < INVENTORY_N_VARS; i++) {
        const struct group *old = best[i];

        if (group->vars[i]
            && (!old || group->depth > old->depth
                || (group->depth == old->depth
                    && strcmp(group->name, old->name) > 0))) {
            best[i] = group;
        }
    }
    for (size_t i = 0; i < group->n_parents; i++) {
        select_vars(group->parents[i], visit, best);
    }
}

static void
destroy_builder(struct builder *b)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &b->groups) {
        struct group *group = node->data;

        free(group->parents);
    }
    for (size_t i = 0; i < b->n; i++) {
        free(b->order[i]->groups);
    }
    shash_destroy_free_data(&b->groups);
    shash_destroy_free_data(&b->members);
    free(b->order);
}
