"""一件事 at the console: licenses of a case put together, signed, and issued all or none.

One officer plays it with the own key in the browser, brings what others are to sign too, and is
told for which license a package is refused. Officers of two districts: tests/api.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api_node import FENGXIAN
from browser_site import DESK, PHONE, Site, fits, usable
from package_counter import FOOD, HYGIENE, SAYS, Counter
from playwright.sync_api import Page, expect

from api.pages.console.package_draft import PackageDraft, Wanted

NUMBER = "沪嘉卫公证字〔2026〕第777001号"


@pytest.fixture(scope="module")
def counter(site: Site) -> Counter:
    site.officer("pkg-zhao", "approval-officer")
    return Counter.opened(site.node)


def fill(page: Page, type_code: str, number: str) -> None:
    """Type what the example of a type says."""
    says = SAYS[type_code]
    page.fill("#number", number)
    page.fill("#valid_from", says["valid_from"])
    page.fill("#valid_until", says["valid_until"])
    for key, value in says["fields"].items():
        if isinstance(value, list):
            page.fill(f"[id='list.{key}']", "\n".join(value))
        else:
            page.fill(f"[id='field.{key}']", value)


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).first.click()


def sign(page: Page, key: Path, place: int) -> None:
    """Let the page sign with a key file; the signature of a place is there."""
    expect(page.locator("#in-browser")).to_be_visible()
    page.set_input_files("#key-file", key)
    expect(page.locator(f"#signature-{place}")).to_have_value(re.compile(".{60}"))


def test_licenses_of_a_case_are_issued_all_at_once_or_none(
    counter: Counter, site: Site, tmp_path: Path
) -> None:
    key = tmp_path / "officer.pem"
    key.write_text(counter.officers.private_key_pem("pkg-zhao"))
    case = counter.approved("一件事-页面-0001")
    with site.logged_in("pkg-zhao", f"/console/cases/{case}", DESK) as page:
        page.get_by_role("link", name="一件事：成组制证").click()
        expect(page.get_by_text("处待填写")).to_have_count(2)
        fits(page, "package-begun-zh-1440")
        _fill_each(page)
        usable(page, "package-ready-zh-1440")
        press(page, re.compile("下一步：签字"))
        sign(page, key, 1)
        fits(page, "package-sign-zh-1440")
        press(page, "签字；签齐后全部制证")
        page.wait_for_url(re.compile(r"/console/packages/.*made=1"))
        expect(page.locator("#answer")).to_contain_text("全部 2 份证照已用印并送达")
        usable(page, "package-made-zh-1440")
        page.set_viewport_size(PHONE)
        fits(page, "package-made-zh-360")
        page.get_by_role("link", name="一件事-页面-0001").click()
        expect(page.get_by_role("link", name="一次制发的 2 份证照")).to_be_visible()
        expect(page.get_by_role("button", name="办结")).to_be_visible()
        fits(page, "package-case-zh-360")
        number = "一件事-页面-0002"
        other = PackageDraft(counter.approved(number), number)
        _hand_over(page, counter, other, key)
        _refused(page, counter, other)


def _fill_each(page: Page) -> None:
    press(page, re.compile("^填写 1"))
    press(page, "填好，放回一件事")
    expect(page.locator("#wrong-number")).to_be_visible()
    usable(page, "package-license-zh-1440")
    fill(page, HYGIENE, NUMBER)
    press(page, "填好，放回一件事")
    press(page, re.compile("^填写 2"))
    fill(page, FOOD, "JY23101140077701")
    press(page, "填好，放回一件事")
    expect(page.get_by_text("填写完整")).to_have_count(2)


def _hand_over(page: Page, counter: Counter, draft: PackageDraft, key: Path) -> None:
    """One license is signed, the other is left to the officers of another district."""
    number = draft.case_number
    for body in (
        counter.body(HYGIENE, "沪嘉卫公证字〔2026〕第777002号", number),
        counter.body(FOOD, "JY23101140077702", number, FENGXIAN),
    ):
        draft = draft.with_one_more(body)
    _bring(page, draft)
    expect(page.locator("h2", has_text="yours to sign")).to_have_count(1)
    expect(page.locator("h2", has_text="for another officer")).to_have_count(1)
    fits(page, "package-brought-en-360")
    sign(page, key, 0)
    press(page, "Sign, and hand over to the next officer")
    expect(page.locator("h1")).to_have_text("Signed; others sign next")
    fits(page, "package-handed-en-360")


def _refused(page: Page, counter: Counter, draft: PackageDraft) -> None:
    """One number is taken: none is issued, and the signatures stay."""
    bodies = (
        counter.body(HYGIENE, NUMBER, draft.case_number),
        counter.body(FOOD, "JY23101140077703", draft.case_number),
    )
    _bring(page, replace(draft, licenses=tuple(_signed(counter, body) for body in bodies)))
    press(page, "Confirm: issue all")
    expect(page.locator("#refused")).to_contain_text("License 1")
    expect(page.locator("#refused")).to_contain_text("No license was issued")
    usable(page, "package-refused-en-360")
    press(page, "← Back to the licenses, without signing")
    expect(page.get_by_text("signed: pkg-zhao")).to_have_count(2)
    fits(page, "package-mended-en-360")


def _signed(counter: Counter, body: dict[str, Any]) -> Wanted:
    return Wanted(body, (counter.officers.approval(body, "pkg-zhao", "decide"),))


def _bring(page: Page, draft: PackageDraft) -> None:
    page.goto("/console/sign?lang=en")
    sent = {"name": "x.json", "mimeType": "application/json", "buffer": draft.text().encode()}
    page.set_input_files("#file", sent)
    press(page, "Open")
