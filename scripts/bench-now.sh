#!/usr/bin/env bash
# Measures the release build, and prints the tables of docs/performance.md: the rendering against other libraries',
# then the whole service on private services of its own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

port_base=${RESIZINATOR_BENCH_PORT_BASE:-15700}
export RESIZINATOR_SERVICES_DIR=$root/.bench
export RESIZINATOR_SERVICES_PORT_BASE=$port_base

scripts/install.sh services
# The build comes first, so that nothing else works while it measures.


trap 'scripts/services.sh clean' EXIT
# What an interrupted run left would count.
scripts/services.sh clean
scripts/services.sh start
# Nothing of the surroundings: a setting there would change what is measured.
while read -r name; do unset "$name"; done < <(compgen -e | grep '^RESIZINATOR_' | grep -v '^RESIZINATOR_SERVICES_')
# shellcheck source=/dev/null
source "$RESIZINATOR_SERVICES_DIR/env"
# Ports up to base + 8 are the services'.
export RESIZINATOR_LISTEN=127.0.0.1:$((port_base + 9)) RESIZINATOR_DATA=$RESIZINATOR_SERVICES_DIR/data
if ! "${CARGO_TARGET_DIR:-target}/release/examples/bench" samples/seeding_16mp_cc0.jpg; then
    tail -n 20 "$RESIZINATOR_DATA"/*.log >&2
    die "The measurement failed; above are the ends of the logs."
fi
