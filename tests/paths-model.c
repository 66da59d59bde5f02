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

/* paths-model: what becomes of a frame when hosts have the ways that
 * lib/paths.c computes.  See paths-model.h. */

#include <config.h>
#include "tests/paths-model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

#define ID_MAX 32767

static void pass(const struct paths_model *, size_t at, size_t to,
                 struct paths_model_trace *);

void
paths_model_init(struct paths_model *model, size_t n)
{
    model->n = n;
    model->ids = xcalloc(n, sizeof *model->ids);
    model->costs = xcalloc(n * n, sizeof *model->costs);
    model->drained = xcalloc(n, sizeof *model->drained);
    model->works = xcalloc(n * n, sizeof *model->works);
    model->alarms = xcalloc(n * n, sizeof *model->alarms);
    model->ways = xcalloc(n * n, sizeof *model->ways);
    for (size_t i = 0; i < n; i++) {
        model->ids[i] = i + 1;
    }
}

void
paths_model_uninit(struct paths_model *model)
{
    free(model->ids);
    free(model->costs);
    free(model->drained);
    free(model->works);
    free(model->alarms);
    free(model->ways);
}

uint16_t
paths_model_find(const struct paths_model *model, unsigned int id)
{
    size_t low = 0;
    size_t high = model->n;

    while (low < high) {
        size_t i = (low + high) / 2;

        if (model->ids[i] == id) {
            return i;
        } else if (model->ids[i] < id) {
            low = i + 1;
        } else {
            high = i;
        }
    }
    return PATHS_MODEL_NOBODY;
}

void
paths_model_set_link(struct paths_model *model, size_t i, size_t j,
                     enum paths_cost cost)
{
    model->costs[i * model->n + j] = model->costs[j * model->n + i] = cost;
    model->works[i * model->n + j] = model->works[j * model->n + i] = cost;
}

/* One word of the text of a network. */
struct word {
    unsigned int a;
    unsigned int b;             /* 0 if there is no second host. */
    char kind;                  /* What is between or behind; 0 = nothing. */
};

static bool
parse_word(const char *s, struct word *ret)
{
    int n = 0;

    *ret = (struct word) { .a = 0 };
    if (sscanf(s, "%5u%n", &ret->a, &n) != 1 || !ret->a || ret->a > ID_MAX) {
        return false;
    }
    s += n;
    ret->kind = *s;
    if (!*s || !strcmp(s, "!")) {
        return true;
    }
    return strchr("-~>", *s++)
           && sscanf(s, "%5u%n", &ret->b, &n) == 1 && !s[n]
           && ret->b && ret->b <= ID_MAX && ret->b != ret->a;
}

static void
apply_word(struct paths_model *model, const struct word *word)
{
    size_t a = paths_model_find(model, word->a);
    size_t b = paths_model_find(model, word->b);

    if (word->kind == '>') {
        model->works[a * model->n + b] = true;
    } else if (word->kind == '!') {
        model->drained[a] = true;
    } else if (word->kind) {
        paths_model_set_link(model, a, b,
                             word->kind == '-' ? PATHS_COST_GOOD
                                               : PATHS_COST_POOR);
    }
}

static int
compare_ids(const void *a_, const void *b_)
{
    const uint16_t *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* Makes 'model' of 'words'. */
static void
apply_words(struct paths_model *model, const struct word *words,
            size_t n_words)
{
    uint16_t *ids = xcalloc(2 * n_words + 1, sizeof *ids);
    size_t n_ids = 0;
    size_t n = 0;

    for (size_t i = 0; i < n_words; i++) {
        ids[n_ids++] = words[i].a;
        if (words[i].b) {
            ids[n_ids++] = words[i].b;
        }
    }
    qsort(ids, n_ids, sizeof *ids, compare_ids);
    for (size_t i = 0; i < n_ids; i++) {
        if (!n || ids[n - 1] != ids[i]) {
            ids[n++] = ids[i];
        }
    }
    paths_model_init(model, n);
    memcpy(model->ids, ids, n * sizeof *ids);
    for (size_t i = 0; i < n_words; i++) {
        apply_word(model, &words[i]);
    }
    free(ids);
}

char *
paths_model_parse(struct paths_model *model, const char *text)
{
    struct word *words = xcalloc(strlen(text) + 1, sizeof *words);
    char *copy = xstrdup(text);
    char *save = NULL;
    char *error = NULL;
    size_t n_words = 0;

    for (char *s = strtok_r(copy, " \t\n", &save); s && !error;
         s = strtok_r(NULL, " \t\n", &save)) {
        if (!parse_word(s, &words[n_words++])) {
            error = xasprintf("%s: neither a host nor a link", s);
        }
    }
    if (!error) {
        apply_words(model, words, n_words);
    }
    free(copy);
    free(words);
    return error;
}

void
paths_model_compute_one(const struct paths_model *model, size_t self,
                        struct paths_peer *ret)
{
    const struct paths_in in = {
        .self = model->ids[self],
        .hosts = model->ids,
        .n_hosts = model->n,
        .costs = model->costs,
        .drained = model->drained,
    };

    paths_compute(&in, ret);
}

static void
ids_to_places(const struct paths_model *model, uint16_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ids[i] = paths_model_find(model, ids[i]);
    }
}

void
paths_model_compute(struct paths_model *model)
{
    for (size_t i = 0; i < model->n; i++) {
        struct paths_peer *ways = &model->ways[i * model->n];

        paths_model_compute_one(model, i, ways);
        memmove(&ways[i + 1], &ways[i],
                (model->n - 1 - i) * sizeof *ways);
        memset(&ways[i], 0, sizeof ways[i]);
        for (size_t j = 0; j < model->n; j++) {
            ids_to_places(model, &ways[j].peer, 1);
            ids_to_places(model, ways[j].relays, PATHS_N_RELAYS);
            ids_to_places(model, &ways[j].last_resort, 1);
            ids_to_places(model, ways[j].next, PATHS_N_NEXT);
        }
    }
}

/* BFD is up when both hear each other. */
bool
paths_model_is_live(const struct paths_model *model, size_t i, size_t j)
{
    return j != PATHS_MODEL_NOBODY
           && model->works[i * model->n + j]
           && model->works[j * model->n + i]
           && !model->alarms[i * model->n + j];
}

/* The group for frames of 'src' itself. */
void
paths_model_send(const struct paths_model *model, size_t src, size_t dst,
                 struct paths_model_trace *ret)
{
    const struct paths_peer *ways = &model->ways[src * model->n + dst];
    size_t to = (ways->last_resort != PATHS_MODEL_NOBODY
                 && !paths_model_is_live(model, src, dst)
                 ? ways->last_resort : dst);

    memset(ret, 0, sizeof *ret);
    ret->hosts[ret->n++] = src;
    if (!ways->direct_first || !paths_model_is_live(model, src, dst)) {
        for (size_t i = 0; i < PATHS_N_RELAYS; i++) {
            if (paths_model_is_live(model, src, ways->relays[i])) {
                to = ways->relays[i];
                break;
            }
        }
    }
    pass(model, src, to, ret);
    if (ret->fate == PATHS_MODEL_DELIVERED && to != dst) {
        paths_model_relay(model, src, to, dst, ret);
    }
}

/* The stages 'relay' and 'transit', and the groups of the latter: for a frame
 * from one of 'next' there is one without it. */
static size_t
choose_next(const struct paths_model *model, size_t from, size_t at,
            size_t dst)
{
    const struct paths_peer *ways = &model->ways[at * model->n + dst];

    for (size_t i = 0; i < PATHS_N_NEXT; i++) {
        if (paths_model_is_live(model, at, ways->next[i])
            && ways->next[i] != from) {
            return ways->next[i];
        }
    }
    return dst;
}

void
paths_model_relay(const struct paths_model *model, size_t from, size_t at,
                  size_t dst, struct paths_model_trace *ret)
{
    while (at != dst) {
        bool last = ret->n == PATHS_MODEL_HOPS + 1;
        size_t to = choose_next(model, from, at, dst);

        if (last && to != dst) {
            ret->forced = true;
            to = dst;
        }
        if (to == from) {
            ret->fate = PATHS_MODEL_BACK;
            return;
        }
        pass(model, at, to, ret);
        if (ret->fate != PATHS_MODEL_DELIVERED) {
            ret->fate = last ? PATHS_MODEL_OLD : ret->fate;
            return;
        }
        from = at;
        at = to;
    }
}

void
paths_model_format_trace(const struct paths_model *model,
                         const struct paths_model_trace *trace, struct ds *s)
{
    static const char *const fates[] = {
        [PATHS_MODEL_DELIVERED] = "delivered",
        [PATHS_MODEL_LOST] = "lost on the next link",
        [PATHS_MODEL_BACK] = "would have to go back",
        [PATHS_MODEL_OLD] = "relayed too often",
    };

    for (size_t i = 0; i < trace->n; i++) {
        ds_put_format(s, "%s%u", i ? " " : "", model->ids[trace->hosts[i]]);
    }
    ds_put_format(s, ": %s%s", fates[trace->fate],
                  trace->looped ? ", in a loop" : "");
}

/* A frame leaves 'at' for 'to'. */
static void
pass(const struct paths_model *model, size_t at, size_t to,
     struct paths_model_trace *ret)
{
    if (!model->works[at * model->n + to]) {
        ret->fate = PATHS_MODEL_LOST;
        return;
    }
    for (size_t i = 0; i < ret->n; i++) {
        ret->looped |= ret->hosts[i] == to;
    }
    ret->hosts[ret->n++] = to;
    ret->fate = PATHS_MODEL_DELIVERED;
}
