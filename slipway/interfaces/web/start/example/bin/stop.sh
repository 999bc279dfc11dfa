#!/bin/sh
# Ends it, and comes back when it is gone.
set -eu
[ -f "$SHARED/site.pid" ] || exit 0
read -r pid <"$SHARED/site.pid"
kill "$pid" 2>/dev/null || :
while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
rm "$SHARED/site.pid"
