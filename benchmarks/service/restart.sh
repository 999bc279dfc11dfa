#!/bin/sh
# Stop and start in one, so that the others need one step for it.
set -eu
"${0%/*}/stop.sh"
exec "${0%/*}/start.sh"
