#!/usr/bin/env bash
# scripts/release.sh FOLDER: builds the three programs as they are shipped into FOLDER, with their debug information
# apart in FOLDER/debug: deploy/README.md says how a crash is traced with it.
set -euo pipefail
cd "$(dirname "$0")/.."

(($# == 1)) || { echo "Use: scripts/release.sh FOLDER" >&2; exit 1; }
cargo build --release --locked --bins
for name in resizinator resizinator-api resizinator-worker; do
    scripts/split-debug.sh "${CARGO_TARGET_DIR:-target}/release/$name" "$1"
done
