"""Carries one HTTP request to the server: addresses, TLS, proxies, and errors in our words.

The standard library's HTTP client is used on purpose: it loads in 30 ms, the usual packages need
300 ms, and a command must have started in 400.
"""

import base64
import http.client
import os
import socket
import ssl
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from slipway_cli.errors import NoAnswer, Usage
from slipway_cli.language import _

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `body` is bytes, or chunks whose length the headers say."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)  # the token is among them
    body: bytes | Iterable[bytes] | None = field(default=None, repr=False)
    answer_seconds: float = ANSWER_SECONDS


class Transport:
    def __init__(self, url: str, *, ca_file: str = "") -> None:
        self.address = checked_url(url)
        self._tls = _tls_context(ca_file) if self.address.scheme == "https" else None

    @property
    def url(self) -> str:
        return self.address.geturl()

    def open(self, request: Request) -> http.client.HTTPResponse:
        """Send the request and return the answer with its body unread.

        Raises NoAnswer; its `sent` says whether the server may have seen the request.
        """
        connection, path, headers = self._route(request)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._no_connection(error) from error
        connection.sock.settimeout(request.answer_seconds)
        try:
            self._send(connection, request, path, headers)
            response = connection.getresponse()
            if connection.sock:
                # Only the answer still holds the socket now, and closes it at its end.
                connection.sock.close()
            return response
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._cut(error) from error
        except BaseException:  # of whoever does not wait any longer
            connection.close()
            raise

    def certificate_end(self) -> float | None:
        """Return when the server's certificate ends, in seconds since 1970; None without TLS."""
        if self._tls is None:
            return None
        connection, _path, _headers = self._route(Request("GET", "/", {}))
        try:
            connection.connect()
            held = connection.sock
            shown = (held.getpeercert() or {}) if isinstance(held, ssl.SSLSocket) else {}
        except (OSError, http.client.HTTPException) as error:
            raise self._no_connection(error) from error
        finally:
            connection.close()
        return ssl.cert_time_to_seconds(str(shown["notAfter"])) if "notAfter" in shown else None

    def _send(
        self,
        connection: http.client.HTTPConnection,
        request: Request,
        path: str,
        headers: dict[str, str],
    ) -> None:
        try:
            connection.request(request.method, path, body=request.body, headers=headers)
        except (BrokenPipeError, ConnectionResetError):
            if request.body is None or isinstance(request.body, bytes):
                raise
            # A server may refuse a long body before it has all of it; its answer is waiting.
            return

    def _route(self, request: Request) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
        """Return the connection, straight or by proxy, the path to ask for, and the headers."""
        host = self.address.hostname or ""
        headers = {"Connection": "close", **request.headers}
        path = self.address.path.rstrip("/") + request.path
        proxy = _proxy_for(self.address)
        first = proxy or self.address
        connection = self._connection(first)
        if proxy is None:
            return connection, path, headers
        pass_on = _proxy_credentials(proxy)
        if self._tls:
            connection.set_tunnel(host, self.address.port or 443, headers=pass_on)
            return connection, path, headers
        return connection, f"http://{self.address.netloc}{path}", {**headers, **pass_on}

    def _connection(self, first: SplitResult) -> http.client.HTTPConnection:
        host = first.hostname or ""
        if self._tls:
            return http.client.HTTPSConnection(
                host, first.port, timeout=CONNECT_SECONDS, context=self._tls
            )
        return http.client.HTTPConnection(host, first.port, timeout=CONNECT_SECONDS)

    def _no_connection(self, error: Exception) -> NoAnswer:
        if isinstance(error, ssl.SSLCertVerificationError):
            return NoAnswer(
                _(
                    "The certificate of {url} cannot be trusted: {why}.",
                    url=self.url,
                    why=error.verify_message,
                ),
                hint=_("Give your company's CA with --ca-file FILE or SLIPWAY_CA."),
                sent=False,
                passing=False,
            )
        if isinstance(error, socket.gaierror):
            return NoAnswer(
                _("The name {name} is not known.", name=self.address.hostname),
                hint=_("Check the address (SLIPWAY_URL or `slipway context list`)."),
                sent=False,
                passing=False,
            )
        reason = _("did not answer in time") if isinstance(error, TimeoutError) else str(error)
        return NoAnswer(
            _("No connection to {url}: {reason}.", url=self.url, reason=reason),
            hint=_("Is the server running (`slipway up`), and is the address right (SLIPWAY_URL)?"),
            sent=False,
        )

    def _cut(self, error: Exception) -> NoAnswer:
        reason = _("no answer in time") if isinstance(error, TimeoutError) else str(error)
        return NoAnswer(
            _(
                "The connection to {url} was lost: {reason}.",
                url=self.url,
                reason=reason or type(error).__name__,
            ),
            hint=_("Ask again; what had begun goes on."),
        )


def checked_url(url: str) -> SplitResult:
    """Return the parts of an http(s) address; raise Usage for anything else."""
    try:
        parts = urlsplit(url.rstrip("/"))
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or parts.username or parts.query or parts.fragment or not url.isascii():
        raise Usage(
            _("“{url}” is not the address of a server.", url=url),
            hint=_("Write it like https://slipway.example.com or http://127.0.0.1:8000."),
        )
    return parts


def _tls_context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            said = _("The CA file {file} cannot be used: {error}.", file=ca_file, error=error)
            raise Usage(said) from error
    return context


def _proxy_for(address: SplitResult) -> SplitResult | None:
    host = address.hostname or ""
    # Elsewhere the system may know of a proxy, too.
    if sys.platform == "linux" and not any(n.lower().endswith("_proxy") for n in os.environ):
        return None
    # 8 ms, and hardly ever needed.
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415

    proxy = getproxies().get(address.scheme)
    if not proxy or host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    return urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def _proxy_credentials(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
