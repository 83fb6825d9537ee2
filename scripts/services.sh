#!/usr/bin/env bash
# A private PostgreSQL, RabbitMQ and S3 (SeaweedFS) for development and tests, without containers.
#
#   scripts/services.sh start|stop|status [postgres|rabbitmq|s3]
#   scripts/services.sh env        prints what to `eval` or `source`
#   scripts/services.sh rabbitmqctl ARGUMENTS
#   scripts/services.sh clean      stops and removes all their data
#
# RESIZINATOR_SERVICES_DIR (.services) and RESIZINATOR_SERVICES_PORT_BASE (15400) keep two sets apart.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=scripts/lib.sh
source "$here/lib.sh"
for part in ports postgres rabbitmq s3; do
    # shellcheck source=/dev/null
    source "$here/services/$part.sh"
done

all=(postgres rabbitmq s3)

any_running() {
    local name
    for name in "${all[@]}"; do
        ! is_running "$name" || return 0
    done
    return 1
}

# Each in a process of its own: they start side by side, and `set -e` holds inside each.
start() {
    local name pids=() failed=0
    for name in "$@"; do
        "$here/services.sh" start-one "$name" 9>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || failed=1
    done
    return "$failed"
}

stop() {
    local name
    for name in "$@"; do
        "stop_$name" &
    done
    wait
}

status() {
    local name failed=0
    for name in "$@"; do
        if is_running "$name"; then
            echo "$name runs (pid $(pid_of "$name"))"
        else
            echo "$name is stopped"
            failed=1
        fi
    done
    return "$failed"
}

clean() {
    stop "${all[@]}"
    [[ -d $dir ]] || return 0
    # Only a folder that these scripts made: it may have been named by a variable.
    [[ -f $dir/port-base ]] || die "$dir does not look like a folder of services; nothing is removed."
    local data
    data=$(cat "$dir/postgres.dir" 2>/dev/null || true)
    if [[ $data == /var/tmp/resizinator-postgres.* ]]; then rm -rf "$data"; fi
    rm -rf "$dir"
}

# Two starts or a start and a stop at once would tread on each other's pid files.
lock() {
    mkdir -p "$dir"
    exec 9>"$dir/lock"
    flock 9
}

command=${1:-}
shift || true
if [[ $command == rabbitmqctl ]]; then
    choose_ports
    rabbitmq_environment "$dir/rabbitmq"
    exec "${rabbitmq_server%/*}/rabbitmqctl" "$@"
fi
names=("${@:-${all[@]}}")
for name in "${names[@]}"; do
    [[ " ${all[*]} " == *" $name "* ]] || die "There is no service '$name': postgres, rabbitmq or s3."
done

case $command in
    start)
        lock
        choose_ports
        start "${names[@]}" || die "Not all services started."
        ;;
    start-one)
        choose_ports
        "start_${names[0]}"
        ;;
    stop)
        [[ -d $dir ]] || exit 0
        lock
        stop "${names[@]}"
        ;;
    status) status "${names[@]}" ;;
    env)
        [[ -f $dir/env ]] || die "Nothing has been started in $dir: run scripts/services.sh start."
        cat "$dir/env"
        ;;
    clean) clean ;;
    *) die "Use: scripts/services.sh start|stop|status|env|clean|rabbitmqctl [postgres|rabbitmq|s3]" ;;
esac
