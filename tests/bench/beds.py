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

"""What is measured: a lab of Mobula, and the same lab with RSTP instead.

A bed has hosts 1..N, ways to cut links and to kill hosts, and says when it is
as good as new.  Both beds have the same underlay and the same WireGuard.

What this is not: how something is measured; see failover.py.
"""

import os
import subprocess
import sys
import tempfile
import time
from typing import Dict, Iterable, List, Optional, Tuple

sys.dont_write_bytecode = True
_TESTS = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path[1:1] = [_TESTS, os.path.join(os.path.dirname(_TESTS), "utilities")]

# pylint: disable=wrong-import-position
from lab import host as hosts_module    # noqa: E402
from lab import inventory, lab, state   # noqa: E402
from lab.host import Host               # noqa: E402

# How long a network may take to be as good as new.
PATIENCE_S = 120

# Settings of the lab, beside the defaults: links are cut again and again, and
# trusted all the same.  How soon a link is left does not depend on this.
_SETTINGS = "hold_down_max: 2\n"

_BRIDGE = "ovsbr-mobula"
_RSTP_BRIDGE = "ovsbr-rstp"

# How often something is looked at: seldom, since that takes time from those
# who are looked at.
_POLL_S = 1.0

# How long BFD takes to notice at best, in ms, how long that is waited for by
# default, and how often it is looked at meanwhile.
_QUICK_MS = 60
SETTLE_S = 60
_SETTLE_POLLS = 12

# Links as (A, B): frames from A to B are dropped.
Wires = Iterable[Tuple[int, int]]


class NotReady(Exception):
    """The network has not become as good as new."""


class Bed:
    """A lab of Mobula, with everything as it comes."""

    name = "Mobula"

    def __init__(self, lab_name: str, n_hosts: int, settle_s: int):
        self.ids = list(range(1, n_hosts + 1))
        self._settle_s = settle_s
        self._lab = lab_name
        self._hosts: Dict[int, Host] = {}
        self._pids: Dict[int, int] = {}
        self._dead: List[int] = []

    # Life.

    def up(self) -> None:
        """Starts it; waits until it is ready."""
        with tempfile.TemporaryDirectory() as directory:
            files = {"hosts": os.path.join(directory, "hosts.yml"),
                     "settings": os.path.join(directory, "mobula.yml")}
            with open(files["hosts"], "w") as stream:
                stream.write(_hosts_yml(self.ids))
            with open(files["settings"], "w") as stream:
                stream.write(_SETTINGS)
            for path in files.values():
                os.chmod(path, 0o600)
            lab.up(self._lab, files, True, False, lab.READY_TIMEOUT_S)
        self._hosts = {one.entry.id: one
                       for one in lab.hosts_of(state.load(self._lab))}
        self._pids = {i: self._hosts[i].pid() for i in self.ids}
        for i in self.ids:
            self._renice(i)

    def down(self) -> None:
        """Removes it."""
        lab.down(self._lab)

    def wait_healthy(self) -> None:
        """Waits until every frame takes the direct way again."""
        deadline = time.monotonic() + PATIENCE_S
        todo = [i for i in self.ids if i not in self._dead]
        while todo:
            todo = [i for i in todo if not self._is_healthy(i)]
            if todo and time.monotonic() > deadline:
                raise NotReady(f"hosts {todo} are not as good as new")
            if todo:
                time.sleep(_POLL_S)

    def wait_settled(self, hosts: Iterable[int]) -> None:
        """Waits until BFD of 'hosts' is as quick as it is at best.

        While hosts start, and packets are late, it is slower by choice.  On a
        machine that is busy all the time it stays so: then this gives up.
        """
        deadline = time.monotonic() + self._settle_s
        while (any(self._detect_ms(i) > _QUICK_MS for i in hosts)
               and time.monotonic() < deadline):
            time.sleep(self._settle_s / _SETTLE_POLLS)

    def has_noticed(self, wires: Wires) -> bool:
        """Returns whether the ends of 'wires' know that these are cut."""
        return all(not self._hears(b, a) for a, b in wires
                   if b not in self._dead)

    def relay(self, a: int, b: int) -> Optional[int]:
        """Returns by whom host 'a' reaches 'b' when not directly."""
        for bucket in self._buckets(a).get(b, []):
            for i in self.ids:
                if i != b and f"output:mo-vx-{i}," in bucket + ",":
                    return i
        return None

    # Accidents.

    def cut(self, wires: Wires) -> None:
        """Drops everything on 'wires', from one moment on."""
        with lab.locked(self._lab) as current:
            current.cuts.update({f"{a}>{b}": 100.0 for a, b in wires})
            lab.apply_cuts(current)

    def heal(self) -> None:
        """Mends all links."""
        with lab.locked(self._lab) as current:
            current.cuts.clear()
            lab.apply_cuts(current)

    def kill(self, host: int) -> None:
        """Kills 'host' without a word."""
        self._hosts[host].kill()
        self._dead.append(host)

    def boot(self, host: int) -> None:
        """Boots 'host' again; waits until it is ready."""
        lab.boot(self._hosts[host], True, False, lab.READY_TIMEOUT_S)
        self._pids[host] = self._hosts[host].pid()
        self._dead.remove(host)
        self._renice(host)

    def dead(self) -> List[int]:
        """Returns the hosts that are dead."""
        return list(self._dead)

    def stop_daemons(self) -> None:
        """Kills every mobulad."""
        for i in self.ids:
            self._hosts[i].signal("mobulad", 9)
            self._hosts[i].wait_state("mobulad", "")

    def start_daemons(self) -> None:
        """Starts every mobulad again; waits until all are ready."""
        for i in self.ids:
            self._hosts[i].start("mobulad", self._pids[i])
            self._renice(i)
        for i in self.ids:
            self._hosts[i].wait_ready(PATIENCE_S, False)

    # Looking into it.

    def run(self, host: int, *argv: str) -> str:
        """Runs 'argv' on 'host'; returns what it prints."""
        return self._hosts[host].run(self._pids[host], list(argv))

    def _renice(self, host: int) -> None:
        """Gives what forwards the frames of 'host' the processor first.

        Hosts in one machine compete for it, which those in a network do not.
        """
        found = self._hosts[host].daemon_processes(self._pids[host])
        for process in found["ovs-vswitchd"] + found["wireguard-go"]:
            for task in os.listdir(f"/proc/{process.pid}/task"):
                os.setpriority(os.PRIO_PROCESS, int(task), -20)

    def _is_healthy(self, host: int) -> bool:
        """Returns whether all is direct at 'host'."""
        buckets = self._buckets(host)
        peers = [i for i in self.ids if i != host and i not in self._dead]
        alive = self.run(host, "ovs-vsctl", "--bare", "--columns=name", "find",
                         "interface", "bfd_status:forwarding=true").split()
        return all(f"mo-vx-{i}" in alive for i in peers) and all(
            f"watch_port:mo-vx-{i}," in buckets.get(i, [""])[0]
            for i in peers)

    def _detect_ms(self, host: int) -> int:
        """Returns how long BFD of 'host' takes to notice, at the slowest."""
        rows = self.run(host, "ovs-vsctl", "--bare", "--columns=bfd", "find",
                        "interface", "type=vxlan").splitlines()
        timers = [dict(word.split("=") for word in row.split())
                  for row in rows if row]
        return max((int(one["min_tx"]) * int(one["mult"]) for one in timers),
                   default=0)

    def _hears(self, host: int, peer: int) -> bool:
        """Returns whether 'host' takes its tunnel to 'peer' for good."""
        return "forwarding=\"true\"" in self.run(
            host, "ovs-vsctl", "get", "interface", f"mo-vx-{peer}",
            "bfd_status")

    def _buckets(self, host: int) -> Dict[int, List[str]]:
        """Returns peer -> the buckets of its group at 'host'."""
        groups = self.run(host, "ovs-ofctl", "-O", "OpenFlow15", "--names",
                          "dump-groups", _BRIDGE).replace('"', "")
        found = {}
        for line in groups.splitlines():
            words = line.strip().split(",bucket=")
            number, _, kind = words[0].partition(",")
            if number.startswith("group_id=") and kind == "type=ff":
                found[int(number[len("group_id="):])] = words[1:]
        return found


class RstpBed(Bed):
    """The same lab, but with a bridge that learns and runs RSTP.

    mobulad sets WireGuard and the ends of the tunnels up, and has to leave.
    Host 1 is the root.
    """

    name = "RSTP"

    def up(self) -> None:
        """Starts it; waits until it is ready."""
        super().up()
        kinds = {i: self.run(i, "ovs-vsctl", "get", "bridge", _BRIDGE,
                             "datapath_type").strip() for i in self.ids}
        self.stop_daemons()
        for i in self.ids:
            self.run(i, "ovs-vsctl", "del-br", _BRIDGE)
        for i in self.ids:
            self.run(i, "ovs-vsctl", *self._bridge(i, kinds[i]))
        self.wait_healthy()

    def _bridge(self, host: int, kind: str) -> List[str]:
        """Returns the words for ovs-vsctl that make the bridge of 'host'."""
        words = ["add-br", _RSTP_BRIDGE, "--", "set", "bridge", _RSTP_BRIDGE,
                 f"datapath_type={kind}", "rstp_enable=true",
                 "other_config:rstp-priority="
                 + ("4096" if host == 1 else "32768"),
                 "--", "add-port", _RSTP_BRIDGE, "mo-fac-ovs"]
        for i in self.ids:
            if i != host:
                words += ["--", "add-port", _RSTP_BRIDGE, f"mo-vx-{i}",
                          "--", "set", "interface", f"mo-vx-{i}",
                          "type=vxlan", "options:key=29",
                          f"options:local_ip={_vtep(host)}",
                          f"options:remote_ip={_vtep(i)}"]
        return words

    def has_noticed(self, wires: Wires) -> bool:
        """Nobody can tell; what counts is what becomes of frames."""
        return True

    def relay(self, a: int, b: int) -> Optional[int]:
        """Returns by whom host 'a' reaches 'b' when not directly."""
        return 1

    def kill(self, host: int) -> None:
        """Makes 'host' fall silent, which is all that others see of a death.

        It could not come back by itself: mobulad has set it up.
        """
        self.cut((pair for i in self.ids if i != host
                  for pair in ((host, i), (i, host))))

    def boot(self, host: int) -> None:
        """Makes 'host' speak again."""
        self.heal()

    def wait_settled(self, hosts: Iterable[int]) -> None:
        """Does nothing: its timers do not change."""

    def _is_healthy(self, host: int) -> bool:
        """Returns whether the tree is as it was planned."""
        if host == 1:
            return True
        status = self.run(host, "ovs-vsctl", "get", "port", "mo-vx-1",
                          "rstp_status")
        return "rstp_port_role=Root" in status and \
            "rstp_port_state=Forwarding" in status


def _vtep(host: int) -> str:
    """Returns the address of the end of the tunnels of 'host'."""
    output = subprocess.run(
        [inventory.require_program("mobula-ctl"), "addr", str(host),
         "--format=csv"], check=True, stdout=subprocess.PIPE, text=True,
        env=hosts_module.environment()).stdout
    return next(line.split(",")[2].partition("/")[0]
                for line in output.splitlines()
                if line.startswith("tunnel endpoint,"))


def _hosts_yml(ids: Iterable[int]) -> str:
    """Returns an inventory of hosts 'ids'."""
    ctl = inventory.require_program("mobula-ctl")
    text = "all:\n  hosts:\n"
    for i in ids:
        keys = subprocess.run([ctl, "keygen"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        text += (f"    192.0.2.{i}:\n      host_id: {i}\n"
                 f"      hostname: h{i}.example.com\n      wireguard:\n"
                 + "".join(f"        {line}\n" for line in keys.splitlines()))
    return text
