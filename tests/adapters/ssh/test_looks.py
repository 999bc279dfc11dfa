"""A full look at a host, and what a chain says at its end: of the fake and of the real one."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.hosts.seen import Asked, Observation, Outcome, Report, SeenInstance
from slipway.core.release.steps import Chain, Fence, Remove, RunHook, Undrain
from slipway.core.spec.values import Hook
from slipway.ports import ForeignClaim, StaleClaim
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.fakes.hosts import FakeHosts

OURS = Fence(3, 1, "ours")


async def look(yard: Yard, *tickets: str, fence: Fence | None = None) -> SeenInstance:
    asked = Asked("8080", made.quick_check(), 8080, fence, tickets)
    (seen,) = (await observed(yard, asked)).instances
    return seen


async def observed(yard: Yard, *asked: Asked) -> Observation:
    return await yard.hosts.observe(yard.access, "billing", asked=asked)


async def heard(yard: Yard, chain: Chain) -> list[tuple[SeenInstance, str]]:
    """What a chain says at its end."""
    said: list[tuple[SeenInstance, str]] = []
    await yard.hosts.perform(
        yard.access,
        chain,
        on_result=lambda result: None,
        on_seen=lambda seen, boot: said.append((seen, boot)),
    )
    return said


def ours(chain: Chain, epoch: int = 3, sequence: int = 1, installation: str = "ours") -> Chain:
    return replace(chain, fence=Fence(epoch, sequence, installation))


async def run(yard: Yard, fingerprint: str, name: str = "run") -> None:
    steps = replace(made.switch(yard.root, "1.0"), fingerprint=fingerprint), made.restart()
    results = await yard.perform(made.chain(*steps, made.probe("1.0"), name=name))
    assert [result.exit_code for result in results] == [0, 0, 0], results


async def test_what_runs_is_tried_where_that_is_asked_for(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run_well("1.0")
    (unasked,) = (await observed(yard)).instances
    assert (unasked.healthy, unasked.why, unasked.reports) == (None, "", ())
    seen = await look(yard)
    assert (seen.healthy, seen.why) == (True, "")
    assert seen.process == unasked.process != ""
    await yard.perform(made.chain(made.stop(), name="stop"))
    seen = await look(yard)
    assert seen.healthy is False
    assert seen.why
    assert seen.process == ""


async def test_tickets_are_reported_on_as_far_as_they_are_known(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    (failed,) = await yard.perform(made.chain(made.probe("1.1"), name="wrong"))
    seen = await look(yard, "run-1", "wrong-1", "never-1")
    assert seen.reports == (
        Report("run-1", Outcome.DONE),
        Report("wrong-1", Outcome.FAILED, failed.exit_code),
    )


async def test_an_instance_that_is_not_there_is_not_talked_about(yard: Yard) -> None:
    assert (await observed(yard, Asked("8080", made.quick_check(), 8080))).instances == ()


async def test_what_was_sent_before_a_question_never_begins(yard: Yard) -> None:
    await yard.bring("1.0")
    seen = await look(yard, fence=replace(OURS, sequence=5))
    assert (seen.epoch, seen.sequence, seen.installation) == (3, 5, "ours")
    with pytest.raises(StaleClaim) as refused:
        await yard.perform(ours(made.chain(made.note("1.0", "late")), sequence=4))
    assert (refused.value.epoch, refused.value.sequence) == (3, 5)
    with pytest.raises(StaleClaim):
        await look(yard, fence=replace(OURS, sequence=4))
    (result,) = await yard.perform(ours(made.chain(made.note("1.0", "next")), sequence=6))
    assert result.exit_code == 0
    assert yard.notes() in ([], ["next"])


async def test_a_fence_is_there_before_the_instance(yard: Yard) -> None:
    await observed(yard, Asked("8080", fence=OURS))
    with pytest.raises(StaleClaim):
        await yard.perform(ours(made.chain(made.receipt("1.0")), epoch=2))


async def test_another_installations_fence_is_never_raised_over(yard: Yard) -> None:
    await yard.perform(ours(made.chain(made.receipt("1.0"))))
    with pytest.raises(ForeignClaim) as refused:
        await yard.perform(ours(made.chain(made.receipt("1.0"), name="x"), 9, 9, "theirs"))
    assert (refused.value.installation, refused.value.epoch) == ("ours", 3)
    with pytest.raises(ForeignClaim):
        await look(yard, fence=Fence(9, 9, "theirs"))
    assert (await look(yard, fence=replace(OURS, sequence=2))).installation == "ours"


async def test_a_note_that_is_just_being_written_is_not_taken_for_an_end(ssh: Yard) -> None:
    """A shell makes a file before it writes what is in it, and a result takes the place of a note
    in the same way: whoever looks in between finds nothing there."""
    hold = b'#!/bin/sh\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\n'
    await ssh.bring("1.0", hold=hold)
    await ssh.run("1.0")
    chain = ours(made.chain(made.hook("1.0", "./bin/hold.sh"), made.receipt("1.0")))
    asked = asyncio.create_task(ssh.perform(chain))
    note = Path(ssh.root) / ".slipway" / "tickets" / "t-1.result"
    async with asyncio.timeout(10):
        while not note.exists() or not note.read_text().startswith("begun"):
            await asyncio.sleep(0.01)
    begun = note.read_text()
    note.write_text("")
    assert (await look(ssh, "t-1")).reports == (Report("t-1", Outcome.RUNNING),)
    note.write_text(begun)
    ssh.home.joinpath("go").touch()
    assert [result.exit_code for result in await asked] == [0, 0]


async def test_a_question_ends_no_chain(yard: Yard) -> None:
    hold = b'#!/bin/sh\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\n'
    await yard.bring("1.0", hold=hold)
    await yard.run("1.0")
    at = getattr(yard.hosts, "at", None)
    gate = at("web-1").hold("before_activate") if at else None
    chain = ours(made.chain(made.hook("1.0", "./bin/hold.sh"), made.receipt("1.0")))
    asked = asyncio.create_task(yard.perform(chain))
    async with asyncio.timeout(10):
        while not (seen := await look(yard, "t-1", "t-2")).reports:
            await asyncio.sleep(0.01)
    assert seen.reports == (Report("t-1", Outcome.RUNNING),)
    later = await look(yard, "t-1", fence=replace(OURS, sequence=9))
    assert later.reports == seen.reports
    again = asyncio.create_task(yard.perform(chain))
    if gate:
        gate.set()
    else:
        yard.home.joinpath("go").touch()
    assert [result.exit_code for result in await asked] == [0, 0]
    assert await again == await asked


async def test_a_chain_that_waits_for_another_has_not_begun(yard: Yard) -> None:
    hold = b'#!/bin/sh\nuntil [ -e "$HOME/go" ]; do sleep 0.02; done\n'
    await yard.bring("1.0", hold=hold)
    at = getattr(yard.hosts, "at", None)
    gate = at("web-1").hold("before_activate") if at else None
    first = ours(made.chain(made.hook("1.0", "./bin/hold.sh"), name="first"))
    running = asyncio.create_task(yard.perform(first))
    async with asyncio.timeout(10):
        while not (await look(yard, "first-1")).reports:
            await asyncio.sleep(0.01)
    second = asyncio.create_task(
        yard.perform(ours(made.chain(made.receipt("1.0"), name="second"), sequence=2))
    )
    async with asyncio.timeout(10):
        while (await look(yard)).sequence < 2:
            await asyncio.sleep(0.01)
    assert (await look(yard, "second-1", fence=replace(OURS, sequence=3))).reports == ()
    if gate:
        gate.set()
    else:
        yard.home.joinpath("go").touch()
    with pytest.raises(StaleClaim):
        await second
    assert [result.exit_code for result in await running] == [0]
    assert (await look(yard, "second-1")).reports == ()


async def test_what_a_process_was_started_with_is_told_apart_from_what_is_linked(
    yard: Yard,
) -> None:
    await yard.bring("1.0")
    await run(yard, "first")
    seen = await look(yard)
    assert (seen.fingerprint, seen.started_with) == ("first", "first")
    switch = replace(made.switch(yard.root, "1.0"), fingerprint="second")
    await yard.perform(made.chain(switch, name="switch"))
    seen = await look(yard)
    assert (seen.fingerprint, seen.started_with) == ("second", "first")
    await yard.perform(made.chain(made.restart(), made.probe("1.0"), name="restart"))
    seen = await look(yard)
    assert (seen.fingerprint, seen.started_with) == ("second", "second")
    await yard.perform(made.chain(made.stop(), name="stop"))
    seen = await look(yard)
    assert (seen.fingerprint, seen.started_with) == ("second", "")


async def test_a_chain_says_at_its_end_what_the_instance_is(yard: Yard) -> None:
    await yard.bring("1.0")
    chain = made.chain(made.switch(yard.root, "1.0"), made.restart(), made.probe("1.0"))
    ((told, boot),) = await heard(yard, chain)
    observation = await observed(yard)
    assert told.healthy is True
    assert replace(told, healthy=None) == observation.instances[0]
    assert boot == observation.boot != ""
    assert await heard(yard, chain) == []  # that is no news any more
    ((told, _),) = await heard(yard, made.chain(made.probe("1.1"), name="wrong"))
    assert told.healthy is False
    assert told.why
    ((told, _),) = await heard(yard, made.chain(made.stop(), name="stop"))
    assert (told.healthy, told.pid, told.link) == (None, None, "1.0")


async def test_after_activate_is_owed_until_it_has_run(yard: Yard) -> None:
    await yard.bring("1.0")
    steps = made.switch(yard.root, "1.0"), replace(made.restart(), owes=True)
    await yard.perform(made.chain(*steps, name="run"))
    assert (await look(yard)).hook_owed
    await yard.perform(made.chain(made.restart(), name="again"))
    assert (await look(yard)).hook_owed
    hook = replace(made.note("1.0", "warm"), hook="after_activate")
    await yard.perform(made.chain(hook, name="hook"))
    assert not (await look(yard)).hook_owed
    for owes in (True, False):
        step = replace(made.restart(), owes=owes)
        await yard.perform(made.chain(step, name=f"owes-{owes}".lower()))
    assert not (await look(yard)).hook_owed


def drain(version: str) -> RunHook:
    undo = Hook(("./bin/note.sh", f"back-{version}"))
    return replace(made.note(version, f"out-{version}"), hook="drain", undo=undo)


async def test_a_drain_is_taken_back_by_the_release_that_drained(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.bring("1.1")
    await yard.run("1.0")
    await yard.perform(made.chain(drain("1.1"), name="out"))
    assert (await look(yard)).drained_by == "1.1"
    (undrained,) = await yard.perform(made.chain(Undrain(), name="back"))
    assert undrained.exit_code == 0
    assert (await look(yard)).drained_by == ""
    (nothing,) = await yard.perform(made.chain(Undrain(), name="nothing"))
    assert (nothing.exit_code, nothing.output) == (0, "")
    assert yard.notes() in ([], ["out-1.1", "back-1.1"])


async def test_every_release_that_drained_takes_its_own_back(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.bring("1.1")
    await yard.run("1.0")
    await yard.perform(made.chain(drain("1.1"), drain("1.0"), name="out"))
    await yard.perform(made.chain(Undrain(), name="back"))
    assert (await look(yard)).drained_by == ""
    assert sorted(yard.notes()[2:]) in ([], ["back-1.0", "back-1.1"])


async def test_what_is_removed_owes_nothing(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    steps = drain("1.0"), replace(made.restart(), owes=True), made.stop(), Remove(made.scripts())
    results = await yard.perform(made.chain(*steps, name="gone"))
    assert [result.exit_code for result in results] == [0] * 4
    seen = await look(yard)
    assert (seen.drained_by, seen.hook_owed, seen.fingerprint) == ("", False, "")


async def test_two_looks_of_one_boot_are_known_for_that(yard: Yard) -> None:
    first, second = await observed(yard), await observed(yard)
    assert first.boot == second.boot != ""


async def test_whether_there_is_the_user_that_it_is_to_run_as_is_seen(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    if isinstance(yard.hosts, FakeHosts):
        yard.hosts.at("web-1").missing_users.add("no-such-user")
    for user, lacks in (("", False), ("root", False), ("no-such-user", True)):
        (seen,) = (await observed(yard, Asked("8080", user=user))).instances
        assert seen.lacks_user is lacks
    facts = await yard.hosts.check(yard.access, ("root", "no-such-user", "_not $plain"))
    assert facts.missing_users == ("no-such-user",)
