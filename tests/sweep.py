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

"""sweep.py ADDRESS...: which ports of these IPv4 addresses are not filtered?

Tries all TCP ports below 1024, and others that matter here or to others, and
the same of UDP.  A port that accepts, or refuses, has been reached: a line

    ADDRESS tcp PORT

is printed, in order.  A UDP port that says nothing cannot be told from a
filtered one; so each gets a packet that DNS servers answer.
"""

import errno
import resource
import select
import socket
import struct
import sys
import time
from typing import Dict, List, Set, Tuple

PORTS = list(range(1, 1024)) + [
    3306, 3784, 3785, 4784, 4789, 5432, 6081, 6633, 6640, 6641, 6642, 6643,
    6644, 6645, 6653, 8080, 51819, 51820, 51821,
]

# How long the last of them may take to answer.
WAIT_S = 4.0

# How often a UDP port is asked: on a busy machine, packets get lost in queues
# of the kernel, and TCP alone repeats them.
N_QUERIES = 4

# How many packets are sent at once, and how long the queues get for them.
BURST = 50
PAUSE_S = 0.001

Port = Tuple[str, str, int]


def reverse_query(address: str) -> bytes:
    """Returns DNS's question for the name of 'address', which a DNS server of
    Mobula answers by itself; nonsense for all others."""
    labels = address.split(".")[::-1] + ["in-addr", "arpa"]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels)
    return (struct.pack("!HHHHHH", 29, 0x0100, 1, 0, 0, 0)
            + name + struct.pack("!BHH", 0, 12, 1))


def begin(kind: int, address: str, port: int) -> Tuple[socket.socket, int]:
    """Returns a socket that is being connected, and what has come of that."""
    one = socket.socket(socket.AF_INET, kind)
    one.setblocking(False)
    return one, one.connect_ex((address, port))


def sweep(kind: int, name: str, address: str) -> Set[Port]:
    """Returns the ports of 'address' that answer in any way."""
    sockets: Dict[int, Tuple[socket.socket, int]] = {}
    poller = select.poll()
    found: Set[Port] = set()
    for number, port in enumerate(PORTS):
        one, error = begin(kind, address, port)
        if error in (0, errno.EINPROGRESS):
            sockets[one.fileno()] = (one, port)
            poller.register(one, select.POLLIN | (
                select.POLLOUT if kind == socket.SOCK_STREAM else 0))
        elif error == errno.ECONNREFUSED:
            found.add((address, name, port))
        if number % BURST == 0:
            time.sleep(PAUSE_S)
    n_rounds = N_QUERIES if kind == socket.SOCK_DGRAM else 1
    for _ in range(n_rounds):
        if kind == socket.SOCK_DGRAM:
            found |= {(address, name, port)
                      for port in ask(list(sockets.values()),
                                      reverse_query(address))}
        deadline = time.monotonic() + WAIT_S / n_rounds
        while sockets and time.monotonic() < deadline:
            for descriptor, _ in poller.poll(100):
                one, port = sockets.pop(descriptor)
                poller.unregister(descriptor)
                error = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error in (0, errno.ECONNREFUSED):
                    found.add((address, name, port))
                one.close()
    for one, _ in sockets.values():
        one.close()
    return found


def ask(sockets: List[Tuple[socket.socket, int]], query: bytes) -> List[int]:
    """Sends 'query' by each of 'sockets'; returns the ports for which it
    learns that they have refused one before."""
    refused = []
    for number, (one, port) in enumerate(sockets):
        try:
            one.send(query)
        except ConnectionRefusedError:
            refused.append(port)
        except OSError:         # Unreachable, for example.
            pass
        if number % BURST == 0:
            time.sleep(PAUSE_S)
    return refused


def main(addresses: List[str]) -> None:
    """Prints what is found."""
    soft = len(PORTS) + 100
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (soft if hard == resource.RLIM_INFINITY
                        else min(soft, hard), hard))
    for address in addresses:
        for kind, name in ((socket.SOCK_STREAM, "tcp"),
                           (socket.SOCK_DGRAM, "udp")):
            for port in sorted(sweep(kind, name, address)):
                print(*port)


main(sys.argv[1:])
