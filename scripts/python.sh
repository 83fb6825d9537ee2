#!/usr/bin/env bash
# Installs Python packages for comparing and measuring into .tools/python, once for each version of their list.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

list=$root/scripts/compare/requirements.txt
python=$root/.tools/python
mkdir -p "$root/.tools"
exec 9>"$root/.tools/python.lock"
flock 9
if ! cmp -s "$list" "$python/.installed"; then
    say "Installing scripts/compare/requirements.txt into .tools/python ..."
    python3 -m venv "$python" || die "Python's venv module is missing: run scripts/install.sh services."
    "$python/bin/pip" install -q --disable-pip-version-check -r "$list"
    cp "$list" "$python/.installed"
fi
