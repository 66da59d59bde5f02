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

"""Stations of the access network, all under one program's eyes.

A program that is outside of a lab has a raw socket in each guest, host and
gateway of it, sends whole frames from one and sees what each other one gets,
to the byte, with the VLAN tag that the kernel would otherwise take away.

Frames that can be told apart carry a mark, see mark().  After what was sent
comes a "fence": when that has arrived, so has everything before it, and
nobody needs to wait for time to pass.  See Net.exchange().

What this is not: frames of real protocols; see protocols.py.
"""

import os
import re
import select
import socket
import struct
import subprocess
import sys
import time
from typing import (Dict, Iterable, Iterator, List, NamedTuple, Optional, Set,
                    Tuple)

sys.dont_write_bytecode = True
_TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(1, os.path.join(_TOP, "utilities"))

# pylint: disable=wrong-import-position
from lab import namespaces      # noqa: E402

LAB = os.environ.get("MOBULA_LAB", "lab")
MOBULA_LAB = os.path.join(_TOP, "utilities", "mobula-lab")

BROADCAST = b"\xff" * 6
ETH_P_ALL = 3
PACKET_OUTGOING = 4
SOL_PACKET = 263
PACKET_AUXDATA = 8
SO_RCVBUFFORCE = 33
TP_STATUS_VLAN_VALID = 1 << 4

# EtherType of the fence: local experimental.
_FENCE_TYPE = 0x88b6
_PATIENCE_S = 20

_MARK = re.compile(rb"\{(\d{7})\}")
MARK_SIZE = 9


def mark(number: int) -> bytes:
    """Returns the mark of frame 'number', MARK_SIZE bytes."""
    return b"{%07d}" % number


def mark_in(frame: bytes) -> Optional[int]:
    """Returns the number in the mark of 'frame', None if it has none."""
    match = _MARK.search(frame)
    return int(match.group(1)) if match else None


def mac_bytes(text: str) -> bytes:
    """Returns the MAC address 'text' as 6 bytes."""
    return bytes.fromhex(text.replace(":", ""))


class Station:
    """Sockets for whole frames on interfaces in one namespace: it hears all of
    these, and sends from one, at first the first."""

    def __init__(self, name: str, netns: str, *ifaces: str):
        self.name = name
        self.socks = [_open(netns, iface) for iface in ifaces]
        self._speaker = self.socks[0]
        self.mac: bytes = self._speaker.getsockname()[4]

    def speak_from(self, index: int) -> None:
        """Sends from interface 'index' of those given from now on."""
        self._speaker = self.socks[index]

    def send(self, frame: bytes) -> None:
        """Sends 'frame'."""
        self._speaker.send(frame)

    def receive(self) -> List[bytes]:
        """Returns the frames that have come in since the last call."""
        return [frame for sock in self.socks for frame in _receive(sock)]

    def close(self) -> None:
        """Closes the sockets."""
        for sock in self.socks:
            sock.close()


def _open(netns: str, iface: str) -> socket.socket:
    """Returns a socket for whole frames on 'iface'."""
    with namespaces.network(netns):
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    # Only now, so that nothing comes in before.
    sock.bind((iface, ETH_P_ALL))
    sock.setblocking(False)
    return sock


def _receive(sock: socket.socket) -> Iterator[bytes]:
    """Yields the frames that have come in."""
    while True:
        try:
            frame, aux, _, address = sock.recvmsg(1 << 16, 64)
        except BlockingIOError:
            return
        if address[2] != PACKET_OUTGOING:
            yield _with_tag(frame, aux)


def _with_tag(frame: bytes, aux: List[Tuple[int, int, bytes]]) -> bytes:
    """Returns 'frame' with the tag that the kernel has put aside."""
    for level, kind, data in aux:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH",
                                                          data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def find(names: Iterable[str]) -> List[Station]:
    """Returns the stations 'names' of the lab: "host-ID" is a host's access
    interface, "gateway-ID" a gateway's, anything else a guest."""
    inits = None
    stations = []
    for name in names:
        kind, _, number = name.partition("-")
        if kind not in ("host", "gateway"):
            stations.append(Station(name, f"/run/netns/{LAB}.{name}", "eth0"))
            continue
        inits = inits or host_pids()
        if kind == "host":
            stations.append(Station(name, f"/proc/{inits[number]}/ns/net",
                                    "veth_fac0"))
        else:
            path = f"/proc/{inits[number]}/root/run/netns/mobula"
            stations.append(Station(name, path, "mo-acc-gw"))
    return stations


def host_pids() -> Dict[str, int]:
    """Returns host id -> a process in the host's namespaces."""
    output = subprocess.run([MOBULA_LAB, "--name", LAB, "status"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return {words[0]: int(words[3])
            for words in map(str.split, output.splitlines())
            if words and words[0].isdigit() and words[3].isdigit()}


class Arrival(NamedTuple):
    """A frame that has arrived."""
    station: str
    frame: bytes


class Net:
    """Some stations, and the frames between them."""

    def __init__(self, stations: Iterable[Station]):
        self.stations: Dict[str, Station] = {}
        self._poll = select.epoll()
        self._by_fd: Dict[int, Station] = {}
        self._n_fences = 0
        for station in stations:
            self.add(station)

    def add(self, station: Station) -> None:
        """Takes ownership of 'station'."""
        self.stations[station.name] = station
        for sock in station.socks:
            self._by_fd[sock.fileno()] = station
            self._poll.register(sock.fileno(), select.EPOLLIN)

    def remove(self, name: str) -> None:
        """Closes and forgets station 'name'."""
        station = self.stations.pop(name)
        for sock in station.socks:
            self._poll.unregister(sock.fileno())
            del self._by_fd[sock.fileno()]
        station.close()

    def receive(self, timeout_s: float) -> List[Arrival]:
        """Returns what has come in; waits up to 'timeout_s' for the first."""
        return [Arrival(self._by_fd[fd].name, frame)
                for fd, _ in self._poll.poll(max(timeout_s, 0))
                for frame in self._by_fd[fd].receive()]

    def exchange(self, sender: str, frames: Iterable[bytes], n_wanted: int,
                 audience: Set[str]) -> List[Arrival]:
        """Sends 'frames' from station 'sender'.

        Waits for 'n_wanted' arrivals of frames with a mark, and then for what
        may come in addition: until a fence from 'sender' has arrived at all
        stations of 'audience'.  Returns all arrivals of frames with a mark.
        """
        for frame in frames:
            self.stations[sender].send(frame)
        arrivals: List[Arrival] = []
        deadline = time.monotonic() + _PATIENCE_S
        while len(arrivals) < n_wanted and time.monotonic() < deadline:
            arrivals += self._marked(self.receive(
                deadline - time.monotonic()))
        return arrivals + self.fence(sender, audience)

    def fence(self, sender: str, audience: Set[str]) -> List[Arrival]:
        """Waits until a fence from 'sender' is at all of 'audience'.

        Returns the frames with a mark that arrived meanwhile.  Raises
        TimeoutError if the fence does not arrive.
        """
        self._n_fences += 1
        text = b"fence %d." % self._n_fences
        self.stations[sender].send(
            (BROADCAST + self.stations[sender].mac
             + struct.pack("!H", _FENCE_TYPE) + text).ljust(60, b"\0"))
        missing = set(audience) - {sender}
        arrivals: List[Arrival] = []
        deadline = time.monotonic() + _PATIENCE_S
        while missing:
            found = self.receive(deadline - time.monotonic())
            missing -= {name for name, frame in found if text in frame}
            arrivals += self._marked(found)
            if time.monotonic() > deadline:
                raise TimeoutError("a broadcast of " + sender
                                   + " has not arrived at "
                                   + ", ".join(sorted(missing)))
        return arrivals

    @staticmethod
    def _marked(arrivals: Iterable[Arrival]) -> List[Arrival]:
        """Returns those of 'arrivals' that have a mark."""
        return [one for one in arrivals if mark_in(one.frame) is not None]
