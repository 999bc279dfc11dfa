"""Names: which may be used, and how they are made from hostile facts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.words import names
from slipway.core.words.refusal import Invalid

AT = datetime(2026, 11, 23, 10, 15, 2, tzinfo=UTC)

HOSTILE_REFS = (
    "$(touch${IFS}x)",
    "`id`",
    ";id",
    "a'b",
    "<script>",
    "%2e%2e%2f",
    "../../etc/passwd",
    "\u202egnp.exe",
    "-oProxyCommand=x",
    "a\nb",
    "a\0b",
    "..",
    "",
    "发布",
    "x" * 5000,
)


@pytest.mark.parametrize("name", ["billing", "a", "0", "a-b", "a" * 64])
def test_a_plain_service_name_is_taken(name: str) -> None:
    assert names.check_service_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "a_b", "a.b", "a b", "a\n", "a" * 65, "é", "a/b", "..", "٣"]
)
def test_a_service_name_that_needs_care_anywhere_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be a service name"):
        names.check_service_name(name)


@pytest.mark.parametrize("name", ["1.0", "20261123T101502-main-1a2b3c4", "v2+build.7", "a" * 128])
def test_a_plain_version_name_is_taken(name: str) -> None:
    assert names.check_version_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", "-1", "a/b", "1 0", "1\n", "latest", "LATEST"])
def test_a_version_name_that_could_be_a_path_or_an_option_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        names.check_version_name(name)


@pytest.mark.parametrize("ref", HOSTILE_REFS)
def test_a_hostile_ref_becomes_a_harmless_version_name(ref: str) -> None:
    name = names.version_name(AT, ref, ref)
    assert names.check_version_name(name) == name
    assert name.startswith("20261123T101502-")


@given(st.text(), st.text())
def test_any_ref_and_commit_make_a_version_name(ref: str, commit: str) -> None:
    name = names.version_name(AT, ref, commit)
    assert names.check_version_name(name) == name
    assert len(name) <= 65


def test_a_version_name_says_time_ref_and_commit() -> None:
    commit = "1a2b3c4d5e6f7890"
    assert names.version_name(AT, "main", commit) == "20261123T101502-main-1a2b3c4"
    assert names.version_name(AT, "refs/heads/fix/a b", commit) == "20261123T101502-fix-a-b-1a2b3c4"
    assert names.version_name(AT, "", "") == "20261123T101502-unknown-unknown"
    assert names.version_name(AT, "", "", "shop-1.0") == "20261123T101502-shop-1.0"
    assert names.version_name(AT, "", "", "商店 $(id)") == "20261123T101502-id"
    assert names.version_name(AT, "main", "", "shop-1.0") == "20261123T101502-main-unknown"


def test_a_version_name_is_in_utc_wherever_it_is_made() -> None:
    in_shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    assert names.version_name(in_shanghai, "main", "1") == "20261123T101502-main-1"
    with pytest.raises(ValueError, match="without zone"):
        names.version_name(AT.replace(tzinfo=None), "main", "1")


def test_an_instance_is_called_by_its_port_or_main() -> None:
    assert names.instance_key(8080) == "8080"
    assert names.instance_key(None) == names.instance_key(0) == "main"
    with pytest.raises(Invalid, match="cannot be a port"):
        names.instance_key(65536)


def test_a_unit_and_a_ticket_say_what_they_are_for() -> None:
    assert names.unit_name("billing", "8080") == "slipway-billing-8080.service"
    assert names.ticket_id(7, 3, 2, "before_activate") == "r7-t3-a2-before-activate"
    with pytest.raises(ValueError, match="not a step name"):
        names.ticket_id(7, 3, 2, "../x")


@given(*[st.integers(0, 10**12)] * 6)
def test_two_steps_never_share_a_ticket(a: int, b: int, c: int, d: int, e: int, f: int) -> None:
    one, other = names.ticket_id(a, b, c, "switch"), names.ticket_id(d, e, f, "switch")
    assert (one == other) == ((a, b, c) == (d, e, f))


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (names.check_environment_name, ["prod", "eu-1"], ["", "Prod", "a/b", "a" * 65]),
        (names.check_host_name, ["web-1", "Web1.example.org"], ["", "-x", "a b", "a\n", "a/b"]),
        (names.check_user_name, ["app", "_x", "deploy-1"], ["", "root;id", "Ä", "-x", "a b"]),
        (
            names.check_address,
            ["10.0.0.1", "::1", "db.lan"],
            ["", "-oProxyCommand=x", "a b", "a;b"],
        ),
        (
            names.check_root,
            ["/opt/slipway", "/srv/a_b/c.d"],
            ["", "/", "opt", "/opt/", "/opt//x", "/opt/../etc", "/opt/.", "/o pt", "/opt\n"],
        ),
        (
            lambda text: names.check_label(*text.split("=")),
            ["rack=a", "team/owner=x.y", "gpu="],
            ["=a", "a b=c", "a=b c"],
        ),
    ],
)
def test_only_names_that_need_no_quoting_are_taken(
    check: Callable[[str], object], good: list[str], bad: list[str]
) -> None:
    for name in good:
        assert check(name)
    for name in bad:
        with pytest.raises(Invalid):
            check(name)


def test_a_refusal_shows_a_hostile_name_without_its_control_marks() -> None:
    with pytest.raises(Invalid) as refused:
        names.check_host_name("a\x1b[31m\u202e" + "b" * 500)
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 150
    assert refused.value.hint.startswith("Allowed: ")


@given(st.text())
def test_a_name_with_braces_breaks_no_sentence(name: str) -> None:
    assert names.shown(name).isprintable()
    with pytest.raises(Invalid) as refused:
        names.check_service_name(name + "{0}{x}")
    assert "cannot be a service name" in str(refused.value)


def test_names_are_sorted_as_people_do() -> None:
    mixed = ["web-10", "web-2", "web-1", "db-1", "web-2a", "10-web", "9-web"]
    in_order = ["9-web", "10-web", "db-1", "web-1", "web-2", "web-2a", "web-10"]
    assert sorted(mixed, key=names.natural) == in_order


def test_branches_of_which_nothing_is_kept_are_told_apart() -> None:
    made = {names.version_name(AT, ref, "") for ref in ("功能", "修复", "refs/heads/修复")}
    assert len(made) == 3
    assert all("-ref-" in names.check_version_name(name) for name in made)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("10.0.0.11:22", "10.0.0.11 as the address and 22 as the port"),
        ("web-1.example:2222", "web-1.example as the address and 2222 as the port"),
        ("[::1]:22", "::1 as the address and 22 as the port"),
        ("[fe80::1%eth0]", "fe80::1%eth0 as the address"),
        ("deploy@web-1", "web-1 as the address and deploy as the user"),
        ("deploy@[::1]:22", "::1 as the address, deploy as the user and 22 as the port"),
        ("web-1:", "web-1 as the address"),
        ("deploy@", None),
        ("@", None),
    ],
)
def test_an_address_with_user_or_port_is_refused_with_what_to_write(
    given: str, meant: str | None
) -> None:
    with pytest.raises(Invalid) as refused:
        names.check_address(given)
    said = f"Write {meant}." if meant else None
    assert (refused.value.hint == said) == bool(meant)


@pytest.mark.parametrize(
    "address", ["::1", "fe80::1%eth0", "10.0.0.11", "web-1.example", "2001:db8::22"]
)
def test_an_address_of_ipv6_has_colons_and_no_port(address: str) -> None:
    assert names.check_address(address) == address
