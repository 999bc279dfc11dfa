"""How a service is built, read from plain values."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.core.builds.settings import BuildSettings, check_variables, parse_build
from slipway.core.words.refusal import Invalid


def test_every_key_has_a_default() -> None:
    assert parse_build({}) == BuildSettings()


def test_all_keys_are_read() -> None:
    settings = parse_build(
        {
            "package": {"from": "artifact", "job": "package", "path": "dist/billing.tar.gz"},
            "variables": {"TARGET": "linux", "JOBS": 4},
            "command": "make 'the package'",
            "timeout": "30m",
            "size_limit": 2,
            "refs": ["main", "release/*"],
        }
    )
    assert settings.source == PackageSource(SourceKind.ARTIFACT, "package", "dist/billing.tar.gz")
    assert settings.variables == {"TARGET": "linux", "JOBS": "4"}
    assert settings.command == ("make", "the package")
    assert settings.time_limit == timedelta(minutes=30)
    assert settings.size_limit == 2 * 1024**2
    assert settings.takes("release/1.2")
    assert not settings.takes("feature/x")


@pytest.mark.parametrize(
    "values",
    [
        "text",
        {"unknown": 1},
        {"package": "dist/x"},
        {"package": {"from": "elsewhere"}},
        {"package": {"from": "registry", "package": "billing"}},
        {"package": {"from": "url", "variable": "1 x"}},
        {"package": {"path": "/etc/passwd"}},
        {"package": {"path": "a/../../b"}},
        {"package": {"path": "a", "typo": "b"}},
        {"variables": {"1A": "x"}},
        {"variables": {"SLIPWAY_BUILD": "x"}},
        {"variables": {"A": ["x"]}},
        {"variables": {"A": "x\0"}},
        {"command": ""},
        {"command": "make 'open"},
        {"command": [1]},
        {"timeout": "0"},
        {"timeout": "25h"},
        {"timeout": "soon"},
        {"size_limit": True},
        {"size_limit": 0},
        {"refs": [""]},
        {"refs": 7},
        {"accepts": {"A": "x"}},
        {"accepts": ["A B"]},
        {"accepts": ["SLIPWAY_BUILD"]},
        {"memory_limit": 0},
        {"memory_limit": "much"},
        {"process_limit": 10**9},
        {"network": "some"},
        {"network": ["none"]},
    ],
)
def test_what_cannot_be_meant_is_refused(values: object) -> None:
    with pytest.raises(Invalid):
        parse_build(values)


def test_a_build_may_be_given_what_is_declared_and_nothing_else() -> None:
    settings = parse_build({"variables": {"TARGET": "linux"}, "accepts": ["CHANNEL"]})
    assert check_variables({"TARGET": "arm", "CHANNEL": "beta"}, settings)
    with pytest.raises(Invalid, match="the variable CC: the service does not declare it") as no:
        check_variables({"TARGET": "arm", "CC": "sh -c id"}, settings)
    assert "Declared are: CHANNEL, TARGET." in no.value.hint


@pytest.mark.parametrize(("said", "open_"), [("machine", True), ("none", False)])
def test_a_command_s_network_is_the_machine_s_or_none(said: str, open_: bool) -> None:
    assert parse_build({"network": said}).network is open_


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
keys = st.sampled_from(
    [
        *("package", "variables", "command", "timeout", "size_limit", "refs", "x"),
        *("accepts", "memory_limit", "process_limit", "network"),
    ]
)


@given(st.dictionaries(keys, json))
def test_anything_is_either_settings_or_refused(values: dict[str, object]) -> None:
    with suppress(Invalid):
        assert parse_build(values).time_limit
