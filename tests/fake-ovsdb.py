#!/usr/bin/env python3
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

"""A peer that lies: an OVSDB server for tests.

fake-ovsdb.py serve ADDRESS PORT BEHAVIOUR [N]
    Listens, prints the port that it got, and treats everybody who connects
    as BEHAVIOUR says (a method of Session below).
fake-ovsdb.py random SEED N
    Prints N random table updates, a line each: half of them nearly right.
"""

import json
import random
import socket
import sys
import threading
import time
import uuid

PEER = 2                        # Host id that it should have.

SCHEMA = {"name": "Mobula", "version": "1.0.0", "tables": {
    "Host": {"columns": {name: {"type": "string"} for name in
                         ("host_id", "boot", "version", "config_digest",
                          "underlay_mtu", "path_mtu", "drained")}},
    "Link": {"columns": {name: {"type": "integer"} for name in
                         ("peer", "up", "poor", "loss", "rtt")}},
    "MAC": {"columns": {name: {"type": "string"} for name in
                        ("mac", "vlan", "sequence", "ips")}}}}


def row_id(number: int) -> str:
    """Returns the UUID of row 'number'."""
    return str(uuid.UUID(int=number))


def mac(number: int) -> str:
    """Returns station 'number'."""
    text = f"0a{number:010x}"
    return ":".join(text[i:i + 2] for i in range(0, 12, 2))


def host_row(host: int = PEER) -> dict:
    """Returns the update of table Host."""
    return {row_id(1): {"new": {"host_id": host, "boot": "b",
                                "version": "1", "config_digest": "c",
                                "underlay_mtu": 1500, "path_mtu": 0,
                                "drained": False}}}


def mac_rows(n: int, start: int = 0) -> dict:
    """Returns an update of table MAC with 'n' rows."""
    return {row_id(1000 + i): {"new": {"vlan": 0, "mac": mac(i),
                                       "sequence": 1,
                                       "ips": ["set", []]}}
            for i in range(start, start + n)}


class Session:
    """One connection."""

    def __init__(self, sock: socket.socket, n: int):
        self.sock = sock
        self.n = n
        self.decoder = json.JSONDecoder()
        self.text = ""

    def receive(self) -> dict:
        """Returns the next message."""
        while True:
            self.text = self.text.lstrip()
            try:
                message, end = self.decoder.raw_decode(self.text)
                self.text = self.text[end:]
                return message
            except ValueError:
                data = self.sock.recv(65536)
                if not data:
                    raise ConnectionError
                self.text += data.decode()

    def send(self, message: object) -> None:
        """Sends 'message'."""
        self.sock.sendall(json.dumps(message).encode())

    def answer(self, results: dict, forever: bool = True) -> None:
        """Answers each request with what 'results' says for its method."""
        while results or forever:
            message = self.receive()
            method = message.get("method")
            if method == "echo":
                self.send({"id": message["id"], "result": message["params"],
                           "error": None})
            elif method in results:
                self.send({"id": message["id"], "error": None,
                           "result": results.pop(method)})

    def rows(self, updates: object, forever: bool = True) -> None:
        """Behaves, but has the rows 'updates'."""
        self.answer({"get_schema": SCHEMA, "monitor": updates}, forever)

    def wait_heard(self) -> None:
        """Waits until it is asked for an echo: then all is taken in."""
        message = self.receive()
        self.send({"id": message["id"], "result": [], "error": None})

    def drain(self) -> None:
        """Reads, and says nothing any more."""
        while self.sock.recv(65536):
            pass

    # Behaviours.

    def good(self) -> None:
        """Does nothing wrong, with N MACs."""
        self.rows({"Host": host_row(), "MAC": mac_rows(self.n)})

    def other_host(self) -> None:
        """Says that it is another host."""
        self.rows({"Host": host_row(7)})

    def becomes_other(self) -> None:
        """Says so after a while."""
        self.rows({"Host": host_row()}, forever=False)
        self.wait_heard()
        self.send({"id": None, "method": "update",
                   "params": ["mobula", {"Host": host_row(7)}]})
        self.answer({})

    def infrastructure(self) -> None:
        """Claims the MAC of host 1, beside one that is its own."""
        rows = mac_rows(2)
        rows[row_id(1000)]["new"]["mac"] = "02:6d:6f:00:00:01"
        self.rows({"Host": host_row(), "MAC": rows})

    def grows(self) -> None:
        """Adds ten MACs at a time, without end."""
        self.rows({"Host": host_row()}, forever=False)
        self.wait_heard()
        for i in range(0, 10 ** 6, 10):
            self.send({"id": None, "method": "update",
                       "params": ["mobula", {"MAC": mac_rows(10, i)}]})

    def floods(self) -> None:
        """Changes its only MAC all the time."""
        self.rows({"Host": host_row(), "MAC": mac_rows(1)}, forever=False)
        self.wait_heard()
        update = json.dumps({"id": None, "method": "update",
                             "params": ["mobula", {"MAC": mac_rows(1)}]})
        while True:
            self.sock.sendall((update * 100).encode())

    def echoes(self) -> None:
        """Asks for echoes, and does not take them."""
        self.rows({"Host": host_row()}, forever=False)
        self.wait_heard()
        echo = json.dumps({"id": "x", "method": "echo",
                           "params": ["x" * 1000]})
        while True:
            self.sock.sendall(echo.encode())

    def endless(self) -> None:
        """Sends a string without an end."""
        self.receive()
        self.sock.sendall(b'{"id": 0, "error": null, "result": "')
        while True:
            self.sock.sendall(b"x" * 65536)

    def deep(self) -> None:
        """Sends arrays in arrays."""
        self.receive()
        while True:
            self.sock.sendall(b"[" * 65536)

    def garbage(self) -> None:
        """Sends what is no JSON."""
        self.sock.sendall(b"\x00\xff}{GET / HTTP/1.1\r\n\r\n" * 100)
        self.drain()

    def refuses(self) -> None:
        """Has no such database."""
        message = self.receive()
        self.send({"id": message["id"], "result": None,
                   "error": {"error": "unknown database"}})
        self.drain()

    def mute(self) -> None:
        """Takes everything and says nothing."""
        self.drain()

    def falls_mute(self) -> None:
        """Answers, then says nothing any more."""
        self.rows({"Host": host_row(), "MAC": mac_rows(1)}, forever=False)
        self.drain()

    def mute_later(self) -> None:
        """Answers an echo, too, before it says nothing any more."""
        self.rows({"Host": host_row(), "MAC": mac_rows(1)}, forever=False)
        self.wait_heard()
        self.drain()

    def falls_deaf(self) -> None:
        """Answers, then says one more thing, but not what it is asked."""
        self.rows({"Host": host_row(), "MAC": mac_rows(1)}, forever=False)
        self.receive()
        self.send({"id": None, "method": "update",
                   "params": ["mobula", {"MAC": mac_rows(2)}]})
        self.drain()

    def drips(self) -> None:
        """Sends its answer byte by byte."""
        message = self.receive()
        for byte in json.dumps({"id": message["id"], "error": None,
                                "result": SCHEMA}):
            self.sock.sendall(byte.encode())
            time.sleep(0.02)

    def stalls(self) -> None:
        """Answers echoes, but never what it was asked for."""
        self.answer({})

    def closes(self) -> None:
        """Closes at once."""


def random_value(rng: random.Random, depth: int = 0) -> object:
    """Returns some JSON."""
    kind = rng.randrange(12 if depth < 3 else 9)
    if kind < 3:
        return rng.choice([0, 1, 2, 5, -1, 4095, 4096, 2 ** 31, 2 ** 32,
                           -2 ** 63, 2 ** 63 - 1, 1.5, 1e300])
    if kind < 6:
        return rng.choice(["", "x", "set", "10.31.0.1", "::", "fe80::1",
                           "255.255.255.255", "0a:00:00:00:00:01",
                           "0a:00:00:00:00:01 ", "02:6d:6f:00:00:01",
                           "ff:ff:ff:ff:ff:ff", "A" * 65, "\u0000x",
                           row_id(rng.randrange(4))])
    if kind < 9:
        return rng.choice([None, True, False])
    if kind < 11:
        return ["set", [random_value(rng, depth + 1)
                        for _ in range(rng.randrange(10))]]
    return {str(random_value(rng, 3)): random_value(rng, depth + 1)
            for _ in range(rng.randrange(4))}


def random_updates(rng: random.Random) -> object:
    """Returns table updates, nearly right or not at all."""
    updates = {"Host": host_row(), "MAC": mac_rows(rng.randrange(4)),
               "Link": {row_id(2): {"new": {"peer": 3, "up": True,
                                            "poor": False, "loss": 9,
                                            "rtt": 300}}}}
    if rng.randrange(20) == 0:
        return random_value(rng)
    for _ in range(rng.randrange(3)):
        table = rng.choice(list(updates))
        rows = updates[table]
        choice = rng.randrange(8)
        if choice == 0 or not isinstance(rows, dict) or not rows:
            updates[table] = random_value(rng)
            continue
        name = rng.choice(list(rows))
        new = rows[name].get("new") if isinstance(rows[name], dict) else None
        if choice == 1:
            rows[name] = random_value(rng)
        elif choice == 2 or not isinstance(new, dict) or not new:
            rows[row_id(rng.randrange(4))] = {"new": random_value(rng)}
        elif choice == 3:
            del new[rng.choice(list(new))]
        else:
            new[rng.choice(list(new))] = random_value(rng)
    return updates


def treat(sock: socket.socket, behaviour: str, n: int) -> None:
    """Is a thread: serves one connection."""
    with sock:
        try:
            getattr(Session(sock, n), behaviour)()
        except (OSError, ValueError):
            pass


def serve(address: str, port: int, behaviour: str, n: int) -> None:
    """Serves until it is killed."""
    with socket.create_server((address, port)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            threading.Thread(target=treat,
                             args=(server.accept()[0], behaviour, n),
                             daemon=True).start()


def main(argv: list) -> None:
    """Does what the command line says."""
    if argv[1] == "serve":
        serve(argv[2], int(argv[3]), argv[4].replace("-", "_"),
              int(argv[5]) if len(argv) > 5 else 1)
    else:
        rng = random.Random(int(argv[2]))
        for _ in range(int(argv[3])):
            print(json.dumps(random_updates(rng)))


if __name__ == "__main__":
    main(sys.argv)
