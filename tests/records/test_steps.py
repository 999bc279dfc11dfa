"""Steps are written down once, each with its own end, and shown where their target is."""

from datetime import timedelta

import pytest
from slipway.records.rollouts.steps import Report, StepOutcome

from slipway.records.fields.many import update_each
from slipway.records.rollouts import steps
from slipway.records.rollouts.models import Step, Target
from tests.records.world import Driver, World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def driver() -> Driver:
    world = World()
    begun = Driver(world.start("deploy", world.version("1.0"), "web-1", "web-2"), world.clock)
    for target in begun.targets():
        begun.begin(target)
    return begun


def outcome(driver: Driver, target: Target, name: str, code: int, said: str) -> StepOutcome:
    ticket = f"r{driver.rollout_id}-t{target.pk}-{name}"
    now = driver.clock()
    return StepOutcome(ticket, code, now, now + timedelta(seconds=1), said)


def report(driver: Driver, *reports: Report) -> None:
    steps.finish_steps(**driver.mine, reports=reports, now=driver.clock())


def written(target: Target) -> dict[str, tuple[int | None, str]]:
    return {s.name: (s.exit_code, s.output) for s in Step.objects.filter(target=target)}


def test_each_step_has_its_own_end(driver: Driver) -> None:
    first, second = Target.objects.order_by("id")
    report(
        driver,
        Report(
            first.pk,
            (
                outcome(driver, first, "unpack", 0, "good"),
                outcome(driver, first, "switch", 3, "bad\0 é"),
            ),
        ),
        Report(second.pk, (outcome(driver, second, "unpack", 0, ""),), "switch"),
    )
    assert written(first) == {
        "unpack": (0, "good"),
        "switch": (3, "bad\N{REPLACEMENT CHARACTER} é"),
        "restart": (None, ""),
    }
    assert written(second) == {"unpack": (0, ""), "switch": (None, ""), "restart": (None, "")}
    shown = Target.objects.order_by("id").values_list("step", flat=True)
    assert list(shown) == ["switch", "switch"]
    under_way = Step.objects.get(target=second, name="switch")
    assert under_way.started_at is not None
    assert under_way.finished_at is None


def test_what_was_heard_a_second_time_changes_nothing(driver: Driver) -> None:
    first = Target.objects.order_by("id")[0]
    report(driver, Report(first.pk, (outcome(driver, first, "unpack", 0, "good"),)))
    before = Step.objects.get(target=first, name="unpack")
    report(driver, Report(first.pk, (outcome(driver, first, "unpack", 1, "again"),)))
    after = Step.objects.get(target=first, name="unpack")
    assert (after.exit_code, after.output, after.rev) == (0, "good", before.rev)


def test_a_ticket_of_another_target_is_not_written(driver: Driver) -> None:
    first, second = Target.objects.order_by("id")
    report(driver, Report(first.pk, (outcome(driver, second, "unpack", 1, "stray"),)))
    assert written(second)["unpack"] == (None, "")


def test_rows_are_changed_each_in_its_own_way(driver: Driver) -> None:
    first, second = Target.objects.order_by("id")
    update_each(Target, [])
    update_each(
        Target,
        [
            ({"id": first.pk, "finished_at": None}, {"step": "one", "finished_at": driver.clock()}),
            ({"id": second.pk, "finished_at": None}, {"step": "two", "finished_at": None}),
        ],
    )
    rows = Target.objects.order_by("id").values_list("step", "finished_at")
    assert [step for step, _ in rows] == ["one", "two"]
    assert [at is None for _, at in rows] == [False, True]
