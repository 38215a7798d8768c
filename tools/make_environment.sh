#!/bin/sh
# Makes the virtual environment named by the first argument, with Python 3.11 or newer.
# PYTHON=/path/to/python make ... chooses one; else python3.11, then python3, then python.
set -eu
environment=$1

for candidate in ${PYTHON:-python3.11 python3 python}; do
    # Run it: a name that is found may still be a shim for a version that is not there.
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "Python 3.11 is needed, and none of these is it or newer: ${PYTHON:-python3.11 python3 python}." >&2
    echo "Install it (Debian: apt-get install python3.11 python3.11-venv), or name one: PYTHON=/path/to/python3.11 make run" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python $version is here without its venv module. Install it: apt-get install python$version-venv" >&2
    exit 1
fi
echo "Making an environment in $environment with $("$python" --version)"
"$python" -m venv --clear "$environment"
