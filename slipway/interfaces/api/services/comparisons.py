"""What lies between two versions: their commits, as the build server tells them."""

from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Name, answers
from slipway.interfaces.entrance.admission import asker
from slipway.records.builds.operations import comparisons
from slipway.records.catalog.queries import services
from slipway.records.rows.sentences import told

router = Router(tags=["versions"])


class State(StrEnum):
    ASKED = "asked"  # a worker asks the build server: look again in a second
    READY = "ready"
    UNKNOWN = "unknown"  # nobody can say; `problem` has the reason, if there is one


class CommitOut(Schema):
    id: str
    title: str
    author: str
    at: str
    url: str


class ComparisonOut(Schema):
    """The commits that `head` has and `base` has not, the newest first; `total` counts all."""

    state: State
    base: str
    head: str
    base_commit: str
    head_commit: str
    commits: list[CommitOut]
    total: int
    url: str
    problem: str
    problem_code: str
    problem_values: dict[str, Any]


@router.get("/{name}/compare", response=answers(ComparisonOut))
@policy(Action.VIEW, Over.VISIBLE)
def compare_versions(request: HttpRequest, name: Name, base: Name, head: Name) -> dict[str, Any]:
    """Say which commits a version has that another has not. The first time a worker is asked."""
    service = services.get_service(name, asker(request))
    older, newer = services.get_version(service, base), services.get_version(service, head)
    found = comparisons.request_comparison(
        service=service, base=older.commit, head=newer.commit, now=timezone.now()
    )
    if found is None:
        is_same = bool(older.commit) and older.commit == newer.commit
        state = State.READY if is_same else State.UNKNOWN
    elif found.finished_at is None:
        state = State.ASKED
    else:
        state = State.UNKNOWN if found.problem else State.READY
    return {
        "base": older.name,
        "head": newer.name,
        "base_commit": older.commit,
        "head_commit": newer.commit,
        "state": state,
        "commits": found.commits if found else [],
        "total": found.total if found else 0,
        "url": found.url if found else "",
        **told("problem", found.problem if found else None),
    }
