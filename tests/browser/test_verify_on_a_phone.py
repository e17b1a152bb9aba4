"""The verification page in a real browser: a phone, with JavaScript and without."""

import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from browser_site import PHONE, Served
from playwright.sync_api import Browser, Page, expect

from examples.main_job import forge_pdf
from signing.pdf.pdfium import image_of, opened


@dataclass(frozen=True)
class Brought:
    """Files of one license, and what a telephone types; ``url`` is the node's."""

    url: str
    file: Path
    ofd: Path
    forged: Path
    identifier: str
    check_code: str


@pytest.fixture(scope="module")
def brought(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    node, folder = served.node, tmp_path_factory.mktemp("brought")
    issued = node.issue(body=node.body("medical-institution")).json()
    files = {form: folder / f"license.{form}" for form in ("pdf", "ofd")}
    for form, file in files.items():
        where = f"/v1/licenses/{issued['identifier']}/file?form={form}"
        file.write_bytes(node.client.get(where, headers=node.auth("jiading")).content)
    forged = forge_pdf(files["pdf"])
    found = issued["identifier"], issued["check_code"]
    return Brought(served.url, files["pdf"], files["ofd"], forged, *found)


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()


def answer_of(page: Page) -> str:
    """The first verdict's sentence, which must stand in the first viewport."""
    verdict = page.locator(".verdict").first
    box = verdict.bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= PHONE["height"]
    return verdict.inner_text()


def upload(page: Page, brought: Brought, *files: Path) -> str:
    page.goto(f"{brought.url}/verify")
    page.set_input_files("#file", list(files))
    page.click("text=核验文件")
    page.wait_for_selector(".verdict")
    return answer_of(page)


def test_a_sealed_file_is_valid_on_the_first_screen(phone: Page, brought: Brought) -> None:
    assert "有效" in upload(phone, brought, brought.file)
    expect(phone.locator(".checks.four li")).to_have_count(4)


def test_the_original_form_is_valid_without_a_mark(phone: Page, brought: Brought) -> None:
    assert upload(phone, brought, brought.ofd).endswith("有效。")


def test_two_forms_of_one_license_are_told_to_be_one(phone: Page, brought: Brought) -> None:
    assert "有效" in upload(phone, brought, brought.ofd, brought.file)
    expect(phone.locator(".verdict")).to_have_count(2)
    expect(phone.locator(".together")).to_contain_text("同一份证照")


def test_an_altered_file_is_told_so_on_the_first_screen(phone: Page, brought: Brought) -> None:
    assert "已被改动" in upload(phone, brought, brought.forged)


def test_a_file_that_is_no_pdf_gets_a_sentence_not_a_stack_trace(
    phone: Page, brought: Brought, tmp_path: Path
) -> None:
    other = tmp_path / "notes.pdf"
    other.write_text("not a PDF")
    upload(phone, brought, other)
    expect(phone.locator("#answer")).to_contain_text("PDF")
    assert "Traceback" not in phone.content()


def test_the_address_in_the_qr_code_fills_the_form(browser: Browser, brought: Brought) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    fragment = urllib.parse.quote(f"{brought.identifier}.{brought.check_code}")
    page.goto(f"{brought.url}/verify#{fragment}")
    expect(page.locator("#identifier")).to_have_value(brought.identifier)
    page.click("text=查询状态")
    page.wait_for_selector(".verdict")
    assert "有效" in answer_of(page)


@pytest.fixture(scope="module")
def scanned(brought: Brought) -> str:
    """What a telephone reads off the license."""
    with opened(brought.file.read_bytes()) as document:
        photograph = image_of(document[0], scale=150 / 72)
    (found,) = zxingcpp.read_barcodes(photograph)
    return found.text.replace(found.text.partition("/verify")[0], brought.url)


def test_a_scanned_code_is_told_genuine_and_fills_the_form(
    browser: Browser, brought: Brought, scanned: str
) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(scanned)
    page.wait_for_selector("#qr-answer:not([hidden])")
    assert "二维码真实" in answer_of_code(page)
    expect(page.locator("#identifier")).to_have_value(brought.identifier)
    expect(page.locator("#qr-answer dl")).to_contain_text(brought.identifier)
    expect(page).to_have_url(f"{brought.url}/verify")
    assert not [url for url in asked if brought.identifier in url or "check" in url]
    page.click("#by-code button")
    page.wait_for_selector("#answer .verdict")
    expect(page.locator("#answer .verdict").first).to_contain_text("有效")


def test_a_changed_code_is_told_so_and_fills_nothing(browser: Browser, scanned: str) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    at = scanned.index("#") + 280
    page.goto(scanned[:at] + ("B" if scanned[at] == "A" else "A") + scanned[at + 1 :])
    page.wait_for_selector("#qr-answer:not([hidden])")
    assert "签名不成立" in answer_of_code(page)
    expect(page.locator("#identifier")).to_have_value("")


def test_the_page_reads_codes_without_a_network(
    browser: Browser, brought: Brought, scanned: str
) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{brought.url}/verify")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    context.set_offline(True)
    page.goto("about:blank")
    page.goto(scanned)
    page.wait_for_selector("#qr-answer:not([hidden])")
    assert "二维码真实" in answer_of_code(page)
    context.close()


def answer_of_code(page: Page) -> str:
    """The sentence about a code that is shown."""
    return page.locator("#qr-answer .verdict:visible").inner_text()


def test_the_page_asks_nobody_else(browser: Browser, brought: Brought) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{brought.url}/verify")
    assert asked
    assert all(url.startswith(brought.url) for url in asked)
