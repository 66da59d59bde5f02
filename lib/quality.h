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

/* quality: how well does the direct link to a peer work?
 *
 * Small probes are sent all the time; from those of the last while follow
 * loss, round trip and jitter.  A link that loses more than it should is
 * "poor" until it has been well for longer than it took to notice.
 *
 * Pure; 'now' comes as an argument, in ms, monotonic. */

#ifndef MOBULA_QUALITY_H
#define MOBULA_QUALITY_H 1

#include <stdbool.h>
#include <stdint.h>

/* How many probes are remembered. */
#define QUALITY_WINDOW 128

struct quality_config {
    uint16_t poor_loss;         /* Permille of probes lost: poor from there,
                                 * well again below a quarter of it. */
};

/* What others want to know. */
struct quality_sum {
    uint16_t loss;              /* Permille, 0..1000. */
    uint32_t rtt_us;            /* Median round trip, 0 = not known. */
    uint32_t jitter_us;         /* What 95 of 100 exceed the median by. */
    bool poor;
};

#endif /* lib/quality.h */
