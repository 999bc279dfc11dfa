"""Which hosts and instances a wish is for, where it does not name hosts: found by what they have in
common, or named as places. What was found is written into the wish, and so into its plan."""

from dataclasses import replace

from slipway.core.finding.where import Where
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.finding import hosts_asked_for
from slipway.records.fleet.models import Host
from slipway.records.rollouts.wish.refusals import UnknownHost
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.finding.asked import Asking


def chosen(wish: Wish, asking: Asking, places: tuple[str, ...], actor: Actor) -> Wish:
    """Return the wish with the hosts that are asked for, and with these places (`web-1:8090`).

    Raises Invalid, UnknownHost.
    """
    if places:
        wish = _with_places(wish, places)
    if not asking.where:
        return wish
    if wish.hosts or wish.places:
        raise Invalid(
            "Hosts are chosen by their names, or by what they have in common: not by both."
        ).at("where")
    return replace(wish, hosts=_found(wish, asking, actor), are_found=True)


def _with_places(wish: Wish, places: tuple[str, ...]) -> Wish:
    if wish.kind is not RolloutKind.DEPLOY:
        return replace(wish, places=places)
    # Where nothing is yet, a place is a host and the port that is wished for there.
    split = [place.rpartition(":") for place in places]
    ports = {port for _host, _colon, port in split}
    port = ports.pop() if len(ports) == 1 else ""
    if not (port.isascii() and port.isdigit() and len(port) < 6) or wish.port not in (0, int(port)):
        raise Invalid(
            "A deploy is to one port: {places} are not.",
            hint="Deploy to each port by itself: --hosts web-1,web-2 --port 8090",
            places=", ".join(shown(place) for place in places[:5]),
        ).at("instances")
    names = (host for host, _colon, _port in split)
    return replace(wish, hosts=tuple(dict.fromkeys((*wish.hosts, *names))), port=int(port))


def _found(wish: Wish, asking: Asking, actor: Actor) -> tuple[str, ...]:
    seen = Host.objects.filter(
        actor.visible(environment="environment__name"), environment=wish.environment
    )
    hosts = hosts_asked_for(seen, asking, actor)
    if wish.kind is not RolloutKind.DEPLOY:
        hosts = hosts.filter(pk__in=wish.service.instances.values("host"))
    names = tuple(hosts.order_by("name").values_list("name", flat=True))
    if not names:
        raise _nobody(wish, asking.where)
    return names


def _nobody(wish: Wish, where: Where) -> UnknownHost:
    if wish.kind is RolloutKind.DEPLOY:
        return UnknownHost(
            "No host in {environment} is so: {asked}",
            hint="Look at the list of hosts, asked for in the same words.",
            environment=wish.environment.name,
            asked=shown(where.text),
        )
    return UnknownHost(
        "No host of {service} in {environment} is so: {asked}",
        hint="Look at the list of hosts, asked for in the same words.",
        service=wish.service.name,
        environment=wish.environment.name,
        asked=shown(where.text),
    )
