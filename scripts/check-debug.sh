#!/usr/bin/env bash
# Shows that a shipped program carries neither symbols nor debug information, and that a crash of it still leads to a
# line of code. Takes the debug build, which is there; a release is split by the same script.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
scripts/split-debug.sh "${CARGO_TARGET_DIR:-target}/debug/resizinator" "$out"
sections=$(readelf -SW "$out/resizinator")
[[ ! $sections =~ \.(debug_info|debug_line|symtab) ]] || die "The program has ${BASH_REMATCH[0]}."

# What cannot be printed is a panic, so a full disk is a crash on purpose.
crash() {
    RUST_BACKTRACE=1 RESIZINATOR_DATA=$(mktemp -d -p "$out") \
        env -u DATABASE_URL -u STORAGE_URL "$out/resizinator" migrate 2>&1 >/dev/full || true
}
place='standalone/src/commands/migrate.rs:[0-9]+'
trace=$(crash)
[[ $trace =~ panicked\ at ]] || die "The program does not panic: $trace"
[[ ! $trace =~ $place ]] || die "The program knows its lines without its debug file: $trace"
# Where the program looks for it.
mv "$out/debug" "$out/.debug"
trace=$(crash)
[[ $trace =~ $place ]] || die "The backtrace has no line of ours: $trace"
echo "The crash leads to ${BASH_REMATCH[0]}"
