# Sourced by scripts/test-containers.sh: the stand-ins for images that are pulled elsewhere, and the images of our own.
# shellcheck shell=bash

# Builds an image, and shows what was said if that fails. build NAME ARGUMENTS...
build() {
    local log=$containers/build-${1//[:\/]/-}.log
    say "Building $1 ..."
    # Debian's mirror is reached as the host reaches it.
    "$docker" build --network=host -t "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "$1 could not be built."; }
}

make_stand_ins() {
    local here=$root/scripts/containers
    build postgres:17 "$here/postgres"
    build rabbitmq:4-management "$here/rabbitmq"
    # A context of its own, so that the program of 200 MB is not laid into the sources.
    rm -rf "$containers/seaweedfs"
    cp -r "$here/seaweedfs" "$containers/seaweedfs"
    cp "$venv/bin/weed" "$containers/seaweedfs/"
    build chrislusf/seaweedfs:4.48 "$containers/seaweedfs"
    rm -rf "$containers/seaweedfs"
    build resizinator-test/systemd "$here/systemd"
}

# The three images of our own, by the Dockerfile itself. Compose would build them with the old builder here, which does
# not know the cache mounts of the stage that compiles.
make_images() {
    local target name
    for target in api worker resizinator; do
        name=resizinator-$target
        [[ $target != resizinator ]] || name=resizinator
        build "$name:latest" -f "$root/deploy/Dockerfile" --target "$target" --build-arg BINARIES=ready \
            --build-arg "REVISION=$(git -C "$root" rev-parse HEAD)" "$root"
    done
}

size_of() { "$docker" image inspect --format '{{.Size}}' "$1"; }

# In MB, as `docker images` counts them.
megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f", bytes / 1000000 }'; }
