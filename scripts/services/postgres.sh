# Sourced by services.sh: a private PostgreSQL.
# shellcheck shell=bash disable=SC2154

postgres_bin() {
    local found
    found=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    found=${found:-$(command -v initdb || true)}
    [[ $found ]] || { say "PostgreSQL's server is not installed: run scripts/install.sh services."; return 1; }
    dirname "$(readlink -f "$found")"
}

# PostgreSQL refuses to run as root.
postgres_user() { getent passwd postgres >/dev/null && echo postgres || echo nobody; }

as_postgres() {
    if ((EUID == 0)); then
        local user
        user=$(postgres_user)
        setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
    else
        "$@"
    fi
}

# The unprivileged user may not be able to reach the repository, for instance under /root.
postgres_data() {
    local data=$dir/postgres
    if [[ -f $dir/postgres.dir ]]; then
        data=$(cat "$dir/postgres.dir")
    elif ((EUID == 0)) && ! as_postgres test -x "$dir"; then
        data=$(mktemp -d /var/tmp/resizinator-postgres.XXXXXX)
    fi
    mkdir -p "$data"
    if ((EUID == 0)); then chown "$(postgres_user)" "$data"; fi
    echo "$data" >"$dir/postgres.dir"
    echo "$data"
}

start_postgres() {
    if is_running postgres; then
        say "PostgreSQL is already running on port $postgres_port."
        return
    fi
    local bin data
    bin=$(postgres_bin)
    require_free "$postgres_port"
    data=$(postgres_data)
    cd "$data"
    if [[ ! -f $data/PG_VERSION ]]; then
        # The shell inside makes a password file that the unprivileged user may open.
        # shellcheck disable=SC2016
        as_postgres bash -c '"$@" --pwfile=<(echo resizinator)' - "$bin/initdb" --pgdata="$data" --encoding=UTF8 \
            --locale=C.UTF-8 --username=resizinator --auth=scram-sha-256 >"$dir/postgres.log" 2>&1 ||
            fail_with_log postgres "PostgreSQL's initdb failed."
    fi
    local run=("$bin/postgres" -D "$data" -p "$postgres_port" -c listen_addresses=127.0.0.1
        -c unix_socket_directories= -c max_connections=300 -c timezone=UTC)
    if ((EUID == 0)); then
        run=(setpriv --reuid="$(postgres_user)" --regid="$(id -g "$(postgres_user)")" --clear-groups -- "${run[@]}")
    fi
    spawn postgres "${run[@]}"
    wait_ready postgres 60 "$bin/pg_isready" -q -h 127.0.0.1 -p "$postgres_port"
    make_database "$bin"
    say "PostgreSQL runs on port $postgres_port."
}

make_database() {
    local psql=("$1/psql" -X -q -A -t -h 127.0.0.1 -p "$postgres_port" -U resizinator -d postgres)
    local found
    found=$(PGPASSWORD=resizinator "${psql[@]}" -c "SELECT 1 FROM pg_database WHERE datname = 'resizinator'")
    [[ $found ]] || PGPASSWORD=resizinator "${psql[@]}" -c 'CREATE DATABASE resizinator'
}

# SIGINT is the fast shutdown: it does not wait for clients to leave.
stop_postgres() { end_process postgres INT 30; }
