"""What hosts lack of what is planned, as far as their last check tells: each is a warning, for a
host may have been mended since."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slipway.core.rollout.plans.plan import Plan
from slipway.core.spec.host_needs import no_right_for_unit, unmet
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.moments import NEVER, moment_said
from slipway.core.words.sentence import Sentence
from slipway.ports import HostIncapable
from slipway.records.fleet.models import Host
from slipway.records.rollouts.wish.selection import Candidate

_STARTS_NOTHING = (RolloutKind.STOP, RolloutKind.DELETE)


def lacking_on_hosts(plan: Plan, targets: Sequence[Candidate]) -> Iterator[HostIncapable]:
    """Yield what is missing where, each once; `targets` are in the order of the plan's."""
    if plan.kind in _STARTS_NOTHING:
        return
    told: set[tuple[str, str]] = set()
    for place, candidate in zip(plan.targets, targets, strict=True):
        host = candidate.host
        if not place.planned.goal:
            continue
        spec = plan.release(place.planned.goal).spec
        needs = [
            (sentence.code, as_checked(host, sentence))
            for sentence in unmet(spec, host=host.name, facts=host.facts)
        ]
        if barred := no_right_for_unit(
            spec, host=host.name, user=host.user, become=host.become, facts=host.facts
        ):
            needs.append((barred.code, _as_it_is(barred)))
        for code, refusal in needs:
            if (host.name, code) not in told:
                told.add((host.name, code))
                yield refusal


def _as_it_is(sentence: Sentence) -> HostIncapable:
    return HostIncapable(sentence.template, hint=sentence.hint, **dict(sentence.values))


def as_checked(host: Host, sentence: Sentence) -> HostIncapable:
    """Return what the last check of a host said, with when that was."""
    return HostIncapable(
        "As of its check at {at}: {problem}",
        hint="{advice}",
        at=moment_said(host.checked_at) if host.checked_at else NEVER,
        problem=replace(sentence, hint=""),
        advice=sentence.advice or "",
    )
