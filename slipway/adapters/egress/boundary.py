"""Where requests may go: at or below what an administrator configured, and nowhere else."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from slipway.core.builds.orders import ServerAccess
from slipway.core.network.addresses import Unfit, host_of
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import OffLimits

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?:#.*)?",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"[^!-~]|\\")  # in an address: blanks, control characters, no ASCII
_UNFIT_DECODED = re.compile(r"[\x00-\x1f\x7f\\]")
_ELSEWHERE = Sentence.of("not_below", "it is not below an address configured for the server")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one request goes, in the parts that the connection is made from: nothing reads the
    address a second time, perhaps otherwise."""

    scheme: str
    host: str  # small letters; IPv6 without brackets
    port: int
    target: str  # path and query, as they are sent
    with_credentials: bool = False

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def is_at_or_below(self, base: "Destination") -> bool:
        here = (self.scheme, self.host, self.port) == (base.scheme, base.host, base.port)
        root = base.path.rstrip("/")
        return here and (self.path == root or self.path.startswith(f"{root}/"))

    def is_inside(self, folder: str) -> bool:
        """Step by step: what is encoded within a step does not become another one."""
        steps, first = (
            [unquote(step) for step in path.rstrip("/").split("/")] for path in (self.path, folder)
        )
        return len(steps) > len(first) and steps[: len(first)] == first


class Boundary:
    """The addresses that a server's configuration allows. Raises OffLimits for one that cannot be
    used at all."""

    def __init__(self, access: ServerAccess) -> None:
        self._server = access.name
        self._base = self._configured(access.base_url)
        self._package_bases = tuple(self._configured(url) for url in access.package_bases)

    @property
    def base(self) -> Destination:
        return self._base

    def check(self, url: str) -> Destination:
        """Return where a request to `url` goes, and whether credentials may go along. Raises
        OffLimits."""
        try:
            found = _parse(url)
        except Unfit as error:
            raise self._off_limits(url, error.sentence) from error
        if found.is_at_or_below(self._base):
            return Destination(found.scheme, found.host, found.port, found.target, True)
        if any(found.is_at_or_below(base) for base in self._package_bases):
            return found
        raise self._off_limits(url, _ELSEWHERE)

    def _configured(self, url: str) -> Destination:
        try:
            base = _parse(url)
            if "?" in base.target or "#" in url:
                raise Unfit("an address to begin with has no ? and no #")
        except Unfit as error:
            raise OffLimits(
                "{server} is configured with {url}, where no request can go: {reason}.",
                hint="Correct the address of the build server: https://gitlab.example.com, say.",
                server=self._server,
                url=for_people(url),
                reason=error.sentence,
            ) from error
        return base

    def _off_limits(self, url: str, reason: Sentence) -> OffLimits:
        return OffLimits(
            "{server} points to {url}, where no request goes: {reason}.",
            hint="If packages lie there, an administrator adds it to the package addresses of "
            "{server}; if {server} has moved, correct its address.",
            server=self._server,
            url=for_people(url),
            reason=reason,
        )


def for_people(url: str) -> str:
    """The address without what may be secret in it (a user, a query), and not too long."""
    head, mark, rest = url.partition("://")
    rest = rest if mark else head
    bare = re.split(r"[?#]", rest, maxsplit=1)[0]
    place = bare.rpartition("@")[2]
    return shown(f"{head}://{place}" if mark else place, 200)


def _parse(url: str) -> Destination:
    match = None if _UNFIT.search(url) else _URL.fullmatch(url)
    if not match:
        raise Unfit("it is no plain http or https address")
    scheme = match["scheme"].lower()
    port = int(match["port"] or _PORTS[scheme])
    if not 0 < port < 65536:
        raise Unfit("there is no port {port}", port=port)
    path = match["path"] or "/"
    _check_path(path)
    return Destination(scheme, host_of(match["host"].lower()), port, path + (match["query"] or ""))


def _check_path(path: str) -> None:
    """Raises Unfit for a path that may mean another one to whoever reads it, however often it is
    decoded on the way."""
    for _ in range(5):
        steps = (step.partition(";")[0] for step in path.split("/"))
        if _UNFIT_DECODED.search(path) or any(step in (".", "..") for step in steps):
            break
        decoded = unquote(path, encoding="latin-1")
        if decoded == path:
            return
        path = decoded
    raise Unfit("its path leads out of itself")
