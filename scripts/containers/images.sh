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
