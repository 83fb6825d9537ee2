# Sourced by scripts/test-containers.sh: the stack of docker-compose.yml, on ports of its own.
# shellcheck shell=bash

api_port=17000 s3_port=17001 broker_port=17002
api=http://127.0.0.1:$api_port
# The services that go on, which are healthy or not; the others run once.
running=(api worker postgres rabbitmq s3)

compose() {
    "$venv/bin/docker-compose" --progress plain --env-file "$containers/env" -f "$root/docker-compose.yml" ${override:+-f "$override"} "$@"
}

write_environment() {
    cp "$root/deploy/example.env" "$containers/env"
    # As example.env tells it.
    while grep -q "^[A-Z].*='replaceme" "$containers/env"; do
        sed -i "0,/'replaceme[0-9]*'/s//'$(openssl rand -hex 32)'/" "$containers/env"
    done
    cat >>"$containers/env" <<SETTINGS
RESIZINATOR_BINARIES=ready
RESIZINATOR_BIND=127.0.0.1:$api_port
S3_BIND=127.0.0.1:$s3_port
S3_PUBLIC_ENDPOINT=http://127.0.0.1:$s3_port
RABBITMQ_MANAGEMENT_BIND=127.0.0.1:$broker_port
RESIZINATOR_RATE_LIMITS=off
S3_VOLUME_MB=128
SETTINGS
}

# The value of a variable of the environment: value NAME
value() { sed -n "s/^$1='\{0,1\}\([^']*\)'\{0,1\}$/\1/p" "$containers/env"; }

# The ids of the containers of a service, also of those that have ended.
containers_of() { compose ps --all --quiet "$1"; }
# All of the output is read here and below: whoever writes into a closed pipe would fail.
container_of() { containers_of "$1" | sed -n 1p; }

inspect() { "$docker" inspect --format "$1" "${@:2}"; }

state_of() { inspect '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$@"; }

is_healthy() {
    local ids
    ids=$(containers_of "$1")
    # shellcheck disable=SC2086 # one word for each container
    [[ $ids ]] && ! state_of $ids | grep -vx healthy >/dev/null
}

all_healthy() {
    local service
    for service in "${running[@]}"; do
        is_healthy "$service" || return 1
    done
}

# The one-shot containers have ended with 0.
one_shots_are_done() {
    local service
    for service in migrate bucket s3-lock; do
        [[ $(inspect '{{.State.Status}} {{.State.ExitCode}}' "$(container_of "$service")") == "exited 0" ]] || return 1
    done
}

now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.1f", to - from }'; }

# Starts it all with so many workers, and sets `took` to the seconds until everything was healthy.
up() {
    local from
    from=$(now)
    compose up -d --no-build --scale "worker=$1" >>"$containers/compose.log" 2>&1 || {
        tail -n 20 "$containers/compose.log" >&2
        show_unhealthy
        die "docker compose up failed."
    }
    wait_until 120 all_healthy || { show_unhealthy; die "Not everything is healthy after two minutes."; }
    took=$(since "$from")
}

show_unhealthy() {
    local id
    for id in $("$docker" ps --all --quiet); do
        case $(state_of "$id") in
            healthy) ;;
            *)
                say "--- $(inspect '{{.Name}} {{.State.Status}} {{.State.ExitCode}}' "$id")"
                inspect '{{if .State.Health}}{{range .State.Health.Log}}{{.Output}}{{end}}{{end}}' "$id" | tail -n 3 >&2
                "$docker" logs --tail 15 "$id" >&2
                ;;
        esac
    done
}

# Runs a command of the host where the container is in the network: at CONTAINER COMMAND...
at() {
    local id=$1
    shift
    nsenter --net="/proc/$(inspect '{{.State.Pid}}' "$id")/ns/net" -- "$@"
}

# The address of a service in a network of ours: address SERVICE NETWORK
address() {
    inspect "{{(index .NetworkSettings.Networks \"resizinator_$2\").IPAddress}}" "$(container_of "$1")"
}
