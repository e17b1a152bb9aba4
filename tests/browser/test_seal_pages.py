"""A seal's life at the console: two managers, made anew, set on documents, and the auditor."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pikepdf
from browser_site import DESK, JIADING, PHONE, Site, fits, usable
from playwright.sync_api import Download, Page, expect

from api import wiring
from api.pem import CERTIFICATE, REQUEST, from_pem, to_pem

CODE = "31011400000071"
NEW_NAME = "演示重制后专用章"


def state(page: Page, words: str) -> None:
    expect(page.locator(".verdict").first).to_contain_text(words)


def act(page: Page, form: str, button: str, /, **typed: str) -> None:
    """Fill the form of an act in, as a person does who has opened it, and send it."""
    details = page.locator("details.act", has=page.locator(f"form[action$='/{form}']"))
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    for name, value in typed.items():
        field = details.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    details.get_by_role("button", name=button, exact=True).click()


def letter(text: bytes = b"1") -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj.Contents = pdf.make_stream(b"0 0 10 10 re f %" + text)
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def _apply(page: Page) -> None:
    page.get_by_role("link", name="申请印章").click()
    page.fill("#code", CODE)
    page.fill("#name", "演示用章页面专用章")
    page.fill("#basis", "启用电子印章")
    page.fill("#lower_text", "页面专用章")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator("#refused")).to_contain_text("印模不合规")
    expect(page.locator("#lower_text")).to_have_value("页面专用章")
    usable(page, "seal-application-refused-zh-1440")
    page.fill("#ring_text", "演示行政审批局")
    page.get_by_role("button", name="提交申请").click()
    state(page, "已申请")


def _chain(site: Site, page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="下载证书请求").click()
    (request,) = from_pem(REQUEST, Path(download.value.path()).read_text())
    node = site.node
    authority = wiring.development_authority_of(node.settings, node.services.keys)
    chain = folder / f"chain-{len(list(folder.iterdir()))}.pem"
    chain.write_text(to_pem(CERTIFICATE, authority.issue_seal(request)))
    return chain


def _make(page: Page, chain: Path) -> None:
    page.set_input_files("#chain", chain)
    page.get_by_role("button", name="第二步").click()


@contextmanager
def two_managers(site: Site) -> Iterator[tuple[Page, Page]]:
    """The console as two managers see it; the second one's browser runs no scripts."""
    first = site.officer("seal-page-one", "seal-manager")
    second = site.officer("seal-page-two", "seal-manager")
    with (
        site.logged_in(first, "/console/seals", DESK) as page,
        site.logged_in(second, "/console/seals", DESK, scripts=False) as other,
    ):
        yield page, other


def test_a_seal_lives_by_the_hands_of_two_managers(site: Site, tmp_path: Path) -> None:
    with two_managers(site) as (first, second):
        _apply(first)
        act(first, "approve", "批准", basis="同意")
        expect(first.get_by_role("alert")).to_contain_text("same-person")
        expect(first.locator("#approve-basis")).to_have_value("同意")
        second.goto(f"/console/seals/{CODE}")
        expect(second.get_by_text("启用电子印章")).to_be_visible()
        act(second, "approve", "批准", basis="同意")
        chain = _chain(site, second, tmp_path)
        _make(second, chain)
        state(second, "已制作")
        act(second, "file", "登记备案号，启用", number="BA-71")
        state(second, "启用")
        act(second, "grant", "授权用印", authority_code=JIADING, type_code="documents")
        _ordered_anew(first, chain)
        _made_anew(site, second, chain, tmp_path)
        first.set_viewport_size(PHONE)
        first.goto(f"/console/seals/{CODE}?lang=en")
        expect(first.get_by_text("They agree")).to_be_visible()
        usable(first, "seal-active-en-360")
    _set(site)
    _audited(site)


def _ordered_anew(page: Page, chain: Path) -> None:
    """The owner has another name: what is refused stays typed, and who ordered does not make."""
    page.goto(f"/console/seals/{CODE}")
    # The form begins with what the seal looks like.
    for name, value in {"shape": "round", "ring_text": "演示行政审批局"}.items():
        expect(page.locator(f"#remake-{name}")).to_have_value(value)
    typed = {"basis": "单位更名", "name": NEW_NAME, "ring_text": "演示更名局"}
    act(page, "remake", "重新制作", shape="ellipse", **typed)
    expect(page.locator("#refused")).to_contain_text("印模不合规")
    for name, value in {**typed, "shape": "ellipse", "lower_text": "页面专用章"}.items():
        expect(page.locator(f"#remake-{name}")).to_have_value(value)
    usable(page, "seal-remake-refused-zh-1440")
    size = {"width_mm": "45", "height_mm": "30"}
    act(page, "remake", "重新制作", **size)
    state(page, "重新制作")
    expect(page.locator("h1")).to_have_text(NEW_NAME)
    _make(page, chain)
    expect(page.get_by_role("alert")).to_contain_text("same-person")
    page.set_viewport_size(PHONE)
    fits(page, "seal-remaking-refused-zh-360")


def _made_anew(site: Site, page: Page, old: Path, folder: Path) -> None:
    page.goto(f"/console/seals/{CODE}?lang=zh")
    fits(page, "seal-remaking-zh-1440")
    page.get_by_label("换用新密钥").check()
    chain = _chain(site, page, folder)
    lines = chain.read_text()
    chain.write_text(lines.replace("BEGIN CERTIFICATE", "BEGIN SOMETHING"))
    _make(page, chain)
    expect(page.locator("#refused")).to_contain_text("证书文件无法读取")
    chain.write_text(lines)
    _make(page, chain)
    state(page, "已制作")
    act(page, "file", "登记备案号，启用", number="BA-71-2")
    state(page, "启用")
    expect(page.get_by_text("45 × 30 mm")).to_be_visible()


def _choose(page: Page, document: bytes) -> None:
    page.set_input_files(
        "#document", {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": document}
    )


def _sealed(page: Page, document: bytes, /, **place: str) -> Download:
    _choose(page, document)
    with page.expect_download() as download:
        act(page, "sealings", "在文件上用印", **place)
    return download.value


def _set(site: Site) -> None:
    """Who uses seals sets it on two documents out of one form; what is refused stays typed."""
    user = site.officer("seal-page-user", "seal-user")
    with site.logged_in(user, f"/console/seals/{CODE}", PHONE) as page:
        _choose(page, letter())
        act(page, "sealings", "在文件上用印", page="9", x_mm="31.5")
        expect(page.locator("#refused")).to_contain_text("没有这一页")
        expect(page.locator("#x_mm")).to_have_value("31.5")
        usable(page, "seal-setting-refused-zh-360")
        for text in (b"1", b"2"):
            got = _sealed(page, letter(text), page="1")
            assert got.suggested_filename == f"{CODE}-sealed.pdf"
            assert b"/ByteRange" in Path(got.path()).read_bytes()
        page.set_viewport_size(DESK)
        page.goto(f"/console/seals/{CODE}?lang=en")
        fits(page, "seal-setting-en-1440")


def _audited(site: Site) -> None:
    auditor = site.officer("seal-page-auditor", "seal-auditor")
    with site.logged_in(auditor, "/console/seals", DESK) as page:
        expect(page.locator("tbody")).to_contain_text("还剩")
        # What an auditor's role does not open is not offered.
        for closed in ("办件", "授权"):
            expect(page.get_by_role("link", name=closed)).to_have_count(0)
        usable(page, "seals-zh-1440")
        page.get_by_role("link", name=NEW_NAME).click()
        expect(page.get_by_text("seal.approved.refused")).to_be_visible()
        expect(page.get_by_text("同一人不能办理两个环节").first).to_be_visible()
        expect(page.get_by_text("seal.set", exact=True)).to_have_count(2)
        usable(page, "seal-audited-zh-1440")
        page.set_viewport_size(PHONE)
        page.goto(f"/console/seals/{CODE}?lang=en")
        fits(page, "seal-audited-en-360")


def test_who_has_no_role_with_seals_is_told_so(site: Site) -> None:
    officer = site.officer("seal-page-none")
    with site.logged_in(officer, "/console/seals", PHONE) as page:
        expect(page.locator(".notice")).to_contain_text("没有印章岗位")
        expect(page.get_by_role("link", name="印章", exact=True)).to_have_count(0)
        usable(page, "seals-no-role-zh-360")
