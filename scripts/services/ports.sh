# Sourced by services.sh: the ports of one set and the file that tells them to everybody else.
# shellcheck shell=bash disable=SC2034,SC2154

use_ports() {
    postgres_port=$1
    amqp_port=$(($1 + 1))
    management_port=$(($1 + 2))
    rabbit_dist_port=$(($1 + 3))
    epmd_port=$(($1 + 4))
    s3_port=$(($1 + 5))
    s3_master_port=$(($1 + 6))
    s3_volume_port=$(($1 + 7))
    s3_filer_port=$(($1 + 8))
}

# SeaweedFS adds 10000 to its ports for gRPC, and from 32768 on the system hands ports to clients.
check_port_base() {
    [[ $1 =~ ^[0-9]+$ ]] && (($1 >= 1024 && $1 <= 22700)) ||
        die "RESIZINATOR_SERVICES_PORT_BASE is '$1': it must be a number from 1024 to 22700."
}

choose_ports() {
    local recorded asked
    recorded=$(cat "$dir/port-base" 2>/dev/null || true)
    asked=${RESIZINATOR_SERVICES_PORT_BASE:-${recorded:-15400}}
    check_port_base "$asked"
    if [[ $recorded && $recorded != "$asked" ]] && any_running; then
        die "The services in $dir run on port base $recorded: stop them before asking for $asked."
    fi
    use_ports "$asked"
    if [[ $recorded != "$asked" || ! -f $dir/env ]]; then
        write_env
        echo "$asked" >"$dir/port-base"
    fi
}

write_env() {
    [[ -s $dir/secret ]] || (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$dir/secret")
    (
        umask 077
        cat >"$dir/env" <<END
export DATABASE_URL='postgres://resizinator:resizinator@127.0.0.1:$postgres_port/resizinator'
export QUEUE_URL='amqp://resizinator:resizinator@127.0.0.1:$amqp_port'
export STORAGE_URL='s3://resizinator?region=us-east-1&endpoint=http://127.0.0.1:$s3_port'
export AWS_ACCESS_KEY_ID='resizinator'
export AWS_SECRET_ACCESS_KEY='resizinator-secret'
export RABBITMQ_MANAGEMENT_URL='http://resizinator:resizinator@127.0.0.1:$management_port'
export RESIZINATOR_SECRET='$(cat "$dir/secret")'
END
    )
}

# Another server on the port would answer in place of ours, and the tests would blame the code.
require_free() {
    local port
    for port in "$@"; do
        ! answers "$port" || { say "Port $port is taken: set RESIZINATOR_SERVICES_PORT_BASE to another base."; return 1; }
    done
}
