#!/usr/bin/env bash
# Ends what `make services` and `make run-services` started, by its recorded pids only.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

[[ -d $dir ]] || exit 0
end_process api &
end_process worker TERM 40 &
wait
"$root/scripts/services.sh" stop
