"""Which archives are harmless: a table of what is refused, a model of unpacking the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.core.release.archive import (
    MIB,
    ArchiveLimits,
    ArchiveRefused,
    Member,
    MemberKind,
    check_members,
    shown,
)

LIMITS = ArchiveLimits(packed=1000)
FILE, FOLDER, SYMLINK, HARDLINK = (
    MemberKind.FILE,
    MemberKind.FOLDER,
    MemberKind.SYMLINK,
    MemberKind.HARDLINK,
)


def file(name: str, size: int = 1, mode: int = 0o644) -> Member:
    return Member(name, FILE, size, mode)


def link(name: str, target: str) -> Member:
    return Member(name, SYMLINK, target=target)


def hardlink(name: str, target: str) -> Member:
    return Member(name, HARDLINK, target=target)


HOSTILE = {
    "an absolute path": ([file("/etc/passwd")], "/etc/passwd in the archive is an absolute"),
    "a way up": ([file("../x")], "../x in the archive leaves the release by .."),
    "a way up in the middle": ([file("a/../../x")], "leaves the release by .."),
    "a way up that comes back": ([file("a/../b")], "leaves the release by .."),
    "a backslash": ([file("..\\x")], "backslash"),
    "a NUL": ([file("a\0b")], "a\\x00b in the archive has a control character"),
    "a line end": ([file("a\nb")], "control character"),
    "an escape": ([file("\x1b[31m")], "control character"),
    "a C1 control": ([file("a\x9bb")], "control character"),
    "a line separator": ([file("a\u2028b")], "control character"),
    "not UTF-8": ([file("a\udcffb")], "not UTF-8"),
    "no name": ([file("")], "empty name"),
    "a root that is a file": ([file(".")], "is there twice"),
    "a root that is a link": ([link("./", "x")], "is there twice"),
    "a link up": ([link("a", "../x")], "a symbolic link that leaves the release (../x)"),
    "an absolute link": ([link("a", "/etc")], "leaves the release (/etc)"),
    "a link to above from a folder": ([link("a/b", "../../x")], "leaves the release"),
    "a link with no target": ([link("a", "")], "empty name or target"),
    "a link up through another": (
        [file("x/y"), link("s", "."), link("d/t", "../s/..")],
        "d/t in the archive is a symbolic link that leaves",
    ),
    "a link up through a later one": (
        [link("d/t", "../s/.."), link("s", "."), file("x")],
        "d/t in the archive is a symbolic link that leaves",
    ),
    "a circle of links": ([link("a", "b"), link("b", "a")], "circles"),
    "a link to itself": ([link("a", "a")], "circles"),
    "a long target": ([link("a", "b/" * 60 + "c")], "too long a target"),
    "writing through a link": ([link("a", "b"), file("b/c"), file("a/x")], "behind a symbolic"),
    "a link over a folder": ([file("a/x"), link("a", "b")], "twice"),
    "a link over a file": ([file("a"), link("a", "b")], "twice"),
    "a file over a link": ([link("a", "b"), file("a")], "twice"),
    "a file below a file": ([file("a"), file("a/b")], "behind a file"),
    "a hard link up": ([file("x"), hardlink("a", "../x")], "hard link that leaves"),
    "an absolute hard link": ([hardlink("a", "/etc/shadow")], "hard link that leaves"),
    "a hard link to nothing": ([file("x"), hardlink("a", "b")], "no file before it"),
    "a hard link to a link": ([link("b", "x"), hardlink("a", "b")], "no file before it"),
    "a hard link to a later file": ([hardlink("a", "b"), file("b")], "no file before it"),
    "a device": ([Member("null", MemberKind.DEVICE)], "null in the archive is a device"),
    "a pipe": ([Member("p", MemberKind.FIFO)], "p in the archive is a named pipe"),
    "a sparse file": ([Member("s", MemberKind.SPARSE)], "sparse"),
    "something else": ([Member("s", MemberKind.OTHER)], "special"),
    "setuid": ([file("su", mode=0o4755)], "setuid or setgid"),
    "setgid": ([file("sg", mode=0o2755)], "setuid or setgid"),
    "the same name twice": ([file("a"), file("./a")], "a in the archive is there twice"),
    "the same name, composed": ([file("\u00e9"), file("e\u0301")], "twice"),
    "a long part": ([file("a" * 256)], "255 bytes"),
    "a long part in bytes": ([file("\u540d" * 86)], "255 bytes"),
    "a long path": ([file("/".join(["a" * 200] * 6))], "1024 bytes"),
    "a deep path": ([file("a/" * 32 + "b")], "32 folders"),
    "a size below zero": ([file("a", size=-1)], "more than"),
    "too much for its size": ([file("a", size=65 * MIB)], "64 MiB"),
    "nothing": ([], "no file"),
    "only folders": ([Member("a/", FOLDER)], "no file"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_refuses(case: str) -> None:
    members, sentence = HOSTILE[case]
    with pytest.raises(ArchiveRefused) as refused:
        check_members(members, LIMITS)
    assert sentence in refused.value.message
    assert refused.value.hint
    assert refused.value.message.isprintable()


HARMLESS = {
    "a tree": [Member("./", FOLDER), Member("./bin/", FOLDER), file("./bin/app"), file("a.b")],
    "a folder named twice": [Member("a/", FOLDER), file("a/b"), Member("a/", FOLDER)],
    "a folder named after its file": [file("a/b"), Member("a/", FOLDER)],
    "two dots in a name": [file("a..b"), file("..a"), file("...")],
    "a link inside": [file("lib/so.1"), link("lib/so", "so.1"), link("l", "lib")],
    "a link that goes up and stays": [file("a/b/c"), link("a/b/d", "../../a/b/c")],
    "a link to the root": [file("x"), link("a/self", "..")],
    "a link to nothing": [file("x"), link("logs", "later")],
    "a hard link": [file("x"), hardlink("a/y", "./x")],
    "another script": [file("中文/文件 名.txt"), file("a'b;$(id)`")],
    "names that differ in case": [file("a"), file("A")],
}


@pytest.mark.parametrize("case", HARMLESS)
def test_lets_pass(case: str) -> None:
    check_members(HARMLESS[case], LIMITS)


def test_says_the_unpacked_size() -> None:
    assert check_members([file("a", 10), hardlink("b", "a"), file("c", 5)], LIMITS) == 15


def test_counts_members_no_further_than_the_limit() -> None:
    seen = 0

    def endless() -> object:
        nonlocal seen
        while True:
            seen += 1
            yield file(str(seen))

    with pytest.raises(ArchiveRefused, match="more than 50000 members"):
        check_members(endless(), LIMITS)  # type: ignore[arg-type]
    assert seen == 50_001


def test_a_large_package_may_unpack_to_a_large_tree_but_not_without_end() -> None:
    large = ArchiveLimits(packed=10 * MIB, unpacked=1000 * MIB)
    assert check_members([file("a", 999 * MIB)], large) == 999 * MIB
    with pytest.raises(ArchiveRefused):
        check_members([file("a", 1001 * MIB)], large)


def test_a_chain_of_links_far_longer_than_the_stack_is_followed() -> None:
    chain = [link(f"l{n}", f"l{n + 1}") for n in range(20_000)]
    assert check_members([*chain, file("l20000")], LIMITS) == 1


def test_links_that_add_up_to_an_endless_path_are_refused() -> None:
    chain = [link(f"l{n}", f"l{n + 1}/" + "d/" * 30) for n in range(200)]
    with pytest.raises(ArchiveRefused, match="too far"):
        check_members([file("x"), *chain], LIMITS)


def test_a_name_is_shown_without_what_hides_or_reorders_text() -> None:
    assert shown("a\u202eb\x1b[0m\0") == "a\\u202eb\\x1b[0m\\x00"
    assert shown("名") == "名"
    assert len(shown("a" * 5000)) == 201


# --- a model of unpacking ------------------------------------------------------------------------

places = st.sampled_from(["a", "b", "a/b", "b/a", "a/b/c", "./a/", "c/../b", "../a", "b/c/a"])
targets = st.sampled_from(["a", "b", ".", "..", "../b", "../..", "a/..", "b/../..", "../a/b", "c"])
members = st.builds(
    Member,
    name=places,
    kind=st.sampled_from([FILE, FOLDER, SYMLINK, SYMLINK, SYMLINK, HARDLINK]),
    target=targets,
)


class Disk:
    """A kernel in small: paths are walked through links; leaving the root is a write outside."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, ...], str | None] = {(): None}  # a link's target, or None

    def walk(self, start: tuple[str, ...], path: str, hops: int = 40) -> tuple[str, ...] | None:
        """Where the path leads; None where the kernel would give up. Raises when it leaves."""
        if path.startswith("/"):
            raise AssertionError("outside: an absolute path")
        place = start
        for part in path.split("/"):
            if part in {"", "."}:
                continue
            if part == "..":
                assert place, "outside: above the root"
                place = place[:-1]
                continue
            place = (*place, part)
            target = self.nodes.get(place)
            if target is not None:
                if not hops:
                    return None
                walked = self.walk(place[:-1], target, hops - 1)
                if walked is None:
                    return None
                place = walked
        return place

    def unpack(self, member: Member) -> None:
        folder, _, last = member.name.rstrip("/").rpartition("/")
        place = self.walk((), folder)
        assert place is not None
        if last == "..":
            raise AssertionError("outside: above the root")
        if last not in {"", "."}:
            self.nodes[(*place, last)] = member.target if member.kind is SYMLINK else None
        if member.kind is HARDLINK:
            self.walk((), member.target)


@pytest.mark.long
@settings(max_examples=3000)
@given(st.lists(members, max_size=5).map(lambda some: [file("z"), *some]))
def test_what_is_accepted_never_leaves_the_root_when_it_is_unpacked(archive: list[Member]) -> None:
    try:
        check_members(archive, LIMITS)
    except ArchiveRefused:
        return
    disk = Disk()
    for member in archive:
        disk.unpack(member)
    for place, target in disk.nodes.items():
        if target is not None:
            assert disk.walk(place[:-1], target) is not None


folders = st.lists(st.sampled_from(["a", "b", "é", "..c", ".", "", "a b"]), max_size=6)


@given(st.lists(folders, min_size=1, max_size=8))
def test_plain_files_with_names_of_their_own_are_always_accepted(paths: list[list[str]]) -> None:
    tree = [file("/".join([".", *path, f"f{number}"])) for number, path in enumerate(paths)]
    assert check_members(tree, LIMITS) == len(paths)
