#!/bin/sh
set -eu
[ -f "$SHARED/shop.pid" ] || exit 0
pid=$(cat "$SHARED/shop.pid")
kill "$pid" 2>/dev/null || true
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
done
rm -f "$SHARED/shop.pid"
