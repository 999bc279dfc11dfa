"""What people start on the real level."""

from random import Random

from slipway.core.words.kinds import RolloutKind
from slipway.records.catalog.models import Service
from slipway.records.catalog.operations import services
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.operations import instances
from slipway.records.rollouts.models import OVER, Rollout
from tests.simulation.real.people import Act, People


def _some(service: Service, dice: Random) -> tuple[str, ...]:
    """Most of its hosts; none: all of them."""
    rows = Instance.objects.filter(service=service).order_by("host__name")
    names = list(rows.values_list("host__name", flat=True))
    return tuple(name for name in names if dice.random() < 0.9)


def _upgrade(people: People, service: Service, dice: Random) -> None:
    version = dice.choice(("v1", "v2", "v2", "v3", "v4"))
    people.start(service, RolloutKind.UPGRADE, version, _some(service, dice))


def _roll_back(people: People, service: Service, dice: Random) -> None:
    people.start(service, RolloutKind.REVERT)


def _over(service: Service, dice: Random) -> Rollout | None:
    over = Rollout.objects.filter(service=service, state__in=[s.value for s in OVER])
    recent = list(over.order_by("-pk")[:4])
    return dice.choice(recent) if recent else None


def _take_back(people: People, service: Service, dice: Random) -> None:
    over = _over(service, dice)
    if over is not None:
        people.take_back(over)


def _retry(people: People, service: Service, dice: Random) -> None:
    over = _over(service, dice)
    if over is not None:
        people.retry(over)


def _apply(people: People, service: Service, dice: Random) -> None:
    """Bring changed settings to what is there."""
    spec = {"environment": {"LEVEL": str(dice.randrange(1000))}}
    with people.trying(f"other settings of {service.name}"):
        services.change_service(
            service=service, changes={"spec": spec}, by=people.bob, now=people.town.now()
        )
    people.start(service, RolloutKind.APPLY)


def _restart(people: People, service: Service, dice: Random) -> None:
    people.start(service, RolloutKind.RESTART)


def _stop_or_start(people: People, service: Service, dice: Random) -> None:
    kind = RolloutKind.START if dice.random() < 0.5 else RolloutKind.STOP
    people.start(service, kind, hosts=_some(service, dice)[:2])


def _deploy(people: People, service: Service, dice: Random) -> None:
    taken = Instance.objects.filter(service=service).values("host")
    hosts = Host.objects.exclude(pk__in=taken).filter(environment__name="prod").order_by("name")
    names = tuple(hosts.values_list("name", flat=True))
    if names:
        people.start(service, RolloutKind.DEPLOY, dice.choice(("v1", "v2")), names)


def _remove(people: People, service: Service, dice: Random) -> None:
    names = _some(service, dice)[-1:]
    if names:
        people.start(service, RolloutKind.DELETE, hosts=names)


def _weigh(people: People, service: Service, dice: Random) -> None:
    """Other weights: orders, no release."""
    weight = dice.choice((100, 50, 10))
    for instance in Instance.objects.filter(service=service):
        with people.trying(f"weight {weight} of {instance}"):
            instances.change_instance(
                instance=instance, weight=weight, by=people.alice, now=people.town.now()
            )
    people.start(service, RolloutKind.APPLY)


STARTS: tuple[Act, ...] = (
    *(_upgrade, _upgrade, _upgrade, _upgrade, _upgrade, _roll_back, _take_back, _retry, _retry),
    *(_apply, _restart, _stop_or_start, _stop_or_start, _deploy, _remove, _weigh),
)
