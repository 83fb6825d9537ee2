# Sourced by scripts/test-containers.sh: checks that have names and that can fail.
# shellcheck shell=bash

declare -A outcomes=() sentences=()
checks=()

# check NAME SENTENCE COMMAND...: runs the command apart, where the first error ends it, and remembers what came of it. A
# check may run several times, and all of its runs count.
check() {
    local name=$1 sentence=$2 log=$containers/check-$1.log
    shift 2
    [[ ${outcomes[$name]:-} ]] || checks+=("$name")
    sentences[$name]=$sentence
    # In the background, since bash does not end at errors within a condition.
    (set -e; "$@") >"$log" 2>&1 &
    if wait $!; then
        : "${outcomes[$name]:=ok}"
        say "  ok     $name: $sentence"
    else
        outcomes[$name]=WRONG
        say "  WRONG  $name: $sentence"
        tail -n 12 "$log" | sed 's/^/         /' >&2
    fi
}

# refuses COMMAND...: a forbidden action has to fail.
refuses() {
    if "$@"; then
        say "This is allowed: $*"
        return 1
    fi
}

# Whether no check was wrong; names those that were.
all_is_well() {
    local name wrong=()
    for name in "${checks[@]}"; do
        [[ ${outcomes[$name]} == ok ]] || wrong+=("$name")
    done
    say "${#checks[@]} checks, ${#wrong[@]} of them wrong${wrong[*]:+: ${wrong[*]}}"
    ((${#wrong[@]} == 0))
}
