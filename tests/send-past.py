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

"""Sends one packet past WireGuard: straight to the MAC address of a host.

send-past.py INTERFACE MAC SOURCE DESTINATION echo|facts|vxlan
"""

import socket
import struct
import sys

from packets import checksum


def echo():
    """Returns an ICMP echo request."""
    packet = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
    return packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]


def facts():
    """Returns the beginning of a TCP connection to port 6645."""
    return struct.pack("!HHIIBBHHH", 49152, 6645, 1, 0, 5 << 4, 2, 1000, 0, 0)


def vxlan():
    """Returns UDP with VXLAN, VNI 29, and an empty broadcast frame."""
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x08\x00" + b"\0" * 46
    payload = struct.pack("!II", 0x08000000, 29 << 8) + frame
    return struct.pack("!HHHH", 49152, 4789, 8 + len(payload), 0) + payload


def main():
    """Sends what the command line says."""
    interface, mac, source, destination, kind = sys.argv[1:]
    protocol, body = {"echo": (1, echo()), "facts": (6, facts()),
                      "vxlan": (17, vxlan())}[kind]
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64,
                         protocol, 0, socket.inet_aton(source),
                         socket.inet_aton(destination))
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    ethernet = (bytes.fromhex(mac.replace(":", "")) + b"\x02\0\0\0\0\1"
                + b"\x08\x00")
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((interface, 0))
        sock.send(ethernet + header + body)


main()
