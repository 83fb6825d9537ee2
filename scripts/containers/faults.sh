# Sourced by scripts/test-containers.sh: faults that runs in containers have shown, F1 to F12, each of them mended once and
# looked for ever since. F2, F3, F7 and F12 are looked for where the stack is restarted, ended and started.
# shellcheck shell=bash

# F1: filer, master and volume server ask nobody for a password.
f1_only_the_gateway_is_open() {
    local worker store port
    worker=$(container_of worker)
    store=$(address s3 worker)
    at "$worker" bash -c "</dev/tcp/$store/8333"
    for port in 8080 8888 9333 18080 18888 19333; do
        refuses at "$worker" timeout 5 bash -c "</dev/tcp/$store/$port"
    done
}

# F1: the gRPC port of the gateway takes new users from anybody who can speak to it. To an empty call it would answer
# that the identity is missing.
f1_the_gateway_takes_no_users() {
    local worker url scheme said
    worker=$(container_of worker)
    printf '\0\0\0\0\0' >"$containers/call"
    for scheme in http https; do
        url=$scheme://$(address s3 worker):18333/messaging_pb.SeaweedS3IamCache/PutIdentity
        said=$(at "$worker" curl -skv --max-time 5 --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' \
            --data-binary "@$containers/call" "$url" 2>&1 || true)
        refuses grep -qi 'grpc-status\|HTTP/2 200' <<<"$said"
    done
}

# F2: a restart of the object store costs its time to stop, 20 s at most, and a few seconds to start.
f2_the_store_is_back_soon() {
    local from
    from=$(now)
    compose restart s3
    wait_until 60 curl -fsS -o /dev/null "$api/readyz"
    since "$from" >"$containers/s3-restart"
    awk '{ exit !($1 <= 30) }' "$containers/s3-restart"
}

anonymous_volumes() { "$docker" volume ls --quiet | grep -cE '^[0-9a-f]{64}$' || true; }

# F4: what PostgreSQL says about a wrong password.
f4_a_wrong_password_is_called_that() {
    compose run --detach --name wrong-password -e DATABASE_URL=postgres://resizinator:wrong@postgres/resizinator operator migrate
    wait_until 20 logs_have wrong-password 'password authentication failed for user "resizinator"'
    "$docker" rm --force wrong-password
}

logs_have() { "$docker" logs "$1" 2>&1 | grep -F "$2" >/dev/null; }

# F5: nobody is asked for our own images.
f5_our_images_are_not_pulled() {
    local said
    said=$(compose up -d --pull missing --no-build --scale worker=2 2>&1)
    refuses grep -i 'pull' <<<"$said"
    [[ $(compose config | grep -c '^    pull_policy: never') == 5 ]]
}

# F6: the context of a build has no secrets, with BuildKit and without it.
f6_the_context_has_no_secrets() {
    local buildkit tree=$containers/context
    rm -rf "$tree"
    mkdir -p "$tree/deploy" "$tree/api"
    cp .dockerignore "$tree/"
    touch "$tree/deploy/.env" "$tree/.env" "$tree/api/kept"
    printf 'FROM scratch\nCOPY . /\n' >"$tree/api/Dockerfile"
    for buildkit in 0 1; do
        DOCKER_BUILDKIT=$buildkit "$docker" build -t context -f "$tree/api/Dockerfile" "$tree"
        "$docker" create --name context context none
        "$docker" export context | tar -t >"$containers/context.list"
        "$docker" rm context
        grep -qx api/kept "$containers/context.list"
        refuses grep -F .env "$containers/context.list"
    done
    "$docker" image rm context
}

# F8: nobody waits for the next question for long.
f8_health_is_asked_often() {
    local service interval
    for service in "${running[@]}"; do
        interval=$(inspect '{{.Config.Healthcheck.Interval}}' "$(container_of "$service")")
        # A container without one has the image's.
        [[ $interval =~ ^[0-5]s$ ]]
    done
    awk -v took="$fresh" 'BEGIN { exit !(took <= 45) }'
}

# F9: logs are rotated.
f9_logs_are_rotated() {
    local id
    for id in $("$docker" ps --quiet); do
        [[ $(inspect '{{index .HostConfig.LogConfig.Config "max-size"}} {{index .HostConfig.LogConfig.Config "max-file"}}' "$id") == "10m 5" ]]
    done
}

# F9: and nobody reads in them that a supervisor has asked.
f9_health_is_not_logged() {
    refuses logs_have "$(container_of api)" healthz
    refuses logs_have "$(container_of worker)" readyz
}

# F10: example.env names whatever the compose file reads.
f10_the_example_is_complete() {
    local name
    for name in $(grep -o '\${[A-Z0-9_]*' docker-compose.yml | tr -d '${' | sort -u); do
        grep -qE "^#?$name=" deploy/example.env || { echo "deploy/example.env does not name $name"; return 1; }
    done
}

f10_the_build_warns_of_nothing() { refuses grep -i 'warning:' "$containers/build-resizinator-api-latest.log"; }

# F11: a password keeps its characters, and the reason is named if it cannot stand in a URL.
f11_a_password_is_not_cut() {
    local environment=$containers/odd-env said
    # shellcheck disable=SC2016 # the dollar is a part of the password
    sed "s|^POSTGRES_APP_PASSWORD=.*|POSTGRES_APP_PASSWORD='a\$b #c'|" "$containers/env" >"$environment"
    said=$("$venv/bin/docker-compose" --env-file "$environment" config --format json)
    # Compose writes a dollar twice in what it prints.
    grep -qF 'postgres://resizinator:a$$b #c@postgres/resizinator' <<<"$said"
    said=$(compose run --rm -e 'DATABASE_URL=postgres://resizinator:a#b@postgres/resizinator' operator migrate 2>&1 || true)
    grep -qF 'contains a plain "#": the percent-encoded form "%23"' <<<"$said"
}

# F12: the broker has nothing to complain of after a first start.
f12_the_broker_logs_no_error() {
    local said
    said=$("$docker" logs "$(container_of rabbitmq)" 2>&1)
    grep -q 'Server startup complete' <<<"$said"
    refuses grep -F '[error]' <<<"$said"
}

look_for_faults() {
    check F1 "of SeaweedFS only the gateway is open, and it takes no users" f1_only_the_gateway_is_open
    check F1 "of SeaweedFS only the gateway is open, and it takes no users" f1_the_gateway_takes_no_users
    check F4 "a wrong password of PostgreSQL is called that" f4_a_wrong_password_is_called_that
    check F5 "our own images are not pulled" f5_our_images_are_not_pulled
    check F6 "the context of a build has no secrets" f6_the_context_has_no_secrets
    check F8 "health is asked every few seconds, and a first start takes 45 s at most" f8_health_is_asked_often
    check F9 "logs are rotated, and questions for health are not logged" f9_logs_are_rotated
    check F9 "logs are rotated, and questions for health are not logged" f9_health_is_not_logged
    check F10 "the example names every variable, and the build warns of nothing" f10_the_example_is_complete
    check F10 "the example names every variable, and the build warns of nothing" f10_the_build_warns_of_nothing
    check F11 "a password is not cut, and what has to be encoded is named" f11_a_password_is_not_cut
}
