#!/usr/bin/env bash
# Attacks an api with bad connections of every kind, and shows that a good client does not notice.
#
#   scripts/edge.sh [full|short]     full: 1,000 connections of a kind and the default limits, some minutes, a release
#                                    build; short: fewer and shorter, only counts are judged, the build of the tests
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

form=${1:-full}
[[ $form == full || $form == short ]] || die "Use: scripts/edge.sh [full|short]"
export RESIZINATOR_SERVICES_DIR=$root/.edge
export RESIZINATOR_SERVICES_PORT_BASE=${RESIZINATOR_EDGE_PORT_BASE:-15650}

scripts/install.sh services
if [[ $form == full ]]; then
    profile=release
    # Selected as by scripts/bench.sh, so that nothing is compiled twice.
    cargo build --locked --release --bin resizinator-api --example edge
else
    profile=debug
    # With the features that the tests are built with, so that nothing is compiled twice.
    cargo build --locked --workspace --all-features --bins --example edge
fi

use_new_services
if ! "${CARGO_TARGET_DIR:-target}/$profile/examples/edge" "$form"; then
    cp "$RESIZINATOR_DATA/api.log" "$root/.edge-api.log"
    die "Promises were broken. The log of the api is $root/.edge-api.log."
fi
