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

"""Cuts and heals links of the lab at random, and counts every frame.

  random-cuts.py [--frames N] SEED N_CUTS

All hosts send frames to all others and to everybody, all the time, while links
are cut, both ways or one way, and healed; sometimes two at nearly the same
time, and sometimes so many that the network falls apart.  No frame may arrive
twice.  A frame may be lost only
  - if there was no way between its two hosts, or there was none until less
    than three seconds before;
  - after a cut, until nothing is lost any more or, if that is later, BFD must
    have noticed the cut; for three seconds at most.
That nothing is lost when links come back is part of that.

The same SEED gives the same cuts.  If N frames have not been sent when all
cuts are done, goes on sending until then.  Prints what went wrong, and after
which cut or healing.
"""

import argparse
import itertools
import os
import random
import re
import sys
import time
from typing import AbstractSet, FrozenSet, List, NamedTuple, Set, Tuple

import stations
from streams import UNDER_WAY_NS, Flow, Streams

# pylint: disable=wrong-import-order
from lab import lab as labs             # noqa: E402
from lab import state                   # noqa: E402

_S = 1_000_000_000
_MS = 1_000_000

# Frames a second from each host to each other one, and to all.
_RATE = 80
_BROADCAST_RATE = 20

# After a step, nothing must be lost for so long until it is taken for over,
# and everything that is lost after that is wrong; that must come soon enough.
_QUIET_S = 0.4
_PATIENCE_S = 30

# Before BFD has noticed a cut, all may be quiet: the link that was cut was not
# in use.  BFD's settings tell how long that takes, beside what a busy machine
# needs.
_NOTICED_NS = 200_000_000

# After so long, all that have a way have found it.
_HEALED_NS = 3_000_000_000

# Until the next step: after that; or, sometimes, at once.
_PAUSE_S = (0.3, 1.2)
_QUICK_PAUSE_S = (0, 0.05)
_QUICK = 0.15

# How often the network may fall apart.
_PARTITION = 0.1

Link = Tuple[int, int]


class Step(NamedTuple):
    """A change of the links."""
    words: str
    is_cut: bool
    began_ns: int
    over_ns: int                        # Nothing is lost any more; that of
                                        # a later step if there was no time.
    noticed_ns: int                     # BFD knows of it; began_ns if it need
                                        # not.
    dead: FrozenSet[Link]               # From then on.


class Walk:
    """A random walk over the states of the links, and what was seen."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)
        self._ends = {host.entry.id: host for host
                      in labs.hosts_of(state.load(stations.LAB))}
        self._hosts = list(self._ends)
        self._links = list(itertools.combinations(self._hosts, 2))
        self._dead: Set[Link] = set()
        now = time.monotonic_ns()
        self.steps = [Step("nothing", False, now, now, now, frozenset())]
        # Those of which nobody has waited for the end.
        self._pending: List[Step] = []
        self.complaints: List[str] = []
        self.streams = Streams(self._hosts)
        self.streams.set_mesh(_RATE, _BROADCAST_RATE)

    def step(self) -> bool:
        """Cuts or heals something; returns whether it was a cut."""
        apart = not is_whole(self._hosts, self._links, self._dead)
        heal = bool(self._dead) and (apart or self._random.random() < 0.45)
        if heal:
            link = self._random.choice(sorted(self._dead))
            wires, words = [], f"heal {link[0]}-{link[1]}"
        else:
            link = self._choose()
            a, b = link
            wires = [(a, b), (b, a)]
            words = f"cut {a}-{b}"
            if self._random.random() < 0.3:
                wires = [self._random.choice(wires)]
                words = f"cut {wires[0][0]}>{wires[0][1]}"
        notice_ns = max((self._notice_ns(a, b) for a, b in wires), default=0)
        began = time.monotonic_ns()
        self._set(link, wires)
        self._dead ^= {link}
        self._pending.append(Step(words, not heal, began, began,
                                  began + notice_ns, frozenset(self._dead)))
        if self._random.random() < _QUICK:
            time.sleep(self._random.uniform(*_QUICK_PAUSE_S))
        else:
            self._wait_over()
            time.sleep(self._random.uniform(*_PAUSE_S))
        return not heal

    def finish(self, n_frames: int) -> None:
        """Heals everything, and sends until there were 'n_frames'."""
        began = time.monotonic_ns()
        with labs.locked(stations.LAB) as current:
            labs.set_topology(current, list(itertools.combinations(
                current.hosts, 2)))
        self._dead.clear()
        self._pending.append(Step("heal all", False, began, began, began,
                                  frozenset()))
        self._wait_over()
        while self.n_frames() < n_frames:
            time.sleep(0.5)
        self.streams.end()

    def _wait_over(self) -> None:
        """Waits until nothing is lost any more where there is a way."""
        groups = {frozenset(reached(host, self._links, self._dead))
                  for host in self._hosts}
        since = time.monotonic_ns()
        if not self.streams.wait_clean(_QUIET_S, _PATIENCE_S,
                                       [set(group) for group in groups]):
            self.complaints.append(
                f"after {self._pending[-1].words}, frames are lost for more "
                f"than {_PATIENCE_S} s")
        over = max(time.monotonic_ns() - int(_QUIET_S * _S), since)
        self.steps += [step._replace(over_ns=over) for step in self._pending]
        self._pending.clear()

    def n_frames(self) -> int:
        """Returns how many frames should have arrived somewhere."""
        with self.streams.lock:
            return sum(flow.n_sent(0, 1 << 62)
                       for flow in self.streams.flows.values())

    def _choose(self) -> Link:
        """Returns the next link to be cut."""
        alive = [link for link in self._links if link not in self._dead]
        good = [link for link in alive
                if is_whole(self._hosts, self._links, self._dead | {link})]
        if not good or self._random.random() < _PARTITION:
            good = alive
        return self._random.choice(good)

    def _notice_ns(self, a: int, b: int) -> int:
        """Returns how long BFD at 'b' may take to notice that it does not
        hear 'a' any more."""
        host = self._ends[b]
        text = host.run(host.pid(), ["ovs-vsctl", "--bare", "get", "interface",
                                     f"mo-vx-{a}", "bfd"])
        timers = dict(re.findall(r'(\w+)="?(\d+)', text))
        return (int(timers["min_tx"]) * int(timers["mult"]) * _MS
                + _NOTICED_NS)

    def _set(self, link: Link, wires: List[Tuple[int, int]]) -> None:
        """Drops everything on 'wires' of 'link', nothing else of it."""
        a, b = link
        with labs.locked(stations.LAB) as current:
            labs.set_link(current, self._ends[a].entry, self._ends[b].entry,
                          100.0 * ((a, b) in wires), 100.0 * ((b, a) in wires))


def is_whole(hosts: List[int], links: List[Link],
             dead: AbstractSet[Link]) -> bool:
    """Returns whether all 'hosts' reach each other without 'dead'."""
    return reached(hosts[0], links, dead) == set(hosts)


def reached(start: int, links: List[Link],
            dead: AbstractSet[Link]) -> Set[int]:
    """Returns the hosts that 'start' reaches without 'dead', and itself."""
    found, todo = {start}, [start]
    while todo:
        one = todo.pop()
        for link in links:
            if one in link and link not in dead:
                other = link[0] if link[1] == one else link[1]
                if other not in found:
                    found.add(other)
                    todo.append(other)
    return found


class Judge:
    """Says of lost frames whether they had to be."""

    def __init__(self, steps: List[Step], hosts: List[int]):
        self._steps = steps
        self._links = list(itertools.combinations(hosts, 2))
        # After a cut, though there was another way.
        self.longest_ns = 0
        self.longest = "nothing"

    def complaints(self, flow: Flow) -> List[str]:
        """Returns what is wrong with 'flow'."""
        found = []
        n_twice = flow.n_duplicates(0, 1 << 62)
        if n_twice:
            found.append(f"{flow}: {n_twice} twice")
        wrong = [when for when in flow.lost_ns(0, 1 << 62)
                 if not self._is_explained(flow, when)]
        for last, group in itertools.groupby(wrong, self._before):
            times = [(when - last.began_ns) // _MS for when in group]
            found.append(
                f"{flow}: {len(times)} lost, {times[0]} to {times[-1]} ms "
                f"after {last.words}, without "
                + (" ".join(f"{a}-{b}" for a, b in sorted(last.dead))
                   or "nothing"))
        return found

    def _is_explained(self, flow: Flow, when: int) -> bool:
        """Returns whether a frame of 'flow' that was sent then had to be
        lost."""
        for before, step in zip(self._steps, self._steps[1:]):
            if (when < step.began_ns - UNDER_WAY_NS
                    or when >= step.began_ns + _HEALED_NS):
                continue
            if step.is_cut and when < max(step.over_ns, step.noticed_ns):
                self._note(flow, when, step)
                return True
            if not step.is_cut and self._is_apart(flow, before):
                return True     # And has not yet found together.
        return self._is_apart(flow, self._before(when))

    def _note(self, flow: Flow, when: int, step: Step) -> None:
        """Remembers what took longest to be over."""
        if (when - step.began_ns > self.longest_ns
                and not self._is_apart(flow, step)
                and not self._is_apart(flow, self._before(when))):
            self.longest_ns = when - step.began_ns
            self.longest = f"{flow} after {step.words}"

    def _is_apart(self, flow: Flow, step: Step) -> bool:
        """Returns whether there was no way for 'flow' after 'step'."""
        return flow.where not in reached(flow.source, self._links, step.dead)

    def _before(self, when: int) -> Step:
        """Returns the last step before that time."""
        return [step for step in self._steps if step.began_ns <= when
                or step is self._steps[0]][-1]


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    parser = argparse.ArgumentParser(prog="random-cuts.py")
    parser.add_argument("--frames", type=int, default=0)
    parser.add_argument("seed", type=int)
    parser.add_argument("n_cuts", type=int)
    args = parser.parse_args(argv[1:])
    walk = Walk(args.seed)
    if not walk.streams.wait_clean(1, 60):
        print("frames do not arrive")
        return 1
    start_ns, n_cuts = time.monotonic_ns(), 0
    while n_cuts < args.n_cuts:
        n_cuts += walk.step()
    walk.finish(args.frames)
    return _report(walk, n_cuts, time.monotonic_ns() - start_ns)


def _report(walk: Walk, n_cuts: int, duration_ns: int) -> int:
    """Says what has become of all frames; returns the exit status."""
    flows = list(walk.streams.flows.values())
    judge = Judge(walk.steps, sorted({flow.where for flow in flows}))
    start_ns = walk.steps[0].began_ns
    complaints = walk.complaints + [text for flow in flows
                                    for text in judge.complaints(flow)]
    for text in complaints[:50]:
        print(text)
    if len(complaints) > 50:
        print(f"and {len(complaints) - 50} more")
    n_lost = sum(len(flow.lost_ns(start_ns, 1 << 62)) for flow in flows)
    sys.stderr.write(
        f"{n_cuts} cuts, {len(walk.steps) - 2 - n_cuts} healings in "
        f"{duration_ns // _S} s, load {os.getloadavg()[0]:.1f}\n"
        f"{walk.n_frames()} frames, {n_lost} lost, {len(complaints)} times "
        "without a reason, or twice\n"
        "the latest that was lost though there was another way was sent "
        f"{judge.longest_ns // _MS} ms after a cut ({judge.longest})\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
