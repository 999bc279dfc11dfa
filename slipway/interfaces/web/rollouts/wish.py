"""What a person wishes of a service's instances: the form of a new rollout, read and looked up."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from slipway.core.finding.listings import HOSTS
from slipway.core.words.durations import format_duration, parse_duration
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.interfaces.web.frame.choosing import Choice, choice_of_versions
from slipway.records.catalog.queries.services import get_service, get_version
from slipway.records.fleet.instance_facts import InstanceFacts
from slipway.records.fleet.queries import list_hosts, list_instances, visible_environment
from slipway.records.rollouts.wish.choosing import chosen
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import whole

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.models import Service, Version
    from slipway.records.fleet.models import Environment, Host

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


NO_VERSIONS: Choice[str] = Choice((), 0)


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from, given what was chosen so far."""

    kind: RolloutKind
    service: "Service | None" = None
    environment: "Environment | None" = None
    versions: Choice[str] = NO_VERSIONS
    instances: tuple[InstanceFacts, ...] = ()
    hosts: "tuple[Host, ...]" = ()

    @classmethod
    def of(cls, form: Form, actor: "Actor") -> Self:
        """Look up what the form names. Raises NotFound for what `actor` may not see."""
        service = get_service(form.texts["service"], actor) if form.texts["service"] else None
        name = form.texts["environment"]
        environment = visible_environment(name, actor) if name else None
        versions = _versions(service.name, form) if service else NO_VERSIONS
        if service is None or environment is None:
            proposed = "upgrade" if service is None or _runs(service, actor) else "deploy"
            return cls(RolloutKind(form.chosen_kind or proposed), service, environment, versions)
        actor.require(Action.VIEW, service=service.name, environment=environment.name)
        rows = whole(lambda n, at: list_instances(actor, service, environment, limit=n, offset=at))
        instances = tuple(InstanceFacts.of(row, timezone.now()) for row in rows)
        kind = RolloutKind(form.chosen_kind or ("upgrade" if instances else "deploy"))
        hosts = tuple(row.host for row in rows)
        if kind is RolloutKind.DEPLOY:
            hosts = tuple(whole(lambda n, at: list_hosts(actor, environment, limit=n, offset=at)))
        return cls(kind, service, environment, versions, instances, hosts)

    @property
    def bake_time(self) -> str:
        """The environment's, as it is typed."""
        return format_duration(self.environment.bake_time) if self.environment else ""

    @property
    def is_guarded(self) -> bool:
        return self.environment is not None and self.environment.is_guarded


def _runs(service: "Service", actor: "Actor") -> bool:
    """Whether it runs anywhere."""
    return bool(list_instances(actor, service, limit=1).total)


def _versions(service: str, form: Form) -> Choice[str]:
    return choice_of_versions(service, form.texts["find_version"], [form.texts["version"]])


def version_of(form: Form, choices: Choices) -> "Version | None":
    """Return the version wished for: the newest ready one unless another was chosen."""
    if not choices.kind.moves_version or choices.service is None:
        return None
    name = form.texts["version"]
    if choices.kind is RolloutKind.REVERT:
        return get_version(choices.service, name) if name else None
    return get_version(choices.service, name or "latest")


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
        version=version_of(form, choices),
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
