"""The certificate of the server's address, as whoever calls it sees it."""

import time
from collections.abc import Iterator

from slipway_cli.api.client import Client
from slipway_cli.language import _
from slipway_cli.printed.render import Row

SOON_SECONDS = 30 * 24 * 3600.0


def of_address(client: Client, now: float) -> Iterator[Row]:
    """Yield what there is to say of it, as the server's own findings are said; nothing of http."""
    end = client.certificate_end()
    if end is None:
        return
    day = time.strftime("%Y-%m-%d", time.gmtime(end))
    values = {"url": client.url, "day": day}
    is_well = end - now > SOON_SECONDS
    yield {
        "code": "address_certificate",
        "ok": is_well,
        "message": _("The certificate of {url} ends on {day}.", **values),
        "hint": "" if is_well else _("Renew it where TLS ends, and load it there."),
        "values": values,
    }
