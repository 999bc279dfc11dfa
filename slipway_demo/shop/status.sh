#!/bin/sh
[ -f "$SHARED/shop.pid" ] && kill -0 "$(cat "$SHARED/shop.pid")"
