#!/usr/bin/env bash
# Everything that CI runs. A failed step does not hide the others; at the end come the time of each step and, as the
# last line, the count of tests.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

export RESIZINATOR_SERVICES_DIR=$root/.services-test
export RESIZINATOR_SERVICES_PORT_BASE=${RESIZINATOR_TEST_PORT_BASE:-15500}
PATH=$root/.tools/bin:$PATH
logs=$root/.tools/logs
failed=()
durations=()
starter=

# `set -e` does not hold inside a step: a function given here returns its first failure itself.
step() {
    local name=$1 outcome=passed
    shift
    echo "=== $name"
    local begin=$SECONDS
    "$@" || {
        outcome=FAILED
        failed+=("$name")
    }
    local seconds=$((SECONDS - begin))
    echo "=== $name took $seconds s"
    durations+=("$(duration "$name" "$seconds" "$outcome")")
}

duration() { printf '%-22s %6s s  %s' "$@"; }

install_tools() {
    scripts/install.sh services || return
    command -v cargo-nextest >/dev/null && return
    say "Installing cargo-nextest into .tools (some minutes, once) ..."
    CARGO_TARGET_DIR=$root/.tools/target cargo install --locked cargo-nextest --root "$root/.tools" || return
    rm -rf "$root/.tools/target"
}

# A set that a developer keeps running is used and left running.
start_services() {
    mkdir -p "$logs"
    ! scripts/services.sh status >/dev/null || return 0
    trap 'wait "$starter" || true; scripts/services.sh clean' EXIT
    scripts/services.sh start >"$logs/services.log" 2>&1 &
    starter=$!
}

use_services() {
    if [[ $starter ]]; then
        wait "$starter" || { cat "$logs/services.log"; return 1; }
    fi
    # shellcheck source=/dev/null
    source "$RESIZINATOR_SERVICES_DIR/env" || return
    export TEST_DATABASE_URL=$DATABASE_URL TEST_QUEUE_URL=$QUEUE_URL TEST_STORAGE_URL=$STORAGE_URL
    export TEST_RABBITMQ_MANAGEMENT_URL=$RABBITMQ_MANAGEMENT_URL
    # Under their plain names a test of the defaults would find them.
    unset DATABASE_URL QUEUE_URL STORAGE_URL RABBITMQ_MANAGEMENT_URL RESIZINATOR_SECRET
}

documentation() { RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --locked; }

# Through a file, since the summary is wanted once more at the end; colours would hide its words.
tests() {
    cargo nextest run --workspace --all-features --locked --no-fail-fast --color never 2>&1 | tee "$logs/nextest.log"
}

# On files made for it and on the samples; never against our own output.
variants() {
    local made=$root/.tools/images
    scripts/python.sh || return
    rm -rf "$made"
    "$root/.tools/python/bin/python" -B scripts/compare/make_images.py "$made" || return
    scripts/compare.sh "$made" samples
}

scripts_parse() {
    local file
    for file in .ci/run scripts/*.sh scripts/*/*.sh; do
        bash -n "$file" || return
    done
}

# "Summary [ 1.2s] 10 tests run: 8 passed (1 slow), 2 failed, 1 timed out, 3 skipped", as one plain line.
counts() {
    local summary
    summary=$(grep -E '^ *Summary \[' "$logs/nextest.log" 2>/dev/null | tail -n 1 || true)
    number() { grep -oE "[0-9]+ $1" <<<"$summary" | grep -oE '^[0-9]+' || echo 0; }
    echo "$summary"
    echo "$(number passed) passed, $(($(number failed) + $(number 'timed out') + $(number 'exec failed'))) failed, $(number skipped) skipped"
}

step tools install_tools
rm -f "$logs/nextest.log"
start_services
step format cargo fmt --all --check
step clippy cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
step documentation documentation
# With the tests' features, so that nothing is compiled twice.
step build cargo build --workspace --all-features --bins --example chaos --example edge --locked
step services use_services
step tests tests
step 'documentation tests' cargo test --doc --workspace --locked
step variants variants
step chaos scripts/chaos.sh 180
step edge scripts/edge.sh short
step alerts scripts/check-prometheus.sh
step demo scripts/check-demo.sh
step 'api description' scripts/api-description.sh
step console scripts/console.sh stories
step 'form of the console' scripts/console.sh format
step 'debug information' scripts/check-debug.sh
step dependencies scripts/deny.sh
step scripts scripts_parse
step deployment scripts/check-deploy.sh

echo '=== Time of each step'
printf '%s\n' "${durations[@]}" "$(duration 'all together' "$SECONDS" '')"
if ((${#failed[@]})); then
    echo "Failed: $(printf '%s; ' "${failed[@]}")"
fi
counts
((${#failed[@]} == 0))
