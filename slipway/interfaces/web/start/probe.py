"""What was tried on the first host, one after the other, with what was heard."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.interfaces.web.fleet.hosts import fingerprint
from slipway.interfaces.web.frame.words import FAIL, OK, WAIT, size
from slipway.ports import HostDenied, HostIncapable

if TYPE_CHECKING:
    from slipway.records.fleet.models import Host, HostCheck

LEAST_ROOM = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that was tried: `mark` is ok, fail, or wait where it was not come to."""

    what: str
    mark: str
    heard: str


def trials_of(host: "Host", check: "HostCheck | None") -> tuple[Trial, ...]:
    """Return what the last look found, as far as it came: nothing is green that was not tried."""
    is_over = check is not None and check.finished_at is not None
    code = check.code if check is not None and is_over else ""
    got_in = bool(check is not None and check.ok) or code == HostIncapable.code
    return tuple(_trials(host, code, is_over=is_over, got_in=got_in))


def _trials(host: "Host", code: str, *, is_over: bool, got_in: bool) -> Iterator[Trial]:
    later, user = _("asked after the login"), {"user": host.user}
    key = fingerprint(host.host_key)
    unheard = FAIL if is_over else WAIT
    yield Trial(
        _("It answers, and its key is learnt"), OK if key else unheard, key or _("not learnt yet")
    )
    login = _("Login as %(user)s") % user
    if got_in:
        yield Trial(login, OK, _("let in with the key %(key)s") % {"key": host.key.name})
    else:
        denied = key and (code == HostDenied.code or is_over)
        yield Trial(login, FAIL if denied else WAIT, _("not let in") if denied else later)
    if not got_in:
        names = (_("What a release needs"), _("Its folder"), _("Room"))
        yield from (Trial(name, WAIT, later) for name in names)
        return
    yield from _found(host)


def _found(host: "Host") -> Iterator[Trial]:
    facts = host.facts
    if host.become == "sudo":
        may = bool(facts.get("can_become_root"))
        yield Trial(_("Root by sudo -n"), OK if may else FAIL, _("yes") if may else _("no"))
    lacking = [str(tool) for tool in facts.get("lacking", ())]
    tools = ", ".join(lacking or map(str, facts.get("tools", ())))
    yield Trial(_("What a release needs"), FAIL if lacking else OK, tools)
    writes = bool(facts.get("root_writable"))
    yield Trial(_("Its folder"), OK if writes else FAIL, host.root)
    free = int(facts.get("disk_free") or 0)
    room = _("%(free)s free") % {"free": size(free)}
    yield Trial(_("Room"), OK if free >= LEAST_ROOM else FAIL, room)
