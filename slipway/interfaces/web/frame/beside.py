"""Says beside the API's English what it is in the language that a program asks for."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from slipway.core.words.sentence import Sentence, hearing
from slipway.interfaces.entrance.admission import speaks_json
from slipway.interfaces.middleware import Around, middleware
from slipway.interfaces.sentences import TOLD, Beside, in_json
from slipway.interfaces.web.frame.saying import beside


@middleware
def beside_middleware(request: HttpRequest) -> Around:
    """Add `told` to the JSON answers of the API: each sentence in it, by its English."""
    language = _asked_by(request)
    if not language:
        return (yield)
    with hearing() as heard:
        response = yield
    return _told(response, heard, language)


def refused(said: Sentence, accepted: str) -> dict[str, Any]:
    """Return a refusal as programs read it, in a language that they accept, too."""
    language = _language_of(accepted)
    told = beside([said], language) if language else {}
    return in_json(said) | ({TOLD: told} if told else {})


def _asked_by(request: HttpRequest) -> str:
    """Return the language, "" for English; whatever streams later is told in it as well."""
    if not speaks_json(request):
        return ""
    language = _language_of(request.headers.get("Accept-Language", ""))
    if language:
        request.tell = Beside(language, beside)  # type: ignore[attr-defined]
    return language


def _language_of(accepted: str) -> str:
    """Return the first language of ours that a header asks for, "" where that is English."""
    for name, _ in parse_accept_lang_header(accepted[:500].lower()):
        try:
            found = get_supported_language_variant(name)
        except LookupError:
            continue
        return "" if found == settings.LANGUAGE_CODE else found
    return ""


def _told(response: HttpResponseBase, heard: list[Sentence], language: str) -> HttpResponseBase:
    if not heard or not isinstance(response, HttpResponse):
        return response
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    if is_json and response.content[:1] == b"{" and (told := beside(heard, language)):
        # What a list of thousands holds is not read and written once more for this.
        first = json.dumps({TOLD: told}, ensure_ascii=False).encode().removesuffix(b"}")
        rest = response.content[1:].lstrip()
        response.content = first + (b"" if rest == b"}" else b", ") + rest
    return response
