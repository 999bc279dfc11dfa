"""Which hosts know a later claim than ours, of ours or of another installation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from slipway.core.hosts.claims import is_within_reach
from slipway.core.words.sentence import Sentence, some_of
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import TO_BE_DRIVEN, Epoch, LaterClaim, Rollout


@dataclass(frozen=True, slots=True)
class Heard:
    """What a host says. `hinders`: a rollout that is driven has a claim below it."""

    host: str
    epoch: int
    installation: str
    hinders: bool


@dataclass(frozen=True, slots=True)
class LaterClaims:
    """What hosts say, each host once. `ours` is the last epoch that was given out."""

    ours: int
    to_raise_over: Sequence[Heard] = ()
    impossible: Sequence[Heard] = ()  # further ahead than ours can have been
    foreign: Sequence[Heard] = ()

    def __bool__(self) -> bool:
        return bool(self.to_raise_over or self.impossible or self.foreign)

    def told(self, limit: int) -> Sentence:
        """Say what there is, and advise: of each kind up to `limit` hosts are named."""
        parts = []
        if self.to_raise_over:
            parts.append(
                Sentence.of(
                    "later_claims",
                    "Hosts that know a later claim than ours, which is {ours}: {hosts}.",
                    hint="Where no copy of this installation runs elsewhere, raise ours above"
                    " theirs: `slipway claim raise`.",
                    ours=self.ours,
                    hosts=_epochs(self.to_raise_over, limit),
                )
            )
        if self.impossible:
            parts.append(
                Sentence.of(
                    "impossible_claims",
                    "Hosts that name a claim further ahead of ours than one of ours can be:"
                    " {hosts}.",
                    hint="Find out who wrote it there; ours is not raised over it. Then remove"
                    " SERVICE/*/receipts/fence below the root folder of the host.",
                    hosts=_epochs(self.impossible, limit),
                )
            )
        if self.foreign:
            parts.append(
                Sentence.of(
                    "foreign_claims",
                    "Hosts of which another installation of Slipway takes care: {hosts}.",
                    hint="Let only one of them release there. To take a host over for good, remove"
                    " SERVICE/*/receipts/fence below its root folder.",
                    hosts=_installations(self.foreign, limit),
                )
            )
        advice = [part.advice for part in parts if part.advice]
        return Sentence.of(
            "claims",
            "{told}",
            hint="{advice}",
            told=Sentence.joined(*parts),
            advice=Sentence.joined(*advice),
        )


def find() -> LaterClaims:
    """Return what was heard and still matters: two queries, however many hosts."""
    epoch = Epoch.objects.annotate(clock=Now()).filter(pk=1).first()
    if epoch is None:
        return LaterClaims(0)
    return compared_with(epoch, max(epoch.value, int(epoch.clock.timestamp())))


def compared_with(epoch: Epoch, next_one: int) -> LaterClaims:
    """Return them beside the last epoch given out; `next_one` is what the next may begin at."""
    of_ours, impossible, foreign = [], [], []
    for heard in _open(epoch.raised):
        if heard.installation:
            foreign.append(heard)
        elif not is_within_reach(heard.epoch, next_one):
            impossible.append(heard)
        elif heard.epoch > epoch.value or heard.hinders:
            of_ours.append(heard)
    return LaterClaims(
        epoch.value, _once_each(of_ours), _once_each(impossible), _once_each(foreign)
    )


def _open(raised: int) -> Iterator[Heard]:
    """Those that took no claim of ours since, and were not raised over. They matter as long as
    there is an instance, or a rollout that is to make one."""
    instances = Instance.objects.filter(
        service=OuterRef("service"), host=OuterRef("host"), port=OuterRef("port")
    )
    rollouts = Rollout.objects.filter(TO_BE_DRIVEN, pk=OuterRef("rollout"))
    rows = LaterClaim.objects.filter(
        Exists(instances) | Exists(rollouts),
        ~Q(installation="") | Q(epoch__gt=raised),
        Q(host__machine_since=None) | Q(heard_at__gte=F("host__machine_since")),
        answered_at=None,
    )
    rows = rows.annotate(hinders=Exists(rollouts.filter(epoch__lt=OuterRef("epoch"))))
    columns = ("host__name", "epoch", "installation", "hinders")
    for row in rows.order_by("host__name").values_list(*columns):
        yield Heard(*row)


def _once_each(every: Iterable[Heard]) -> list[Heard]:
    """Of each host the highest: one that lies names itself, and hides no other."""
    highest: dict[str, Heard] = {}
    for heard in every:
        known = highest.get(heard.host)
        if known is None or heard.epoch > known.epoch:
            highest[heard.host] = heard
    return list(highest.values())


def _epochs(every: Iterable[Heard], limit: int) -> Sentence:
    said = [
        Sentence.of("host_and_epoch", "{host} ({epoch})", host=each.host, epoch=each.epoch)
        for each in every
    ]
    return some_of(said, limit)


def _installations(every: Iterable[Heard], limit: int) -> Sentence:
    said = [
        Sentence.of(
            "host_and_installation",
            "{host} ({installation})",
            host=each.host,
            installation=each.installation,
        )
        for each in every
    ]
    return some_of(said, limit)
