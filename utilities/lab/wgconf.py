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

"""Configuration files of WireGuard clients, as wg-quick(8) reads them.

A file becomes a Config; what is wrong with it is said in one sentence that
begins with the file and the line.  Commands of a file (PostUp and its kind)
are refused: what is in a lab is to be seen in its commands.

What this is not: the work on a client's interface; see client.py.
"""

import base64
import binascii
import ipaddress
import re
from typing import Dict, List, NamedTuple, Optional, Tuple, Union

from lab.process import LabError

Interface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

_KEY_SIZE = 32
_MIN_MTU = 576

_INTERFACE_KEYS = ("Address", "DNS", "FwMark", "ListenPort", "MTU",
                   "PrivateKey")
_PEER_KEYS = ("AllowedIPs", "Endpoint", "PersistentKeepalive",
              "PresharedKey", "PublicKey")
# Those of wg-quick that a lab has no use for.
_REFUSED_KEYS = ("PostDown", "PostUp", "PreDown", "PreUp", "SaveConfig",
                 "Table")

# Keys that may be given often, each time with more than one value.
_LISTS = ("Address", "AllowedIPs", "DNS")


class Peer(NamedTuple):
    """A section [Peer]."""
    public_key: str
    preshared_key: Optional[str]
    endpoint: Optional[Tuple[str, int]]  # Address or name, and port.
    allowed_ips: List[Network]
    keepalive: int              # Seconds; 0 if off.


class Config(NamedTuple):
    """A file."""
    private_key: str
    listen_port: int            # 0 if any.
    fwmark: int                 # 0 if none.
    mtu: Optional[int]          # None: whoever applies it decides.
    addresses: List[Interface]
    dns: List[str]              # Addresses of servers.
    search: List[str]           # Domains, see resolv.conf(5).
    peers: List[Peer]


class _SecretError(ValueError):
    """Something is wrong with a value that must not be shown."""


class _Section:
    """The lines of a section, by key in lower case."""

    def __init__(self, name: str, line: int):
        self.name = name
        self.line = line
        self.values: Dict[str, List[Tuple[int, str]]] = {}


class _Reader:
    """Turns lines into values; knows the file's name for complaints."""

    def __init__(self, name: str):
        self.name = name

    def error(self, line: int, text: str) -> LabError:
        """Returns the complaint 'text' about 'line'."""
        return LabError(f"{self.name}:{line}: {text}")

    def one(self, section: _Section, key: str, function,
            default=None):
        """Returns the value of 'key', which may be missing; the last one
        counts, as for wg-quick."""
        found = section.values.get(key.lower())
        if not found:
            return default
        line, text = found[-1]
        try:
            return function(text)
        except _SecretError as error:
            raise self.error(line, f"{key} is not {error}")
        except ValueError as error:
            raise self.error(line, f"{key} '{text}' is not {error}")

    def required(self, section: _Section, key: str, function):
        """The same for a key that must be there."""
        value = self.one(section, key, function)
        if value is None:
            raise self.error(section.line,
                             f"[{section.name}] has no {key}")
        return value

    def all(self, section: _Section, key: str, function) -> list:
        """Returns the values of all lines of 'key', one after the other."""
        values = []
        for line, text in section.values.get(key.lower(), []):
            for word in filter(None, (w.strip() for w in text.split(","))):
                try:
                    values.append(function(word))
                except ValueError as error:
                    raise self.error(line, f"{key} '{word}' is not {error}")
        return values


def parse(text: str, name: str) -> Config:
    """Returns the configuration in 'text', a file called 'name'.

    Raises LabError if there is anything wrong with it.
    """
    reader = _Reader(name)
    interface, peers = _sections(text, reader)
    dns = reader.all(interface, "DNS", _server_or_domain)
    addresses = reader.all(interface, "Address", _interface)
    if not addresses:
        raise reader.error(interface.line, "[Interface] has no Address")
    return Config(
        reader.required(interface, "PrivateKey", _key),
        reader.one(interface, "ListenPort", _number(0, 65535), 0),
        reader.one(interface, "FwMark", _fwmark, 0),
        reader.one(interface, "MTU", _number(_MIN_MTU, 65535)),
        addresses,
        [word for word in dns if _is_address(word)],
        [word for word in dns if not _is_address(word)],
        [_peer(section, reader) for section in peers])


def setconf(config: Config, endpoints: List[Optional[str]]) -> str:
    """Returns 'config' as wg(8) takes it for a device; 'endpoints' are those
    of the peers, with addresses instead of names."""
    lines = ["[Interface]", f"PrivateKey = {config.private_key}",
             f"ListenPort = {config.listen_port}",
             f"FwMark = {config.fwmark:#x}"]
    for peer, endpoint in zip(config.peers, endpoints):
        lines += ["[Peer]", f"PublicKey = {peer.public_key}",
                  f"PersistentKeepalive = {peer.keepalive}"]
        lines += [f"AllowedIPs = {prefix}" for prefix in peer.allowed_ips]
        if peer.preshared_key:
            lines.append(f"PresharedKey = {peer.preshared_key}")
        if endpoint:
            lines.append(f"Endpoint = {endpoint}")
    return "\n".join(lines) + "\n"


# Structure.

def _sections(text: str,
              reader: _Reader) -> Tuple[_Section, List[_Section]]:
    """Returns the section [Interface] and those of the peers."""
    interface: Optional[_Section] = None
    peers: List[_Section] = []
    section: Optional[_Section] = None
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        if line.lower() == "[interface]":
            if interface:
                raise reader.error(number, "a second [Interface], after that "
                                   f"of line {interface.line}")
            section = interface = _Section("Interface", number)
        elif line.lower() == "[peer]":
            section = _Section("Peer", number)
            peers.append(section)
        elif section is None or line.startswith("["):
            raise reader.error(number, f"'{line}': expected [Interface] or "
                               "[Peer]")
        else:
            _add_value(section, number, line, reader)
    if not interface:
        raise LabError(f"{reader.name}: no [Interface]: is it a file for "
                       "wg-quick?")
    return interface, peers


def _add_value(section: _Section, number: int, line: str,
               reader: _Reader) -> None:
    """Adds "KEY = VALUE" of 'line' to 'section'."""
    key, equals, value = (part.strip() for part in line.partition("="))
    # The line may be a private key: it is not quoted.
    if not equals or not re.fullmatch(r"[A-Za-z]+", key):
        raise reader.error(number, "expected KEY = VALUE")
    known = _INTERFACE_KEYS if section.name == "Interface" else _PEER_KEYS
    if key.lower() in map(str.lower, _REFUSED_KEYS):
        raise reader.error(number, f"{key} is not for a lab, which runs no "
                           "commands of a file and keeps no tables")
    if key.lower() not in map(str.lower, known):
        raise reader.error(number, f"{key} is not known in [{section.name}]: "
                           f"expected {', '.join(known)}")
    if not value:
        raise reader.error(number, f"{key} has no value")
    section.values.setdefault(key.lower(), []).append((number, value))


def _peer(section: _Section, reader: _Reader) -> Peer:
    """Returns the peer that 'section' describes."""
    return Peer(reader.required(section, "PublicKey", _key),
                reader.one(section, "PresharedKey", _key),
                reader.one(section, "Endpoint", _endpoint),
                reader.all(section, "AllowedIPs", _network),
                reader.one(section, "PersistentKeepalive", _keepalive, 0))


# Values.  ValueError says what was expected.

def _key(text: str) -> str:
    """Returns the key in 'text'; no error shows it."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        decoded = b""
    if len(decoded) != _KEY_SIZE or len(text) != 44:
        raise _SecretError("a key of 44 characters of base64")
    return text


def _number(low: int, high: int):
    """Returns a function for numbers from 'low' to 'high'."""
    def convert(text: str) -> int:
        if not (text.isascii() and text.isdigit()
                and low <= int(text) <= high):
            raise ValueError(f"a number from {low} to {high}")
        return int(text)
    return convert


def _keepalive(text: str) -> int:
    return 0 if text.lower() == "off" else _number(0, 65535)(text)


def _fwmark(text: str) -> int:
    """Returns the mark in 'text': decimal, hexadecimal or "off"."""
    if text.lower() == "off":
        return 0
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 32:
        raise ValueError("a mark of 32 bits, or off")
    return value


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def _server_or_domain(text: str) -> str:
    """Returns the server or domain in 'text'."""
    if not _is_address(text) and not re.fullmatch(r"[A-Za-z0-9._-]+", text):
        raise ValueError("an address or a domain")
    return text


def _interface(text: str) -> Interface:
    """Returns the address in 'text'; without a length, it is alone."""
    try:
        return ipaddress.ip_interface(text)
    except ValueError:
        raise ValueError("an address, such as 10.30.128.1/32")


def _network(text: str) -> Network:
    """Returns the prefix in 'text', whatever its host bits are."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("a prefix, such as 10.31.0.0/16")


def _endpoint(text: str) -> Tuple[str, int]:
    """Returns the address or name, and the port, in 'text'."""
    match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):"
                         r"([0-9]+)", text)
    if (not match or not 0 < int(match[3]) < 65536
            or (match[1] and not _is_address(match[1]))):
        raise ValueError("an address or name, and a port, such as "
                         "192.0.2.1:51820 or [2001:db8::1]:51820")
    return match[1] or match[2], int(match[3])
