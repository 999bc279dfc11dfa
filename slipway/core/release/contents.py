"""What a package holds, as far as its release spec speaks of it: what could never be started or
shared is said before a host is touched."""

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Never

from slipway.core.spec.values import EVERYBODY, ReleaseSpec
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

HEAD = 256  # bytes of a file's beginning that are looked at
_SPEC_NAME = "slipway.yaml"
_MARK = b"\xef\xbb\xbf"
_SCRIPTS = ("start", "stop", "status", "before_activate", "after_activate", "drain", "undrain")
_EXECUTABLE = 0o111
_OF_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class HeldFile:
    mode: int
    head: bytes = b""  # its first line, where it is a script
    content: tuple[int, int] = (0, 0)  # its size and CRC-32: whether it is another than before


@dataclass(frozen=True, slots=True)
class Contents:
    """Files and links by their path. Empty where nobody has looked."""

    files: Mapping[str, HeldFile] = field(default_factory=dict)
    links: frozenset[str] = frozenset()

    def digest_of(self, folder: str) -> str:
        """What a folder holds, so that it can be told from another version's; "" for nothing."""
        within = sorted(
            (name, held.mode & _EXECUTABLE, *held.content)
            for name, held in self.files.items()
            if name.startswith(f"{folder}/")
        )
        links = sorted(name for name in self.links if name.startswith(f"{folder}/"))
        if not within and not links:
            return ""
        return hashlib.sha256(repr((within, links)).encode("utf-8", "surrogatepass")).hexdigest()

    def is_behind_link(self, path: str) -> bool:
        return any(path == link or path.startswith(f"{link}/") for link in self.links)


def head_of(beginning: bytes) -> bytes:
    """The first line of a script, with a byte order mark before it and its end, or of a private
    key; else nothing."""
    is_key = beginning.startswith(b"-----BEGIN ") and b"PRIVATE KEY-----" in beginning[:64]
    if not is_key and not beginning.startswith((b"#!", _MARK + b"#!")):
        return b""
    line, end, _ = beginning[:HEAD].partition(b"\n")
    return line + end


def check_contents(spec: ReleaseSpec, contents: Contents) -> None:
    """Raise Invalid where the release spec speaks of what the package cannot give."""
    if not contents.files:
        return
    _check_place_of_spec(spec, contents)
    for folder in spec.shared:
        if folder in contents.files:
            raise Invalid(
                "shared: {folder} is a file in the package, and only folders are shared.",
                hint="Share the folder that it lies in, or read it from ${{SHARED}}.",
                folder=folder,
            )
    if spec.readable_by == EVERYBODY:
        _refuse_opened_keys(contents)
    for key, program in _programs(spec):
        _check_program(spec, contents, key, program)


def _refuse_opened_keys(contents: Contents) -> None:
    for path, held in contents.files.items():
        if held.head.startswith(b"-----BEGIN ") and not held.mode & _OF_OTHERS:
            raise Invalid(
                "{path} is a private key that only its owner may read (mode {mode}), and"
                " readable_by: everybody would open it to every account of a host.",
                hint="Keep it out of the package and read it from ${{SHARED}}, or leave readable_by"
                " out.",
                path=shown(path),
                mode=f"{held.mode & 0o777:03o}",
            )


def _programs(spec: ReleaseSpec) -> Iterator[tuple[str, str]]:
    """What is started, with the key that says so: paths inside the release alone."""
    started = [("run", spec.run), ("health.command", spec.health.command)]
    for name in _SCRIPTS:
        hook = getattr(spec.scripts, name)
        started.append((f"scripts.{name}", hook.argv if hook else ()))
    for key, argv in started:
        word = argv[0].removeprefix("${RELEASE}/") if argv else ""
        is_release = bool(argv) and word != argv[0]
        if ("/" in word or is_release) and not word.startswith("/") and "$" not in word:
            yield key, posixpath.normpath(word)


def _check_program(spec: ReleaseSpec, contents: Contents, key: str, program: str) -> None:
    # What is prepared there, or shared, may be brought by others.
    is_made = spec.scripts.before_activate is not None and key != "scripts.before_activate"
    is_shared = any(program.startswith(f"{folder}/") for folder in spec.shared)
    held = contents.files.get(program)
    if held is None:
        if not (is_made or is_shared or contents.is_behind_link(program)):
            _refuse_missing(contents, key, program)
        return
    if not held.mode & _EXECUTABLE and not is_made:
        raise Invalid(
            "{key} starts {program}, which has no x in the package (its mode is {mode}).",
            hint="chmod +x {program} before it is packed. A zip made on Windows keeps no x: pack"
            " with tar, or start it by its interpreter, like sh {program}.",
            key=key,
            program=shown(program),
            mode=f"{held.mode & 0o777:03o}",
        )
    _check_first_line(key, program, held.head)


def _check_first_line(key: str, program: str, head: bytes) -> None:
    if head.startswith(_MARK):
        raise Invalid(
            "{program}, which {key} starts, begins with a byte order mark: Linux does not see its"
            " #! behind it.",
            hint="Write it as UTF-8 without a byte order mark.",
            key=key,
            program=shown(program),
        )
    if head.endswith(b"\r\n"):
        raise Invalid(
            "The first line of {program}, which {key} starts, ends with CR LF: Linux would look for"
            " an interpreter of that name.",
            hint="Write it with LF alone: dos2unix {program}, or `*.sh text eol=lf` in"
            " .gitattributes.",
            key=key,
            program=shown(program),
        )


def _refuse_missing(contents: Contents, key: str, program: str) -> Never:
    found = next((name for name in contents.files if name.endswith(f"/{program}")), "")
    if not found and len(contents.files) == 1:
        found = next(iter(contents.files))
    if found:
        raise Invalid(
            "{key} starts {program}, which is not in the package.",
            hint="It holds {found}: name that, or pack it so that it lies where it is looked for.",
            key=key,
            program=shown(program),
            found=shown(found),
        )
    raise Invalid(
        "{key} starts {program}, which is not in the package.",
        hint="Paths are relative to the package's root: tar -tf PACKAGE shows what is there.",
        key=key,
        program=shown(program),
    )


def _check_place_of_spec(spec: ReleaseSpec, contents: Contents) -> None:
    if spec.run or spec.scripts.start or _SPEC_NAME in contents.files:
        return
    tops = {name.partition("/")[0] for name in (*contents.files, *contents.links)}
    if len(tops) == 1 and (place := f"{(top := tops.pop())}/{_SPEC_NAME}") in contents.files:
        raise Invalid(
            "{place} is not in the package's root, so nothing says what to run.",
            hint="Pack without the folder around everything: tar -C {top} -czf PACKAGE.tar.gz ."
            " Or give the service a release spec; npm packages have such a folder always.",
            place=shown(place),
            top=shown(top),
        )
