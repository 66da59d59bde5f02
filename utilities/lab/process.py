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

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Dict, Iterator, List, Optional, Set


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


@dataclass(frozen=True)
class Process:
    """A running process."""
    pid: int                    # Its number here.
    inner_pid: int              # Its number in its own PID namespace.
    parent: int                 # Its parent's number here.
    name: str                   # Up to 15 bytes of its program's name.
    state: str                  # R, S, D: alive; T: stopped; Z: dead.
    argv: List[str]


def processes() -> Iterator[Process]:
    """Yields all processes that we can see, in order of number."""
    for pid in sorted(int(n) for n in os.listdir("/proc") if n.isdigit()):
        process = _read_process(pid)
        if process:
            yield process


def _read_process(pid: int) -> Optional[Process]:
    """Returns process 'pid', or None if there is none any more."""
    try:
        with open(f"/proc/{pid}/status", errors="replace") as stream:
            fields = dict(line.rstrip("\n").split(":", 1) for line in stream)
        with open(f"/proc/{pid}/cmdline", errors="replace") as stream:
            argv = stream.read().rstrip("\0").split("\0")
    except OSError:
        return None
    return Process(pid, int(fields["NSpid"].split()[-1]),
                   int(fields["PPid"]), fields["Name"].strip(),
                   fields["State"].split()[0], argv)


def namespace_ids(pid: int) -> Dict[str, str]:
    """Returns kind -> identity of the namespaces of process 'pid'.

    Empty if the process has gone.
    """
    try:
        return {kind: os.readlink(f"/proc/{pid}/ns/{kind}")
                for kind in ("net", "mnt", "uts", "pid")}
    except OSError:
        return {}


def processes_in(namespaces: Set[str]) -> List[Process]:
    """Returns the processes that live in one of 'namespaces'."""
    return [process for process in processes() if process.state != "Z"
            and namespaces & set(namespace_ids(process.pid).values())]
