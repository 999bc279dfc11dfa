"""From nothing to the first release and back: seven steps, each told from what is there. Nothing
remembers how far somebody came: what was taken away is open again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.interfaces.web.fleet.host_lines import HostLine, line_for
from slipway.interfaces.web.fleet.hosts import fingerprint
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL, RUN, WAIT, size
from slipway.interfaces.web.shown.hint_links import remedy_of
from slipway.interfaces.web.start.example import address_of
from slipway.interfaces.web.start.probe import Trial, trials_of
from slipway.records.rollouts.ask.beginnings import Beginnings, Done, get_beginnings

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@dataclass(frozen=True, slots=True)
class FirstStep:
    """`says` is the proof of what is done, and of what is not how it is done; `tried` is what will
    count. `link` leads to where it is done, or to what was."""

    title: str
    is_done: bool
    says: str
    tried: str = ""
    link: str = ""
    link_text: str = ""
    mark: str = WAIT
    trials: tuple[Trial, ...] = ()
    problem: str = ""
    hint: str = ""
    line: HostLine | None = None
    checked_host: str = ""
    example: str = ""  # a package to take, where none is at hand
    learns_key: bool = False
    is_looked_at: bool = False  # again and again, by itself


@dataclass(frozen=True, slots=True)
class NumberedStep:
    number: int
    step: FirstStep
    is_open: bool

    @property
    def looks(self) -> str:
        """The classes that it wears."""
        if self.is_open:
            return f"open is-{self.step.mark}"
        return "is-ok" if self.step.is_done else "later"


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """All seven, of which one is open, and the sentence that says where one is."""

    steps: tuple[NumberedStep, ...]
    done: int
    sentence: str
    mark: str


def first_steps_of(actor: "Actor") -> FirstSteps | None:
    """Return the steps, None where all are done, or for who could not go them."""
    if not actor.may(Action.MANAGE_SERVICE):
        return None
    begun = get_beginnings(actor)
    if begun is None:
        return None
    steps = tuple(_steps(begun, actor))
    at = next((number for number, step in enumerate(steps, 1) if not step.is_done), 0)
    if not at:
        return None
    current = steps[at - 1]
    sentence = _("Step %(number)s of %(all)s: %(what)s") % {
        "number": at,
        "all": len(steps),
        "what": current.problem or current.title,
    }
    numbered = (NumberedStep(number, step, number == at) for number, step in enumerate(steps, 1))
    return FirstSteps(tuple(numbered), sum(step.is_done for step in steps), sentence, current.mark)


def _steps(begun: Beginnings, actor: "Actor") -> Iterator[FirstStep]:
    yield _environment(begun)
    yield _key(begun)
    yield _host(begun, actor)
    yield _service(begun)
    yield _version(begun)
    yield _release(begun)
    yield _back(begun)


def _environment(begun: Beginnings) -> FirstStep:
    title, there = _("Environment"), begun.environment
    if there is None:
        says = _("a name for hosts that are released to together: test, say")
        return FirstStep(title, False, says, "", "/environments/-/new", _("Add an environment"))
    says = _("%(name)s · batches %(batches)s") % {"name": there.name, "batches": there.batches}
    return FirstStep(
        title, True, says, link=f"/environments/{there.name}", link_text=_("Look at it")
    )


def _key(begun: Beginnings) -> FirstStep:
    title, there = _("SSH key"), begun.key
    if there is None:
        says = _("made here or pasted; kept encrypted, its private half never shown")
        return FirstStep(title, False, says, "", "/keys", _("Make a key"))
    says = f"{there.name} · {fingerprint(there.public_key)}"
    return FirstStep(title, True, says, link="/keys", link_text=_("Copy the public half"))


def _host(begun: Beginnings, actor: "Actor") -> FirstStep:
    title, host, check = _("First host"), begun.host, begun.check
    tried = _("checked: key, login, tools, folder, room")
    if host is None:
        says = _("a Linux machine with sshd; no agent is installed there")
        return FirstStep(title, False, says, tried, "/hosts/-/new", _("Add a host"))
    page = f"/hosts/{host.name}"
    if begun.is_host_well:
        facts = host.facts
        found = [host.name, facts.get("os"), facts.get("arch"), host.root]
        found.append(_("%(free)s free") % {"free": size(facts.get("disk_free"))})
        says = " · ".join(str(each) for each in found if each)
        return FirstStep(title, True, says, link=page, link_text=_("Look at it"))
    is_waited_for = check is not None and not check.is_over
    problem = check.problem if check is not None and check.ok is False else host.problem
    return FirstStep(
        title,
        False,
        _("%(host)s is being checked…") % {"host": host.name} if is_waited_for else host.name,
        tried,
        page,
        _("Look at it"),
        mark=RUN if is_waited_for else FAIL if problem else WAIT,
        trials=trials_of(host, check),
        problem=said(problem),
        hint=remedy_of(problem, Reader(actor, host.environment)).hint,
        line=line_for(problem, host),
        checked_host="" if is_waited_for else host.name,
        learns_key=not host.host_key,
        is_looked_at=bool(problem and host.host_key),
    )


def _service(begun: Beginnings) -> FirstStep:
    title, there = _("Service"), begun.service
    if there is None:
        says = _("what is released under one name; the name is enough")
        return FirstStep(title, False, says, "", "/services/-/new", _("Add a service"))
    link = f"/services/{there.name}"
    return FirstStep(title, True, there.name, link=link, link_text=_("Look at it"))


def _version(begun: Beginnings) -> FirstStep:
    title, there, tried = _("Version"), begun.version, _("checked: sha256, unpacked, its spec")
    if there is None:
        says = _("drop a tar, zip, jar, war, wheel or a single program")
        name = begun.service.name if begun.service else ""
        link = f"/services/{name}/versions/-/new" if name else ""
        upload = _("Upload a version")
        return FirstStep(title, False, says, tried, link, upload, example=address_of(1))
    package = there.package
    says = f"{there.service.name} {there.name}"
    if package is not None:
        says = f"{says} · {size(package.size)} · sha256 {package.sha256[:12]}…"
    link = f"/services/{there.service.name}/versions/{there.name}"
    return FirstStep(title, True, says, link=link, link_text=_("Look at it"))


def _release(begun: Beginnings) -> FirstStep:
    title, there, tried = _("Release"), begun.release, _("checked: its health, on the host")
    if there is not None:
        return _went(title, there)
    says = _("the plan first, then the board; it ends when the service is well")
    link = ""
    if begun.version is not None and begun.environment is not None:
        where = begun.host.environment if begun.host else begun.environment.name
        link = _plan(RolloutKind.DEPLOY, begun.version.service.name, where)
    return FirstStep(title, False, says, tried, link, _("Plan it"))


def _back(begun: Beginnings) -> FirstStep:
    title, there, tried = _("And back"), begun.back, _("checked: that the former one is well again")
    if there is not None:
        return _went(title, there)
    released = begun.release
    if released is None:
        says = _("go back once while nothing depends on it")
        return FirstStep(title, False, says, tried)
    service, where = released.service, released.environment
    if released.kind == RolloutKind.UPGRADE:
        says = _("go back once while nothing depends on it")
        link = _plan(RolloutKind.REVERT, service, where)
        return FirstStep(title, False, says, tried, link, _("Plan the way back"))
    if begun.versions > 1:
        says = _("there is only a way back behind a second version: release that one first")
        link = _plan(RolloutKind.UPGRADE, service, where)
        return FirstStep(title, False, says, tried, link, _("Plan the upgrade"))
    says = _("there is only a way back behind a second version: upload one of %(service)s")
    says %= {"service": service}
    link = f"/services/{service}/versions/-/new"
    upload = _("Upload a version")
    return FirstStep(title, False, says, tried, link, upload, example=address_of(2))


def _plan(kind: RolloutKind, service: str, environment: str) -> str:
    query = {"kind": kind.value, "service": service, "environment": environment}
    return f"/rollouts/new?{urlencode(query)}"


def _went(title: str, done: Done) -> FirstStep:
    what = _("%(service)s in %(where)s") % {"service": done.service, "where": done.environment}
    took = _("%(n)s s") % {"n": f"{done.seconds:.0f}"}
    says = " · ".join(part for part in (f"#{done.number}", what, done.version, took) if part)
    return FirstStep(title, True, says, link=f"/rollouts/{done.number}", link_text=_("Look at it"))
