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

"""Sends Ethernet frames that can be told apart, and counts them.

  frames.py listen IFACE TYPE MARK N
      Prints "ready", then counts the frames of EtherType TYPE that carry the
      word MARK and come in on IFACE, until N different ones are there and a
      moment of silence has passed.  Says how often each of them came.

  frames.py send IFACE DESTINATION TYPE MARK N
      Sends N such frames, numbered, to the MAC address DESTINATION.

TYPE is hexadecimal.  Frames that IFACE itself sends do not count.
"""

import fcntl
import socket
import struct
import sys
import time

SIOCGIFHWADDR = 0x8927
ETH_P_ALL = 3
PACKET_OUTGOING = 4

# A frame that comes twice comes twice within this time.
SILENCE_S = 0.5
PATIENCE_S = 120


def payload(mark: str, number: int) -> bytes:
    """Returns what frame 'number' carries."""
    return f"{mark} {number:06}".encode().ljust(46, b".")


def open_socket(iface: str) -> socket.socket:
    """Returns a socket for whole frames on 'iface'."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ETH_P_ALL))
    sock.bind((iface, ETH_P_ALL))
    return sock


def listen(iface: str, ethertype: int, mark: str, n: int) -> None:
    """Counts frames and prints the result."""
    counts = [0] * n
    sock = open_socket(iface)
    print("ready", flush=True)
    deadline = time.monotonic() + PATIENCE_S
    end = deadline
    while time.monotonic() < end:
        sock.settimeout(max(end - time.monotonic(), 0.001))
        try:
            frame, address = sock.recvfrom(65536)
        except socket.timeout:
            break
        if (address[2] == PACKET_OUTGOING
                or frame[12:14] != struct.pack("!H", ethertype)
                or not frame[14:].startswith(mark.encode() + b" ")):
            continue
        counts[int(frame[14:].split(b".")[0].split()[1])] += 1
        if all(counts):
            end = min(time.monotonic() + SILENCE_S, deadline)
    for times in sorted(set(counts)):
        print(f"{counts.count(times)} frames {times} times")


def send(iface: str, destination: str, ethertype: int, mark: str,
         n: int) -> None:
    """Sends 'n' frames, not faster than a switch must take them."""
    sock = open_socket(iface)
    request = struct.pack("256s", iface.encode())
    source = fcntl.ioctl(sock, SIOCGIFHWADDR, request)[18:24]
    header = (bytes.fromhex(destination.replace(":", "")) + source
              + struct.pack("!H", ethertype))
    for number in range(n):
        sock.send(header + payload(mark, number))
        time.sleep(0.002)


def main(argv: list) -> int:
    """Runs the command 'argv'."""
    if len(argv) == 6 and argv[1] == "listen":
        listen(argv[2], int(argv[3], 16), argv[4], int(argv[5]))
    elif len(argv) == 7 and argv[1] == "send":
        send(argv[2], argv[3], int(argv[4], 16), argv[5], int(argv[6]))
    else:
        sys.stderr.write(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
