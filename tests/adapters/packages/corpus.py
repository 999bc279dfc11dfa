"""Hostile packages: file name, bytes, and a part of the sentence that refuses them."""

import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile

from tests.adapters.packages.archives import (
    END,
    entry,
    header,
    padded,
    pax,
    raw_zip,
    tar,
    tree,
    zip_end,
    zip_tree,
    zipped,
)

REGULAR = stat.S_IFREG | 0o644
OK = entry(b"ok", b"fine")


def link(name: bytes, target: bytes, type_: bytes = b"2") -> bytes:
    return entry(name, type_=type_, target=target)


def sparse() -> bytes:
    """As GNU tar --sparse writes it with pax headers."""
    return tar(pax(GNU__sparse__major="1", GNU__sparse__minor="0"), entry(b"big", b"0\n"))


def nested_link_bomb() -> bytes:
    """The shape of CVE-2025-4517: a chain of folders and links whose end is beyond PATH_MAX."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        path, folder = "", "d" * 247
        for step in "abcdefghijklmnop":
            info = tarfile.TarInfo(f"{path}{folder}")
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
            info = tarfile.TarInfo(f"{path}{step}")
            info.type, info.linkname = tarfile.SYMTYPE, folder
            archive.addfile(info)
            path += f"{folder}/"
        info = tarfile.TarInfo("/".join("abcdefghijklmnop") + "/" + "l" * 254)
        info.type, info.linkname = tarfile.SYMTYPE, "../" * 16
        archive.addfile(info)
        info = tarfile.TarInfo("escape")
        info.type, info.linkname = tarfile.SYMTYPE, info.name + "/../../../etc"
        archive.addfile(info)
    return made.getvalue()


TARS: dict[str, tuple[bytes, str]] = {
    "absolute": (tar(entry(b"/etc/cron.d/x", b"x")), "absolute"),
    "absolute by prefix": (tar(entry(b"passwd", b"x", prefix=b"/etc")), "absolute"),
    "absolute by pax": (tar(pax(path="/etc/passwd"), OK), "absolute"),
    "up": (tar(entry(b"../../etc/passwd", b"x")), "leaves the release by .."),
    "up by a long name": (
        tar(entry(b"././@LongLink", b"../" * 60 + b"x\0", type_=b"L"), OK),
        "leaves",
    ),
    "up by pax": (tar(pax(path="a/../../x"), OK), "leaves the release by .."),
    "up by prefix": (tar(entry(b"x", b"x", prefix=b"..")), "leaves the release by .."),
    "backslash": (tar(entry(b"..\\..\\x", b"x")), "backslash"),
    "control": (tar(entry(b"a\x1b[2Jb", b"x")), "control character"),
    "line end": (tar(pax(path="a\nb"), OK), "control character"),
    "NUL by pax": (tar(pax(path="a\0b"), OK), "control character"),
    "latin-1": (tar(entry(b"caf\xe9", b"x")), "not UTF-8"),
    "link out": (tar(OK, link(b"a", b"../../etc")), "leaves the release"),
    "link to root": (tar(OK, link(b"a", b"/")), "leaves the release"),
    "link out by a long target": (
        tar(entry(b"././@LongLink", b"../" * 50 + b"etc\0", type_=b"K"), link(b"a", b"b"), OK),
        "too long a target",
    ),
    "link out by pax": (tar(pax(linkpath="/etc/shadow"), link(b"a", b"b"), OK), "leaves"),
    "link through link": (tar(OK, link(b"s", b"."), link(b"t", b"s/..")), "leaves the release"),
    "write through": (tar(link(b"a", b"b"), entry(b"a/x", b"x")), "behind a symbolic link"),
    "overwrite through": (tar(OK, link(b"a", b"ok"), entry(b"a", b"x")), "twice"),
    "circle": (tar(OK, link(b"a", b"b"), link(b"b", b"a")), "circles"),
    "CVE-2025-4517": (nested_link_bomb(), "in the archive"),
    "hard link out": (tar(OK, link(b"a", b"../../etc/shadow", b"1")), "hard link"),
    "hard link to root's": (tar(OK, link(b"a", b"/etc/shadow", b"1")), "hard link"),
    "hard link to a link": (tar(OK, link(b"l", b"ok"), link(b"a", b"l", b"1")), "hard link"),
    "character device": (tar(OK, entry(b"null", type_=b"3")), "null in the archive is a device"),
    "block device": (tar(OK, entry(b"sda", type_=b"4")), "sda in the archive is a device"),
    "pipe": (tar(OK, entry(b"pipe", type_=b"6")), "named pipe"),
    "setuid": (tar(entry(b"su", b"x", mode=0o4755)), "setuid"),
    "setgid": (tar(OK, entry(b"d", mode=0o2755)), "setgid"),
    "twice": (tar(OK, OK), "twice"),
    "twice composed": (tar(entry("é".encode()), entry("e\u0301".encode())), "twice"),
    "sparse": (sparse(), "sparse"),
    "old sparse": (tar(entry(b"s", type_=b"S")), "sparse"),
    "contiguous": (tar(OK, entry(b"c", type_=b"7")), "special"),
    "volume": (tar(OK, entry(b"v", type_=b"V")), "special"),
    "multi-volume": (tar(OK, entry(b"m", type_=b"M")), "special"),
    "deep": (tar(entry(b"a/" * 40 + b"x")), "folders deep"),
    "long part": (tar(pax(path="a" * 300), OK), "255 bytes"),
    "long path": (tar(pax(path="/".join(["a" * 100] * 20)), OK), "1024 bytes"),
    "a terabyte": (tar(header(b"big", size_field=b"\x80" + (1 << 40).to_bytes(11)), OK), "MiB"),
    "a terabyte by pax": (tar(pax(size=str(1 << 40)), OK), "MiB"),
    "negative": (tar(header(b"n", size_field=b"\xff" * 12), OK), "no number"),
    "no number": (tar(header(b"n", size_field=b"0x10\0\0\0\0\0\0\0\0"), OK), "no number"),
    "checksum": (tar(OK, header(b"x", checksum=1), entry(b"../y", b"")), "checksum"),
    "hidden behind one zero block": (tar(OK, bytes(512), entry(b"../x", b"x")), "follows its end"),
    "hidden behind the end": (tar(OK, END, entry(b"../x", b"x")), "follows its end"),
    "no end": (tar(OK, end=b""), "end marker"),
    "cut in a header": (tar(OK, header(b"x")[:100], end=b""), "cut off"),
    "cut in a file": (tar(header(b"x", size=4096) + b"x" * 700, end=b""), "cut off"),
    "two names": (tar(pax(path="a"), pax(path="../b"), OK), "contradict"),
    "two kinds of names": (
        tar(pax(path="a"), entry(b"././@LongLink", b"b\0", type_=b"L"), OK),
        "contradict",
    ),
    "a name for all": (tar(pax(b"g", path="../x"), OK), "global"),
    "said twice": (
        tar(entry(b"p", b"10 path=a\n" + b"13 path=../b\n", type_=b"x"), OK),
        "twice",
    ),
    "pax that lies": (tar(entry(b"p", b"99 path=a\n", type_=b"x"), OK), "cannot be read"),
    "pax without end": (tar(entry(b"p", b"9 path=ab", type_=b"x"), OK), "cannot be read"),
    "a header for nobody": (tar(OK, pax(path="x")), "belongs to no member"),
    "a huge header": (tar(header(b"p", type_=b"x", size=1 << 30), OK), "longer than any real"),
    "solaris": (tar(OK, entry(b"p", b"10 path=a\n", type_=b"X"), OK), "content"),
    "a link with content": (tar(OK, entry(b"l", b"x", type_=b"2", target=b"ok")), "content"),
    "unknown magic": (tar(entry(b"x", b"x", magic=b"weird\x0000")), "differently"),
    "empty": (tar(), "no file"),
    "not a tar": (b"hello" * 1000, "broken"),
    "spec too large": (tar(entry(b"slipway.yaml", b"#" * 70_000)), "larger than 64 KiB"),
    "spec is a link": (tar(OK, link(b"slipway.yaml", b"ok")), "not a plain file"),
    "spec not UTF-8": (tar(entry(b"slipway.yaml", b"\xff\xfe")), "not UTF-8"),
    "spec with NUL": (tar(entry(b"slipway.yaml", b"run: a\0b")), "NUL"),
}

ZIPS: dict[str, tuple[bytes, str]] = {
    "up": (zipped(("../x", b"x", REGULAR)), "leaves the release by .."),
    "absolute": (zipped(("/etc/passwd", b"x", REGULAR)), "absolute"),
    "backslash": (raw_zip(b"..\\x"), "backslash"),
    "NUL": (raw_zip(b"a\0../x"), "control character"),
    "link out": (zipped(("a", b"../../etc", stat.S_IFLNK | 0o777)), "leaves the release"),
    "write through": (
        zipped(("a", b"b", stat.S_IFLNK | 0o777), ("a/x", b"x", REGULAR)),
        "behind a symbolic link",
    ),
    "device": (zipped(("d", b"", stat.S_IFCHR | 0o666)), "device"),
    "pipe": (zipped(("d", b"", stat.S_IFIFO | 0o666)), "named pipe"),
    "socket": (zipped(("d", b"", stat.S_IFSOCK | 0o666)), "special"),
    "setuid": (zipped(("su", b"x", stat.S_IFREG | 0o4755)), "setuid"),
    "latin-1": (raw_zip(b"caf\xe9"), "not UTF-8"),
    "two names": (raw_zip(b"good", local_name=b"evil"), "evil"),
    "a Unicode name": (
        raw_zip(b"good", extra=struct.pack("<HHBL", 0x7075, 9, 1, 0) + b"evil"),
        "two names",
    ),
    "encrypted": (raw_zip(b"x", flags=1), "encrypted"),
    "bzip2": (zipped(("x", b"x" * 100, REGULAR), compression=zipfile.ZIP_BZIP2), "deflate"),
    "lzma": (zipped(("x", b"x" * 100, REGULAR), compression=zipfile.ZIP_LZMA), "deflate"),
    "shared bytes": (raw_zip(b"x", b"x" * 1000, copies=30), "overlaps"),
    "lying size": (raw_zip(b"x", b"x" * 10, declared=20), "x"),
    "a terabyte": (raw_zip(b"x", b"x" * 10, declared=0xFFFFFFF0), "MiB"),
    "a folder with content": (zipped(("d/", b"x", stat.S_IFDIR | 0o755)), "folder with content"),
    "no end": (zip_tree()[:-10], "directory is missing"),
    "something behind": (zip_tree() + b"PK", "follows its end"),
    "a lying count": (bytes(60) + zip_end(60_000, 10, 0), "60000 members"),
    "a lying directory": (b"x" * 50 + zip_end(1, 50, 0), "directory"),
    "a directory larger than all": (zip_end(1, 1 << 30, 0), "larger than itself"),
    "too few counted": (
        zipped(("a", b"", REGULAR), ("b", b"", REGULAR))[:-22] + zip_end(1, 94, 62),
        "counts",
    ),
    "bad content": (zip_tree().replace(b"from-windows", b"from-window\0", 1), "from-window"),
    "empty": (zipped(), "no file"),
}

OTHERS: dict[str, tuple[str, bytes, str]] = {
    "not gzip": ("a.tar.gz", tree(), "no whole gzip"),
    "not xz": ("a.tar.xz", tree(), "no whole xz"),
    "not zstd": ("a.tar.zst", tree(), "no whole zstd"),
    "gzip with something behind": ("a.tgz", gzip.compress(tree()) + b"garbage", "no whole gzip"),
    "a second stream hides more": (
        "a.tar.gz",
        gzip.compress(tree()) + gzip.compress(tar(entry(b"../x", b"x"))),
        "follows its end",
    ),
    "xz that needs gigabytes": (
        "a.tar.xz",
        lzma.compress(tree(), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]),
        "no whole xz",
    ),
    "empty gzip": ("a.tar.gz", b"", "no whole gzip"),
    "empty file": ("a.tar", b"", "end marker"),
    "an empty program": ("app", b"", "neither"),
    "a text": ("app", b"hello", "neither"),
    "an archive we do not know": ("a.tar.lz4", b"BZh9" + bytes(100), "neither"),
    "not bzip2": ("a.tar.bz2", b"BZh9" + bytes(100), "no whole bzip2"),
    "a jar that is none": ("a.jar", b"hello", "directory is missing"),
    "a path for a name": ("../../etc/a.tar", tree(), "cannot be the name"),
    "a folder in the name": ("a/b.tar", tree(), "cannot be the name"),
    "a line end in the name": ("a\n.tar", tree(), "cannot be the name"),
    "a dash in front": ("-rf.tar", tree(), "cannot be the name"),
    "a hidden name": (".tar", tree(), "cannot be the name"),
    "no name": ("", tree(), "cannot be the name"),
    "a name without end": ("a" * 300 + ".tar", tree(), "cannot be the name"),
}

CORPUS: dict[str, tuple[str, bytes, str]] = (
    {f"tar, {case}": ("a.tar", data, why) for case, (data, why) in TARS.items()}
    | {f"zip, {case}": ("a.zip", data, why) for case, (data, why) in ZIPS.items()}
    | OTHERS
    | {
        f"tar.gz, {case}": ("a.tar.gz", gzip.compress(padded(data)), why)
        for case, (data, why) in TARS.items()
        if not case.startswith(("cut", "not a tar"))
    }
)
