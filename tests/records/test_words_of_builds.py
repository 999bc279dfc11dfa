"""What build servers said of builds before it was kept as a sentence is recognised, or kept."""

from datetime import timedelta
from typing import Any

import pytest

from slipway.core.words.sentence import Sentence
from tests.kept_texts import KeptTexts
from tests.records.people import NOW
from tests.records.schema import migrate, newest
from tests.sentences import said

BEFORE = [("catalog", "0011_nothing_is_replaced")]
AFTER = [("catalog", "0012_words_of_builds")]
FAILED = Sentence.of("build_failed_there", "It failed on the build server.")
SAID = {
    "": None,
    "Running: check, package.": ("gitlab_running", {"jobs": "check, package"}),
    "Its command ended with exit status 3.": ("command_ended", {"code": "3"}),
    "Waiting for somebody to start a manual job in GitLab.": ("gitlab_manual", None),
    "Job package failed: script failure. 2 more failed.": ("gitlab_jobs_failed", None),
    "compiling {host}": ("said", {"text": "compiling {host}"}),
}


def make_build(apps: Any, number: int, says: str) -> None:
    service = apps.get_model("catalog", "Service").objects.create(
        name=f"billing-{number}", created_at=NOW, updated_at=NOW
    )
    version = apps.get_model("catalog", "Version").objects.create(
        service=service, name="1.0", status=0, created_at=NOW
    )
    reason = Sentence.of(FAILED.code, "{reason} {said}", reason=FAILED, said=says, advice="")
    apps.get_model("catalog", "Build").objects.create(
        pk=number, version=version, service=service, project="billing", correlation=f"b-{number}",
        originator="asked", stage="over", says=says, reason=reason, created_at=NOW,
        deadline_at=NOW + timedelta(minutes=1), finished_at=NOW,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_a_server_said_before_becomes_the_sentence_that_it_was(kept_texts: KeptTexts) -> None:
    old = migrate(BEFORE)
    try:
        for number, says in enumerate(SAID):
            make_build(old, number + 1, says)
        builds = migrate(AFTER).get_model("catalog", "Build").objects.order_by("pk")
        found = [(build.says, dict(build.reason.values)["said"]) for build in builds]
    finally:
        migrate(newest())
    assert kept_texts.taken() != []  # as it was kept before
    for (says, in_reason), (text, wanted) in zip(found, SAID.items(), strict=True):
        assert ((says and says.english) or "", str(in_reason)) == (text, text)
        assert in_reason == (says or "")
        assert (says.code if says else None) == (wanted[0] if wanted else None)
        if wanted and wanted[1]:
            assert dict(says.values) == wanted[1]
    assert said("compiling {host}") in [says for says, _ in found]
