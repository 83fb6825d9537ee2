#!/usr/bin/env bash
# Uploads the samples and shows their variants, on a running Resizinator or on one that it starts for itself.
# It is the README's walk-through as a script: curl, and nothing that would have to be compiled first.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

# The program that `make run` builds; RESIZINATOR_PROGRAM names another one.
program=${RESIZINATOR_PROGRAM:-$quick/resizinator}
listen=${RESIZINATOR_LISTEN:-127.0.0.1:8000}
work=$(mktemp -d)
trap 'end_process resizinator; rm -rf "$work"' EXIT
dir=$work

is_alive() { curl -fsS --max-time 5 "http://$listen/healthz"; }
is_ready() { curl -fsS --max-time 5 "http://$listen/readyz"; }

free_port() {
    local port
    for port in {18000..18099}; do
        answers "$port" || { echo "$port"; return; }
    done
    die "No port from 18000 to 18099 is free for the demo."
}

start_own() {
    [[ -x $program ]] || build_one_process
    say "Nothing answers on $listen: the demo starts $program for itself."
    listen=127.0.0.1:$(free_port)
    # Only the embedded default: a DATABASE_URL of the surroundings may lead to real data.
    spawn resizinator env -u DATABASE_URL -u QUEUE_URL -u STORAGE_URL -u RESIZINATOR_PUBLIC_URL \
        RESIZINATOR_LISTEN="$listen" RESIZINATOR_DATA="$work/data" "$program"
    wait_ready resizinator 60 is_ready
}

# request URL CURL-ARGUMENT...: prints the body of an answer with a 2xx status, and ends the demo at any other.
request() {
    local url=$1 status
    shift
    status=$(curl -sS --max-time 60 -o "$work/answer" -w '%{http_code}' "$url" "$@") || die "$url does not answer."
    [[ $status == 2?? ]] || die "$url answered $status: $(<"$work/answer")"
    cat "$work/answer"
}

# field NAME: a string or a number of the JSON object in standard input; nothing for null.
field() { sed -nE "s/.*\"$1\":(\"([^\"]*)\"|([0-9]+)).*/\2\3/p"; }

# One field on each line.
pretty() { sed -E 's/^\{/{\n  /; s/,"/,\n  "/g; s/":/": /g; s/\}$/\n}/'; }

random() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }
milliseconds() { echo $((${EPOCHREALTIME//[!0-9]/} / 1000)); }

# size FILE: width and height of a JPEG, from its frame header.
# https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1.4 (segments) and B.2.2 (frame header)
size() {
    local at=2 bytes
    while read -r -a bytes < <(od -An -v -tu1 -j "$at" -N 9 "$1") && ((${#bytes[@]} == 9)); do
        case ${bytes[1]} in
            192 | 193 | 194)
                echo "$((bytes[7] * 256 + bytes[8])) $((bytes[5] * 256 + bytes[6]))"
                return
                ;;
        esac
        at=$((at + 2 + bytes[2] * 256 + bytes[3]))
    done
    die "$1 is no JPEG with a frame header."
}

# fitted WIDTH HEIGHT TARGET: the size of a variant, which is never higher than its original.
fitted() {
    local height=$(($2 < $3 ? $2 : $3))
    echo "$(((2 * $1 * height + $2) / (2 * $2))) $height"
}

log_in() {
    local username password
    username=demo-$(random 8)
    password=$(random 16)
    request "http://$listen/user/register/" -d username="$username" -d password="$password" >/dev/null
    token=$(request "http://$listen/user/login/" -d username="$username" -d password="$password" | field token)
    echo "Registered $username and logged in."
}

until_ready() {
    local id=$1 end=$((SECONDS + 60))
    while ((SECONDS < end)); do
        record=$(request "http://$listen/image/$id/" -H "Authorization: Token $token")
        [[ -z $(field small <<<"$record") || -z $(field medium <<<"$record") ]] || return 0
        sleep 0.1
    done
    die "Its variants are not there after 60 s."
}

# Downloads all three without the token, since a signed URL is enough, and looks at each.
try_file() {
    local file=$1 name=${1##*/} begin uploaded record image width height right cells=()
    begin=$(milliseconds)
    uploaded=$(request "http://$listen/image/" -H "Authorization: Token $token" -F "original=@$file")
    printf '\nUploaded %s in %s ms.\n' "$name" $(($(milliseconds) - begin))
    until_ready "$(field id <<<"$uploaded")"
    printf 'Ready after %s ms: %s\n' $(($(milliseconds) - begin)) "$(pretty <<<"$record")"

    for image in original small medium; do
        request "$(field $image <<<"$record")" >"$work/$image"
    done
    cmp -s "$file" "$work/original" || die "$name comes back as another file than was uploaded."
    right=$(size "$file")
    read -r width height <<<"$right"
    for image in original small medium; do
        case $image in
            small) right=$(fitted "$width" "$height" 100) ;;
            medium) right=$(fitted "$width" "$height" 300) ;;
        esac
        [[ $(size "$work/$image") == "$right" ]] ||
            die "The $image image of $name is $(size "$work/$image") pixels; $right is right."
        cells+=("${right/ /x}, $(wc -c <"$work/$image") B")
    done
    table+=("$(row "$name" "${cells[@]}")")
}

row() { printf '%-24s  %22s  %22s  %22s' "$@"; }

command -v curl >/dev/null || scripts/install.sh
is_alive >/dev/null 2>&1 || start_own
# One that has just been started may still make its tables.
wait_until 60 is_ready || die "$listen answers, but it is not ready: see http://$listen/readyz"
log_in
table=("$(row file original small medium)")
for file in samples/*.jpg; do
    try_file "$file"
done
printf '\n'
printf '%s\n' "${table[@]}"
printf '\nAll is right: every size, and every original byte for byte.\n'
