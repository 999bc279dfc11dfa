"""What somebody typed is a word to a host, and never a command."""

from dataclasses import replace

from tests.adapters.ssh import made
from tests.security.conftest import Yard

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
