"""Which archives are harmless to unpack, decided from the list of their members alone."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Never

from slipway.core.release.links import LinkLeaves, LinkNeverEnds, resolve_links
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence

MIB = 1024 * 1024
GIB = 1024 * MIB

_SETUID_OR_SETGID = 0o6000
MEMBERS = 50_000
_PACK_AGAIN = (
    "Pack the files again, relative to the package's root: tar -C FOLDER -czf PACKAGE.tar.gz ."
)
_LEAVE_OUT = "Leave it out: a release is made of files, folders and links inside it."
_NOT_SPARSE = (
    "Pack the files again without their holes: tar without --sparse (-S), bsdtar with"
    " --no-read-sparse."
)
_IN_UTF8 = (
    "Pack the files again with names in UTF-8: tar keeps them as they are on the disk, 7-Zip needs"
    " -mcu=on, and old Windows programs write GBK or the like."
)
_SLASHES = (
    "Pack the files again with / between folders, as tar, 7-Zip and PowerShell 7 do; old .NET"
    " programs do not."
)
MANY_MEMBERS = (
    "Pack many small files into one, for example as a .jar, .whl or .zip inside, or raise"
    " SLIPWAY_PACKAGE_FILES of the server."
)
_SHORTER = "Use shorter names or fewer nested folders."


class ArchiveRefused(Refused):
    """The archive is hostile, broken or too large; the sentence names the member."""

    code = "package_refused"


class MemberKind(StrEnum):
    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symbolic link"
    HARDLINK = "hard link"
    DEVICE = "device"
    FIFO = "named pipe"
    SPARSE = "sparse file"
    OTHER = "special file"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive, as it stands there. `size` in bytes; `target` of links only."""

    name: str
    kind: MemberKind = MemberKind.FILE
    size: int = 0
    mode: int = 0o644
    target: str = ""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Sizes and lengths in bytes. `packed` is the size of the archive itself."""

    packed: int
    unpacked: int = 4 * GIB
    ratio: int = 200
    ratio_from: int = 64 * MIB  # small archives may be packed as tightly as they like
    members: int = MEMBERS
    path: int = 1024
    component: int = 255
    depth: int = 32
    target_depth: int = 40

    @property
    def allowed(self) -> int:
        """Bytes that this archive may unpack to."""
        return min(self.unpacked, max(self.ratio_from, self.ratio * self.packed))


def shown(name: str) -> str:
    """A member's name as a sentence may show it: nothing that moves, hides or reorders text."""
    visible = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in name[:200]
    )
    return visible + ("…" if len(name) > 200 else "")


def member_path(name: str) -> str:
    """The place of a member inside the release: "" for the root itself."""
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def check_members(members: Iterable[Member], limits: ArchiveLimits) -> int:
    """Return the unpacked size in bytes. Raises ArchiveRefused at the first member that is not
    harmless, without asking for the next one."""
    tree = _Tree(limits)
    for member in members:
        tree.add(member)
    tree.check_links()
    if not tree.files:
        raise ArchiveRefused("The archive holds no file.", hint=_PACK_AGAIN)
    return tree.unpacked


class _Tree:
    """The release as it would look after unpacking the members so far."""

    def __init__(self, limits: ArchiveLimits) -> None:
        self.unpacked = 0
        self.files = 0
        self._limits = limits
        self._count = 0
        self._kinds: dict[str, MemberKind] = {"": MemberKind.FOLDER}  # by NFC path
        self._file_names: set[str] = set()
        self._links: dict[str, str] = {}

    def add(self, member: Member) -> None:
        self._count_in(member)
        self._check_text(member, member.name)
        path = self._check_path(member)
        self._check_kind(member)
        self._place(member, path)
        if member.kind is MemberKind.HARDLINK:
            self._check_hardlink(member)
        if member.kind is MemberKind.SYMLINK:
            self._check_symlink(member, path)
        if member.kind in {MemberKind.FILE, MemberKind.HARDLINK}:
            self._file_names.add(path)
            self.files += 1

    def check_links(self) -> None:
        """Follow every symbolic link to its end, as the kernel would, through the other ones."""
        try:
            resolve_links(self._links)
        except LinkLeaves as error:
            _refuse_link(error.link, self._links[error.link])
        except LinkNeverEnds as error:
            raise ArchiveRefused(
                "{name} in the archive is a symbolic link that leads in circles or too far.",
                hint=_LEAVE_OUT,
                name=shown(error.link),
            ) from None

    def _count_in(self, member: Member) -> None:
        self._count += 1
        if self._count > self._limits.members:
            raise ArchiveRefused(
                "The archive has more than {limit} members (reached at {name}).",
                hint=MANY_MEMBERS,
                limit=self._limits.members,
                name=shown(member.name),
            )
        self.unpacked += max(0, member.size)
        if member.size < 0 or self.unpacked > self._limits.allowed:
            raise ArchiveRefused(
                "The archive unpacks to more than {limit} MiB, the most that is allowed for its"
                " {packed} packed bytes (reached at {name}).",
                hint="Leave out what the service does not need, or raise SLIPWAY_UNPACKED_LIMIT of"
                " the server.",
                limit=self._limits.allowed // MIB,
                packed=self._limits.packed,
                name=shown(member.name),
            )

    def _check_text(self, member: Member, text: str) -> None:
        if not text:
            _refuse(member, "has an empty name or target")
        if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in text):
            _refuse(member, "has a control character in its name or target")
        if any(unicodedata.category(letter) == "Cs" for letter in text):
            _refuse(member, "has a name or target that is not UTF-8", _IN_UTF8)
        if "\\" in text:
            _refuse(member, "has a backslash in its name or target", _SLASHES)

    def _check_path(self, member: Member) -> str:
        if member.name.startswith("/"):
            _refuse(member, "is an absolute path")
        parts = member_path(member.name).split("/")
        if ".." in parts:
            _refuse(member, "leaves the release by ..")
        if len(parts) > self._limits.depth:
            _refuse(
                member, "lies more than {limit} folders deep", _SHORTER, limit=self._limits.depth
            )
        longest = self._limits.component
        if any(len(part.encode()) > longest for part in parts):
            _refuse(
                member, "has a part of more than {limit} bytes in its name", _SHORTER, limit=longest
            )
        path = "/".join(parts)
        if len(path.encode()) > (limit := self._limits.path):
            _refuse(member, "has a path of more than {limit} bytes", _SHORTER, limit=limit)
        return path

    def _check_kind(self, member: Member) -> None:
        # A folder has it from a workspace whose group is shared; it is not kept.
        if member.mode & _SETUID_OR_SETGID and member.kind is not MemberKind.FOLDER:
            _refuse(
                member,
                "is setuid or setgid",
                "Remove the bit (chmod ug-s) and let the service's user have the right it needs.",
            )
        match member.kind:
            case MemberKind.SPARSE:
                _refuse(member, "is a {kind}", _NOT_SPARSE, kind=member.kind)
            case MemberKind.DEVICE | MemberKind.FIFO | MemberKind.OTHER:
                _refuse(member, "is a {kind}", _LEAVE_OUT, kind=member.kind)
            case MemberKind.FILE | MemberKind.FOLDER | MemberKind.SYMLINK | MemberKind.HARDLINK:
                pass

    def _place(self, member: Member, path: str) -> None:
        key = unicodedata.normalize("NFC", path)
        self._place_parents(member, key)
        there = self._kinds.get(key)
        if there is None:
            self._kinds[key] = member.kind
        elif {there, member.kind} != {MemberKind.FOLDER}:
            _refuse(member, "is there twice")

    def _place_parents(self, member: Member, key: str) -> None:
        end = key.rfind("/")
        while end > 0 and (parent := key[:end]):
            there = self._kinds.setdefault(parent, MemberKind.FOLDER)
            if there is not MemberKind.FOLDER:
                _refuse(member, "lies behind a {kind} of the same archive", kind=there)
            end = key.rfind("/", 0, end)

    def _check_hardlink(self, member: Member) -> None:
        self._check_text(member, member.target)
        if member.target.startswith("/") or ".." in member.target.split("/"):
            _refuse_link(member.name, member.target, kind=member.kind)
        if member_path(member.target) not in self._file_names:
            _refuse(
                member,
                "is a hard link to {target}, which is no file before it",
                target=shown(member.target),
            )

    def _check_symlink(self, member: Member, path: str) -> None:
        self._check_text(member, member.target)
        if member.target.startswith("/"):
            _refuse_link(member.name, member.target)
        too_long = len(member.target.encode()) > self._limits.path
        if too_long or member.target.count("/") >= self._limits.target_depth:
            _refuse(member, "is a symbolic link with too long a target", _SHORTER)
        self._links[path] = member.target


def _refuse(member: Member, why: str, hint: str = _PACK_AGAIN, **values: object) -> Never:
    raise ArchiveRefused(
        "{name} in the archive {why}.",
        hint=hint,
        name=shown(member.name),
        why=Sentence.of("archive_member", why, hint="", **values),
        **values,
    )


def _refuse_link(name: str, target: str, *, kind: MemberKind = MemberKind.SYMLINK) -> Never:
    raise ArchiveRefused(
        "{name} in the archive is a {kind} that leaves the release ({target}).",
        hint="Make it relative and keep it inside the package; for folders that outlive a release"
        " use `shared` in slipway.yaml.",
        name=shown(name),
        kind=kind,
        target=shown(target),
    )
