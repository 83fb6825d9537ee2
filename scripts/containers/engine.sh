# Sourced by scripts/test-containers.sh: an engine of our own, with its data, its socket and its pid below .containers.
# shellcheck shell=bash

containers=$root/.containers
export DOCKER_HOST=unix://$containers/docker.sock
# BuildKit is built into this engine. Another `docker` first in the path may be a newer client that wants buildx.
export DOCKER_BUILDKIT=1 BUILDKIT_PROGRESS=plain
docker=/usr/bin/docker

install_engine() {
    local missing=() policy=/usr/sbin/policy-rc.d made_policy=
    [[ -x /usr/sbin/dockerd && -x $docker ]] || missing+=(docker.io)
    [[ -x /usr/sbin/debootstrap ]] || missing+=(debootstrap)
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null || die "These packages are missing: ${missing[*]}."
    # The packages would start a daemon of the system; only their programs are wanted here.
    if [[ ! -e $policy ]]; then
        made_policy=$policy
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    elif "$policy" docker start >/dev/null 2>&1; then
        die "$policy lets packages start their servers: please install these packages yourself: ${missing[*]}."
    fi
    say "Installing: ${missing[*]}"
    local outcome=0
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } \
        >"$containers/install.log" 2>&1 || outcome=$?
    [[ -z $made_policy ]] || rm -f "$made_policy"
    ((outcome == 0)) || { tail -n 20 "$containers/install.log" >&2; die "The packages could not be installed."; }
}

start_engine() {
    # What an interrupted run left.
    stop_engine
    # Without a bridge of its own: builds use the host's network, and compose makes the networks that it needs.
    spawn dockerd /usr/sbin/dockerd --host "$DOCKER_HOST" --data-root "$containers/data" --exec-root "$containers/exec" \
        --pidfile "$containers/dockerd.docker-pid" --bridge none --storage-driver overlay2
    wait_ready dockerd 60 "$docker" version
}

# The containers end with their engine.
stop_engine() { end_process dockerd TERM 120; }
