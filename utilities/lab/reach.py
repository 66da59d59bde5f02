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

"""Who reaches whom: a ping for each pair of hosts, on both networks.

`up` waits for it, and people and tests look at it.
"""

import itertools
import re
import time
from typing import Dict, List, Optional, Tuple

from lab.host import Host
from lab.process import LabError, Tasks

NETWORKS = ("access", "intrawire")

# (network, id of the sender, id of the destination)
Path = Tuple[str, int, int]

_RTT = re.compile(r"= [\d.]+/([\d.]+)/")
_N_AT_ONCE = 8


def ping(hosts: List[Host]) -> Dict[Path, Optional[float]]:
    """Pings each host from each other one, once.

    The values are times in ms, None where there was no answer.
    """
    return _ping(hosts, _paths(hosts))


def wait(hosts: List[Host], timeout_s: float) -> None:
    """Waits until all 'hosts' reach each other."""
    deadline = time.monotonic() + timeout_s
    missing = _paths(hosts)
    while missing:
        times = _ping(hosts, missing)
        missing = [path for path in missing if times[path] is None]
        if missing and time.monotonic() > deadline:
            network, a, b = missing[0]
            more = len(missing) - 1
            raise LabError(f"host {a} does not reach host {b} on {network}"
                           + (f", and {more} more such" if more else ""))


def text(hosts: List[Host], times: Dict[Path, Optional[float]]) -> str:
    """Returns 'times' as a table for each network."""
    lines = []
    labels = [host.entry.label for host in hosts]
    width = max(map(len, labels + ["10.00"]))
    for network in NETWORKS:
        lines.append(f"{network} (ms)".ljust(width + 14)
                     + "  ".join(label.rjust(width) for label in labels))
        for a in hosts:
            cells = [_cell(times, network, a, b).rjust(width) for b in hosts]
            lines.append(f"  from {a.entry.label}".ljust(width + 14)
                         + "  ".join(cells))
    return "\n".join(lines)


def _cell(times: Dict[Path, Optional[float]], network: str, a: Host,
          b: Host) -> str:
    """Returns what the table says of 'a' and 'b'."""
    if a is b:
        return "."
    value = times[network, a.entry.id, b.entry.id]
    return "none" if value is None else f"{value:.2f}"


def _paths(hosts: List[Host]) -> List[Path]:
    """Returns all paths between 'hosts'."""
    return [(network, a.entry.id, b.entry.id) for network in NETWORKS
            for a, b in itertools.permutations(hosts, 2)]


def _ping(hosts: List[Host],
          paths: List[Path]) -> Dict[Path, Optional[float]]:
    """Pings once on each of 'paths'."""
    by_id = {host.entry.id: host for host in hosts}
    pids = {host.entry.id: host.pid() for host in hosts}

    def one(path: Path) -> Optional[float]:
        network, a, b = path
        address = getattr(by_id[b].entry, network)
        try:
            output = by_id[a].run(pids[a], ["ping", "-n", "-q", "-c", "1",
                                            "-W", "1", address])
        except LabError:
            return None
        match = _RTT.search(output)
        return float(match.group(1)) if match else None

    return dict(zip(paths, Tasks(one, paths, _N_AT_ONCE).results()))
