"""A seal's life at the console: two managers, the certificate, the books, and the auditor."""

from pathlib import Path

from browser_site import DESK, JIADING, PHONE, Site, fits, usable
from playwright.sync_api import Page, expect

from api import wiring
from api.pem import CERTIFICATE, REQUEST, from_pem, to_pem

CODE = "31011400000071"


def _apply(page: Page) -> None:
    page.get_by_role("link", name="申请印章").click()
    usable(page, "seal-application-zh-1440")
    page.fill("#code", CODE)
    page.fill("#name", "演示用章页面专用章")
    page.fill("#basis", "启用电子印章")
    page.fill("#ring_text", "演示行政审批局")
    page.fill("#lower_text", "页面专用章")
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".verdict").first).to_contain_text("已申请")


def _approve(page: Page) -> None:
    page.fill("#approve-basis", "同意")
    page.get_by_role("button", name="批准", exact=True).click()


def _make(site: Site, page: Page, folder: Path) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="下载证书请求").click()
    (request,) = from_pem(REQUEST, Path(download.value.path()).read_text())
    node = site.node
    authority = wiring.development_authority_of(node.settings, node.services.keys)
    chain = folder / "chain.pem"
    chain.write_text(to_pem(CERTIFICATE, authority.issue_seal(request)))
    page.set_input_files("#chain", chain)
    page.get_by_role("button", name="第二步").click()
    expect(page.locator(".verdict").first).to_contain_text("已制作")


def test_a_seal_lives_by_the_hands_of_two_managers(site: Site, tmp_path: Path) -> None:
    first = site.officer("seal-page-one", "seal-manager")
    second = site.officer("seal-page-two", "seal-manager")
    with site.logged_in(first, "/console/seals", DESK) as page:
        _apply(page)
        _approve(page)
        expect(page.get_by_role("alert")).to_contain_text("same-person")
        _made_by_another(site, second, tmp_path)
        page.set_viewport_size(PHONE)
        page.goto(f"/console/seals/{CODE}?lang=en")
        expect(page.get_by_text("They agree")).to_be_visible()
        usable(page, "seal-active-en-360")
    _audited(site)


def _made_by_another(site: Site, second: str, folder: Path) -> None:
    with site.logged_in(second, f"/console/seals/{CODE}", DESK, scripts=False) as page:
        _approve(page)
        expect(page.locator(".verdict").first).to_contain_text("已批准")
        _make(site, page, folder)
        page.fill("#file-number", "BA-71")
        page.get_by_role("button", name="登记备案号").click()
        expect(page.locator(".verdict").first).to_contain_text("启用")
        page.get_by_text("授权用印").first.click()
        page.fill("#grant-authority_code", JIADING)
        page.get_by_role("button", name="授权用印").click()
        expect(page.locator("tbody")).to_contain_text(JIADING)


def _audited(site: Site) -> None:
    auditor = site.officer("seal-page-auditor", "seal-auditor")
    with site.logged_in(auditor, "/console/seals", DESK) as page:
        expect(page.locator("tbody")).to_contain_text("还剩")
        usable(page, "seals-zh-1440")
        page.get_by_role("link", name="演示用章页面专用章").click()
        expect(page.get_by_text("seal.approved.refused")).to_be_visible()
        fits(page, "seal-audited-zh-1440")


def test_who_has_no_role_with_seals_is_told_so(site: Site) -> None:
    officer = site.officer("seal-page-none")
    with site.logged_in(officer, "/console/seals", PHONE) as page:
        expect(page.locator(".notice")).to_contain_text("没有印章岗位")
        usable(page, "seals-no-role-zh-360")
