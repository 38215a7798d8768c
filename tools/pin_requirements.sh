#!/bin/sh
# Writes requirements.txt and requirements-dev.txt from their .in files: `pin_requirements.sh VENV [--upgrade]`.
# Hashes are those of every platform at pypi.org; what this machine is set to use instead stays out of the files.
set -eu
environment=$1
shift
pip_tools="pip-tools==7.6.2"

"$environment/bin/python" -m venv "$environment/pins"
"$environment/pins/bin/pip" install --disable-pip-version-check --no-input --quiet "$pip_tools"
unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_TRUSTED_HOST
for name in requirements requirements-dev; do
    PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make requirements" "$environment/pins/bin/pip-compile" --quiet "$@" \
        --generate-hashes --strip-extras --no-emit-options --no-emit-index-url --no-emit-find-links \
        --no-emit-trusted-host --index-url https://pypi.org/simple --output-file "$name.txt" "$name.in"
done
