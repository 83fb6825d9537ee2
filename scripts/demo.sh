#!/usr/bin/env bash
# Uploads the samples and shows their variants, on a running Resizinator or on one of its own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

bin=${CARGO_TARGET_DIR:-target}/release
listen=${RESIZINATOR_LISTEN:-127.0.0.1:8000}

get() { curl -fsS --max-time 5 "http://$listen$1"; }

free_port() {
    local port
    for port in {18000..18099}; do
        answers "$port" || { echo "$port"; return; }
    done
    die "No port from 18000 to 18099 is free for the demo."
}

start_own() {
    dir=$(mktemp -d)
    trap 'end_process resizinator; rm -rf "$dir"' EXIT
    listen=127.0.0.1:$(free_port)
    # Only the embedded default: a DATABASE_URL of the surroundings may lead to real data.
    spawn resizinator env -u DATABASE_URL -u QUEUE_URL -u STORAGE_URL -u RESIZINATOR_PUBLIC_URL \
        RESIZINATOR_LISTEN="$listen" RESIZINATOR_DATA="$dir/data" "$bin/resizinator"
    wait_ready resizinator 60 get /readyz
}

scripts/install.sh
# All builds come first, so that nothing waits or runs meanwhile.
cargo build --release --locked -p resizinator --bins --example demo
get /healthz >/dev/null 2>&1 || start_own
cargo run --release --locked -q -p resizinator --example demo -- "http://$listen" samples/*.jpg
