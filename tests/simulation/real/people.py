"""What people do on the real level: through the operations, as page and command line do."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.words import Word
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Role
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.models import UNDER_WAY, Rollout
from slipway.records.rollouts.operations import answers, returns, starts, steering
from slipway.records.rollouts.run.loading import load
from slipway.records.rollouts.wish.wishes import Wish
from tests.simulation.real.ground import PORTS, person
from tests.simulation.real.town import Town

KINDS = {RolloutKind.REVERT: "rollback"}


class People:
    """Alice deploys, Bob administers; the town is where they do it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.alice = person("alice", Role.ADMIN)  # less careful than the rules, at times
        self.bob = person("bob", Role.ADMIN)

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
        return Rollout.objects.filter(UNDER_WAY, service=service).first()

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
        begin = partial(starts.start_rollout, wish=wish)
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
        undone = load(rollout.reverts_id).value if rollout.reverts_id else None
        self.town.watcher.started(value, rollout.service.name, kind, retries, undone)
        return rollout

    def retry(self, rollout: Rollout) -> Rollout | None:
        begin = partial(returns.retry_rollout, rollout=rollout)
        return self._begun(begin, f"a retry of {rollout.pk}", retries=rollout.pk)

    def take_back(self, rollout: Rollout) -> Rollout | None:
        begin = partial(returns.roll_back, rollout=rollout)
        return self._begun(begin, f"{rollout.pk} to be taken back")

    # --- steering ------------------------------------------------------------------------------

    def say(self, rollout: Rollout, word: Word) -> None:
        act = {
            Word.PAUSE: steering.pause_rollout,
            Word.RESUME: steering.resume_rollout,
            Word.PROMOTE: steering.promote_rollout,
            Word.CANCEL: steering.cancel_rollout,
        }[word]
        with self.trying(f"{word} of {rollout.pk}"):
            act(rollout=rollout, by=self.alice, now=self.town.now())
            self._wished(rollout, Wished(word))

    def answer(self, rollout: Rollout, answer: Answer) -> None:
        with self.trying(f"{rollout.pk} answered {answer}"):
            answers.answer_question(
                rollout=rollout, answer=answer.value, by=self.alice, now=self.town.now()
            )
            self._wished(rollout, Wished(Word.ANSWER, answer=answer))

    def say_gone(self, rollout: Rollout, place: str) -> None:
        with self.trying(f"{place} said to be gone"):
            answers.say_gone(rollout=rollout, place=place, by=self.alice, now=self.town.now())
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


# What somebody begins or orders; what exactly, depends on the dice.
Act = Callable[[People, Service, Random], None]
