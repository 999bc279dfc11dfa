"""Somebody who has a keyboard and nothing else: where the focus stands is always seen, and it is
never lost."""

from playwright.sync_api import Page, expect

LONGEST_WAY = 80  # presses of Tab to anything on a page
# What a keyboard's user sees of where they are: a ring around it, or around what stands for it.
LOOK = """(wanted) => {
    const here = document.activeElement;
    if (!here || here === document.body) return {is_there: false, name: "", wrong: ""};
    const name = `${here.tagName} ${here.id || here.name || here.textContent.trim()}`.slice(0, 60);
    const shown = [here, here.nextElementSibling, here.closest("label")].filter(Boolean);
    const ringed = shown.find((each) => {
        const style = getComputedStyle(each);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    let wrong = "";
    if (!here.matches(":focus-visible")) wrong = "its focus is not shown";
    else if (!ringed) wrong = "it has no ring";
    else {
        const box = ringed.getBoundingClientRect();
        const x = Math.min(box.left + 8, box.left + box.width / 2);
        const y = Math.min(box.top + 8, box.top + box.height / 2);
        const hit = document.elementFromPoint(x, y);
        const is_seen = hit && (ringed.contains(hit) || hit.contains(ringed));
        if (!is_seen) wrong = `it is covered, or outside of the window: ${x}, ${y}`;
    }
    return {is_there: here === wanted, name, wrong};
}"""


class Keys:
    """The keyboard of a page; what the focus comes by is looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, target: str) -> None:
        """Press Tab until the focus is there."""
        wanted, way = self.page.locator(target), []
        expect(wanted).to_have_count(1)
        for _ in range(LONGEST_WAY):
            self.press("Tab")
            seen = wanted.evaluate(LOOK)
            way.append(seen["name"])
            assert not seen["wrong"], f"{seen['name']}: {seen['wrong']}"
            if seen["is_there"]:
                return
        raise AssertionError(f"Tab does not lead to {target}: {way}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def paste(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def still_at(self, target: str) -> None:
        """What came meanwhile took the focus from nowhere."""
        expect(self.page.locator(target)).to_be_focused()
