#!/usr/bin/env bash
# scripts/bench/render.sh [--rounds N] [NAME...]: our rendering against sharp's and Pillow's on photographs, peers and
# ours taking turns, warm, one thread each; prints the table of docs/performance.md. NAME picks photographs.
# RENDER names a built example `render`; without it, a release build is made.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/../lib.sh"
cd "$root"

photos=$root/.tools/photos
sharp=$root/.tools/sharp

"$root/scripts/python.sh"

if command -v npm >/dev/null && command -v node >/dev/null; then
    if [[ ! -d $sharp/node_modules/sharp ]]; then
        say "Installing sharp into .tools/sharp ..."
        mkdir -p "$sharp"
        npm install --prefix "$sharp" --no-audit --no-fund --loglevel=error sharp@latest >&2
    fi
else
    say "npm and node are missing: sharp is not measured."
fi

# Debian has photographs under free licences in its packages of wallpapers; they are unpacked, not installed.
fetch_photographs() {
    local package
    for package in lomiri-wallpapers-16.04 ukui-wallpapers; do
        compgen -G "$photos/${package}_*.deb" >/dev/null || (cd "$photos" && apt-get download -q "$package" >&2) || return
        dpkg -x "$photos/${package}"_*.deb "$photos/packages" || return
    done
}

mkdir -p "$photos"
if [[ ! -d $photos/packages ]]; then
    fetch_photographs || { rm -rf "$photos/packages"; say "Debian's wallpapers cannot be had: only the sample is measured."; }
fi
python=$root/.tools/python/bin/python
"$python" -B scripts/bench/photographs.py "$photos" samples

render=${RENDER:-}
if [[ ! $render ]]; then
    cargo build -q --release --locked -p resizinator-worker --example render
    target=${CARGO_TARGET_DIR:-target}
    render=$(realpath "$target/release/examples/render")
fi
"$python" -B scripts/bench/render.py --render "$render" --sharp "$sharp" --photos "$photos/ready" "$@"
