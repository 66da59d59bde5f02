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

"""The action mobula_check: is the configuration right?

Runs on the deployer, and speaks to no host.  What is wrong is printed line by
line, as mobula-ctl says it, and not only as one long value of a result.
"""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import os
import shutil
import subprocess
import tempfile

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()

_FILES = {"extra_hosts.yml": "--extra-hosts", "extra_wires.yml":
          "--extra-wires", "mobula.yml": "--settings"}


class ActionModule(ActionBase):
    """What Ansible calls.

    Arguments:

    problems   sentences about what has been found wrong already
    directory  where the files of the configuration are; without it, nothing
               is looked at but the problems
    inventory  the file with the hosts, or "" if only Ansible can read it
    hosts      name of the variable with what is to be read then; its name,
               because its value has private keys, and arguments get logged
    program    mobula-ctl, or "" to look for it in the tree and in PATH
    tree       the sources of Mobula
    """

    _VALID_ARGS = frozenset(("problems", "directory", "inventory", "hosts",
                             "program", "tree"))
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        """Looks at everything; fails if anything is wrong."""
        result = super(ActionModule, self).run(tmp, task_vars)
        args = self._task.args
        found = []
        if args.get("directory"):
            program = self._program()
            if program:
                found = self._ask(program)
            else:
                display.warning(
                    "There is no mobula-ctl on this computer, so only what "
                    "hosts must not share is checked here: ids, names, "
                    "addresses, keys. Each host checks the rest before it "
                    "uses it.")
        # mobula-ctl says in which line: what it found comes first, and alone.
        found = found or args.get("problems") or []
        for line in found:
            display.display(line, color=C.COLOR_ERROR)
        if found:
            result.update(failed=True, errors=found,
                          msg="nothing was changed anywhere: see above")
        return result

    def _program(self):
        """Returns the path of mobula-ctl, "" if there is none."""
        name = self._task.args.get("program")
        if name:
            return name
        path = os.path.join(self._task.args["tree"], "utilities")
        return shutil.which("mobula-ctl", path=path + os.pathsep
                            + os.environ.get("PATH", "")) or ""

    def _ask(self, program):
        """Has 'program' check the files; returns its complaints."""
        args = self._task.args
        argv = [program, "check"]
        for name, option in _FILES.items():
            path = os.path.join(args["directory"], name)
            argv.append("%s=%s" % (option, path if os.path.exists(path)
                                   else os.devnull))
        with tempfile.TemporaryDirectory(suffix=".mobula") as directory:
            path = args.get("inventory")
            if not path:
                path = os.path.join(directory, "hosts.yml")
                text = self._templar.template("{{ %s }}" % args["hosts"],
                                              convert_data=False)
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600),
                               "w") as stream:
                    stream.write(text + "\n")
            try:
                done = subprocess.run(argv + ["--hosts=" + path],
                                      stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE,
                                      universal_newlines=True, check=False)
            except OSError as error:
                return ["%s: %s" % (program, error.strerror)]
        lines = [line for line in done.stderr.splitlines() if line]
        if done.returncode:
            return lines or ["%s: it failed with status %d"
                             % (program, done.returncode)]
        for line in lines:
            display.warning(line)
        return []
