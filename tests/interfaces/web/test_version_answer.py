"""The page of a version says first how it stands: where it runs, went wrong, or never was."""

import re
from typing import Any

from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations.environments import create_environment
from slipway.records.rollouts.operations.withdrawals import withdraw_version
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page


def answer(visit: Visit, who: Person, version: str = V2) -> tuple[str, str]:
    """Return its mark and what it says."""
    text = laid_flat(page(visit(who), f"/services/billing/versions/{version}"))
    found = re.search(r'<header class="answer is-(\w+)">(.*?)</header>', text)
    assert found
    return found[1], re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found[2])).strip()


def begin(environment: str, version: str = V2) -> Drive:
    kind = "upgrade" if environment == "prod" else "deploy"
    more: dict[str, Any] = {} if kind == "upgrade" else {"hosts": ("dev-1",), "port": 8080}
    return Drive.take(fleet.begin(Actor.system(), kind, "billing", environment, version, **more))


def test_each_standing_has_its_sentence(living: None, alice: Person, visit: Visit) -> None:
    runs = "It runs in prod. It was not released to dev yet."
    assert answer(visit, alice, V1) == ("ok", runs)
    assert answer(visit, alice) == ("wait", "It is ready, and was released nowhere yet.")
    drive = begin("dev")
    assert answer(visit, alice) == ("run", "It is on its way to dev.")
    drive.finish()
    assert answer(visit, alice) == ("ok", "It runs in dev. It was not released to prod yet.")
    drive = begin("prod")
    assert answer(visit, alice) == ("run", "It is on its way to prod. It runs in dev.")
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    assert answer(visit, alice) == ("fail", "It went wrong in prod. It runs in dev.")


def test_what_ran_once_says_so(living: None, alice: Person, visit: Visit) -> None:
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    ran = "It ran in prod before, and runs nowhere now. It was not released to dev yet."
    assert answer(visit, alice, V1) == ("wait", ran)
    chinese = visit(alice)
    chinese.cookies["django_language"] = "zh-hans"
    text = chinese.get(f"/services/billing/versions/{V1}").content.decode()
    assert "曾在 prod 运行，现已不在任何环境运行。" in text


def test_what_was_withdrawn_before_it_came_did_not_go_wrong(
    living: None, alice: Person, visit: Visit
) -> None:
    withdraw_version(
        version=Version.objects.get(name=V2),
        environment=Environment.objects.get(name="prod"),
        reason="another one's",
        by=alice.actor,
        now=timezone.now(),
    )
    said = "It was withdrawn from prod before it was ever there. It was not released to dev yet."
    assert answer(visit, alice) == ("fail", said)


def main_step(visit: Visit, who: Person, version: str) -> str:
    """Return where the step leads that stands out; "" for none."""
    text = laid_flat(page(visit(who), f"/services/billing/versions/{version}"))
    found = re.search(r'<a class="btn primary" href="[^"]*">.*?((?:Release|Promote) to \w+)', text)
    return found[1] if found else ""


def test_the_step_that_stands_out_passes_by_where_the_service_is_not(
    living: None, alice: Person, visit: Visit
) -> None:
    create_environment(name="lab", order=20, by=Actor.system(), now=timezone.now())
    assert main_step(visit, alice, V2) == "Release to dev"
    begin("dev").finish()
    assert main_step(visit, alice, V2) == "Promote to prod"


def test_no_step_that_stands_out_brings_something_older(
    living: None, alice: Person, visit: Visit
) -> None:
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    begin("dev", V1).finish()
    assert main_step(visit, alice, V1) == ""
