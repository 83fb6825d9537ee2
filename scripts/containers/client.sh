# Sourced by scripts/test-containers.sh: a client of the api.
# shellcheck shell=bash

picture=$root/samples/seeding_16mp_cc0.jpg
uploaded=0

log_in() {
    local form=(-d username=tester -d password=correct-horse)
    curl -fsS -o /dev/null "${form[@]}" "$api/user/register/"
    token=$(curl -fsS "${form[@]}" "$api/user/login/" | sed 's/.*"token":"\([^"]*\)".*/\1/')
}

ask() { curl -fsS --max-time 30 -H "Authorization: Token $token" "$@"; }

# Uploads so many pictures, four at a time. Each is sent until it is taken, with a key, so that none is there twice.
upload() {
    local count=$1 first=$((uploaded + 1))
    uploaded=$((uploaded + count))
    seq "$first" "$uploaded" | TOKEN=$token API=$api PICTURE=$picture xargs -P 4 -I {} bash -c '
        for _ in $(seq 300); do
            curl -fsS -o /dev/null --max-time 30 -H "Authorization: Token $TOKEN" -H "Idempotency-Key: picture-{}" \
                -F "original=@$PICTURE" "$API/image/" 2>/dev/null && exit 0
            sleep 0.2
        done
        exit 1' || die "Some uploads were not taken."
}

# How many images there are in a state: images STATE
images() { ask "$api/image/?limit=1${1:+&state=$1}" | sed 's/.*"count":\([0-9]*\).*/\1/'; }

every_image_is_ready() { [[ $(images ready) == "$uploaded" && $(images) == "$uploaded" ]]; }

wait_for_images() {
    wait_until "${1:-180}" every_image_is_ready ||
        die "Of $uploaded images $(images ready) are ready, $(images failed) failed, and $(images) are there at all."
}

# Fetches all files of an image by their signed URLs: fetch_image ID
fetch_image() {
    local urls url
    urls=$(ask "$api/image/$1/" | grep -o '"http[^"]*"' | tr -d '"')
    [[ $(wc -l <<<"$urls") == 3 ]]
    for url in $urls; do
        curl -fsS -o /dev/null --max-time 20 "$url"
    done
}
