"""A partner region's license: verified, in a case, at the window and at a kiosk.

Before the regions know each other its file is not trusted, and before their lists were had it
cannot be judged; then it has region, verdict and decision.

The node of these tests is a region of its own with a partner, so it is not the one that other
files share.
"""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from acquainted_regions import acquaint
from api_node import EXAMPLES, SHANGHAI, Node, build_node
from browser_site import DESK, PHONE, Site, fits, serving, usable
from pdf_pages import words_of
from playwright.sync_api import Browser, Page, expect
from two_regions import A_REGION, A_URL, B_REGION, NANJING, NANJING_PLACE, Regions, RegionWeb
from verify_page import first_screen, upload

from api.pages.kiosk import person as kiosk_person
from license_vault.access.requests import AccessRequestWriter, AccessWish
from license_vault.cases.item_definition import read_item_definition
from license_vault.cases.needs import ItemNeedsWriter
from license_vault.clock import civil_date
from license_vault.partners.web import origin_of
from license_vault.presenting.devices import DeviceWriter
from license_vault.sharing.publishing import SharingPublisher
from signing.sealed_json.sharing_document import SharingKind

HELD = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))["holders"][0]
HYGIENE = "11310000MBDEM00076002"
CODE, CASE = "演示事项-外地证照", "NJ-页面-0001"
NAME = {"zh": "外地企业开办旅馆（演示）", "en": "A hotel of another province (demonstration)"}
PERMIT = {"zh": "公共场所卫生许可证", "en": "Hygiene permit"}
ITEM = {
    "schema": "license-vault/item/1",
    "code": CODE,
    "name": NAME,
    "mode": "sole",
    "needs": [{"key": "hygiene", "name": PERMIT, "types": [HYGIENE], "required": True}],
    "form": [
        {
            "key": "permit",
            "label": {"zh": "卫生许可证号", "en": "Number of the permit"},
            "sources": [{"type": HYGIENE, "path": "/number"}],
        }
    ],
    "results": [],
}


@dataclass(frozen=True)
class World:
    """Nanjing's site, and a file of Shanghai that its holder has."""

    site: Site
    file: Path
    number: str

    def list_for(self, *items: str) -> None:
        """Let the use list have hygiene permits of Shanghai for some items."""
        accepts = {"key": "hygiene", "name": PERMIT, "types": [HYGIENE], "fields": ["/number"]}
        listed = [
            {"item": code, "name": NAME, "accepts": [{**accepts, "regions": [A_REGION]}]}
            for code in items
        ]
        services = self.site.node.services
        with services.database.writing() as session:
            publisher = SharingPublisher(session, B_REGION, services.signer)
            publisher.publish(
                SharingKind.USE_LIST, {"items": listed}, "operator:test", services.clock()
            )


@dataclass(frozen=True)
class Meeting:
    """Both regions, the one that people look at, and the license of the other."""

    regions: Regions
    site: Site
    file: Path
    number: str


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Meeting]:
    """Two regions that know nothing of each other."""
    home, web = tmp_path_factory.mktemp("partner-pages"), RegionWeb()
    here = {"place": NANJING_PLACE, "web": web, "region": {"code": B_REGION}}
    a = build_node(home / "a", place=SHANGHAI, web=web, region={"code": A_REGION}, public_url=A_URL)
    with serving(home / "b", **here) as served:
        b = served.node
        web.clients = {origin_of(A_URL).host: a.client}
        body = a.body()
        made = a.issue(body=body)
        assert made.status_code == 201, made.text
        path = f"/v1/licenses/{made.json()['identifier']}/file?form=ofd"
        (file := home / "上海卫生许可证.ofd").write_bytes(
            a.client.get(path, headers=a.auth("jiading")).content
        )
        site = Site(b, served.url, served.provider, browser)
        yield Meeting(Regions(a, b, web), site, file, body["number"])
        a.services.close()


@pytest.fixture(scope="module")
def acquainted(strangers: Meeting) -> Meeting:
    """Two regions that accept each other, and have none of each other's lists yet."""
    acquaint(strangers.regions)
    return strangers


@pytest.fixture(scope="module")
def world(acquainted: Meeting) -> World:
    regions = acquainted.regions
    regions.a.services.status.publish()
    regions.b.services.partners.pull.run_region(A_REGION)
    put_item(regions.b)
    return World(acquainted.site, acquainted.file, acquainted.number)


def put_item(node: Node) -> None:
    services, at = node.services, node.services.clock()
    wish = AccessWish(CODE, HYGIENE, kiosk_person._PURPOSE, "演示")
    with services.database.writing() as session:
        ItemNeedsWriter(session).put(read_item_definition(ITEM, None), "operator:test", at)
        writer = AccessRequestWriter(session, services.keys, at)
        asked = writer.ask(NANJING, wish, "client:jiangsu", secrets.token_bytes)
        writer.grant(asked, civil_date(at), "operator:test")


# These two stand before all that need the lists of the partner.


def test_a_file_of_a_region_that_nobody_knows_is_not_trusted(strangers: Meeting) -> None:
    with strangers.site.looking(PHONE) as page:
        upload(page, strangers.file, CODE)
        told = first_screen(page)
        assert list(told) == ["sentence", "状态", "办事", "下一步"]
        assert "不可信：本地区不认可制作印章的机构" in told["sentence"]
        assert "先不据此办理" in told["下一步"]
        expect(page.locator("#answer h2", has_text="未经证实")).to_have_count(1)
        usable(page, "verify-untrusted-zh-360")
        page.locator("#answer a[href^='/verify/receipts/']").last.click()
        page.wait_for_url("**/verify/receipts/*")
        expect(page.locator("h2", has_text="未经证实")).to_have_count(1)
        fits(page, "verify-untrusted-receipt-zh-360")
        assert "文件自称" in words_of(page.request.get(f"{page.url}/pdf").body())


def test_what_cannot_be_judged_without_the_partners_lists_says_so(acquainted: Meeting) -> None:
    with acquainted.regions.web.without(A_URL), acquainted.site.looking(DESK, "en") as page:
        upload(page, acquainted.file)
        told = first_screen(page)
        # Who sealed it is known, so what it says is told beside what is not known.
        assert list(told) == ["sentence", "License", "Holder", "Valid until", "State", "Next"]
        assert told["State"] == "not known"
        assert "Cannot be determined" in told["sentence"]
        assert "the list is not at hand" in told["sentence"]
        expect(page.locator(".checks.four")).to_contain_text("Nothing was at hand")
        expect(page.locator("figcaption").first).to_contain_text("As sealed")
        usable(page, "verify-indeterminate-en-1440")
        page.set_viewport_size(PHONE)
        page.evaluate("document.getElementById('answer').scrollIntoView()")
        assert first_screen(page).keys() == told.keys()
        fits(page, "verify-indeterminate-en-360")


def test_a_partners_file_says_region_verdict_and_decision_in_a_case_and_at_the_window(
    world: World,
) -> None:
    site = world.site
    world.list_for("另一事项")
    both = site.officer(
        "partner-pages", "license-officer", "approval-officer", organisation=NANJING
    )
    with site.logged_in(both, "/console/cases/new", DESK) as page:
        bring_to_a_case(page, world)
        usable(page, "partner-case-manual-zh-1440")
        needs = page.locator("section[aria-labelledby=needs]")
        for said in ("0 / 1", "上海市 310000", "有效", "人工核验", "用证清单没有此事项"):
            expect(needs).to_contain_text(said)
        page.get_by_role("link", name="报告").click()
        expect(page.locator("#main")).to_contain_text("人工核验 — 证照真实且处于有效状态")
        usable(page, "partner-document-zh-1440")
        page.go_back()
        world.list_for("另一事项", CODE)
        page.reload()
        for said in ("1 / 1", "上海市 310000", "可免交", "用证清单列入本事项"):
            expect(needs).to_contain_text(said)
        expect(page.locator("section[aria-labelledby=form]")).to_contain_text(world.number)
        fits(page, "partner-case-waived-zh-1440")
        page.set_viewport_size(PHONE)
        page.goto(f"{page.url.partition('#')[0]}?lang=en")
        usable(page, "partner-case-waived-en-360")
        page.set_viewport_size(DESK)
        page.goto("/window?lang=zh")
        at_the_window(page, world)


def bring_to_a_case(page: Page, world: World) -> None:
    page.select_option("#item_code", CODE)
    page.fill("#case_number", CASE)
    page.fill("#name", HELD["name"])
    page.fill("#document_number", HELD["document_number"])
    page.locator("#main button[type=submit]").click()
    page.wait_for_url(re.compile(r"/console/cases/[0-9a-z]{10,}"))
    page.set_input_files("#file", world.file)
    page.get_by_role("button", name="核验并收入办件").click()
    page.wait_for_url(re.compile("#documents"))


def at_the_window(page: Page, world: World) -> None:
    page.get_by_label("事项").select_option(CODE)
    page.get_by_label("办件编号").fill(CASE)
    page.get_by_text("没有码").click()
    page.locator("#file").set_input_files(world.file)
    page.wait_for_selector(".held")
    expect(page.locator(".answer h2")).to_contain_text("可免交 1 / 1")
    for said in ("可免交", "上海市 310000", "证照真实且处于有效状态", "用证清单列入本事项"):
        expect(page.locator(".held")).to_contain_text(said)
    usable(page, "partner-window-zh-1440")


def test_a_license_that_was_taken_in_fills_the_form_at_a_kiosk(world: World) -> None:
    site, services = world.site, world.site.node.services
    world.list_for(CODE)
    holder = site.holder("partner-holder", HELD["document_type"], HELD["document_number"])
    with site.logged_in(holder, "/my/me/partners", PHONE) as page:
        page.set_input_files("input[type=file]", world.file)
        page.locator("form:has(input[type=file]) button[type=submit]").click()
        page.locator(".cards .license").wait_for()
        expect(page.locator(".cards")).to_contain_text("上海市 310000")
        usable(page, "partner-my-zh-360")
    with services.database.writing() as session:
        writer = DeviceWriter(session, services.keys, services.random_bytes)
        device = writer.add(NANJING, "大厅 7 号机", services.clock())
    with site.looking(DESK) as page:
        fill_at_a_kiosk(page, (device.device_id, device.secret))
        expect(page.locator(".verdict")).to_contain_text("1 / 1")
        expect(page.locator("#main")).to_contain_text(re.compile("(上海市 310000.*){3}", re.DOTALL))
        expect(page.locator("#main")).to_contain_text(world.number)
        usable(page, "partner-kiosk-waived-zh-1440")
        world.list_for("另一事项")
        page.reload()
        expect(page.locator(".verdict")).to_contain_text("0 / 1")
        expect(page.locator("#main")).to_contain_text("人工核验")
        expect(page.locator("#main")).not_to_contain_text(world.number)
        fits(page, "partner-kiosk-manual-zh-1440")
        page.set_viewport_size(PHONE)
        fits(page, "partner-kiosk-manual-zh-360")


def fill_at_a_kiosk(page: Page, credentials: tuple[str, str]) -> None:
    page.goto("/kiosk")
    page.locator("#device_id").fill(credentials[0])
    page.locator("#device_secret").fill(credentials[1])
    page.get_by_role("button").last.click()
    page.locator("#document_type").select_option(HELD["document_type"])
    page.locator("#document_number").fill(HELD["document_number"])
    page.locator("#name").fill(HELD["name"])
    page.locator("#name").press("Enter")
    page.get_by_role("button", name=NAME["zh"]).click()
