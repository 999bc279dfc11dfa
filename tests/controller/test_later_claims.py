"""A host that knows a later claim than ours is told as that, holds up nobody, and is helped by one
command; one that lies about it speaks for itself alone."""

from datetime import timedelta
from functools import partial

import pytest

from slipway.controller.rollouts.advance import Rollouts
from slipway.core.hosts.claims import FARTHEST
from slipway.core.release.steps import Fence
from slipway.ports import StaleClaim
from slipway.records.rollouts.ask import later_claims
from slipway.records.rollouts.models import (
    Epoch,
    Installation,
    LaterClaim,
    LogLine,
    Rollout,
    Target,
)
from slipway.records.rollouts.operations import claims, steering
from slipway.records.rollouts.wish.refusals import NothingToRaise
from tests.controller.company import ALL_AT_ONCE, Company, until
from tests.controller.seen import began, states
from tests.fakes.fences import FakeFence

AHEAD = 10**6  # seconds that a clock was ahead
PATIENT = timedelta(minutes=1)


def put_ahead(company: Company, *names: str, by: int = AHEAD) -> int:
    """These hosts have heard a claim of ours that our database has forgotten."""
    epoch = Epoch.objects.get().value + by
    for name in names:
        for fence in company.fleet.at(name).fences.values():
            fence.heard = fence.chained = (epoch, 1)
    return epoch


def belongs_to_others(company: Company, name: str) -> None:
    Installation.objects.get_or_create(pk=1, defaults={"name": "ours"})
    for fence in company.fleet.at(name).fences.values():
        fence.installation = "theirs"


def upgrade_of(company: Company, patience: timedelta | None = None) -> Rollout:
    if patience is not None:
        company.environment.patience = patience
        company.environment.save(update_fields=["patience"])
    return company.start("upgrade", company.new, **ALL_AT_ONCE, left_out_budget="100%")  # type: ignore[arg-type]


def lines_about(rollout: Rollout, name: str) -> list[str]:
    lines = LogLine.objects.filter(rollout=rollout, target__host__name=name).order_by("id")
    return [str(line) for line in lines]


def raise_claims(company: Company) -> claims.Raised:
    return claims.raise_claims(by=company.boss, now=company.clock())


async def heard(worker: Rollouts) -> None:
    """Let the loop turn until a refusal is written down."""
    while not await worker.desk.run(LaterClaim.objects.exists):
        pass


def test_it_is_told_once_with_both_epochs_and_with_what_to_do(company: Company) -> None:
    theirs = put_ahead(company, "web-3")
    ended = company.drive(upgrade_of(company))
    (line,) = [each for each in lines_about(ended, "web-3") if "later claim" in each][:1]
    assert (
        f"web-3 knows a later claim on billing (epoch {theirs}) than ours ({ended.epoch})" in line
    )
    assert "restored from an older copy" in line
    assert "`slipway claim raise`" in line
    told = LogLine.objects.filter(rollout=ended, target__host__name="web-3", level="warning")
    assert told.count() == 1


def test_its_target_ends_after_patience_and_nobody_waits_for_it(company: Company) -> None:
    put_ahead(company, "web-3")
    ended = company.drive(upgrade_of(company))
    assert states(ended) == {
        "web-1": "succeeded", "web-2": "succeeded", "web-3": "left_out", "web-4": "succeeded",
    }  # fmt: skip
    target = Target.objects.get(rollout=ended, host__name="web-3")
    assert (target.cause, target.touched) == ("host", False)
    assert target.problem is not None
    assert "later claim" in target.problem.english
    assert "`slipway claim raise`" in target.problem.english_hint
    assert (ended.state, Epoch.objects.get().value) == ("partial", ended.epoch)


def test_where_all_hosts_know_one_the_rollout_ends_under_its_first_claim(company: Company) -> None:
    put_ahead(company, *company.running())
    ended = company.drive_to_the_end(upgrade_of(company))
    assert set(states(ended).values()) <= {"left_out", "cancelled"}
    assert Epoch.objects.get().value == ended.epoch
    assert LaterClaim.objects.count() == len(company.hosts)


def test_a_halt_that_is_the_end_at_once_is_told_once(company: Company) -> None:
    put_ahead(company, *company.running())
    ended = company.drive_to_the_end(company.start("upgrade", company.new, **ALL_AT_ONCE))  # type: ignore[arg-type]
    lines = [str(line) for line in LogLine.objects.filter(rollout=ended)]
    assert len([line for line in lines if "Halted" in line]) == 1, lines


def test_a_rollout_that_was_refused_goes_on_by_itself_once_claims_are_raised(
    company: Company,
) -> None:
    theirs = put_ahead(company, *company.running())
    upgrade = upgrade_of(company, PATIENT)

    async def raise_when_heard(worker: Rollouts) -> None:
        await heard(worker)
        raised = await worker.desk.run(partial(raise_claims, company))
        assert raised.before < theirs < raised.after

    ended = company.drive_to_the_end(upgrade, raise_when_heard)
    assert (ended.state, set(company.running().values())) == ("succeeded", {"1.1"})
    assert ended.epoch > theirs
    assert not LaterClaim.objects.filter(answered_at=None).exists()
    assert not later_claims.find()
    for name in company.running():
        assert sum("later claim" in each for each in lines_about(ended, name)) <= 1


def test_the_next_claim_is_above_what_was_raised_over(company: Company) -> None:
    put_ahead(company, "web-3")
    company.drive(upgrade_of(company))
    raised = raise_claims(company)
    again = company.run_all("restart")
    assert again.epoch > raised.after
    assert (again.state, states(again)["web-3"]) == ("succeeded", "succeeded")
    with pytest.raises(NothingToRaise, match="there is nothing to raise"):
        raise_claims(company)


def test_a_claim_below_one_that_we_gave_meanwhile_can_be_raised_too(company: Company) -> None:
    """A clock was ahead for a moment: the last epoch is above it, the claim of the rollout not."""
    theirs = put_ahead(company, "web-3")
    upgrade = upgrade_of(company, PATIENT)

    async def pass_by(worker: Rollouts) -> None:
        await heard(worker)
        await worker.desk.run(lambda: Epoch.objects.update(value=theirs + 10))
        await worker.desk.run(partial(raise_claims, company))

    ended = company.drive_to_the_end(upgrade, pass_by)
    assert (ended.state, states(ended)["web-3"]) == ("succeeded", "succeeded")


def test_cancel_ends_it_also_where_a_host_refuses_us(company: Company) -> None:
    put_ahead(company, *company.running())
    upgrade = upgrade_of(company, PATIENT)

    async def cancel(worker: Rollouts) -> None:
        await heard(worker)
        end = partial(steering.cancel_rollout, rollout=upgrade, by=company.alice)
        await worker.desk.run(partial(end, now=company.clock()))

    ended = company.drive_to_the_end(upgrade, cancel)
    assert (ended.state, set(company.running().values())) == ("cancelled", {"1.0"})


def test_a_newer_claim_of_another_worker_of_ours_is_told_to_nobody(company: Company) -> None:
    gate = company.fleet.at("web-3").hold("probe")
    upgrade = upgrade_of(company)

    async def take_over(worker: Rollouts) -> None:
        await until(lambda: began(company.fleet.at("web-3"), upgrade, "probe"))
        rows = Rollout.objects.filter(pk=upgrade.pk)
        epoch = await worker.desk.run(lambda: put_ahead(company, "web-3"))
        await worker.desk.run(lambda: rows.update(epoch=epoch, driver="worker-2"))
        gate.set()

    company.drive(upgrade, take_over)
    assert Rollout.objects.get(pk=upgrade.pk).state == "running"
    assert not LaterClaim.objects.exists()
    assert not any("claim" in line for line in lines_about(upgrade, "web-3"))


# --- others, and liars ---------------------------------------------------------------------------


def test_a_fence_of_another_installation_is_told_once_and_not_raised_over(
    company: Company,
) -> None:
    put_ahead(company, "web-2")
    belongs_to_others(company, "web-2")
    ended = company.drive(upgrade_of(company))
    told = [each for each in lines_about(ended, "web-2") if "Another installation" in each]
    assert len([each for each in told if "cannot take its turn" not in each]) == 1
    assert "Let only one of them release it." in told[0]
    before = Epoch.objects.get().value
    with pytest.raises(NothingToRaise, match=r"another installation.*web-2 \(theirs\)"):
        raise_claims(company)
    assert Epoch.objects.get().value == before


def test_what_another_installation_claims_counts_not_where_ours_is_raised(
    company: Company,
) -> None:
    put_ahead(company, "web-2", by=10 * AHEAD)
    belongs_to_others(company, "web-2")
    theirs = put_ahead(company, "web-3")
    company.drive(upgrade_of(company))
    assert raise_claims(company).after == theirs + 1


def test_an_epoch_that_ours_cannot_have_been_is_not_raised_over(company: Company) -> None:
    theirs = put_ahead(company, "web-3", by=2 * FARTHEST)
    ended = company.drive(upgrade_of(company))
    (line,) = [each for each in lines_about(ended, "web-3") if "names a later claim" in each][:1]
    assert str(theirs) in line
    assert "claim raise" not in line
    with pytest.raises(NothingToRaise, match="further ahead"):
        raise_claims(company)


def test_one_that_lies_hides_no_other(company: Company) -> None:
    put_ahead(company, "web-1", by=2**61)
    theirs = put_ahead(company, "web-3")
    company.drive(upgrade_of(company))
    known = later_claims.find()
    assert [each.host for each in known.to_raise_over] == ["web-3"]
    assert [each.host for each in known.impossible] == ["web-1"]
    assert raise_claims(company).after == theirs + 1


class AlwaysAhead(FakeFence):
    """Whatever it is told, it says that it knows a claim that is ahead: by more each time."""

    by: int = 1
    refused: int = 0

    def is_late(self, fence: Fence) -> bool:
        return True

    def refusal(self, host: str, service: str, fence: Fence) -> StaleClaim:
        self.refused += 1
        self.heard = (fence.epoch + self.by * self.refused, 1)
        return super().refusal(host, service, fence)


def lies(company: Company, name: str, *, by: int) -> None:
    liar = AlwaysAhead()
    liar.by = by
    fences = company.fleet.at(name).fences
    fences.update(dict.fromkeys(fences, liar))


@pytest.mark.parametrize("by", [0, -1])
def test_what_is_not_above_our_claim_is_no_later_claim(company: Company, by: int) -> None:
    lies(company, "web-3", by=by)
    Epoch.objects.update(raised=2**40)
    ended = company.drive(upgrade_of(company))
    assert (ended.state, states(ended)["web-3"]) == ("partial", "left_out")
    assert Epoch.objects.get().value == ended.epoch
    assert not LaterClaim.objects.exists()
    assert not any("later claim" in line for line in lines_about(ended, "web-3"))


def test_one_that_lies_makes_us_claim_anew_once_for_each_time_that_we_raise(
    company: Company,
) -> None:
    lies(company, "web-3", by=1)
    upgrade = upgrade_of(company, timedelta(seconds=2))
    claimed: set[int] = set()

    async def raise_when_heard(worker: Rollouts) -> None:
        await heard(worker)
        await worker.desk.run(partial(raise_claims, company))
        row = Rollout.objects.filter(pk=upgrade.pk)
        while (await worker.desk.run(row.get)).finished_at is None:
            claimed.add((await worker.desk.run(row.get)).epoch)

    ended = company.drive_to_the_end(upgrade, raise_when_heard)
    assert ended.state == "partial"
    assert states(ended)["web-3"] == "left_out"
    assert len(claimed) <= 2
    assert sum(line.startswith("web-3 knows") for line in lines_about(ended, "web-3")) == 1
