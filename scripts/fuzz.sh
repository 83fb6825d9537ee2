#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS] [TARGET...]: runs each fuzz target of formats/fuzz and worker/fuzz for a minute, from small
# files that are made for it. What it finds lies in fuzz/artifacts of the crate; the corpus grows in fuzz/corpus.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

seconds=${1:-60}
shift || true
seeds=$root/.tools/seeds
PATH=$root/.tools/bin:$PATH

command -v c++ >/dev/null || die "libFuzzer needs a C++ compiler: install g++."
if ! command -v cargo-fuzz >/dev/null; then
    say "Installing cargo-fuzz into .tools (a minute, once) ..."
    CARGO_TARGET_DIR=$root/.tools/target cargo install --locked cargo-fuzz --root "$root/.tools"
    rm -rf "$root/.tools/target"
fi
"$root/scripts/python.sh"
rm -rf "$seeds"
"$root/.tools/python/bin/python" -B "$root/scripts/compare/make_images.py" --seeds "$seeds"

# Not the workspace's, whose crates are built without instrumentation.
unset CARGO_TARGET_DIR
wanted=("$@")
is_wanted() {
    ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" $1 "* ]]
}

run=0
failed=()
for crate in formats worker; do
    # The versions that are shipped; cargo adds the fuzzer to them.
    cp "$root/Cargo.lock" "$root/$crate/fuzz/Cargo.lock"
    cd "$root/$crate"
    mapfile -t targets < <(cargo fuzz list)
    for target in "${targets[@]}"; do
        is_wanted "$target" || continue
        run=$((run + 1))
        echo "=== $crate: $target"
        mkdir -p "fuzz/corpus/$target"
        # The sanitizers need a nightly compiler; the coverage that guides the fuzzer does not.
        cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "$seeds" -- \
            -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 ||
            failed+=("$crate/fuzz/artifacts/$target")
    done
done
((run > 0)) || die "There is no target of this name: ${wanted[*]}."
((${#failed[@]} == 0)) || die "Found something. The inputs lie in: ${failed[*]}."
