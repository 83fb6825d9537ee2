#!/usr/bin/env bash
# Builds the images, starts docker-compose.yml on an engine of its own, breaks it, tries what is forbidden, and measures.
# Wants Debian, root, and some 6 GB below .containers; installs docker.io and debootstrap if they are missing. With the
# programs in `dist` already, RESIZINATOR_DIST=ready leaves them as they are.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"
dir=$root/.containers
for part in engine base images checks stack measure client faults rights systemd table; do
    # shellcheck source=/dev/null
    source "scripts/containers/$part.sh"
done

((EUID == 0)) || die "An engine needs root: sudo make test-containers."
mkdir -p "$containers"
began=$SECONDS

# The networks and volumes go with the stack, the engine and its images stay for the next run.
clean_up() {
    "$docker" rm --force "$host" wrong-password wrong-user >/dev/null 2>&1 || true
    if [[ -f $containers/env ]]; then compose --profile operator down --volumes --timeout 5 >/dev/null 2>&1 || true; fi
    stop_engine
}
trap clean_up EXIT

sizes_are_small() {
    local image
    for image in resizinator-api resizinator-worker resizinator; do
        (($(size_of "$image") - $(size_of "$base") <= 60000000))
        [[ $("$docker" image inspect --format '{{index .Config.Labels "org.opencontainers.image.title"}}' "$image") == "$image" ]]
    done
}

every_file_can_be_fetched() {
    local id
    for id in $(ask "$api/image/?limit=20&ordering=-id" | grep -o '"id":[0-9]*' | tr -dc '0-9\n'); do
        fetch_image "$id"
    done
}

one_shots_end_with_0() { wait_until 60 one_shots_are_done; }

no_volume_is_left() { [[ $(anonymous_volumes) == "$1" ]]; }

# The CPU time of the workers for each of so many images, into `spent`.
measure_cpu() {
    local workers count=$1 before
    mapfile -t workers < <(containers_of worker)
    before=$(cpu "${workers[@]}")
    upload "$count"
    wait_for_images
    spent=$((($(cpu "${workers[@]}") - before) / count))
}

say "== The engine and the images"
scripts/tools.sh
install_engine
start_engine
make_base
make_stand_ins
if [[ ${RESIZINATOR_DIST:-} != ready ]]; then
    scripts/release.sh dist
fi
make_images
check images "each image has at most 60 MB more than its base, and says what it is" sizes_are_small
write_environment
compose --profile operator down --volumes >/dev/null 2>&1 || true

say "== A first start"
volumes=$(anonymous_volumes)
up 2
fresh=$took
say "Everything is healthy after $fresh s."
check F12 "the broker logs no error when everything starts" f12_the_broker_logs_no_error
touch "$containers/rest.on"
watch_use "$containers/rest" &
watcher=$!
wait_until 10 test -s "$containers/rest" || true
rm -f "$containers/rest.on"
wait "$watcher"
log_in

say "== Load, with two workers and with one"
touch "$containers/load.on"
watch_use "$containers/load" &
watcher=$!
measure_cpu 60
cpu_of_two=$spent
rm -f "$containers/load.on"
wait "$watcher"
up 1
measure_cpu 60
cpu_of_one=$spent

say "== Four workers, kills and restarts"
up 4
upload 60 &
uploads=$!
uploaded=$((uploaded + 60))
mapfile -t workers < <(containers_of worker)
"$docker" kill "${workers[0]}" "${workers[1]}" >/dev/null
"$docker" kill "$(container_of api)" >/dev/null
"$docker" start "${workers[0]}" "${workers[1]}" "$(container_of api)" >/dev/null
wait "$uploads"
compose restart >>"$containers/compose.log" 2>&1
check F7 "migrate and bucket end with 0 after a restart of everything" one_shots_end_with_0
wait_until 120 all_healthy || { show_unhealthy; die "Not everything is healthy after a restart."; }
wait_for_images
check F2 "a restart of the object store costs 30 s at most" f2_the_store_is_back_soon

say "== What was wrong once, and what is forbidden"
up 2
look_for_faults
try_what_is_forbidden
try_units
wait_until 60 all_healthy || { show_unhealthy; die "The workers are not healthy after the units."; }

say "== Down and up again"
declare -A stopped=()
for service in worker api rabbitmq s3 postgres; do
    from=$(now)
    compose stop "$service" >>"$containers/compose.log" 2>&1
    stopped[$service]=$(since "$from")
done
compose down >>"$containers/compose.log" 2>&1
check F3 "a stack that is taken down leaves no volume without a name" no_volume_is_left "$volumes"
up 2
with_data=$took
wait_for_images
check images-ready "every image is ready after kills, restarts, down and up" every_image_is_ready
check images-fetched "the files of the last images can be fetched by their signed URLs" every_file_can_be_fetched
wait_until 10 logs_have "$(container_of worker)" consuming || true
check F12 "the broker logs no error when everything starts" f12_the_broker_logs_no_error

print_table
say_what_was_not_run
say "This took $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s."
all_is_well
