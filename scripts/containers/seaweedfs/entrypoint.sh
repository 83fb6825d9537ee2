#!/bin/sh
# As the official image does it: root hands over to seaweed, and the log goes to stderr.
set -eu

if [ "$(id -u)" = 0 ]; then
    [ "$(stat -c %u /data)" = 1000 ] || chown -R seaweed: /data
    exec setpriv --reuid=seaweed --regid=seaweed --init-groups -- "$0" "$@"
fi
exec /usr/bin/weed -logtostderr=true "$@"
