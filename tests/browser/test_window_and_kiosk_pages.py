"""A clerk scans what holders show, and people stand at a kiosk, as they use the pages."""

import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from api_node import EXAMPLES, JIADING, uscc
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import Page, expect

from license_vault.api_clients import Caller, Scope
from license_vault.cases.case_desk import CaseOrder
from license_vault.cases.case_services import Request
from license_vault.cases.holders import HolderNamed
from license_vault.cases.item_definition import read_item_definition
from license_vault.cases.needs import ItemNeedsWriter
from license_vault.presenting.devices import DeviceWriter, NewDevice
from license_vault.presenting.order import PresentingOrder
from license_vault.presenting.presenter import presenter_of
from license_vault.registry.writing import RequestMark

PERSON = {
    "kind": "natural_person",
    "name": "欧阳演窗",
    "document_type": "111",
    "document_number": "310114199003078864",
}
COMPANY = {
    "kind": "legal_person",
    "name": "上海示例窗口餐饮有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MBDEM0W01"),
}
CARD, BUSINESS, HYGIENE = (f"11310000MBDEM0007600{number}" for number in (7, 3, 2))
SOME = ("holders.name", "number", "validity")
CODE = "演示事项-开办餐饮店（窗口）"
NAME = {"zh": "开办餐饮店（演示）", "en": "Opening a restaurant (demonstration)"}
CASE = "JD-W-2026-0001"
CLERK = Caller("officer:window-tests", JIADING, frozenset({Scope("cases:handle")}))


def need(key: str, zh: str, en: str, code: str) -> dict[str, Any]:
    return {"key": key, "name": {"zh": zh, "en": en}, "types": [code], "required": True}


def field(key: str, zh: str, en: str, *sources: dict[str, str]) -> dict[str, Any]:
    return {"key": key, "label": {"zh": zh, "en": en}, "sources": list(sources)}


ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": CODE,
    "name": NAME,
    "needs": [
        need("card", "居民身份证", "Identity card", CARD),
        need("business", "营业执照", "Business license", BUSINESS),
        need("hygiene", "公共场所卫生许可证", "Hygiene permit", HYGIENE),
    ],
    "form": [
        field("applicant", "申请人", "Applicant", {"holder": "/holders/0/name"}),
        field("number", "证件号码", "Number", {"type": CARD, "path": "/number"}),
        field("unit", "单位名称", "Unit", {"type": BUSINESS, "path": "/holders/0/name"}),
        field("area", "营业面积", "Area"),
    ],
}


@dataclass(frozen=True)
class World:
    """A person, the enterprise that they represent, and a license of each."""

    site: Site
    card: dict[str, Any]
    business: dict[str, Any]
    case: str

    def code(self, fields: tuple[str, ...] = ("*",)) -> str:
        """A code that shows both, as the person's phone does."""
        services = self.site.node.services
        mac = services.macs.holder(PERSON["document_type"], PERSON["document_number"])
        with services.database.reading() as session:
            presenter = presenter_of(session, mac, services.clock())
        both = (self.card["identifier"], self.business["identifier"])
        order = PresentingOrder(both, dict.fromkeys(both, fields), 5)
        key = services.macs.idempotency_key(presenter.actor, secrets.token_hex(8))
        mark = RequestMark(presenter.actor, key, secrets.token_bytes(32))
        made = services.presenting.presentations.make(order, presenter, mark)
        return f"LV-PRESENT:{made.code}"

    def file(self, license_: dict[str, Any]) -> bytes:
        path = f"/v1/licenses/{license_['identifier']}/file?form=json"
        node = self.site.node
        return node.client.get(path, headers=node.auth("jiading")).content


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    node = site.node
    definition = read_item_definition(ITEM, None)
    with node.services.database.writing() as session:
        ItemNeedsWriter(session).put(definition, "operator:test", node.services.clock())
    issued = [
        node.issue(body=node.body(name, holders=[holder], authority_code=JIADING, number=number))
        for name, holder, number in (
            ("identity-card", PERSON, PERSON["document_number"]),
            ("business-license", COMPANY, "14000000202603209901"),
        )
    ]
    for answer in issued:
        assert answer.status_code == 201, answer.text
    card, business = (answer.json() for answer in issued)
    stated = {name: PERSON[name] for name in ("name", "document_type", "document_number")}
    told = node.client.post(
        f"/v1/holders/{business['holders'][0]}/representations",
        json={"agent": stated, "license": business["identifier"], "evidence": "执照"},
        headers={**node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)},
    )
    assert told.status_code == 201, told.text
    named = HolderNamed(**stated)
    opening = Request(CLERK, "window-case", {"case": CASE})
    case = node.services.cases.cases.open(CaseOrder(CODE, CASE, (named,)), opening)
    return World(site, card, business, case.case.record.handle)


@pytest.fixture
def device(site: Site) -> NewDevice:
    services = site.node.services
    with services.database.writing() as session:
        writer = DeviceWriter(session, services.keys, services.random_bytes)
        return writer.add(JIADING, "大厅 12 号机", services.clock())


def start_kiosk(page: Page, device: NewDevice) -> None:
    page.goto("/kiosk")
    page.locator("#device_id").fill(device.device_id)
    page.locator("#device_secret").fill(device.secret)
    page.get_by_role("button").last.click()


def read_card(page: Page, name: str = PERSON["name"]) -> None:
    """As a reader that types like a keyboard does."""
    page.locator("#document_number").fill(PERSON["document_number"])
    page.locator("#name").fill(name)
    page.locator("#name").press("Enter")


def small_targets(page: Page) -> list[str]:
    """What a finger would miss: anything to touch that is lower than 48 px."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('main a, main button, main select, .whoami a')]"
        ".filter(one => one.offsetParent && one.getBoundingClientRect().height < 48)"
        ".map(one => one.outerHTML)"
    )
    return found


def test_one_code_shows_the_licenses_of_person_and_enterprise_side_by_side(
    world: World, tmp_path: Path
) -> None:
    site = world.site
    clerk = site.officer("window-both", "license-officer", "approval-officer")
    with site.logged_in(clerk, "/window") as page:
        fits(page, "window-empty-zh-1440")
        # A scanner types the code, and Enter; nobody had to choose anything for that.
        expect(page.locator("#code")).to_be_focused()
        page.keyboard.type(code := world.code())
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="请选择事项，填写办件编号").wait_for()
        expect(page.locator("#item_code")).to_be_focused()
        expect(page.locator(".held")).to_have_count(0)
        usable(page, "window-waiting-zh-1440")
        page.get_by_label("事项").select_option(CODE)
        page.get_by_label("办件编号").fill(CASE)
        page.get_by_label("办件编号").press("Enter")
        page.wait_for_selector(".held")
        expect(page).to_have_url(f"{site.url}/window")
        expect(page.locator(".held h2")).to_have_text([PERSON["name"], COMPANY["name"]])
        expect(page.locator(".answer h2")).to_contain_text("可免交 2 / 3")
        expect(page.locator("#code")).to_be_focused()
        expect(page.get_by_label("办件编号")).to_have_value(CASE)
        # Whatever region a file is of, it is verified for the item on the same screen.
        (file := tmp_path / "license.json").write_bytes(world.file(world.business))
        page.get_by_text("没有码").click()
        page.locator("#file").set_input_files(file)
        page.wait_for_selector(".held >> nth=2")
        usable(page, "window-both-zh-1440")
        # Used up: the second scan is refused beside the form, and everything stays.
        page.get_by_label("扫码").fill(code)
        page.get_by_label("扫码").press("Enter")
        refused = page.get_by_role("alert")
        refused.wait_for()
        usable(page, "window-refused-zh-1440")
        expect(page.locator(".held")).to_have_count(3)
        with page.expect_download() as download:
            page.get_by_role("link", name="亮证回执").click()
        assert b"license-vault/presenting-receipt/1" in download.value.path().read_bytes()
        page.get_by_role("button", name=f"归入办件 {CASE}").click()
        page.get_by_text("全部回执已归入办件").wait_for()
        forms = site.node.services.cases.forms
        filed = forms.documents(world.case, CLERK)
        assert [one.judged.verdict for one in filed if one.judged] == ["valid", "valid"]
        # The case shows what the receipts prove, at the console.
        page.get_by_role("link", name="打开办件").click()
        expect(page.locator("#main")).to_contain_text("亮证回执：2 份证照")
        fits(page, "case-receipts-zh-1440")
        page.get_by_role("link", name="报告").last.click()
        expect(page.locator("#main")).to_contain_text("核验回执：营业执照")
        page.goto("/window")
        page.get_by_role("button", name="下一位").click()
        page.wait_for_selector(".empty")
        assert PERSON["name"] not in page.content()


def test_a_window_works_without_scripts_in_english_on_a_small_screen(world: World) -> None:
    site = world.site
    clerk = site.officer("window-plain")
    code = world.code(SOME)
    with site.logged_in(clerk, "/window", PHONE, "en-US", scripts=False) as page:
        page.get_by_label("Scan").fill("no code at all")
        page.get_by_role("button", name="Check").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing that can be read")
        # What stands on a license is verified at once, the decision waits for the item.
        page.get_by_label("Scan").fill(world.card["identifier"])
        page.locator("#check_code").fill(world.card["check_code"])
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".held")).to_contain_text("No item named")
        page.get_by_label("Item").select_option(CODE)
        page.get_by_label("Scan").fill(code)
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#asks")).to_have_text("Type the case number")
        fits(page, "window-waiting-en-360")
        page.get_by_label("Case number").fill(CASE)
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#found")).not_to_contain_text("No item named")
        expect(page.locator(".held")).to_have_count(3)
        page.get_by_role("button", name="Next person").click()
        expect(page.locator(".held")).to_have_count(0)
        page.get_by_label("Case number").fill(CASE)
        page.get_by_label("Scan").fill(world.code(SOME))
        page.get_by_role("button", name="Check").click()
        expect(page.locator(".held")).to_have_count(2)
        expect(page.locator(".answer h2")).to_contain_text("2 / 3")
        fits(page, "window-both-en-360")
    with site.looking(PHONE, "en-US") as page:
        page.goto("/window")
        expect(page).to_have_url(re.compile(re.escape(site.provider)))


def test_a_person_gets_the_filled_form_on_three_screens_and_leaves_nothing(
    world: World, device: NewDevice
) -> None:
    site = world.site
    with site.looking(DESK) as page:
        start_kiosk(page, device)
        usable(page, "kiosk-card-zh-1440")
        read_card(page, "不是此人")
        expect(page.get_by_role("alert")).to_contain_text("没有查到您的证照")
        read_card(page)
        expect(page.get_by_role("button", name=NAME["zh"])).to_be_visible()
        usable(page, "kiosk-items-zh-1440")
        assert small_targets(page) == []
        page.get_by_role("button", name=NAME["zh"]).click()
        # The card finds the enterprise that its holder represents, too.
        expect(page.locator(".verdict")).to_contain_text("2 / 3")
        expect(page.get_by_role("table")).to_contain_text(PERSON["document_number"])
        expect(page.get_by_role("table")).to_contain_text(COMPANY["name"])
        usable(page, "kiosk-form-zh-1440")
        assert small_targets(page) == []
        page.get_by_role("link", name="结束并退出").click()
        expect(page).to_have_url(f"{site.url}/kiosk")
        assert [one["name"] for one in page.context.cookies()] == ["license-vault-session"]
        for path in ("/kiosk/form", "/kiosk/items"):
            page.goto(path)
            expect(page).to_have_url(f"{site.url}/kiosk")
        page.go_back()
        assert PERSON["document_number"] not in page.content()


def test_a_kiosk_works_without_scripts_ends_by_itself_and_is_out_when_revoked(
    world: World, device: NewDevice
) -> None:
    site, services = world.site, world.site.node.services
    with site.looking(PHONE, "en-US", scripts=False) as page:
        start_kiosk(page, device)
        read_card(page)
        page.get_by_role("button", name=NAME["en"]).click()
        ends = page.locator("meta[http-equiv=refresh]")
        expect(ends).to_have_attribute("content", "60; url=/kiosk/over")
        expect(page.locator(".verdict")).to_contain_text("2 / 3")
        fits(page, "kiosk-form-en-360")
        with services.database.writing() as session:
            writer = DeviceWriter(session, services.keys, services.random_bytes)
            writer.revoke(device.device_id, services.clock())
        page.get_by_role("link", name="More time").click()
        expect(page).to_have_url(f"{site.url}/kiosk/start")
