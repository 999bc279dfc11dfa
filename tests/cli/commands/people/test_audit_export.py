"""Events of the audit, taken along to a file."""

from pathlib import Path

from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin


def test_audit_events_are_exported_to_a_file_that_was_not_there(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    rows = b"id,at\r\n7,2026-11-23T10:00:00+00:00\r\n"
    server.on("GET /audit/export", Reply(raw=rows, content_type="text/csv"))
    file = tmp_path / "audit.csv"
    words = ["audit", "export", str(file), "--by", "anna", "--thing", "#12", "--since"]
    ended = slipway(*words, "2026-11-23T00:00:00+08:00")
    assert (ended.code, file.read_bytes()) == (0, rows)
    asked = {"by": "anna", "thing": "#12", "since": "2026-11-22T16:00:00+00:00", "format": "csv"}
    assert server.asked[-1].query == asked
    again = slipway("audit", "export", str(file))
    assert (again.code, "is there already" in again.err) == (2, True)
    assert len(server.asked) == 1
    nowhere = slipway("audit", "export", str(tmp_path / "none" / "a.json"))
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["audit.csv"]
