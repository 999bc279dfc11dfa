"""`shared/` is there before the first hook, belongs to whoever runs, and leads root nowhere."""

import os
import pwd
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.release.steps import RunHook, Switch
from slipway.core.spec.values import Hook
from tests.adapters.ssh import made
from tests.security.conftest import AS_ROOT, Yard

pytestmark = pytest.mark.once

GAMES = "games"
KEEP = b'#!/bin/sh\ncd "${SHARED%/*}" && touch first && mkdir -p kept\n'


def _hook(user: str) -> RunHook:
    command = Hook(("./bin/keep.sh",), made.SOON, made.SOON)
    return RunHook("before_activate", command, "1.0", user)


def _switch(yard: Yard, user: str, *shared: str) -> Switch:
    return replace(made.switch(yard.root, "1.0"), shared=shared, shared_owner=user)


async def _codes(yard: Yard, name: str, *steps: RunHook | Switch) -> list[int]:
    return [result.exit_code for result in await yard.perform(made.chain(*steps, name=name))]


@AS_ROOT
@pytest.mark.parametrize("user", ["", GAMES])
async def test_it_is_there_before_the_first_hook(any_yard: Yard, user: str) -> None:
    await any_yard.bring("1.0", keep=KEEP)
    assert await _codes(any_yard, "first", _hook(user), _switch(any_yard, user)) == [0, 0]
    shared = Path(any_yard.root, "billing/8080/shared")
    owner = user or pwd.getpwuid(os.geteuid()).pw_name
    assert {path.owner() for path in (shared, *shared.iterdir())} == {owner}
    assert {path.name for path in shared.iterdir()} == {"first", "kept"}


@AS_ROOT
async def test_one_that_was_ours_becomes_the_run_users_and_nothing_in_it(any_yard: Yard) -> None:
    await any_yard.bring("1.0", keep=KEEP)
    assert await _codes(any_yard, "ours", _switch(any_yard, "", "data/kept")) == [0]
    shared = Path(any_yard.root, "billing/8080/shared")
    (shared / "data/key").write_text("of root, on purpose")
    (shared / "logs").mkdir()
    shutil.chown(shared / "logs", "daemon")
    step = _switch(any_yard, GAMES, "data/kept", "new/folder")
    (result,) = await any_yard.perform(made.chain(step, name="his"))
    assert result.exit_code == 0, result
    assert "what it holds stays of whoever it was" in result.output
    owners = {str(path.relative_to(shared)): path.owner() for path in shared.rglob("*")}
    assert {name: owners.pop(name) for name in ("new", "new/folder")} == dict.fromkeys(
        ("new", "new/folder"), GAMES
    )
    assert owners == {"data": "root", "data/key": "root", "data/kept": "root", "logs": "daemon"}
    assert shared.owner() == GAMES


@AS_ROOT
async def test_a_link_that_the_run_user_left_there_leads_root_nowhere(any_yard: Yard) -> None:
    elsewhere = any_yard.folder / "elsewhere"
    elsewhere.mkdir()
    trap = f'#!/bin/sh\nln -s {elsewhere} "${{SHARED%/*}}/trap"\n'.encode()
    await any_yard.bring("1.0", keep=trap)
    switch = _switch(any_yard, GAMES, "trap/inside")
    assert await _codes(any_yard, "trap", _hook(GAMES), switch) == [0, 73]
    assert list(elsewhere.iterdir()) == []
    assert elsewhere.owner() == "root"


@AS_ROOT
@pytest.mark.parametrize("owner", ["root", GAMES])
async def test_where_an_admin_has_led_it_is_the_admins_to_give(any_yard: Yard, owner: str) -> None:
    large = any_yard.folder / "large"
    large.mkdir()
    shutil.chown(large, owner)
    shared = Path(any_yard.root, "billing/8080/shared")
    shared.parent.mkdir(parents=True)
    shared.symlink_to(large)
    await any_yard.bring("1.0")
    step = _switch(any_yard, GAMES, "data/kept")
    (result,) = await any_yard.perform(made.chain(step, name="led"))
    assert (large.owner(), os.lstat(shared).st_uid) == (owner, 0)
    if owner == GAMES:
        assert result.exit_code == 0, result
        assert (large / "data/kept").owner() == GAMES
    else:
        assert result.exit_code == 73
        assert f"{shared}/data/kept: {GAMES} cannot write in {shared}." in result.output


@AS_ROOT
async def test_a_link_that_leads_nowhere_is_called_so(any_yard: Yard) -> None:
    shared = Path(any_yard.root, "billing/8080/shared")
    shared.parent.mkdir(parents=True)
    shared.symlink_to(any_yard.folder / "unmounted")
    await any_yard.bring("1.0")
    step = _switch(any_yard, GAMES, "data")
    (result,) = await any_yard.perform(made.chain(step, name="nowhere"))
    assert result.exit_code == 73
    assert f"{shared} is a link that leads nowhere." in result.output
