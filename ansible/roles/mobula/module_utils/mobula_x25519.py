# Copyright (c) 2026 The Mobula Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""mobula_x25519: from a WireGuard private key to its public key.

Hosts that are new to Mobula have no program for that yet, nor may have the
computer that the deployment runs on.  In plain Python, and so not in constant
time: for a few keys on machines that have them anyway, not for a service.
RFC 7748, section 5, has the mathematics.
"""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import base64
import binascii

SIZE = 32                       # Bytes of a key.

_P = 2 ** 255 - 19
_A24 = 121665
_BASE = 9


class KeyError_(ValueError):
    """What is wrong with a key, as the end of a sentence."""


def decode(text):
    """Returns the bytes of the key 'text'; raises KeyError_."""
    try:
        if len(text) == 44:
            key = base64.b64decode(text.encode("ascii"), validate=True)
            if len(key) == SIZE and encode(key) == text:
                return key
    except (AttributeError, TypeError, UnicodeError, binascii.Error):
        pass
    raise KeyError_("is not base64 of 32 bytes: expected a WireGuard key")


def encode(key):
    """Returns the text of the bytes 'key'."""
    return base64.b64encode(key).decode("ascii")


def clamp(key):
    """Returns the bytes 'key' as a private key."""
    key = bytearray(key)
    key[0] &= 248
    key[31] = key[31] & 127 | 64
    return bytes(key)


def public_key(private_key):
    """Returns the public key of the bytes 'private_key', as bytes."""
    scalar = int.from_bytes(clamp(private_key), "little")
    x2, z2, x3, z3 = 1, 0, _BASE, 1
    swapped = 0
    for position in reversed(range(255)):
        bit = scalar >> position & 1
        if swapped != bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swapped = bit
        x2, z2, x3, z3 = _step(x2, z2, x3, z3)
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, _P - 2, _P) % _P).to_bytes(SIZE, "little")


def _step(x2, z2, x3, z3):
    """Doubles the one point of the ladder, adds both to the other one."""
    plus, minus = (x2 + z2) % _P, (x2 - z2) % _P
    cross_a = (x3 - z3) * plus % _P
    cross_b = (x3 + z3) * minus % _P
    plus, minus = plus * plus % _P, minus * minus % _P
    difference = (plus - minus) % _P
    return (plus * minus % _P,
            difference * (plus + _A24 * difference) % _P,
            (cross_a + cross_b) ** 2 % _P,
            _BASE * (cross_a - cross_b) ** 2 % _P)
