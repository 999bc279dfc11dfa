"""Jenkins' notices: the secret in a header, the service by the path of its job."""

from typing import Any

import pytest

from slipway.records.catalog.models import Delivery
from tests.interfaces.hooks.conftest import built_by
from tests.interfaces.hooks.senders import SECRET, encoded, jenkins, send


def post(body: bytes, token: str = SECRET, **headers: str) -> Any:
    return send("jenkins", body, {"X-Slipway-Token": token, **headers} if token else headers)


@pytest.mark.parametrize(
    ("project", "job", "build"),
    [
        ("team/billing", "team/billing", "18"),
        ("/team/billing/", "team/billing", "18"),
        ("billing", "billing", "18"),
        ("team/billing", "team/billing/feature%252Fx", "feature%2Fx/18"),  # multibranch
    ],
)
def test_a_build_of_a_service_s_job_is_looked_at(project: str, job: str, build: str) -> None:
    built_by("jenkins", project)
    answer = post(jenkins(job))
    assert (answer.status_code, answer.json()) == (202, {})
    told = Delivery.objects.get()
    assert (told.external_id, told.event, told.source) == (build, "COMPLETED", "jenkins")


@pytest.mark.usefixtures("by_jenkins")
def test_each_phase_is_told_once() -> None:
    for phase in ("QUEUED", "STARTED", "COMPLETED", "COMPLETED", "STARTED"):
        assert post(jenkins(phase=phase)).status_code == 202
    assert Delivery.objects.count() == 3


@pytest.mark.usefixtures("by_jenkins")
def test_all_who_prove_nothing_get_the_same_answer() -> None:
    built_by("jenkins", "team/shop", "shop", hook_secret="")
    answers = [
        post(jenkins(), "wrong"),
        post(jenkins(), ""),
        post(jenkins("team")),
        post(jenkins("team/other")),
        post(jenkins("team/shop")),
        post(jenkins("team/shop"), ""),
        post(b"{", "wrong"),
        post(b"{}", "wrong"),
        post(encoded({"build": {"phase": "NONE"}}), "wrong"),
        send("jenkins?token=" + SECRET.replace(" ", "%20"), jenkins(), {}),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (401, answers[0].content)
    }
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("by_jenkins")
@pytest.mark.parametrize(
    "body", [b"{", b"{}", b"[]", jenkins(number=-1), encoded({"build": {"phase": "STARTED"}})]
)
def test_what_cannot_be_meant_is_told_to_those_who_know_the_secret(body: bytes) -> None:
    assert post(body).status_code == 422


@pytest.mark.usefixtures("by_jenkins")
def test_a_notice_of_no_build_is_taken_and_nothing_is_done() -> None:
    assert post(encoded({"build": {"phase": "NONE"}})).status_code == 202
    assert not Delivery.objects.exists()
