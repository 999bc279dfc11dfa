#!/bin/sh
# Ends the service and waits until it is gone.
set -eu
read -r pid 2>/dev/null <"$SHARED/pid" || exit 0
kill "$pid" 2>/dev/null || exit 0
while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
true >"$SHARED/pid"
