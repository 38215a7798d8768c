#!/bin/sh
# Every check, one after the other, also when an earlier one fails: `check.sh BIN`. Fails when any does.
set -u
bin=$1
failed=""

check() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok      $name"
    else
        echo "FAILED  $name"
        printf '%s\n' "$output"
        failed="$failed, $name"
    fi
}

strict="portal/process portal/store"
[ -e portal/actions.py ] && strict="$strict portal/actions.py portal/letters_of_steps.py"

check "formatting" "$bin/ruff" format --check .
check "lint" "$bin/ruff" check .
# A cache of its own: the two runs have different options, and would throw away what the other found.
# shellcheck disable=SC2086
check "types, strictly" "$bin/mypy" --strict --follow-imports=silent --cache-dir .mypy_cache/strict $strict
check "types" "$bin/mypy"
check "import rules" "$bin/python" -m pytest -q tests/test_house.py
if [ -d portal/templates ]; then
    check "templates" "$bin/djlint" --lint --quiet portal/templates
fi

if [ -n "$failed" ]; then
    echo "Not in order: ${failed#, }"
    exit 1
fi
echo "All in order."
