"""The one status of a place: its word, why, and what mends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slipway.core.hosts.drift_words import Drift, What, kept, read_kept
from slipway.core.hosts.place_status import PlaceFacts, status_of_place
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WELL = PlaceFacts(
    "billing", "prod", "web-1", InstanceStatus.RUNNING, "1.0", "1.0", "1.0", (), True, NOW
)
PATH = "/etc/systemd/system/slipway-billing-8080.service.d/override.conf"
DROP_IN = Drift(What.DROP_IN, 2, f"{PATH}, /run/systemd/system/x")
ADDED = f"what its unit says is changed by files beside it (2): {DROP_IN.names}"
FILES = Drift(What.FILES, 2, "bin/app, lib/x y.py")


@pytest.mark.parametrize(
    ("changes", "word", "why", "remedy"),
    [
        ({}, "running", "", None),
        ({"seen_at": None}, "unknown", "its host has not been looked at yet", None),
        (
            {"seen_at": NOW - timedelta(minutes=4, seconds=5)},
            "not_seen",
            "running, not seen for 4m",
            None,
        ),
        ({"running": ""}, "ill", "no process of it runs", RolloutKind.RESTART),
        ({"healthy": False}, "ill", "its health check fails", RolloutKind.RESTART),
        (
            {"running": "", "why": Sentence.of("x", "its unit is {state}", state="failed")},
            "ill",
            "its unit is failed",
            RolloutKind.RESTART,
        ),
        (
            {"running": "0.9", "linked": "0.9"},
            "drifted",
            "it runs 0.9, and should run 1.0",
            RolloutKind.UPGRADE,
        ),
        (
            {"linked": "0.9"},
            "drifted",
            "its link leads to 0.9, and should lead to 1.0",
            RolloutKind.UPGRADE,
        ),
        (
            {"drift": (Drift(What.UNIT), FILES)},
            "drifted",
            "its unit file was edited, files of its release were edited, added or removed (2): "
            "bin/app, lib/x y.py",
            RolloutKind.UPGRADE,
        ),
        (
            {"drift": (Drift(What.UNREAD),)},
            "running",
            "the files of its release could not be looked through in time: whether any was edited, "
            "added or removed is not known",
            None,
        ),
        (
            {"drift": (Drift(What.UNREAD), Drift(What.UNIT))},
            "drifted",
            "its unit file was edited",
            RolloutKind.UPGRADE,
        ),
        (
            {"drift": (Drift(What.UNIT_OFF),)},
            "drifted",
            "its unit is disabled: its host would not start it again",
            RolloutKind.UPGRADE,
        ),
        (
            {"drift": (Drift(What.UNIT_MASKED),)},
            "drifted",
            "its unit is masked: its host would not start it again",
            RolloutKind.UPGRADE,
        ),
        ({"drift": (DROP_IN,)}, "drifted", ADDED, None),
        ({"drift": (Drift(What.UNREAD), DROP_IN)}, "drifted", ADDED, None),
        (
            {"drift": (Drift(What.UNIT), DROP_IN)},
            "drifted",
            f"its unit file was edited, {ADDED}",
            RolloutKind.UPGRADE,
        ),
        ({"drift": (DROP_IN,), "running": ""}, "ill", "no process of it runs", RolloutKind.RESTART),
        (
            {"drift": (Drift(What.UNREAD),), "running": ""},
            "ill",
            "no process of it runs",
            RolloutKind.RESTART,
        ),
        ({"status": InstanceStatus.STOPPED, "running": ""}, "stopped", "", None),
        ({"status": InstanceStatus.UPGRADING, "running": ""}, "upgrading", "", None),
        ({"status": InstanceStatus.UPGRADE_FAILED, "healthy": False}, "upgrade_failed", "", None),
    ],
)
def test_one_status(
    changes: dict[str, object], word: str, why: str, remedy: RolloutKind | None
) -> None:
    status = status_of_place(replace(WELL, **changes), NOW)  # type: ignore[arg-type]
    said = status.why.english if status.why else ""
    assert (status.word, said, status.remedy) == (word, why, remedy)
    if remedy is not None:
        assert status.why is not None
        version = " 1.0" if remedy is RolloutKind.UPGRADE else ""
        command = f"`slipway {remedy} billing{version} --env prod --hosts web-1`"
        assert command in status.why.english_hint


def test_what_people_add_is_theirs_to_keep_or_to_take_away() -> None:
    why = status_of_place(replace(WELL, drift=(DROP_IN,)), NOW).why
    assert why is not None
    assert "`systemctl cat slipway-billing-8080.service`" in why.english_hint
    assert f"`rm {PATH}`" in why.english_hint
    assert "`slipway restart billing --env prod --hosts web-1`" in why.english_hint


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (PATH[:-3], "Read it on web-1: `systemctl cat slipway-billing-8080.service`."),
        (PATH[:50], ""),
        (PATH.replace("over", "my over"), f"`rm '{PATH.replace('over', 'my over')}'`"),
    ],
)
def test_nobody_is_told_to_remove_half_a_path(names: str, hint: str) -> None:
    why = status_of_place(replace(WELL, drift=(Drift(What.DROP_IN, 1, names),)), NOW).why
    assert why is not None
    assert hint in why.english_hint
    assert ("rm " in why.english_hint) == hint.startswith("`rm")


@pytest.mark.parametrize("found", [(), (FILES,), (DROP_IN,), (Drift(What.UNIT_GONE), FILES)])
def test_drift_is_kept_as_it_was_told(found: tuple[Drift, ...]) -> None:
    assert read_kept(kept(found)) == found
