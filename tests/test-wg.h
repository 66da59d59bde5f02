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

/* test-wg: what test-wg.c shares with test-wg-live.c. */

#ifndef MOBULA_TEST_WG_H
#define MOBULA_TEST_WG_H 1

#include <stdbool.h>
#include "wg/wg-device.h"

struct wg_delta;

/* What standard input describes; see test-wg.c. */
struct wg_input {
    struct wg_device desired;
    struct wg_device actual;
    struct wg_device previous;
    bool has_previous;
};

void wg_input_read(struct wg_input *);
void wg_input_uninit(struct wg_input *);

/* Print 'delta' in words, and 'dev'. */
void wg_print_plan(const struct wg_delta *delta);
void wg_print_device(const struct wg_device *dev);

#endif /* tests/test-wg.h */
