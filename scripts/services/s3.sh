# Sourced by services.sh: a private SeaweedFS as S3.
# shellcheck shell=bash disable=SC2154

start_s3() {
    if is_running s3; then
        say "SeaweedFS is already running on port $s3_port."
        return
    fi
    "$root/scripts/tools.sh"
    local home=$dir/s3 port
    mkdir -p "$home/data"
    write_s3_settings "$home"
    for port in "$s3_port" "$s3_master_port" "$s3_volume_port" "$s3_filer_port"; do
        require_free "$port" "$((port + 10000))"
    done
    cd "$home"
    spawn s3 "$venv/bin/weed" server -ip=127.0.0.1 -ip.bind=127.0.0.1 -dir="$home/data" \
        -master.port="$s3_master_port" -master.volumeSizeLimitMB=128 -master.telemetry=false \
        -volume.port="$s3_volume_port" -volume.max=0 -filer -filer.port="$s3_filer_port" \
        -s3 -s3.port="$s3_port" -s3.port.iceberg=0 -s3.port.lance=0 -s3.config="$home/s3.json"
    wait_ready s3 60 make_bucket
    wait_ready s3 60 takes_objects
    say "SeaweedFS (S3) runs on port $s3_port."
}

write_s3_settings() {
    (
        umask 077
        cat >"$1/s3.json" <<'END'
{
  "identities": [
    {
      "name": "resizinator",
      "credentials": [{ "accessKey": "resizinator", "secretKey": "resizinator-secret" }],
      "actions": ["Admin", "Read", "List", "Tagging", "Write"]
    }
  ]
}
END
    )
}

# s3_request PATH CURL-ARGUMENTS...: prints the status only.
s3_request() {
    local path=$1
    shift
    curl -s -o /dev/null -w '%{http_code}' --max-time 10 --aws-sigv4 aws:amz:us-east-1:s3 \
        --user resizinator:resizinator-secret "$@" "http://127.0.0.1:$s3_port/resizinator$path"
}

make_bucket() { [[ $(s3_request '' -X PUT) =~ ^(200|409)$ ]]; }

# The bucket can be made a moment before the first volume takes data. (-T, since old curls sign -d wrongly.)
takes_objects() {
    [[ $(s3_request /.ready -T "$dir/s3/s3.json") == 200 ]] && [[ $(s3_request /.ready -X DELETE) =~ ^20 ]]
}

# A graceful stop takes half a minute and keeps nothing that this set needs.
stop_s3() { end_process s3 KILL 10; }
