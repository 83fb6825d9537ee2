#!/usr/bin/env bash
# Stories of the console in a real browser (Chromium, without a window), each with an api of its own.
#   scripts/console.sh [stories] [ARGUMENT of node --test, or FILE of a story]...
#   scripts/console.sh screenshots
#   scripts/console.sh format [--write]: looks at the form of all modules, or brings them into it
#   scripts/console.sh bench [IMAGES]: what it costs; scripts/bench.sh does this with a release build
# It uses target/debug/resizinator as it is, or RESIZINATOR_PROGRAM: build that first.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

own=$root/scripts/console
tools=$root/.tools/console
RESIZINATOR_PROGRAM=$(realpath "${RESIZINATOR_PROGRAM:-${CARGO_TARGET_DIR:-target}/debug/resizinator}")
RESIZINATOR_CHROMIUM=$(command -v chromium) || die "Chromium is missing: run scripts/install.sh services."
export RESIZINATOR_PROGRAM RESIZINATOR_CHROMIUM

node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || die "This needs Node.js 20 or newer."

# Into .tools/console, once for each version of the list.
install() {
    mkdir -p "$tools"
    exec 9>"$tools/lock"
    flock 9
    if ! cmp -s "$own/package-lock.json" "$tools/.installed"; then
        say "Installing scripts/console/package.json into .tools/console ..."
        cp "$own"/package{,-lock}.json "$tools/"
        (cd "$tools" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
        cp "$own/package-lock.json" "$tools/.installed"
    fi
    exec 9>&-
}

# The largest files take the longest and begin first, so that no single one is left at the end.
stories() {
    local arguments=() files=() argument
    for argument; do
        if [[ -f $argument ]]; then files+=("$argument"); else arguments+=("$argument"); fi
    done
    ((${#files[@]})) || mapfile -t files < <(ls -S "$own"/stories/*.mjs)
    node --test --test-concurrency=2 --test-reporter=spec "${arguments[@]}" "${files[@]}"
}

screenshots() {
    scripts/python.sh
    mkdir -p docs/images
    node "$own/screenshots.mjs" docs/images
}

format() {
    "$tools/node_modules/.bin/prettier" --config "$own/.prettierrc.json" "${1:---check}" \
        api/console/*.js api/console/styles/*.css "$own"/*.mjs "$own"/*/*.mjs
}

bench() { node "$own/bench.mjs" "$@"; }

install
(($#)) || set -- stories
"$@"
