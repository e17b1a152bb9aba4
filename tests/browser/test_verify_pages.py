"""Anybody verifies a file: first screen, four lines, pages side by side, seals, receipts."""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from api_node import Node
from browser_site import DESK, PHONE, Served, Site, fits, usable
from playwright.sync_api import expect
from verify_page import first_screen, upload

from examples.main_job import forge_ofd
from signing.pdf.pdfium import image_of, opened

ITEM = "核验页-01"


@dataclass(frozen=True)
class Files:
    """A license's files, and what was done to them."""

    identifier: str
    check_code: str
    pdf: Path
    ofd: Path
    altered: Path
    photograph: Path


@pytest.fixture(scope="module")
def files(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Files:
    node, folder = served.node, tmp_path_factory.mktemp("verify")
    issued = node.issue().json()
    paths = {form: folder / f"license.{form}" for form in ("pdf", "ofd")}
    for form, path in paths.items():
        where = f"/v1/licenses/{issued['identifier']}/file?form={form}"
        path.write_bytes(node.client.get(where, headers=node.auth("jiading")).content)
    photograph = folder / "photograph.png"
    with opened(paths["pdf"].read_bytes()) as document:
        image_of(document[0], scale=150 / 72).save(photograph)
    return Files(
        issued["identifier"],
        issued["check_code"],
        paths["pdf"],
        paths["ofd"],
        forge_ofd(paths["ofd"]),
        photograph,
    )


FACTS = {
    "zh-CN": ["证照", "持证主体", "有效期至", "状态", "办事", "下一步"],
    "en": ["License", "Holder", "Valid until", "State", "Decision", "Next"],
}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_first_screen_of_a_phone_tells_all(site: Site, files: Files, language: str) -> None:
    with site.looking(PHONE, language) as page:
        page.goto("/verify")
        looked = fits if language == "en" else usable
        looked(page, f"verify-form-{language}-360")
        upload(page, files.ofd, ITEM)
        told = first_screen(page)
        assert list(told) == ["sentence", *FACTS[language]]
        assert re.search(r"\*\w{4}$", told[FACTS[language][1]])
        assert re.search(r"\d\d:\d\d.*310120", told[FACTS[language][3]])
        expect(page.locator(".checks.four li")).to_have_count(4)
        looked(page, f"verify-valid-{language}-360")
        page.set_viewport_size(DESK)
        fits(page, f"verify-valid-{language}-1440")
        other = "证照" if language == "en" else "License"
        assert other not in page.locator("#answer dl.first dt").all_inner_texts()


def test_an_altered_page_stands_beside_the_page_as_sealed(site: Site, files: Files) -> None:
    with site.looking() as page:
        upload(page, files.altered)
        expect(page.locator(".verdict")).to_contain_text("已被改动")
        faces = page.locator("img.face")
        expect(faces).to_have_count(2)
        sources = [face.get_attribute("src") for face in faces.all()]
        assert sources[0] != sources[1]
        expect(page.locator("figcaption").first).to_contain_text("存档")
        expect(page.locator(".seals img")).to_have_count(1)
        drawn = "Array.from(document.images).every(one => one.complete && one.naturalWidth > 100)"
        page.wait_for_function(drawn)
        usable(page, "verify-altered-zh-CN-1440")
        page.set_viewport_size(PHONE)
        fits(page, "verify-altered-zh-CN-360")


def test_without_scripts_a_file_is_verified_and_its_receipt_taken_away(
    site: Site, files: Files
) -> None:
    with site.looking(PHONE, scripts=False) as page:
        upload(page, files.pdf, ITEM)
        assert "有效" in first_screen(page)["sentence"]
        fits(page, "verify-no-scripts-360")
        page.locator("#answer a[href^='/verify/receipts/']").last.click()
        page.wait_for_url("**/verify/receipts/*")
        expect(page.locator("dl")).to_contain_text(files.identifier)
        fits(page, "verify-receipt-zh-CN-360")
        sheet = page.request.get(f"{page.url}/pdf")
        signed = page.request.get(f"{page.url}/json")
        assert sheet.headers["content-type"] == "application/pdf"
        assert "receipt+json" in signed.headers["content-type"]
        page.goto(f"{page.url}?lang=en")
        expect(page.locator("h1")).to_have_text("Verification receipt")
        number = page.url.partition("receipts/")[2].partition("?")[0]
        assert said_by(sheet.body()).count(number) == 1
        receipt = signed.body()
    report = posted(site.node, receipt, files.pdf.read_bytes()).json()
    assert report["verdict"] == "valid"


def said_by(pdf: bytes) -> str:
    with opened(pdf) as document:
        text: str = document[0].get_textpage().get_text_range()
    return text


def posted(node: Node, *files: bytes, **form: str) -> Any:
    sent = [("file", ("x", data)) for data in files]
    return node.client.post("/v1/verifications", files=sent, data=form)


def test_a_photographed_code_is_read_on_the_device_and_a_file_may_be_dropped(
    site: Site, files: Files
) -> None:
    with site.looking(PHONE) as page:
        asked: list[str] = []
        page.goto("/verify")
        page.click("#scan")
        page.on("request", lambda request: asked.append(request.method))
        page.set_input_files("#photo", files.photograph)
        page.wait_for_selector("#qr-answer:not([hidden]) .verdict.good")
        expect(page.locator("#identifier")).to_have_value(files.identifier)
        assert "POST" not in asked
        expect(page.locator("#qr-answer dl")).to_contain_text("上海市 310120")
        usable(page, "verify-scanned-zh-CN-360")
        page.click("#by-code button")
        page.wait_for_selector("#answer .verdict.good")
        expect(page.locator("img.face")).to_have_count(0)
        page.goto("/verify")
        page.evaluate(DROP, {"text": "{}", "name": "notes.json"})
        page.wait_for_selector("#answer .verdict")


DROP = """({text, name}) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.getElementById("drop").dispatchEvent(
    new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def test_a_refusal_stands_beside_what_was_typed(site: Site) -> None:
    with site.looking(PHONE, "en") as page:
        page.goto("/verify")
        page.fill("#identifier", "1.2.156.NOTHING")
        page.fill("#check_code", "0000-0000-00000")
        page.click("#by-code button")
        page.wait_for_selector("#answer .verdict.unknown")
        expect(page.locator("#identifier")).to_have_value("1.2.156.NOTHING")
        fits(page, "verify-refused-en-360")


def test_the_face_on_record_is_shown_to_nobody_who_brings_none_of_its_seals(
    served: Served, files: Files, tmp_path: Path
) -> None:
    other = tmp_path / "other.ofd"
    with zipfile.ZipFile(files.altered) as given, zipfile.ZipFile(other, "w") as made:
        for name in given.namelist():
            data = given.read(name)
            made.writestr(
                name, data[:-1] + bytes([data[-1] ^ 1]) if name.endswith(".dat") else data
            )
    form = {"pictures": "first-pages"}
    altered = posted(served.node, files.altered.read_bytes(), **form).json()["pictures"]
    assert altered["sealed"]["source"] == "on-record"
    assert altered["same"] is False
    stranger = posted(served.node, other.read_bytes(), **form).json()["pictures"]
    assert stranger["sealed"] == {"source": "unknown", "shown": []}
    typed = {"identifier": files.identifier, "check_code": files.check_code, **form}
    by_number = served.node.client.post("/v1/verifications", data=typed).json()
    assert by_number["verdict"] == "valid"
    assert by_number["pictures"] is None


def test_what_was_added_after_the_last_seal_is_not_on_the_page_as_sealed(
    served: Served, files: Files
) -> None:
    grown = files.pdf.read_bytes() + b"\n% more\n%%EOF\n"
    form = {"pictures": "first-pages"}
    pictures = posted(served.node, grown, **form).json()["pictures"]
    assert pictures["sealed"]["source"] == "last-seal"
    assert pictures["on_record"] is False
    same = posted(served.node, files.pdf.read_bytes(), **form).json()["pictures"]
    assert (same["on_record"], same["same"], same["seals"][0]["source"]) == (
        True,
        True,
        "appearance",
    )
