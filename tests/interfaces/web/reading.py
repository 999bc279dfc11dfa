"""Pages as their readers get them."""

from django.test import Client


def page(browser: Client, address: str, status: int = 200) -> str:
    """Return the text of a page, wherever it leads."""
    answer = browser.get(address, follow=True)
    assert answer.status_code == status, address
    return answer.content.decode()
