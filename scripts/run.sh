#!/usr/bin/env bash
# scripts/run.sh [embedded|services]: builds and runs Resizinator.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

listen=${RESIZINATOR_LISTEN:-127.0.0.1:8000}
# The next two ports. The settings are those of one process, and these are two.
port=${listen##*:}
api_metrics=127.0.0.1:$((port + 1))
worker_metrics=127.0.0.1:$((port + 2))

run_embedded() {
    build_one_process
    say "Open the console in a browser: http://$listen/"
    exec "$quick/resizinator"
}

is_ready() { curl -fsS --max-time 5 "http://$listen/readyz"; }

run_services() {
    scripts/install.sh services
    scripts/services.sh start
    cargo build --profile quick --locked --bins
    # shellcheck source=/dev/null
    source "$dir/env"
    export RESIZINATOR_LISTEN=$listen
    if is_running api && is_running worker; then
        say "Already running; 'make stop' ends it."
    else
        end_process api
        end_process worker
        ! is_ready >/dev/null 2>&1 || die "Something else answers on $listen: set RESIZINATOR_LISTEN to another address."
        "$quick/resizinator" migrate
        RESIZINATOR_METRICS_LISTEN=$api_metrics RESIZINATOR_RABBITMQ_UI=${RABBITMQ_MANAGEMENT_URL/resizinator:resizinator@/} spawn api "$quick/resizinator-api"
        RESIZINATOR_METRICS_LISTEN=$worker_metrics spawn worker "$quick/resizinator-worker"
        wait_ready api 60 is_ready
        is_running worker || fail_with_log worker "The worker ended while starting."
    fi
    echo "Console      http://$listen/"
    echo "API          http://$listen/docs/"
    echo "RabbitMQ UI  ${RABBITMQ_MANAGEMENT_URL/resizinator:resizinator@/} (login resizinator, password resizinator)"
    echo "Metrics      http://$api_metrics/metrics (api) and http://$worker_metrics/metrics (worker)"
    echo "Logs         $dir/api.log and $dir/worker.log"
    echo "'make stop' ends all of it; the data stays until 'make clean-services'."
}

case ${1:-embedded} in
    embedded) run_embedded ;;
    services) run_services ;;
    *) die "Use: scripts/run.sh [embedded|services]" ;;
esac
