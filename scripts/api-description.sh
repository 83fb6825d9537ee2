#!/usr/bin/env bash
# Holds the api to its description: schemathesis asks a running api everything that the description allows and forbids,
# and a TypeScript and a Python client that are generated from it upload, page and delete.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

own=$root/scripts/api-description
tools=$root/.tools/api-description
bin=$tools/python/bin
program=$(realpath "${CARGO_TARGET_DIR:-target}/debug/resizinator")
picture=$root/samples/seeding_16mp_cc0.jpg

# Into .tools/api-description, once for each version of the lists.
install() {
    mkdir -p "$tools"
    exec 9>"$tools/lock"
    flock 9
    if ! cmp -s "$own/requirements.txt" "$tools/python/.installed"; then
        say "Installing scripts/api-description/requirements.txt into .tools/api-description ..."
        python3 -m venv "$tools/python"
        "$bin/pip" install -q --disable-pip-version-check -r "$own/requirements.txt"
        cp "$own/requirements.txt" "$tools/python/.installed"
    fi
    if ! cmp -s "$own/typescript/package-lock.json" "$tools/typescript/.installed"; then
        say "Installing scripts/api-description/typescript/package.json into .tools/api-description ..."
        mkdir -p "$tools/typescript"
        cp "$own"/typescript/package{,-lock}.json "$tools/typescript/"
        npm ci --prefix "$tools/typescript" --ignore-scripts --no-audit --no-fund --loglevel=error
        cp "$own/typescript/package-lock.json" "$tools/typescript/.installed"
    fi
    exec 9>&-
}

# An api on a free port, with everything in a temporary folder.
start() {
    dir=$(mktemp -d)
    trap 'end_process api; rm -rf "$dir"' EXIT
    local name
    while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(RESIZINATOR_|(DATABASE|QUEUE|STORAGE)_URL$)')
    spawn api env RESIZINATOR_LISTEN=127.0.0.1:0 RESIZINATOR_DATA="$dir/data" RESIZINATOR_RATE_LIMITS=off "$program"
    wait_ready api 60 listens
    export RESIZINATOR_URL=http://$(listens)
    wait_ready api 60 curl -fsS --max-time 5 "$RESIZINATOR_URL/readyz"
    curl -fsS "$RESIZINATOR_URL/openapi.json" -o "$dir/openapi.json"
}

# The address that the log names, since the port was free only then.
listens() { grep -oE '127\.0\.0\.1:[1-9][0-9]*' "$dir/api.log" | head -n 1 | grep .; }

schemathesis() {
    (cd "$own" && PYTHONDONTWRITEBYTECODE=1 RESIZINATOR_PROGRAM=$program RESIZINATOR_DATA=$dir/data "$bin/schemathesis" --config-file schemathesis.toml run \
        "$RESIZINATOR_URL/openapi.json")
}

python_client() {
    "$bin/python" -B "$own/python/bodies.py" <"$dir/openapi.json" >"$dir/python.json"
    "$bin/openapi-python-client" generate --path "$dir/python.json" --output-path "$dir/resizinator_client" \
        --config "$own/python/config.yml" --meta none
    PYTHONPATH=$dir "$bin/python" -B "$own/python/walk.py" "$RESIZINATOR_URL" "$picture"
}

typescript_client() {
    local at=$tools/typescript
    cp "$own/typescript/tsconfig.json" "$own/typescript/walk.ts" "$at/"
    "$at/node_modules/.bin/openapi-typescript" "$dir/openapi.json" -o "$at/api.d.ts" >/dev/null
    "$at/node_modules/.bin/tsc" --project "$at"
    node "$at/built/walk.js" "$RESIZINATOR_URL" "$picture"
}

install
start
case ${1:-all} in
    all) typescript_client && python_client && schemathesis ;;
    *) "$1" ;;
esac
