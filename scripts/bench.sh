#!/usr/bin/env bash
# Measures the release build, and prints the tables of docs/performance.md: the rendering against other libraries',
# then the whole service with the folder store and with S3, on private services of its own, and the console in a browser.
#
#   scripts/bench.sh [render] [service] [console]     all if none is named
#
# RESIZINATOR_BENCH_SIZE is full (the default), short (about five minutes after the build) or smoke (to see that it
# works). RESIZINATOR_BENCH_PORT_BASE is the first of twelve ports.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

size=${RESIZINATOR_BENCH_SIZE:-full}
port_base=${RESIZINATOR_BENCH_PORT_BASE:-15700}
target=${CARGO_TARGET_DIR:-target}
export RESIZINATOR_SERVICES_DIR=$root/.bench
export RESIZINATOR_SERVICES_PORT_BASE=$port_base

parts=("${@:-render service console}")
for part in ${parts[*]}; do
    [[ $part == render || $part == service || $part == console ]] || die "There is no part '$part': render, service or console."
done

measure_rendering() {
    # Few rounds of few photographs, unless there is time for all of them.
    local arguments=()
    case $size in
        short) arguments=(--rounds 3 dragonfly_12mp.jpg dragonfly_12mp_progressive.jpg dragonfly_528px.jpg seeding_16mp_cc0.jpg) ;;
        smoke) arguments=(--rounds 1 seeding_16mp_cc0.jpg) ;;
    esac
    RENDER=$(realpath "$target/release/examples/render") scripts/bench/render.sh "${arguments[@]}"
    # What it costs that renderers keep to one user.
    "$target/release/examples/render" --users 20 samples/seeding_16mp_cc0.jpg
}

measure_service() {
    scripts/install.sh services
    trap 'scripts/services.sh clean' EXIT
    # What an interrupted run left would count.
    scripts/services.sh clean
    # S3 is started when its turn comes.
    scripts/services.sh start postgres rabbitmq
    # Nothing of the surroundings: a setting there would change what is measured.
    while read -r name; do unset "$name"; done < <(compgen -e | grep '^RESIZINATOR_' | grep -v '^RESIZINATOR_SERVICES_')
    # shellcheck source=/dev/null
    source "$RESIZINATOR_SERVICES_DIR/env"
    # Ports up to base + 8 are the services'.
    export RESIZINATOR_LISTEN=127.0.0.1:$((port_base + 9)) RESIZINATOR_DATA=$RESIZINATOR_SERVICES_DIR/data
    if ! "$target/release/examples/bench" --size "$size" samples/seeding_16mp_cc0.jpg; then
        tail -n 20 "$RESIZINATOR_DATA"/*/*.log >&2
        die "The measurement failed; above are the ends of the logs."
    fi
    python3 scripts/bench/quota.py
    python3 scripts/bench/keys.py
    python3 scripts/bench/gallery.py
    python3 scripts/bench/events.py
    python3 scripts/bench/turns.py
}

measure_console() {
    scripts/install.sh services
    RESIZINATOR_PROGRAM=$target/release/resizinator scripts/console.sh bench
}

# The build comes first, so that nothing else works while it measures.
cargo build --release --locked --bin resizinator --bin resizinator-api --bin resizinator-worker --example bench --example render
for part in ${parts[*]}; do
    case $part in
        render) measure_rendering ;;
        service) measure_service ;;
        console) measure_console ;;
    esac
done
