"""The health check of a release spec, as people write it."""

import re

from slipway.core.spec.places import check_places
from slipway.core.spec.shorthands import url_of
from slipway.core.spec.values import HealthCheck
from slipway.core.words.documents import Section
from slipway.core.words.durations import format_duration
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

CHECKS = ("http", "tcp", "command")
_TIMES = ("interval", "timeout", "min_healthy_time", "healthy_deadline")
_HTTP = re.compile(r"https?://[^\s/]+(/\S*)?")
_STATUSES = re.compile(r"[1-5][0-9]{2}(-[1-5][0-9]{2})?")
_TCP = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._${}-]+):([0-9]{1,5}|\$\{PORT\})")


def health_of(top: Section) -> HealthCheck:
    section = top.section("health", (*CHECKS, "expect", "status", *_TIMES))
    default = HealthCheck()
    times = {name: section.duration(name, getattr(default, name)) for name in _TIMES}
    check = HealthCheck(
        http=check_places(url_of(section.text("http"))),
        tcp=check_places(section.text("tcp")),
        command=argv_of(section, "command"),
        expect=check_places(section.text("expect")),
        status=_statuses(section),
        **times,
    )
    _check_health(check)
    return check


def _statuses(section: Section) -> str:
    ranges = section.text("status").replace(",", " ").split()
    for each in ranges:
        first, _, last = each.partition("-")
        if not _STATUSES.fullmatch(each) or (last and first > last):
            raise Invalid(
                "health.status: {text} is no status of an HTTP answer, nor a range of them.",
                hint="Write the good ones, like 200-299 401; without it 200-399 is good.",
                text=shown(each),
            )
    return " ".join(ranges)


def _check_health(check: HealthCheck) -> None:
    said = [name for name in CHECKS if getattr(check, name)]
    if len(said) > 1:
        raise Invalid(
            "health has both {first} and {second}.",
            hint="Keep one of http, tcp and command.",
            first=said[0],
            second=said[1],
        )
    if check.http and not _HTTP.fullmatch(check.http):
        raise Invalid("health.http should be a URL, like http://127.0.0.1:${PORT}/healthz.")
    if check.tcp and not _TCP.fullmatch(check.tcp):
        raise Invalid("health.tcp should be HOST:PORT, like 127.0.0.1:${PORT}.")
    if check.status and not check.http:
        raise Invalid("health.status needs health.http: nothing else answers with one.")
    if check.expect and not check.http:
        raise Invalid("health.expect needs health.http: there is no other answer to look into.")
    if not check.interval or not check.timeout or not check.healthy_deadline:
        raise Invalid("health: interval, timeout and healthy_deadline should be more than 0s.")
    if check.healthy_deadline <= check.min_healthy_time:
        raise Invalid(
            "health.healthy_deadline ({deadline}) should be more than min_healthy_time ({least}).",
            deadline=format_duration(check.healthy_deadline),
            least=format_duration(check.min_healthy_time),
        )


def argv_of(section: Section, key: str) -> tuple[str, ...]:
    return tuple(check_places(word) for word in section.argv(key))
