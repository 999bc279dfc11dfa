"""What people do on the real level: through the operations, as page and command line do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from random import Random

from slipway.core.kinds import RolloutKind
from slipway.core.refusal import Refused
from slipway.core.roles import Role
from slipway.core.rollout.events import Wished
from slipway.core.rollout.questions import ANSWERS, Answer, Asks
from slipway.core.rollout.words import Word
from slipway.records.accounts.actors import Actor
from slipway.records.catalog import operations as catalog
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet import operations as fleet
from slipway.records.fleet.models import Environment, Host, HostState, Instance
from slipway.records.rollouts import operations
from slipway.records.rollouts.models import ACTIVE, OVER, Lock, Rollout
from slipway.records.rollouts.run.loading import load
from slipway.records.rollouts.wishes import Wish
from tests.simulation.real.ground import PORTS, person
from tests.simulation.real.town import Town

KINDS = {RolloutKind.REVERT: "rollback"}


class People:
    """Alice deploys, Bob administers; the town is where they do it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.alice = person("alice", Role.DEPLOYER)
        self.bob = person("bob", Role.ADMIN)

    def act(self, dice: Random) -> None:
        """Somebody does something; what, depends on the dice and on how things are."""
        name = dice.choice(self.town.shape.services)
        if self.town.is_database_away:
            return
        service = Service.objects.get(name=name)
        active = self.active(service)
        if active is not None and dice.random() < 0.75:
            self._steer(active, dice)
        elif active is None and dice.random() < 0.8:
            dice.choice(STARTS)(self, service, dice)
        else:
            dice.choice(ORDERS)(self, service, dice)

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        try:
            yield
        except Refused as refused:
            self.town.tell(f"a person wants {what}: refused ({refused.code}): {refused}")
        else:
            self.town.tell(f"a person wants {what}")
        self.town.mirror.look_at_rows(self.town.now())

    def active(self, service: Service) -> Rollout | None:
        states = [state.value for state in ACTIVE]
        return Rollout.objects.filter(service=service, state__in=states).first()

    @property
    def environment(self) -> Environment:
        return Environment.objects.get(name="prod")

    # --- starting ------------------------------------------------------------------------------

    def start(
        self,
        service: Service,
        kind: RolloutKind,
        version: str = "",
        hosts: tuple[str, ...] = (),
        **more: object,
    ) -> Rollout | None:
        """Start a rollout; None where it is refused."""
        wish = Wish(
            kind=kind,
            service=service,
            environment=self.environment,
            version=Version.objects.get(service=service, name=version) if version else None,
            hosts=hosts,
            port=PORTS[service.name] if kind is RolloutKind.DEPLOY else 0,
            **more,  # type: ignore[arg-type]
        )
        begin = partial(operations.start_rollout, wish=wish)
        return self._begun(begin, f"{kind} of {service.name} {version} {hosts}")

    def _begun(self, begin: Callable[..., Rollout], what: str, retries: int = 0) -> Rollout | None:
        begun: list[Rollout] = []
        with self.trying(what):
            begun.append(begin(by=self.alice, now=self.town.now()))
        if not begun:
            return None
        [rollout] = begun
        value = load(rollout.pk).value
        self.town.tell(f"rollout {rollout.pk}: {_told(value)}")
        kind = KINDS.get(RolloutKind(rollout.kind), rollout.kind)
        self.town.watcher.started(value, rollout.service.name, kind, retries)
        return rollout

    def retry(self, rollout: Rollout) -> Rollout | None:
        begin = partial(operations.retry_rollout, rollout=rollout)
        return self._begun(begin, f"a retry of {rollout.pk}", retries=rollout.pk)

    def take_back(self, rollout: Rollout) -> Rollout | None:
        begin = partial(operations.roll_back, rollout=rollout)
        return self._begun(begin, f"{rollout.pk} to be taken back")

    # --- steering ------------------------------------------------------------------------------

    def _steer(self, rollout: Rollout, dice: Random) -> None:
        if rollout.asks and dice.random() < 0.5:
            code = Asks(str(rollout.asks["code"]))
            self.answer(rollout, dice.choice(ANSWERS[code]))
            return
        words = (Word.PAUSE, Word.RESUME, Word.RESUME, Word.PROMOTE, Word.PROMOTE, Word.PROMOTE)
        word = dice.choice((*words, Word.CANCEL, Word.GONE))
        if word is Word.GONE:
            self._say_gone(rollout, dice)
        elif word is not Word.CANCEL or dice.random() < 0.5:
            self.say(rollout, word)

    def say(self, rollout: Rollout, word: Word) -> None:
        act = {
            Word.PAUSE: operations.pause_rollout,
            Word.RESUME: operations.resume_rollout,
            Word.PROMOTE: operations.promote_rollout,
            Word.CANCEL: operations.cancel_rollout,
        }[word]
        with self.trying(f"{word} of {rollout.pk}"):
            act(rollout=rollout, by=self.alice, now=self.town.now())
            self._wished(rollout, Wished(word))

    def answer(self, rollout: Rollout, answer: Answer) -> None:
        with self.trying(f"{rollout.pk} answered {answer}"):
            operations.answer_question(
                rollout=rollout, answer=answer.value, by=self.alice, now=self.town.now()
            )
            self._wished(rollout, Wished(Word.ANSWER, answer=answer))

    def _say_gone(self, rollout: Rollout, dice: Random) -> None:
        lost = [
            target
            for target in rollout.targets.select_related("host").order_by("pk")
            if not self.town.fleet.machines[target.host.address].answers
        ]
        if lost and dice.random() < 0.3:
            place = f"{lost[0].host.name}:{lost[0].port}"
            with self.trying(f"{place} said to be gone"):
                operations.say_gone(
                    rollout=rollout, place=place, by=self.alice, now=self.town.now()
                )
                self._wished(rollout, Wished(Word.GONE, place=place))

    def _wished(self, rollout: Rollout, wish: Wished) -> None:
        opened = self.town.mirror.rows.open.get(rollout.pk)
        if opened is not None:
            self.town.mirror.judge.wished(opened.value, wish)


def _told(value: object) -> str:
    targets = value.targets.values()  # type: ignore[attr-defined]
    return ", ".join(
        f"{p.place} {p.origin.version or '-'}->{p.goal.version or '-'}"
        f" back {p.back.version if p.back else None} batch {p.batch}{'' if p.up else ' down'}"
        for p in (t.planned for t in targets)
        if p.is_target
    )


# --- starting -------------------------------------------------------------------------------------


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
        catalog.change_service(
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
            fleet.change_instance(
                instance=instance, weight=weight, by=people.alice, now=people.town.now()
            )
    people.start(service, RolloutKind.APPLY)


Act = Callable[[People, Service, Random], None]
STARTS: tuple[Act, ...] = (
    *(_upgrade, _upgrade, _upgrade, _upgrade, _upgrade, _roll_back, _take_back, _retry, _retry),
    *(_apply, _restart, _stop_or_start, _stop_or_start, _deploy, _remove, _weigh),
)


# --- orders ---------------------------------------------------------------------------------------


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
            fleet.lock_instance(reason="being looked at", **more)  # type: ignore[arg-type]
        else:
            fleet.unlock_instance(**more)  # type: ignore[arg-type]


def _maintain(people: People, service: Service, dice: Random) -> None:
    instance = _instance(service, dice)
    if instance is not None:
        maintain(people, instance, on=not instance.is_maintain)


def maintain(people: People, instance: Instance, *, on: bool) -> None:
    with people.trying(f"maintenance of {instance}: {on}"):
        fleet.change_instance(
            instance=instance, is_maintain=on, by=people.alice, now=people.town.now()
        )


def _maintain_host(people: People, service: Service, dice: Random) -> None:
    host = dice.choice(list(Host.objects.order_by("pk")))
    on = host.state != HostState.MAINTENANCE
    with people.trying(f"maintenance of {host}: {on}"):
        fleet.set_maintenance(host=host, on=on, by=people.bob, now=people.town.now())


def _move(people: People, service: Service, dice: Random) -> None:
    """A host is given to another environment, where that is allowed, and comes back some day."""
    host = dice.choice(list(Host.objects.select_related("environment").order_by("pk")))
    other = Environment.objects.exclude(pk=host.environment_id).get()
    with people.trying(f"{host} in {other}"):
        fleet.change_host(
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
        fleet.change_environment(
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
            operations.lock_service(
                service=service,
                environment=people.environment,
                reason="looking",
                until=None,
                by=by,
                now=people.town.now(),
            )


def unlock(people: People, service: Service) -> None:
    operations.unlock_service(
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
        fleet.change_environment(
            environment=people.environment, changes=changes, by=people.bob, now=people.town.now()
        )


ORDERS: tuple[Act, ...] = (
    *(_lock_place, _lock_place, _maintain, _maintain_host, _move, _hold, _hold, _change_policy),
)
