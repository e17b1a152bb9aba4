"""The verification page in a real browser: a phone, with JavaScript and without."""

import json
import shutil
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Page, sync_playwright
from servers import free_port

from examples.main_job import forge_pdf
from examples.node import EXAMPLES, Node
from examples.setting_up import set_up
from examples.systems import ApprovalSystem

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 360, "height": 640}
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]


@dataclass(frozen=True)
class Served:
    """A node that serves, and one license of it."""

    url: str
    file: Path
    ofd: Path
    forged: Path
    identifier: str
    check_code: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("node")
    node = Node(folder, free_port(), {})
    client = set_up(node)
    with node.serving():
        system = ApprovalSystem(node, *client)
        issued = system.issue(json.loads((EXAMPLES / "medical-institution.json").read_text()))
        file = folder / "license.pdf"
        file.write_bytes(system.download(issued["identifier"], "pdf"))
        ofd = folder / "license.ofd"
        ofd.write_bytes(system.download(issued["identifier"], "ofd"))
        forged = forge_pdf(file)
        yield Served(node.url, file, ofd, forged, issued["identifier"], issued["check_code"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))


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


def upload(page: Page, served: Served, *files: Path) -> str:
    page.goto(f"{served.url}/verify")
    page.set_input_files("#file", list(files))
    page.click("text=核验文件")
    page.wait_for_selector(".verdict")
    return answer_of(page)


def test_a_sealed_file_is_valid_on_the_first_screen(phone: Page, served: Served) -> None:
    assert "有效" in upload(phone, served, served.file)
    assert phone.locator(".checks.four li").count() == 4


def test_the_original_form_is_valid_without_a_mark(phone: Page, served: Served) -> None:
    assert upload(phone, served, served.ofd).endswith("有效。")


def test_two_forms_of_one_license_are_told_to_be_one(phone: Page, served: Served) -> None:
    assert "有效" in upload(phone, served, served.ofd, served.file)
    assert phone.locator(".verdict").count() == 2
    assert "同一份证照" in phone.locator(".together").inner_text()


def test_an_altered_file_is_told_so_on_the_first_screen(phone: Page, served: Served) -> None:
    assert "已被改动" in upload(phone, served, served.forged)


def test_a_file_that_is_no_pdf_gets_a_sentence_not_a_stack_trace(
    phone: Page, served: Served, tmp_path: Path
) -> None:
    other = tmp_path / "notes.pdf"
    other.write_text("not a PDF")
    assert "PDF" in upload(phone, served, other) + phone.locator("body").inner_text()
    assert "Traceback" not in phone.content()


def test_the_address_in_the_qr_code_fills_the_form(browser: Browser, served: Served) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    fragment = urllib.parse.quote(f"{served.identifier}.{served.check_code}")
    page.goto(f"{served.url}/verify#{fragment}")
    assert page.input_value("#identifier") == served.identifier
    page.click("text=查询状态")
    page.wait_for_selector(".verdict")
    assert "有效" in answer_of(page)


@pytest.fixture(scope="module")
def scanned(served: Served) -> str:
    """What a telephone reads off the license."""
    page = pypdfium2.PdfDocument(served.file)[0]
    (found,) = zxingcpp.read_barcodes(page.render(scale=150 / 72).to_pil())
    return found.text.replace(found.text.partition("/verify")[0], served.url)


def test_a_scanned_code_is_told_genuine_and_fills_the_form(
    browser: Browser, served: Served, scanned: str
) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(scanned)
    page.wait_for_selector("#qr-answer:not([hidden])")
    assert "二维码真实" in answer_of_code(page)
    assert page.input_value("#identifier") == served.identifier
    assert served.identifier in page.locator("#qr-answer dl").inner_text()
    assert page.url == f"{served.url}/verify"
    assert not [url for url in asked if served.identifier in url or "check" in url]
    page.click("#by-code button")
    page.wait_for_selector("#answer .verdict")
    assert "有效" in page.locator("#answer .verdict").first.inner_text()


def test_a_changed_code_is_told_so_and_fills_nothing(browser: Browser, scanned: str) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    at = scanned.index("#") + 280
    page.goto(scanned[:at] + ("B" if scanned[at] == "A" else "A") + scanned[at + 1 :])
    page.wait_for_selector("#qr-answer:not([hidden])")
    assert "签名不成立" in answer_of_code(page)
    assert page.input_value("#identifier") == ""


def test_the_page_reads_codes_without_a_network(
    browser: Browser, served: Served, scanned: str
) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{served.url}/verify")
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


def test_the_page_asks_nobody_else(browser: Browser, served: Served) -> None:
    page = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.url}/verify")
    assert asked
    assert all(url.startswith(served.url) for url in asked)
