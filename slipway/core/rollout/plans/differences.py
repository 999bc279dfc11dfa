"""What changed between two plans: exactly what keeps a start from going on, in sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from slipway.core.rollout.plans.outlook import checks_of
from slipway.core.rollout.plans.plan import Plan, PlannedHost, PlannedPlace, PlannedRelease
from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.words.names import natural, some
from slipway.core.words.reach import HOST_CHANGED
from slipway.core.words.sentence import NONE, Sentence
from slipway.core.words.sentence import NOTHING as NO_VERSION

_MOST_NAMED = 10

# Each field of a plan, its policy, hosts and places has its own sentence: code and template.
_WHOLE = {
    "kind": ("kind_changed", "The operation was {before} and is {after}."),
    "service": ("service_changed", "The service was {before} and is {after}."),
    "environment": ("environment_changed", "The environment was {before} and is {after}."),
    "version": ("version_changed", "The version was {before} and is {after}."),
    "batches": ("batches_changed", "The batches were {before} and are {after}."),
    "deadline": ("deadline_changed", "The progress deadline was {before} s and is {after} s."),
}
_POLICY = {
    "allowed_away": "The most that may be away was {before} and is {after}.",
    "failures": "The failures allowed were {before} and are {after}.",
    "canary_failures": "The failures allowed in the canary were {before} and are {after}.",
    "left_out": "The most that may be left out was {before} and is {after}.",
    "bake": "The time between batches was {before} s and is {after} s.",
    "watch": "The time to watch afterwards was {before} s and is {after} s.",
    "patience": "The patience was {before} s and is {after} s.",
    "attempts": "The attempts for a target were {before} and are {after}.",
    "needs_promotion": "Whether each batch waits for a person was {before} and is {after}.",
    "goes_back": "Whether it goes back by itself was {before} and is {after}.",
    "none_serves_is_known": "Whether nothing serves already was {before} and is {after}.",
    "is_way_back": "Whether it is a way back was {before} and is {after}.",
}
_HOST = {
    "name": "{host} was called {before} and is called {after}.",
    "address": "The address of {host} was {before} and is {after}.",
    "port": "The SSH port of {host} was {before} and is {after}.",
    "user": "The user on {host} was {before} and is {after}.",
    "root": "The root folder on {host} was {before} and is {after}.",
    "become": "Becoming root on {host} was {before} and is {after}.",
    "host_key": "{host} has another host key.",
    "key": "The SSH key for {host} was {before} and is {after}.",
    "tools": "The tools on {host} have changed.",
}
_PLACE = {
    "host": "{places} was on {before} and is on {after}.",
    "port": "The port of {places} was {before} and is {after}.",
    "weight": "The weight of {places} was {before} and is {after}.",
    "tag": "The tag of {places} was {before} and is {after}.",
    "limit": "The steps on {places} could take {before} s and can take {after} s.",
}
_PLANNED = {
    "place": "{places} was called {before} and is called {after}.",
    "batch": "{places}: batch {before} became batch {after}.",
    "up": "Whether {places} is to be up was {before} and is {after}.",
    "was_up": "Whether {places} was meant to be up was {before} and is {after}.",
    "was_well": "Whether {places} was healthy was {before} and is {after}.",
    "is_new": "Whether {places} is new was {before} and is {after}.",
    "anew": "Whether {places} is started anew was {before} and is {after}.",
    "orders": "The standing orders for {places} have changed.",
    "deadline": "The deadline of {places} was {before} s and is {after} s.",
}
_RELEASES = {
    "origin": ("{places}: {before} was there, and now {after} is.", "present_changed"),
    "goal": ("{places}: {before} was to be brought, and now {after} is.", "goal_changed"),
    "back": ("{places}: the way back was {before} and is {after}.", "way_back_changed"),
    "next_back": ("{places}: the next way back was {before} and is {after}.", "next_back_changed"),
}
_SETTINGS = {
    "origin": "{places}: {version} is there with other settings.",
    "goal": "{places}: {version} is to be run with other settings.",
    "back": "{places}: the way back to {version} has other settings.",
    "next_back": "{places}: the next way back to {version} has other settings.",
}


def differences(old: Plan, new: Plan) -> tuple[Sentence, ...]:
    """Return what changed, a sentence each; none exactly when the two are the same plan."""
    said = (
        *_of_the_whole(old, new),
        *_of_the_policy(old, new),
        *_of_the_places(old, new),
        *_of_the_hosts(old.hosts, new.hosts),
        *_of_the_releases(old, new),
    )
    if said or old == new:
        return said
    return (Sentence.of("detail_changed", "The plan has changed in a detail."),)


def _of_the_whole(old: Plan, new: Plan) -> Iterator[Sentence]:
    for name, (code, template) in _WHOLE.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _changed(code, template, before, after)


def _of_the_policy(old: Plan, new: Plan) -> Iterator[Sentence]:
    for field in fields(old.policy):
        before, after = getattr(old.policy, field.name), getattr(new.policy, field.name)
        if before != after:
            yield _changed("policy_changed", _POLICY[field.name], before, after)


def _of_the_hosts(
    old: Mapping[str, PlannedHost], new: Mapping[str, PlannedHost]
) -> Iterator[Sentence]:
    for name in sorted(old.keys() & new.keys(), key=natural):
        for field in fields(PlannedHost):
            before, after = getattr(old[name], field.name), getattr(new[name], field.name)
            if before != after:
                template = _HOST[field.name]
                yield _changed(HOST_CHANGED, template, before, after, host=name)


def together(said: Sequence[Sentence]) -> Sentence:
    """Return sentences, one at least, as a single one."""
    *before, last = said
    for sentence in reversed(before):
        last = Sentence.of("several", "{first} {rest}", first=sentence, rest=last)
    return last


# --- places --------------------------------------------------------------------------------------


def _of_the_places(old: Plan, new: Plan) -> Iterator[Sentence]:
    before = {place.planned.place: place for place in old.places}
    after = {place.planned.place: place for place in new.places}
    gone, added = before.keys() - after.keys(), after.keys() - before.keys()
    if gone:
        yield _about("place_gone", "{places} is not part of it any more.", gone)
    if added:
        yield _about("place_added", "{places} was added.", added)
    both = [name for name in before if name in after]
    changed: dict[Sentence, list[str]] = {}
    for name in both:
        for sentence in _changes(before[name], after[name]):
            changed.setdefault(sentence, []).append(name)
    yield from (_with_places(sentence, names) for sentence, names in changed.items())
    if not changed and both != [name for name in after if name in before]:
        yield Sentence.of("order_changed", "The order of the instances has changed.")


def _changes(old: PlannedPlace, new: PlannedPlace) -> Iterator[Sentence]:
    """Yield what changed at one place, without saying which: many may share a change."""
    yield from _fields("place_changed", _PLACE, old, new)
    yield from _fields("planned_changed", _PLANNED, old.planned, new.planned)
    for name, (template, code) in _RELEASES.items():
        before, after = getattr(old.planned, name), getattr(new.planned, name)
        if before != after:
            yield _release_change(name, code, template, before, after)


def _fields(
    code: str, templates: Mapping[str, str], old: object, new: object
) -> Iterator[Sentence]:
    for name, template in templates.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _changed(code, template, before, after)


def _release_change(
    name: str, code: str, template: str, before: Release | None, after: Release | None
) -> Sentence:
    was, now = before or NOTHING, after or NOTHING
    if was.version == now.version and was != now:
        return Sentence.of("settings_changed", _SETTINGS[name], version=now.version)
    if was.version == now.version:  # to be removed, or to stay: a way back of neither has a version
        return _changed(code, template, _way(before), _way(after))
    return _changed(code, template, was.version or NO_VERSION, now.version or NO_VERSION)


def _way(release: Release | None) -> Sentence:
    return NONE if release is None else NO_VERSION


# --- releases ------------------------------------------------------------------------------------


def _of_the_releases(old: Plan, new: Plan) -> Iterator[Sentence]:
    """Yield what changed in how the goals are checked and run, by their version."""
    before, after = _goals(old), _goals(new)
    for version in before.keys() & after.keys():
        yield from _release_changes(before[version], after[version])
    same = old.releases.keys() & new.releases.keys()
    for key in sorted(same):
        if old.releases[key] != new.releases[key]:
            version = new.releases[key].value.version
            yield Sentence.of("release_changed", "{version} is kept otherwise.", version=version)


def _goals(plan: Plan) -> dict[str, PlannedRelease]:
    wanted = {place.planned.goal for place in plan.targets}
    return {each.value.version: each for each in plan.releases.values() if each.value in wanted}


def _release_changes(old: PlannedRelease, new: PlannedRelease) -> Iterator[Sentence]:
    version = new.value.version
    if old.spec.health != new.spec.health:
        before, after = (Sentence.listed(*checks_of(each.spec.health)) for each in (old, new))
        template = "The check of {version} was: {before}. It is: {after}."
        yield _changed("check_changed", template, before, after, version=version)
    if old.package != new.package:
        template = "The package of {version} is another one."
        yield Sentence.of("package_changed", template, version=version)
    if replace(old.spec, health=new.spec.health) != new.spec:
        template = "How {version} is run has changed: its settings."
        yield Sentence.of("settings_changed", template, version=version)


# --- saying it -----------------------------------------------------------------------------------


def _changed(code: str, template: str, before: object, after: object, **more: str) -> Sentence:
    values: dict[str, Any] = {**more, "before": _said(before), "after": _said(after)}
    return Sentence.of(code, template, **values)


def _said(value: object) -> object:
    if isinstance(value, Sentence):
        return value
    if isinstance(value, bool):
        return Sentence.of("yes", "yes") if value else Sentence.of("no", "no")
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) or NONE


def _about(code: str, template: str, places: Iterable[str]) -> Sentence:
    return _with_places(Sentence.of(code, template), places)


def _with_places(sentence: Sentence, places: Iterable[str]) -> Sentence:
    values = (*sentence.values, ("places", named(places)))
    return replace(sentence, values=tuple(sorted(values)))


def named(places: Iterable[str]) -> str:
    """Return the first few of them by name, and how many more there are."""
    return some(sorted(places, key=natural), _MOST_NAMED)
