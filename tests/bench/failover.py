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

"""Measures how long frames are lost when a link or a host fails.

  failover.py measure [OPTION]... FILE
      Adds what it measures to the results in FILE.
  failover.py report FILE DIRECTORY
      Writes failover.md and failover.svg, made of the results in FILE.

Two hosts of a lab send each other up to 1000 frames a second, and one of them
sends broadcasts as well.  Then something is cut, and healed when all is quiet
again; and so on, again and again.  An outage is the time between the arrival
of the last frame before a gap and that of the first one after it, in the
direction where that is longer; if there are several gaps, it is their sum.

What this is not: the beds (beds.py), the table and the picture (report.py).
"""

import argparse
import json
import os
import signal
import sys
import time
from typing import Callable, Dict, List, NamedTuple, NoReturn, Optional, Tuple

import beds
import report

# pylint: disable=wrong-import-order
import stations                         # noqa: E402
from lab.process import LabError        # noqa: E402
from streams import (EVERYBODY, LATE_S, UNDER_WAY_NS,       # noqa: E402
                     Flow, Streams)

# Frames a second, each way, by default: of few and of many hosts, for all of
# which the processors of one machine have to be enough.
_RATE, _RATE_OF_MANY, _MANY = 1000, 200, 6
_BROADCAST_RATE = 50

# For how long nothing must be lost until it is taken for over.
_QUIET_S = {"Mobula": 0.4, "RSTP": 3.0}

# How often it is asked whether a fault has been noticed: not so often that the
# question delays the answer.
_POLL_S = 0.3

# An outage that is longer is taken for one that does not end.
_PATIENCE_S = 25

_S = 1_000_000_000
_MS = 1_000_000

Pair = Tuple[int, int]


class Fault(NamedTuple):
    """A kind of fault."""
    name: str
    title: str
    min_hosts: int
    pair: Pair                  # Who sends to whom.
    # Brings about what is there before, and the fault; the number is how
    # often it was done before.
    prepare: Callable[[beds.Bed, Pair, int], object]
    strike: Callable[[beds.Bed, Pair, int], List[Pair]]


class Sample(NamedTuple):
    """What one fault has done."""
    outage_ms: float            # -1: it did not end.
    n_lost: int
    n_lost_on_return: int
    n_twice: int
    n_late: int


def _nothing(_bed: beds.Bed, _pair: Pair, _n: int) -> List[Pair]:
    """Is there before most faults, and shows what the machine itself does."""
    return []


def _both(a: int, b: int) -> List[Pair]:
    """Returns both directions of a link."""
    return [(a, b), (b, a)]


def _cut(bed: beds.Bed, pair: Pair, _n: int) -> List[Pair]:
    """Cuts the direct link, both ways."""
    bed.cut(_both(*pair))
    return _both(*pair)


def _cut_one_way(bed: beds.Bed, pair: Pair, n: int) -> List[Pair]:
    """Cuts the direct link, one way: in turn the one and the other."""
    wires = [_both(*pair)[n % 2]]
    bed.cut(wires)
    return wires


def _cut_two(bed: beds.Bed, pair: Pair, n: int) -> List[Pair]:
    """Cuts the direct link and one that the relay would use, at once."""
    relay = bed.relay(*pair)
    assert relay, "without a relay there is no second link"
    wires = _both(*pair) + _both(pair[n % 2], relay)
    bed.cut(wires)
    return wires


def _kill(bed: beds.Bed, _pair: Pair, _n: int) -> List[Pair]:
    """Kills host 1, which is the root of the tree with RSTP."""
    bed.kill(1)
    return [(1, i) for i in bed.ids if i != 1]


def _kill_relay(bed: beds.Bed, pair: Pair, _n: int) -> List[Pair]:
    """Kills the host by which the pair goes."""
    relay = bed.relay(*pair)
    assert relay, "there is a relay"
    bed.kill(relay)
    return [(relay, i) for i in bed.ids if i != relay]


def _cut_before(bed: beds.Bed, pair: Pair, _n: int) -> None:
    """Cuts the direct link, so that a relay is at work."""
    bed.cut(_both(*pair))


def _without_daemons(bed: beds.Bed, _pair: Pair, _n: int) -> None:
    """Kills every mobulad."""
    bed.stop_daemons()


FAULTS = [
    Fault("none", "no fault", 3, (1, 2), _nothing, _nothing),
    Fault("cut", "link cut, both ways", 3, (1, 2), _nothing, _cut),
    Fault("cut-stopped", "link cut, no mobulad alive", 3, (1, 2),
          _without_daemons, _cut),
    Fault("one-way", "link cut, one way", 3, (1, 2), _nothing, _cut_one_way),
    Fault("two", "two links at once", 4, (1, 2), _nothing, _cut_two),
    Fault("relay", "relay killed while relaying", 4, (2, 3), _cut_before,
          _kill_relay),
    Fault("host", "another host killed", 3, (2, 3), _nothing, _kill),
]


class Measurement:
    """One bed, and the frames between its hosts."""

    def __init__(self, bed: beds.Bed, rate: int):
        self._bed = bed
        self._rate = rate
        self._streams = Streams(bed.ids)
        self._quiet_s = _QUIET_S[bed.name]

    def end(self) -> None:
        """Sends no more."""
        self._streams.end()

    def sample(self, fault: Fault, n: int) -> Sample:
        """Brings 'fault' about for the time 'n', and makes it good."""
        a, b = fault.pair
        self._streams.set_rates({(a, b): self._rate, (b, a): self._rate,
                                 (a, EVERYBODY): _BROADCAST_RATE})
        # Else the one before has seen to it.
        if n == 0 or fault.prepare is _without_daemons:
            self._get_well()
        self._bed.wait_settled(fault.pair)
        fault.prepare(self._bed, fault.pair, n)
        if fault.prepare is not _nothing:
            self._wait_clean()
        with _Absent(self._streams, self._victim(fault)):
            struck = time.monotonic_ns()
            wires = fault.strike(self._bed, fault.pair, n)
            self._wait_over(wires)
            healed = time.monotonic_ns()
            self._bed.heal()
            for host in self._bed.dead():
                self._bed.boot(host)
        self._get_well()
        returned = time.monotonic_ns()
        if fault.prepare is _without_daemons:
            self._bed.start_daemons()
        # What was sent by then has arrived, or never will.
        self._streams.wait_clean(2 * UNDER_WAY_NS / _S, LATE_S)
        return self._judge(fault.pair, struck, healed, returned)

    def _victim(self, fault: Fault) -> Optional[int]:
        """Returns who is about to die of 'fault', None if nobody."""
        if fault.strike is _kill:
            return 1
        if fault.strike is _kill_relay:
            return self._bed.relay(*fault.pair)
        return None

    def _get_well(self) -> None:
        """Waits until the network is as good as new."""
        self._bed.wait_healthy()
        self._wait_clean()

    def _wait_clean(self) -> None:
        """Waits until nothing has been lost for a while."""
        if not self._streams.wait_clean(self._quiet_s, beds.PATIENCE_S):
            raise beds.NotReady("frames are still lost")

    def _wait_over(self, wires: List[Pair]) -> None:
        """Waits until the fault has done what it does."""
        deadline = time.monotonic() + _PATIENCE_S + self._quiet_s
        while not self._bed.has_noticed(wires):
            if time.monotonic() > deadline:
                raise beds.NotReady("nobody has noticed the fault")
            time.sleep(_POLL_S)
        self._streams.wait_clean(self._quiet_s, deadline - time.monotonic())

    def _judge(self, pair: Pair, struck: int, healed: int,
               returned: int) -> Sample:
        """Returns what has become of the frames between those times."""
        a, b = pair
        with self._streams.lock:
            flows = [self._streams.flows[a, b, b],
                     self._streams.flows[b, a, a]]
            every = list(self._streams.flows.values())
            gaps = [flow.gaps(struck, healed) for flow in flows]
            outages = [sum(gap.duration_ns for gap in some) / _MS
                       for some in gaps]
            return Sample(
                -1 if any(_is_dead(flow, healed) for flow in flows)
                else max(outages),
                sum(gap.n_lost for some in gaps for gap in some),
                sum(len(flow.lost_ns(healed, returned)) for flow in flows),
                sum(flow.n_duplicates(struck, returned) for flow in every),
                sum(flow.n_late(struck, returned) for flow in flows))


def _is_dead(flow: Flow, when: int) -> bool:
    """Returns whether nothing of 'flow' got through any more then."""
    since = when - _S
    return len(flow.lost_ns(since, when)) == flow.n_sent(since, when)


class _Absent:
    """A host that takes no part meanwhile."""

    def __init__(self, streams: Streams, host: Optional[int]):
        self._streams, self._host = streams, host

    def __enter__(self) -> None:
        if self._host:
            self._streams.leave(self._host)

    def __exit__(self, *_: object) -> None:
        if self._host:
            self._streams.join(self._host)


def _measure_bed(bed: beds.Bed, args: argparse.Namespace,
                 results: Dict) -> None:
    """Adds all samples of 'bed' to 'results'."""
    rate = args.rate or (_RATE if len(bed.ids) < _MANY else _RATE_OF_MANY)
    print(f"{bed.name}, {len(bed.ids)} hosts, {rate} frames a second",
          flush=True)
    bed.up()
    try:
        measurement = Measurement(bed, rate)
        for fault in FAULTS:
            if fault.min_hosts > len(bed.ids) or not (
                    args.faults is None or fault.name in args.faults):
                continue
            if bed.name == "RSTP" and fault.prepare is _without_daemons:
                continue        # There is none anyway.
            key = f"{bed.name}/{len(bed.ids)}/{fault.name}"
            samples: List[Sample] = []
            for n in range(args.times):
                samples.append(measurement.sample(fault, n))
                print(f"  {fault.title}: {_words(samples[-1])}", flush=True)
                results["samples"][key] = [one._asdict() for one in samples]
                results["load"][key] = os.getloadavg()[0]
                results["rate"][key] = rate
                _save(args.file, results)
        measurement.end()
    finally:
        bed.down()


def _words(sample: Sample) -> str:
    """Returns 'sample' for people."""
    outage = (f"{sample.outage_ms:.1f} ms" if sample.outage_ms >= 0
              else "no end")
    return (f"{outage}, {sample.n_lost} lost, {sample.n_lost_on_return} on "
            f"return, {sample.n_twice} twice, {sample.n_late} late")


def _load(path: str) -> Dict:
    """Returns the results in file 'path', empty ones if it is not there."""
    try:
        with open(path) as stream:
            return json.load(stream)
    except FileNotFoundError:
        return {"samples": {}, "load": {}, "rate": {}}


def _save(path: str, results: Dict) -> None:
    """Writes 'results' to file 'path'."""
    with open(path + ".new", "w") as stream:
        json.dump(results, stream, indent=1)
    os.rename(path + ".new", path)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """Makes SIGTERM clean up as Ctrl-C does."""
    raise KeyboardInterrupt


def _parse(argv: List[str]) -> argparse.Namespace:
    """Returns the arguments in 'argv'."""
    parser = argparse.ArgumentParser(prog=argv[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    child = verbs.add_parser("measure")
    child.add_argument("--hosts", type=int, action="append",
                       help="how many; may be given often (default: 3, 6)")
    child.add_argument("--bed", choices=("Mobula", "RSTP"), action="append",
                       help="may be given twice (default: both)")
    child.add_argument("--times", type=int, default=20,
                       help="of each fault (default: 20)")
    child.add_argument("--fault", dest="faults", action="append",
                       choices=[fault.name for fault in FAULTS],
                       help="may be given often (default: all)")
    child.add_argument("--rate", type=int, default=0,
                       help=f"frames a second, each way (default: {_RATE}, "
                            f"with {_MANY} hosts or more {_RATE_OF_MANY})")
    child.add_argument("--settle", type=int, default=beds.SETTLE_S,
                       metavar="SECONDS",
                       help="how long to wait before each fault, at most, "
                            "until BFD is as quick as it is at best "
                            f"(default: {beds.SETTLE_S})")
    child.add_argument("--quick", action="store_true",
                       help="two cuts in three hosts, to see that it works")
    child.add_argument("--lab", default="bench")
    child.add_argument("file", metavar="FILE")
    child = verbs.add_parser("report")
    child.add_argument("file", metavar="FILE")
    child.add_argument("directory", metavar="DIRECTORY")
    args = parser.parse_args(argv[1:])
    if args.verb == "measure" and args.quick:
        args.hosts, args.times, args.faults = [3], 2, ["cut"]
    return args


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    args = _parse(argv)
    results = _load(args.file)
    if args.verb == "report":
        report.write(results, [(fault.name, fault.title)
                               for fault in FAULTS], args.directory)
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    kinds = {"Mobula": beds.Bed, "RSTP": beds.RstpBed}
    stations.LAB = args.lab
    try:
        for n_hosts in args.hosts or [3, 6]:
            for name in args.bed or ["Mobula", "RSTP"]:
                _measure_bed(kinds[name](args.lab, n_hosts, args.settle),
                             args, results)
    except (LabError, beds.NotReady, OSError) as error:
        sys.stderr.write(f"failover: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
