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

"""Attaches, detaches and moves guests at random, and counts every frame.

  random-guests.py [--patch] SEED N_STEPS [INTERVAL]

Each step attaches a guest to a host of the lab, detaches or moves one, while
other stations send broadcasts all the time.  Each broadcast must arrive once
at each station of its VLAN that stays where it is, at most once at the one
that the step is about, and nowhere else.  Then one station speaks, and a frame
for it must come to go to it alone.

With the userspace datapath, a few broadcasts may get lost, but only in a
tunnel from or to a host at the moment when its ports change: whenever an
interface of the host changes, Open vSwitch (ovs_router_flush() in 3.1) forgets
all routes and with them its own ends of tunnels, until it has read the routes
again.  They are counted.  With --patch, guests are attached by patch ports,
see patches.py: no interface changes, and none may get lost.

The same SEED gives the same steps.  Prints what went wrong, after the number
of the step, and, on standard error output, how far it is and how long it took.
INTERVAL is the time between two broadcasts during a step, in milliseconds; the
default of 10 is too little for an emulated machine.
"""

import random
import struct
import sys
import threading
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Set, Tuple

import stations
from patches import Patches
from stations import BROADCAST, MARK_SIZE, Net, Station, mark, mark_in

# pylint: disable=wrong-import-order
from lab import guest as guests         # noqa: E402
from lab import lab as labs             # noqa: E402
from lab import state                   # noqa: E402
from lab.host import Host               # noqa: E402
from lab.state import Guest             # noqa: E402

# The least and the most guests at a time.
MIN_GUESTS, MAX_GUESTS = 3, 10

# A MAC that moves more often than this within a while may be frozen.
MAX_MOVES = 4

# VLANs of access ports; None: a trunk of all VLANs, which speaks in none.
VLANS = (None, None, 10, 20)

# Between two broadcasts during a step, in milliseconds.
_INTERVAL_MS = 10

# How many broadcasts are sent after a step.
_N_AFTERWARDS = 4

# How often it says how far it is, in steps.
_PROGRESS = 100

# How much of all arrivals the userspace datapath may cost.
_MAX_TOLERATED = 0.02

# How long frames may take, on a machine that is busy.
_PATIENCE_S = 20


class Broadcast(NamedTuple):
    """A broadcast that was sent."""
    sender: str
    vlan: int                           # 0: none.
    host: int                           # The sender's.
    wanted: Set[str]                    # Who must get it.
    allowed: Set[str]                   # Who may get it in addition.


class Step(NamedTuple):
    """A step of a walk."""
    kind: str                           # attach, detach, move
    hosts: Set[int]                     # Whose ports change.
    guest: Guest                        # As it is afterwards, or was before.
    words: str                          # For people.
    action: Callable[[], None]          # Does it, and only it.


class Veths:
    """Guests of the lab, each with an interface of its own."""

    create = staticmethod(guests.create)
    move = staticmethod(guests.move)
    delete = staticmethod(guests.delete)

    @staticmethod
    def station(guest: Guest) -> Station:
        """Returns the station that 'guest' is."""
        return stations.find([guest.name])[0]

    def place(self, station: Station, guest: Guest) -> None:
        """Does nothing: 'station' has only one interface."""

    def finish(self) -> None:
        """Does nothing: all went with the guests."""


class Walk:
    """A random walk, and what was seen on it."""

    def __init__(self, seed: int, interval_s: float, patch: bool):
        self._random = random.Random(seed)
        self._interval_s = interval_s
        self._lab = state.load(stations.LAB)
        self._ways = (Patches(labs.hosts_of(self._lab), MAX_GUESTS) if patch
                      else Veths())
        names = [f"host-{entry.id}" for entry in self._lab.hosts]
        self._net = Net(stations.find(names))
        self._vlans: Dict[str, Optional[int]] = {n: None for n in names}
        self._guests: Dict[str, Guest] = {}
        self._n_moves: Dict[str, int] = {}
        self._n_guests = 0
        self._sent: Dict[int, Broadcast] = {}
        self._seen: Set[Tuple[str, int]] = set()
        self._number = 0
        self._tolerant = not patch and self._is_userspace()
        self.n_arrivals = 0
        self.n_tolerated = 0
        self.learning_s: List[float] = []
        self.complaints: List[str] = []

    @property
    def n_broadcasts(self) -> int:
        """How many broadcasts were sent."""
        return len(self._sent)

    def step(self) -> str:
        """Takes a step; returns what it was."""
        step = self._choose()
        subject = step.guest.name
        if step.kind == "detach":
            self._forget(subject)
        speakers = self._random.sample(
            sorted(set(self._net.stations) - {subject}), 2)
        first = self._number
        self._during(step, speakers)
        last = self._number
        if step.kind == "attach":
            self._net.add(self._ways.station(step.guest))
            self._vlans[subject] = step.guest.tag
        if step.kind != "detach":
            self._ways.place(self._net.stations[subject], step.guest)
            self._guests[subject] = step.guest
            speakers.append(subject)
        for _ in range(_N_AFTERWARDS):
            self._broadcast(self._random.choice(speakers), None)
        self._settle(range(first + 1, last + 1), step.hosts, speakers)
        self._unicast()
        return step.words

    def finish(self) -> None:
        """Removes all guests."""
        for one in list(self._guests.values()):
            self._forget(one.name)
            self._ways.delete(self._host(one.host), one)
        self._ways.finish()

    # Steps.

    def _choose(self) -> Step:
        """Returns the next step."""
        movable = [name for name in sorted(self._guests)
                   if self._n_moves[name] < MAX_MOVES]
        kinds = ["attach"] * (len(self._guests) < MAX_GUESTS)
        if len(self._guests) >= MIN_GUESTS:
            kinds += ["detach"] + ["move"] * (2 * bool(movable))
        kind = self._random.choice(kinds)
        if kind == "attach":
            self._n_guests += 1
            name = f"r{self._n_guests}"
            host = self._random.choice(self._lab.hosts).id
            vlan = self._random.choice(VLANS)
            new = Guest(name, host, guests.default_mac(name), [], vlan, [])
            self._n_moves[name] = 0
            return Step(kind, {host}, new,
                        f"attach {name} to {host}, VLAN {vlan}",
                        lambda: self._ways.create(self._host(host), new))
        if kind == "detach":
            old = self._guests[self._random.choice(sorted(self._guests))]
            return Step(kind, {old.host}, old,
                        f"detach {old.name} from {old.host}",
                        lambda: self._ways.delete(self._host(old.host), old))
        old = self._guests[self._random.choice(movable)]
        new = old._replace(host=self._random.choice(
            [entry.id for entry in self._lab.hosts if entry.id != old.host]))
        self._n_moves[old.name] += 1
        return Step(kind, {old.host, new.host}, new,
                    f"move {old.name} from {old.host} to {new.host}",
                    lambda: self._ways.move(self._host(old.host),
                                            self._host(new.host), new))

    def _host(self, host_id: int) -> Host:
        """Returns host 'host_id'."""
        return labs.host_of(self._lab, str(host_id))

    def _host_of(self, name: str) -> int:
        """Returns the id of the host of station 'name'."""
        if name in self._guests:
            return self._guests[name].host
        return int(name.split("-")[1])

    def _is_userspace(self) -> bool:
        """Returns whether the hosts have the userspace datapath."""
        one = self._host(self._lab.hosts[0].id)
        return "netdev" in one.run(one.pid(), [
            "ovs-vsctl", "get", "bridge", guests.BRIDGE, "datapath_type"])

    def _forget(self, name: str) -> None:
        """Takes guest 'name' out of the books; it is still there."""
        del self._guests[name]
        del self._vlans[name]
        self._net.remove(name)

    # Broadcasts.

    def _during(self, step: Step, speakers: List[str]) -> None:
        """Takes 'step' while 'speakers' send."""
        errors: List[BaseException] = []

        def work() -> None:
            try:
                step.action()
            except BaseException as error:      # pylint: disable=W0718
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        due = time.monotonic()
        while thread.is_alive():
            self._broadcast(self._random.choice(speakers), step.guest.name)
            due = max(due + self._interval_s, time.monotonic())
            while time.monotonic() < due:
                self._receive(due - time.monotonic())
        thread.join()
        if errors:
            raise errors[0]

    def _broadcast(self, sender: str, subject: Optional[str]) -> None:
        """Sends a broadcast from 'sender' while 'subject', if any, comes,
        goes or moves."""
        self._number += 1
        vlan = self._vlans[sender] or 0
        wanted = self._audience(sender, vlan) - {subject or ""}
        self._sent[self._number] = Broadcast(
            sender, vlan, self._host_of(sender), wanted, {subject or ""})
        self._net.stations[sender].send(self._frame(sender, self._number))

    def _audience(self, sender: str, vlan: int) -> Set[str]:
        """Returns who hears VLAN 'vlan', except 'sender'."""
        return {name for name, own in self._vlans.items()
                if own is None or own == vlan} - {sender}

    def _frame(self, sender: str, number: int,
               dst: bytes = BROADCAST) -> bytes:
        """Returns frame 'number' as 'sender' sends it."""
        return (dst + self._net.stations[sender].mac + b"\x88\xb5"
                + bytes(60 - 14 - MARK_SIZE) + mark(number))

    def _receive(self, timeout_s: float) -> None:
        """Takes in what arrives."""
        for where, frame in self._net.receive(timeout_s):
            number = mark_in(frame)
            if number is not None:
                self._arrived(where, number, frame)

    def _arrived(self, where: str, number: int, frame: bytes) -> None:
        """Checks the arrival of 'frame' at 'where'."""
        if number not in self._sent:        # Unicast of an earlier step.
            return
        sent = self._sent[number]
        self.n_arrivals += 1
        if (where, number) in self._seen:
            self._complain(f"broadcast of {sent.sender} twice at {where}")
        self._seen.add((where, number))
        if where not in sent.wanted | sent.allowed:
            self._complain(f"broadcast of {sent.sender} at {where}, which is "
                           f"not in VLAN {sent.vlan}")
        sender = self._net.stations.get(sent.sender)
        wanted = sender and self._frame(sent.sender, number)
        if wanted and sent.vlan and self._vlans.get(where, 1) is None:
            wanted = (wanted[:12] + struct.pack("!HH", 0x8100, sent.vlan)
                      + wanted[12:])
        if wanted and frame != wanted:
            self._complain(f"{frame.hex()} at {where}")

    def _settle(self, during: range, hosts: Set[int],
                speakers: List[str]) -> None:
        """Waits for all broadcasts of a step, and what may come late.

        Those in 'during' were sent while ports of 'hosts' changed.
        """
        for sender in speakers:
            audience = self._audience(sender, self._vlans[sender] or 0)
            for where, frame in self._net.fence(sender, audience):
                self._arrived(where, mark_in(frame) or 0, frame)
        missing = {(name, number)
                   for number in range(during.start, self._number + 1)
                   for name in self._sent[number].wanted} - self._seen
        tolerated = {(name, number) for name, number in missing
                     if self._is_tolerated(name, number, during, hosts)}
        deadline = time.monotonic() + _PATIENCE_S
        while (missing - tolerated - self._seen
               and time.monotonic() < deadline):
            self._receive(deadline - time.monotonic())
        self.n_tolerated += len(tolerated - self._seen)
        for name, number in sorted(missing - tolerated - self._seen):
            self._complain(f"broadcast {number - during.start} of "
                           f"{len(during)} of {self._sent[number].sender} "
                           f"never at {name}")

    def _is_tolerated(self, name: str, number: int, during: range,
                      hosts: Set[int]) -> bool:
        """Returns whether broadcast 'number' may be missing at 'name'."""
        there, here = self._sent[number].host, self._host_of(name)
        return (self._tolerant and number in during and there != here
                and not hosts.isdisjoint({there, here}))

    # Unicast.

    def _unicast(self) -> None:
        """Sends frames for one station until they go to it alone."""
        target = self._random.choice(sorted(self._net.stations))
        others = sorted(name for name, vlan in self._vlans.items()
                        if name != target and vlan == self._vlans[target])
        if not others:
            return
        sender = self._random.choice(others)
        audience = self._audience("", self._vlans[target] or 0)
        self._net.fence(target, audience - {target})
        start = time.monotonic()
        while True:
            # Numbers of their own, far from those of broadcasts.
            number = 5000000 + self._random.randrange(1000000)
            frame = self._frame(sender, number,
                                self._net.stations[target].mac)
            places = [where for where, got in self._net.exchange(
                          sender, [frame], 1, audience)
                      if mark_in(got) == number]
            if places == [target]:
                self.learning_s.append(time.monotonic() - start)
                return
            if time.monotonic() - start > _PATIENCE_S:
                self._complain(f"frame of {sender} for {target} at "
                               + (", ".join(places) or "nobody"))
                return

    def _complain(self, text: str) -> None:
        """Notes that something went wrong."""
        self.complaints.append(text)


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    args = argv[1:]
    patch = args[:1] == ["--patch"]
    if patch:
        args = args[1:]
    if len(args) not in (2, 3):
        sys.stderr.write(__doc__ or "")
        return 2
    interval_ms = int(args[2]) if len(args) == 3 else _INTERVAL_MS
    walk = Walk(int(args[0]), interval_ms / 1000, patch)
    start = time.monotonic()
    n_steps, n_bad = int(args[1]), 0
    try:
        for i in range(1, n_steps + 1):
            what = walk.step()
            if walk.complaints:
                n_bad += 1
                print(f"step {i}, {what}:")
                for text in walk.complaints[:20]:
                    print(f"    {text}", flush=True)
                walk.complaints.clear()
            if i % _PROGRESS == 0 and i < n_steps:
                sys.stderr.write(f"{i} steps, {walk.n_arrivals} arrivals, "
                                 f"{n_bad} steps went wrong\n")
    finally:
        walk.finish()
    if walk.n_tolerated > _MAX_TOLERATED * walk.n_arrivals:
        print(f"{walk.n_tolerated} of {walk.n_arrivals} lost at changes")
        n_bad += 1
    _report(walk, n_steps, time.monotonic() - start)
    return 1 if n_bad else 0


def _report(walk: Walk, n_steps: int, duration_s: float) -> None:
    """Says what was done."""
    learning_ms = sorted(1000 * s for s in walk.learning_s) or [0]
    sys.stderr.write(
        f"{n_steps} steps, {60 * n_steps / duration_s:.0f} a minute\n"
        f"{walk.n_broadcasts} broadcasts, {walk.n_arrivals} arrivals, "
        f"{walk.n_tolerated} lost in tunnels at changes of ports\n"
        "after a station's word, its frames came to it alone within "
        f"{learning_ms[len(learning_ms) // 2]:.0f} ms (median), "
        f"{learning_ms[-1]:.0f} ms (most)\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv))
