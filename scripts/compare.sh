#!/usr/bin/env bash
# scripts/compare.sh [--all] FOLDER...: renders every image in the folders and holds each variant against an
# independent decoder's rendering. RENDER names a built example `render`; without it, a debug build is made.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

(($#)) || die "Use: scripts/compare.sh [--all] FOLDER..."
"$root/scripts/python.sh"
render=${RENDER:-}
if [[ ! $render ]]; then
    (cd "$root" && cargo build -q --locked -p resizinator-worker --example render)
    render=$(realpath -m "$root/${CARGO_TARGET_DIR:-target}")/debug/examples/render
    [[ ${CARGO_TARGET_DIR:-} != /* ]] || render=$CARGO_TARGET_DIR/debug/examples/render
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"$root/.tools/python/bin/python" -B "$root/scripts/compare/compare.py" --render "$render" --out "$out" "$@"
