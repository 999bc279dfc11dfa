"""What a hostile host says instead of the truth: to a question, to a chain, to a package."""

import re
from collections.abc import Callable

from tests.controller.hostile import HELLO, SERVED, Lie, Words

FAR = b"9" * 30
MUCH = 5 * 2**20  # bytes
RESULT = re.compile(rb"begin (\S+) \d+\nresult [^\n]*\n\n")
LINE = re.compile(rb"instance [^\n]*\n")


def says(said: bytes) -> Lie:
    """The same, whatever was asked."""
    return lambda truth, asked: said


def changes(change: Callable[[bytes], bytes]) -> Lie:
    return lambda truth, asked: change(truth)


def puts(found: bytes, instead: bytes) -> Lie:
    return lambda truth, asked: truth.replace(found, instead)


def behind_hello(more: bytes) -> Lie:
    return puts(HELLO, HELLO + more)


def _one_result(truth: bytes) -> bytes:
    first = RESULT.search(truth)
    assert first is not None
    return truth[: first.end()] + SERVED


def _without(name: bytes) -> Lie:
    """The story without that step's own end."""

    def tell(truth: bytes) -> bytes:
        return RESULT.sub(lambda one: b"" if b"-" + name + b"-" in one[1] else one[0], truth)

    return changes(tell)


def _backwards(truth: bytes) -> bytes:
    told = [one[0] for one in RESULT.finditer(truth)]
    return truth.replace(b"".join(told), b"".join(reversed(told)))


def _twice(truth: bytes) -> bytes:
    return RESULT.sub(lambda one: one[0] + one[0], truth)


def _for_others(truth: bytes, asked: Words) -> bytes:
    """As the host beside it would say it: the tickets of another place."""
    return re.sub(rb"(begin|result) (r\d+-)", rb"\1 x\2", truth)


def _fingerprints(link: bytes, started_with: bytes) -> Lie:
    """Names of our alphabet, longer than any that we give."""

    def tell(truth: bytes) -> bytes:
        words = LINE.search(truth)
        assert words is not None
        told = words[0].split(b" ")
        told[11:13] = link, started_with
        return truth.replace(words[0], b" ".join(told))

    return changes(tell)


def _nothing_done(truth: bytes) -> bytes:
    """All steps have ended well, and the old version runs on."""
    return truth.replace(b" 1.1 1.1 ", b" 1.0 1.0 ")


def _codes(code: bytes) -> Lie:
    return lambda truth, asked: re.sub(rb"(result \S+) 0", rb"\1 " + code, truth)


LOOKS: dict[str, Lie] = {
    "nothing": says(SERVED),
    "hangs-up": says(b""),
    "no-more-than-hello": says(HELLO + SERVED),
    "half": changes(lambda truth: truth[: len(truth) // 2] + b"\n" + SERVED),
    "half-an-instance": changes(lambda truth: LINE.sub(b"instance 8080 1 1\n", truth)),
    "another-instance": puts(b" 8080 ", b" 8081 "),
    "no-boot": puts(b"boot 3f-1\n", b""),
    "negative": puts(b"space 9", b"space -9"),
    "too-large": puts(b"instance 8080 ", b"instance 8080 " + FAR),
    "other-digits": puts(b"space 9", "space ٣".encode()),
    "a-long-fingerprint": _fingerprints(b"f" * 128, b"-"),
    "a-long-fingerprint-of-its-start": _fingerprints(b"-", b"f" * 64 + b"." + b"o" * 63),
    "nul": puts(b" active ", b" \0 "),
    "invalid-utf-8": puts(b" active ", b" \xff\xfe\x80 "),
    "no-newline": says(HELLO + b"x" * MUCH),
    "a-long-greeting": says(b"welcome\n" * (MUCH // 8)),
    "releases": behind_hello(b"".join(b"release %d %s\n" % (n, b"a" * 64) for n in range(9_000))),
    "instances": changes(lambda truth: LINE.sub(lambda one: one[0] * 3, truth)),
    "paths": behind_hello(b"release ../../etc " + b"a" * 64 + b"\n"),
    "reports-of-others": puts(b"end\n", b"report 8080 r1-t1-1-probe-1 done 0\nend\n"),
    "behind-the-end": puts(b"end\n", b"end\nrelease 1.1 " + b"a" * 64 + b"\n"),
    "maybe-healthy": puts(b"healthy 8080 1 ", b"healthy 8080 maybe "),
    "health-of-others": puts(b"healthy 8080 1 ", b"healthy 8081 1 "),
    "a-higher-fence": says(HELLO + b"stale 99999999999 1\nend\n" + SERVED),
    "a-foreign-fence": says(HELLO + b"foreign 7 1 somebody-else\nend\n" + SERVED),
    "a-foreign-fence-of-none": says(HELLO + b"foreign 7 1 ../..\nend\n" + SERVED),
    "refuses": says(HELLO + b"refused disk \x1b[2J" + b"y" * 5000 + b"\n" + SERVED),
    "exit-status": puts(SERVED, b"served 98\n"),
    "another-exit-status": puts(SERVED, b"served 999\n"),
}
CHAINS: dict[str, Lie] = {
    "nothing": says(SERVED),
    "hangs-up": says(b""),
    "no-story": says(HELLO + b"end\n" + SERVED),
    "half-a-story": changes(_one_result),
    "no-probe": _without(b"probe"),
    "no-switch": _without(b"switch"),
    "backwards": changes(_backwards),
    "twice": changes(_twice),
    "others-tickets": _for_others,
    "steps-never-sent": puts(b"boot", b"begin t-1 1\nresult t-1 0 1 2 0 0 0\n\nboot"),
    "exit-code-256": _codes(b"256"),
    "exit-code-far": _codes(FAR),
    "exit-code-negative": _codes(b"-1"),
    "times-far": puts(b" 1000 2000 ", b" 1000 " + FAR + b" "),
    "sizes-far": puts(b" 2000 0 0 0\n", b" 2000 0 0 " + FAR + b"\n"),
    "a-runner-of-words": changes(lambda truth: re.sub(rb"(begin \S+) \d+", rb"\1 $(id)", truth)),
    "another-instance": puts(b"instance 8080 ", b"instance 8081 "),
    "no-instance": changes(lambda truth: LINE.sub(b"", truth)),
    "two-ends": puts(b"end\n", b"end\nend\n"),
    "nothing-done": changes(_nothing_done),
    "megabytes": says(HELLO + b"x" * MUCH),
    "lines": says(HELLO + b"again\n" * (MUCH // 6)),
    "elsewhere-for-ever": says(HELLO + b"elsewhere\n" + SERVED),
    "a-higher-fence": says(HELLO + b"stale 99999999999 1\n" + SERVED),
    "a-foreign-fence": says(HELLO + b"foreign 7 1 somebody-else\n" + SERVED),
    "refuses": says(HELLO + b"refused disk \0\xff full\n" + SERVED),
    "invalid-utf-8": puts(b"begin ", b"\xff\xfe "),
}
PACKAGES: dict[str, Lie] = {
    "refuses": says(b"refused disk \x1b[2J" + b"y" * 5000 + b"\n"),
    "refuses-nothing": says(b"refused disk\n"),
    "refuses-without-a-name": says(b"refused \0 full\n"),
}
LIES: dict[str, dict[str, Lie]] = {
    **{f"look-{name}": {"look": lie, "observe": lie} for name, lie in LOOKS.items()},
    **{f"chain-{name}": {"chain": lie} for name, lie in CHAINS.items()},
    **{f"package-{name}": {"receive": lie} for name, lie in PACKAGES.items()},
}
