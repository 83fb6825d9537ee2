# Sourced by the other scripts: sentences, waiting, and processes that are ended by pid.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${RESIZINATOR_SERVICES_DIR:-$root/.services}
[[ $dir == /* ]] || dir=$PWD/$dir
venv=$root/.tools/venv
# Where the programs of `make run`, `make run-services` and `make demo` are.
quick=${CARGO_TARGET_DIR:-target}/quick

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$@"
    exit 1
}

# The same for `make run` and `make demo`, so that the second finds what the first has built.
build_one_process() {
    "$root/scripts/install.sh"
    (cd "$root" && cargo build --profile quick --locked -p resizinator)
}

# wait_until SECONDS COMMAND...
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Pids are reused; a pid with its start time is not.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# is_running NAME: the process in NAME.pid (pid, then start time) is still the one that was started.
is_running() {
    local pid='' start=''
    [[ -f $dir/$1.pid ]] || return 1
    { read -r pid && read -r start; } <"$dir/$1.pid" || return 1
    [[ $pid && $start && $(started_at "$pid") == "$start" && $(process_state "$pid") != Z ]]
}

process_state() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1; }

pid_of() { head -n 1 "$dir/$1.pid"; }

# spawn NAME COMMAND...: in a session of its own, so that Ctrl-C in the terminal does not end it.
spawn() {
    local name=$1 pid
    shift
    setsid "$@" </dev/null >"$dir/$name.log" 2>&1 9>&- &
    pid=$!
    printf '%s\n%s\n' "$pid" "$(started_at "$pid")" >"$dir/$name.pid"
}

# end_process NAME [SIGNAL [SECONDS]]: kills what does not end in time.
end_process() {
    local name=$1 signal=${2:-TERM} seconds=${3:-30} pid
    if is_running "$name"; then
        pid=$(pid_of "$name")
        kill -s "$signal" "$pid"
        if ! wait_until "$seconds" gone "$name"; then
            say "$name did not end within $seconds s; killing it."
            kill -s KILL "$pid" 2>/dev/null || true
            wait_until 10 gone "$name" || die "$name (pid $pid) cannot be ended."
        fi
    fi
    rm -f "$dir/$name.pid"
}

gone() { ! is_running "$1"; }

# fail_with_log NAME SENTENCE
fail_with_log() {
    say "$2 The end of $dir/$1.log:"
    tail -n 20 "$dir/$1.log" >&2 || true
    return 1
}

# ready_or_gone NAME COMMAND...: for wait_until, so that a process that died is not waited for.
ready_or_gone() {
    local name=$1
    shift
    "$@" || gone "$name"
}

# wait_ready NAME SECONDS COMMAND...
wait_ready() {
    local name=$1 seconds=$2
    shift 2
    if ! wait_until "$seconds" ready_or_gone "$name" "$@"; then
        end_process "$name" KILL
        fail_with_log "$name" "$name was not ready after $seconds s."
    elif gone "$name"; then
        rm -f "$dir/$name.pid"
        fail_with_log "$name" "$name ended while starting."
    fi
}

# Starts private services without any data for the rest of the script, and exports what our programs need to use them.
# RESIZINATOR_SERVICES_DIR and RESIZINATOR_SERVICES_PORT_BASE say where they are; no other setting of the caller counts.
use_new_services() {
    local name
    trap 'scripts/services.sh clean' EXIT
    # What an interrupted run left would count.
    scripts/services.sh clean
    scripts/services.sh start
    while read -r name; do unset "$name"; done < <(compgen -e | grep '^RESIZINATOR_' | grep -v '^RESIZINATOR_SERVICES_')
    # shellcheck source=/dev/null
    source "$RESIZINATOR_SERVICES_DIR/env"
    export RESIZINATOR_DATA=$RESIZINATOR_SERVICES_DIR/data
    mkdir -p "$RESIZINATOR_DATA"
}
