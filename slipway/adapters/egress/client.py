"""The client for everything that is asked of a build server: httpx, through the one way out."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx

from slipway.adapters.egress.addresses import Resolver, resolve
from slipway.adapters.egress.outlet import DOWNLOAD, Outlet, RequestLimits
from slipway.core.builds.orders import ServerAccess

NAME = {"User-Agent": "Slipway"}
# What httpx itself may raise: for an address, or an answer, that it cannot make sense of.
Unreadable = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)


class GuardedClient(httpx.Client):
    """Goes out through the outlet only, and heeds nothing that the environment or a netrc says.
    Raises what Outlet.handle_request does, and Unreadable. To be closed."""

    def __init__(
        self,
        access: ServerAccess,
        *,
        auth: tuple[str, str] | None = None,
        headers: Mapping[bytes, bytes] | None = None,
        limits: RequestLimits | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self._outlet = Outlet(access, limits=limits, resolver=resolver)
        super().__init__(transport=self._outlet, auth=auth, headers=headers, trust_env=False)
        self.headers.update(NAME)

    def download(
        self, url: str, most: int, *, params: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Return an answer of at most `most` bytes, whatever its status: to be read, or closed."""
        extensions = {DOWNLOAD: most}
        request = self.build_request("GET", url, params=params, extensions=extensions)
        return self.send(request, stream=True)

    def download_named(self, url: str, most: int, *, ours: Sequence[str]) -> httpx.Response:
        """The same, from an address that a build has named. What says who we are goes along inside
        the folders `ours` only: whoever writes a build may not read with it what else it opens."""
        place = self._outlet.boundary.check(url)  # before httpx makes something else of it
        if place.with_credentials and any(place.is_inside(urlsplit(each).path) for each in ours):
            return self.download(url, most)
        # Neither the login nor a session that it has begun.
        stranger = httpx.Request("GET", url, headers=NAME, extensions={DOWNLOAD: most})
        return self._outlet.handle_request(stranger)
