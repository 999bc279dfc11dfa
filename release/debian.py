"""The server as a Debian package: all libraries in it, only Python is Debian's own.

It is a virtual environment made by hand, so that nothing is fetched, made or compiled on the
machine where it is installed.
"""

import hashlib
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from release.sources import CACHE, ROOT, Refused, run

PARTS = Path(__file__).with_name("debian")
PYTHON = (3, 11)  # of Debian 12
HOME = "usr/lib/slipway"
LIBRARIES = f"{HOME}/lib/python3.11/site-packages"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
LIBC = (2, 36)
BUILD_TOOL = "setuptools"  # is in the lock, too
# Sources of what is compiled, tests of libraries, what is compiled by pip for where it lies now.
NOT_NEEDED = re.compile(r"(^|/)(\.\.|tests|__pycache__)/|\.(po|pyi|pyx|c|h|pyc)$")
LOCKED = re.compile(r"^([a-z0-9.-]+)==([^ ;]+)", re.MULTILINE)
SETTINGS = "include-system-site-packages = false\n"
SETTINGS_FILE = "etc/slipway/slipway.env"
COMPLETION = {  # where each shell looks for it
    "bash": "usr/share/bash-completion/completions/slipway",
    "zsh": "usr/share/zsh/vendor-completions/_slipway",
    "fish": "usr/share/fish/vendor_completions.d/slipway.fish",
}
COMMAND = (
    f"#!/{HOME}/bin/python3\nimport sys\nfrom slipway_cli.main import main\nsys.exit(main())\n"
)


def make_deb(wheel: Path, version: str, tree: Path, folder: Path) -> Path:
    """Make the package of the wheel and of the libraries that are locked. Raises Refused."""
    _refuse_where_it_cannot_be()
    architecture = ARCHITECTURES[platform.machine()]
    shutil.copytree(_libraries(), tree / LIBRARIES, copy_function=link)
    _add_slipway(wheel, tree)
    _add_files(tree)
    # 1.2rc1 comes before 1.2.
    debian_version = version.replace("rc", "~rc").replace("a", "~a").replace("b", "~b")
    _add_control(tree, debian_version, architecture)
    open_to_readers(tree)
    (tree / SETTINGS_FILE).chmod(0o640)
    target = folder / f"slipway_{debian_version}_{architecture}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z3", "--build", tree, target)
    return target


def _refuse_where_it_cannot_be() -> None:
    libc = tuple(int(part) for part in platform.libc_ver()[1].split("."))
    if sys.version_info[:2] != PYTHON or libc > LIBC:
        raise Refused(
            "The .deb is for Debian 12, its Python 3.11 and its C library: make it there. "
            f"This is Python {sys.version.split()[0]}."
        )
    if platform.machine() not in ARCHITECTURES:
        raise Refused(f"No .deb for {platform.machine()}: use the wheel.")
    if shutil.which("dpkg-deb") is None:
        raise Refused("There is no dpkg-deb here: make the release on a Debian.")


def _libraries() -> Path:
    """Return a folder with all that is locked, compiled; made once for each lock file.

    They are those of this environment, which was installed from the lock by its hashes.
    """
    lock = (ROOT / "requirements.lock").read_text()
    recipe = hashlib.sha256(lock.encode() + Path(__file__).read_bytes()).hexdigest()[:12]
    made = CACHE / f"libraries-{recipe}"
    if made.exists():
        return made
    new = CACHE / f"new-{os.getpid()}"
    shutil.rmtree(new, ignore_errors=True)
    for name, version in LOCKED.findall(lock):
        if name != BUILD_TOOL:
            _take(name, version, new)
    _compile(new)
    return new.rename(made)


def _take(name: str, version: str, to: Path) -> None:
    library = distribution(name)
    if library.version != version:
        raise Refused(f"{name} is {library.version} here, and {version} in the lock: bin/setup.")
    for file in library.files or ():
        if not NOT_NEEDED.search(str(file)):
            target = to / file
            target.parent.mkdir(parents=True, exist_ok=True)
            link(str(library.locate_file(file)), str(target))


def link(source: str, target: str) -> None:
    """Link a file that nobody changes, or copy it where that cannot be: they are 8,000."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _add_slipway(wheel: Path, tree: Path) -> None:
    own = tree.with_name("own")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(own)
    _compile(own)
    shutil.copytree(own, tree / LIBRARIES, dirs_exist_ok=True)
    programs = tree / HOME / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to("/usr/bin/python3")
    (programs / "slipway").write_text(COMMAND)
    (programs / "slipway").chmod(0o755)
    (tree / HOME / "pyvenv.cfg").write_text(f"home = /usr/bin\n{SETTINGS}version = 3.11\n")
    (tree / "usr/bin").mkdir()
    (tree / "usr/bin/slipway").symlink_to("../lib/slipway/bin/slipway")
    for shell, target in COMPLETION.items():
        (tree / target).parent.mkdir(parents=True)
        link(str(own / f"slipway_cli/completion/slipway.{shell}"), str(tree / target))


def _compile(folder: Path) -> None:
    """Compile for good: the user it runs as may write nothing beside the sources.

    Unchecked: what a package manager has put there changes only with the package.
    """
    # A few files of libraries are for other Pythons and do not compile: they run without.
    subprocess.run(
        [
            *(sys.executable, "-m", "compileall", "-qq", "-j", "0"),
            *("--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", f"/{LIBRARIES}"),
            str(folder),
        ],
        check=False,
    )


def _add_files(tree: Path) -> None:
    unit = tree / "lib/systemd/system/slipway.service"
    settings = tree / SETTINGS_FILE
    documents = tree / "usr/share/doc/slipway"
    for path in (unit, settings):
        path.parent.mkdir(parents=True)
        shutil.copy(PARTS.with_name(path.name), path)
    shutil.copytree(ROOT / "docs", documents)
    for name in ("CHANGELOG.md", "SECURITY.md"):
        shutil.copy(ROOT / name, documents)
    shutil.copy(ROOT / "LICENSE", documents / "copyright")


def open_to_readers(tree: Path) -> None:
    """Let everybody read and nobody else write, whatever the umask of who makes the package."""
    for path in (tree, *tree.rglob("*")):
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            continue
        runs = path.is_dir() or found.st_mode & stat.S_IXUSR
        wanted = (stat.S_IMODE(found.st_mode) | (0o555 if runs else 0o444)) & ~0o022
        if wanted == stat.S_IMODE(found.st_mode):
            continue
        if path.is_file() and found.st_nlink > 1:  # of an environment, whose modes are its own
            copy = path.with_name(f"{path.name}.new")
            shutil.copy2(path, copy)
            copy.rename(path)
        path.chmod(wanted)


def _add_control(tree: Path, version: str, architecture: str) -> None:
    control = tree / "DEBIAN"
    control.mkdir()
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    text = (PARTS / "control").read_text()
    for name, value in (("VERSION", version), ("ARCHITECTURE", architecture), ("SIZE", str(size))):
        text = text.replace(f"@{name}@", value)
    (control / "control").write_text(text)
    (control / "conffiles").write_text("/etc/slipway/slipway.env\n")
    for name in ("postinst", "prerm", "postrm"):
        shutil.copy(PARTS / name, control)
        (control / name).chmod(0o755)
