# Sourced by scripts/test-containers.sh: the units of deploy/systemd on a host with Debian's systemd, which is a container
# beside the stack and uses its PostgreSQL, RabbitMQ and object store.
# shellcheck shell=bash

host=resizinator-host
units=(resizinator-api resizinator-worker)

# What /etc/resizinator has: unit_environment PROGRAM, with the name of the program's secrets
unit_environment() {
    local name=$1 broker=RABBITMQ_${1^^}_PASSWORD store=S3_${1^^}_SECRET
    cat <<SETTINGS
DATABASE_URL=postgres://resizinator:$(value POSTGRES_APP_PASSWORD)@postgres/resizinator
QUEUE_URL=amqp://resizinator-$name:$(value "$broker")@rabbitmq:5672/resizinator
STORAGE_URL=s3://resizinator?region=us-east-1&endpoint=http://s3:8333&public_endpoint=http://127.0.0.1:$s3_port
AWS_ACCESS_KEY_ID=resizinator-$name
AWS_SECRET_ACCESS_KEY=$(value "$store")
SETTINGS
    # The workers do without it.
    [[ $name != api ]] || printf 'RESIZINATOR_SECRET=%s\nRESIZINATOR_RATE_LIMITS=off\n' "$(value RESIZINATOR_SECRET)"
}

start_host() {
    local folder=$containers/host program mounts=()
    rm -rf "$folder"
    mkdir -p "$folder"
    for program in api worker; do
        unit_environment "$program" >"$folder/$program.env"
        mounts+=(-v "$root/dist/resizinator-$program:/usr/local/bin/resizinator-$program:ro")
        mounts+=(-v "$root/deploy/systemd/resizinator-$program.service:/etc/systemd/system/resizinator-$program.service:ro")
    done
    chmod 600 "$folder"/*.env
    "$docker" run --detach --name "$host" --hostname "$host" --network resizinator_api -e container=docker \
        --cap-add SYS_ADMIN --cap-add SYS_PTRACE --cap-add NET_ADMIN \
        --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cgroupns private \
        --tmpfs /run --tmpfs /run/lock --tmpfs /tmp -v "$folder:/etc/resizinator:ro" "${mounts[@]}" resizinator-test/systemd
    wait_until 30 on_host systemctl is-system-running
    on_host systemctl start "${units[@]}"
}

on_host() { "$docker" exec "$host" "$@"; }

units_are_healthy() {
    on_host resizinator-api --health && on_host env RESIZINATOR_METRICS_LISTEN=127.0.0.1:8002 resizinator-worker --health
}

units_start() {
    start_host || { on_host systemctl --no-pager status "${units[@]}"; return 1; }
    wait_until 60 units_are_healthy || { on_host journalctl --no-pager -n 40; return 1; }
}

# The workers of the stack are stopped meanwhile, so that the unit has to render.
units_render() {
    local id
    id=$(at "$host" curl -fsS --max-time 30 -H "Authorization: Token $token" -F "original=@$picture" http://127.0.0.1:8000/image/ |
        sed 's/^{"id":\([0-9]*\).*/\1/')
    at "$host" curl -fsS --max-time 60 -H "Authorization: Token $token" "http://127.0.0.1:8000/image/$id/?wait=30" |
        grep '"small":"http' >/dev/null
}

units_come_back() {
    local unit
    for unit in "${units[@]}"; do
        on_host systemctl kill --signal=KILL "$unit"
    done
    wait_until 60 units_are_healthy
}

units_are_confined() {
    local unit
    for unit in "${units[@]}"; do
        # The threshold is in tenths.
        on_host systemd-analyze security --no-pager --threshold=20 "$unit" >"$containers/security-$unit"
        sed -n 's/.*level for \(.*\): \([0-9.]*\) .*/\1 \2/p' "$containers/security-$unit"
    done
}

units_end_in_order() {
    local from unit
    from=$(now)
    on_host systemctl stop "${units[@]}"
    for unit in "${units[@]}"; do
        [[ $(on_host systemctl show --property Result --value "$unit") == success ]]
    done
    awk -v took="$(since "$from")" 'BEGIN { exit !(took < 35) }'
}

try_units() {
    compose stop worker >>"$containers/compose.log" 2>&1
    check systemd-start "the units start under Debian's systemd and are healthy" units_start
    check systemd-render "an image that is uploaded to the unit of the api is rendered by that of the worker" units_render
    check systemd-security "systemd-analyze rates the exposure of both units at 2.0 at most" units_are_confined
    check systemd-restart "units that are killed come back" units_come_back
    check systemd-stop "the units end in order, within their time" units_end_in_order
    uploaded=$((uploaded + 1))
    "$docker" rm --force "$host" >/dev/null 2>&1 || true
    compose start worker >>"$containers/compose.log" 2>&1
}
