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
 * of the variables that Mobula knows.
 *
 * Groups, children and the precedence of variables are those of Ansible:
 * variables of a host win over those of its groups, those of a group over
 * those of its parents, and among groups of the same depth the last in
 * alphabetical order wins.  A variable is replaced as a whole, mappings are
 * not merged.  "ansible_group_priority", ranges such as "[1:9]" and templates
 * are not supported.  What the values mean is fabric-yaml.c's business. */

#ifndef MOBULA_INVENTORY_H
#define MOBULA_INVENTORY_H 1

#include <stddef.h>
#include "lib/config-messages.h"

struct ytree;

/* The variables that count; all others are ignored. */
enum inventory_var {
    INVENTORY_HOST_ID,
    INVENTORY_HOSTNAME,
    INVENTORY_WIREGUARD,
    INVENTORY_ANSIBLE_HOST,
    INVENTORY_ENDPOINT,
    INVENTORY_KEEPALIVE,
    INVENTORY_PRESHARED_SECRET,
    INVENTORY_N_VARS
};

/* Name of a variable in the file. */
const char *inventory_var_name(enum inventory_var);

/* One host. */
struct inventory_host {
    const char *name;           /* Key below "hosts"; borrowed as below. */
    struct source_pos pos;      /* Of that key, where it came first. */

    /* Values, borrowed from the tree; NULL if not given. */
    const struct ytree *vars[INVENTORY_N_VARS];
};

struct inventory {
    struct inventory_host *hosts; /* In the order of the file. */
    size_t n;
};

/* Fills 'inventory' with the hosts of the tree 'root', from which they
 * borrow.  What is wrong with the structure is added to the messages; hosts
 * that could be told in spite of it are there.  The caller must free it with
 * inventory_uninit(). */
void inventory_from_tree(const struct ytree *root, struct inventory *,
                         struct config_messages *);
void inventory_uninit(struct inventory *);

#endif /* lib/inventory.h */
