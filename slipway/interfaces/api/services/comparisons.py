"""What lies between two versions: their commits, as the build server tells them."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Name, answers
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.operations import comparisons
from slipway.records.catalog.queries import services
from slipway.records.rows.sentences import told

if TYPE_CHECKING:
    from slipway.records.catalog.models import Comparison

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
    same = bool(older.commit) and older.commit == newer.commit
    return {
        "base": older.name,
        "head": newer.name,
        "base_commit": older.commit,
        "head_commit": newer.commit,
        **(_shown(found) if found else _nothing(State.READY if same else State.UNKNOWN)),
    }


def _shown(found: "Comparison") -> dict[str, Any]:
    if found.finished_at is None:
        state = State.ASKED
    else:
        state = State.UNKNOWN if found.problem else State.READY
    return {
        "state": state,
        "commits": found.commits,
        "total": found.total,
        "url": found.url,
        **told("problem", found.problem),
    }


def _nothing(state: State) -> dict[str, Any]:
    return {"state": state, "commits": [], "total": 0, "url": "", **told("problem", None)}
