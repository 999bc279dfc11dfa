"""Unpacks a zip on a host that has python3: keeps modes and links, refuses what is hostile."""

import stat
import sys
import zipfile
from pathlib import Path

PIECE = 1 << 20  # bytes
UTF8 = 0x800


def unpack(package: str, folder: str, limit: int) -> None:
    links = []
    with zipfile.ZipFile(package) as archive:
        for member in archive.infolist():
            mode = member.external_attr >> 16
            name = name_of(member)
            path = placed(folder, name, mode)
            if stat.S_ISLNK(mode):
                links.append((archive.read(member)[:4096].decode(), path))
            elif name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
            else:
                limit -= copy(archive, member, path, limit)
                path.chmod(stat.S_IMODE(mode) or 0o644)
    for text, path in links:  # at the end, so that nothing is written through one
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(text)


def copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, limit: int) -> int:
    """Return the bytes written. Ends the program when there are more than `limit`."""
    written = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, path.open("xb") as target:
        for piece in iter(lambda: source.read(PIECE), b""):
            written += len(piece)
            if written > limit:
                refuse("it unpacks to more bytes than allowed.")
            target.write(piece)
    return written


def name_of(member: zipfile.ZipInfo) -> str:
    """What a program has written that does not say in which encoding is UTF-8 all the same."""
    name: str = member.orig_filename
    return name if member.flag_bits & UTF8 else name.encode("cp437").decode()


def placed(folder: str, name: str, mode: int) -> Path:
    parts = name.rstrip("/").split("/")
    if "\\" in name or {"", "."} & set(parts[:1]) or ".." in parts or not name.isprintable():
        refuse("it has the name " + ascii(name))
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK}:
        refuse(name + " is neither file, folder nor link.")
    return Path(folder, *parts)


def refuse(reason: str) -> None:
    print("The package is refused: " + reason)
    sys.exit(65)


if __name__ == "__main__":
    try:
        unpack(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except (FileExistsError, NotADirectoryError) as error:
        refuse("one name stands for two things: " + str(error))
    except OSError as error:
        print(error)
        sys.exit(73)
    except (zipfile.BadZipFile, RuntimeError, EOFError, ValueError) as error:
        refuse(str(error))
