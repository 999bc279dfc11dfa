"""What a person wishes of a service's instances: the form of a new rollout, read and looked up."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from slipway.core.finding.listings import HOSTS
from slipway.core.words.durations import parse_duration
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Invalid
from slipway.records.rollouts.wish.choices import Choices
from slipway.records.rollouts.wish.choosing import chosen
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.finding.asked import Asking

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_TEXTS = (
    "proposed",
    "service",
    "environment",
    "version",
    "port",
    "batches",
    "max_unavailable",
    "failure_budget",
    "left_out_budget",
    "bake_time",
    "automatic_rollback",
    "skip_unreachable",
    "settings_back",
    "even_if_never_well",
    "without",
    "where",
    "instances",
    "plan_hash",
    "reason",
    "confirm",
    "find_service",
    "find_version",
    "find_host",
)
_SPECIAL = (
    "batches",
    "max_unavailable",
    "failure_budget",
    "left_out_budget",
    "bake_time",
    "automatic_rollback",
    "skip_unreachable",
    "even_if_never_well",
    "without",
    "instances",
)

_LONGEST = 3000  # characters of an address
# What is of the plan that is shown, and of what is searched for meanwhile.
_OF_NOW = ("proposed", "plan_hash", "confirm", "find_service", "find_version", "find_host")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as they were typed; kept when the wish is refused."""

    kind: str = ""
    hosts: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: QueryDict) -> Self:
        texts = {name: data.get(name, "").strip()[:500] for name in _TEXTS}
        kind = data.get("kind", "")
        hosts = tuple(name for name in data.getlist("hosts") if name)[:10_000]
        return cls(kind if kind in set(RolloutKind) else "", hosts, texts)

    def __getitem__(self, name: str) -> object:
        return getattr(self, name) if name in ("kind", "hosts", "is_special") else self.texts[name]

    @property
    def chosen_kind(self) -> str:
        """The operation that a person has chosen; "" where it is the one that was proposed, which
        is another as soon as another service or environment is chosen."""
        return self.kind if self.kind != self.texts["proposed"] else ""

    @property
    def address(self) -> str:
        """Where the same form is opened again, with what was chosen; without the hosts where they
        are more than an address carries through every proxy."""
        texts = [(name, text) for name, text in self.texts.items() if text and name not in _OF_NOW]
        kind = [("kind", self.kind)] if self.kind else []
        hosts = [("hosts", name) for name in self.hosts]
        whole = f"/rollouts/new?{urlencode([*kind, *texts, *hosts])}"
        return whole if len(whole) < _LONGEST else f"/rollouts/new?{urlencode([*kind, *texts])}"

    @property
    def chooses_hosts(self) -> bool:
        """Whether it says for which hosts it is, in whatever way."""
        return bool(self.hosts or self.texts["where"] or self.texts["instances"])

    @property
    def is_special(self) -> bool:
        """Whether anything is to be otherwise than the environment says."""
        return any(self.texts[name] for name in _SPECIAL)


def choices_of(form: Form, actor: "Actor") -> Choices:
    """Look up what the form names. Raises NotFound for what `actor` may not see."""
    service, environment = form.texts["service"], form.texts["environment"]
    return Choices.of(form.chosen_kind, service, environment, actor, timezone.now())


def wish_of(form: Form, choices: Choices, actor: "Actor") -> Wish:
    """Return the wish. Raises Invalid, NotFound and UnknownHost for what cannot be meant."""
    assert choices.service is not None
    assert choices.environment is not None
    rollback, bake_time = form.texts["automatic_rollback"], form.texts["bake_time"]
    is_revert = choices.kind is RolloutKind.REVERT
    wish = Wish(
        kind=choices.kind,
        service=choices.service,
        environment=choices.environment,
        version=choices.version(form.texts["version"]),
        hosts=form.hosts,
        port=_port(form.texts["port"]) if choices.kind is RolloutKind.DEPLOY else 0,
        batches=form.texts["batches"],
        max_unavailable=form.texts["max_unavailable"],
        failure_budget=form.texts["failure_budget"],
        left_out_budget=form.texts["left_out_budget"],
        automatic_rollback=rollback == "1" if rollback else None,
        bake_time=parse_duration(bake_time) if bake_time else None,
        skip_unreachable=bool(form.texts["skip_unreachable"]),
        settings_back=is_revert and bool(form.texts["settings_back"]),
        even_if_never_well=is_revert and bool(form.texts["even_if_never_well"]),
        without=_listed(form.texts["without"]),
    )
    asking = Asking.typed(form.texts["where"], HOSTS, timezone.localtime())
    return chosen(wish, asking, _listed(form.texts["instances"]), actor)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _port(text: str) -> int:
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535:
        return int(text)
    raise Invalid("{port} is not a port.", hint="A port is a number from 1 to 65535.", port=text)
