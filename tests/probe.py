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

"""Pings an address all the time, and says what got lost.

  probe.py ADDRESS

Sends 1000 ICMP echo requests a second, or as many as the machine can: when
100 of the last second are unanswered, it waits for answers.  Prints "ready"
with the first answer.  At SIGTERM it stops, waits for what is still
under way, and prints how many requests of how many were never answered.

Unlike ping(8), it runs for exactly as long as what it watches.
"""

import os
import select
import signal
import socket
import struct
import sys
import time

from packets import checksum

INTERVAL_S = 0.001

# How many requests may be under way, and for how long they count as that.
WINDOW = 100
UNDER_WAY_S = 1

# How late an answer may come.
PATIENCE_S = 5

ECHO_REPLY = 0
ECHO_REQUEST = 8


class Probe:
    """Requests to one address, and which of them are unanswered."""

    def __init__(self, address: str):
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                   socket.IPPROTO_ICMP)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._sock.connect((address, 0))
        self._id = os.getpid() & 0xffff
        self.unanswered: dict = {}      # Number: when it was sent.
        self.n_sent = 0

    def under_way(self) -> int:
        """Returns how many requests may well be answered yet."""
        since = time.monotonic() - UNDER_WAY_S
        return sum(sent > since for sent in self.unanswered.values())

    def send(self) -> None:
        """Sends one request."""
        body = struct.pack("!Q40x", self.n_sent)
        head = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, self._id, 0)
        check = checksum(head + body)
        head = struct.pack("!BBHHH", ECHO_REQUEST, 0, check, self._id, 0)
        self.unanswered[self.n_sent] = time.monotonic()
        self.n_sent += 1
        try:
            self._sock.send(head + body)
        except OSError:         # It stays unanswered, which is the truth.
            pass

    def receive(self, until: float) -> None:
        """Takes in the answers that come until then (time.monotonic())."""
        while select.select([self._sock], [], [],
                            max(until - time.monotonic(), 0))[0]:
            packet = self._sock.recv(2048)
            icmp = packet[(packet[0] & 15) * 4:]
            kind, _, _, ident = struct.unpack("!BBHH", icmp[:6])
            if kind == ECHO_REPLY and ident == self._id:
                self.unanswered.pop(struct.unpack("!Q", icmp[8:16])[0], None)


def main(argv: list) -> int:
    """Runs the command 'argv'."""
    if len(argv) != 2:
        sys.stderr.write(__doc__)
        return 2
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))

    probe = Probe(argv[1])
    ready = False
    due = time.monotonic()
    while not stopped:
        if len(probe.unanswered) < WINDOW or probe.under_way() < WINDOW:
            probe.send()
        # After a pause of the machine, not all that was missed at once.
        due = max(due + INTERVAL_S, time.monotonic() - 0.01)
        probe.receive(due)
        if not ready and len(probe.unanswered) < probe.n_sent:
            print("ready", flush=True)
            ready = True
    deadline = time.monotonic() + PATIENCE_S
    while probe.unanswered and time.monotonic() < deadline:
        probe.receive(time.monotonic() + 0.1)
    print(f"{len(probe.unanswered)} of {probe.n_sent} lost")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
