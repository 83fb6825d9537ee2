# Sourced by scripts/test-containers.sh: what is forbidden is tried, and fails.
# shellcheck shell=bash

sql() { # sql USER PASSWORD STATEMENT
    compose exec -T postgres psql -v ON_ERROR_STOP=1 -qtA "postgres://$1:$2@127.0.0.1/resizinator" -c "$3"
}

app_may_read_and_write_rows_alone() {
    local password statement
    password=$(value POSTGRES_APP_PASSWORD)
    sql resizinator "$password" 'SELECT count(*) FROM images'
    for statement in 'CREATE TABLE stray (id INT)' 'DROP TABLE images' 'TRUNCATE images' 'CREATE TEMP TABLE stray (id INT)' \
        'ALTER TABLE images ADD COLUMN stray INT' 'DELETE FROM __diesel_schema_migrations' 'CREATE ROLE stray' \
        'ALTER TABLE images DISABLE TRIGGER ALL'; do
        refuses sql resizinator "$password" "$statement"
    done
    # The owner of the tables is no administrator either.
    refuses sql resizinator_owner "$(value POSTGRES_OWNER_PASSWORD)" 'CREATE ROLE stray'
}

# S3: status METHOD KEY-NAME PATH... prints the status, asked from where the workers are.
status() {
    local method=$1 name=$2 path=$3 secret
    secret=$(value "S3_${name^^}_SECRET")
    case $method in
        PUT) set -- -T "$containers/call" ;;
        HEAD) set -- --head ;;
        *) set -- -X "$method" ;;
    esac
    [[ $path != / && $path != /stray ]] || set -- -X "$method"
    at "$(container_of worker)" curl -s -o /dev/null -w '%{http_code}' --max-time 20 --user "resizinator-$name:$secret" \
        --aws-sigv4 aws:amz:us-east-1:s3 "$@" "http://$(address s3 worker):8333$path"
}

expect() { # expect STATUS METHOD KEY-NAME PATH
    local got
    got=$(status "${@:2}")
    [[ $got == "$1" ]] || { echo "$*: it is $got"; return 1; }
}

store_gives_each_what_it_needs() {
    local image=/resizinator/ab/abcdef
    printf x >"$containers/call"
    expect 200 HEAD worker /resizinator
    expect 200 PUT api $image/original.jpg
    expect 200 GET worker $image/original.jpg
    expect 403 PUT worker $image/original.jpg
    expect 403 DELETE worker $image/original.jpg
    expect 403 PUT worker $image/stray.jpg
    expect 200 PUT worker $image/1/small.jpg
    expect 200 PUT worker $image/1/medium.webp
    expect 403 PUT worker /stray
    expect 403 DELETE worker /resizinator
    expect 403 DELETE api /resizinator
    expect 403 PUT api /stray
    expect 204 DELETE api $image/1/small.jpg
    expect 204 DELETE api $image/1/medium.webp
    expect 204 DELETE api $image/original.jpg
}

broker_status() { # broker_status METHOD USER PATH
    local user=$2 password
    case $user in
        guest) password=guest ;;
        *) password=$(value "RABBITMQ_$(tr a-z- A-Z_ <<<"${user#resizinator-}")_PASSWORD") ;;
    esac
    curl -s -o /dev/null -w '%{http_code}' --max-time 20 -X "$1" -u "$user:$password" "http://127.0.0.1:$broker_port/api/$3"
}

management_is_read_only() {
    [[ $(broker_status GET monitoring queues) == 200 ]]
    [[ $(broker_status DELETE monitoring queues/resizinator/images.resize/contents) == 401 ]]
    [[ $(broker_status DELETE monitoring queues/resizinator/images.resize) == 401 ]]
    [[ $(broker_status GET monitoring users) == 401 ]]
    [[ $(broker_status GET resizinator-api overview) == 401 ]]
    [[ $(broker_status GET resizinator-worker overview) == 401 ]]
    [[ $(broker_status GET guest overview) == 401 ]]
}

# A worker with the api's user may not take jobs.
api_may_not_consume() {
    local url
    url=amqp://resizinator-api:$(value RABBITMQ_API_PASSWORD)@rabbitmq:5672/resizinator
    compose run --detach --no-deps --name wrong-user -e "QUEUE_URL=$url" worker
    wait_until 30 logs_have wrong-user ACCESS_REFUSED
    "$docker" rm --force wrong-user
}

neither_reaches_the_other() {
    local worker network
    worker=$(container_of worker)
    at "$worker" bash -c "</dev/tcp/$(address postgres worker)/5432"
    for network in public api; do
        refuses at "$worker" timeout 5 bash -c "</dev/tcp/$(address api "$network")/8000"
        refuses at "$worker" timeout 5 bash -c "</dev/tcp/$(address api "$network")/8001"
    done
    [[ $("$docker" network inspect --format '{{.Internal}}' resizinator_api resizinator_worker | sort -u) == true ]]
}

# Metrics are for a Prometheus in the network of the workers, and for nobody outside.
metrics_are_not_published() {
    at "$(container_of s3)" curl -fsS -o /dev/null --max-time 5 "http://$(address worker worker):8001/metrics"
    refuses grep -q 8001 <<<"$("$docker" ps --format '{{.Ports}}' | grep -F -- '->8001' || true)"
}

containers_have_no_rights() {
    local service id
    for service in api worker; do
        id=$(container_of "$service")
        [[ $(inspect '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}' "$id") == "10001:10001 true [ALL]" ]]
        grep -q '^CapEff:\s*0000000000000000$' "/proc/$(inspect '{{.State.Pid}}' "$id")/status"
        refuses compose exec -T "$service" touch /usr/local/bin/stray
        (($(inspect '{{.HostConfig.Memory}}' "$id") > 0 && $(inspect '{{.HostConfig.PidsLimit}}' "$id") > 0))
    done
}

try_what_is_forbidden() {
    check rights-postgres "the api's user of PostgreSQL reads and writes rows, and nothing else" app_may_read_and_write_rows_alone
    check rights-s3 "a worker writes variants alone, and nobody but the owner creates or removes a bucket" store_gives_each_what_it_needs
    check rights-management "the management UI lets the user monitoring read, and nobody else in" management_is_read_only
    check rights-broker "the api's user of RabbitMQ takes no jobs" api_may_not_consume
    check networks "a worker reaches its services, and the api neither by one network nor the other" neither_reaches_the_other
    check metrics "metrics are in the internal networks, and not published" metrics_are_not_published
    check confinement "api and worker have no capability, no file system to write to, and limits" containers_have_no_rights
}
