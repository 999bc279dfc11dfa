"""Which repositories builds by command read, with what names, and who gets the credential."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.builds.command.repository.repositories import locate
from slipway.core.builds.orders import ServerAccess, ServerKind
from slipway.ports.builds import OffLimits, ServerRefused, ServerTrouble
from tests.adapters.builds.command.bench import (
    FAILED,
    MAKES_PACKAGE,
    SUCCESS,
    Bench,
    a_bench,
    over_http,
    until,
)
from tests.stands.repository import link, serve

TOKEN = "glpat-a-secret-of-ours"
ODD = (
    "-x",
    "a'b",
    'a"b',
    "$(touch${IFS}x)",
    "`id`",
    "a;b",
    "a&b|c",
    "ünï",
    "--upload-pack=x",
    "a/b",
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


@pytest.mark.parametrize("ref", ODD)
def test_a_ref_is_a_name_whatever_is_in_it(bench: Bench, ref: str) -> None:
    bench.commit("exit 1")
    bench.repository.commit(
        {"build.sh": f'{MAKES_PACKAGE}\nprintf "<%s>" "$SLIPWAY_REF"\n'}, ref=f"refs/heads/{ref}"
    )
    order = bench.order(ref)
    seen = bench.build(order)
    assert (seen.status, seen.ref) == (SUCCESS, ref)
    assert f"<{ref}>" in bench.log(order, seen)
    assert sorted(path.name for path in bench.place().source.iterdir()) == [
        ".git",
        "build.sh",
        "dist",
    ]


@pytest.mark.parametrize(
    "ref",
    ["../..", "", "a b", "a..b", "$(touch x)", "*", "main~1", "a\nb", "@{1}", "/main", "x" * 300],
)
def test_what_cannot_be_a_ref_is_refused(bench: Bench, ref: str) -> None:
    bench.commit(MAKES_PACKAGE)
    with pytest.raises(ServerRefused, match="cannot be the name of a branch or a tag") as refused:
        bench.server.resolve(bench.order(ref))
    assert refused.value.hint


def test_branches_tags_and_commits_are_told_apart(bench: Bench) -> None:
    first = bench.commit("1")
    second = bench.commit("2")
    tagged = bench.repository.commit({"x": "3"}, ref="refs/tags/v1")
    both = bench.repository.commit({"x": "4"}, ref="refs/heads/v2")
    bench.repository.commit({"x": "5"}, ref="refs/tags/v2")
    resolve = bench.server.resolve
    assert resolve(bench.order("main")) == resolve(bench.order("HEAD")) == second
    assert resolve(bench.order("v1")) == tagged
    assert resolve(bench.order(first.upper())) == first
    with pytest.raises(ServerRefused, match="a branch and a tag of that name") as refused:
        resolve(bench.order("v2"))
    assert refused.value.hint == "Say which: refs/heads/v2 or refs/tags/v2."
    assert resolve(bench.order("refs/heads/v2")) == both
    with pytest.raises(ServerRefused, match="has no “gone” to build"):
        resolve(bench.order("gone"))


def test_a_commit_that_is_not_there_fails_the_build_with_a_sentence(bench: Bench) -> None:
    bench.commit("1")
    seen = bench.build(bench.order("0" * 40))
    assert seen.status is FAILED
    assert "has no commit 000000000000." in str(seen.says)


@pytest.mark.parametrize(
    ("base_url", "project"),
    [
        ("", "ssh://git@example.com/x.git"),
        ("", "git@example.com:x.git"),
        ("", "git://example.com/x.git"),
        ("", "http://example.com/x.git"),
        ("", "/srv/git/x"),
        ("", "file:///srv/git/x"),
        ("", "ext::sh -c id"),
        ("", "x.git"),
        ("", ""),
        ("", "https://169.254.169.254/x.git"),
        ("https://git.example.com/team/", "https://git.example.com/other/x.git"),
        ("https://git.example.com/team", "https://git.example.com/team/../other/x.git"),
        ("https://git.example.com/team", "https://git.example.com.evil.net/team/x.git"),
        ("https://git.example.com/team", "https://me:pw@git.example.com/team/x.git"),
        ("https://git.example.com/team", "file:///etc"),
    ],
)
def test_where_no_build_reads(base_url: str, project: str) -> None:
    access = ServerAccess("here", ServerKind.COMMAND, base_url)
    with pytest.raises(ServerRefused) as refused:
        locate(access, project)
    assert refused.value.hint
    assert ":pw@" not in str(refused.value)


def test_only_the_folder_that_is_allowed_is_read_whatever_links_lead_out(bench: Bench) -> None:
    outside = bench.folder / "outside"
    outside.mkdir()
    (bench.folder / "git" / "way-out").symlink_to(outside)
    base = bench.access.base_url
    for project in (f"{base}/../outside", f"{base}/way-out", str(outside)):
        with pytest.raises(OffLimits, match="the folder allowed for here"):
            locate(bench.access, project)
    with pytest.raises(ServerRefused, match="no git repository"):
        bench.server.resolve(over_http(bench, base, base)())


def test_a_credential_goes_to_the_configured_address_and_nowhere_else(bench: Bench) -> None:
    commit = bench.commit(MAKES_PACKAGE)
    with serve(bench.repository, token=TOKEN) as git:
        order = over_http(bench, git.url, git.base_url, TOKEN)()
        assert bench.server.resolve(order) == commit
        assert bench.build(order).status is SUCCESS
        assert all(authorization for _, _, authorization in git.seen)
        told = bench.server.compare(order, commit, commit)
        assert told.total == 0
        with pytest.raises(ServerRefused, match="refuses to let us read \\(HTTP 401\\)"):
            bench.server.resolve(over_http(bench, git.url, git.base_url)())
        other = git.base_url.replace("127.0.0.1", "localhost")
        for base_url in (other, f"{git.base_url}/elsewhere"):
            with pytest.raises(OffLimits):
                bench.server.resolve(over_http(bench, git.url, base_url, TOKEN)())


def test_a_redirect_does_not_carry_the_credential_off(bench: Bench) -> None:
    bench.commit(MAKES_PACKAGE)
    with serve(bench.repository) as stranger, serve(bench.repository, token=TOKEN) as git:
        git.moved_to = stranger.base_url
        with pytest.raises(OffLimits):
            bench.server.resolve(over_http(bench, git.url, git.base_url, TOKEN)())
        assert stranger.seen == []


def test_a_server_that_is_down_is_trouble_not_a_refusal(bench: Bench) -> None:
    with serve(bench.repository) as git:
        url, base_url = git.url, git.base_url
    with pytest.raises(ServerTrouble, match="cannot be reached"):
        bench.server.resolve(over_http(bench, url, base_url)())


def test_a_page_that_is_no_git_server_is_said_so(bench: Bench) -> None:
    with serve(bench.repository) as git:
        order = over_http(bench, f"{git.base_url}/team/nothing.git", git.base_url)()
        with pytest.raises(ServerRefused, match="no git repository"):
            bench.server.resolve(order)


def test_the_credential_is_in_no_file_argument_or_environment_of_a_build(bench: Bench) -> None:
    os.environ["SLIPWAY_SECRET_OF_THE_WORKER"] = TOKEN
    try:
        bench.commit("env >environment; touch begun; exec sleep 600")
        with serve(bench.repository, token=TOKEN) as git:
            order = over_http(bench, git.url, git.base_url, TOKEN)(variables={"TARGET": "linux"})
            build_id = bench.start(order)
            until((bench.place().source / "begun").exists)
    finally:
        del os.environ["SLIPWAY_SECRET_OF_THE_WORKER"]
    note = bench.place().note
    assert note is not None
    runner = int(str(note["pid"]))
    command = int(Path(f"/proc/{runner}/task/{runner}/children").read_text().split()[0])
    for pid in (runner, command):
        for name in ("environ", "cmdline"):
            if os.access(f"/proc/{pid}/{name}", os.R_OK):
                assert TOKEN.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    for path in bench.place().folder.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path
    told = (bench.place().source / "environment").read_text()
    names = {line.partition("=")[0] for line in told.splitlines()}
    assert names == {
        *("PATH", "LANG", "HOME", "TMPDIR", "USER", "LOGNAME", "PWD", "CI", "TARGET"),
        *("SLIPWAY_BUILD", "SLIPWAY_REF", "SLIPWAY_COMMIT", "SLIPWAY_SERVICE"),
    } - ({"OLDPWD"})
    bench.server.cancel(order, build_id)
    bench.await_end(order, build_id)


@pytest.mark.parametrize("path", [".git/config", ".GIT/config"])
def test_a_commit_that_writes_into_git_s_own_folder_is_not_checked_out(
    bench: Bench, path: str
) -> None:
    bench.commit("true", **{path: "[core]\n"})
    seen = bench.build(bench.order())
    assert seen.status is FAILED
    assert f"holds “{path}”, which is not written" in str(seen.says)


def test_no_file_is_written_through_a_link_of_the_commit(bench: Bench) -> None:
    """Two entries of one name: a link that leads out, and a folder with a file in it."""
    target = bench.folder / "target"
    target.mkdir(mode=0o777)
    target.chmod(0o777)
    bench.repository.commit(
        {"a": link(str(target)), "a/in": "written\n", "build.sh": "#!/bin/sh\ntouch $HOME/run\n"}
    )
    bench.build(bench.order())
    assert list(target.iterdir()) == []
