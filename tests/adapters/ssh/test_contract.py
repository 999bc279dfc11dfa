"""What every implementation of the port Hosts does: asked of the fake and of the real one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import Prune, Remove
from slipway.ports import HostKeyChanged, HostKeyUnknown, StaleClaim
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard


async def test_nothing_is_there_before_anything_was_brought(yard: Yard) -> None:
    seen = await yard.hosts.observe(yard.access, "billing")
    assert (seen.instances, seen.releases) == ((), ())
    assert seen.root_writable
    assert seen.disk_free > 0


async def test_many_services_are_asked_about_at_once(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    services = ("billing", *(f"other-{number}" for number in range(20)))
    found = await yard.hosts.survey(yard.access, services)
    assert tuple(found) == services
    assert found["billing"] == (await yard.hosts.observe(yard.access, "billing")).instances
    assert [one.link for one in found["billing"]] == ["1.0"]
    assert set(map(found.get, services[1:])) == {()}
    assert await yard.hosts.survey(yard.access, ()) == {}


async def test_a_package_moves_once(yard: Yard) -> None:
    package, path = made.release(yard.folder, "1.0")
    assert await yard.hosts.send_package(yard.access, "billing", package, path) == package.size
    assert await yard.hosts.send_package(yard.access, "billing", package, path) == 0


async def test_of_two_services_that_bring_the_same_bytes_none_takes_them_from_the_other(
    yard: Yard,
) -> None:
    package, path = made.release(yard.folder, "1.0")
    for service in ("billing", "shop"):
        await yard.hosts.send_package(yard.access, service, package, path)
    for service in ("billing", "shop"):
        chain = made.chain(made.unpack("1.0", package), name=f"bring-{service}")
        (result,) = await yard.perform(replace(chain, service=service))
        assert result.exit_code == 0, (service, result)


async def test_an_unpacked_release_needs_no_package_any_more(yard: Yard) -> None:
    package = await yard.bring("1.0")
    path = yard.folder / package.filename
    assert await yard.hosts.send_package(yard.access, "billing", package, path) == 0
    again = await yard.perform(made.chain(made.unpack("1.0", package), name="again"))
    assert again[0].exit_code == 0
    seen = await yard.hosts.observe(yard.access, "billing")
    assert seen.releases == (("1.0", package.sha256),)


async def test_unpacking_what_was_not_sent_says_so(yard: Yard) -> None:
    package, _ = made.release(yard.folder, "1.0")
    (result,) = await yard.perform(made.chain(made.unpack("1.0", package)))
    assert result.exit_code == 66


async def test_the_same_bytes_may_be_two_versions(yard: Yard) -> None:
    package = await yard.bring("1.0")
    (result,) = await yard.perform(made.chain(made.unpack("1.0-again", package), name="again"))
    assert result.exit_code == 0
    seen = await yard.hosts.observe(yard.access, "billing")
    assert seen.releases == (("1.0", package.sha256), ("1.0-again", package.sha256))


async def test_a_version_never_changes_its_content(yard: Yard) -> None:
    await yard.bring("1.0")
    other, path = made.release(yard.folder, "1.0", other=b"#!/bin/sh\n")
    await yard.hosts.send_package(yard.access, "billing", other, path)
    (result,) = await yard.perform(made.chain(made.unpack("1.0", other), name="other"))
    assert result.exit_code == 65


async def test_switching_to_a_release_that_is_not_there_changes_nothing(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    (result,) = await yard.perform(made.chain(made.switch(yard.root, "2.0"), name="switch"))
    assert result.exit_code == 66
    seen = await yard.hosts.observe(yard.access, "billing")
    assert (seen.instances[0].link, seen.instances[0].running_version) == ("1.0", "1.0")


async def test_a_switched_and_restarted_instance_is_seen_running(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.bring("1.1")
    await yard.run("1.0")
    steps = made.receipt("1.1"), made.switch(yard.root, "1.1"), made.restart(), made.probe("1.1")
    results = await yard.perform(made.chain(*steps, name="up", fence=(4, 1)))
    assert [result.exit_code for result in results] == [0, 0, 0, 0]
    (seen,) = (await yard.hosts.observe(yard.access, "billing")).instances
    assert (seen.instance, seen.link, seen.running_version) == ("8080", "1.1", "1.1")
    assert seen.epoch == 4
    assert seen.pid


async def test_each_result_is_told_once_and_in_order(yard: Yard) -> None:
    await yard.bring("1.0")
    heard: list[TicketResult] = []
    chain = made.chain(made.receipt("1.0"), made.switch(yard.root, "1.0"), made.restart())
    results = await yard.hosts.perform(yard.access, chain, on_result=heard.append)
    assert tuple(heard) == results
    assert [result.ticket for result in heard] == ["t-1", "t-2", "t-3"]
    assert all(result.started_at and result.finished_at for result in heard)


async def test_a_chain_ends_at_the_first_ticket_that_failed(yard: Yard) -> None:
    steps = made.receipt("1.0"), made.switch(yard.root, "1.0"), made.restart()
    results = await yard.perform(made.chain(*steps))
    assert [(result.ticket, result.exit_code) for result in results] == [("t-1", 0), ("t-2", 66)]


async def test_a_chain_asked_for_again_runs_nothing_again(yard: Yard) -> None:
    await yard.bring("1.0")
    chain = made.chain(made.receipt("1.0"), made.note("1.0", "once"), made.switch(yard.root, "2.0"))
    first = await yard.perform(chain)
    assert await yard.perform(chain) == first
    later = replace(chain, fence=replace(chain.fence, epoch=2))
    assert await yard.perform(later) == first
    assert yard.notes() in ([], ["once"])  # the fake runs no scripts


async def test_two_who_ask_at_once_hear_the_same_one_run(yard: Yard) -> None:
    await yard.bring("1.0")
    chain = made.chain(made.note("1.0", "once"), made.switch(yard.root, "1.0"), made.restart())
    one, other = await asyncio.gather(yard.perform(chain), yard.perform(chain))
    assert one == other
    assert [result.exit_code for result in one] == [0, 0, 0]
    assert yard.notes() in ([], ["once"])


async def test_an_empty_chain_has_no_results(yard: Yard) -> None:
    assert await yard.perform(made.chain()) == ()


@pytest.mark.parametrize("late", [(1, 9), (2, 4)])
async def test_a_lower_fence_is_refused(yard: Yard, late: tuple[int, int]) -> None:
    await yard.perform(made.chain(made.receipt("1.0"), fence=(2, 5)))
    with pytest.raises(StaleClaim):
        await yard.perform(made.chain(made.receipt("1.0"), name="late", fence=late))
    results = await yard.perform(made.chain(made.receipt("1.0"), name="next", fence=(2, 6)))
    assert results[0].exit_code == 0


async def test_a_fence_is_an_instances_own(yard: Yard) -> None:
    await yard.perform(made.chain(made.receipt("1.0"), fence=(9, 9)))
    other = made.chain(made.receipt("1.0"), name="other", fence=(1, 1), instance="8081")
    assert (await yard.perform(other))[0].exit_code == 0


async def test_a_stopped_instance_has_no_process(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    (result,) = await yard.perform(made.chain(made.stop(), name="stop"))
    assert result.exit_code == 0
    (seen,) = (await yard.hosts.observe(yard.access, "billing")).instances
    assert (seen.link, seen.running_version, seen.pid) == ("1.0", "", None)


async def test_a_probe_of_a_release_that_does_not_run_fails(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.bring("1.1")
    await yard.run("1.0")
    (result,) = await yard.perform(made.chain(made.probe("1.1"), name="probe"))
    assert result.exit_code == 70
    assert "1.0" in result.output


async def test_pruning_keeps_what_is_pointed_at_and_what_is_asked_for(yard: Yard) -> None:
    for version in ("1.0", "1.1", "1.2"):
        await yard.bring(version)
    await yard.run("1.2")
    (result,) = await yard.perform(made.chain(Prune(("1.1",)), name="prune"))
    assert result.exit_code == 0
    seen = await yard.hosts.observe(yard.access, "billing")
    assert [version for version, _ in seen.releases] == ["1.1", "1.2"]


async def test_a_running_instance_is_not_removed(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    (result,) = await yard.perform(made.chain(Remove(made.scripts()), name="remove"))
    assert result.exit_code == 75


async def test_the_last_instance_takes_the_releases_with_it(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    steps = made.stop(), made.receipt(""), Remove(made.scripts())
    results = await yard.perform(made.chain(*steps, name="gone"))
    assert [result.exit_code for result in results] == [0, 0, 0], results
    seen = await yard.hosts.observe(yard.access, "billing")
    assert seen.releases == ()
    assert [(one.link, one.pid) for one in seen.instances] == [("", None)]


async def test_what_was_forgotten_may_be_forgotten_again(yard: Yard) -> None:
    await yard.perform(made.chain(made.receipt("1.0")))
    await yard.hosts.forget(yard.access, ("t-1",))
    await yard.hosts.forget(yard.access, ("t-1", "t-2"))
    await yard.hosts.forget(yard.access, ())


async def test_facts_name_the_tools(yard: Yard) -> None:
    facts = await yard.hosts.check(yard.access)
    assert {"tar", "gzip", "sha256sum", "flock", "setsid"} <= set(facts.tools)
    assert facts.root_writable
    assert facts.cpus > 0


async def test_a_host_whose_key_was_never_learnt_is_not_talked_to(yard: Yard) -> None:
    with pytest.raises(HostKeyUnknown):
        await yard.hosts.check(replace(yard.access, host_key=""))


async def test_a_learnt_key_is_the_hosts_own(yard: Yard) -> None:
    assert await yard.hosts.learn_key(replace(yard.access, host_key="")) == yard.access.host_key


async def test_another_host_key_stops_everything(yard: Yard) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0R9lw9zqYH1z0mYxTQ2l1kqz1h0oHf2mQ3k3Q1yM8D"
    with pytest.raises(HostKeyChanged):
        await yard.hosts.check(replace(yard.access, host_key=other))


async def test_a_step_that_takes_too_long_is_ended(yard: Yard) -> None:
    await yard.bring("1.0")
    if hold := getattr(yard.hosts, "at", None):
        hold("web-1").hold("before_activate")
    step = made.hook("1.0", "/bin/sleep", "1000")
    (result,) = await yard.perform(made.chain(step, timeout=timedelta(seconds=0.3)))
    assert result.exit_code == 124
