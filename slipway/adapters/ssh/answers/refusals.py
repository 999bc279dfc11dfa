"""What a host says when it cannot do what was asked: a kind and its values, said as a sentence."""

from slipway.core.words.sentence import Sentence

# By kind: the template, and the names of the values in the order in which the host gives them.
_SENTENCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "unwritable": (
        "cannot write below {folder}: the disk is full or read-only",
        ("folder",),
    ),
    "unwritten": (
        "cannot write the result of {ticket} below {folder}: the disk is full",
        ("ticket", "folder"),
    ),
    "unmakable": (
        "cannot make {folder}, or folders in it: the disk is full or read-only, or it belongs to "
        "someone else",
        ("folder",),
    ),
    "foreign-folder": (
        "{path} belongs to {owner}, who could change what is started there: look at what it holds, "
        "then remove it, or as root: chown -R {login} {path} (and give each folder "
        "shared in it back to whoever the service runs as)",
        ("path", "owner", "login"),
    ),
    "open-folder": (
        "others can write in {path}, and change what is started there: as its owner, "
        "chmod go-w {path}",
        ("path",),
    ),
    "linked-folder": (
        "{path} is a link, and who has made it chooses what is started there: put a folder in its "
        "place (another disk can be mounted there)",
        ("path",),
    ),
    "no-room": ("no room left for the package in {folder}", ("folder",)),
    "damaged": (
        "the package is not what it should be: its sha256 is not {sha256}",
        ("sha256",),
    ),
    "read-only": ("{folder} is read-only", ("folder",)),
    "too-full": (
        "the disk below {folder} has {free} bytes free, and {needed} are needed",
        ("folder", "free", "needed"),
    ),
    "no-inodes": ("the disk below {folder} has no inodes left", ("folder",)),
}


def sentence_of(kind: str, words: str) -> Sentence:
    """Return what a host refuses with; what we do not know is said in its own words."""
    template, names = _SENTENCES.get(kind, ("", ()))
    values = words.split(" ")
    if not template or len(values) != len(names):
        return Sentence.of("said", "{text}", text=f"{kind} {words}".strip())
    return Sentence.of(kind.replace("-", "_"), template, **dict(zip(names, values, strict=True)))


ENDLESS = Sentence.of("endless", "its answer has no end")


def ended_with(code: int | None, said: str) -> Sentence:
    """Return that the host program ended as it should not have."""
    template = "the host program ended with {code}: {said}"
    return Sentence.of("program_ended", template, code=code, said=said.rstrip("."))


def unusable(root: str, reason: str) -> Sentence:
    """Return that the root folder cannot be used, and what the host says of it."""
    if not reason:
        return Sentence.of("root_unusable", "{root} cannot be written to", root=root)
    return Sentence.of(
        "root_unusable", "{root} cannot be used ({reason})", root=root, reason=reason.rstrip(".")
    )
