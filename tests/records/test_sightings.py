"""What was seen of hosts and instances, beside what is wanted."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.moments import moment_said
from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import Role
from slipway.ports import HostIncapable, HostKeyChanged, HostUnreachable, OursAtFault
from slipway.records.audit.models import Event
from slipway.records.fleet import queries
from slipway.records.fleet.models import Host, HostCheck, HostState, Instance
from slipway.records.fleet.operations import checks, hosts, instances, looks
from slipway.records.fleet.operations.instances import InstanceLocked
from slipway.records.fleet.operations.looks import HostLook
from slipway.records.rollouts.ask import figures
from slipway.records.rollouts.plan import planning
from tests.records.people import NOW, alice, bob, charlie, person
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db

FACTS = HostFacts(
    os="Debian 12", arch="x86_64", cpus=2, memory=2**30, disk_total=2**34, disk_free=2**33,
    inodes_free=10**6, root_writable=True, systemd=True, can_become_root=True, tools=("tar",),
)  # fmt: skip


@made_once
def standing() -> World:
    return World(hosts=2)


# --- checks --------------------------------------------------------------------------------------


def check(world: World, *, learn_key: bool = True) -> checks.ClaimedCheck:
    group = checks.request_checks(hosts=world.hosts[:1], learn_key=learn_key, by=bob(), now=NOW)
    assert len(queries.get_check_group(group, bob())) == 1
    return checks.claim_checks(worker="w", limit=10, now=NOW)[0]


def test_a_check_is_claimed_once_and_again_after_its_worker_died(world: World) -> None:
    check(world)
    assert checks.claim_checks(worker="x", limit=10, now=NOW) == []
    later = NOW + timedelta(minutes=3)
    assert len(checks.claim_checks(worker="x", limit=10, now=later)) == 1


def test_a_key_is_learnt_once_and_never_replaced(world: World) -> None:
    Host.objects.update(host_key="")
    checks.finish_check(
        check=check(world), facts=FACTS, host_key="ssh-ed25519 AAAA1", problem=None, now=NOW
    )
    host = Host.objects.get(name="web-1")
    assert (host.host_key, host.state) == ("ssh-ed25519 AAAA1", HostState.OK)
    assert host.facts["tools"] == ["tar"]
    assert Event.objects.get(verb="host.key_learnt").by_name == "bob"
    checks.finish_check(
        check=check(world), facts=FACTS, host_key="ssh-ed25519 AAAA2", problem=None, now=NOW
    )
    assert Host.objects.get(name="web-1").host_key == "ssh-ed25519 AAAA1"
    assert Event.objects.filter(verb="host.key_learnt").count() == 1


def test_a_changed_key_is_an_event_for_everybody_to_see(world: World) -> None:
    changed = HostKeyChanged("{host} shows another key.", host="web-1")
    checks.finish_check(check=check(world), facts=None, host_key=None, problem=changed, now=NOW)
    host = Host.objects.get(name="web-1")
    assert host.state == HostState.UNREACHABLE
    assert "another key" in str(host.problem)
    assert Event.objects.get(verb="host.key_changed").thing_name == "web-1"
    done = HostCheck.objects.get()
    assert (done.ok, done.code) == (False, "host_key_changed")


def test_a_plan_says_what_the_last_check_said_of_a_host(world: World) -> None:
    slow = HostIncapable("sudo is slow on {host}.", hint="Mend {host}.", host="web-1")
    facts = replace(FACTS, tools=("tar", "curl"))  # with which its health check is asked
    lost = HostUnreachable("{host} was lost.", host="web-1")
    for problem, said in (
        (
            slow,
            [
                (
                    f"As of its check at {moment_said(NOW)}: sudo is slow on web-1.",
                    "Mend web-1.",
                )
            ],
        ),
        (lost, []),
        (None, []),
    ):
        checks.finish_check(
            check=check(world), facts=facts, host_key=None, problem=problem, now=NOW
        )
        Host.objects.update(state=HostState.OK)
        wish = world.wish("deploy", world.version("1.0"), "web-1")
        shown = planning.make_plan(wish, world.clock())
        assert [(each.message, each.hint) for each in shown.obstacles] == said


def test_a_check_ends_once(world: World) -> None:
    one = check(world)
    lost = HostUnreachable("no route\0to host")
    checks.finish_check(check=one, facts=FACTS, host_key=None, problem=None, now=NOW)
    checks.finish_check(check=one, facts=None, host_key=None, problem=lost, now=NOW)
    assert HostCheck.objects.get().ok is True
    assert Host.objects.get(name="web-1").state == HostState.OK
    with pytest.raises(IntegrityError), transaction.atomic():
        HostCheck.objects.update(ok=None)


def test_a_host_in_maintenance_stays_so_whatever_is_seen(world: World) -> None:
    hosts.set_maintenance(host=world.hosts[0], on=True, by=bob(), now=NOW)
    looks.record_looks(looks=[HostLook(world.hosts[0].pk, NOW)], now=NOW)
    assert Host.objects.get(name="web-1").state == HostState.MAINTENANCE


def test_an_error_of_ours_says_nothing_about_a_host(world: World) -> None:
    looks.record_looks(looks=[HostLook(world.hosts[0].pk, NOW)], now=NOW)
    ours = OursAtFault("Slipway itself failed.")
    checks.finish_check(check=check(world), facts=None, host_key=None, problem=ours, now=NOW)
    host = Host.objects.get(name="web-1")
    assert (host.state, host.problem, host.last_seen_at) == (HostState.OK, None, NOW)
    done = HostCheck.objects.get()
    assert (done.ok, done.code) == (False, "ours")


def test_learning_keys_is_for_admins(world: World) -> None:
    assert checks.request_checks(hosts=world.hosts, learn_key=False, by=alice(), now=NOW)
    with pytest.raises(Forbidden):
        checks.request_checks(hosts=world.hosts, learn_key=True, by=alice(), now=NOW)
    with pytest.raises(Forbidden):
        checks.request_checks(hosts=world.hosts, learn_key=False, by=charlie(), now=NOW)


# --- instances -----------------------------------------------------------------------------------


def see(world: World, host: int, seen: tuple[SeenInstance, ...], asked_at: datetime) -> None:
    look = HostLook(world.hosts[host].pk, asked_at, None, {world.service.pk: seen})
    looks.record_looks(looks=[look], now=asked_at)


def test_what_runs_is_beside_what_should_run(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    other = SeenInstance("8080", "1.0", "active", "0.9", 1, 1)
    see(world, 0, (other,), world.clock())
    see(world, 1, (), world.clock())
    told = {i.host.name: queries.status_of(i, NOW) for i in Instance.objects.not_as_wanted()}
    assert {host: status.word for host, status in told.items()} == {
        "web-1": "drifted",
        "web-2": "ill",
    }
    assert [str(told[host].why) for host in ("web-1", "web-2")] == [
        "it runs 0.9, and should run 1.0",
        "nothing of it is on its host any more",
    ]
    assert world.versions() == {"web-1": "1.0", "web-2": "1.0"}
    assert world.instance("web-1").healthy is False


def test_an_answer_asked_for_before_a_rollout_ended_does_not_overwrite_its_end(
    world: World,
) -> None:
    world.run("deploy", world.version("1.0"))
    asked_at = world.clock()
    world.run("upgrade", world.version("1.1"))
    old = SeenInstance("8080", "1.0", "active", "1.0", 1, 1)
    see(world, 0, (old,), asked_at)
    assert world.instance("web-1").seen_version == "1.1"


def test_what_was_never_looked_at_has_not_drifted(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    Instance.objects.update(seen_at=None, seen_version="")
    assert not Instance.objects.not_as_wanted().exists()
    assert queries.status_of(world.instance("web-1"), NOW).word == "unknown"


def test_what_was_changed_on_a_host_is_kept_until_a_look_finds_it_mended(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    well = SeenInstance("8080", "1.0", "active", "1.0", 1, 1)
    edited = replace(well, drift=(Drift(What.FILES, 1, "bin/app"), Drift(What.UNIT)))
    for seen, word in ((edited, "drifted"), (well, "running")):
        now = world.clock()
        see(world, 0, (seen,), now)
        assert queries.status_of(world.instance("web-1"), now).word == word
    assert not Instance.objects.not_as_wanted().exists()


def test_files_that_could_not_be_looked_through_are_neither_as_left_nor_changed(
    world: World,
) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    well = SeenInstance("8080", "1.0", "active", "1.0", 1, 1)
    now = world.clock()
    see(world, 0, (replace(well, drift=(Drift(What.UNREAD),)),), now)
    status = queries.status_of(world.instance("web-1"), now)
    assert status.word == "running"
    assert "is not known" in str(status.why)
    assert [str(row.host) for row, _ in figures.list_unread_instances(now)] == ["web-1"]
    assert not Instance.objects.not_as_wanted().exists()
    # It is looked at before "nothing to do" is said; nothing is done anew for that alone.
    shown = planning.make_plan(world.wish("upgrade", version), world.clock())
    [place] = shown.plan.targets
    assert (place.host, place.planned.anew) == ("web-1", False)


def test_an_upgrade_to_the_same_version_mends_what_was_changed(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version)
    well = SeenInstance("8080", "1.0", "active", "1.0", 1, 1)
    see(world, 0, (replace(well, drift=(Drift(What.UNIT),)),), world.clock())
    for kind, wanted in (("upgrade", version), ("apply", None)):
        plan = planning.make_plan(world.wish(kind, wanted), world.clock())
        assert [target.host for target in plan.targets] == ["web-1"], kind


def test_an_instance_is_changed_locked_and_released_by_people(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    instance = world.instance("web-1")
    instances.change_instance(instance=instance, weight=0, tag="canary", by=alice(), now=NOW)
    assert (world.instance("web-1").weight, world.instance("web-1").tag) == (0, "canary")
    with pytest.raises(Invalid):
        instances.change_instance(instance=instance, weight=1001, by=alice(), now=NOW)
    instances.lock_instance(instance=instance, reason="heap dump", by=alice(), now=NOW)
    with pytest.raises(InstanceLocked, match="alice"):
        instances.lock_instance(instance=instance, reason="mine", by=bob(), now=NOW)
    with pytest.raises(Invalid, match="needs a reason"):
        instances.unlock_instance(instance=instance, by=bob(), now=NOW)
    instances.unlock_instance(instance=instance, by=bob(), now=NOW, reason="done")
    assert world.instance("web-1").locked_at is None


def test_the_database_keeps_the_rules_of_instances(world: World) -> None:
    version = world.version("1.0")
    world.run("deploy", version, "web-1")
    for wrong in (
        {"port": 65536},
        {"weight": 1001},
        {"status": 6},
        {"previous_version": version},
        {"locked_at": NOW},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Instance.objects.update(**wrong)
    row = Instance.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_people_see_the_instances_of_their_services(world: World) -> None:
    world.run("deploy", world.version("1.0"))
    assert queries.list_instances(bob(), service="billing", host="web-1").total == 1
    assert queries.list_instances(bob(), environment=world.environment).total == 2
    assert queries.list_instances(person("dora", (Role.VIEWER, "shop", ""))).total == 0
    assert queries.list_instances(bob(), service="\0").total == 0
