# Sourced by services.sh: a private RabbitMQ node with the management UI and an epmd of its own.
# shellcheck shell=bash disable=SC2154

rabbitmq_server=/usr/lib/rabbitmq/bin/rabbitmq-server
rabbitmq_login=resizinator:resizinator

start_rabbitmq() {
    if is_running rabbitmq; then
        say "RabbitMQ is already running on port $amqp_port."
        return
    fi
    [[ -x $rabbitmq_server ]] || { say "RabbitMQ is not installed: run scripts/install.sh services."; return 1; }
    local home=$dir/rabbitmq
    mkdir -p "$home"
    write_rabbitmq_settings "$home"
    start_epmd
    require_free "$amqp_port" "$management_port" "$rabbit_dist_port"
    rabbitmq_environment "$home"
    spawn rabbitmq "$rabbitmq_server"
    wait_ready rabbitmq 120 curl -fsS -u "$rabbitmq_login" \
        "http://127.0.0.1:$management_port/api/health/checks/port-listener/$amqp_port"
    say "RabbitMQ runs on port $amqp_port, its management UI on http://127.0.0.1:$management_port (${rabbitmq_login/:/ \/ })."
}

write_rabbitmq_settings() {
    cat >"$1/rabbitmq.conf" <<END
listeners.tcp.default = 127.0.0.1:$amqp_port
management.tcp.ip = 127.0.0.1
management.tcp.port = $management_port
default_user = ${rabbitmq_login%:*}
default_pass = ${rabbitmq_login#*:}
loopback_users = none
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.relative = 0.2
log.console = false
END
    echo '[rabbitmq_management].' >"$1/enabled_plugins"
    : >"$1/rabbitmq-env.conf"
}

# A node starts an epmd when none answers, and that one would outlive it.
start_epmd() {
    is_running epmd && return
    require_free "$epmd_port"
    spawn epmd epmd -port "$epmd_port" -address 127.0.0.1
    wait_ready epmd 20 answers "$epmd_port"
}

rabbitmq_environment() {
    export HOME=$1
    export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd_port
    export RABBITMQ_NODENAME=resizinator-$amqp_port@localhost
    export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$amqp_port
    export RABBITMQ_DIST_PORT=$rabbit_dist_port
    export RABBITMQ_CONFIG_FILE=$1/rabbitmq.conf RABBITMQ_CONF_ENV_FILE=$1/rabbitmq-env.conf
    export RABBITMQ_ADVANCED_CONFIG_FILE=$1/advanced.config
    export RABBITMQ_GENERATED_CONFIG_DIR=$1/generated RABBITMQ_SCHEMA_DIR=$1/schema
    export RABBITMQ_ENABLED_PLUGINS_FILE=$1/enabled_plugins
    export RABBITMQ_MNESIA_BASE=$1/mnesia RABBITMQ_MNESIA_DIR=$1/mnesia/node
    export RABBITMQ_LOG_BASE=$1/log RABBITMQ_PID_FILE=$1/node.pid
    # The distribution's port would otherwise be open to the network.
    export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-noinput -kernel inet_dist_use_interface {127,0,0,1}'
    # Makes the script become the node, so that the recorded pid is the node's own.
    export RABBITMQ_ALLOW_INPUT=1
}

stop_rabbitmq() {
    end_process rabbitmq TERM 60
    end_process epmd TERM 10
}
