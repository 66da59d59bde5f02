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

/* qr: a text as a QR code for terminals.
 *
 * libqrencode makes the code; here it becomes lines of characters, two rows
 * of modules in each.  Light modules are drawn, dark ones are the background,
 * which most terminals have dark. */

#ifndef MOBULA_QR_H
#define MOBULA_QR_H 1

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct ds;

/* Appends the QR code of 'text' to 's' in UTF-8, each line after 'prefix'.
 * If 'colours', with the escape sequences that make it white on black,
 * whatever the colours of the terminal are.  Returns NULL, or a sentence that
 * the caller must free, with 's' untouched. */
char *qr_format(const char *text, const char *prefix, bool colours,
                struct ds *s) OVS_WARN_UNUSED_RESULT;

#endif /* utilities/qr.h */
