"""Each effective value says where it comes from, and what held when the version was taken in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.origins import Origin, Setting, settings_of, without_hidden
from slipway.core.spec.parsing import merge_spec, parse_spec
from slipway.core.words.refusal import Invalid

PACKAGE = {"run": "./app", "user": "app", "health": {"tcp": "127.0.0.1:80", "interval": "2s"}}


def by_key(*specs: object) -> dict[str, Setting]:
    return {each.key: each for each in settings_of(*specs)}  # type: ignore[arg-type]


def test_package_service_and_default_are_told_apart() -> None:
    service = {"user": "www", "environment": {"LEVEL": "info"}}
    found = by_key(PACKAGE, service, None)
    assert (found["user"].value, found["user"].origin) == ("www", Origin.SERVICE)
    assert (found["run"].value, found["run"].origin) == ('["./app"]', Origin.PACKAGE)
    assert (found["stop_timeout"].value, found["stop_timeout"].origin) == ("30s", Origin.DEFAULT)
    assert found["environment.LEVEL"].origin is Origin.SERVICE
    assert found["health.interval"].origin is Origin.PACKAGE
    assert found["health.timeout"].origin is Origin.DEFAULT


def test_what_is_replaced_comes_from_nobody() -> None:
    found = by_key(PACKAGE, {"health": {"http": "http://127.0.0.1/"}}, None)
    assert found["health.http"].origin is Origin.SERVICE
    short = by_key(PACKAGE, {"health": "/up"}, None)
    assert short["health.http"].origin is Origin.SERVICE
    assert short["health.http"].value == "http://127.0.0.1:${PORT}/up"
    assert (found["health.tcp"].value, found["health.tcp"].origin) == ("", Origin.DEFAULT)


def test_a_run_of_the_services_own_says_the_supervisor_too() -> None:
    package = {"supervisor": "script", "scripts": {"start": "./up", "stop": "./down"}}
    found = by_key(package, {"run": "./app"}, None)
    assert (found["supervisor"].value, found["supervisor"].origin) == ("systemd", Origin.SERVICE)
    assert "scripts.start" not in found


def test_what_held_at_the_upload_is_told_where_it_was_another() -> None:
    now = {"user": "www"}
    before = {"limits": {"memory": "1G"}, "environment": {"OLD": "1"}}
    found = by_key(PACKAGE, now, before)
    changed = {key: each.at_upload for key, each in found.items() if each.at_upload is not None}
    assert changed == {"user": "app", "limits.memory": "1G", "environment.OLD": "1"}
    assert found["environment.OLD"].value == ""


def test_of_a_version_from_before_nothing_is_said_to_have_changed() -> None:
    assert not [each for each in settings_of(PACKAGE, {"user": "www"}, None) if each.at_upload]


def test_values_of_the_environment_are_hidden_also_those_of_the_upload() -> None:
    said = settings_of(PACKAGE, {"environment": {"A": "now"}}, {"environment": {"A": "then"}})
    hidden = {each.key: each for each in without_hidden(said)}
    assert (hidden["environment.A"].value, hidden["environment.A"].at_upload) == ("***", "***")
    assert hidden["user"].value == "app"


def test_a_contradiction_of_now_is_refused() -> None:
    with pytest.raises(Invalid):
        settings_of(PACKAGE, {"health": {"http": "no address"}}, None)


TEXTS = st.sampled_from(["", "app", "www"])
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "user": TEXTS,
        "stop_timeout": st.sampled_from(["30s", "1m"]),
        "environment": st.dictionaries(st.sampled_from(["A", "B"]), TEXTS),
        "limits": st.fixed_dictionaries({}, optional={"memory": st.just("1G")}),
    },
)


@given(SPECS, SPECS, SPECS)
def test_no_value_is_left_out_and_none_is_made_up(
    package: dict[str, object], service: dict[str, object], before: dict[str, object]
) -> None:
    found = by_key(package, service, before)
    whole = spec_as_dict(parse_spec(merge_spec(package, service)))
    assert whole["user"] == found["user"].value
    names = {key for key in found if key.startswith("environment.") and found[key].value}
    said = whole["environment"]
    assert isinstance(said, dict)
    assert names == {f"environment.{name}" for name, value in said.items() if value}
    held = spec_as_dict(parse_spec(merge_spec(package, before)))
    assert (found["user"].at_upload is not None) == (held["user"] != whole["user"])
