"""/my, second half: copies, the journal, disputes, agents and the own seal, as people use them."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from api_node import uscc
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import expect

from api import wiring
from license_vault.clock import civil_date
from license_vault.seals.roles import SealPerson, SealRole

COMPANY = ("001", uscc("91310114MBDEM0N17"))
AGENT = ("111", "110101198803074577")
NAME = "演示甲洗浴有限公司"


def until(days: int = 30) -> str:
    return (civil_date(datetime.now(UTC)) + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def license_(site: Site) -> dict[str, Any]:
    """A license of a company that only this file knows."""
    named = {"document_type": COMPANY[0], "document_number": COMPANY[1]}
    holder = {"kind": "legal_person", "name": NAME, **named}
    answer = site.node.issue(body=site.node.body(holders=[holder]))
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_copy_for_one_purpose_is_made_and_read_on_a_phone(
    site: Site, license_: dict[str, Any]
) -> None:
    holder = site.holder("papers-copying", *COMPANY)
    with site.logged_in(holder, "/my/me/copies", PHONE, scripts=False) as page:
        page.get_by_role("link", name="制作加注件").click()
        page.get_by_label("仅供谁使用").fill("演示市甲单位")
        page.get_by_label("办理什么事项").fill("招标资格审查")
        page.get_by_label("用途").fill("投标报名")
        page.get_by_label("有效期至（含当天）").fill(until(500))
        page.get_by_role("button", name="制作").click()
        expect(page.get_by_role("alert")).to_contain_text("不能制作加注件")
        expect(page.get_by_label("仅供谁使用")).to_have_value("演示市甲单位")
        page.get_by_label("有效期至（含当天）").fill(until())
        page.get_by_role("button", name="制作").click()
        expect(page.locator("h1")).to_have_text("仅供 演示市甲单位")
        page.wait_for_load_state("load")
        fits(page, "copy-zh-360-without-scripts")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 PDF").click()
        assert download.value.path().read_bytes().startswith(b"%PDF")


def test_a_company_disputes_a_license_and_lets_somebody_act(
    site: Site, license_: dict[str, Any]
) -> None:
    company = site.holder("papers-company", *COMPANY)
    identifier = license_["identifier"]
    # A use by an authority's system, which the journal shows.
    path = f"/v1/licenses/{identifier}"
    assert site.node.client.get(path, headers=site.node.auth("jiading")).status_code == 200
    with site.logged_in(company, "/my/me/journal", PHONE) as page:
        expect(page.locator("ol")).to_contain_text("核对已有证照")
        usable(page, "journal-zh-360")
        page.goto(f"/my/me/disputes/new/{identifier}")
        page.get_by_label("哪一项有误").select_option(label="有效期至")
        page.get_by_label("应为什么，理由是什么").fill("应为 2031 年，\n与决定书不符。")
        usable(page, "dispute-form-zh-360")
        page.get_by_role("button", name="提交异议").click()
        expect(page.locator("h1")).to_contain_text("异议 YY")
        expect(page.locator("main")).to_contain_text("下一步由发证机关答复")
        page.goto("/my/me/disputes")
        usable(page, "disputes-zh-360")
        page.goto("/my/me/agency")
        page.get_by_label("受托人姓名或单位名称").fill("演示受托人")
        page.get_by_label("证件号码").fill("1")
        page.get_by_label("亮证").check()
        page.get_by_label("最后一天").fill(until())
        page.get_by_role("button", name="授权").click()
        expect(page.get_by_role("alert")).to_contain_text("号码不合规")
        page.get_by_label("证件号码").fill(AGENT[1])
        page.get_by_role("button", name="授权").click()
        page.get_by_role("button", name="撤回授权").wait_for()
        usable(page, "agency-zh-360")
        page.goto("/my/me/copies")
        usable(page, "copies-zh-360")
        page.locator(".plain-list a", has_text="仅供").click()
        expect(page.locator("h1")).to_contain_text("仅供")
        page.wait_for_load_state("load")
        usable(page, "copy-zh-360")


def test_an_agent_opens_the_vault_until_the_mandate_is_taken_back(
    site: Site, license_: dict[str, Any]
) -> None:
    company = site.holder("papers-principal", *COMPANY)
    agent = site.holder("papers-agent", *AGENT)
    with site.logged_in(agent, "/my/me/agency", DESK, "en") as acting:
        fits(acting, "agency-en-1440")
        acting.get_by_role("link", name="Open their vault").click()
        acting.wait_for_url(re.compile(r"/my/[0-9a-z]{20,}"))
        vault = acting.url
        expect(acting.locator("main")).to_contain_text(NAME)
        assert acting.goto(f"{vault}/journal").status == 404
        with site.logged_in(company, "/my/me/agency", DESK, "en") as page:
            page.get_by_role("button", name="Take it back").click()
            page.get_by_text("Ended mandates").wait_for()
            for name in ("journal", "disputes", "copies"):
                page.goto(f"/my/me/{name}")
                fits(page, f"{name}-en-1440")
        assert acting.goto(vault).status == 404


def test_a_company_applies_for_its_own_seal_and_stops_it(
    site: Site, license_: dict[str, Any]
) -> None:
    company = site.holder("papers-sealing", *COMPANY)
    with site.logged_in(company, "/my/me/seals/new", PHONE) as page:
        page.get_by_label("印章名称").fill(f"{NAME}合同专用章")
        page.get_by_label("印章类型").select_option(label="合同专用章")
        page.get_by_label("环绕的文字").fill(NAME)
        page.get_by_label("下方的文字（可不填）").fill("合同专用章")
        usable(page, "seal-form-zh-360")
        page.get_by_role("button", name="提交申请").click()
        expect(page.locator("main")).to_contain_text("下一步：印章管理人员审批")
        code = page.url.rsplit("/", 1)[1]
        put_into_use(site, code, license_["authority"]["code"])
        page.reload()
        usable(page, "seal-zh-360")
        page.get_by_label("PDF 或 OFD 文件").set_input_files(
            {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": letter()}
        )
        page.get_by_label("用途").fill("签订合同")
        page.get_by_label("第几页").fill("9")
        page.get_by_role("button", name="同意并用印").click()
        expect(page.get_by_role("alert")).to_contain_text("没有这一页")
        expect(page.get_by_label("用途")).to_have_value("签订合同")
        fits(page, "seal-refused-zh-360")
        page.get_by_label("第几页").fill("1")
        page.get_by_label("PDF 或 OFD 文件").set_input_files(
            {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": letter()}
        )
        with page.expect_download() as download:
            page.get_by_role("button", name="同意并用印").click()
        assert download.value.suggested_filename == f"{code}-sealed.pdf"
        page.get_by_label("原因").select_option(label="登录设备或证件遗失")
        page.get_by_role("button", name="立即停用").click()
        page.get_by_text("任何人都不能使用").wait_for()
        expect(page.get_by_role("button", name="同意并用印")).to_have_count(0)
        page.set_viewport_size(DESK)
        page.goto(f"/my/me/seals/{code}?lang=en")
        fits(page, "seal-en-1440")
        page.goto("/my/me/seals")
        usable(page, "seals-en-1440")


def letter() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def put_into_use(site: Site, code: str, organisation: str) -> None:
    """What offices do with an application: approve, make, file."""
    work = site.node.services.seals
    anna = SealPerson("anna", SealRole.MANAGE, organisation)
    work.office.approve(code, "同意", anna)
    keys = site.node.services.keys
    authority = wiring.development_authority_of(site.node.settings, keys)
    work.workshop.make(code, authority.issue_seal(work.workshop.request(code, anna)), anna)
    work.office.file(code, f"BA-{code}", anna)
