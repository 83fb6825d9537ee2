#!/usr/bin/env bash
# scripts/split-debug.sh PROGRAM FOLDER: copies a built program into FOLDER without its symbols and debug information,
# and puts those into FOLDER/debug/PROGRAM.debug, which debuggers and Rust's own backtraces find by name and checksum.
# https://sourceware.org/gdb/current/onlinedocs/gdb.html/Separate-Debug-Files.html
set -euo pipefail

(($# == 2)) || { echo "Use: scripts/split-debug.sh PROGRAM FOLDER" >&2; exit 1; }
program=$1 folder=$2 name=${1##*/}
mkdir -p "$folder/debug"
objcopy --only-keep-debug --compress-debug-sections=zlib "$program" "$folder/debug/$name.debug"
chmod 644 "$folder/debug/$name.debug"
objcopy --strip-all --add-gnu-debuglink="$folder/debug/$name.debug" "$program" "$folder/$name"
