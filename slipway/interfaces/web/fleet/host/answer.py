"""What is to be said of a host first, and its facts, each judged by what a release needs there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.release.boot_unit import why_not_at_boot
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import FAIL, OK, WAIT, WARN, size
from slipway.interfaces.web.services.way.instances import InstanceView

if TYPE_CHECKING:
    from slipway.records.fleet.known_hosts import KnownHost

_NEARLY_FULL = 0.1  # of a disk is left
_ORDER = {FAIL: 0, WARN: 1}


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """`differs`: there is something to put back."""

    said: str
    more: str
    mark: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """`verdict` says what it means for a release; "" where it means nothing."""

    label: str
    text: str
    verdict: str = ""
    mark: str = ""


def answer_of(host: "KnownHost", instances: Sequence[InstanceView]) -> HostAnswer:
    """Return whether everything on a host is as it should be, as far as anybody knows."""
    wrong = [each for each in instances if each.mark in _ORDER]
    more = _how_it_is_met(host)
    if wrong:
        values = {"n": len(wrong), "all": len(instances)}
        text = ngettext(
            "%(n)s of %(all)s instances here is not as it should be.",
            "%(n)s of %(all)s instances here are not as they should be.",
            len(wrong),
        )
        worst = FAIL if any(each.mark == FAIL for each in wrong) else WARN
        return HostAnswer(text % values, more, worst, differs=True)
    if host.state == "unreachable":
        return HostAnswer(_("Nobody can say how it is now."), more, FAIL, differs=False)
    if host.state == "unknown":
        return HostAnswer(_("It was never reached."), more, WAIT, differs=False)
    if not instances:
        return HostAnswer(_("Nothing should run here."), more, OK, differs=False)
    return HostAnswer(_("Everything here is as it should be."), more, OK, differs=False)


def worst_first(instances: Sequence[InstanceView]) -> list[InstanceView]:
    return sorted(instances, key=lambda each: _ORDER.get(each.mark, 2))


def facts_of(host: "KnownHost", needed: int) -> Iterator[Fact]:
    """Return what was found on a host; a release of what it has needs `needed` bytes there."""
    facts = host.facts
    if not facts:
        return
    yield Fact(_("System"), " · ".join(str(facts.get(key, "")) for key in ("os", "arch")))
    yield Fact(_("Processors"), str(facts.get("cpus", "")))
    yield Fact(_("Memory"), size(facts.get("memory")))
    yield _disk(facts.get("disk_free"), facts.get("disk_total"), needed)
    if "root_writable" in facts:
        is_good = bool(facts["root_writable"])
        text = _("can be written to") if is_good else _("cannot be written to")
        yield _judged(_("Folder"), text, is_good=is_good, verdict=_("no release can go there"))
    if host.become == "sudo":
        is_good = bool(facts.get("can_become_root"))
        text = _("yes") if is_good else _("no")
        yield _judged(_("Becomes root"), text, is_good=is_good, verdict=_("sudo asks or refuses"))
    yield Fact("systemd", _("runs") if facts.get("systemd") else _("does not run"))
    note = why_not_at_boot(host.name, host.user, host.become, facts)
    text = f"{said(note)} {said_hint(note)}" if note else _("start with the host")
    verdict = _("do not come back by themselves") if note else _("good")
    yield Fact(_("Services by scripts"), text, verdict, WARN if note else OK)
    yield _tools(facts.get("tools", ()), facts.get("lacking", ()))


def _how_it_is_met(host: "KnownHost") -> str:
    if host.state == "maintenance":
        return _("It is in maintenance: rollouts leave it out.")
    if host.state == "unreachable":
        return _("It could not be reached: this is as it was seen last.")
    return ""


def _judged(label: str, text: str, *, is_good: bool, verdict: str) -> Fact:
    return Fact(label, text, _("good") if is_good else verdict, OK if is_good else FAIL)


def _disk(free: int | None, total: int | None, needed: int) -> Fact:
    text = _("%(free)s free of %(all)s") % {"free": size(free), "all": size(total)}
    label, values = _("Disk"), {"size": size(needed)}
    if free is None:
        return Fact(label, text)
    if free < needed:
        return Fact(label, text, _("too little: a release needs about %(size)s") % values, FAIL)
    if total and free < total * _NEARLY_FULL:
        return Fact(label, text, _("nearly full"), WARN)
    if not needed:
        return Fact(label, text, _("good"), OK)
    return Fact(label, text, _("enough: a release needs about %(size)s") % values, OK)


def _tools(tools: Sequence[object], lacking: Sequence[object]) -> Fact:
    text = ", ".join(map(str, tools))
    if not lacking:
        return Fact(_("Tools"), text, _("all there"), OK)
    names = {"names": ", ".join(map(str, lacking))}
    return Fact(_("Tools"), text, _("%(names)s is missing") % names, FAIL)
