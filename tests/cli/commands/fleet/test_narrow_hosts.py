"""A host of which one sees only what one's services need."""

from tests.cli.conftest import Run
from tests.cli.standin import Standin


def test_a_host_of_which_one_sees_only_the_name_is_shown_so(server: Standin, slipway: Run) -> None:
    narrow = {
        **{"name": "web-1", "whole": False, "environment": "prod", "state": "ok", "labels": {}},
        **{"address": "", "port": 0, "user": "", "root": "", "key": "", "facts": {}},
        "last_seen_at": None,
    }
    server.on("GET /hosts", {"items": [narrow], "total": 1})
    server.on("GET /hosts/web-1", narrow)
    listed = slipway("host", "list").out
    assert "web-1" in listed
    assert "@" not in listed
    shown = slipway("host", "show", "web-1")
    assert shown.code == 0
    assert "whoever has a right on prod, and not only on services" in shown.err
    assert slipway("host", "show", "web-1", "-o", "json").err == ""
