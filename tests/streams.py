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

"""Numbered frames between the hosts of a lab all the time, and what becomes
of each.

  streams.py run [--unicast N] [--broadcast N] HOST...
      Every HOST sends N frames a second to each other one, and N broadcasts.
      Prints "ready" when all of that arrives, and listens on the socket
      "streams" in the working directory until it is told to end.

  streams.py phase NAME
      From now on is the phase NAME.

  streams.py settle [HOST,HOST...]...
      Waits until nothing has been lost for a second; with arguments, between
      hosts of the same argument.

  streams.py leave HOST
  streams.py join HOST
      HOST takes no part any more, because it is about to die; or does again.

  streams.py end
      Ends it.  Prints for each phase how many frames were lost, came twice or
      too late, and between whom.

As a module: Streams.  Each host's end is a process of its own, which writes
down when each frame was sent or has arrived; Flow says what that means.
"""

import argparse
import array
import bisect
import collections
import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
from typing import (Dict, Iterable, List, NamedTuple, NoReturn, Optional,
                    Sequence, Set, Tuple)

import stations

# pylint: disable=wrong-import-order
from lab import namespaces, state       # noqa: E402
from lab.process import LabError        # noqa: E402

EVERYBODY = 0xffff              # As a destination; no host has this id.

_S = 1_000_000_000
_MS = 1_000_000

# How long the log of a frame may take, and the frame itself.
UNDER_WAY_NS = 100 * _MS

# A frame that has not arrived after this long does not arrive.
LATE_S = 1

_ETHERTYPE = 0x88b5
_MAGIC = 0x6d6f7354
_BODY = struct.Struct("!IHHQ")      # Magic, source, destination, number.

_SO_TIMESTAMPNS = 35
_SO_RCVBUFFORCE = 33
_F_SETPIPE_SZ = 1031
_PR_SET_PDEATHSIG = 1
_PR_SET_TIMERSLACK = 29
_PACKET_OUTGOING = 4

# A record of an end's log: tag, number, time (CLOCK_MONOTONIC, ns).
_SENT, _CAME = 1, 2
_RECORD_SIZE = 24
_FLUSH_NS = 20 * _MS

# How long frames may take to arrive at all, on a machine that is busy.
_PATIENCE_S = 60

_SOCKET = "streams"


# Hosts that are to reach each other.
Groups = Sequence[Set[int]]


class Gap(NamedTuple):
    """Frames in a row that did not arrive."""
    n_lost: int
    sent_ns: int                # When the first of them was sent.
    duration_ns: int            # From the arrival before to the one after;
                                # -1: none has arrived after it.


class Flow:
    """The frames from one host to one other, or its broadcasts there."""

    def __init__(self, source: int, destination: int, where: int):
        self.source = source
        self.destination = destination      # EVERYBODY or 'where'.
        self.where = where                  # Who receives them.
        # Of what was sent: numbers, which grow, and times.
        self._numbers = array.array("q")
        self._sent = array.array("q")
        self._came: Dict[int, int] = {}     # When its first copy arrived.
        self._extra: List[int] = []         # Numbers of further copies.
        self._late: List[int] = []          # Arrival times, out of order.
        self._highest = -1

    def __str__(self) -> str:
        kind = " (broadcasts)" if self.destination == EVERYBODY else ""
        return f"{self.source}>{self.where}{kind}"

    def add_sent(self, number: int, when: int) -> None:
        """Frame 'number' was sent."""
        self._numbers.append(number)
        self._sent.append(when)

    def add_came(self, number: int, when: int) -> None:
        """Frame 'number' has arrived, maybe before add_sent()."""
        if number in self._came:
            self._extra.append(number)
            return
        self._came[number] = when
        if number < self._highest:
            self._late.append(when)
        self._highest = max(self._highest, number)

    def n_sent(self, since: int, until: int) -> int:
        """Returns how many frames were sent then."""
        return self._index(until) - self._index(since)

    def n_duplicates(self, since: int, until: int) -> int:
        """Returns how many copies too many of frames of that time came."""
        total = 0
        for number in self._extra:
            index = bisect.bisect_left(self._numbers, number)
            if index < len(self._sent):
                total += since <= self._sent[index] < until
        return total

    def n_late(self, since: int, until: int) -> int:
        """Returns how many arrived then, after one that was sent later."""
        return sum(since <= when < until for when in self._late)

    def gaps(self, since: int, until: int) -> List[Gap]:
        """Returns what was lost of the frames that were sent then."""
        gaps: List[Gap] = []
        index, end = self._index(since), self._index(until)
        while index < end:
            start = index
            while index < len(self._sent) and not self._has_come(index):
                index += 1
            if index > start:
                gaps.append(self._gap(start, index))
            index += 1
        return gaps

    def lost_ns(self, since: int, until: int) -> List[int]:
        """Returns when those were sent that were lost of that time."""
        return [self._sent[i] for i in range(self._index(since),
                                             self._index(until))
                if not self._has_come(i)]

    def is_clean(self, since: int, now: int) -> bool:
        """Returns whether there are frames since then, and all of them have
        arrived but those that may be under way."""
        start = self._index(since)
        end = self._index(now - UNDER_WAY_NS)
        return start < end and all(self._has_come(i)
                                   for i in range(start, end))

    def _gap(self, start: int, end: int) -> Gap:
        """Returns the gap of frames from index 'start' to before 'end'."""
        if end == len(self._sent):
            return Gap(end - start, self._sent[start], -1)
        before = self._sent[start]
        if start:
            before = self._came.get(self._numbers[start - 1], before)
        return Gap(end - start, self._sent[start],
                   self._came[self._numbers[end]] - before)

    def _has_come(self, index: int) -> bool:
        """Returns whether the frame of that index has arrived."""
        return self._numbers[index] in self._came

    def _index(self, when: int) -> int:
        """Returns the index of the first frame sent at 'when' or later."""
        return bisect.bisect_left(self._sent, when)


# The end of one host: a process of its own.

class _End:
    """Sends and receives the frames of one host, and keeps the log."""

    def __init__(self, host: int, pid: int, log: int, control: int):
        self._host = host
        self._log_fd, self._control_fd = log, control
        with namespaces.network(f"/proc/{pid}/ns/net"):
            self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 24)
        self._sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._sock.bind(("veth_fac0", _ETHERTYPE))
        self._sock.setblocking(False)
        self._mac = self._sock.getsockname()[4]
        self._log = array.array("Q")
        self._flushed_ns = 0
        # Destination -> interval, when the next is due, its number, header.
        self._due: Dict[int, list] = {}
        # Numbers of an end that is started again go on above the old ones.
        start = time.monotonic_ns()
        self._numbers: Dict[int, int] = collections.defaultdict(lambda: start)

    def run(self) -> None:
        """Does its work until the control pipe is closed."""
        os.write(self._log_fd, struct.pack("=6s2x", self._mac))
        commands = b""
        while True:
            now = time.monotonic_ns()
            wake = min([self._send(destination, now)
                        for destination in self._due]
                       + [now + _FLUSH_NS])
            ready = select.select(
                [self._sock, self._control_fd], [], [],
                max(wake - time.monotonic_ns(), 0) / _S)[0]
            if self._sock in ready:
                self._receive()
            if self._control_fd in ready:
                data = os.read(self._control_fd, 65536)
                if not data:
                    return
                commands += data
                while b"\n" in commands:
                    line, _, commands = commands.partition(b"\n")
                    self._aim(json.loads(line))
            if now > self._flushed_ns + _FLUSH_NS:
                self._flush(now)

    def _aim(self, targets: list) -> None:
        """Sends to 'targets' from now on: destination, MAC, interval."""
        now = time.monotonic_ns()
        self._due = {}
        for i, (destination, mac, interval_ns) in enumerate(targets):
            header = (bytes.fromhex(mac) + self._mac
                      + struct.pack("!H", _ETHERTYPE))
            # Not all at the same moment.
            self._due[destination] = [
                interval_ns, now + interval_ns * i // len(targets), header]

    def _send(self, destination: int, now: int) -> int:
        """Sends a frame if one is due; returns when the next one is."""
        interval_ns, due, header = self._due[destination]
        if due > now:
            return due
        number = self._numbers[destination]
        self._numbers[destination] = number + 1
        frame = (header + _BODY.pack(_MAGIC, self._host, destination, number)
                 ).ljust(60, b"\0")
        self._log.extend((_SENT << 32 | self._host << 16 | destination,
                          number, time.monotonic_ns()))
        try:
            self._sock.send(frame)
        except OSError:         # It is lost, which is the truth.
            pass
        # After a pause of the machine, not all that was missed at once.
        due = max(due + interval_ns, now - 10 * interval_ns)
        self._due[destination][1] = due
        return due

    def _receive(self) -> None:
        """Takes in what has arrived."""
        offset = time.time_ns() - time.monotonic_ns()
        while True:
            try:
                frame, aux, _, address = self._sock.recvmsg(2048, 64)
            except (BlockingIOError, OSError):
                return
            if address[2] == _PACKET_OUTGOING or len(frame) < 30:
                continue
            magic, source, destination, number = _BODY.unpack_from(frame, 14)
            if magic != _MAGIC or destination not in (self._host, EVERYBODY):
                continue
            when = time.monotonic_ns()
            for _, kind, data in aux:
                if kind == _SO_TIMESTAMPNS:
                    seconds, rest = struct.unpack("=qq", data[:16])
                    when = seconds * _S + rest - offset
            self._log.extend((_CAME << 32 | source << 16 | destination,
                              number, when))

    def _flush(self, now: int) -> None:
        """Hands over the log."""
        data = self._log.tobytes()
        while data:
            data = data[os.write(self._log_fd, data):]
        self._log = array.array("Q")
        self._flushed_ns = now


class _Child(NamedTuple):
    """What the parent has of an end."""
    pid: int
    log_fd: int
    control_fd: int
    mac: str


def _start_end(host: int, pid: int) -> _Child:
    """Starts the end of 'host', whose first process is 'pid'."""
    log_r, log_w = os.pipe()
    control_r, control_w = os.pipe()
    fcntl.fcntl(log_w, _F_SETPIPE_SZ, 1 << 20)
    child = os.fork()
    if not child:
        _become_end(host, pid, log_w, control_r)
    os.close(log_w)
    os.close(control_r)
    hello = os.read(log_r, 8)
    if len(hello) != 8:
        raise OSError(f"nothing can be sent from host {host}")
    return _Child(child, log_r, control_w, hello[:6].hex())


def _become_end(host: int, pid: int, log: int, control: int) -> NoReturn:
    """Is the end of 'host'."""
    try:
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Nothing of the other ends, so that each ends when it is told to.
        for fd in map(int, os.listdir("/proc/self/fd")):
            if fd > 2 and fd not in (log, control):
                with contextlib.suppress(OSError):
                    os.close(fd)
        os.nice(-20)
        _End(host, pid, log, control).run()
        os._exit(0)
    except BaseException as error:      # pylint: disable=broad-except
        os.write(2, f"host {host}: {error}\n".encode())
    finally:
        os._exit(1)


class Streams:
    """Frames between hosts, all the time.

    Flows are to be looked at under 'lock'.
    """

    def __init__(self, hosts: Iterable[int]):
        self.lock = threading.Lock()
        # (source, destination, where) -> flow.
        self.flows: Dict[Tuple[int, int, int], Flow] = {}
        self._children: Dict[int, _Child] = {}
        self._readers: List[threading.Thread] = []
        # (source, destination) -> frames per second.
        self._rates: Dict[Tuple[int, int], float] = {}
        # Host -> when it took part: since, until (None: still does).
        self._spans: Dict[int, List[List[Optional[int]]]] = \
            collections.defaultdict(list)
        for host in hosts:
            self._start(host)

    def set_rates(self, rates: Dict[Tuple[int, int], float]) -> None:
        """Sends so many frames a second from and to these hosts."""
        self._rates = dict(rates)
        self._aim_all()

    def set_mesh(self, unicast: float, broadcast: float) -> None:
        """Sends so many frames a second from everybody to everybody."""
        rates: Dict[Tuple[int, int], float] = {}
        for a in self._children:
            if unicast:
                rates.update({(a, b): unicast for b in self._children
                              if a != b})
            if broadcast:
                rates[a, EVERYBODY] = broadcast
        self.set_rates(rates)

    def leave(self, host: int) -> None:
        """Ends everything from and to 'host'.  What it has sent so far should
        be able to arrive yet."""
        with self.lock:
            self._spans[host][-1][1] = time.monotonic_ns()
        child = self._children.pop(host)
        os.write(child.control_fd, b"[]\n")
        self._aim_all()
        time.sleep(UNDER_WAY_NS / _S)   # For what is under way to it.
        self._stop(child)

    def join(self, host: int) -> None:
        """Starts everything from and to 'host' again."""
        self._start(host)
        self._aim_all()

    def end(self) -> None:
        """Sends no more, waits for what is under way, and ends."""
        self.set_rates({})
        time.sleep(LATE_S)              # That is how long frames may take.
        for child in self._children.values():
            self._stop(child)
        for reader in self._readers:
            reader.join()

    def is_clean(self, since_ns: int, groups: Groups = ()) -> bool:
        """Returns whether all frames since then arrive, of every flow that
        has both ends in one of 'groups', or of every flow."""
        return not self.lossy(since_ns, groups)

    def lossy(self, since_ns: int, groups: Groups = ()) -> List[Flow]:
        """Returns the flows that keep is_clean() from being true."""
        with self.lock:
            now = time.monotonic_ns()
            return [self._flow(key) for key in self._wanted()
                    if (not groups or any({key[0], key[2]} <= group
                                          for group in groups))
                    and not self._flow(key).is_clean(since_ns, now)]

    def wait_clean(self, for_s: float, patience_s: float,
                   groups: Groups = ()) -> bool:
        """Waits until nothing has been lost for 'for_s', see is_clean();
        returns False if that does not come to be."""
        start = time.monotonic_ns()
        deadline = start + int(patience_s * _S)
        while time.monotonic_ns() < deadline:
            since = time.monotonic_ns() - int(for_s * _S)
            if since >= start and self.is_clean(since, groups):
                return True
            time.sleep(0.05)
        return False

    # Ends and their logs.

    def _start(self, host: int) -> None:
        """Starts the end of 'host'."""
        child = _start_end(host, stations.host_pids()[str(host)])
        self._children[host] = child
        with self.lock:
            self._spans[host].append([time.monotonic_ns(), None])
        reader = threading.Thread(target=self._read, args=(child, host),
                                  daemon=True)
        reader.start()
        self._readers.append(reader)

    @staticmethod
    def _stop(child: _Child) -> None:
        """Stops an end."""
        os.close(child.control_fd)
        os.waitpid(child.pid, 0)

    def _read(self, child: _Child, host: int) -> None:
        """Is a thread: reads the log of the end of 'host'."""
        data = b""
        while True:
            more = os.read(child.log_fd, 1 << 16)
            if not more:
                os.close(child.log_fd)
                return
            data += more
            usable = len(data) // _RECORD_SIZE * _RECORD_SIZE
            records = array.array("Q", data[:usable])
            data = data[usable:]
            with self.lock:
                for i in range(0, len(records), 3):
                    self._record(host, *records[i:i + 3])

    def _record(self, host: int, tag: int, number: int, when: int) -> None:
        """Takes a record of the log of the end of 'host'."""
        source, destination = tag >> 16 & 0xffff, tag & 0xffff
        if tag >> 32 == _CAME:
            self._flow((source, destination, host)).add_came(number, when)
            return
        for where in ([destination] if destination != EVERYBODY
                      else self._spans):
            if where != source and self._took_part(where, when):
                self._flow((source, destination, where)).add_sent(number,
                                                                  when)

    def _took_part(self, host: int, when: int) -> bool:
        """Returns whether 'host' took part then."""
        return any(since is not None and since <= when
                   and (until is None or when < until)
                   for since, until in self._spans[host])

    def _flow(self, key: Tuple[int, int, int]) -> Flow:
        """Returns the flow of 'key'."""
        if key not in self.flows:
            self.flows[key] = Flow(*key)
        return self.flows[key]

    def _wanted(self) -> List[Tuple[int, int, int]]:
        """Returns the keys of the flows that there should be now."""
        alive = set(self._children)
        return [(a, b, where) for a, b in self._rates
                if a in alive and (b == EVERYBODY or b in alive)
                for where in (alive - {a} if b == EVERYBODY else {b})]

    def _aim_all(self) -> None:
        """Tells every end what to send."""
        for a, child in self._children.items():
            targets = [[b, "ff" * 6 if b == EVERYBODY
                        else self._children[b].mac, int(_S / rate)]
                       for (source, b), rate in self._rates.items()
                       if source == a and (b == EVERYBODY
                                           or b in self._children)]
            os.write(child.control_fd, json.dumps(targets).encode() + b"\n")


# The program.

class _Server:
    """Streams that do as they are told on a socket."""

    def __init__(self, streams: Streams):
        self._streams = streams
        # The first has no name: what it loses is not to be told.
        self._phases: List[Tuple[str, int]] = [("", time.monotonic_ns())]

    def serve(self, listener: socket.socket) -> None:
        """Does what it is told until it is told to end, or the lab ends."""
        listener.settimeout(1)
        going = True
        while going and os.path.isdir(state.directory(stations.LAB)):
            try:
                connection = listener.accept()[0]
            except socket.timeout:
                continue
            with connection:
                connection.settimeout(None)
                words = connection.recv(4096).decode().split()
                going = words[0] != "end"
                try:
                    status, text = self._do(*words)
                except (OSError, LabError) as error:
                    status, text = 1, f"{error}\n"
                connection.sendall(f"{status}\n{text}".encode())

    def _do(self, verb: str, *words: str) -> Tuple[int, str]:
        """Does 'verb'; returns an exit status and what is to be printed."""
        if verb == "phase":
            self._phases.append((words[0], time.monotonic_ns()))
        elif verb == "settle":
            groups = [set(map(int, word.split(","))) for word in words]
            if not self._streams.wait_clean(1, _PATIENCE_S, groups):
                lossy = self._streams.lossy(time.monotonic_ns() - _S, groups)
                return 1, ("frames are still lost: "
                           + ", ".join(map(str, lossy)) + "\n")
        elif verb == "leave":
            self._streams.leave(int(words[0]))
        elif verb == "join":
            self._streams.join(int(words[0]))
        elif verb == "end":
            self._streams.end()
            return 0, self._report()
        return 0, ""

    def _report(self) -> str:
        """Returns what has become of the frames of each phase."""
        text = ""
        ends = [when for _, when in self._phases[1:]] + [1 << 62]
        for (name, since), until in zip(self._phases, ends):
            flows = list(self._streams.flows.values())
            twice = sorted({str(flow) for flow in flows
                            if flow.n_duplicates(since, until)})
            lost = sorted({_pair(flow) for flow in flows
                           if flow.lost_ns(since, until)})
            if name:
                text += (f"{name}: twice {' '.join(twice) or 'nothing'}, "
                         f"lost {' '.join(lost) or 'nothing'}\n")
            self._explain(name, since, until)
        return text

    def _explain(self, name: str, since: int, until: int) -> None:
        """Writes what has happened in a phase to standard error."""
        flows = list(self._streams.flows.values())
        last = max([when for flow in flows
                    for when in flow.lost_ns(since, until)] + [since])
        sys.stderr.write(
            f"{name}: {sum(f.n_sent(since, until) for f in flows)} frames, "
            f"{sum(f.n_duplicates(since, until) for f in flows)} twice, "
            f"{sum(f.n_late(since, until) for f in flows)} late, the last "
            f"that was lost was sent after {(last - since) // _MS} ms\n")
        for flow in flows:
            for gap in flow.gaps(since, until):
                sys.stderr.write(
                    f"{name}: {flow}: {gap.n_lost} lost "
                    f"{(gap.sent_ns - since) // _MS} ms after its "
                    f"beginning, {gap.duration_ns // _MS} ms\n")


def _pair(flow: Flow) -> str:
    """Returns the two hosts of 'flow', in order."""
    return "-".join(map(str, sorted((flow.source, flow.where))))


def _run(args: argparse.Namespace) -> int:
    """Is `run`."""
    streams = Streams(args.hosts)
    streams.set_mesh(args.unicast, args.broadcast)
    if not streams.wait_clean(0.5, _PATIENCE_S):
        print("frames do not arrive")
        return 1
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_SOCKET)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(_SOCKET)
        listener.listen()
        server = _Server(streams)
        print("ready", flush=True)
        server.serve(listener)
    return 0


def _tell(words: List[str]) -> int:
    """Tells the one that runs."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(_SOCKET)
        sock.sendall(" ".join(words).encode())
        with sock.makefile() as stream:
            status, _, text = stream.read().partition("\n")
    sys.stdout.write(text)
    return int(status or 1)


def main(argv: List[str]) -> int:
    """Runs the command 'argv'."""
    n_words = {"phase": 2, "leave": 2, "join": 2, "end": 1}
    verb = (argv[1:] or [""])[0]
    if verb == "settle" or n_words.get(verb) == len(argv) - 1:
        return _tell(argv[1:])
    if argv[1:2] != ["run"]:
        sys.stderr.write(__doc__ or "")
        return 2
    parser = argparse.ArgumentParser(prog="streams.py run")
    parser.add_argument("--unicast", type=float, default=100)
    parser.add_argument("--broadcast", type=float, default=20)
    parser.add_argument("hosts", type=int, nargs="+")
    return _run(parser.parse_args(argv[2:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
