#!/bin/sh
# Exits 0 while the service runs.
kill -0 "$(cat "$SHARED/pid")" 2>/dev/null
