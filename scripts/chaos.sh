#!/usr/bin/env bash
# Breaks private services and our own processes under load, and shows that no upload and no event was lost.
#
#   scripts/chaos.sh [SECONDS]     how long things are broken (90); looking at every image comes after that
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

seconds=${1:-90}
[[ $seconds =~ ^[0-9]+$ ]] || die "Use: scripts/chaos.sh [SECONDS]"
export RESIZINATOR_SERVICES_DIR=$root/.chaos
export RESIZINATOR_SERVICES_PORT_BASE=${RESIZINATOR_CHAOS_PORT_BASE:-15600}

scripts/install.sh services
# With the features that the tests are built with, so that nothing is compiled twice.
cargo build --locked --workspace --all-features --bins --example chaos

use_new_services
if ! "${CARGO_TARGET_DIR:-target}/debug/examples/chaos" "$seconds"; then
    keep=$root/.chaos-logs
    rm -rf "$keep"
    mkdir "$keep"
    cp "$RESIZINATOR_DATA"/*.log "$RESIZINATOR_SERVICES_DIR"/*.log "$keep"
    die "Promises were broken. The logs are in $keep."
fi
