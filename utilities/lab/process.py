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

"""Programs: run one and hear why it failed; look at those that run.

Whatever is said of running processes is read from /proc at the moment of the
question: no PID files, which go stale, and numbers, which get reused.
"""

import contextlib
import os
import shutil
import subprocess
import threading
from typing import (Callable, Dict, Generic, Iterator, List, NamedTuple,
                    Optional, Set, TypeVar)

# The kinds of namespaces that a host has of its own.
_NAMESPACES = ("net", "mnt", "uts", "pid")

Item = TypeVar("Item")
Result = TypeVar("Result")


class LabError(Exception):
    """One sentence for the user; the command exits with status 1."""


def run(argv: List[str], stdin: str = "",
        env: Optional[Dict[str, str]] = None) -> str:
    """Runs 'argv' with 'stdin' as input; returns what it printed.

    Raises LabError with the program's complaint if it fails.
    """
    try:
        result = subprocess.run(argv, input=stdin, text=True, env=env,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, check=False)
    except OSError as error:
        raise LabError(f"cannot run {argv[0]}: {error.strerror}")
    if result.returncode:
        complaint = result.stderr.strip() or result.stdout.strip()
        raise LabError(f"`{' '.join(argv)}` failed: "
                       + (complaint or f"status {result.returncode}"))
    return result.stdout


class Tasks(Generic[Item, Result]):
    """A function that runs for many items at once, in threads."""

    def __init__(self, function: Callable[[Item], Result],
                 items: List[Item], n_at_once: int):
        self._function = function
        self._todo = list(enumerate(items))
        self._results: Dict[int, Result] = {}
        self._error: Optional[BaseException] = None
        self._threads = [threading.Thread(target=self._work, daemon=True)
                         for _ in range(min(n_at_once, len(items)))]
        for thread in self._threads:
            thread.start()

    def results(self) -> List[Result]:
        """Waits for all; returns what they returned, in order of items.

        Raises the first error as soon as there is one.
        """
        while self.wait(0.02) and not self._error:
            pass
        if self._error:
            raise self._error
        return [self._results[i] for i in sorted(self._results)]

    def cancel(self) -> None:
        """Starts no more.  Those at work go on, see wait()."""
        self._todo.clear()

    def wait(self, timeout_s: float) -> bool:
        """Waits up to 'timeout_s'; returns whether any is still at work."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)
                return True
        return False

    def _work(self) -> None:
        """Is a thread: does what is to be done until nothing is left."""
        while True:
            try:
                index, item = self._todo.pop(0)
            except IndexError:
                return
            try:
                self._results[index] = self._function(item)
            except BaseException as error:
                self._error = self._error or error
                self._todo.clear()


# Programs that the lab or mobulad in it runs, and their Debian packages.
_PACKAGES = {
    "ip": "iproute2",
    "nft": "nftables",
    "nsenter": "util-linux",
    "ovs-appctl": "openvswitch-common",
    "ovs-ofctl": "openvswitch-common",
    "ovs-vsctl": "openvswitch-switch",
    "ovs-vswitchd": "openvswitch-switch",
    "ovsdb-server": "openvswitch-switch",
    "ovsdb-tool": "openvswitch-common",
}


def require_programs() -> None:
    """Raises LabError if a program that every lab needs is missing."""
    missing = [name for name in _PACKAGES if not shutil.which(name)]
    if missing:
        packages = sorted({_PACKAGES[name] for name in missing})
        raise LabError(f"{', '.join(missing)} not found: install the Debian "
                       f"package{'s' if len(packages) > 1 else ''} "
                       + " ".join(packages))


class Process(NamedTuple):
    """A running process."""
    pid: int                    # Its number here.
    inner_pid: int              # Its number in its own PID namespace.
    name: str                   # Up to 15 bytes of its program's name.
    state: str                  # R, S, D: alive; T: stopped; Z: dead.


def pids() -> Iterator[int]:
    """Yields the numbers of all processes that we can see."""
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def read(pid: int) -> Optional[Process]:
    """Returns process 'pid', or None if there is none any more."""
    try:
        with open(f"/proc/{pid}/status", errors="replace") as stream:
            fields = dict(line.rstrip("\n").split(":", 1) for line in stream)
    except OSError:
        return None
    return Process(pid, int(fields["NSpid"].split()[-1]),
                   fields["Name"].strip(), fields["State"].split()[0])


def arguments(pid: int) -> List[str]:
    """Returns the command line of process 'pid', [] if it has gone."""
    try:
        with open(f"/proc/{pid}/cmdline", errors="replace") as stream:
            return stream.read().rstrip("\0").split("\0")
    except OSError:
        return []


def namespace_ids(pid: int) -> Dict[str, str]:
    """Returns kind -> identity of the namespaces of process 'pid'.

    Empty if the process has gone.
    """
    try:
        return {kind: os.readlink(f"/proc/{pid}/ns/{kind}")
                for kind in _NAMESPACES}
    except OSError:
        return {}


@contextlib.contextmanager
def held_namespaces(inits: List[int]) -> Iterator[Set[str]]:
    """The identities of the namespaces of processes 'inits', none for one that
    has gone.

    They are kept until the end of the block, even without processes: the
    kernel gives the identity of one that is gone to the next one that
    somebody makes.
    """
    with contextlib.ExitStack() as stack:
        found = set()
        for pid in inits:
            for kind in _NAMESPACES:
                try:
                    fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
                except OSError:
                    continue
                stack.callback(os.close, fd)
                found.add(f"{kind}:[{os.fstat(fd).st_ino}]")
        yield found


def processes_in(namespaces: Set[str]) -> List[Process]:
    """Returns the processes that live in one of 'namespaces'."""
    found = [read(pid) for pid in pids()
             if not namespaces.isdisjoint(namespace_ids(pid).values())]
    return [process for process in found if process and process.state != "Z"]
