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


"""Asks DNS servers, or is one.

  names.py ask SERVER NAME[/TYPE]...    one line for each: what SERVER says
  names.py stream SERVER NAME[/TYPE]    asks all the time, says what got lost
  names.py serve ADDRESS NAME=IPV4...   answers for these names, and no other

TYPE is A, which is the default, AAAA, PTR or MX; "ask" takes an IPv4 address
for its reverse name.  An answer is what the records say, sorted, or NODATA,
NXDOMAIN, REFUSED, SERVFAIL; nobody answers: "timeout"; with "tcp:" before
SERVER, over TCP.

"stream" sends 500 queries a second, each once, and prints "ready" with the
first answer.  At SIGTERM it waits for what is still under way, and prints how
many queries of how many were never answered or answered otherwise than the
first.

"serve" prints "ready", and then each name that it was asked for, with the
type.
"""

import os
import select
import signal
import socket
import struct
import sys
import time
from typing import Dict, List, Tuple

PORT = 53
INTERVAL_S = 0.002

# How late an answer may come.
PATIENCE_S = 3

TYPES = {"A": 1, "PTR": 12, "MX": 15, "AAAA": 28}
RCODES = {0: "NODATA", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
FLAG_RESPONSE = 0x8000
FLAG_TRUNCATED = 0x0200
FLAG_RECURSION = 0x0100


def encode_name(name: str) -> bytes:
    """Returns the name as DNS writes it."""
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(x)]) + x for x in labels) + b"\0"


def decode_name(message: bytes, at: int) -> Tuple[str, int]:
    """Returns the name at 'at', and where it ends."""
    labels: List[str] = []
    end = 0
    while message[at]:
        if message[at] >= 0xc0:
            end = end or at + 2
            at = struct.unpack_from("!H", message, at)[0] & 0x3fff
        else:
            labels.append(message[at + 1:at + 1 + message[at]].decode())
            at += 1 + message[at]
    return ".".join(labels), end or at + 1


def query(number: int, what: str) -> bytes:
    """Returns a query for 'what', "NAME", "NAME/TYPE" or an address."""
    name, _, kind = what.partition("/")
    if not kind and name.replace(".", "").isdigit():
        name = ".".join(reversed(name.split("."))) + ".in-addr.arpa"
        kind = "PTR"
    head = struct.pack("!6H", number, FLAG_RECURSION, 1, 0, 0, 0)
    return head + encode_name(name) + struct.pack("!2H", TYPES[kind or "A"], 1)


def parse(message: bytes) -> str:
    """Returns what an answer says."""
    _, flags, _, n_answers = struct.unpack_from("!4H", message)
    _, at = decode_name(message, 12)
    at += 4
    found = []
    for _ in range(n_answers):
        _, at = decode_name(message, at)
        kind, _, _, size = struct.unpack_from("!HHIH", message, at)
        at += 10
        data = message[at:at + size]
        if kind == TYPES["A"]:
            found.append(socket.inet_ntop(socket.AF_INET, data))
        elif kind == TYPES["AAAA"]:
            found.append(socket.inet_ntop(socket.AF_INET6, data))
        elif kind == TYPES["PTR"]:
            found.append(decode_name(message, at)[0])
        else:
            found.append(f"type {kind}")
        at += size
    rcode = flags & 15
    if flags & FLAG_TRUNCATED:
        return "truncated"
    return " ".join(sorted(found)) or RCODES.get(rcode, f"rcode {rcode}")


def connect(server: str, kind: socket.SocketKind) -> socket.socket:
    """Returns a socket whose other end is 'server'."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    sock = socket.socket(family, kind)
    sock.settimeout(PATIENCE_S)
    sock.connect((server, PORT))
    return sock


def ask_tcp(server: str, message: bytes) -> bytes:
    """Returns what the server answers to one query."""
    with connect(server, socket.SOCK_STREAM) as sock:
        sock.sendall(struct.pack("!H", len(message)) + message)
        with sock.makefile("rb") as stream:
            size = struct.unpack("!H", stream.read(2))[0]
            return stream.read(size)


def ask_udp(server: str, message: bytes) -> bytes:
    """The same over UDP."""
    with connect(server, socket.SOCK_DGRAM) as sock:
        sock.send(message)
        while True:
            answer = sock.recv(65535)
            if answer[:2] == message[:2]:
                return answer


def ask(server: str, whats: List[str]) -> None:
    """Prints what the server says."""
    for number, what in enumerate(whats):
        message = query(number, what)
        try:
            if server.startswith("tcp:"):
                said = parse(ask_tcp(server[4:], message))
            else:
                said = parse(ask_udp(server, message))
        except socket.timeout:
            said = "timeout"
        except ConnectionRefusedError:
            said = "nobody there"
        print(f"{what}: {said}", flush=True)


class Stream:
    """Queries to one server, and which of them are unanswered."""

    def __init__(self, server: str, what: str):
        self._sock = connect(server, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._what = what
        self._n_answered = 0
        self._said = ""
        self.n_sent = 0
        self.unanswered: Dict[int, int] = {}    # Number on the wire: which.

    def send(self) -> None:
        """Sends one query."""
        number = self.n_sent & 0xffff
        self.unanswered[number] = self.n_sent
        self.n_sent += 1
        try:
            self._sock.send(query(number, self._what))
        except OSError:         # It stays unanswered, which is the truth.
            pass

    def receive(self, until: float) -> None:
        """Takes in the answers that come until then (time.monotonic())."""
        while select.select([self._sock], [], [],
                            max(until - time.monotonic(), 0))[0]:
            try:
                answer = self._sock.recv(65535)
            except OSError:
                continue
            if not self._n_answered:
                self._said = parse(answer)
                print("ready", flush=True)
            self._n_answered += 1
            if parse(answer) == self._said:
                self.unanswered.pop(struct.unpack("!H", answer[:2])[0], None)


def stream(server: str, what: str) -> None:
    """Asks until SIGTERM."""
    stopped: List[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    queries = Stream(server, what)
    due = time.monotonic()
    while not stopped:
        queries.send()
        # After a pause of the machine, not all that was missed at once.
        due = max(due + INTERVAL_S, time.monotonic() - 0.01)
        queries.receive(due)
    deadline = time.monotonic() + PATIENCE_S
    while queries.unanswered and time.monotonic() < deadline:
        queries.receive(time.monotonic() + 0.1)
    print(f"{len(queries.unanswered)} of {queries.n_sent} lost")


def serve(address: str, records: List[str]) -> None:
    """Answers for what is in 'records', for ever."""
    addresses = dict(record.split("=") for record in records)
    names = {number: kind for kind, number in TYPES.items()}
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.bind((address, PORT))
    print("ready", flush=True)
    while True:
        message, client = sock.recvfrom(65535)
        name, end = decode_name(message, 12)
        kind = struct.unpack_from("!H", message, end)[0]
        print(f"{name}/{names.get(kind, kind)}", flush=True)
        found = addresses.get(name.lower())
        has_answer = found is not None and kind == TYPES["A"]
        head = struct.pack("!H", FLAG_RESPONSE | FLAG_RECURSION | 0x0080
                           | (0 if found else 3))
        answer = (message[:2] + head
                  + struct.pack("!4H", 1, has_answer, 0, 0)
                  + message[12:end + 4])
        if has_answer:
            answer += (struct.pack("!HHHIH", 0xc00c, kind, 1, 60, 4)
                       + socket.inet_pton(socket.AF_INET, found))
        sock.sendto(answer, client)


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    if len(argv) >= 4 and argv[1] == "ask":
        ask(argv[2], argv[3:])
    elif len(argv) == 4 and argv[1] == "stream":
        stream(argv[2], argv[3])
    elif len(argv) >= 3 and argv[1] == "serve":
        serve(argv[2], argv[3:])
    else:
        sys.stderr.write(__doc__ or "")
        return 2
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv))
