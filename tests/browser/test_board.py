"""A board live: the batch at work comes first, what is over makes way for it, and what is watched
after its end is not over for the board."""

from playwright.sync_api import Page, expect

from slipway.core.rollout.value.words import End
from tests.browser.company import V2
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


def top_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"]


def test_the_batch_at_work_comes_first_and_others_are_folded(
    site: str, page: Page, alice: Person
) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    canary, second = drive.targets()
    drive.start(canary)
    page.goto(f"{site}/rollouts/{drive.value.number}")
    expect(page.locator("#live")).to_have_text("live")
    cells = [page.locator(f"#c{target.pk}") for target in (canary, second)]
    expect(cells[0]).to_be_visible()
    expect(cells[1]).to_be_hidden()
    page.click("a[href='#batch-2']")  # whoever wants to see it does
    expect(cells[1]).to_be_visible()
    page.click("#batch-2 summary")
    drive.succeed(canary)
    expect(page.locator("a[href='#batch-2']")).to_have_attribute("aria-current", "step")
    drive.start(second)
    expect(cells[1]).to_be_visible()
    expect(cells[0]).to_be_hidden()
    assert top_of(page, "#batch-2") < top_of(page, "#batch-1")
    drive.succeed(second)
    drive.close()
    expect(page.locator("#live")).to_have_text("end of the log")
    assert top_of(page, "#batch-1") < top_of(page, "#batch-2")  # it is read as it ran
    page.goto(f"{site}/rollouts/{drive.value.number}?target={canary.pk}")  # a link unfolds it
    expect(cells[0]).to_be_visible()
    expect(page.locator("#target h2")).to_have_text("web-1:8080")


def test_what_is_watched_is_live_again_when_it_is_taken_up(
    site: str, page: Page, alice: Person
) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    drive.start(*drive.targets())
    for target in drive.targets():
        drive.succeed(target)
    page.goto(f"{site}/rollouts/{drive.value.number}")
    expect(page.locator("#live")).to_have_text("live")
    drive.close(watching=True)
    live, head = page.locator("#live"), page.locator("#head")
    expect(page.locator(".sentence")).to_contain_text("Done: 2 hosts got")
    expect(live).to_have_text("end of the log")
    expect(head).to_have_attribute("data-refresh", "10")
    drive.say("said in the watch")
    head.dispatch_event("refresh")  # as every ten seconds
    expect(page.locator("#log")).to_contain_text("said in the watch")
    expect(live).to_have_text("end of the log")
    drive.write({}, end=None, watching=False)
    drive.fail(drive.targets()[1])
    head.dispatch_event("refresh")
    expect(live).to_have_text("live")
    expect(page.locator("#problems")).to_contain_text("1 host did not make it")
    drive.say("said live")
    expect(page.locator("#log")).to_contain_text("said live")
    drive.close(End.PARTIAL)
    expect(live).to_have_text("end of the log")
    expect(head).not_to_have_attribute("data-refresh", "10")
    expect(page.locator("#log p", has_text="said in the watch")).to_have_count(1)
