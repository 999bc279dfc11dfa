#!/bin/sh
# A start script as companies have them: starts the service in the background, notes its process.
set -eu
mkdir -p "$SHARED/logs"
nohup python3 app.py $(cat flags) >>"$SHARED/logs/shop.log" 2>&1 </dev/null &
echo $! >"$SHARED/shop.pid"
