"""The console from a new case to the sealed license and back: decide, sign, issue, suspend.

One officer plays it with the own key, in the browser; two play 一审一核 without scripts.
"""

import base64
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from approving import Approvers
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import Page, expect

from api import wiring
from api.authentication import read_scopes
from license_vault.api_clients import ApiClientWriter
from license_vault.license_identifier import compose

ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-页面办件",
}
TWO = {**ITEM, "code": "演示事项-页面一审一核", "mode": "two-step"}
COMPANY = {
    "kind": "legal_person",
    "name": "上海示例页面沐浴有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0555"),
}
INDUSTRY = "11310000MBDEM00076008"
BASIS = "《公共场所卫生管理条例》第四条"


@dataclass(frozen=True)
class Console:
    """The site, its items, and officers with keys of their own."""

    site: Site
    officers: Approvers
    business: dict[str, Any]
    file: Path

    def signature(self, page: Page, officer: str) -> str:
        """What an officer's signing tool makes of what the page shows."""
        message = page.locator("#message").inner_text().encode()
        return base64.b64encode(self.officers.sign(officer, message)).decode()


@pytest.fixture(scope="module")
def console(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Console:
    node = site.node
    with node.services.database.writing() as session:
        scopes = read_scopes(f"{EVERYTHING} items:define")
        made = ApiClientWriter(session, node.services.keys, node.services.random_bytes).add(
            JIADING, "case-pages", scopes, wiring.clock()
        )
    node.credentials["case-pages"] = (made.client_id, made.secret)
    officers = Approvers(node.services.database, node.services.keys, wiring.clock())
    for name in ("page-zhao", "page-qian"):
        officers.add_officer(name, JIADING)
        site.officer(name, "approval-officer")
    for item in (ITEM, TWO):
        path = f"/v1/items/{quote(item['code'])}"
        put = node.client.put(path, json=item, headers=node.auth("case-pages"))
        assert put.status_code == 200, put.text
    return Console(site, officers, *_business(node, tmp_path_factory.mktemp("cases")))


def _business(node: Node, folder: Path) -> tuple[dict[str, Any], Path]:
    """The enterprise's business license, issued by another district, and its file."""
    license_ = json.loads((EXAMPLES / "business-license.json").read_text("utf-8"))
    body = {
        **license_,
        "authority_code": FENGXIAN,
        "case_number": "页面-营业执照-1",
        "number": "14000000202603205555",
        "holders": [COMPANY],
    }
    answer = node.issue("fengxian", body=body)
    assert answer.status_code == 201, answer.text
    path = f"/v1/licenses/{answer.json()['identifier']}/file?form=ofd"
    file = folder / "营业执照.ofd"
    file.write_bytes(node.client.get(path, headers=node.auth("fengxian")).content)
    return answer.json(), file


def open_case(page: Page, item: dict[str, Any], number: str) -> None:
    page.goto("/console/cases/new")
    page.select_option("#item_code", item["code"])
    page.fill("#case_number", number)
    page.fill("#name", COMPANY["name"])
    page.fill("#document_number", COMPANY["document_number"])
    page.locator("#main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/console/cases/[0-9a-z]{10,}"))


def test_an_officer_takes_a_case_to_its_license(console: Console, tmp_path: Path) -> None:
    key = tmp_path / "officer.pem"
    key.write_text(console.officers.private_key_pem("page-zhao"))
    with console.site.logged_in("page-zhao", "/console/cases", DESK) as page:
        open_case(page, ITEM, "页面-0001")
        expect(page.locator("#needs")).to_contain_text("0 / 1")
        page.set_input_files("#file", console.file)
        page.get_by_role("button", name="核验并收入办件").click()
        page.wait_for_url(re.compile("#documents"))
        expect(page.locator("#needs")).to_contain_text("1 / 1")
        usable(page, "case-open-zh-1440")
        page.get_by_role("link", name="报告").click()
        usable(page, "case-document-zh-1440")
        page.go_back()
        page.fill("#basis", BASIS)
        page.get_by_role("button", name="下一步：签字").click()
        sign(page, key)
        usable(page, "case-sign-zh-1440")
        page.get_by_role("button", name=re.compile("签字并提交")).click()
        page.wait_for_url(re.compile(r"/console/cases/[0-9a-z]+$"))
        expect(page.locator("h1").get_by_text("已准予")).to_be_visible()
        case = page.url
        page.goto("/console/cases?state=approved-no-license")
        expect(page.get_by_role("link", name="页面-0001")).to_be_visible()
        usable(page, "cases-approved-zh-1440")
        page.goto(case)
        _issue(page, key)
        page.goto(case)
        page.get_by_role("button", name="办结").click()
        expect(page.locator("h1").get_by_text("已办结")).to_be_visible()


def sign(page: Page, key: Path) -> None:
    """Let the page sign with a key file, once its script is there."""
    expect(page.locator("#in-browser")).to_be_visible()
    page.set_input_files("#key-file", key)
    expect(page.locator("#signature")).to_have_value(re.compile(".{60}"))


def _issue(page: Page, key: Path) -> None:
    page.get_by_role("link", name="制证").click()
    assert page.locator("#preview img").get_attribute("src", timeout=5000)
    before = page.locator("#preview img").get_attribute("src")
    page.get_by_label("有效期至").fill("2030-03-18")
    page.fill("[id='list.licensed_items']", "公共浴室\n美容店")
    page.wait_for_function(
        "was => document.querySelector('#preview img').src !== was", arg=before, timeout=15_000
    )
    # What is still missing is named; the form keeps what was typed.
    page.get_by_role("button", name="下一步：签字").click()
    expect(page.locator("#preview")).to_contain_text("/number")
    page.get_by_label("证照编号").fill("沪嘉卫公证字〔2026〕第555001号")
    page.get_by_label("有效期自").fill("2026-03-19")
    page.get_by_label("条件 1：应履行的事项").fill("补交检测报告（演示）")
    page.get_by_role("button", name="下一步：签字").click()
    expect(page.locator("#wrong-conditions-0-due")).to_be_visible()
    usable(page, "case-issue-condition-zh-1440")
    page.fill("[id='condition.0.due']", (date.today() + timedelta(days=30)).isoformat())
    page.get_by_role("button", name="预览").click()
    expect(page.locator("[id='list.licensed_items']")).to_have_value("公共浴室\n美容店")
    usable(page, "case-issue-zh-1440")
    page.get_by_role("button", name="下一步：签字").click()
    sign(page, key)
    page.get_by_role("button", name=re.compile("签字并提交")).click()
    page.wait_for_url(re.compile(r"/console/licenses/.*made=1"))
    expect(page.locator("#answer")).to_contain_text("已送达")
    page.wait_for_function("document.querySelector('.face').naturalWidth > 100")
    usable(page, "license-made-zh-1440")
    page.get_by_text("登记已履行：条件 1").click()
    page.get_by_label("依据（如何核实已履行）").fill("窗口核对检测报告（演示）")
    page.get_by_role("button", name="登记已履行").click()
    page.wait_for_url(re.compile("done=fulfilment"))
    fits(page, "license-condition-fulfilled-zh-1440")
    page.goto("/console/licenses")
    page.get_by_role("link", name="转入").click()
    usable(page, "transfer-which-zh-1440")
    _transfer_form(page)
    usable(page, "transfer-form-zh-1440")


def _transfer_form(page: Page) -> None:
    """The form of 转入 for a license, with parts, of an authority that is not on this node."""
    away = compose(INDUSTRY, uscc("11330100MBDEM0009"), "A1B2C3D4E5F6G7H8").text
    page.fill("#previous", away)
    page.fill("#case_number", "页面-转入-1")
    page.locator("#main button[type=submit]").click()
    expect(page.locator("#main")).to_contain_text(away)
    expect(page.locator("[id='holder.0.document_number']")).to_be_visible()
    page.locator("[id='part.0.kind']").select_option(label="食品经营许可")
    page.fill("[id='part.0.number']", "JY23101140012345")


def test_two_officers_decide_without_scripts(console: Console, tmp_path: Path) -> None:
    with console.site.logged_in("page-zhao", "/console/cases", PHONE, scripts=False) as page:
        open_case(page, TWO, "页面-0002")
        usable_without_scripts(page)
        case = page.url
        look_up(page, console.business)
        page.fill("#basis", "材料不齐（演示）")
        page.get_by_label("不予").check()
        page.get_by_role("button", name="下一步：签字").click()
        page.fill("#signature", console.signature(page, "page-zhao"))
        page.get_by_role("button", name=re.compile("签字，交由")).click()
        with page.expect_download() as got:
            page.get_by_role("button", name="下载待核准文件").click()
        reviewed = tmp_path / "reviewed.json"
        got.value.save_as(reviewed)
    with console.site.logged_in("page-qian", "/console/sign", PHONE, "en") as page:
        usable(page, "case-bring-en-360")
        page.set_input_files("#file", reviewed)
        page.get_by_role("button", name="Open").click()
        fits(page, "case-check-en-360")
        # A wrong signature is told, and nothing that was shown is lost.
        page.fill("#signature", "MEUCIQ==")
        page.get_by_role("button", name=re.compile("Sign and send")).click()
        expect(page.locator("#refused")).to_be_visible()
        page.fill("#signature", console.signature(page, "page-qian"))
        page.get_by_role("button", name=re.compile("Sign and send")).click()
        page.wait_for_url(case)
        expect(page.locator("h1")).to_contain_text("refused")
        # What was refused makes no license, so nothing keeps it open.
        expect(page.get_by_role("button", name="Close the case")).to_be_visible()
        fits(page, "case-refused-en-360")
        _refused_beside_the_form(page)


def _refused_beside_the_form(page: Page) -> None:
    page.goto("/console/cases/new")
    page.select_option("#item_code", ITEM["code"])
    page.fill("#case_number", "has a space")
    page.fill("#name", COMPANY["name"])
    page.locator("#main button[type=submit]").click()
    expect(page.locator("#refused")).to_be_visible()
    expect(page.locator("#name")).to_have_value(COMPANY["name"])
    usable(page, "case-new-refused-en-360")
    page.goto("/console/licenses/stale")
    usable(page, "stale-en-360")
    page.goto("/console/cases")
    fits(page, "cases-en-360")
    page.goto("/console/licenses/transfer-in")
    fits(page, "transfer-which-en-360")
    _transfer_form(page)
    page.get_by_role("button", name="Next: sign").click()
    expect(page.locator("[id='part.0.number']")).to_have_value("JY23101140012345")
    expect(page.locator("#wrong-parts-0-valid_from")).to_be_visible()
    fits(page, "transfer-form-en-360")


def _change(page: Page) -> None:
    """变更 with the face of the next version beside it, up to the sheet and back."""
    page.get_by_role("link", name="变更", exact=True).click()
    page.locator("#order").wait_for()
    before = page.locator("#preview img").get_attribute("src")
    page.get_by_label("持证主体新名称").fill("上海示例页面更名有限公司（演示）")
    # Drawn anew by itself while it is typed.
    expect(page.locator("#preview img")).not_to_have_attribute("src", str(before))
    expect(page.locator("#preview")).to_contain_text("办件编号")
    fits(page, "license-change-zh-360")
    page.fill("#case_number", "has a space")
    page.get_by_role("button", name="下一步：确认").click()
    expect(page.locator("#wrong-case_number")).to_be_visible()
    page.set_viewport_size(DESK)
    usable(page, "license-change-refused-zh-1440")
    page.fill("#case_number", "页面-变更-1")
    page.fill("#effective", "2020-01-01")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#wrong-effective")).to_be_visible()
    fits(page, "license-change-too-early-zh-1440")
    page.fill("#effective", "")
    page.get_by_role("button", name="下一步：确认").click()
    expect(page.get_by_role("heading", name="签字：变更")).to_be_visible()
    page.set_viewport_size(PHONE)


def usable_without_scripts(page: Page) -> None:
    """The case page has all there is to do on it, as HTML alone."""
    for name in ("核验并收入办件", "下一步：签字"):
        expect(page.get_by_role("button", name=name)).to_be_visible()


def look_up(page: Page, license_: dict[str, Any]) -> None:
    """Ask about a license by number and check code; the case keeps the signed receipt."""
    page.get_by_text("没有文件：").click()
    page.fill("#code", license_["identifier"])
    page.get_by_role("button", name="查询并收入办件").click()
    expect(page.locator("#refused")).to_contain_text("还需要查验码")
    page.fill("#check_code", license_["check_code"])
    page.get_by_role("button", name="查询并收入办件").click()
    expect(page.locator("table").first).to_contain_text("核验回执：营业执照")
    fits(page, "case-receipt-zh-360")


def test_a_license_is_suspended_and_resumed_with_its_history(console: Console) -> None:
    identifier = console.business["identifier"]
    console.site.officer("page-far", "approval-officer", organisation=FENGXIAN)
    with console.site.logged_in("page-far", "/console/licenses", PHONE) as page:
        usable(page, "licenses-zh-360")
        page.fill("#identifier", identifier)
        page.get_by_role("button", name="查找").click()
        page.get_by_role("link", name="暂扣").click()
        page.fill("#basis", "《中华人民共和国行政处罚法》第九条")
        page.fill("#until", "2020-01-01")
        page.get_by_role("button", name="下一步：确认").click()
        # Told before anybody signs, at its line, with what was typed.
        expect(page.locator("#wrong-until")).to_be_visible()
        fits(page, "license-order-refused-zh-360")
        page.fill("#until", "")
        usable(page, "license-order-zh-360")
        page.get_by_role("button", name="下一步：确认").click()
        page.get_by_role("button", name=re.compile("确认")).click()
        page.wait_for_url(re.compile("done=suspension"))
        expect(page.locator("table")).to_contain_text("行政处罚法")
        page.get_by_role("link", name="发还").click()
        page.fill("#basis", "整改完成（演示）")
        page.get_by_role("button", name="下一步：确认").click()
        page.get_by_role("button", name=re.compile("确认")).click()
        page.wait_for_url(re.compile("done=resumption"))
        _change(page)
        page.goto(f"/console/licenses/{identifier}?as_of=2026-01-01&lang=en")
        expect(page.locator("#main")).to_contain_text("not there yet")
        fits(page, "license-as-of-en-360")
