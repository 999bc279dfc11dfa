"""What a browser complains of: errors in its console, what the content policy forbids, requests to
anywhere but the origin of the page; and a focus that is lost as a part of the page comes anew."""

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

HERE = "http://127.0.0.1:"
FOCUS = """
    let held = null;
    document.addEventListener("htmx:before:swap", () => { held = document.activeElement; });
    document.addEventListener("htmx:after:swap", () => {
        if (!held || held === document.body || document.activeElement !== document.body) return;
        console.error(`the focus is lost: ${held.outerHTML.slice(0, 200)}`);
    });
"""


def watched(page: Page) -> list[str]:
    """Return the list into which is written whatever is wrong with the page from now on."""
    complaints: list[str] = []

    def asked(request: Request) -> None:
        if not _is_ours(request):
            complaints.append(f"a request off the origin: {request.url[:200]}")

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":  # what the policy forbids is one, too
            complaints.append(message.text)

    page.add_init_script(FOCUS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", said)
    page.on("request", asked)
    return complaints


def _is_ours(request: Request) -> bool:
    if request.url.startswith(("data:", "about:", "blob:")):
        return True
    if request.is_navigation_request():  # the page that asked may be one before
        return request.url.startswith(HERE)
    return urlsplit(request.url)[:2] == urlsplit(request.frame.url)[:2]
