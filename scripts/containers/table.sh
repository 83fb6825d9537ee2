# Sourced by scripts/test-containers.sh: what was measured, as a table of Markdown for deploy/README.md.
# shellcheck shell=bash

# The most that a service used, from a file that watch_use has written: most FILE SERVICE FIELD
most() { awk -v service="$2" -v field="$3" '$1 == service { print $field }' "$1"; }

print_table() {
    local image service bytes base_bytes
    base_bytes=$(size_of "$base")
    printf '\n| image | size | above its base |\n| --- | --- | --- |\n'
    for image in resizinator-api resizinator-worker resizinator; do
        bytes=$(size_of "$image")
        printf '| `%s` | %s MB | %s MB |\n' "$image" "$(megabytes "$bytes")" "$(megabytes $((bytes - base_bytes)))"
    done
    printf '\n| service | memory at rest | under load | threads under load | seconds to stop |\n| --- | --- | --- | --- | --- |\n'
    for service in "${running[@]}"; do
        printf '| %s | %s MiB | %s MiB | %s | %s |\n' "$service" "$(most "$containers/rest" "$service" 2)" \
            "$(most "$containers/load" "$service" 2)" "$(most "$containers/load" "$service" 3)" "${stopped[$service]}"
    done
    cat <<TABLE

| | |
| --- | --- |
| until everything is healthy, fresh | $fresh s |
| until everything is healthy, with data | $with_data s |
| a restart of the object store, until the api is ready again | $(cat "$containers/s3-restart") s |
| CPU of the workers for each image, one worker | $cpu_of_one ms |
| CPU of the workers for each image, two workers | $cpu_of_two ms |
| exposure of the units, by systemd-analyze | $(paste -sd, "$containers/check-systemd-security.log" | sed 's/,/, /') |

TABLE
}

say_what_was_not_run() {
    cat <<'NOT_RUN'
This did not run, since no registry is asked for images:
- the official images of PostgreSQL 17, RabbitMQ 4 and SeaweedFS; stand-ins with Debian's PostgreSQL 15 and RabbitMQ 3.10
  and with the same release of SeaweedFS have the same interface,
- the stage of the Dockerfile that compiles; scripts/release.sh, which it calls, has run outside of it,
- `docker compose build` and `up --build`, which want a newer engine; the stages of the Dockerfile were built one by one.
NOT_RUN
}
