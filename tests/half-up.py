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

"""Lets a link of the lab come up, and fail again before both ends know.

  half-up.py A B

Cuts the link between hosts A and B and heals it.  As soon as BFD of one of
them is up, it no longer hears the other one; but the other one hears it, and
comes up as well.  BFD of the first one takes seconds to notice, since it
expects a packet a second (RFC 5880, 6.8.3).  Prints the number of that host
while this is so.
"""

import re
import sys
import time
from typing import Callable, List, Optional, Tuple

import stations

# pylint: disable=wrong-import-order
from lab import lab as labs             # noqa: E402
from lab import state                   # noqa: E402

_PATIENCE_S = 30
_POLL_S = 0.02

# The moment is missed when the other one is up sooner.
_N_TRIES = 20


class Link:
    """A link between two hosts."""

    def __init__(self, a: int, b: int):
        self._ends = (a, b)
        self._hosts = {one.entry.id: one
                       for one in labs.hosts_of(state.load(stations.LAB))}
        self._pids = {i: self._hosts[i].pid() for i in self._ends}

    def attempt(self) -> Optional[int]:
        """Tries it; returns who does not hear the other one, None if it came
        too late."""
        self._deafen(*self._ends)
        _wait(lambda: all(self._session(i)[0] == "down" for i in self._ends))
        self._deafen()
        _wait(lambda: any(self._session(i)[0] == "up" for i in self._ends))
        sessions = {i: self._session(i) for i in self._ends}
        deaf = next((i for i in self._ends
                     if sessions[i] == ("up", "init")), None)
        if deaf is None:
            return None
        other = self._other(deaf)
        self._deafen(deaf)
        _wait(lambda: self._session(other)[0] == "up"
              or self._session(deaf)[0] != "up")
        return (deaf if self._session(other)[0] == "up"
                and self._session(deaf) == ("up", "init") else None)

    def _other(self, end: int) -> int:
        """Returns the other end."""
        return self._ends[self._ends[0] == end]

    def _deafen(self, *deaf: int) -> None:
        """Drops everything that goes to 'deaf' on the link, and nothing
        else of it."""
        a, b = self._ends
        with labs.locked(stations.LAB) as current:
            labs.set_link(current, self._hosts[a].entry, self._hosts[b].entry,
                          100.0 * (b in deaf), 100.0 * (a in deaf))

    def _session(self, host: int) -> Tuple[str, str]:
        """Returns the states of BFD at 'host', its own and that of the other
        end as it was heard last."""
        text = self._hosts[host].run(
            self._pids[host], ["ovs-appctl", "bfd/show",
                               f"mo-vx-{self._other(host)}"])
        found = [re.search(rf"{whose} Session State: (\S+)", text)
                 for whose in ("Local", "Remote")]
        own, remote = [match.group(1) if match else "" for match in found]
        return own, remote


def _wait(is_over: Callable[[], bool]) -> None:
    """Waits until 'is_over' returns true."""
    deadline = time.monotonic() + _PATIENCE_S
    while not is_over():
        if time.monotonic() > deadline:
            sys.exit("half-up.py: BFD does not follow the link")
        time.sleep(_POLL_S)


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    link = Link(int(argv[1]), int(argv[2]))
    for _ in range(_N_TRIES):
        deaf = link.attempt()
        if deaf is not None:
            print(deaf)
            return 0
    sys.stderr.write("half-up.py: BFD of both ends was always up too soon\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
