#!/usr/bin/env bash
# Installs what the build needs, and with the argument `services` what the tests and private services need.
# Does nothing when all is there.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

missing=()
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

need pkg-config command -v pkg-config
need gcc command -v cc
# libjpeg-turbo's C code, and its SIMD code on x86.
need cmake command -v cmake
need nasm command -v nasm
need curl command -v curl
need libssl-dev pkg-config --exists openssl
need libc6-dev test -e /usr/include/stdlib.h
need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
if [[ ${1:-} == services ]]; then
    need postgresql compgen -G '/usr/lib/postgresql/*/bin/initdb'
    need rabbitmq-server test -x /usr/lib/rabbitmq/bin/rabbitmq-server
    # Makes the clock of one process jump.
    need libfaketime compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1'
    # The backups that are tested.
    need rclone command -v rclone
    need sqlite3 command -v sqlite3
    # Checks the alerts, and has promtool too.
    need prometheus command -v prometheus
    need python3 command -v python3
    need python3-venv python3 -c 'import ensurepip, venv'
    # For the client that is generated from the description of the api.
    need nodejs command -v node
    need npm command -v npm
    # For the stories of the console.
    need chromium command -v chromium
fi

command -v cargo >/dev/null || die "Rust's cargo is missing: install it with rustup (https://rustup.rs), then run this again."
((${#missing[@]})) || exit 0

command -v apt-get >/dev/null || die "Please install these packages, or what your system calls them: ${missing[*]}."
sudo=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || die "Please install these packages as root: ${missing[*]}."
    sudo=(sudo)
fi
as_root() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive "$@" </dev/null; }

# The packages would start and enable servers of the system; only their programs are wanted here.
policy=/usr/sbin/policy-rc.d
cluster_settings=/etc/postgresql-common/createcluster.d/resizinator.conf
tidy=()
restore() { ((${#tidy[@]} == 0)) || as_root rm -f "${tidy[@]}"; }
trap restore EXIT

if [[ " ${missing[*]} " =~ \ (postgresql|rabbitmq-server|prometheus)\  ]]; then
    if [[ ! -e $policy ]]; then
        tidy+=("$policy")
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
    elif "$policy" rabbitmq-server start >/dev/null 2>&1; then
        die "$policy lets packages start their servers: please install these packages yourself: ${missing[*]}."
    fi
    if ! compgen -G '/etc/postgresql/*/*' >/dev/null; then
        tidy+=("$cluster_settings")
        as_root sh -c "mkdir -p ${cluster_settings%/*} && echo 'create_main_cluster = false' >$cluster_settings"
    fi
fi

say "Installing: ${missing[*]}"
as_root apt-get update -q || as_root apt-get update -q || die "apt-get update failed: is the network there?"
as_root apt-get install -q -y --no-install-recommends "${missing[@]}"

if command -v systemctl >/dev/null; then
    for package in "${missing[@]}"; do
        case $package in
            postgresql) as_root systemctl disable -q postgresql.service || true ;;
            rabbitmq-server) as_root systemctl disable -q rabbitmq-server.service epmd.service epmd.socket || true ;;
            prometheus) as_root systemctl disable -q prometheus.service || true ;;
        esac
    done
fi
