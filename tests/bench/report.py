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

"""The table and the picture of what failover.py has measured."""

import math
import os
import platform
import statistics
from typing import Dict, List, Tuple

BEDS = ("Mobula", "RSTP")

# The horizontal axis of the picture: from 1 ms to 100 s, by powers of ten.
_LEFT, _RIGHT = 250, 920
_FIRST, _LAST = 0, 5
_TICKS = ((0, "up to 1 ms"), (1, "10 ms"), (2, "100 ms"), (3, "1 s"), (4, "10 s"),
          (5, "no end"))
_NORM_MS = 50
_LANE = 17                      # Height of what belongs to one bed.
_ROW = 2 * _LANE + 14

_STYLE = """\
  <style>
    .panel { fill: #ffffff; stroke: #d0d7de; }
    .ink { fill: #1f2328; }
    .soft { fill: #57606a; }
    .grid { stroke: #d8dee4; }
    .norm { stroke: #2da44e; stroke-dasharray: 5 4; }
    .norm-ink { fill: #116329; }
    .mobula { fill: #218bff; }
    .mobula-bar { stroke: #0550ae; }
    .rstp { fill: #e36209; }
    .rstp-bar { stroke: #953800; }
    @media (prefers-color-scheme: dark) {
      .panel { fill: #0d1117; stroke: #30363d; }
      .ink { fill: #e6edf3; }
      .soft { fill: #9ea7b3; }
      .grid { stroke: #30363d; }
      .norm { stroke: #2ea043; }
      .norm-ink { fill: #7ee787; }
      .mobula { fill: #388bfd; }
      .mobula-bar { stroke: #a5d6ff; }
      .rstp { fill: #db6d28; }
      .rstp-bar { stroke: #ffc680; }
    }
  </style>
"""

_INTRODUCTION = """\
# How long a fault is felt

Two hosts send each other frames on the access network, so many a second, while
a link is cut or a host killed, silently: nothing tells anybody but that nothing
is heard any more. An outage is the time between the arrival of the last frame
before the gap and of the first one after it, in the direction where that is
longer: with 200 frames a second it looks longer by up to 5 ms than it is. After
each fault everything is mended, and the next one comes when all frames have
gone the direct way again for a while.

![Outages of Mobula and of RSTP, by kind of fault](failover.svg)

"""

_METHOD = """\

* *Mobula* is a lab of this tree with its default settings, except
  `hold_down_max: 2`, so that a link that is cut again and again is trusted
  again soon. That changes when frames return to the direct way, not when they
  leave it. *Outage* in the row "no fault" is what the machine itself does.
* *RSTP* is the same lab, the same WireGuard and the same cuts, but in each
  host one learning bridge of Open vSwitch with `rstp_enable=true` and VXLAN
  tunnels to all others; host 1 is the root. Its timers are the standard's.
  A host that is "killed" there is one all of whose links are cut.
* "Another host killed": host 1, while hosts 2 and 3 are watched. With RSTP
  their frames go by way of it; with Mobula they do not. "Relay killed": the
  link between 2 and 3 is cut before, so that with Mobula, too, another host is
  in between.
* "Link cut, one way": only what one host sends is lost, in turn the one's and
  the other's.
* "no end": frames did not arrive again within 25 seconds.
* "Lost on return": frames lost from the moment when the fault is mended until
  all is direct again, both ways together; the largest number of all times.
  "Twice": copies too many, of all frames including 50 broadcasts a second.
* All hosts share one machine
  ({machine}),
  with the userspace datapath of Open vSwitch and WireGuard in userspace.
  `ovs-vswitchd`, `wireguard-go` and the probes run at niceness -20, because
  hosts in a network do not compete for a processor; all else at 0, as on a
  host, where `ovs-vswitchd` comes first, too. No process has a real-time
  priority. The load average was
  {load}.
* BFD chooses its intervals by itself (`bfd_interval` in mobula.yml(5)): on a
  machine that is busy, or whose hosts have just started, they are longer than
  the 13 ms of a quiet network, and outages are, too.

`make bench-failover` measures it again and writes this page and the picture.
"""


def write(results: Dict, faults: List[Tuple[str, str]],
          directory: str) -> None:
    """Writes failover.md and failover.svg into 'directory'.

    'faults' are names and titles, in order.
    """
    for name, text in (("failover.md", markdown(results, faults)),
                       ("failover.svg", svg(results, faults))):
        with open(os.path.join(directory, name), "w") as stream:
            stream.write(text)


def markdown(results: Dict, faults: List[Tuple[str, str]]) -> str:
    """Returns the page."""
    text = _INTRODUCTION
    text += ("| hosts | fault | network | frames a second | times | minimum "
             "| median | p95 | maximum | lost on return | twice |\n"
             "|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
    for n_hosts in _sizes(results):
        for name, title in faults:
            for bed in BEDS:
                key = f"{bed}/{n_hosts}/{name}"
                samples = results["samples"].get(key)
                if samples:
                    text += _line([str(n_hosts), title, bed,
                                   str(results["rate"][key])], samples)
    return text + _METHOD.format(
        machine=_machine(),
        load=", ".join(_load(results, bed) for bed in BEDS))


def _load(results: Dict, bed: str) -> str:
    """Returns what else the machine had to do while 'bed' was measured."""
    loads = sorted(value for key, value in results["load"].items()
                   if key.startswith(bed + "/"))
    return (f"{loads[0]:.1f} to {loads[-1]:.1f} with {bed}" if loads
            else f"not known with {bed}")


def _line(cells: List[str], samples: List[Dict]) -> str:
    """Returns a line of the table that begins with 'cells'."""
    outages = [_outage(one) for one in samples]
    cells = cells + [str(len(samples))]
    cells += [_duration(value) for value in (
        min(outages), median(outages), percentile(outages, 95),
        max(outages))]
    cells += [str(max(one["n_lost_on_return"] for one in samples)),
              str(sum(one["n_twice"] for one in samples))]
    return "| " + " | ".join(cells) + " |\n"


def percentile(values: List[float], percent: float) -> float:
    """Returns the smallest of 'values' that 'percent' of them do not
    exceed."""
    ordered = sorted(values)
    rank = math.ceil(percent / 100 * len(ordered))
    return ordered[max(rank, 1) - 1]


def median(values: List[float]) -> float:
    """Returns the median; of two in the middle, what is between them."""
    if math.inf in values:
        return percentile(values, 50)
    return statistics.median(values)


def _outage(sample: Dict) -> float:
    """Returns the outage in ms, infinity if it did not end."""
    value = sample["outage_ms"]
    return math.inf if value < 0 else value


def _duration(value: float) -> str:
    """Returns a time in ms for people."""
    if math.isinf(value):
        return "no end"
    if value < 1000:
        return f"{value:.0f} ms"
    return f"{value / 1000:.1f} s"


def _sizes(results: Dict) -> List[int]:
    """Returns the numbers of hosts that were measured."""
    return sorted({int(key.split("/")[1]) for key in results["samples"]})


def _machine() -> str:
    """Returns what the machine is, without its name."""
    model = ""
    try:
        with open("/proc/cpuinfo") as stream:
            model = next((line.partition(":")[2].strip() for line in stream
                          if line.startswith("model name")), "")
    except OSError:
        pass
    kernel = ".".join(platform.release().split(".")[:2])
    return (f"{os.cpu_count()} processors, {model or platform.machine()}, "
            f"Linux {kernel}")


# The picture.

def svg(results: Dict, faults: List[Tuple[str, str]]) -> str:
    """Returns the picture."""
    body, y = "", 70
    for n_hosts in _sizes(results):
        part, y = _panel(results, faults, n_hosts, y)
        body += part
    height = y + 16
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 {height}" '
        f'width="960" height="{height}" role="img" '
        'aria-labelledby="title desc" font-family="system-ui, '
        "-apple-system, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, "
        'sans-serif">\n'
        '  <title id="title">How long a fault is felt</title>\n'
        '  <desc id="desc">For each kind of fault, the outages of a network '
        "of Mobula and of one with RSTP, one point each, on a logarithmic "
        "axis.</desc>\n" + _STYLE
        + f'  <rect class="panel" x="0.5" y="0.5" width="959" '
        f'height="{height - 1}" rx="10"/>\n'
        + _text(24, 36, "How long a fault is felt", "ink", 18, "600")
        + _legend() + body + "</svg>\n")


def _legend() -> str:
    """Returns what the colours mean."""
    text = ""
    for x, name, words in ((470, "mobula", "Mobula"),
                           (570, "rstp", "RSTP over the same tunnels")):
        text += (f'  <circle class="{name}" cx="{x}" cy="31" r="5"/>\n'
                 + _text(x + 12, 36, words, "ink", 13))
    return text + (
        '  <path class="rstp-bar" d="M800 23 V39" stroke-width="3"/>\n'
        + _text(812, 36, "median", "ink", 13))


def _panel(results: Dict, faults: List[Tuple[str, str]], n_hosts: int,
           top: int) -> Tuple[str, int]:
    """Returns the part of the picture for 'n_hosts', and where it ends."""
    rows = [(name, title) for name, title in faults
            if any(f"{bed}/{n_hosts}/{name}" in results["samples"]
                   for bed in BEDS)]
    bottom = top + 20 + _ROW * len(rows)
    text = _text(24, top + 10, f"{n_hosts} hosts", "ink", 15, "600")
    text += _axis(top + 20, bottom)
    for i, (name, title) in enumerate(rows):
        y = top + 20 + _ROW * i + 7
        text += _text(24, y + _LANE + 5, title, "ink", 13)
        for bed in BEDS:
            samples = results["samples"].get(f"{bed}/{n_hosts}/{name}", [])
            if samples:
                text += _lane([_outage(one) for one in samples],
                              bed.lower(), y + _LANE * BEDS.index(bed))
    return text, bottom + 46


def _axis(top: int, bottom: int) -> str:
    """Returns the grid, and what is written below it."""
    text = ""
    for power, words in _TICKS:
        x = _x(10 ** power)
        text += (f'  <path class="grid" d="M{x:.1f} {top} V{bottom}"/>\n'
                 + _text(x, bottom + 17, words, "soft", 12, "400",
                         "middle"))
    x = _x(_NORM_MS)
    return text + (
        f'  <path class="norm" d="M{x:.1f} {top - 6} V{bottom}" '
        'stroke-width="1.5" fill="none"/>\n'
        + _text(x, top - 10, "50 ms", "norm-ink", 12, "400", "middle"))


def _lane(outages: List[float], name: str, top: int) -> str:
    """Returns the points of one fault and bed, and their median."""
    text = ""
    for i, value in enumerate(outages):
        # One above the other where there are many.
        y = top + 3 + (i * 7 % 11) * (_LANE - 6) / 10
        text += (f'  <circle class="{name}" cx="{_x(value):.1f}" '
                 f'cy="{y:.1f}" r="3" fill-opacity="0.55"/>\n')
    x = _x(median(outages))
    return text + (f'  <path class="{name}-bar" d="M{x:.1f} {top} '
                   f'V{top + _LANE}" stroke-width="3"/>\n')


def _x(value_ms: float) -> float:
    """Returns where 'value_ms' is on the axis; its ends are for less and
    more than it shows."""
    power = math.log10(max(value_ms, 10 ** _FIRST)) if value_ms < math.inf \
        else _LAST
    power = min(power, _LAST)
    return _LEFT + (power - _FIRST) / (_LAST - _FIRST) * (_RIGHT - _LEFT)


def _text(x: float, y: float, words: str, name: str, size: int,
          weight: str = "400", anchor: str = "start") -> str:
    """Returns a line of text."""
    return (f'  <text class="{name}" x="{x:.1f}" y="{y:.1f}" '
            f'font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}">{words}</text>\n')
