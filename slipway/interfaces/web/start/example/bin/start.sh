#!/bin/sh
# Serves the folder site by what the host has for that.
set -eu
mkdir -p "$SHARED"
port=${PORT:-8080}
if command -v python3 >/dev/null; then
  set -- python3 -m http.server "$port" --directory site
elif command -v busybox >/dev/null; then
  set -- busybox httpd -f -p "$port" -h site
else
  echo "This example is served by python3 or busybox, and neither is here." >&2
  exit 1
fi
"$@" >>"$SHARED/site.log" 2>&1 </dev/null &
echo $! >"$SHARED/site.pid"
