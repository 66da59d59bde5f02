#!/usr/bin/python3
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

"""Turns the QR code of mobula-ctl, as it stands in a terminal, into an image.

Standard input to standard output, a grey map in text form (PGM).
"""

import sys

_SIZE = 4                       # Pixels of a module.


def main() -> None:
    """Does it."""
    rows = []
    for line in sys.stdin.read().splitlines():
        rows.append([character in "\u2580\u2588" for character in line])
        rows.append([character in "\u2584\u2588" for character in line])
    print(f"P2\n{len(rows[0]) * _SIZE} {len(rows) * _SIZE}\n255")
    for row in rows:
        text = " ".join(["255" if light else "0"
                         for light in row for _ in range(_SIZE)])
        print("\n".join([text] * _SIZE))


main()
