"""Release rules, retention, and what ran where, through the API."""

import pytest
from django.utils import timezone

from slipway.core.words.kinds import RolloutKind
from slipway.records.releasing.models import RetentionRun
from slipway.records.releasing.operations import retention
from tests.interfaces.people import Person
from tests.interfaces.releases import begin, drive, make_version

RULE = {"service": "billing", "environment": "prod", "refs": ["main", "release/*"]}


def test_a_release_rule_is_set_changed_and_removed(root: Person) -> None:
    made = root.post("/release-rules", RULE)
    assert made.status_code == 200, made.content
    assert (made.json()["refs"], made.json()["enabled"]) == (RULE["refs"], True)
    assert (made.json()["last_version"], made.json()["problem"]) == (None, "")
    off = root.post("/release-rules", {**RULE, "enabled": False}).json()
    assert root.get("/release-rules").json() == {"items": [off], "total": 1}
    assert root.get("/release-rules?service=shop").json()["total"] == 0
    assert root.get("/release-rules?environment=prod").json()["total"] == 1
    assert root.get("/release-rules/billing/prod").json() == off
    assert root.delete("/release-rules/billing/prod").status_code == 200
    assert root.get("/release-rules/billing/prod").status_code == 404
    assert root.delete("/release-rules/billing/prod").status_code == 404


@pytest.mark.parametrize("refs", [[], [""], ["x" * 1025], ["x"] * 65])
def test_a_rule_has_refs(root: Person, refs: list[str]) -> None:
    assert root.post("/release-rules", {**RULE, "refs": refs}).status_code == 422


def test_it_is_shown_what_would_go_and_what_stays_and_why(root: Person) -> None:
    root.patch("/services/billing", {"keep_versions": 1})
    for name in ("1.0", "1.1", "1.2"):
        make_version(name)
    drive(begin(RolloutKind.DEPLOY, "1.0", "web-1"))
    going = root.get("/retention?service=billing").json()
    assert [one["version"] for one in going["items"]] == ["1.1"]
    assert (going["packages"], going["freed_bytes"], going["total"]) == (1, 1000, 1)
    whole = root.get("/retention?kept=true&limit=2").json()
    assert whole["total"] == 3
    assert [(one["version"], one["need"]) for one in whole["items"]] == [
        ("1.2", "newest"),
        ("1.1", ""),
    ]
    assert root.get("/retention?service=nothing").status_code == 404


def test_a_run_is_asked_for_and_followed(root: Person) -> None:
    asked = root.post("/retention/run", {"service": "billing"})
    assert asked.status_code == 202, asked.content
    run = asked.json()
    assert (run["service"], run["daily"], run["finished_at"]) == ("billing", False, None)
    assert root.post("/retention/run", {"service": "billing"}).json() == run
    claimed = retention.claim_retention_run(worker="w", now=timezone.now())
    assert claimed
    assert claimed.id == RetentionRun.objects.get().pk
    retention.finish_retention_run(run_id=run["id"], worker="w", now=timezone.now())
    assert root.get(f"/retention/runs/{run['id']}").json()["finished_at"]
    assert root.get("/retention/runs").json()["total"] == 1
    assert root.get("/retention/runs/999").status_code == 404


def test_a_version_tells_where_it_ran(root: Person) -> None:
    make_version("1.0")
    drive(begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2"))
    make_version("1.1")
    drive(begin(RolloutKind.UPGRADE, "1.1"))
    old = root.get("/services/billing/versions/1.0/history").json()
    assert {(stay["host"], stay["environment"]) for stay in old["items"]} == {
        ("web-1", "prod"),
        ("web-2", "prod"),
    }
    assert all(stay["until"] for stay in old["items"])
    new = root.get("/services/billing/versions/latest/history?limit=1").json()
    assert (new["total"], new["items"][0]["until"]) == (2, None)


def test_what_runs_in_an_environment_can_be_asked(root: Person) -> None:
    make_version("1.0")
    drive(begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2"))
    running = root.get("/services/billing/running").json()
    assert [(one["environment"], one["version"]) for one in running["items"]] == [("prod", "1.0")]
    assert running["items"][0]["instances"] == 2
    one = root.get("/services/billing/running/prod")
    assert one.json() == {"service": "billing", "environment": "prod", "version": "1.0"}
    assert root.get("/services/billing/running/dev").status_code == 409
    assert root.get("/services/billing/running/nowhere").status_code == 404


def test_a_version_is_withdrawn_and_cleared(root: Person) -> None:
    make_version("1.0")
    asked = {"environment": "prod", "reason": "it leaks"}
    held = root.post("/services/billing/versions/1.0/withdraw", asked)
    assert held.status_code == 200, held.content
    assert {**held.json(), "since": ""} == {
        "version": "1.0", "environment": "prod", "rollout": None, "by": root.user.username,
        "reason": "it leaks", "since": "",
    }  # fmt: skip
    assert root.get("/services/billing/withdrawals").json()["items"] == [held.json()]
    cleared = root.post("/services/billing/versions/1.0/clear", {"environment": "prod"})
    assert cleared.status_code == 200, cleared.content
    assert root.get("/services/billing/withdrawals").json()["total"] == 0
    again = root.post("/services/billing/versions/1.0/clear", {"environment": "prod"})
    assert (again.status_code, again.json()["code"]) == (409, "not_withdrawn")


def test_what_a_version_has_been_through_is_told_rollout_by_rollout(
    root: Person, dora: Person
) -> None:
    for name in ("1.0", "1.1"):
        make_version(name)
    first = begin(RolloutKind.DEPLOY, "1.0", "web-1")
    drive(first)
    path = "/services/billing/versions"
    assert root.get(f"{path}/1.1/passages").json() == {"items": [], "total": 0}
    second = begin(RolloutKind.UPGRADE, "1.1")
    (coming,) = root.get(f"{path}/1.1/passages").json()["items"]
    assert (coming["rollout"], coming["targets"]) == (second.pk, {"pending": 1})
    assert (coming["finished_at"], coming["end"]) == (None, "")
    told = dora.get(f"{path}/1.0/passages").json()
    assert told["total"] == 1
    (passage,) = told["items"]
    assert (passage["environment"], passage["rollout"]) == ("prod", first.pk)
    assert (passage["end"], passage["targets"]) == ("succeeded", {"succeeded": 1})
    assert passage["outcome"] == "1 of 1 instances run 1.0."
    assert passage["outcome_code"]
    assert root.get(f"{path}/9.9/passages").status_code == 404
