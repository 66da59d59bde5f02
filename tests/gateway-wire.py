#!/usr/bin/python3 -EsS
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

"""gateway-wire.py PACKET...: sends packets out of the TUN mo-wg-gw, as if they
had come by WireGuard, and prints what the gateway sends to WireGuard then.

A PACKET is "SOURCE>DESTINATION", an ICMP echo request; with ":PORT" behind it,
a TCP SYN; with "=" in place of ">", an echo reply.
"""

import os
import re
import select
import socket
import struct
import sys
import time
from typing import List, Optional

from packets import checksum, open_tun

# How often a packet is sent, and how long an answer is waited for.
N_TIMES = 2
WAIT_S = 0.5


def ipv4(src: bytes, dst: bytes, protocol: int, payload: bytes) -> bytes:
    """Returns a packet."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0,
                         64, protocol, 0, src, dst)
    return (header[:10] + struct.pack("!H", checksum(header)) + header[12:]
            + payload)


def echo(kind: int) -> bytes:
    """Returns an ICMP echo request (8) or reply (0)."""
    data = struct.pack("!BBHHH", kind, 0, 0, 29, 1) + b"payload!"
    return data[:2] + struct.pack("!H", checksum(data)) + data[4:]


def syn(src: bytes, dst: bytes, port: int) -> bytes:
    """Returns a TCP SYN to 'port' with an MSS of 1460."""
    data = struct.pack("!HHIIBBHHHBBH", 5000, port, 1, 0, 0x60, 2, 1000, 0, 0,
                       2, 4, 1460)
    pseudo = src + dst + struct.pack("!BBH", 0, 6, len(data))
    return (data[:16] + struct.pack("!H", checksum(pseudo + data))
            + data[18:])


def make(text: str) -> bytes:
    """Returns the packet that 'text' describes."""
    match = re.fullmatch(r"([0-9.]+)([>=])([0-9.]+)(?::([0-9]+))?", text)
    if not match:
        sys.exit(f"{text}: not a packet")
    src, dst = socket.inet_aton(match[1]), socket.inet_aton(match[3])
    if match[4]:
        return ipv4(src, dst, 6, syn(src, dst, int(match[4])))
    return ipv4(src, dst, 1, echo(8 if match[2] == ">" else 0))


def describe(data: bytes) -> Optional[str]:
    """Returns 'data' as text, None if it is not IPv4."""
    if data[0] >> 4 != 4:
        return None
    payload = data[20:]
    what = f"protocol {data[9]}"
    if data[9] == 1:
        what = {0: "echo reply", 8: "echo request"}.get(
            payload[0], f"ICMP {payload[0]}")
    elif data[9] == 6:
        flags = payload[13]
        what = ("reset" if flags & 4 else "SYN, MSS "
                f"{struct.unpack('!H', payload[22:24])[0]}")
    return (f"{socket.inet_ntoa(data[12:16])} to "
            f"{socket.inet_ntoa(data[16:20])}: {what}")


def main(packets: List[str]) -> None:
    """Sends one after the other."""
    tun = open_tun("mo-wg-gw")
    for text in packets:
        got = None
        for _ in range(N_TIMES):
            os.write(tun, make(text))
            deadline = time.monotonic() + WAIT_S
            while not got and time.monotonic() < deadline:
                if select.select([tun], [], [], 0.05)[0]:
                    got = describe(os.read(tun, 2048))
            if got:
                break
        print(f"{text}  {got or 'nothing'}", flush=True)


main(sys.argv[1:])
