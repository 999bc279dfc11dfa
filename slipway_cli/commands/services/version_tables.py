"""What is shown of versions: columns of each list."""

from typing import Any

from slipway_cli.arguments.values import size
from slipway_cli.language import Text, _, listed, word
from slipway_cli.printed.render import Column, Row, at_time, in_words


def of_package(row: Row, name: str) -> Any:
    package = row.get("package")
    return package.get(name) if isinstance(package, dict) else row.get(name)


def _counted(row: Row) -> Text:
    """Return how many of a rollout's targets ended how."""
    targets: dict[str, int] = row.get("targets") or {}
    return listed(
        _("{count} {state}", count=count, state=word("state", state))
        for state, count in targets.items()
    )


def _may_go(row: Row) -> Text:
    """Return whether a version may be released to an environment now."""
    if row.get("rollout"):
        return _("rollout {number} brings it", number=row["rollout"])
    if row.get("open"):
        return _("yes")
    return _("no") if row.get("refused") else _("it runs there")


def _why(row: Row) -> str:
    """Return what keeps it away, else what is to be known before."""
    reasons = row.get("refused") or (row.get("warned") if row.get("open") else None) or ()
    return " ".join(f"{each['message']} {each['hint']}".strip() for each in reasons)


VERSIONS = (
    Column("version", "name"),
    Column("status", in_words("build", "status")),
    Column("ref", "ref"),
    Column("commit", "commit"),
    Column("size", lambda row: size(of_package(row, "size")) if of_package(row, "size") else ""),
    Column("created at", at_time("created_at")),
    Column("by", "created_by"),
)
VERSION = (
    *VERSIONS,
    Column("sha256", lambda row: of_package(row, "sha256")),
    Column("description", "description"),
    Column("build", lambda row: row.get("build") or _("uploaded")),
    Column("see", "build_url"),
    Column("reason", "reason"),
    Column("what to do", "hint"),
    Column("cannot be started", "lacks"),
    Column("what helps", "lacks_hint"),
    Column("late success", at_time("late_at")),
    Column("package let go", at_time("package_removed_at")),
)
DESTINATIONS = (
    Column("environment", "environment"),
    Column("may it go there?", _may_go),
    Column("why", _why),
)
STAYS = (
    Column("environment", "environment"),
    Column("host", "host"),
    Column("port", lambda row: row.get("port") or ""),
    Column("since", at_time("since")),
    Column("until", at_time("until")),
    Column("last seen", at_time("seen_at")),
    Column("rollout", "rollout"),
)
PASSAGES = (
    Column("environment", "environment"),
    Column("rollout", "rollout"),
    Column("state", in_words("state", "state")),
    Column("end", in_words("end", "end")),
    Column("targets", _counted),
    Column("began", at_time("created_at")),
    Column("by", "by"),
    Column("outcome", "outcome"),
)
WITHDRAWALS = (
    Column("version", "version"),
    Column("environment", "environment"),
    Column("since", at_time("since")),
    Column("rollout", "rollout"),
    Column("by", "by"),
    Column("reason", "reason"),
)
COMMITS = (
    Column("commit", lambda row: str(row.get("id") or "")[:12]),
    Column("at", at_time("at")),
    Column("author", "author"),
    Column("title", "title"),
)
