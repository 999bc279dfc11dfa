"""Whatever is the matter with a host, read in Chinese: on its page, in the list, by a check."""

import errno
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import replace

import asyncssh
import pytest
from django.utils import timezone

from slipway.adapters.ssh import errors
from slipway.adapters.ssh.answers import answers, bounds, looks
from slipway.adapters.ssh.answers.answers import Stale
from slipway.adapters.ssh.answers.bounds import Garbled
from slipway.adapters.ssh.answers.refusals import _SENTENCES, ended_with, sentence_of, unusable
from slipway.controller.hosts.fitness import unfit
from slipway.core.hosts.facts import HostFacts
from slipway.core.words.refusal import Refused
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.operations.checks import claim_checks, finish_check, request_checks
from slipway.records.fleet.queries import get_access, get_host
from tests.chinese import english_in, shown_in
from tests.controller.test_fitness import ACCESS, WELL
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.fleet import FACTS
from tests.interfaces.web.reading import page

pytestmark = pytest.mark.once

WORDS = ("web-1", "0", "1", "x y", "")
# What is typed on a host is the same in every language.
TYPED = re.compile(r"ch(mod|own) \S+|usermod -s /bin/sh deploy|sudoers\S*")
LINES = ("end", "instance a", "drift a files", "healthy a", "space x 1 1", "boot X!", "again")


def troubles() -> Iterator[Refused]:
    for error in (
        ConnectionRefusedError(),
        errors.ShutOut(),
        asyncssh.ChannelOpenError(1, "no"),
        asyncssh.PermissionDenied("no"),
        asyncssh.HostKeyNotVerifiable("no"),
        TimeoutError(),
        OSError(errno.ENETUNREACH, "no"),
        socket.gaierror(),
        OSError("某种错误"),
    ):
        yield errors.translated(ACCESS, error)
    yield errors.lost(ACCESS)
    yield errors.silent(ACCESS, 3)
    yield errors.stopped(ACCESS, 17)
    yield errors.overdue(ACCESS, 3)
    yield errors.no_room(ACCESS, 9)
    yield errors.old_key(ACCESS)
    yield errors.key_unknown(ACCESS)
    yield errors.bad_private_key(ACCESS)
    yield errors.no_shell(ACCESS, 1, "")
    yield errors.stale(ACCESS, "billing", Stale(7, 1))
    yield errors.stale(ACCESS, "billing", Stale(7, 1, "another"))
    for kind, (_, names) in _SENTENCES.items():
        yield errors.incapable(ACCESS, sentence_of(kind, " ".join("x" for _ in names)))
    yield errors.incapable(ACCESS, ended_with(1, "某种错误"))
    yield errors.incapable(ACCESS, unusable("/opt/slipway", ""))


def unfit_hosts() -> Iterator[Refused]:
    facts: tuple[HostFacts, ...] = (
        replace(WELL, can_become_root=False),
        replace(WELL, lacking=("setsid",)),
        replace(WELL, root_writable=False),
        replace(WELL, sudo_milliseconds=5000),
        replace(WELL, single_session=True),
        replace(WELL, noexec=True),
        replace(WELL, barred=(sentence_of("open-folder", "/opt"),)),
        replace(WELL, disk_free=1000),
    )
    yield from filter(None, (unfit(ACCESS, each) for each in facts))


def garbled() -> Iterator[Garbled]:
    """What a broken host may say, read by whoever reads it."""
    readers = (
        *(bounds.number, bounds.name, bounds.boot, bounds.sha256, bounds.state),
        *(bounds.fingerprint, bounds.yes_or_no),
    )
    for read in readers:
        yield from _complaints(lambda read=read: read("某 word"))
    yield from _complaints(lambda: bounds.line(["x" * 999]))
    yield from _complaints(lambda: looks.observation([line.split(" ") for line in LINES[:1]]))
    for line in LINES[1:]:
        yield from _complaints(lambda line=line: looks.observation([line.split(" "), ["end"]]))
    yield from _complaints(lambda: looks.surveyed([], ["billing", "shop"]))
    yield from _complaints(lambda: looks.ToldLook().only("8080"))
    yield from _complaints(lambda: answers.facts([]))
    yield from _complaints(lambda: answers.refusal(["refused"]))
    for said in (b"x" * 9000, b"slipway\nend\n", b"slipway\nbegin t-9 1\n"):
        yield from _complaints(lambda said=said: list(answers.Story(("t-1",), "80").feed(said)))


def _complaints(read: object) -> Iterator[Garbled]:
    try:
        read()  # type: ignore[operator]
    except Garbled as error:
        yield error


def test_each_kind_of_trouble_with_a_host_is_read_in_chinese(
    living: None, admin: Person, visit: Visit
) -> None:
    complaints = list(garbled())
    assert len({each.said.code for each in complaints}) > 10
    found = [*troubles(), *unfit_hosts(), *(errors.garbled(ACCESS, each) for each in complaints)]
    browser = visit(admin)
    browser.cookies["django_language"] = "zh-hans"
    now, host = timezone.now(), get_host("web-1")
    assert get_access(host).name == ACCESS.name
    for problem in found:
        group = request_checks(hosts=[host], learn_key=False, by=Actor.system(), now=now)
        (check,) = claim_checks(worker="test", limit=1, now=now)
        finish_check(check=check, facts=None, host_key=None, problem=problem, now=now)
        for address in ("/hosts/web-1", "/hosts"):
            shown = TYPED.sub("", shown_in(page(browser, address)))
            english = english_in(shown, printed=", ".join(FACTS.tools))
            assert english == [], (address, problem.message)
        told = json.loads(
            browser.get(f"/api/v1/checks/{group}", headers={"Accept-Language": "zh-Hans"}).content
        )
        (item,) = told["items"]
        assert item["message"] == problem.message
        for words in (told["told"][problem.message], told["told"].get(item["hint"], "")):
            assert english_in(TYPED.sub("", words)) == []
