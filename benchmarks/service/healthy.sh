#!/bin/sh
# Waits until the service answers, at most half a minute.
tries=0
until curl -fs -o /dev/null "http://$ADDRESS:$PORT/"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || exit 1
    sleep 0.05
done
