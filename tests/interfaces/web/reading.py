"""Pages as their readers get them."""

import re

from django.test import Client


def page(browser: Client, address: str, status: int = 200) -> str:
    """Return the text of a page, wherever it leads."""
    answer = browser.get(address, follow=True)
    assert answer.status_code == status, address
    return answer.content.decode()


def laid_flat(text: str) -> str:
    """Return a page in one line, as if no template broke its lines; a space in a line stays."""
    flat = re.sub(r"(?<=>)\s*\n\s*|\s*\n\s*(?=[<>])| (?=>)", "", text)
    return re.sub(r"\s*\n\s*", " ", flat)
