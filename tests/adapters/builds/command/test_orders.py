"""Orders that a build by command does not take, and folders that it cannot use."""

import dataclasses
from collections.abc import Iterator

import pytest

from slipway.adapters.builds.command.server import CommandServer
from slipway.ports.builds import ServerRefused, ServerTrouble
from tests.adapters.builds.command.bench import (
    MAKES_PACKAGE,
    SUCCESS,
    Bench,
    a_bench,
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


@pytest.mark.parametrize(
    "name",
    [
        *("HOME", "PERL5LIB", "PERL5OPT", "RUBYOPT", "NODE_OPTIONS"),
        *("MAKEFLAGS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"),
        *("CC", "CFLAGS", "GOFLAGS", "MAVEN_OPTS", "PIP_INDEX_URL", "npm_config_registry"),
        *("RUSTC_WRAPPER", "HARMLESS"),
    ],
)
def test_a_variable_that_was_not_declared_is_refused(bench: Bench, name: str) -> None:
    bench.commit(MAKES_PACKAGE)
    given = {"TARGET": "linux", name: "/tmp/x"}
    with pytest.raises(ServerRefused, match=f"with the variable {name}:") as refused:
        bench.server.start(bench.order(variables=given, declared=frozenset({"TARGET"})))
    assert f"accepts: [{name}]" in refused.value.hint
    assert not bench.builds.exists()


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "IFS", "ENV", "PS4", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "LD_PRELOAD"),
        *("LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONSTARTUP", "GIT_SSH_COMMAND", "GIT_DIR"),
    ],
)
def test_a_variable_that_steers_the_workers_programs_is_refused_though_declared(
    bench: Bench, name: str
) -> None:
    bench.commit(MAKES_PACKAGE)
    with pytest.raises(ServerRefused, match=f"with the variable {name}: it changes what") as no:
        bench.server.start(bench.order(variables={name: "/tmp/x"}))
    assert f"env {name}=" in no.value.hint
    assert not bench.builds.exists()


@pytest.mark.parametrize("name", ["HOME", "TMPDIR", "USER", "LOGNAME", "CI"])
def test_a_variable_that_slipway_sets_is_refused_though_declared(bench: Bench, name: str) -> None:
    bench.commit(MAKES_PACKAGE)
    with pytest.raises(ServerRefused, match=f"with the variable {name}: Slipway sets it") as no:
        bench.server.start(bench.order(variables={name: "x"}))
    assert f"env {name}=" in no.value.hint
    assert not bench.builds.exists()


def test_variables_that_are_declared_are_handed_over_whatever_they_are(bench: Bench) -> None:
    variables = {"CC": "a", "PATHS": "b", "NODE_OPTIONS": "c", "LDFLAGS": "d", "TARGET": "e"}
    bench.commit(f'{MAKES_PACKAGE}\nprintf "<%s>" $CC $PATHS $NODE_OPTIONS $LDFLAGS $TARGET')
    order = bench.order(variables=variables)
    seen = bench.build(order)
    assert seen.status is SUCCESS
    assert "<a><b><c><d><e>" in bench.log(order, seen)


@pytest.mark.parametrize("shorten", [lambda c: c[:7], lambda c: c[:39], lambda c: "g" + c[1:]])
def test_half_a_commit_is_refused_before_anything_begins(bench: Bench, shorten) -> None:  # type: ignore[no-untyped-def]
    commit = shorten(bench.commit(MAKES_PACKAGE))
    order = dataclasses.replace(bench.order(), commit=commit)
    with pytest.raises(ServerRefused, match=f"“{commit}” is no whole commit") as refused:
        bench.server.start(order)
    assert refused.value.hint.startswith("Give the whole commit")
    assert not bench.builds.exists()


def test_a_whole_commit_is_built_though_the_ref_went_on(bench: Bench) -> None:
    first = bench.commit(MAKES_PACKAGE)
    bench.commit("exit 1")
    seen = bench.build(dataclasses.replace(bench.order(), commit=first))
    assert (seen.status, seen.commit) == (SUCCESS, first)


def test_a_folder_that_cannot_be_made_is_trouble_that_names_it(bench: Bench) -> None:
    bench.commit(MAKES_PACKAGE)
    blocked = bench.folder / "blocked"
    blocked.write_text("a file where the folder should be")
    server = CommandServer(blocked / "builds")
    with pytest.raises(ServerTrouble, match=f"{blocked}.*: Not a directory") as trouble:
        server.start(bench.order())
    assert "SLIPWAY_BUILDS" in trouble.value.hint


def test_a_folder_that_is_reached_by_a_link_is_built_in(bench: Bench) -> None:
    bench.commit(MAKES_PACKAGE)
    bench.builds.mkdir(mode=0o711)
    link = bench.folder / "link"
    link.symlink_to(bench.builds)
    linked = dataclasses.replace(bench, server=CommandServer(link))
    assert linked.build(bench.order()).status is SUCCESS


def test_a_build_begins_once_its_folder_can_be_written_to(bench: Bench) -> None:
    """What cannot be opened, be it for want of rights or of space, is a folder here."""
    bench.commit(MAKES_PACKAGE)
    bench.place().runner_log.mkdir(parents=True)
    with pytest.raises(ServerTrouble, match=f"{bench.place().runner_log} cannot be used for"):
        bench.server.start(bench.order())
    bench.place().runner_log.rmdir()
    assert bench.build(bench.order()).status is SUCCESS
