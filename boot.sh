#!/bin/sh
# Makes ./configure from configure.ac.  Run once in a fresh clone.
cd "$(dirname "$0")" && exec autoreconf --install --force
