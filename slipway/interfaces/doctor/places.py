"""Hosts and what runs there: what does not answer, has drifted, is ill."""

from collections.abc import Iterable
from datetime import datetime

from slipway.core.hosts.place_status import PlaceWord
from slipway.core.words.names import some
from slipway.core.words.sentence import Sentence, some_of
from slipway.interfaces.doctor.verdicts import NAMED, DoctorFinding, ill, well
from slipway.records.rollouts.ask import figures


def hosts(_now: datetime) -> DoctorFinding:
    lost = figures.list_unreachable_hosts()
    if lost:
        return ill(
            "hosts",
            "Hosts that do not answer: {hosts}.",
            hint="See why with `slipway host check NAME`; maintenance takes one out of rollouts.",
            hosts=some(lost, NAMED),
        )
    return well("hosts", "Every host answered when it was last asked.")


def twins(_now: datetime) -> DoctorFinding:
    twins = figures.list_twins()
    if not twins:
        return well("twins", "Every host has a host key of its own.")
    return ill(
        "twins",
        "Hosts with one and the same host key, which are one machine or copies of one: {hosts}.",
        hint="Of one machine keep one host: what is placed on both overwrites one another. Give a"
        " copy host keys of its own: remove /etc/ssh/ssh_host_*, run ssh-keygen -A, restart sshd.",
        hosts=some([some(names, NAMED) for names in twins], NAMED, "; "),
    )


def drift(now: datetime) -> DoctorFinding:
    odd = figures.list_odd_instances(now, PlaceWord.DRIFTED)
    if odd:
        return _as_places_say("drift", "Instances have drifted: {instances}.", odd)
    unread = figures.list_unread_instances(now)
    if unread:
        return ill(
            "drift",
            "Of these instances nobody knows whether their files are as they were released: "
            "{instances}.",
            hint="Look at the disks and the load of their hosts.",
            instances=some_of(_told(unread), NAMED),
        )
    return well("drift", "Every instance is as it was released.")


def ill_instances(now: datetime) -> DoctorFinding:
    odd = figures.list_odd_instances(now, PlaceWord.ILL)
    if odd:
        return _as_places_say("instances", "Instances are ill: {instances}.", odd)
    return well("instances", "Every instance that should run does.")


def _as_places_say(code: str, template: str, odd: list[figures.OddInstance]) -> DoctorFinding:
    """Return a finding whose advice is that of the places themselves, of the first one whole."""
    instances = some_of(_told(odd), NAMED)
    why = odd[0].status.why
    advice = why.advice if why else None
    if len(odd) == 1:
        return ill(code, template, hint="{advice}", instances=instances, advice=advice)
    hint = "{advice} Likewise for the others: `slipway instance list`."
    return ill(code, template, hint=hint, instances=instances, advice=advice)


def _told(odd: Iterable[figures.OddInstance]) -> list[Sentence]:
    template = "{instance} ({why})"
    return [
        Sentence.of("odd", template, instance=each.instance.said, why=each.status.why)
        for each in odd
    ]
