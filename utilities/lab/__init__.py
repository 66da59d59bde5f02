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

"""The lab: any hosts.yml as real hosts on one machine.

Reading order:

  namespaces   the four system calls that Python 3.11 does not have
  process      run a program, look at running ones
  inventory    the hosts of a hosts.yml, as `mobula-ctl check` sees them
  state        what a lab must remember between two commands
  underlay     the bridge between the hosts, its cut links, and a router
  init         the first process of a host
  host         one host: boot, kill, daemons, commands in it
  guest        a machine that is attached to a host's bridge
  wgconf       what is in a configuration file of wg-quick
  client       a machine on the underlay with WireGuard
  reach        who reaches whom, by ping
  lab          all hosts of a lab together: up, down, leftovers
  cli          verbs and options

Nothing here knows a formula or a default of Mobula: addresses come from
`mobula-ctl check`, and everything else is up to mobulad.
"""
