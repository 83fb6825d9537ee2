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

# Each program has an image of its own.
for target in api worker resizinator; do
    grep -q "^FROM .* AS $target\$" deploy/Dockerfile || die "deploy/Dockerfile has no target $target."
done

# Whoever looks for a variable looks into the example.
while read -r name; do
    grep -qE "^#?$name=" deploy/example.env || die "deploy/example.env does not name $name, which docker-compose.yml reads."
done < <(grep -o '\${[A-Z0-9_]*' docker-compose.yml | tr -d '${' | sort -u)
echo "deploy/example.env is complete"

for file in deploy/rabbitmq/*.json deploy/s3/*.json; do
    python3 -m json.tool "$file" >/dev/null || die "$file is no JSON."
done

"$venv/bin/hadolint" deploy/Dockerfile scripts/containers/*/Dockerfile
echo "deploy/Dockerfile is clean"

if command -v systemd-analyze >/dev/null; then
    # The programs are not installed where the units look for them; every other complaint counts.
    complaints=$(systemd-analyze verify --man=no deploy/systemd/*.service 2>&1 |
        grep 'resizinator-' | grep -v 'is not executable: No such file' || true)
    [[ -z $complaints ]] || die "$complaints"
    # The threshold is in tenths; older versions cannot read files.
    if systemd-analyze --help | grep -q -- --offline; then
        for unit in deploy/systemd/*.service; do
            systemd-analyze security --offline=yes --threshold=20 --no-pager "$unit" >/dev/null ||
                die "$unit is exposed by more than 2.0: systemd-analyze security --offline=yes $unit says why."
        done
    fi
    echo "deploy/systemd is clean"
fi
