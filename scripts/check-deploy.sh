#!/usr/bin/env bash
# Checks the compose file, the Dockerfile and the systemd units without an engine.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

scripts/tools.sh
"$venv/bin/docker-compose" --env-file deploy/example.env -f docker-compose.yml config -q
echo "docker-compose.yml is valid"

# A forgotten secret has to stop the start.
if env -i PATH="$PATH" HOME="$HOME" "$venv/bin/docker-compose" --env-file /dev/null -f docker-compose.yml config -q 2>/dev/null; then
    die "docker-compose.yml is accepted without its secrets."
fi

"$venv/bin/hadolint" deploy/Dockerfile
echo "deploy/Dockerfile is clean"

if command -v systemd-analyze >/dev/null; then
    # The programs are not installed where the units look for them; every other complaint counts.
    complaints=$(systemd-analyze verify --man=no deploy/systemd/*.service 2>&1 |
        grep 'resizinator-' | grep -v 'is not executable: No such file' || true)
    [[ -z $complaints ]] || die "$complaints"
    echo "deploy/systemd is clean"
fi
