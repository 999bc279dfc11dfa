"""What may keep a rollout from starting: locks, other rollouts, windows, approvals, ill hosts."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.moments import moment_said
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports import HostIncapable, HostKeyUnknown, HostUnreachable
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host, HostState
from slipway.records.rollouts.models import UNDER_WAY, Lock, Rollout, Withdrawal
from slipway.records.rollouts.wish.host_needs import as_checked
from slipway.records.rollouts.wish.refusals import ActiveRollout, ApprovalNeeded, Frozen, Locked
from slipway.records.rollouts.wish.selection import Candidate, Selection
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.facts import read_as

_NOBODY_KNOWS = Sentence.of("nobody_knows", "nobody knows why")
_ITSELF = Sentence.of("system", "slipway itself")
_NO_REASON = Sentence.of("no_reason", "no reason was given")
_UNREACHABLE = HostState.UNREACHABLE.value  # asked of a thousand hosts, several times
ROOM_FACTOR = 3  # of the package's size: the package, and what it unpacks to


@dataclass(frozen=True, slots=True)
class LockFacts:
    """A lock that holds: `person` is who holds it, "" where `rollout` left it."""

    service: str
    environment: str
    person: str
    rollout: int | None
    reason: str
    cause: Sentence | None
    since: datetime
    until: datetime | None

    @classmethod
    def of(cls, lock: Lock) -> Self:
        return read_as(
            cls,
            lock,
            service=lock.service.name,
            environment=lock.environment.name,
            person=lock.holder.get_username() if lock.holder else "",
            rollout=lock.rollout_id,
        )

    @property
    def holder(self) -> str:
        return self.person or f"rollout {self.rollout}"


def closed_gates(
    wish: Wish, now: datetime, by: Actor | None = None, known: Collection[Candidate] = ()
) -> Iterator[Refused]:
    """Yield each refusal that depends on the time and on who asks (None: somebody else)."""
    yield from closed_by_lock(wish, now, by, known)
    if active := active_rollout(wish):
        yield active_refusal(active)
    yield from closed_by_policy(wish, now)


def closed_by_lock(
    wish: Wish, now: datetime, by: Actor | None, known: Collection[Candidate]
) -> Iterator[Refused]:
    """Yield the refusal of the lock that holds now; `known` is who takes part, as far as is
    known."""
    if (lock := held_lock(wish, now)) and not _may_pass(lock, wish, by, known):
        yield locked(LockFacts.of(lock))


def closed_by_policy(wish: Wish, now: datetime) -> Iterator[Refused]:
    """Yield what the environment's rules refuse now. Going back is how trouble is ended: no window
    and no missing signature keeps people from it, once it is known that it leads back."""
    if not wish.goes_back:
        yield from closed_now(wish.environment, now)


def held_lock(wish: Wish, now: datetime) -> Lock | None:
    """Return the lock that holds now."""
    held = Lock.objects.in_force(now)
    locks = held.filter(service=wish.service, environment=wish.environment)
    return locks.select_related("holder", "service", "environment").first()


def locked(lock: LockFacts) -> Locked:
    """Return the refusal that names who holds `lock`, since when and why."""
    return Locked(
        "{service} in {environment} is locked by {holder} since {since}: {reason}",
        hint="Ask {holder}, or release the lock with a reason."
        if lock.person
        else "Look at what went wrong in {holder}, then release the lock with a reason.",
        service=lock.service,
        environment=lock.environment,
        holder=lock.person or Sentence.of("rollout", "rollout {number}", number=lock.rollout),
        since=moment_said(lock.since),
        reason=lock.cause or lock.reason,
    )


def holder_of(lock: Lock) -> str:
    return lock.holder.get_username() if lock.holder else f"rollout {lock.rollout_id}"


def active_rollout(wish: Wish) -> Rollout | None:
    """Return the rollout that is under way there."""
    rollouts = Rollout.objects.filter(UNDER_WAY, service=wish.service, environment=wish.environment)
    named = rollouts.select_related("created_by", "version", "service", "environment")
    return named.defer("plan").first()  # as long as the fleet is large


def active_refusal(rollout: Rollout) -> ActiveRollout:
    """Return the refusal that names what is under way, who started it and when."""
    person, place = rollout.created_by, (rollout.service.name, rollout.environment.name)
    by = person.get_username() if person else ""
    return busy(*place, rollout.pk, rollout.kind, by, rollout.created_at)


def busy(
    service: str, environment: str, number: int, kind: str, by: str, since: datetime
) -> ActiveRollout:
    """Return the same of a rollout of which that much is known; `by` is "" for nobody."""
    return ActiveRollout(
        "{service} in {environment} is busy: rollout {number} ({kind}), {holder}, since {since}.",
        hint="Wait for its end, or cancel it: slipway rollout cancel {number}",
        service=service,
        environment=environment,
        number=number,
        kind=kind,
        holder=by or _ITSELF,
        since=moment_said(since),
    )


def is_reachable(host: Host) -> bool:
    """Whether anybody could be reached there, as far as is known; never looked at: perhaps."""
    return host.state != _UNREACHABLE and bool(host.host_key)


def hosts_in_trouble(candidates: Sequence[Candidate], wish: Wish, selection: Selection) -> None:
    """Mention hosts that cannot be reached, or could take no release when they were checked."""
    for candidate in selection.candidates:
        if not is_reachable(candidate.host):
            selection.mention(unreachable(candidate.host))
    for candidate in candidates:
        free = candidate.host.facts.get("disk_free")
        package = candidate.to_version.package if candidate.to_version else None
        if unfit := candidate.host.facts.get("unfit"):
            selection.mention(as_checked(candidate.host, Sentence.from_json(unfit)))
        elif candidate.host.facts.get("root_writable") is False:
            selection.mention(_read_only(candidate.host))
        if package and isinstance(free, int) and free < package.size * ROOM_FACTOR:
            selection.mention(_too_full(candidate.host, free, package.size * ROOM_FACTOR))


def unreachable(host: Host) -> Refused:
    """Return why nobody can go there."""
    if not host.host_key:
        return HostKeyUnknown(
            "The key of {host} was never learnt.",
            hint="Check the host and accept its key: slipway host check {host} --accept-key",
            host=host.name,
        )
    return HostUnreachable(
        "{host} could not be reached: {problem}",
        hint="It is left as it is. Mend it and retry, or leave it out.",
        host=host.name,
        problem=host.problem or _NOBODY_KNOWS,
    )


def _read_only(host: Host) -> HostIncapable:
    return HostIncapable(
        "{host}: {root} could not be written to when it was looked at.",
        hint="Is the file system read-only, or owned by somebody else? Then check the host again.",
        host=host.name,
        root=host.root,
    )


def _too_full(host: Host, free: int, needed: int) -> HostIncapable:
    return HostIncapable(
        "{host} had {free} MiB free when it was looked at, about {needed} MiB are needed.",
        hint="Make room there, then check the host again.",
        host=host.name,
        free=free // 2**20,
        needed=needed // 2**20 + 1,
    )


def _may_pass(lock: Lock, wish: Wish, by: Actor | None, known: Collection[Candidate]) -> bool:
    """A person's lock lets its holder pass, alone. One that a halted rollout left lets people pass
    with whatever brings no withdrawn version anywhere. What begins by itself passes neither."""
    if by is not None and by.user is None:
        return False
    if lock.holder_id is None:
        return not _brings_withdrawn(wish, known)
    return by is not None and by.user is not None and lock.holder_id == by.user.pk


def _brings_withdrawn(wish: Wish, known: Collection[Candidate]) -> bool:
    """Whether a withdrawn version is asked for, or comes to a place that has another, or none: what
    leads there names no version where an earlier rollout is taken back or tried again."""
    brought = {each.to_version for each in known if each.changes_version}
    if wish.kind is RolloutKind.STOP:
        brought = set()  # nothing of it runs
    versions = {each.pk for each in (wish.version, *brought) if each is not None}
    held = Withdrawal.objects.filter(environment=wish.environment, cleared_at=None)
    return bool(versions) and held.filter(version__in=versions).exists()


def closed_now(environment: Environment, now: datetime) -> Iterator[Refused]:
    """Yield what the rules of an environment refuse at this moment to whatever is new there."""
    if environment.approvals_needed:
        yield ApprovalNeeded(
            "{environment} asks for {count} approvals, and they cannot be given yet.",
            hint="Have its admin say: slipway env change {environment} --approvals 0",
            environment=environment.name,
            count=environment.approvals_needed,
        )
    for window in environment.freeze_windows:
        begin, end = (datetime.fromisoformat(window[key]) for key in ("from", "until"))
        if begin <= now < end:
            yield Frozen(
                "{environment} is closed until {until}: {reason}",
                hint="Wait until then; what was well in each place may come back at any time.",
                environment=environment.name,
                until=moment_said(end),
                reason=window.get("reason") or _NO_REASON,
            )
