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

"""A whole lab: up, down, cuts, status.

`up` is made to be interrupted at any place, and `down` to clean up after any
accident: it looks for what runs and what exists, not for what was written.
"""

import contextlib
import itertools
import os
import shutil
import signal
import time
from typing import Callable, Dict, Iterator, List, Optional, Tuple

from lab import client, guest, host, inventory, reach, state, underlay, wgconf
from lab.host import Host
from lab.inventory import Entry
from lab.process import LabError, Tasks, require_programs
from lab.state import Client, Guest, State

# How long a host may take to be ready.
READY_TIMEOUT_S = 120

# How long `down` waits for a command that is busy with the lab.
_LOCK_TIMEOUT_S = 20


# Up.

def up(name: str, files: Dict[str, str], daemon: bool, keep: bool,
       timeout_s: int, mtu: int = underlay.MTU,
       external: Optional[str] = None) -> None:
    """Starts lab 'name' from 'files' (keys as in inventory.FILES), with
    mobulad if 'daemon', on an underlay of 'mtu'.  No host may take longer
    than 'timeout_s'.  'external', if given, replaces the setting; with "move"
    the hosts have their gateways as default routers, too.

    Leaves nothing behind if it is interrupted, nor, unless 'keep', if it
    fails.
    """
    require_programs()
    if daemon:
        inventory.require_program("mobulad")
    refuse_second(name)
    hosts = inventory.read(inventory.require_program("mobula-ctl"), files)
    refuse_second(name)
    os.makedirs(state.ROOT, 0o700, exist_ok=True)
    try:
        os.mkdir(state.directory(name), 0o700)
    except FileExistsError:
        raise LabError(f"the lab {name!r} is just being started")
    with state.lock(name):
        try:
            _up(State(name, hosts, daemon, mtu, external or "share"), files,
                timeout_s)
        except BaseException as error:
            ignore_interrupts()
            if not (keep and isinstance(error, LabError)):
                sweep(name)
            raise


def refuse_second(name: str) -> None:
    """Raises LabError if there is a lab 'name' or something left of it."""
    if not leftovers(name):
        return
    try:
        ready = state.load(name).ready
    except LabError:
        ready = False
    if ready:
        raise LabError(f"the lab {name!r} is up already")
    raise LabError(f"the lab {name!r} is being started, or is left over from "
                   f"an accident: `mobula-lab down --name {name}` removes it")


def _up(lab: State, files: Dict[str, str], timeout_s: int) -> None:
    """Does the work of up(), state directory and lock being there."""
    config = os.path.join(state.directory(lab.name), "config")
    os.mkdir(config, 0o700)
    for option, path in files.items():
        target = os.path.join(config, inventory.FILES[option])
        shutil.copyfile(path, target)
        os.chmod(target, 0o600)
    if lab.external == "move":
        _set_external(os.path.join(config, inventory.FILES["settings"]),
                      lab.external)
    os.mkdir(os.path.join(state.directory(lab.name), "hosts"), 0o700)
    lab.save()
    underlay.create(lab.name, lab.mtu, lab.hosts)
    hosts = hosts_of(lab)
    for_all(hosts, lambda one: boot(one, lab.daemon, True, timeout_s))
    if lab.daemon:
        reach.wait(hosts, timeout_s)
    lab.ready = True
    lab.save()


def _set_external(path: str, value: str) -> None:
    """Makes 'value' the setting "external" in the file 'path', which need not
    be there."""
    lines: List[str] = []
    if os.path.exists(path):
        with open(path) as stream:
            lines = [line for line in stream
                     if not line.startswith("external:")]
    with open(path, "w") as stream:
        stream.writelines(lines + [f"external: {value}\n"])
    os.chmod(path, 0o600)


def boot(one: Host, daemon: bool, peers: bool, timeout_s: int) -> None:
    """Boots a host; if 'daemon', waits until it, if 'peers', until also its
    peers are ready.  Shows mobulad's log if that fails.
    """
    try:
        one.boot(daemon)
        if daemon:
            one.wait_ready(timeout_s, peers)
    except LabError as error:
        log = one.log_tail()
        raise LabError(f"{error}" + (f"\nlast lines of mobulad's log:\n{log}"
                                     if log else ""))


def for_all(hosts: List[Host], action: Callable[[Host], None]) -> None:
    """Calls 'action' for all 'hosts' at once; raises the first error.

    On an error or interruption, kills all hosts, so that no thread waits on
    for something in them.
    """
    tasks = Tasks(action, hosts, len(hosts))
    try:
        tasks.results()
    except BaseException:
        ignore_interrupts()
        tasks.cancel()
        while tasks.wait(0.05):
            host.kill_all(list(host.find_machines(hosts[0].lab).values()))
        raise


def ignore_interrupts() -> None:
    """Makes sure that what follows comes to its end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def locked(name: str) -> Iterator[State]:
    """Yields the state of lab 'name', for a command that changes it."""
    state.load(name)            # Fails well if there is no such lab.
    with state.lock(name):
        yield state.load(name)


def hosts_of(lab: State) -> List[Host]:
    """Returns all hosts of 'lab'."""
    return [Host(lab.name, entry, lab.hosts, lab.external)
            for entry in lab.hosts]


def host_of(lab: State, name: str) -> Host:
    """Returns the host that the user calls 'name'."""
    return Host(lab.name, inventory.find(lab.hosts, name), lab.hosts,
                lab.external)


# Guests.

def add_guest(lab: State, new: Guest) -> None:
    """Attaches guest 'new' to its host."""
    _check_new_name(lab, new.name)
    guest.create(host_of(lab, str(new.host)), new)
    lab.guests[new.name] = new
    lab.save()


def move_guest(lab: State, old: Guest, target: Entry, announce: bool) -> None:
    """Takes guest 'old' to host 'target'; says so there if 'announce'."""
    if old.host == target.id and guest.has_link(lab.name, old):
        raise LabError(f"the guest {old.name!r} is on host {target.id} "
                       "already")
    new = old._replace(host=target.id)
    guest.move(host_of(lab, str(old.host)), host_of(lab, str(new.host)), new)
    lab.guests[new.name] = new
    lab.save()
    if announce:
        guest.announce(lab.name, new)


def delete_guest(lab: State, old: Guest) -> None:
    """Removes guest 'old'."""
    guest.delete(host_of(lab, str(old.host)), old)
    del lab.guests[old.name]
    lab.save()


def guest_of(lab: State, name: str) -> Guest:
    """Returns the guest called 'name'."""
    if name not in lab.guests:
        known = ", ".join(sorted(lab.guests)) or "none"
        raise LabError(f"no guest {name!r} in this lab, which has {known}")
    return lab.guests[name]


def _check_new_name(lab: State, name: str) -> None:
    """Raises LabError unless a new guest or client can be called 'name'."""
    guest.check_name(name)
    for entry in lab.hosts:
        if name in (entry.hostname, entry.label):
            raise LabError(f"{name!r} is a host of this lab, so nothing else "
                           "can be called that")
    if name in lab.guests:
        raise LabError(f"there is a guest {name!r} already, on host "
                       f"{lab.guests[name].host}")
    if name in lab.clients:
        raise LabError(f"there is a client {name!r} already")


# Clients.

def add_client(lab: State, name: str, path: str) -> None:
    """Attaches client 'name' with the configuration in the file 'path' to
    the underlay."""
    _check_new_name(lab, name)
    try:
        with open(path, encoding="utf-8") as stream:
            config = wgconf.parse(stream.read(), path)
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{path} cannot be read: {error}")
    taken = [text for one in lab.clients.values() for text in one.addresses]
    addresses = underlay.client_addresses(lab.hosts, taken)
    if not addresses:
        raise LabError("no client can be a neighbour of hosts that are none "
                       "of each other: expected addresses of one /24 in "
                       "hosts.yml")
    lab.clients[name] = client.create(lab, Client(name, addresses, False),
                                      config)
    lab.save()


def delete_client(lab: State, name: str) -> None:
    """Removes client 'name'."""
    if name not in lab.clients:
        known = ", ".join(sorted(lab.clients)) or "none"
        raise LabError(f"no client {name!r} in this lab, which has {known}")
    client.destroy(lab.name, lab.clients[name])
    del lab.clients[name]
    lab.save()


# Cuts.

def set_link(lab: State, a: Entry, b: Entry, there: float,
             back: float) -> None:
    """Drops 'there' per cent of frames from 'a' to 'b', 'back' the others."""
    there_wire, back_wire = _wires(a, b)
    for wire, percent in ((there_wire, there), (back_wire, back)):
        lab.cuts.pop(wire, None)
        if percent:
            lab.cuts[wire] = percent
    apply_cuts(lab)


def apply_cuts(lab: State) -> None:
    """Makes the underlay as 'lab' says that it is, in one transaction."""
    underlay.apply_cuts(lab.name, lab.cuts, lab.holes)
    lab.save()


def set_topology(lab: State, links: List[Tuple[Entry, Entry]]) -> None:
    """Makes 'links' work both ways and drops everything on all others, in
    one transaction."""
    alive = {wire for a, b in links for wire in _wires(a, b)}
    lab.cuts = {wire: 100.0 for a, b in itertools.combinations(lab.hosts, 2)
                for wire in _wires(a, b) if wire not in alive}
    apply_cuts(lab)


def set_hole(lab: State, a: Entry, b: Entry, mtu: Optional[int]) -> None:
    """Drops packets of more than 'mtu' bytes between 'a' and 'b', or, with
    None, no longer.
    """
    for wire in _wires(a, b):
        lab.holes.pop(wire, None)
        if mtu is not None:
            lab.holes[wire] = mtu
    apply_cuts(lab)


def _wires(a: Entry, b: Entry) -> Tuple[str, str]:
    """Returns the two directions between 'a' and 'b' as State has them."""
    if a == b:
        raise LabError("a link has two ends")
    return f"{a.id}>{b.id}", f"{b.id}>{a.id}"


# Down.

def leftovers(name: str) -> bool:
    """Returns whether there is anything of lab 'name'."""
    return bool(os.path.lexists(state.directory(name))
                or underlay.exists(name) or host.find_machines(name)
                or guest.find_namespaces(name))


def down(name: str) -> bool:
    """Removes all of lab 'name'; returns whether there was anything.

    An `up` that is at work is interrupted.
    """
    if not leftovers(name):
        return False
    if os.path.isdir(state.directory(name)):
        with state.lock(name, 0) as locked:
            if locked:
                sweep(name)
                return True
        _interrupt(name)
    sweep(name)
    return True


def _interrupt(name: str) -> None:
    """Ends the command that holds the lock of lab 'name'."""
    holder = state.holder(name)
    if holder:
        host.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + _LOCK_TIMEOUT_S
    while time.monotonic() < deadline and os.path.isdir(
            state.directory(name)):
        with state.lock(name, 0.1) as locked:
            if locked:
                return
    if holder:
        host.kill(holder, signal.SIGKILL)


def sweep(name: str) -> None:
    """Removes whatever there is of lab 'name'.

    More than once, because a boot that was at work may have added something
    behind our back.
    """
    for _ in range(5):
        host.kill_all(list(host.find_machines(name).values()))
        for pid in underlay.inhabitants(name):
            host.kill(pid, signal.SIGKILL)
        underlay.destroy(name)
        for namespace in guest.find_namespaces(name):
            guest.destroy_namespace(namespace)
        state.remove(name)
        if not leftovers(name):
            break
        time.sleep(0.1)
    else:
        raise LabError(f"something of the lab {name!r} cannot be removed, see "
                       + state.directory(name))
