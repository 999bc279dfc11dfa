"""A version's page says why it can be trusted: what was seen here, and what others say of it."""

import re

from django.db import connection
from django.utils import timezone

from slipway.records.catalog.models import BuildServer, Package, Version
from tests.emptying import rules_away
from tests.interfaces.people import Person
from tests.interfaces.web.building import COMMIT, SERVER, BuildDrive, make_build
from tests.interfaces.web.conftest import V1, Visit
from tests.interfaces.web.reading import laid_flat, page


def lines(visit: Visit, who: Person, address: str) -> list[tuple[str, str]]:
    """Return each line: its mark and what it says; none where there is no panel."""
    text = laid_flat(page(visit(who), address))
    if '<ul class="rows trust">' not in text:
        return []
    panel = text.split('<ul class="rows trust">')[1].split("</ul>", maxsplit=1)[0]
    found = re.findall(r'<span class="shape is-(\w+)".*?</span>(.*?)</li>', panel)
    return [
        (mark, re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", told)).strip()) for mark, told in found
    ]


def test_what_was_built_is_told_with_who_built_it_and_of_what(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = make_build()
    build = drive.build
    made, commit, same = lines(visit, alice, drive.page)
    where = f"shop/billing #{build.external_id} where it was built"
    assert made == ("ok", f"Built by {SERVER}, and fetched from there {where}")
    assert commit == ("ok", f"Its commit, as the build server says {COMMIT} ref main")
    package = build.version.package
    assert package is not None
    assert same[0] == "ok"
    assert same[1].startswith(f"The same bytes everywhere sha256 {package.sha256} The sha256 is")
    assert f'href="{build.version.build_url}"' in page(visit(alice), drive.page)


def test_what_was_uploaded_is_told_as_its_uploader_says(
    living: None, alice: Person, visit: Visit
) -> None:
    address = f"/services/billing/versions/{V1}"
    made, commit, same = lines(visit, alice, address)
    assert made == ("wait", "Uploaded by slipway How it was built, nobody here has seen.")
    assert commit == ("wait", "Its commit, as the uploader says 1a2b3c4d")
    assert same[0] == "ok"
    with rules_away(connection):
        Version.objects.filter(name=V1).update(commit="", created_by=alice.user)
        Package.objects.update(removed_at=timezone.now())
    made, commit, same = lines(visit, alice, address)
    assert made[1].startswith("Uploaded by alice ")
    assert commit == ("wait", "Of which commit it is, nobody has said")
    assert same[0] == "wait"
    assert same[1].startswith("Its package was let go; it had this sha256 ")


def test_of_what_was_not_made_nothing_is_to_be_trusted(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    assert lines(visit, alice, drive.page) == []
    assert "not known yet" in page(visit(alice), drive.page)
    drive.fail()
    assert lines(visit, alice, drive.page) == []


def test_in_chinese(living: None, alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    browser.cookies["django_language"] = "zh-hans"
    text = page(browser, f"/services/billing/versions/{V1}")
    assert "可信吗？" in text
    assert "由 slipway 上传" in text
