#!/bin/sh
# Waits until the service answers, at most half a minute.
for _ in $(seq 600); do
    curl -fs -o /dev/null "http://$ADDRESS:$PORT/" && exit 0
    sleep 0.05
done
exit 1
