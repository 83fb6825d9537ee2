#!/bin/bash
# As the official image does it: root hands over to postgres, and an empty PGDATA gets a database, which only the socket
# reaches until the scripts of /docker-entrypoint-initdb.d have run.
set -euo pipefail

if [[ $(id -u) == 0 ]]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    chown -R postgres: "$PGDATA" /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

export PGUSER=${POSTGRES_USER:-postgres}
export PGDATABASE=${POSTGRES_DB:-$PGUSER}
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    : "${POSTGRES_PASSWORD:?is needed for the first start}"
    initdb --username="$PGUSER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
    pg_ctl -o "-c listen_addresses=''" -w start
    [[ $PGDATABASE == postgres ]] ||
        psql -v ON_ERROR_STOP=1 -d postgres -v name="$PGDATABASE" <<<'CREATE DATABASE :"name"'
    for script in /docker-entrypoint-initdb.d/*.sql; do
        [[ ! -e $script ]] || psql -v ON_ERROR_STOP=1 --no-psqlrc -f "$script"
    done
    pg_ctl -m fast -w stop
fi
exec "$@" -c listen_addresses='*'
