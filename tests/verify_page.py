"""How a person uses /verify in a browser, and what stands on the first screen of it."""

from pathlib import Path

from playwright.sync_api import Page


def upload(page: Page, path: Path, item: str = "") -> None:
    """Verify a file on the page, for an item if one is named; the answer is there."""
    page.goto("/verify")
    page.set_input_files("#file", path)
    if item:
        page.locator("#by-file summary").click()
        page.fill("#item_code", item)
    page.click("#by-file button[type=submit]")
    page.wait_for_selector("#answer .verdict")


def first_screen(page: Page) -> dict[str, str]:
    """What stands on the first screen without moving: the sentence, and each fact in full."""
    size = page.viewport_size
    assert size is not None
    told = {}
    for row in page.locator("#answer .verdict, #answer dl.first > div").all():
        box = row.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size["height"], row.inner_text()
        lines = row.inner_text().split("\n")
        told[lines[0] if len(lines) > 1 else "sentence"] = lines[-1]
    return told
