"""Kinds, statuses and roles keep their numbers and their meaning."""

import pytest

from slipway.core.words.instances import InstanceStatus, failed, settled, transitional
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.core.words.roles import LEAST_ROLE, Action, Role, allows, roles_allowing
from slipway.core.words.versions import VersionStatus


def test_the_numbers_of_the_first_design_are_kept() -> None:
    assert {status.word: int(status) for status in InstanceStatus} == {
        "running": 0,
        "installing": 1,
        "upgrading": 2,
        "reverting": 3,
        "deleting": 4,
        "stopped": 5,
        "install_failed": 11,
        "upgrade_failed": 12,
        "revert_failed": 13,
        "delete_failed": 14,
    }
    assert {status.word: int(status) for status in VersionStatus} == {
        "pending": 0,
        "building": 1,
        "success": 2,
        "timeout": 3,
        "failed": 4,
        "duplicate": 5,
    }


@pytest.mark.parametrize("kind", RolloutKind)
def test_every_kind_says_what_an_instance_is_doing_and_how_it_fails(kind: RolloutKind) -> None:
    assert not transitional(kind).is_failed
    assert failed(kind).is_failed


def test_an_instance_settles_where_its_rollout_led() -> None:
    assert settled(RolloutKind.UPGRADE) is InstanceStatus.RUNNING
    assert settled(RolloutKind.STOP) is InstanceStatus.STOPPED
    assert settled(RolloutKind.START) is InstanceStatus.RUNNING
    with pytest.raises(ValueError, match="no status"):
        settled(RolloutKind.DELETE)


def test_four_statuses_of_a_rollout_are_its_end() -> None:
    over = {status.value for status in RolloutStatus if status.is_over}
    assert over == {"succeeded", "halted", "partial", "cancelled"}


def test_every_action_has_a_least_role() -> None:
    assert set(LEAST_ROLE) == set(Action)


def test_a_viewer_only_looks() -> None:
    assert [action for action in Action if allows(Role.VIEWER, action)] == [
        Action.VIEW,
        Action.VIEW_HOST,
    ]


def test_a_deployer_deploys_but_breaks_no_lock() -> None:
    assert allows(Role.DEPLOYER, Action.DEPLOY)
    assert allows(Role.DEPLOYER, Action.LOCK)
    assert not allows(Role.DEPLOYER, Action.BREAK_LOCK)
    assert not allows(Role.DEPLOYER, Action.MANAGE_SERVICE)


def test_an_admin_may_do_everything() -> None:
    assert all(allows(Role.ADMIN, action) for action in Action)
    assert roles_allowing(Action.BREAK_LOCK) == (Role.ADMIN,)
