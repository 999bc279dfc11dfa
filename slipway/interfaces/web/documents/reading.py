"""The pages of the documents: the shelf with its search, a document, a picture in one."""

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from slipway.core.words.refusal import NotFound
from slipway.interfaces.web.documents import searching, shelf
from slipway.interfaces.web.frame import pages

_KEPT = "private, max-age=3600"


@require_GET
@pages.answered
def show_shelf(request: HttpRequest) -> HttpResponse:
    """Show which documents there are, or the paragraphs in which the words asked for are."""
    language = get_language() or ""
    asked = " ".join(request.GET.get("q", "").split())[: searching.LONGEST]
    findings = searching.search(asked, language)
    return pages.show(
        request,
        "web/documents.html",
        section="docs",
        groups=shelf.groups(language),
        asked=asked,
        hits=findings.hits,
        answer=_answer(findings) if asked else "",
    )


def _answer(findings: searching.FoundPassages) -> str:
    total = findings.total
    if total > len(findings.hits):
        shown = {"shown": len(findings.hits), "total": total}
        return _("%(shown)s of %(total)s paragraphs; one more word leaves fewer.") % shown
    return ngettext("%(total)s paragraph", "%(total)s paragraphs", total) % {"total": total}


@require_GET
@pages.answered
def show_document(request: HttpRequest, name: str) -> HttpResponse:
    """Show a document, or send a file that one refers to."""
    if kind := shelf.files().get(name):
        content = (shelf.FOLDER / name).read_bytes()
        return HttpResponse(content, content_type=kind, headers={"Cache-Control": _KEPT})
    if name not in shelf.NAMES:
        raise NotFound(
            "There is no document of that name.", hint="All of them are listed under Documents."
        )
    language = get_language() or ""
    document = shelf.document(name, language)
    return pages.show(
        request,
        "web/document.html",
        section="docs",
        groups=shelf.groups(language),
        document=document,
        # Of our own files, by a library that lets no HTML of theirs pass.
        body=mark_safe(document.rendered.html),
        parts=[each for each in document.rendered.headings if each.level == 2],
        is_foreign=shelf.reads_chinese(language) and not document.is_chinese,
    )
