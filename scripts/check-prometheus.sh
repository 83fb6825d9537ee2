#!/usr/bin/env bash
# Shows that the alerts and the dashboard of deploy/ work: promtool's checks and unit tests of the rules, and then a real run,
# in which a Prometheus scrapes private apis and workers and each alert is made to fire by its cause, and resolves. In that run
# a minute of the rules is a second or two (scripts/prometheus/rules.py).
#
#   scripts/check-prometheus.sh [all|rules]     rules: without the run
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"
cd "$root"

what=${1:-all}
[[ $what == all || $what == rules ]] || die "Use: scripts/check-prometheus.sh [all|rules]"
scripts/install.sh services
own=$root/scripts/prometheus
rules=$root/deploy/prometheus

check_rules() {
    promtool check config "$rules/prometheus.yml"
    promtool check rules "$rules/alerts.yml"
    promtool test rules "$rules/alerts.test.yml"
    python3 -B "$own/rules.py"
    python3 -B "$own/dashboard.py"
}

check_rules
[[ $what == all ]] || exit 0

export RESIZINATOR_SERVICES_DIR=$root/.prometheus
export RESIZINATOR_SERVICES_PORT_BASE=${RESIZINATOR_PROMETHEUS_PORT_BASE:-15670}
use_new_services
if ! python3 -B "$own/run.py"; then
    keep=$root/.prometheus-logs
    rm -rf "$keep"
    mkdir "$keep"
    cp "$RESIZINATOR_DATA"/*.log "$RESIZINATOR_SERVICES_DIR"/*.log "$keep"
    die "The alerts do not do what they should. The logs are in $keep."
fi
