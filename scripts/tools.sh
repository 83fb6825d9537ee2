#!/usr/bin/env bash
# Installs the programs of tools.txt into .tools/venv, once for each version of that file.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

done_mark=$venv/.installed
mkdir -p "$root/.tools"
exec 9>"$root/.tools/lock"
flock 9
if ! cmp -s "$root/scripts/tools.txt" "$done_mark"; then
    say "Installing the tools of scripts/tools.txt into .tools/venv ..."
    python3 -m venv "$venv" || die "Python's venv module is missing: run scripts/install.sh services."
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$root/scripts/tools.txt"
    cp "$root/scripts/tools.txt" "$done_mark"
fi
