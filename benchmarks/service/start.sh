#!/bin/sh
# Starts the service in the background and returns; ADDRESS, PORT and SHARED come from outside.
set -eu
cd "${0%/*}"
[ -d "$SHARED" ] || mkdir -p "$SHARED"
./bin/node-exporter --web.listen-address="$ADDRESS:$PORT" --log.level=error \
    --collector.disable-defaults --collector.loadavg </dev/null >>"$SHARED/log" 2>&1 &
echo $! >"$SHARED/pid"
