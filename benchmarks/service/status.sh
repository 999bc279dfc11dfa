#!/bin/sh
# Exits 0 while the service runs.
read -r pid <"$SHARED/pid" && kill -0 "$pid" 2>/dev/null
