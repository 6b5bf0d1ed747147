#!/bin/sh
# Makes the virtual environment named by the first argument with a Python from 3.11 up.
set -eu
for python in "${PYTHON:-}" python3.11 python3.12 python3.13 python3; do
  [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 || continue
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    "$python" -m venv "$1"
    "$1/bin/python" -m pip install --quiet --upgrade pip
    exit 0
  fi
done
echo "Python 3.11 or newer is needed and was not found; on Debian 12: sudo apt-get install python3 python3-venv"
exit 1
