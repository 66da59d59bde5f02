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

"""Sends what BFD would send, as a guest.

  forge-bfd.py FROM TO

The guest FROM of the lab sends 20 BFD packets with a TTL of 255, to several
MAC addresses, which say that the tunnel is down, or up, or a secret.  Prints
how many of them have come to the guest TO: they are frames like any others.
"""

import struct
import sys
from typing import List

import stations
from stations import BROADCAST, Net, mark, mark_in

# Between tunnels of Open vSwitch.
_BFD_MAC = bytes.fromhex("002320000001")
_ADDRESSES = bytes([169, 254, 1, 1]), bytes([169, 254, 1, 0])
_PORT = 3784

# AdminDown, Down, Init, Up; with the discriminator that BFD begins with.
_STATES = (0, 1, 2, 3)
_N_FRAMES = 20


def _checksum(data: bytes) -> int:
    """Returns the Internet checksum of 'data', of even length."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _bfd(state: int, number: int) -> bytes:
    """Returns a BFD control packet, and a mark after it."""
    packet = struct.pack("!BBBBIIIII", 1 << 5 | 1, state << 6, 3, 24,
                         0x12345678, 0, 15000, 15000, 0)
    return packet + mark(number) + bytes(1)


def _frame(destination: bytes, source: bytes, state: int,
           number: int) -> bytes:
    """Returns a frame with a BFD packet in it."""
    body = _bfd(state, number)
    udp = struct.pack("!HHHH", 49152, _PORT, 8 + len(body), 0)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0xc0, 28 + len(body), 0, 0x4000,
                       255, 17, 0, *_ADDRESSES)
    head = head[:10] + struct.pack("!H", _checksum(head)) + head[12:]
    return destination + source + b"\x08\x00" + head + udp + body


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    if len(argv) != 3:
        sys.stderr.write(__doc__ or "")
        return 2
    net = Net(stations.find(argv[1:]))
    sender, receiver = (net.stations[name] for name in argv[1:])
    # The receiver is known: only what is for nobody is flooded.
    net.fence(receiver.name, {sender.name})
    targets = (BROADCAST, receiver.mac, _BFD_MAC, b"\x33\x33\0\0\0\1",
               b"\x01\0\x5e\0\0\1")
    frames = [_frame(targets[i % len(targets)], sender.mac,
                     _STATES[i // len(targets) % len(_STATES)], i)
              for i in range(_N_FRAMES)]
    arrivals = [mark_in(one.frame) for one in net.exchange(
        sender.name, frames, _N_FRAMES, {receiver.name})
        if one.station == receiver.name]
    print(f"{len(set(arrivals))} of {_N_FRAMES} have come, "
          f"{len(arrivals) - len(set(arrivals))} again")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
