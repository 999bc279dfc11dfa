"""An example for who has no package at hand: a small site in two versions, packed here."""

import gzip
import io
import tarfile
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from slipway.core.words.refusal import NotFound
from slipway.interfaces.web.frame import pages

VERSIONS = (1, 2)
_FOLDER = Path(__file__).with_name("example")


def address_of(number: int) -> str:
    return f"/example/hello-{number}.tar.gz"


@require_GET
@pages.answered
def send(request: HttpRequest, number: int) -> HttpResponse:
    """Send one of the two; the second is there to go back from."""
    if number not in VERSIONS:
        raise NotFound("There is no such example.", hint="Take the first or the second one.")
    answer = HttpResponse(packed(number), content_type="application/gzip")
    name = address_of(number).rpartition("/")[2]
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer


@cache
def packed(number: int) -> bytes:
    """Return the package, the same bytes each time."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for path in sorted(each for each in _FOLDER.rglob("*") if each.is_file()):
            content = path.read_text().replace("@VERSION@", str(number)).encode()
            member = tarfile.TarInfo(path.relative_to(_FOLDER).as_posix())
            # A wheel keeps no modes.
            member.size, member.mode = len(content), 0o755 if path.suffix == ".sh" else 0o644
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(tar.getvalue(), mtime=0)
