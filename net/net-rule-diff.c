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

/* net-rule-diff: the part of net-diff.c about rules of routing.
 * See net-diff.h.
 *
 * Rules name links that need not exist, so they depend on nothing else.
 *
 * Pure. */

#include <config.h>
#include "net/net-diff.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

static void close_link(const struct net_state *desired, const char *link,
                       struct net_plan *);
static void report(struct net_plan *, enum plan_verdict,
                   const struct net_rule *);

void
net_rule_diff_remove(const struct net_state *desired,
                     const struct net_state *actual, struct net_plan *plan)
{
    for (size_t i = 0; i < actual->n_rules; i++) {
        const struct net_rule *rule = &actual->rules[i];

        if (!net_state_find_rule(desired, rule)) {
            if (rule->where == NET_HOST && rule->blackhole && rule->iif[0]) {
                close_link(desired, rule->iif, plan);
            }
            net_plan_add_op(plan, NET_OP_DEL_RULE)->rule = *rule;
            report(plan, PLAN_REMOVE, rule);
        }
    }
}

void
net_rule_diff_add(const struct net_state *desired,
                  const struct net_state *actual, struct net_plan *plan)
{
    for (size_t i = 0; i < desired->n_rules; i++) {
        const struct net_rule *rule = &desired->rules[i];

        if (net_state_find_rule(actual, rule)) {
            report(plan, PLAN_KEEP, rule);
        } else {
            net_plan_add_op(plan, NET_OP_ADD_RULE)->rule = *rule;
            report(plan, PLAN_ADD, rule);
        }
    }
}

/* A rule that drops what comes in by a link of somebody else is there because
 * we made that link forward (net-out-want.c).  Before the rule goes, the link
 * must stop to, unless it is to forward for another reason. */
static void
close_link(const struct net_state *desired, const char *link,
           struct net_plan *plan)
{
    struct net_sysctl sysctl = {
        .where = NET_HOST, .dir = "ipv4/conf", .key = "forwarding",
    };
    struct ds name = DS_EMPTY_INITIALIZER;

    ovs_strlcpy(sysctl.link, link, sizeof sysctl.link);
    if (net_state_find_sysctl(desired, &sysctl)) {
        return;
    }
    net_plan_add_op(plan, NET_OP_SET_SYSCTL)->sysctl = sysctl;
    net_sysctl_format_name(&sysctl, &name);
    plan_add(&plan->plan, PLAN_CHANGE, ds_steal_cstr(&name), xstrdup("0"));
}

static void
report(struct net_plan *plan, enum plan_verdict verdict,
       const struct net_rule *rule)
{
    struct ds name = DS_EMPTY_INITIALIZER;

    net_rule_format(rule, &name);
    plan_add(&plan->plan, verdict, ds_steal_cstr(&name), NULL);
}
