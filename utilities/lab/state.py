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

"""What a lab remembers between two commands, in /run/mobula-lab/NAME:

  lab.json    hosts, guests, clients, options, cut links
  lock        held by the command that changes the lab
  config/     the files that `up` was given
  hosts/ID/   the host's disk, and the log of its first process
  clients/NAME/  the same of a client

Only `up` needs this to be right.  `down` finds what runs without it.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from typing import Dict, Iterator, List, NamedTuple, Optional

from lab.inventory import Entry
from lab.process import LabError

ROOT = "/run/mobula-lab"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")


def check_name(name: str) -> None:
    """Raises LabError unless 'name' can be a lab's name."""
    if not _NAME.fullmatch(name):
        raise LabError(f"{name!r} cannot be the name of a lab: a lower-case "
                       "letter, then up to 19 letters, digits and '-'")


def directory(name: str) -> str:
    """Returns where the lab 'name' keeps its state."""
    return os.path.join(ROOT, name)


def names() -> List[str]:
    """Returns the names of all labs that have some state."""
    try:
        return sorted(n for n in os.listdir(ROOT) if _NAME.fullmatch(n))
    except OSError:
        return []


class Guest(NamedTuple):
    """What the lab remembers of a guest."""
    name: str
    host: int                   # The id of the host that it is attached to.
    mac: str
    addresses: List[str]        # Each with its prefix length.
    tag: Optional[int]          # VLAN of an access port, None if not one.
    trunks: List[int]           # VLANs of a trunk port; [] if all.

    @property
    def port(self) -> str:
        """The name of its port."""
        return f"g-{self.name}"

    @property
    def vlans(self) -> str:
        """Its VLANs, for people."""
        if self.tag is not None:
            return str(self.tag)
        return "trunk " + ",".join(map(str, self.trunks)) if self.trunks \
            else "all"


class Client(NamedTuple):
    """What the lab remembers of a client."""
    name: str
    addresses: List[str]        # On the underlay, with prefix lengths.
    kernel: bool                # WireGuard is the kernel's.

    @property
    def port(self) -> str:
        """The name of its port of the underlay."""
        return f"c-{self.name}"


class State:
    """The content of lab.json."""

    def __init__(self, name: str, hosts: List[Entry], daemon: bool,
                 mtu: int, external: str):
        self.name = name
        self.hosts = hosts
        self.daemon = daemon    # False: `up --no-daemon`.
        self.mtu = mtu          # Of the underlay.
        self.external = external    # "share" or "move": `up --external`.
        self.ready = False      # `up` has come to its end.
        # "A>B" (ids) -> percentage of frames from A to B that are dropped.
        self.cuts: Dict[str, float] = {}
        # "A>B" (ids) -> bytes of the longest IP packet from A that B gets.
        self.holes: Dict[str, int] = {}
        self.guests: Dict[str, Guest] = {}
        self.clients: Dict[str, Client] = {}

    def save(self) -> None:
        """Writes lab.json: the old content or the new, never a half."""
        path = os.path.join(directory(self.name), "lab.json")
        with open(path + ".new", "w") as stream:
            json.dump({"hosts": [host._asdict() for host in self.hosts],
                       "daemon": self.daemon, "mtu": self.mtu,
                       "external": self.external,
                       "ready": self.ready,
                       "cuts": self.cuts, "holes": self.holes,
                       "guests": [guest._asdict() for guest
                                  in self.guests.values()],
                       "clients": [client._asdict() for client
                                   in self.clients.values()]},
                      stream, indent=1)
        os.rename(path + ".new", path)


def load(name: str) -> State:
    """Reads the state of lab 'name'.  Raises LabError if it is not up."""
    path = os.path.join(directory(name), "lab.json")
    try:
        with open(path) as stream:
            data = json.load(stream)
        lab = State(name, [Entry(**host) for host in data["hosts"]],
                    data["daemon"], data["mtu"], data["external"])
        lab.ready = data["ready"]
        lab.cuts, lab.holes = data["cuts"], data["holes"]
        guests = [Guest(**guest) for guest in data["guests"]]
        lab.guests = {guest.name: guest for guest in guests}
        clients = [Client(**client) for client in data["clients"]]
        lab.clients = {client.name: client for client in clients}
        return lab
    except FileNotFoundError:
        others = [n for n in names() if n != name]
        raise LabError(f"the lab {name!r} is not up"
                       + (f" (but {', '.join(others)})" if others else ""))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LabError(f"{path} is damaged ({error}): take the lab down with "
                       f"`mobula-lab down --name {name}`")


def remove(name: str) -> None:
    """Removes all state of lab 'name', as far as that is possible."""
    path = directory(name)
    shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):      # Gone, or not a file.
        os.unlink(path)
    with contextlib.suppress(OSError):      # Another lab is up.
        os.rmdir(ROOT)


@contextlib.contextmanager
def lock(name: str, timeout_s: Optional[float] = None) -> Iterator[bool]:
    """Lets one command at a time change the lab 'name'.

    Waits 'timeout_s' seconds for another command, or for ever.  Yields
    whether the lock was had in time.  The directory must exist.
    """
    fd = os.open(os.path.join(directory(name), "lock"),
                 os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        limit_s = float("inf") if timeout_s is None else timeout_s
        locked = _try_lock(fd, time.monotonic() + limit_s)
        if locked:
            os.truncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        yield locked
    finally:
        os.close(fd)


def holder(name: str) -> Optional[int]:
    """Returns the process that has had the lock of lab 'name' last."""
    try:
        with open(os.path.join(directory(name), "lock")) as stream:
            return int(stream.read())
    except (OSError, ValueError):
        return None


def _try_lock(fd: int, deadline: float) -> bool:
    """Tries to lock 'fd' until 'deadline'; returns whether it did."""
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
