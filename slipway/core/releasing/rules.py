"""Which new version a release rule releases: values in, one version out, or none."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slipway.core.builds.settings import matches
from slipway.core.words.refusal import Invalid

MOST_REFS = 64
LONGEST_REF = 255
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(seconds=60)
LOOK_AGAIN_AFTER = timedelta(seconds=10)  # where what is new is of other refs


@dataclass(frozen=True, slots=True)
class MadeVersion:
    """A version that was made well, of which ref, and when. A commit that is built already is not
    built again for another ref: then one version is made several times, each time later. A higher
    number settles who is newer in the same instant."""

    created_at: datetime
    id: int
    ref: str = ""

    def is_newer_than(self, other: "MadeVersion") -> bool:
        return (self.created_at, self.id) > (other.created_at, other.id)


@dataclass(frozen=True, slots=True)
class RuleState:
    """`since`: when the rule began to hold. `last`: what it has released last, or given up on.
    `running`: what the environment's instances should run now."""

    refs: tuple[str, ...]
    since: datetime
    last: MadeVersion | None = None
    running: tuple[MadeVersion, ...] = ()


def choose(rule: RuleState, versions: Iterable[MadeVersion]) -> MadeVersion | None:
    """Return the newest version that the rule is about, if that is to be released.

    Never one that is older than anything that runs there: a late success of an old commit would
    take the environment back. Never one that runs there, or that was the last one.
    """
    fitting = [each for each in versions if rule.since < each.created_at]
    fitting = [each for each in fitting if matches(each.ref, rule.refs)]
    newest = max(fitting, key=lambda each: (each.created_at, each.id), default=None)
    if newest is None:
        return None
    passed = (*rule.running, rule.last) if rule.last else rule.running
    is_new = all(newest.id != each.id and newest.is_newer_than(each) for each in passed)
    return newest if is_new else None


def literal_start(pattern: str) -> str:
    """Return what every ref that fits `pattern` begins with; all of it if it fits only one ref."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many refusals in a row (1: the first)."""
    doublings = min(max(attempts, 1) - 1, 8)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def check_refs(refs: Sequence[str]) -> tuple[str, ...]:
    """Return the patterns, each once. Raises Invalid."""
    if not refs:
        raise Invalid(
            "A release rule needs a ref.",
            hint="Name a branch, a tag, or a pattern like release/*.",
        )
    if len(refs) > MOST_REFS or not all(0 < len(ref) <= LONGEST_REF for ref in refs):
        raise Invalid(
            "A release rule has at most {most} refs of at most {longest} characters.",
            most=MOST_REFS,
            longest=LONGEST_REF,
        )
    return tuple(dict.fromkeys(refs))
