#!/bin/bash
# As the official image does it: root hands over to rabbitmq.
set -euo pipefail

if [[ $1 == rabbitmq* && $(id -u) == 0 ]]; then
    [[ $1 != rabbitmq-server ]] || chown -R rabbitmq: /var/lib/rabbitmq
    exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups -- "$0" "$@"
fi
exec "$@"
