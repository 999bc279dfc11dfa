"""What people order on the real level beside rollouts: locks, maintenance, windows, withdrawals,
policies."""

from datetime import timedelta
from random import Random

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Environment, Host, HostState, Instance
from slipway.records.fleet.operations import environments, hosts, instances
from slipway.records.rollouts.models import Lock, Withdrawal
from slipway.records.rollouts.operations import locks, withdrawals
from tests.simulation.real.people import Act, People


def _instance(service: Service, dice: Random) -> Instance | None:
    rows = list(Instance.objects.filter(service=service).order_by("pk"))
    return dice.choice(rows) if rows else None


def _lock_place(people: People, service: Service, dice: Random) -> None:
    instance = _instance(service, dice)
    if instance is not None:
        lock_or_unlock(people, instance)


def lock_or_unlock(people: People, instance: Instance) -> None:
    with people.trying(f"{instance} locked or unlocked"):
        more = {"instance": instance, "by": people.alice, "now": people.town.now()}
        if instance.locked_at is None:
            instances.lock_instance(reason="being looked at", **more)  # type: ignore[arg-type]
        else:
            instances.unlock_instance(**more)  # type: ignore[arg-type]


def _maintain(people: People, service: Service, dice: Random) -> None:
    instance = _instance(service, dice)
    if instance is not None:
        maintain(people, instance, on=not instance.is_maintain)


def maintain(people: People, instance: Instance, *, on: bool) -> None:
    with people.trying(f"maintenance of {instance}: {on}"):
        instances.change_instance(
            instance=instance, is_maintain=on, by=people.alice, now=people.town.now()
        )


def _maintain_host(people: People, service: Service, dice: Random) -> None:
    host = dice.choice(list(Host.objects.order_by("pk")))
    on = host.state != HostState.MAINTENANCE
    with people.trying(f"maintenance of {host}: {on}"):
        hosts.set_maintenance(host=host, on=on, by=people.bob, now=people.town.now())


def _move(people: People, service: Service, dice: Random) -> None:
    """A host is given to another environment, where that is allowed, and comes back some day."""
    host = dice.choice(list(Host.objects.select_related("environment").order_by("pk")))
    other = Environment.objects.exclude(pk=host.environment_id).get()
    with people.trying(f"{host} in {other}"):
        hosts.change_host(
            host=host, changes={"environment": other}, by=people.bob, now=people.town.now()
        )


def _hold(people: People, service: Service, dice: Random) -> None:
    if dice.random() < 0.5:
        _lock_service(people, service, people.bob)
        return
    is_closed = people.environment.freeze_windows
    close(people, is_closed=not is_closed)


def close(people: People, *, is_closed: bool) -> None:
    now = people.town.now()
    window = {"from": now.isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    with people.trying(f"the environment closed: {is_closed}"):
        environments.change_environment(
            environment=people.environment,
            changes={"freeze_windows": [window] if is_closed else []},
            by=people.bob,
            now=now,
        )


def _lock_service(people: People, service: Service, by: Actor) -> None:
    is_locked = Lock.objects.filter(service=service, released_at=None).exists()
    with people.trying(f"{service.name} locked: {not is_locked}"):
        if is_locked:
            unlock(people, service)
        else:
            locks.lock_service(
                service=service,
                environment=people.environment,
                reason="looking",
                until=None,
                by=by,
                now=people.town.now(),
            )


def unlock(people: People, service: Service) -> None:
    locks.unlock_service(
        service=service,
        environment=people.environment,
        by=people.bob,
        now=people.town.now(),
        reason="looked at",
    )


def _change_policy(people: People, service: Service, dice: Random) -> None:
    changes = {
        "max_unavailable": dice.choice(("1", "2")),
        "failure_budget": dice.choice(("0", "1")),
    }
    with people.trying(f"another policy: {changes}"):
        environments.change_environment(
            environment=people.environment, changes=changes, by=people.bob, now=people.town.now()
        )


def _withdraw(people: People, service: Service, dice: Random) -> None:
    more = {"environment": people.environment, "by": people.alice, "now": people.town.now()}
    held = Withdrawal.objects.filter(version__service=service, cleared_at=None).first()
    version = held.version if held else service.versions.get(name=dice.choice(("v1", "v2")))
    with people.trying(f"{version} withdrawn: {held is None}"):
        if held is None:
            withdrawals.withdraw_version(version=version, reason="it leaks", **more)  # type: ignore[arg-type]
        else:
            withdrawals.clear_withdrawal(version=version, **more)  # type: ignore[arg-type]


ORDERS: tuple[Act, ...] = (
    *(
        _lock_place,
        _lock_place,
        _maintain,
        _maintain_host,
        _move,
        _hold,
        _hold,
        _withdraw,
        _change_policy,
    ),
)
