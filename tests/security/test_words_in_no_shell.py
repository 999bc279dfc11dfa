"""What somebody typed is a word to a host, and never a command."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.core.hosts.seen import TicketResult
from slipway.core.release.steps import HostStep
from slipway.core.spec.values import HealthCheck
from slipway.core.words.refusal import Invalid
from tests.adapters.ssh import made
from tests.security.conftest import Yard

pytestmark = pytest.mark.once

TOUCH = "touch {folder}/injected"
INJECTIONS = (
    *("$({})", "`{}`", "; {}", "&& {}", "|| {}", "| {}", "& {}", "\n{}\n", "\r\n{}", "'; {}; '"),
    *('"; {}; "', "'$({})'", "\\\n{}", "$'\\n'{}", "%0a{}", "*; {}", "<({})", ">{}", "-c {}"),
    "\\; {}",
)
# One line for each word; what a word holds is told by its length, then itself.
TELL = b'#!/bin/sh\nfor word do printf "%s:%s\\n" "${#word}" "$word"; done\n'
ECHO = b'#!/bin/sh\nprintf %s "$TOLD"\n'


async def test_neither_as_a_word_of_a_command_nor_as_a_value(any_yard: Yard) -> None:
    assert len(INJECTIONS) >= 20
    folder = any_yard.folder
    words = [each.format(TOUCH.format(folder=folder)) for each in INJECTIONS]
    await any_yard.bring("1.0", tell=TELL, echo=ECHO)
    (told,) = await any_yard.perform(made.chain(made.hook("1.0", "./bin/tell.sh", *words)))
    assert told.exit_code == 0, told
    assert told.output == "".join(f"{len(word)}:{word}\n" for word in words)
    for number, word in enumerate(words):
        switch = made.switch(any_yard.root, "1.0")
        switch = replace(switch, environment=(*switch.environment, ("TOLD", word)))
        steps = switch, made.hook("1.0", "./bin/echo.sh")
        results = await any_yard.perform(
            made.chain(*steps, name=f"value-{number}", fence=(2, number + 1))
        )
        assert [result.exit_code for result in results] == [0, 0], results
        assert results[-1].output == word
    assert not (folder / "injected").exists()


def _check(**asked: str) -> Callable[[Yard, str], tuple[HostStep, ...]]:
    """A probe by a check whose values hold the word in the place of {}."""

    def steps(_yard: Yard, word: str) -> tuple[HostStep, ...]:
        said = {name: text.replace("{}", word) for name, text in asked.items()}
        soon = timedelta(milliseconds=50)
        check = HealthCheck(**said, timeout=soon, interval=soon, healthy_deadline=soon)  # type: ignore[arg-type]
        return (made.probe("1.0", check),)

    return steps


def _command(_yard: Yard, word: str) -> tuple[HostStep, ...]:
    return (made.probe("1.0", made.quick_check("./bin/tell.sh", word)),)


def _switch(**changes: Callable[[str], object]) -> Callable[[Yard, str], tuple[HostStep, ...]]:
    def steps(yard: Yard, word: str) -> tuple[HostStep, ...]:
        switch = made.switch(yard.root, "1.0")
        said = {name: of(word) for name, of in changes.items()}
        return (replace(switch, **said),)  # type: ignore[arg-type]

    return steps


def _environment(name: str) -> Callable[[Yard, str], tuple[HostStep, ...]]:
    def steps(yard: Yard, word: str) -> tuple[HostStep, ...]:
        switch = made.switch(yard.root, "1.0")
        return (replace(switch, environment=(*switch.environment, (name, word))), made.restart())

    return steps


PLACES = {
    "the address of a check": _check(http="http://127.0.0.1:1/{}"),
    "the host of a check": _check(http="http://{}/"),
    "a text that is expected": _check(http="http://127.0.0.1:1/", expect="{}"),
    "a status that is expected": _check(http="http://127.0.0.1:1/", status="{}"),
    "a port that is asked": _check(tcp="127.0.0.1:{}"),
    "a host whose port is asked": _check(tcp="{}:1"),
    "a word of a check by command": _command,
    "the name of a shared folder": _switch(shared=lambda word: (word,)),
    "who reads a release": _switch(readers=lambda word: word),
    "whose a shared folder is": _switch(shared_owner=lambda word: word),
    "the tag of an instance": _environment("TAG"),
    "a value of its environment": _environment("TOLD"),
}
# Wherever it was done: no path, for not all of these may hold a stroke.
ANYWHERE = "touch injected"


@pytest.mark.parametrize("place", PLACES)
async def test_nor_in_whatever_else_people_and_packages_say(any_yard: Yard, place: str) -> None:
    await any_yard.bring("1.0", tell=TELL, echo=ECHO)
    await any_yard.run("1.0")
    for number, injection in enumerate(INJECTIONS):
        steps = PLACES[place](any_yard, injection.format(ANYWHERE))
        # Whether it is taken or refused is said elsewhere: here it is only never carried out.
        with suppress(Invalid):  # before anything is sent
            await any_yard.perform(made.chain(*steps, name=f"at-{number}", fence=(2, number + 1)))
    assert _injected(any_yard) == []


async def test_nor_in_names_of_files(any_yard: Yard) -> None:
    names = [each.format(ANYWHERE) for each in INJECTIONS]
    refused = [name for name in names if "\\" in name or not name.isprintable()]
    for number, name in enumerate(refused):
        (told,) = await _unpacked(any_yard, f"1.{number}", [name])
        assert told.exit_code == 65, told
    results = await _unpacked(any_yard, "2.0", [name for name in names if name not in refused])
    assert results[0].exit_code == 0, results
    steps = made.switch(any_yard.root, "2.0"), made.restart()
    await any_yard.perform(made.chain(*steps, name="odd"))
    await any_yard.hosts.observe(any_yard.access, "billing")
    assert _injected(any_yard) == []


async def _unpacked(yard: Yard, version: str, names: list[str]) -> tuple[TicketResult, ...]:
    path = yard.folder / f"billing-{version}.tar.gz"
    files = {f"lib/{name}": b"x" for name in names} | {f"{name}/file": b"x" for name in names}
    package = made.tar(path, {**made.SCRIPTS, **files})
    await yard.hosts.send_package(yard.access, "billing", package, path)
    name = f"unpack-{version.replace('.', '-')}"
    return await yard.perform(made.chain(made.unpack(version, package), name=name))


def _injected(yard: Yard) -> list[str]:
    return [str(path) for path in yard.folder.rglob("injected")]
