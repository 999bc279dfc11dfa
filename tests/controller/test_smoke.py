from collections.abc import Iterator

import pytest

from slipway.records.rollouts.models import LogLine, Target
from tests.controller.company import Company, quick


@pytest.fixture
def company(transactional_db: None) -> Iterator[Company]:
    with quick():
        own = Company()
        yield own


def show(r):
    print(r.pk, r.kind, r.state, r.end, str(r.outcome))
    for t in Target.objects.filter(rollout=r).select_related("host"):
        print(
            "  ",
            t.host.name,
            t.state,
            t.stage,
            t.heading,
            t.cause,
            str(t.problem),
            [(s.name, s.exit_code) for s in t.steps.order_by("order")],
        )
    for l in LogLine.objects.filter(rollout=r).order_by("id"):
        print("    ", l.level, str(l))


def test_it(company: Company) -> None:
    r = company.run_all("deploy", company.old)
    show(r)
    assert r.state == "succeeded"
    r = company.run_all("upgrade", company.new)
    show(r)
    bad = company.version("1.2")
    company.fleet.unhealthy.add("1.2")
    r = company.drive(company.start("upgrade", bad, batches="1 100%"))
    show(r)
    print(company.running())
