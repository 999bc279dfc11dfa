"""The release spec: what slipway.yaml may say, and that nothing else passes."""

import contextlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.parsing import merge_spec, parse_new_spec, parse_spec
from slipway.core.spec.values import HealthCheck, Hook, Limits, ReleaseSpec, Scripts, Supervisor
from slipway.core.words.refusal import Invalid

WHOLE = """
run: ./bin/billing --port ${PORT} --name 'two words'
user: app
environment: {LOG_LEVEL: info, RATIO: 1.10, DEBUG: yes, MODE: 0755}
stop_timeout: 45s
shared: [logs, var/data]
scripts:
  before_activate: ./migrate.sh --now
  after_activate: {run: [./warm-up.sh, a b], timeout: 2m, inactivity_timeout: 30s}
health: {http: "http://127.0.0.1:${PORT}/healthz", expect: '"${VERSION}"', interval: 500ms}
limits: {memory: 512M, cpu: 150%, tasks: 200, open_files: 4096}
keep_releases: 3
"""


def test_reads_the_whole_of_it() -> None:
    assert parse_spec(WHOLE) == ReleaseSpec(
        run=("./bin/billing", "--port", "${PORT}", "--name", "two words"),
        user="app",
        # Values are the text that was written, not what YAML makes of it.
        environment=(("DEBUG", "yes"), ("LOG_LEVEL", "info"), ("MODE", "0755"), ("RATIO", "1.10")),
        stop_timeout=timedelta(seconds=45),
        shared=("logs", "var/data"),
        scripts=Scripts(
            before_activate=Hook(("./migrate.sh", "--now")),
            after_activate=Hook(
                ("./warm-up.sh", "a b"), timedelta(minutes=2), timedelta(seconds=30)
            ),
        ),
        health=HealthCheck(
            http="http://127.0.0.1:${PORT}/healthz",
            expect='"${VERSION}"',
            interval=timedelta(milliseconds=500),
        ),
        limits=Limits("512M", "150%", 200, 4096),
        keep_releases=3,
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "run:\nhealth:\nshared:\nscripts: {}\n"])
def test_every_key_has_a_default(text: str) -> None:
    assert parse_spec(text) == ReleaseSpec()


def test_existing_scripts_are_taken_over() -> None:
    spec = parse_spec("{supervisor: script, scripts: {start: ./start.sh, stop: ./stop.sh -f}}")
    assert spec.supervisor is Supervisor.SCRIPT
    assert spec.scripts == Scripts(start=Hook(("./start.sh",)), stop=Hook(("./stop.sh", "-f")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rum: ./x", "rum is not known."),
        ("health: {htp: x}", "health.htp is not known."),
        ("scripts: {begin: x}", "scripts.begin is not known."),
        ("limits: {ram: 1G}", "limits.ram is not known."),
        ("run: {a: b}", "run should be a text."),
        ("run: ./x\nrun: ./y", "“run” is there twice."),
        ("environment: {A: 1, A: 2}", "“A” is there twice."),
        ("run: './x", "Line 1 is not YAML: found unexpected end of stream."),
        ("run: './x \"a'", 'run: a quote is not closed in ./x "a.'),
        ("run: ./x | tee log", "run: no shell runs this, so | means nothing."),
        ("run: ./x > log", "run: no shell runs this, so > means nothing."),
        ("run: A=1 ./x", "run: no shell runs this, so A=1 means nothing."),
        ("run: ./x ${HOME}", "${HOME} is not a place that can be filled."),
        ("environment: {A: '${HOME}'}", "${HOME} is not a place that can be filled."),
        (
            "environment: {PORT: 1}",
            "environment.PORT is set by Slipway to what the instance really is.",
        ),
        ("environment: {A-B: 1}", "environment.A-B cannot be the name of a variable."),
        ("environment: {A: [1]}", "environment.A should be a text."),
        ('environment: {A: "x\\ny"}', "environment.A should be one line of plain text."),
        ('run: "./x \\0"', "run should be one line of plain text."),
        ("environment: [a]", "environment should be keys with values."),
        ("user: 'root;id'", "“root;id” cannot be a user name."),
        ("stop_timeout: 30", "stop_timeout: “30” is not a duration."),
        ("shared: logs", "shared should be a list, like [logs, data]."),
        ("shared: [../x]", "shared: ../x is not a folder inside the release."),
        ("shared: [/var/log]", "shared: /var/log is not a folder inside the release."),
        ("shared: [a/./b]", "shared: a/./b is not a folder inside the release."),
        ("shared: ['']", "shared:  is not a folder inside the release."),
        ("shared: [a, a/b]", "shared: a holds another shared folder."),
        ("supervisor: runit", "supervisor should be systemd or script."),
        ("{supervisor: script, run: ./x}", "run is said, and supervisor: script too."),
        (
            "scripts: {start: ./x}",
            "scripts.start is said, and the supervisor is systemd, which does not use it.",
        ),
        ("scripts: {drain: {timeout: 5s}}", "scripts.drain.run is missing."),
        (
            "scripts: {drain: {run: x, timeout: soon}}",
            "scripts.drain.timeout: “soon” is not a duration.",
        ),
        ("health: {http: 'http://x/', tcp: 'x:1'}", "health has both http and tcp."),
        ("health: {tcp: 'x:1', command: ./x}", "health has both tcp and command."),
        (
            "health: {http: 'file:///etc/passwd'}",
            "health.http should be a URL, like http://127.0.0.1:${PORT}/healthz.",
        ),
        (
            "health: {http: 'http://a b/'}",
            "health.http should be a URL, like http://127.0.0.1:${PORT}/healthz.",
        ),
        ("health: {tcp: '80'}", "health.tcp should be HOST:PORT, like 127.0.0.1:${PORT}."),
        (
            "health: {expect: ok}",
            "health.expect needs health.http: there is no other answer to look into.",
        ),
        (
            "health: {interval: 0s}",
            "health: interval, timeout and healthy_deadline should be more than 0s.",
        ),
        (
            "health: {healthy_deadline: 10s}",
            "health.healthy_deadline (10s) should be more than min_healthy_time (10s).",
        ),
        ("limits: {memory: 1GiB}", "limits.memory should be bytes with K, M, G or T, like 512M."),
        ("limits: {cpu: '2'}", "limits.cpu should be a share of one processor, like 150%."),
        ("limits: {tasks: many}", "limits.tasks should be a number."),
        ("keep_releases: 0", "keep_releases should be from 1 to 100."),
        ("- a", "The document should be keys with values, like: run: ./bin/billing"),
        ("just text", "The document should be keys with values, like: run: ./bin/billing"),
        ("[" * 20_000, "The document has more than 1000 brackets."),
        ("- " * 20_000, "This is not YAML."),
        ("run: x" * 20_000, "The document is longer than 65536 characters."),
        ("? [a, b]\n: c", "Line 1: a key should be a text."),
        ("a: &a [*a]", "Aliases (*name) are not read here."),
        ("a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]", "Aliases (*name) are not read here."),
    ],
)
def test_refuses_with_the_name_of_the_key(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_spec(text)
    assert refused.value.message == said


@pytest.mark.parametrize(
    "name", ["LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "SLIPWAY_RUNNING"]
)
def test_what_reaches_more_than_the_service_is_not_taken_anew(name: str) -> None:
    text = f"environment: {{{name}: x}}"
    with pytest.raises(Invalid) as refused:
        parse_new_spec(text)
    assert refused.value.message == f"environment.{name} would reach more than the service itself."
    assert parse_spec(text).environment == ((name, "x"),)  # a way back stays one
    assert parse_new_spec("environment: {LDAP_URL: x}") == parse_spec("environment: {LDAP_URL: x}")


def test_what_looks_like_shell_is_fine_where_it_is_data() -> None:
    assert parse_spec("run: [./x, '|', 'A=1', '$(id)']").run == ("./x", "|", "A=1", "$(id)")
    assert parse_spec("run: ./x '$(id)' `id` $HOME").run == ("./x", "$(id)", "`id`", "$HOME")


def test_a_tag_makes_no_object_of_a_text() -> None:
    assert parse_spec("run: !!python/object/apply:os.system [id]").run == ("id",)


values = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
keys = st.sampled_from(["run", "environment", "shared", "scripts", "health", "limits", "user"])


def refusal_of(document: Any) -> str:
    """Return why it is refused, "" when it is a spec; anything but Invalid is a bug."""
    with contextlib.suppress(Invalid):
        parse_spec(document)
        return ""
    with pytest.raises(Invalid) as refused:
        parse_spec(document)
    return refused.value.message


@given(keys, values)
def test_any_document_is_a_spec_or_refused_by_its_key(key: str, value: Any) -> None:
    refusal = refusal_of({key: value})
    assert refusal == "" or key in refusal or "place" in refusal or "user name" in refusal


@given(st.text())
def test_any_text_is_a_spec_or_refused(text: str) -> None:
    refusal = refusal_of(text)
    assert refusal or parse_spec(text) == ReleaseSpec()


words = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="$"), max_size=20)
argvs = st.lists(words.filter(bool), min_size=1, max_size=4).map(tuple)
times = st.integers(1, 10**7).map(lambda n: timedelta(milliseconds=n))
hooks = st.builds(Hook, argvs, times, times)
specs = st.builds(
    ReleaseSpec,
    run=argvs,
    user=st.sampled_from(["", "app"]),
    environment=st.dictionaries(st.sampled_from(["A", "B_1", "HOST"]), words).map(
        lambda found: tuple(sorted(found.items()))
    ),
    stop_timeout=times,
    shared=st.lists(st.sampled_from(["logs", "var/data"]), unique=True).map(tuple),
    scripts=st.builds(Scripts, before_activate=st.none() | hooks, drain=st.none() | hooks),
    health=st.builds(HealthCheck, command=argvs, interval=times, min_healthy_time=times).filter(
        lambda check: check.min_healthy_time < check.healthy_deadline
    ),
    limits=st.builds(Limits, tasks_max=st.none() | st.integers(1, 9), open_files=st.integers(1, 9)),
    keep_releases=st.integers(1, 9),
)


@given(specs)
def test_what_is_written_as_json_is_read_back(spec: ReleaseSpec) -> None:
    assert parse_spec(spec_as_dict(spec)) == spec


def test_a_service_overrides_its_packages_key_by_key() -> None:
    package = {
        "run": "./a",
        "environment": {"A": "1", "B": "2"},
        "health": {"http": "http://x/", "expect": "ok", "timeout": "5s"},
        "keep_releases": 3,
    }
    service = {"environment": {"B": "3"}, "health": {"tcp": "127.0.0.1:80"}, "user": "app"}
    spec = parse_spec(merge_spec(package, service))
    assert spec.environment == (("A", "1"), ("B", "3"))
    # The other check is replaced, not added; how long to wait stays.
    assert (spec.health.http, spec.health.expect, spec.health.tcp) == ("", "", "127.0.0.1:80")
    assert spec.health.timeout == timedelta(seconds=5)
    assert (spec.run, spec.user, spec.keep_releases) == (("./a",), "app", 3)


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("/healthz?full=1", "http://127.0.0.1:${PORT}/healthz?full=1"),
        ("/", "http://127.0.0.1:${PORT}/"),
        ("http://127.0.0.1:9000/up", "http://127.0.0.1:9000/up"),
    ],
)
def test_a_path_is_a_check_by_http_at_the_instance_itself(said: str, url: str) -> None:
    long = parse_spec(f"run: ./a\nhealth: {{http: '{url}'}}\n")
    assert parse_spec(f"run: ./a\nhealth: {said}\n") == long
    assert parse_spec(f"run: ./a\nhealth: {{http: '{said}'}}\n") == long
    # By whom it is said makes no difference, and it replaces another check.
    short: dict[str, object] = {"health": said}
    assert parse_spec(merge_spec({"run": "./a", "health": {"tcp": "x:1"}}, short)) == long
    merged = merge_spec({"run": "./a", **short}, {"health": {"expect": "ok"}})
    assert parse_spec(merged) == replace(long, health=replace(long.health, expect="ok"))


@pytest.mark.parametrize("said", ["healthz", "/bin/check --fast", "'true'", "ftp://x/"])
def test_a_check_that_may_be_meant_otherwise_is_refused_with_what_to_write(said: str) -> None:
    with pytest.raises(Invalid, match="is neither a path nor a URL") as refused:
        parse_spec(f"run: ./a\nhealth: {said}\n")
    lines = re.findall(r"health: (?:/\w+|\{\w+: \S+\})", str(refused.value.hint))
    checks = [parse_spec(f"run: ./a\n{line}\n").health for line in lines]
    assert [check.http for check in checks] == ["http://127.0.0.1:${PORT}/healthz", "", ""]
    assert [check.tcp for check in checks] == ["", "127.0.0.1:${PORT}", ""]
    assert [check.command for check in checks] == [(), (), ("./bin/check",)]


def test_a_service_can_choose_the_other_supervisor() -> None:
    scripted: dict[str, object] = {
        "supervisor": "script",
        "scripts": {"start": "./start", "stop": "./stop", "drain": "./drain"},
    }
    unit: dict[str, object] = {"run": "./billing"}
    assert parse_spec(merge_spec(unit, scripted)).supervisor is Supervisor.SCRIPT
    spec = parse_spec(merge_spec(scripted, unit))
    assert spec.supervisor is Supervisor.SYSTEMD
    assert spec.scripts == Scripts(drain=Hook(("./drain",)))


def test_merging_with_nothing_changes_nothing() -> None:
    package: dict[str, object] = {"run": "./a", "scripts": {"drain": "./d"}, "limits": {}}
    assert merge_spec(package, {}) == package
    assert merge_spec({}, package) == package | {"supervisor": "systemd"}
    with pytest.raises(Invalid, match="health should be keys with values"):
        merge_spec({"health": ["x"]}, {})
