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

/* dns-name: is a text the name of a host?  See dns-name.h. */

#include <config.h>
#include "lib/dns-name.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* Lengths of a domain name and of its labels (RFC 1035, section 2.3.4). */
#define NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63

static const char *label_problem(const char *label, size_t len);

const char *
dns_name_problem(const char *name)
{
    size_t len = strlen(name);
    const char *label = name;

    if (!len) {
        return "is empty";
    } else if (len > NAME_MAX_LEN) {
        return "is longer than 253 characters";
    } else if (name[len - 1] == '.') {
        return "ends with a dot";
    }
    for (;;) {
        size_t label_len = strcspn(label, ".");
        const char *problem = label_problem(label, label_len);

        if (problem) {
            return problem;
        }
        if (!label[label_len]) {
            break;
        }
        label += label_len + 1;
    }
    return (label[strspn(label, "0123456789")]
            ? NULL : "ends with a number, as an address does");
}

static const char *
label_problem(const char *label, size_t len)
{
    if (!len) {
        return "has an empty part between dots";
    } else if (len > LABEL_MAX_LEN) {
        return "has a part of more than 63 characters";
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = label[i];

        if (c >= 0x80 || (!isalnum(c) && c != '-')) {
            return "has a character that is not a letter, digit, hyphen or "
                   "dot";
        }
    }
    return (label[0] == '-' || label[len - 1] == '-'
            ? "has a part that begins or ends with a hyphen" : NULL);
}
