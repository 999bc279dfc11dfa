"""Whose right is on services alone sees of a host its name and what these need: not how it is
reached, nor what was found there; which key opens it is for who manages hosts."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from slipway.adapters.ssh.answers.refusals import unusable
from slipway.adapters.ssh.errors import at_fault, incapable, translated
from slipway.controller.hosts.fitness import unfit
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Observation
from slipway.core.rollout.chain_reports import obstacle_in
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.interfaces.live.shown import look
from slipway.interfaces.sentences import Narrowed, whole
from slipway.interfaces.web.frame.saying import teller
from slipway.interfaces.web.urls import urlpatterns
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.fleet.models import Host, HostCheck, SshKey
from slipway.records.fleet.reach import knows_reach
from slipway.records.rollouts.models import LogLine, Rollout, Target
from slipway.records.rows.sentences import Tell, told
from tests.interfaces.api.permission_table import OWN, TABLE
from tests.interfaces.people import Person, person
from tests.interfaces.releases import begin, make_version

pytestmark = pytest.mark.once
ADDRESS, PORT, USER, KEY = "203.0.113.77", 52222, "login-canary", "key-canary"
FACTS = {"os": "facts-canary", "arch": "arm64", "tools": []}
REACH = (ADDRESS, str(PORT), USER)
FOUND = ("facts-canary", "ssh-ed25519 AAAAC3Nz", "/srv/root-canary")
LOST = Sentence.of(
    "host_unreachable",
    "{host} ({address} port {port}) refuses SSH connections.",
    hint="Add our public key to ~{user}/.ssh/authorized_keys on {address}.",
    host="web-1",
    address=ADDRESS,
    port=PORT,
    user=USER,
)
NARROW = {"there": ("deployer", "billing", "prod"), "everywhere": ("viewer", "billing", "")}
WIDE = {"there": ("viewer", "", "prod"), "everywhere": ("viewer", "", "")}


@pytest.fixture
def rollout(company: None) -> Rollout:
    """billing on its way to web-1, which does not let us in, and said so everywhere it can."""
    make_version("1.0")
    SshKey.objects.filter(name="default").update(name=KEY)
    there = {"address": ADDRESS, "port": PORT, "user": USER, "root": "/srv/root-canary"}
    seen = {"facts": FACTS, "host_key": "ssh-ed25519 AAAAC3Nz", "state": "unreachable"}
    Host.objects.filter(name="web-1").update(**there, **seen, problem=LOST)
    rollout = begin(RolloutKind.DEPLOY, "1.0", "web-1")
    now, host = timezone.now(), Host.objects.get(name="web-1")
    HostCheck.objects.create(
        host=host,
        group="00000000-0000-4000-8000-000000000000",
        requested_at=now,
        finished_at=now,
        ok=False,
        code=LOST.code,
        problem=LOST,
    )
    Target.objects.update(state=TargetStatus.FAILED, problem=LOST, rev=1)
    Rollout.objects.update(state="paused", rev=1, outcome=LOST)
    target = Target.objects.get()
    LogLine.objects.create(rollout=rollout, target=target, sentence=LOST, at=now, rev=1)
    by = Actor.system()
    for verb in ("host.changed", "host.added"):
        after = {"key": KEY, "become": "sudo"}
        record(verb, "host", host.pk, "web-1", by=by, now=now, after=after, environment="prod")
    record("key.granted", "key", 1, KEY, by=by, now=now, environment="prod")
    return rollout


def pages(rollout: Rollout) -> list[str]:
    named = {
        "<id:rollout_id>": str(rollout.pk),
        "<id:target_id>": str(Target.objects.get().pk),
        "hosts/<str:name>": "hosts/web-1",
        "services/<str:name>": "services/billing",
        "environments/<str:name>": "environments/prod",
        "<str:version_name>": "1.0",
    }
    paths = [str(each.pattern) for each in urlpatterns]
    for place, name in named.items():
        paths = [path.replace(place, name) for path in paths]
    wish = "rollouts/new?kind=deploy&service=billing&environment=prod&version=1.0&hosts=web-1"
    more = (wish, f"hosts?search={ADDRESS}", f"find?q={ADDRESS}", "audit?host=web-1", "?all=1")
    no_stream = (path for path in paths if not path.endswith(("/events", "logout", "login")))
    return [f"/{path}" for path in (*no_stream, *more) if "<" not in path]


def of_the_api(rollout: Rollout) -> list[str]:
    numbers = {
        "service": OWN.service,
        "environment": OWN.environment,
        "host": OWN.host,
        "rollout": rollout.pk,
        "target": Target.objects.get().pk,
        "instance": 1,
        "check": "00000000-0000-4000-8000-000000000000",
    }
    asked = [each.path for name, each in TABLE.items() if name.startswith("GET ")]
    known = [path.format_map(_Known(numbers)) for path in asked if not path.endswith("/package")]
    return [path for path in known if "{" not in path] + [f"/hosts?search={ADDRESS}"]


class _Known(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


def shown_to(who: Person, rollout: Rollout) -> dict[str, str]:
    """All that she can look at."""
    browser = Client()
    browser.force_login(who.user)
    wish = {"kind": "deploy", "service": "billing", "environment": "prod", "version": "1.0"}
    started = {**wish, "hosts": ["web-1"], "port": 8080}
    seen = {path: browser.get(path) for path in pages(rollout)}
    seen |= {f"api {path}": who.get(path) for path in of_the_api(rollout)}
    seen |= {f"api {path} zh": who.ask("GET", path, **_CHINESE) for path in of_the_api(rollout)}
    seen |= {path: who.post(path, started) for path in ("/plans", "/rollouts")}
    seen["restore"] = who.post("/hosts/web-1/restore", {"dry_run": True})
    assert all(answer.status_code < 500 for answer in seen.values())
    return {path: answer.getvalue().decode() for path, answer in seen.items()}


FIND = f"/find?q={ADDRESS}"
_CHINESE = {"Accept-Language": "zh-Hans"}


def where(canaries: tuple[str, ...], seen: dict[str, str]) -> dict[str, list[str]]:
    asked = {path: text.replace(f"search={ADDRESS}", "") for path, text in seen.items()}
    typed = (f"where={ADDRESS}", f'value="{ADDRESS}"', f"“{ADDRESS}”")
    for field in typed:  # what she typed herself
        asked = {path: text.replace(field, "") for path, text in asked.items()}
    if "/hosts/web-1" not in asked[FIND]:
        del asked[FIND]  # it says again what was looked for, and that nothing is called so
    return {
        canary: paths
        for canary in canaries
        if (paths := [path for path, text in asked.items() if canary in text])
    }


@pytest.mark.parametrize("right", NARROW.values(), ids=list(NARROW))
def test_whose_right_is_on_services_sees_no_machine(
    rollout: Rollout, right: tuple[str, str, str]
) -> None:
    seen = shown_to(person("penny", right), rollout)
    assert where((*REACH, *FOUND, KEY), seen) == {}
    # and what the service needs she does
    for path in ("/hosts", "/hosts/web-1", f"/rollouts/{rollout.pk}", "api /hosts/web-1"):
        assert "web-1" in seen[path]
    assert "refuses SSH connections" in seen[f"/rollouts/{rollout.pk}"]
    assert "right on prod" in seen["/hosts/web-1"]


@pytest.mark.parametrize("right", WIDE.values(), ids=list(WIDE))
def test_whose_right_is_on_the_environment_sees_all_but_keys(
    rollout: Rollout, right: tuple[str, str, str]
) -> None:
    seen = shown_to(person("vera", right), rollout)
    found = where((*REACH, *FOUND, KEY), seen)
    assert KEY not in found
    assert all({"/hosts/web-1", "api /hosts/web-1"} <= set(found[each]) for each in FOUND[::2])
    assert f"/rollouts/{rollout.pk}" in found[ADDRESS]
    assert "api /hosts" in found[ADDRESS]


def test_which_key_opens_it_is_for_who_manages_hosts_there(rollout: Rollout) -> None:
    seen = shown_to(person("wanda", ("admin", "", "prod")), rollout)
    assert {"/hosts/web-1", "api /hosts/web-1", "/audit"} <= set(where((KEY,), seen)[KEY])


def test_of_each_environment_she_sees_what_is_hers(rollout: Rollout) -> None:
    """Looks at all of dev, and deploys billing in prod."""
    mixed = person("mixed", ("viewer", "", "dev"), ("deployer", "billing", "prod"))
    there = Sentence.of(LOST.code, LOST.template, host="dev-1", address="10.0.10.1", port=22)
    Host.objects.filter(name="dev-1").update(problem=there, state="unreachable")
    seen = shown_to(mixed, rollout)
    assert where((*REACH, KEY), seen) == {}
    assert {"/hosts", "api /hosts", "/"} <= set(where(("10.0.10.1",), seen)["10.0.10.1"])


@pytest.mark.parametrize("tell", [told, teller("en"), teller("zh-hans")])
def test_a_stream_tells_it_to_whom_it_may(rollout: Rollout, tell: Tell) -> None:
    delta = look(rollout.pk, -1)
    assert any(each in str(whole(delta.told, tell)) for each in REACH)
    narrowed: Callable[..., dict[str, Any]] = Narrowed(tell)
    assert not any(each in str(whole(delta.told, narrowed)) for each in REACH)
    assert Narrowed(tell) == Narrowed(tell)  # told once to all who hear the same


def test_the_check_of_a_service_is_told_with_its_address() -> None:
    said = Sentence.of("no_answer", "{address} does not answer", address="http://127.0.0.1:80/")
    assert "127.0.0.1" in str(Narrowed(told)("problem", said))


ACCESS = HostAccess("web-1", ADDRESS, PORT, USER, "/srv/root-canary", "none", "", "")
CANNOT = OSError(f"[Errno 99] Connect call failed ('{ADDRESS}', {PORT})")
UNFIT = HostFacts(
    os="", arch="", cpus=1, memory=1, disk_total=1, disk_free=0, inodes_free=0, root_writable=True,
    systemd=True, can_become_root=True, tools=(),
)  # fmt: skip


@pytest.mark.parametrize(
    "refused",
    [
        translated(ACCESS, CANNOT),
        at_fault(ACCESS, CANNOT),
        incapable(ACCESS, unusable(ACCESS.root, "a file")),
        unfit(ACCESS, UNFIT),
        unfit(ACCESS, replace(UNFIT, noexec=True)),
        unfit(ACCESS, replace(UNFIT, root_writable=False)),
    ],
)
def test_words_of_the_system_and_the_root_folder_are_told_to_nobody_else(
    refused: Refused | None,
) -> None:
    assert refused is not None
    said = str(Narrowed(told)("problem", refused.sentence))
    assert "web-1" in said
    assert "…" in said
    assert not any(each in said for each in (*REACH, ACCESS.root))


def test_what_a_target_meets_tells_no_root_folder() -> None:
    seen = Observation((), (), 0, 0, root_writable=False)
    problem = obstacle_in(seen, host="web-1", root=ACCESS.root, version="1.0", package_size=1)
    assert ACCESS.root not in str(Narrowed(told)("problem", problem))


def test_who_only_deploys_a_service_changes_no_host_and_is_not_shown_how(rollout: Rollout) -> None:
    browser = Client()
    browser.force_login(person("penny", NARROW["there"]).user)
    assert browser.get("/hosts/web-1/change").status_code == 403


@pytest.mark.parametrize("right", NARROW.values(), ids=list(NARROW))
def test_a_plan_says_what_is_in_the_way_not_how_a_host_is_reached(
    rollout: Rollout, right: tuple[str, str, str]
) -> None:
    """Also where the host answers, and lacks what the release needs."""
    Rollout.objects.update(state="succeeded", finished_at=timezone.now())
    Host.objects.filter(name="web-1").update(state="ok", facts={"root_writable": False})
    seen = shown_to(person("penny", right), rollout)
    for problem in ("… may write no unit on web-1", "web-1: … could not be written to"):
        assert any(problem in text for text in seen.values())
    assert where((*REACH, *FOUND, KEY), seen) == {}


@pytest.mark.parametrize(("right", "is_told"), [(NARROW["there"], False), (WIDE["there"], True)])
def test_why_a_host_is_not_well_is_no_word_for_whoever_chooses_it(
    rollout: Rollout, right: tuple[str, str, str], is_told: bool
) -> None:
    browser = Client()
    browser.force_login(person("penny", ("deployer", *right[1:])).user)
    wish = {"kind": "deploy", "service": "billing", "environment": "prod", "version": "1.0"}
    titles = re.findall(r'title="(web-1 · [^"]*)', browser.get("/rollouts/new", wish).text)
    assert titles
    assert ("refuses SSH connections" in titles[0]) is is_told


def test_of_many_hosts_it_is_asked_once_who_may_know(
    rollout: Rollout, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    penny = person("penny", ("viewer", "", "prod"), ("viewer", "billing", ""))
    knows = knows_reach(penny.actor)
    assert knows is not None
    with django_assert_num_queries(1):
        told = [knows(name) for name in ("web-1", "web-2", "dev-1", "no\0name")]
    assert told == [True, True, False, False]
