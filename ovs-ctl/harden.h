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

/* harden: protects the memory of this process, which holds a private key. */

#ifndef MOBULA_HARDEN_H
#define MOBULA_HARDEN_H 1

/* No core dumps, and nobody but root may trace the process or read its
 * memory.  A failure is logged and not fatal. */
void harden_process(void);

#endif /* ovs-ctl/harden.h */
