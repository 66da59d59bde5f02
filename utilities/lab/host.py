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

"""One host: its disk, its boot, its daemons, and commands in it.

A host is what its first process (init.py) holds together.  Its disk, a
directory of the lab's state, outlives it: what the host wrote to /etc and
/var/log is there again after the next boot, /run is not.
"""

import os
import shutil
import signal
import sys
import time
from typing import Dict, List, Optional

from lab import init, inventory, namespaces, state, underlay
from lab.inventory import Entry
from lab.process import (LabError, Process, arguments, held_namespaces,
                         namespace_ids, pids, processes_in, read, run)

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
GATEWAY = "mobula"              # The host's network namespace for exec-gw.

# Daemons of a host -> their PID files as the host sees them.  Those without
# one are mobulad's children: it starts them again when they die.
DAEMONS: Dict[str, Optional[str]] = {
    "ovsdb-server": "/run/openvswitch/ovsdb-server.pid",
    "ovs-vswitchd": "/run/openvswitch/ovs-vswitchd.pid",
    "mobulad": "/run/mobula/mobulad.pid",
    "wireguard-go": None,
    "dnsmasq": None,
}

# How long the processes of a killed host may take to vanish.
_DEATH_TIMEOUT_S = 10


def find_inits(lab: str) -> Dict[int, int]:
    """Returns host id -> first process, of all living hosts of 'lab'."""
    return {int(name): pid for name, pid in find_machines(lab).items()
            if name.isdigit()}


def find_machines(lab: str) -> Dict[str, int]:
    """Returns host id or name of client -> first process."""
    marker = init.marker(lab)
    inits = {}
    for pid in pids():
        argv = arguments(pid)
        if marker not in argv[:-1]:
            continue
        process = read(pid)
        # What has forked it has the same command line, but another number.
        if process and process.inner_pid == 1 and process.state != "Z":
            inits[argv[argv.index(marker) + 1]] = pid
    return inits


def kill_all(inits: List[int]) -> None:
    """Kills the first processes 'inits' and all in their namespaces."""
    own = set(namespace_ids(os.getpid()).values())
    deadline = time.monotonic() + _DEATH_TIMEOUT_S
    with held_namespaces(inits) as found:
        for pid in inits:
            kill(pid, signal.SIGKILL)
        while True:
            left = processes_in(found - own)
            if not left:
                return
            if time.monotonic() > deadline:
                raise LabError("these processes do not die: " + ", ".join(
                    f"{p.pid} ({p.name})" for p in left))
            for process in left:
                kill(process.pid, signal.SIGKILL)
            time.sleep(0.02)


def kill(pid: int, number: int) -> None:
    """Sends signal 'number' to 'pid', which may have gone meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


class Host:
    """A host of a lab, dead or alive."""

    def __init__(self, lab: str, entry: Entry, hosts: List[Entry],
                 external: str = "share"):
        self.lab = lab
        self.entry = entry
        self.hosts = hosts      # All hosts of the lab.
        self.external = external    # Of mobula.yml: "share" or "move".
        self.disk = os.path.join(state.directory(lab), "hosts",
                                 str(entry.id))

    def __str__(self) -> str:
        return f"host {self.entry.id} ({self.entry.hostname})"

    # Life and death.

    def boot(self, daemon: bool) -> None:
        """Brings the dead host to life, with mobulad if 'daemon'."""
        new = not os.path.exists(self.disk)
        if new:
            self._make_disk()
        pid = self._start_init()
        underlay.attach(self.lab, self.entry, pid)
        commands = underlay.address_commands(self.entry, self.hosts)
        if self._is_hidden():
            commands = ["link set dev lo up"]
        run(["nsenter", "-t", str(pid), "-n", "ip", "-batch", "-"],
            "\n".join(commands) + "\n")
        self.start("ovsdb-server", pid)
        if new:
            self._init_database(pid)
        self.start("ovs-vswitchd", pid)
        if daemon:
            self.start("mobulad", pid)

    def _is_hidden(self) -> bool:
        """Returns whether the host's network manager leaves eth0 to Mobula.

        What tells it so at boot, on a real host, is mobula-external.service.
        """
        try:
            with open(os.path.join(self.disk, "state/external")) as stream:
                return "\nphase taken\n" in stream.read()
        except OSError:
            return False

    def kill(self) -> None:
        """Kills the living host: no goodbye to anybody."""
        pid = self.pid()
        if underlay.is_attached(self.lab, self.entry):
            underlay.detach(self.lab, self.entry)
        kill_all([pid])

    def is_alive(self) -> bool:
        """Returns whether the host has been booted and not killed."""
        return self.entry.id in find_inits(self.lab)

    def pid(self) -> int:
        """Returns its first process's number here, if it is alive."""
        pid = find_inits(self.lab).get(self.entry.id)
        if pid is None:
            raise LabError(f"{self} is dead: start it with `mobula-lab host "
                           f"{self.entry.id} start`")
        return pid

    def _make_disk(self) -> None:
        """Makes the host's disk; init.py says where it is seen."""
        # A half-made disk must not be taken for a disk.
        new = self.disk + ".new"
        shutil.rmtree(new, ignore_errors=True)
        for directory in ("etc", "lib", "log/mobula", "log/openvswitch",
                          "openvswitch", "state"):
            os.makedirs(os.path.join(new, directory), 0o755)
        shutil.copytree(os.path.join(state.directory(self.lab), "config"),
                        os.path.join(new, "mobula"))
        names = f"{self.entry.hostname} {self.entry.label}"
        for name, text in (("hostname", f"{self.entry.hostname}\n"),
                           ("hosts", "127.0.0.1 localhost\n"
                                     f"127.0.1.1 {names}\n")):
            with open(os.path.join(new, "etc", name), "w") as stream:
                stream.write(text)
        run(["ovsdb-tool", "create", f"{new}/openvswitch/conf.db", SCHEMA])
        os.rename(new, self.disk)

    def _start_init(self) -> int:
        """Starts the first process; returns its number."""
        entry = self.entry
        run([sys.executable, "-EsS", init.PROGRAM, init.marker(self.lab),
             str(entry.id), entry.hostname, self.disk,
             f"{entry.access}/{inventory.ACCESS_PREFIX_LEN}",
             entry.gateway if self.external == "move" else ""])
        return self.pid()

    def _init_database(self, pid: int) -> None:
        """Fills the new database in, as Debian's init script does."""
        # One thread each: a lab has many switches, a machine few cores.
        self.run(pid, ["ovs-vsctl", "--no-wait", "--timeout=60", "init",
                        "--", "set", "Open_vSwitch", ".",
                        f"external_ids:hostname={self.entry.hostname}",
                        f"external_ids:system-id={self.entry.hostname}",
                        "other_config:n-handler-threads=1",
                        "other_config:n-revalidator-threads=1"])

    # Its daemons.

    def start(self, name: str, pid: Optional[int] = None) -> None:
        """Starts daemon 'name' and waits until it is in service.

        'pid' is the host's first process, if the caller knows it.
        """
        pid = pid or self.pid()
        pidfile = DAEMONS[name]
        if not pidfile:
            raise LabError(f"mobulad starts {name} by itself")
        if self.daemon_processes(pid)[name]:
            raise LabError(f"{name} runs already on {self}")
        directory = os.path.basename(os.path.dirname(pidfile))
        argv = [name, f"--pidfile={pidfile}", "--detach", "--no-chdir",
                f"--log-file=/var/log/{directory}/{name}.log"]
        if name == "ovsdb-server":
            argv += ["--remote=punix:/run/openvswitch/db.sock",
                     "--remote=db:Open_vSwitch,Open_vSwitch,manager_options",
                     "/etc/openvswitch/conf.db"]
        elif name == "ovs-vswitchd":
            argv += ["unix:/run/openvswitch/db.sock"]
        else:
            argv[0] = inventory.require_program(name)
        self.run(pid, argv)

    def signal(self, name: str, number: int) -> None:
        """Sends signal 'number' to daemon 'name'."""
        found = self.daemon_processes(self.pid())[name]
        if not found:
            raise LabError(f"{name} does not run on {self}")
        for process in found:
            kill(process.pid, number)

    def wait_state(self, name: str, states: str) -> None:
        """Waits until all processes of 'name' are in one of 'states'."""
        deadline = time.monotonic() + _DEATH_TIMEOUT_S
        pid = self.pid()
        while any(process.state not in states
                  for process in self.daemon_processes(pid)[name]):
            if time.monotonic() > deadline:
                raise LabError(f"{name} on {self} did not take the signal")
            time.sleep(0.01)

    def runs(self, name: str, pid: int) -> bool:
        """Returns whether daemon 'name' is at work; 'pid' as below."""
        found = self.daemon_processes(pid)[name]
        return bool(found) and all(p.state != "T" for p in found)

    def daemon_processes(self, pid: int) -> Dict[str, List[Process]]:
        """Returns daemon -> processes; 'pid' is the first process."""
        world = namespace_ids(pid).get("pid")
        mine = processes_in({world}) if world else []
        found = {}
        for name, pidfile in DAEMONS.items():
            found[name] = [p for p in mine if p.name == name[:15]]
            if pidfile:
                leader = self._read_pidfile(pid, pidfile)
                found[name] = [p for p in found[name]
                               if p.inner_pid == leader]
        return found

    @staticmethod
    def _read_pidfile(pid: int, path: str) -> Optional[int]:
        """Returns the number in the host's file 'path', None if none."""
        try:
            with open(f"/proc/{pid}/root{path}") as stream:
                return int(stream.read())
        except (OSError, ValueError):
            return None

    # Commands in it.

    def execute(self, argv: List[str], gateway: bool = False) -> int:
        """Runs the user's 'argv' in it; returns the exit status."""
        pid = self.pid()

        def enter() -> None:
            namespaces.enter(pid)
            if gateway and not os.path.exists(f"/run/netns/{GATEWAY}"):
                raise LabError(f"{self} has no namespace {GATEWAY!r} (yet)")

        if gateway:
            argv = ["ip", "netns", "exec", GATEWAY] + argv
        return namespaces.run_in(enter, argv, environment())

    def wait_ready(self, timeout_s: int, peers: bool) -> None:
        """Waits until mobulad has nothing left to do and init.py has set the
        access address.  If 'peers', waits for all tunnels to be up, too.
        """
        deadline = time.monotonic() + timeout_s
        pid = self.pid()
        ctl = inventory.require_program("mobula-ctl")
        self.run(pid, [ctl, "wait-ready", f"--timeout={timeout_s}"]
                 + (["--peers"] if peers else []))
        show = ["ip", "-o", "-4", "address", "show", "dev", "veth_fac0"]
        while f" {self.entry.access}/" not in self.run(pid, show):
            if time.monotonic() > deadline:
                raise LabError(f"{self}: veth_fac0 has got no address")
            time.sleep(0.02)

    def log_tail(self, n: int = 10) -> str:
        """Returns the last 'n' lines of mobulad's log."""
        try:
            with open(f"{self.disk}/log/mobula/mobulad.log") as stream:
                return "".join(stream.readlines()[-n:])
        except OSError:
            return ""

    def run(self, pid: int, argv: List[str]) -> str:
        """Runs our own 'argv' in it; returns what it printed.

        'pid' is its first process, see pid().
        """
        try:
            return run(["nsenter", "-t", str(pid), "-m", "-n", "-u", "-p"]
                       + argv, env=self._environment())
        except LabError as error:
            raise LabError(f"{self}: {error}")

    def _environment(self) -> Dict[str, str]:
        """Returns the environment of our own commands in it.

        wireguard-go takes all processors for its own, and the more it uses,
        the more time goes into waking them up.  But there is one on each host.
        """
        share = max(1, (os.cpu_count() or 1) // len(self.hosts))
        return {"GOMAXPROCS": str(share), **environment()}


def environment() -> Dict[str, str]:
    """Returns the environment of commands in a host or guest."""
    return dict(os.environ, PATH=inventory.program_path())
