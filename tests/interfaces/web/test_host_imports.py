"""Hosts come from a file: looked at first, line by line, then brought; nothing typed is lost."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from slipway.records.fleet.models import Host, HostCheck
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit

IMPORT = "/hosts/-/import"
CSV = "name,address,port\nnew-1,10.7.0.1,22\nnew-2,10.7.0.2,2222\nbad one,10.7.0.3,22\nweb-1,,\n"
FORM = {"text": CSV, "filename": "hosts.csv", "environment": "prod", "user": "deploy"}


@pytest.fixture
def browser(root: Person, visit: Visit) -> Client:
    return visit(root)


def test_it_is_shown_first_what_would_be_done_and_nothing_is(browser: Client) -> None:
    answer = browser.post(IMPORT, {**FORM, "do": "look"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "2 hosts would be brought" in page
    assert "deploy@10.7.0.2:2222" in page
    assert "bad one" in page
    assert "1 stay as they are, 1 are refused" in page
    assert CSV.splitlines()[2] in page
    assert not Host.objects.filter(name__startswith="new-").exists()


def test_enter_in_a_field_looks_again_and_brings_nothing(browser: Client) -> None:
    """A browser presses the first button of the form."""
    page = browser.post(IMPORT, {**FORM, "do": "look"}).content.decode()
    buttons = re.findall(r"<button([^>]*)>", page.partition(f'action="{IMPORT}"')[2])
    assert buttons[0].split() == ['name="do"', 'value="look"', "hidden"]
    assert len([each for each in buttons if 'value="import"' in each]) == 1


@pytest.mark.parametrize(("do", "checks"), [("import", 0), ("learn", 2)])
def test_then_they_are_brought_and_their_keys_learnt_where_that_was_said(
    browser: Client, do: str, checks: int
) -> None:
    page = browser.post(IMPORT, {**FORM, "labels": "rack=c", "do": do}, follow=True)
    assert "2 hosts are imported." in page.content.decode()
    brought = Host.objects.filter(name__startswith="new-").order_by("name")
    assert [(host.name, host.port, host.labels) for host in brought] == [
        ("new-1", 22, {"rack": "c"}),
        ("new-2", 2222, {"rack": "c"}),
    ]
    assert HostCheck.objects.filter(learn_key=True, host__in=brought).count() == checks


def test_a_file_is_read_in_its_encoding_and_stands_in_the_form(browser: Client) -> None:
    file = SimpleUploadedFile("hosts.csv", "name,address\nnew-1,10.7.0.1\n".encode("utf-16"))
    page = browser.post(IMPORT, {**FORM, "text": "", "file": file, "do": "look"}).content.decode()
    assert "1 host would be brought" in page
    assert "new-1,10.7.0.1" in page
    assert 'name="filename" value="hosts.csv"' in page


def test_they_get_the_folder_that_was_said_and_are_read_as_what_was_said(browser: Client) -> None:
    form = {**FORM, "filename": "hosts.txt", "format": "csv", "root": "/srv/slipway"}
    browser.post(IMPORT, {**form, "do": "import"})
    brought = Host.objects.filter(name__startswith="new-")
    assert set(brought.values_list("root", flat=True)) == {"/srv/slipway"}
    page = browser.post(IMPORT, {**form, "format": "ini", "do": "look"}).content.decode()
    assert '<option value="ini" selected>' in page


def test_what_was_refused_is_told_beside_what_was_brought(browser: Client) -> None:
    page = browser.post(IMPORT, {**FORM, "do": "import"}, follow=True).content.decode()
    assert "2 hosts are imported." in page
    assert "1 line was refused." in page
    assert "bad one" in page


def test_a_text_that_is_too_long_is_refused_and_not_cut(browser: Client) -> None:
    long = "name,address\n" + "".join(f"new-{n},10.8.0.1\n" for n in range(45_000))
    answer = browser.post(IMPORT, {**FORM, "text": long, "do": "import"})
    assert answer.status_code == 422
    assert "longer than 700000 characters" in answer.content.decode()
    assert not Host.objects.filter(name__startswith="new-").exists()


@pytest.mark.parametrize("text", ["", "{{{", "name\n"])
def test_what_is_no_list_of_hosts_is_said_at_the_text(browser: Client, text: str) -> None:
    answer = browser.post(IMPORT, {**FORM, "text": text, "do": "import"})
    assert answer.status_code == 422
    assert 'aria-describedby="text-problem"' in answer.content.decode()
    assert 'value="deploy"' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "told"),
    [("environment", "There is no environment nowhere."), ("key", "There is no key nowhere.")],
)
def test_what_there_is_not_is_said_at_its_field(browser: Client, field: str, told: str) -> None:
    answer = browser.post(IMPORT, {**FORM, field: "nowhere", "do": "look"})
    assert answer.status_code == 404
    page = answer.content.decode()
    assert f'aria-describedby="{field}-problem"' in page
    assert told in page


def test_no_choice_stands_twice(browser: Client) -> None:
    page = browser.get(IMPORT).content.decode()
    keys = page.split('name="key"')[1].split("</select>")[0]
    named = re.findall(r'<option value="([^"]*)"', keys)
    assert named[0] == ""
    assert "default, where the file names none" in keys
    assert "default" not in named


def test_known_hosts_get_what_the_file_says_only_where_that_was_said(browser: Client) -> None:
    form = {"text": "name,user\nweb-1,eve\n", "filename": "a.csv", "do": "import"}
    page = browser.post(IMPORT, form).content.decode()
    assert "web-1 is there already and stays as it is" in page
    assert Host.objects.get(name="web-1").user != "eve"
    browser.post(IMPORT, {**form, "update": "1"})
    assert Host.objects.get(name="web-1").user == "eve"


def test_each_is_brought_only_where_one_may(dora: Person, visit: Visit) -> None:
    assert visit(dora).get(IMPORT).status_code == 403
    wanda = visit(person("wanda", ("admin", "", "dev")))
    assert wanda.post(IMPORT, {**FORM, "do": "import"}).status_code == 404
    text = "name,address,environment\nnew-1,10.7.0.1,prod\n"
    page = wanda.post(IMPORT, {"text": text, "filename": "a.csv", "do": "import"}).content.decode()
    assert "There is no environment prod." in page
    assert not Host.objects.filter(name__startswith="new-").exists()
