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


"""Moves a machine from place to place, and says how soon it is found.

  follow.py [--moves N] [--mac MAC] FROM PLACE...

FROM and each PLACE are network namespaces with an interface eth0.  A machine
that exists in this program only has a MAC address of its own at one PLACE at a
time.  All the while, 1000 frames a second go to that address from FROM.  Each
move begins with one frame from the new place (a gratuitous ARP, RARP, an
unsolicited neighbour advertisement or something nobody knows, in turn), which
is all that the machine ever says.

Prints for each move how long after that frame, in ms, the first frame was sent
that arrived there; and how many of the last 100 of each stay came to another
PLACE, too.  The MAC address is another one after every fourth move, unless one
is given.
"""

import argparse
import ctypes
import select
import socket
import statistics
import struct
import sys
import time

INTERVAL_S = 0.001

# How long to wait until a machine has been found.
PATIENCE_S = 5

# How long it stays where it is after that.
STAY_S = 0.7

CLONE_NEWNET = 0x40000000
PROBE_TYPE = 0x88b5
PACKET_MR_PROMISC = 1

# So many moves do not freeze a MAC.
MOVES_PER_MAC = 4


def open_socket(netns: str) -> socket.socket:
    """Returns a socket on eth0 in a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net", "rb") as here, \
            open(f"/run/netns/{netns}", "rb") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {netns}")
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(PROBE_TYPE))
        sock.bind(("eth0", PROBE_TYPE))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        request = struct.pack("IHH8s", socket.if_nametoindex("eth0"),
                              PACKET_MR_PROMISC, 0, b"")
        sock.setsockopt(263, 1, request)    # SOL_PACKET, ADD_MEMBERSHIP
        sock.setblocking(False)
        if libc.setns(here.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "cannot come back")
    return sock


def frame(destination: bytes, source: bytes, ethertype: int,
          body: bytes) -> bytes:
    """Returns an Ethernet frame."""
    return (destination + source + struct.pack("!H", ethertype)
            + body).ljust(60, b"\0")


def arp(mac: bytes, operation: int) -> bytes:
    """Returns the body of a gratuitous ARP or RARP packet."""
    address = bytes([10, 31, 99, mac[5]])
    return (struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
            + mac + address + mac + address)


def advertisement(mac: bytes) -> bytes:
    """Returns an unsolicited neighbour advertisement."""
    source = (bytes.fromhex("fe80000000000000") + mac[:3] + b"\xff\xfe"
              + mac[3:])
    target = bytes.fromhex("ff020000000000000000000000000001")
    body = struct.pack("!BBHI", 136, 0, 0, 0x20000000) + source \
        + b"\x02\x01" + mac
    pseudo = source + target + struct.pack("!II", len(body), 58) + body
    total = sum(struct.unpack(f"!{len(pseudo) // 2}H", pseudo))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    body = body[:2] + struct.pack("!H", ~total & 0xffff) + body[4:]
    return struct.pack("!IHBB", 0x60000000, len(body), 58, 255) \
        + source + target + body


def first_words(mac: bytes) -> list:
    """Returns the ways to make oneself heard: name and frame."""
    everybody = b"\xff" * 6
    return [("ARP", frame(everybody, mac, 0x0806, arp(mac, 1))),
            ("RARP", frame(everybody, mac, 0x8035, arp(mac, 3))),
            ("NA", frame(b"\x33\x33\0\0\0\1", mac, 0x86dd,
                         advertisement(mac))),
            ("unknown", frame(b"\x02" * 6, mac, 0x9999, b""))]


class Prober:
    """Frames from one place to the machine, and where they arrive."""

    def __init__(self, sender: socket.socket, places: list):
        self._sender = sender
        self._places = places
        self._sent = time.monotonic()
        self.arrived: list = [[] for _ in places]   # Send times.

    def run(self, mac: bytes, until: float) -> None:
        """Sends and receives until that time."""
        while (now := time.monotonic()) < until:
            if now >= self._sent + INTERVAL_S:
                self._sent = max(self._sent + INTERVAL_S, now - 0.01)
                self._sender.send(frame(mac, b"\x02\0\0\0\x99\xfe", PROBE_TYPE,
                                        struct.pack("!d", now)))
            wait = max(self._sent + INTERVAL_S - time.monotonic(), 0)
            for sock in select.select(self._places, [], [], wait)[0]:
                data = sock.recv(2000)
                if data[:6] == mac and data[12:14] == b"\x88\xb5":
                    self.arrived[self._places.index(sock)].append(
                        struct.unpack("!d", data[14:22])[0])

    def find(self, mac: bytes, place: int, since: float) -> float:
        """Returns when the first frame was sent that came to 'place'."""
        self.arrived = [[] for _ in self._places]
        while time.monotonic() < since + PATIENCE_S:
            self.run(mac, time.monotonic() + 0.02)
            found = [sent for sent in self.arrived[place] if sent >= since]
            if found:
                return min(found)
        return since + PATIENCE_S

    def count_strays(self, place: int) -> int:
        """Returns how many of the last 100 came to another place."""
        last = sorted(self.arrived[place])[-100:]
        return sum(len(set(last) & set(arrived))
                   for i, arrived in enumerate(self.arrived) if i != place)


def main(argv: list) -> int:
    """Moves the machine as often as it is told to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--mac")
    parser.add_argument("sender")
    parser.add_argument("places", nargs="+")
    args = parser.parse_args(argv[1:])

    sockets = [open_socket(netns) for netns in args.places]
    prober = Prober(open_socket(args.sender), sockets)
    delays, n_strays = [], 0
    for move in range(-1, args.moves):
        mac = (bytes.fromhex(args.mac.replace(":", "")) if args.mac
               else bytes([2, 0, 0, 0, 1, (move + 1) // (MOVES_PER_MAC + 1)]))
        place = (move + 1) % len(sockets)
        words = first_words(mac)
        name, word = words[(move + 1) // len(sockets) % len(words)]
        began = time.monotonic()
        sockets[place].send(word)
        found = prober.find(mac, place, began)
        prober.run(mac, time.monotonic() + STAY_S)
        delay = (found - began) * 1000
        strays = prober.count_strays(place)
        first = args.places[place - 1] if move >= 0 else "nowhere"
        print(f"{first} to {args.places[place]}, {name}: {delay:.0f} ms, "
              f"{strays} strays", flush=True)
        if move >= 0:
            delays.append(delay)
        n_strays += strays
    print(f"{len(delays)} moves, median {statistics.median(delays):.0f} ms, "
          f"longest {max(delays):.0f} ms, {n_strays} strays")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
