#!/usr/bin/env python3
#
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
"""ask.py: ARP by hand.

    ask.py INTERFACE who SENDER ADDRESS SECONDS

Asks everybody once who has ADDRESS, in the name of SENDER (an IPv4 address),
and prints the MAC address in each reply that comes within SECONDS.

    ask.py INTERFACE claim ADDRESS [MAC]

Tells everybody that ADDRESS is at MAC (that of the interface, unless given).
"""

import select
import socket
import struct
import sys
import time

ARP = 0x0806
BROADCAST = b"\xff" * 6


def mac_bytes(text):
    return bytes(int(byte, 16) for byte in text.split(":"))


def packet(sock, op, sha, spa, tpa):
    own = sock.getsockname()[4]
    return (BROADCAST + own + struct.pack("!HHHBBH", ARP, 1, 0x0800, 6, 4, op)
            + sha + socket.inet_aton(spa) + bytes(6) + socket.inet_aton(tpa))


def who(sock, sender, address, seconds):
    sock.send(packet(sock, 1, sock.getsockname()[4], sender, address))
    end = time.monotonic() + float(seconds)
    while (left := end - time.monotonic()) > 0:
        if select.select([sock], [], [], left)[0]:
            frame, source = sock.recvfrom(2048)
            if (source[2] != socket.PACKET_OUTGOING
                    and frame[20:22] == b"\0\2"
                    and frame[28:32] == socket.inet_aton(address)):
                print(frame[22:28].hex(":"), flush=True)


def main():
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP))
    sock.bind((sys.argv[1], ARP))
    if sys.argv[2] == "who":
        who(sock, *sys.argv[3:6])
    else:
        mac = (mac_bytes(sys.argv[4]) if len(sys.argv) > 4
               else sock.getsockname()[4])
        sock.send(packet(sock, 2, mac, sys.argv[3], sys.argv[3]))


main()
