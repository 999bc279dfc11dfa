#!/bin/sh
# Stop and start in one, so that the others need one step for it.
set -eu
"$(dirname "$0")/stop.sh"
exec "$(dirname "$0")/start.sh"
