#!/bin/sh
# Whether it runs, and answers with the page of this release.
set -eu
[ -f "$SHARED/site.pid" ] || exit 1
read -r pid <"$SHARED/site.pid"
kill -0 "$pid" || exit 1
address="http://127.0.0.1:${PORT:-8080}/"
if command -v python3 >/dev/null; then
  python3 -c 'import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())' "$address"
else
  busybox wget -q -O - "$address"
fi | cmp -s - site/index.html
