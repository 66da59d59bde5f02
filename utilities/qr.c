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

/* qr: a text as a QR code for terminals.  See qr.h. */

#include <config.h>
#include "utilities/qr.h"

#include <errno.h>
#include <qrencode.h>

#include "lib/wgkey.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Light modules around the code, by which readers find it. */
#define QUIET 4

/* White on black, and back again. */
#define COLOURS_ON "\033[40;97m"
#define COLOURS_OFF "\033[0m"

static bool is_light(const QRcode *, int row, int column);

char *
qr_format(const char *text, const char *prefix, bool colours, struct ds *s)
{
    /* By which of its two modules are light: full, upper, lower, none. */
    static const char *const blocks[2][2] = {
        { " ", "\xe2\x96\x84" }, { "\xe2\x96\x80", "\xe2\x96\x88" }
    };
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

    if (!code) {
        return xasprintf("a QR code cannot be made: %s", ovs_strerror(errno));
    }
    for (int row = -QUIET; row < code->width + QUIET; row += 2) {
        ds_put_format(s, "%s%s", prefix, colours ? COLOURS_ON : "");
        for (int column = -QUIET; column < code->width + QUIET; column++) {
            ds_put_cstr(s, blocks[is_light(code, row, column)]
                                 [is_light(code, row + 1, column)]);
        }
        ds_put_format(s, "%s\n", colours ? COLOURS_OFF : "");
    }
    /* It may be a private key, and in a form that is made to be read. */
    wgkey_wipe(code->data, (size_t) code->width * code->width);
    QRcode_free(code);
    return NULL;
}

/* The last line may have a row too much: nothing is drawn there. */
static bool
is_light(const QRcode *code, int row, int column)
{
    if (row < 0 || row >= code->width || column < 0
        || column >= code->width) {
        return row < code->width + QUIET;
    }
    return !(code->data[row * code->width + column] & 1);
}
