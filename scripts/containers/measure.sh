# Sourced by scripts/test-containers.sh: what containers use, as their cgroups tell it.
# shellcheck shell=bash

# The folder of a container's cgroup for a controller, of cgroup v1 or v2: cgroup CONTAINER CONTROLLER
cgroup() {
    local lines
    lines=$(cat "/proc/$(inspect '{{.State.Pid}}' "$1")/cgroup")
    if grep -q ":$2:" <<<"$lines"; then
        printf '/sys/fs/cgroup/%s%s\n' "$2" "$(sed -n "s/^[0-9]*:$2://p" <<<"$lines")"
    else
        printf '/sys/fs/cgroup%s\n' "$(sed -n 's/^0:://p' <<<"$lines")"
    fi
}

# The CPU time that the containers have used, in milliseconds: cpu CONTAINER...
cpu() {
    local id folder sum=0
    for id in "$@"; do
        folder=$(cgroup "$id" cpuacct)
        if [[ -f $folder/cpuacct.usage ]]; then
            sum=$((sum + $(<"$folder/cpuacct.usage") / 1000000))
        else
            sum=$((sum + $(sed -n 's/^usage_usec //p' "$folder/cpu.stat") / 1000))
        fi
    done
    echo "$sum"
}

# The memory of a container in MiB, without the files that the kernel only keeps for it: memory CONTAINER
memory() {
    local folder used files
    folder=$(cgroup "$1" memory)
    used=$(cat "$folder/memory.usage_in_bytes" 2>/dev/null || cat "$folder/memory.current")
    files=$(sed -n 's/^total_inactive_file //p; t; s/^inactive_file //p' "$folder/memory.stat" | tail -n 1)
    echo $(((used - ${files:-0}) / 1048576))
}

threads() {
    local folder
    folder=$(cgroup "$1" pids)
    cat "$folder/pids.current"
}

# Writes the highest memory and the most threads of each running service to a file, until that is removed: watch FILE
watch_use() {
    local file=$1 service id
    declare -A most=() many=() ids=()
    for service in "${running[@]}"; do
        ids[$service]=$(container_of "$service")
        most[$service]=0 many[$service]=0
    done
    while [[ -e $file.on ]]; do
        for service in "${running[@]}"; do
            id=${ids[$service]}
            use=$(memory "$id" 2>/dev/null) || continue
            ((use <= most[$service])) || most[$service]=$use
            use=$(threads "$id" 2>/dev/null) || continue
            ((use <= many[$service])) || many[$service]=$use
        done
        for service in "${running[@]}"; do
            printf '%s %s %s\n' "$service" "${most[$service]}" "${many[$service]}"
        done >"$file.new"
        mv "$file.new" "$file"
        sleep 0.2
    done
}
