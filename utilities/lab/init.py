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

"""The first process of a host or a client.

Run as a program: init.py MARKER ID HOSTNAME DISK ACCESS ROUTER.  Makes the
host's namespaces, prepares its file systems, and then does what is left to a
first process: buries the dead, and sets the address ACCESS on veth_fac0, and
the default route to ROUTER unless that is empty, each time that the interface
appears, which is what a host's administrator does, and Mobula does not.  Comes
back as soon as the host is there to be entered.  The ID of a client is its
name, and its ACCESS and ROUTER are empty.

When this process dies, everything in the host dies with it.  `down` finds it
by its command line, whatever else is lost.

What this is not: the start of the daemons; see host.py.
"""

import errno
import os
import select
import signal
import socket
import sys
from typing import NoReturn

if __name__ == "__main__":
    # Instead of this directory, whose file names are too plain for that.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from lab import namespaces as ns

NAME = "mobula-lab-init"
PROGRAM = os.path.abspath(__file__)

_ACCESS_IFACE = "veth_fac0"
_RTMGRP_LINK = 1

# Directory on the host's disk -> where the host sees it.  The disk's "etc"
# is what differs from this machine's /etc.
_BINDS = {"mobula": "/etc/mobula", "openvswitch": "/etc/openvswitch",
          "lib": "/var/lib/openvswitch", "log": "/var/log",
          "state": "/var/lib/mobula"}


def marker(lab: str) -> str:
    """Returns the argument that tells the processes of 'lab' from others."""
    return f"--mobula-lab={lab}"


def main(argv: list) -> int:
    """Starts a host; returns when it can be entered."""
    hostname, disk, access, router = argv[3:7]
    os.setsid()
    try:
        ns.unshare(ns.CLONE_NEWNS | ns.CLONE_NEWUTS | ns.CLONE_NEWPID
                   | ns.CLONE_NEWNET)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}\n")
        return 1
    from_child, to_parent = os.pipe()
    if not os.fork():
        os.close(from_child)
        _first_process(to_parent, hostname, disk, access, router)
    os.close(to_parent)
    with os.fdopen(from_child) as stream:
        answer = stream.read()
    if answer != "ready":
        sys.stderr.write(f"{answer or 'the first process died'}\n")
        return 1
    return 0


def _first_process(to_parent: int, hostname: str, disk: str,
                   access: str, router: str) -> NoReturn:
    """Is process 1 of a host for the rest of its life."""
    try:
        _redirect_files(disk)
        ns.set_process_name(NAME)
        socket.sethostname(hostname)
        _mount_all(disk)
        os.chdir("/")
        waker = _catch_children()
        links = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        links.bind((0, _RTMGRP_LINK))
        links.setblocking(False)
        os.write(to_parent, b"ready")
    except OSError as error:
        os.write(to_parent, str(error.strerror).encode())
        os._exit(1)
    os.close(to_parent)
    _serve(waker, links, access, router)


def _redirect_files(disk: str) -> None:
    """Lets go of the terminal; complaints go to init.log."""
    null = os.open("/dev/null", os.O_RDWR)
    log = os.open(os.path.join(disk, "init.log"),
                  os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for fd, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(fd, target)


def _mount_all(disk: str) -> None:
    """Gives the host its own /proc, /sys, /run, and what is on its disk."""
    ns.mount("none", "/", None, ns.MS_REC | ns.MS_PRIVATE)
    _mount_etc(disk)
    for source, target in _BINDS.items():
        if not os.path.isdir(os.path.join(disk, source)):
            continue            # A client's.
        if target.startswith("/etc/") or target == "/var/lib/mobula":
            os.makedirs(target, exist_ok=True)
        ns.mount(os.path.join(disk, source), target, None, ns.MS_BIND)
    ns.mount("tmpfs", "/run", "tmpfs", 0, "mode=755")
    if os.path.realpath("/var/run") != "/run":
        ns.mount("/run", "/var/run", None, ns.MS_BIND)
    for directory in ("lock", "mobula", "openvswitch"):
        os.mkdir(os.path.join("/run", directory), 0o755)
    ns.mount("sysfs", "/sys", "sysfs")
    ns.mount("proc", "/proc", "proc")


def _mount_etc(disk: str) -> None:
    """Gives the host an /etc like this machine's, and free to change.

    An overlay costs nothing, but some file systems cannot carry one (in a
    container, say).  There, a copy does.
    """
    changes, work = os.path.join(disk, "etc"), os.path.join(disk, "work")
    if not os.path.exists(os.path.join(disk, "etc-is-copy")):
        os.makedirs(work, exist_ok=True)
        try:
            ns.mount("overlay", "/etc", "overlay", 0, "index=off,"
                     f"lowerdir=/etc,upperdir={changes},workdir={work}")
            return
        except OSError:
            _copy_etc(changes)
            os.mkdir(os.path.join(disk, "etc-is-copy"))
    ns.mount(changes, "/etc", None, ns.MS_BIND)


def _copy_etc(target: str) -> None:
    """Copies to 'target' what it does not have of /etc."""
    pid = os.posix_spawnp("cp", ["cp", "-an", "/etc/.", target], os.environ)
    if os.waitpid(pid, 0)[1]:
        raise OSError(errno.EIO, "copying /etc failed, see init.log")


def _catch_children() -> socket.socket:
    """Returns a socket that becomes readable when a child has died."""
    waker, writer = socket.socketpair()
    waker.setblocking(False)
    writer.setblocking(False)
    # Python writes to a number, so the socket must never be closed.
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return waker


def _serve(waker: socket.socket, links: socket.socket,
           access: str, router: str) -> NoReturn:
    """Buries children and watches interfaces, for ever."""
    configured = 0              # Index of the veth_fac0 that has its address.
    while True:
        index = _interface_index()
        if access and index and index != configured:
            _configure(access, router)
        configured = index
        _reap()
        select.select([waker, links], [], [])
        _drain(waker)
        _drain(links)


def _interface_index() -> int:
    """Returns the index of veth_fac0, 0 if there is none."""
    try:
        return socket.if_nametoindex(_ACCESS_IFACE)
    except OSError:
        return 0


def _configure(access: str, router: str) -> None:
    """Starts to set address 'access' on veth_fac0, and 'router' as the
    default router, if there is one."""
    commands = [f"ip address replace {access} dev {_ACCESS_IFACE}",
                f"ip link set dev {_ACCESS_IFACE} up"]
    if router:
        # Second to that of the interface to the outside, until it leaves.
        commands.append(f"ip route replace default via {router} "
                        f"dev {_ACCESS_IFACE} metric 1000")
    argv = ["sh", "-c", " && ".join(commands)]
    try:
        os.posix_spawnp(argv[0], argv, os.environ)
    except OSError as error:
        sys.stderr.write(f"{argv[0]}: {error.strerror}\n")


def _reap() -> None:
    """Buries all children that are dead."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _drain(sock: socket.socket) -> None:
    """Forgets what has come in at 'sock': only that it has, matters."""
    try:
        while sock.recv(65536):
            pass
    except OSError:             # Empty, or has overflown meanwhile.
        pass


if __name__ == "__main__":
    sys.exit(main(sys.argv))
