#!/usr/bin/env bash
# Checks the dependencies' licences, bans and sources, and their advisories where the database can be had.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

PATH=$root/.tools/bin:$PATH
if ! command -v cargo-deny >/dev/null; then
    say "Installing cargo-deny into .tools (some minutes, once) ..."
    CARGO_TARGET_DIR=$root/.tools/target cargo install --locked cargo-deny --root "$root/.tools"
    rm -rf "$root/.tools/target"
fi

cargo deny --locked check licenses bans sources

if timeout 90 cargo deny --locked fetch db >/dev/null 2>&1; then
    cargo deny --locked check --disable-fetch advisories
else
    # The last thing that is printed, so that nobody overlooks it.
    cat >&2 <<'WARNING'

********************************************************************************
*  WARNING: the advisories were NOT checked. Their database cannot be fetched  *
*  from here, so that a dependency with a known hole would go unnoticed.       *
********************************************************************************
WARNING
    if [[ -n ${CI_STRICT:-} ]]; then
        exit 1
    fi
fi
