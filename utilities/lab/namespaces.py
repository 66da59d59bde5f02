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

"""Namespaces: the system calls that Python's os module lacks before 3.12.

What this is not: a policy of which namespaces a host has; see init.py (makes
them) and host.py (enters them).
"""

import contextlib
import ctypes
import os
import signal
import socket
from typing import Callable, Iterator, List, NoReturn, Optional

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MNT_DETACH = 2
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15

# The mount namespace comes last: with it, /proc is another one.
_ENTERED = ("net", "uts", "pid", "mnt")

# Signals that 'run_in()' passes on to the program that it waits for.
_FORWARDED = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM,
              signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH)

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *args) -> None:
    """Calls libc's 'name'; raises OSError when it returns nonzero."""
    if getattr(_libc, name)(*args):
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Gives this process new namespaces (CLONE_NEW*)."""
    _call("unshare", flags)


def mount(source: str, target: str, fstype: Optional[str] = None,
          flags: int = 0, options: Optional[str] = None) -> None:
    """Mounts 'source' on 'target'."""
    def encode(text: Optional[str]) -> Optional[bytes]:
        return None if text is None else os.fsencode(text)
    try:
        _call("mount", encode(source), encode(target), encode(fstype),
              ctypes.c_ulong(flags), encode(options))
    except OSError as error:
        raise OSError(error.errno, f"mounting {target}: {error.strerror}")


def set_process_name(name: str) -> None:
    """Sets what `ps` shows as this process's command, 15 bytes at most."""
    _call("prctl", PR_SET_NAME, os.fsencode(name), 0, 0, 0)


def enter(pid: int) -> None:
    """Moves this process into the namespaces of process 'pid'.

    The PID namespace takes effect for children only.
    """
    fds = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY)
           for kind in _ENTERED]
    for fd in fds:
        _call("setns", fd, 0)
        os.close(fd)


def enter_network(path: str, hostname: str) -> None:
    """Moves this process into the network namespace that 'path' stands for,
    with the host name 'hostname' and the /sys that belongs to it."""
    _enter_network_only(path)
    unshare(CLONE_NEWNS | CLONE_NEWUTS)
    socket.sethostname(hostname)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    _call("umount2", b"/sys", MNT_DETACH)
    mount("sysfs", "/sys", "sysfs")


@contextlib.contextmanager
def network(path: str) -> Iterator[None]:
    """Is in the network namespace that 'path' stands for meanwhile.

    A socket that is made there belongs to it for ever.
    """
    ours = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter_network_only(path)
        yield
    finally:
        _call("setns", ours, CLONE_NEWNET)
        os.close(ours)


def _enter_network_only(path: str) -> None:
    """Moves this thread into the network namespace 'path'."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("setns", fd, CLONE_NEWNET)
    finally:
        os.close(fd)


def run_in(enter_all: Callable[[], None], argv: List[str], env: dict) -> int:
    """Runs 'argv' where 'enter_all' leads; returns its exit status.

    The program keeps our terminal, standard files and, where the directory
    exists there, working directory.  It gets the signals that we get, and
    dies when we die.  What 'enter_all' raises comes out here.  128 plus a
    signal's number is the status of a program that a signal killed, 127 of
    one that does not exist, 126 of one that cannot be run, as in a shell.
    """
    cwd = os.getcwd()
    enter_all()
    try:
        os.chdir(cwd)
    except OSError:
        os.chdir("/")

    forwarded = set(_FORWARDED)
    old_mask = signal.pthread_sigmask(signal.SIG_BLOCK,
                                      forwarded | {signal.SIGCHLD})
    child = os.fork()
    if not child:
        _exec_child(argv, env, old_mask)
    return _wait_for(child, forwarded | {signal.SIGCHLD})


def _exec_child(argv: List[str], env: dict, mask: set) -> NoReturn:
    """Becomes 'argv', with signals as a program expects them."""
    try:
        _call("prctl", PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ,
                       signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.execvpe(argv[0], argv, env)
    except OSError as error:
        text = f"mobula-lab: {argv[0]}: {error.strerror}\n"
        os.write(2, text.encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)
    finally:
        os._exit(126)


def _wait_for(child: int, signals: set) -> int:
    """Waits for 'child', passes signals on; returns its exit status."""
    while True:
        info = signal.sigwaitinfo(signals)
        if info.si_signo != signal.SIGCHLD:
            # The terminal has sent its own signals (si_code > 0) to the
            # whole process group, so the child has them already.
            if info.si_code <= 0:
                os.kill(child, info.si_signo)
            continue
        pid, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED)
        if not pid:
            continue
        if os.WIFSTOPPED(status):
            os.kill(os.getpid(), signal.SIGSTOP)
            os.kill(child, signal.SIGCONT)
        elif os.WIFSIGNALED(status):
            return 128 + os.WTERMSIG(status)
        else:
            return os.WEXITSTATUS(status)
