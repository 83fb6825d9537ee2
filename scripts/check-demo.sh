#!/usr/bin/env bash
# Shows that `make demo` compiles nothing after `make run`, beside the running program and after it has ended.
# Instead of cargo both call a script that notes the call and puts the debug build where `make run` looks for its own.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

program=$(realpath "${CARGO_TARGET_DIR:-target}/debug/resizinator")
dir=$(mktemp -d)
trap 'end_process run; rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/quick"
cat >"$dir/bin/cargo" <<SCRIPT
#!/bin/sh
echo "cargo \$*" >>"$dir/calls"
ln -sf "$program" "$dir/quick/resizinator"
SCRIPT
chmod +x "$dir/bin/cargo"
: >"$dir/calls"
export PATH=$dir/bin:$PATH CARGO_TARGET_DIR=$dir
export RESIZINATOR_LISTEN=127.0.0.1:$((${RESIZINATOR_TEST_PORT_BASE:-15500} + 20))

calls() { grep -c . "$dir/calls" || true; }
is_ready() { curl -fsS --max-time 5 "http://$RESIZINATOR_LISTEN/readyz"; }

spawn run env -u DATABASE_URL -u QUEUE_URL -u STORAGE_URL RESIZINATOR_DATA="$dir/data" scripts/run.sh
wait_ready run 60 is_ready
[[ $(calls) == 1 ]] || die "make run calls cargo $(calls) times, and once is right."
scripts/demo.sh
end_process run
scripts/demo.sh
[[ $(calls) == 1 ]] || die "make demo calls cargo after make run: $(tail -n +2 "$dir/calls")"
echo "make demo compiles nothing after make run"
