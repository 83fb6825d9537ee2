#!/usr/bin/env bash
# Measures another commit and this one in turns, and prints what became of each figure: the medians of both, and their
# ratio. Each commit is built with its own bench, since the tables of the database differ.
#
#   scripts/bench/against.sh <commit> [rounds, 2]
#
# A round takes about ten minutes. RESIZINATOR_BENCH_SIZE is short unless it is set.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../lib.sh"
cd "$root"

commit=${1:?Which commit is measured against this one?}
rounds=${2:-2}
export RESIZINATOR_BENCH_SIZE=${RESIZINATOR_BENCH_SIZE:-short}
folder=$root/target/against
mkdir -p "$folder"
git worktree prune
[[ -d $folder/before ]] || git worktree add --detach "$folder/before" "$commit"
git -C "$folder/before" checkout --quiet --detach "$commit"

measure() {
    # The first run of each builds it.
    (cd "$2" && env -u CARGO_TARGET_DIR scripts/bench.sh service) >"$folder/$1.$3.md"
}

for ((round = 1; round <= rounds; round++)); do
    measure before "$folder/before" "$round"
    measure after "$root" "$round"
done
python3 scripts/bench/against.py "$folder" "$rounds"
