"""一件事 at the console: licenses of a case put together, signed, and issued all or none.

One officer plays it with the own key in the browser; then a case of the city goes to officers of
two districts without scripts, is refused for one license, and none of it is issued before.
"""

import base64
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from api_node import CITY, EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from approving import Approvers
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import Page

from api import wiring
from api.authentication import read_scopes
from license_vault.api_clients import ApiClientWriter
from license_vault.approvals.approvals import ApprovedCase
from license_vault.issuing.license_request import request_digest

HYGIENE, FOOD = "11310000MBDEM00076002", "11310000MBDEM00076004"
ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-页面一件事",
    "name": {"zh": "开办餐饮浴室一件事（演示）", "en": "Opening a bath with a kitchen (demo)"},
    "needs": [],
    "form": [],
    "results": [HYGIENE, FOOD],
}
COMPANY = {
    "name": "上海示例一件事沐浴餐饮有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0777"),
}
BASIS = "《优化营商环境条例》第十九条（演示）"
SAYS = {
    HYGIENE: json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8")),
    FOOD: json.loads((EXAMPLES / "food-business.json").read_text("utf-8")),
}


@dataclass(frozen=True)
class Counter:
    """The site, its officers with keys of their own, and cases that are decided."""

    site: Site
    officers: Approvers

    def approved(self, number: str, who: str, officer: str) -> str:
        """The page of a case that was opened and decided 准予."""
        body = {"item_code": ITEM["code"], "case_number": number, "holders": [COMPANY]}
        case = self._post("/v1/cases", body, who)["case"]
        decision = {"outcome": "准予", "basis": BASIS}
        digest = request_digest(decision)
        signed = self.officers.signed(ApprovedCase(number, ITEM["code"], digest), officer, "decide")
        self._post(f"/v1/cases/{case}/decision", {**decision, "approvals": [signed]}, who)
        return f"/console/cases/{case}"

    def _post(self, path: str, body: Any, who: str) -> Any:
        headers = {**self.site.node.auth(who), "Idempotency-Key": secrets.token_hex(8)}
        answer = self.site.node.client.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def sign_what_is_theirs(self, page: Page, officer: str) -> None:
        """Bring the signatures that an officer's tool makes of what the page shows."""
        for message in page.locator("[data-signed-in]").all():
            place = message.get_attribute("data-signed-in")
            made = self.officers.sign(officer, (message.text_content() or "").encode())
            message.locator("xpath=ancestor::details").locator("summary").click()
            page.fill(f"[id={place}]", base64.b64encode(made).decode())


@pytest.fixture(scope="module")
def counter(site: Site) -> Counter:
    node = site.node
    _client(node, "package-pages", JIADING)
    _client(node, "package-pages-city", CITY)
    officers = Approvers(node.services.database, node.services.keys, wiring.clock())
    for name, organisation in (("pkg-zhao", JIADING), ("pkg-qian", FENGXIAN)):
        officers.add_officer(name, organisation)
        site.officer(name, "approval-officer", organisation=organisation)
    site.officer("pkg-city", "approval-officer", organisation=CITY)
    path = f"/v1/items/{quote(ITEM['code'])}"
    put = node.client.put(path, json=ITEM, headers=node.auth("package-pages"))
    assert put.status_code == 200, put.text
    return Counter(site, officers)


def _client(node: Node, name: str, organisation: str) -> None:
    with node.services.database.writing() as session:
        scopes = read_scopes(f"{EVERYTHING} cases:handle items:define")
        made = ApiClientWriter(session, node.services.keys, node.services.random_bytes).add(
            organisation, name, scopes, wiring.clock()
        )
    node.credentials[name] = (made.client_id, made.secret)


def fill(page: Page, type_code: str, number: str) -> None:
    """Type what the example of a type says."""
    says = SAYS[type_code]
    page.fill("#number", number)
    page.fill("#valid_from", says["valid_from"])
    page.fill("#valid_until", says["valid_until"])
    for key, value in says["fields"].items():
        if isinstance(value, list):
            page.fill(f"[id='list.{key}']", "\n".join(value))
        elif page.locator(f"select[id='field.{key}']").count():
            page.select_option(f"[id='field.{key}']", value)
        else:
            page.fill(f"[id='field.{key}']", value)


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).first.click()


def test_one_officer_issues_all_at_once(counter: Counter, tmp_path: Path) -> None:
    key = tmp_path / "officer.pem"
    key.write_text(counter.officers.private_key_pem("pkg-zhao"))
    case = counter.approved("一件事-页面-0001", "package-pages", "pkg-zhao")
    with counter.site.logged_in("pkg-zhao", case, DESK) as page:
        page.get_by_role("link", name="一件事：成组制证").click()
        fits(page, "package-begun-zh-1440")
        press(page, re.compile("下一步：签字"))
        assert "还不能签字" in page.locator("#refused").inner_text()
        _fill_each(page)
        usable(page, "package-ready-zh-1440")
        press(page, re.compile("下一步：签字"))
        page.set_input_files("#key-file", key)
        page.wait_for_function("document.getElementById('signature-1').value.length > 60")
        fits(page, "package-sign-zh-1440")
        press(page, "签字；签齐后全部制证")
        page.wait_for_url(re.compile(r"/console/packages/.*made=1"))
        assert "全部 2 份证照已用印并送达" in page.locator("#answer").inner_text()
        usable(page, "package-made-zh-1440")
        page.set_viewport_size(PHONE)
        fits(page, "package-made-zh-360")
        page.get_by_role("link", name="一件事-页面-0001").click()
        assert page.get_by_role("link", name="一次制发的 2 份证照").is_visible()
        assert page.get_by_role("button", name="办结").is_visible()
        fits(page, "package-case-zh-360")


def _fill_each(page: Page) -> None:
    """Fill one in unfinished, leave it out, add it again; then both in full."""
    press(page, re.compile("^填写 1"))
    page.fill("#number", "沪嘉卫公证字〔2026〕第777001号")
    press(page, "稍后再填，先放回")
    assert "沪嘉卫公证字〔2026〕第777001号" in page.locator("#package").inner_text()
    press(page, re.compile("^移出，不制发 1"))
    assert page.locator(".package-license").count() == 1
    page.select_option("#type_code", HYGIENE)
    press(page, "加入")
    press(page, re.compile("^填写 1"))
    usable(page, "package-license-zh-1440")
    press(page, "填好，放回一件事")
    assert page.locator("#wrong-number").is_visible()
    fill(page, FOOD, "JY23101140077701")
    press(page, "填好，放回一件事")
    press(page, re.compile("^填写 2"))
    fill(page, HYGIENE, "沪嘉卫公证字〔2026〕第777001号")
    press(page, "填好，放回一件事")
    assert page.get_by_text("填写完整").count() == 2


def test_officers_of_two_districts_sign_without_scripts(counter: Counter, tmp_path: Path) -> None:
    taken = "沪嘉卫公证字〔2026〕第777003号"
    body = counter.site.node.body(number=taken)
    assert counter.site.node.issue("jiading", body).status_code == 201
    case = counter.approved("一件事-页面-0002", "package-pages-city", "pkg-zhao")
    with counter.site.logged_in("pkg-city", case, PHONE, "en", scripts=False) as page:
        page.get_by_role("link", name="Issue as a package").click()
        for at, (code, authority, number) in enumerate(
            (
                (HYGIENE, JIADING, taken),
                (FOOD, FENGXIAN, "JY23101140077701"),
            ),
            1,
        ):
            press(page, re.compile(f"^Fill in {at}"))
            fill(page, code, number)
            page.fill("#authority_code", authority)
            press(page, "Done: back to the package")
        fits(page, "package-ready-en-360")
        press(page, re.compile("Next: sign"))
        fits(page, "package-for-others-en-360")
        handed = _download(page, tmp_path / "1.json")
    handed = _signed_by(counter, "pkg-zhao", handed, tmp_path / "2.json")
    handed = _signed_by(counter, "pkg-qian", handed, tmp_path / "3.json")
    with counter.site.logged_in("pkg-city", "/console/sign", PHONE, "en") as page:
        _bring(page, handed)
        press(page, "Confirm: issue all")
        assert "License 1" in page.locator("#refused").inner_text()
        assert "No license was issued" in page.locator("#refused").inner_text()
        usable(page, "package-refused-en-360")
        press(page, "← Back to the licenses, without signing")
        press(page, re.compile("^Change 1"))
        page.fill("#number", "沪嘉卫公证字〔2026〕第777002号")
        press(page, "Done: back to the package")
        # Who signed the other license need not sign again.
        assert page.get_by_text("signed: pkg-qian").is_visible()
        assert page.get_by_text("signed: pkg-zhao").count() == 0
        fits(page, "package-mended-en-360")
        press(page, re.compile("Next: sign"))
        handed = _download(page, tmp_path / "4.json")
    handed = _signed_by(counter, "pkg-zhao", handed, tmp_path / "5.json")
    with counter.site.logged_in("pkg-city", "/console/sign", PHONE, "en") as page:
        _bring(page, handed)
        press(page, "Confirm: issue all")
        page.wait_for_url(re.compile(r"/console/packages/.*made=1"))
        assert "All 2 licenses are sealed" in page.locator("#answer").inner_text()
        fits(page, "package-made-en-360")


def _bring(page: Page, file: Path) -> None:
    page.set_input_files("#file", file)
    page.locator("#main form button[type=submit]").first.click()


def _download(page: Page, file: Path) -> Path:
    with page.expect_download() as got:
        press(page, re.compile("Download the file|下载待核准文件"))
    got.value.save_as(file)
    return file


def _signed_by(counter: Counter, officer: str, file: Path, to: Path) -> Path:
    """Log in as an officer, bring a package, sign what is theirs, and pass it on."""
    with counter.site.logged_in(officer, "/console/sign", PHONE, scripts=False) as page:
        _bring(page, file)
        assert page.get_by_text("待您签字").count() == 1
        counter.sign_what_is_theirs(page, officer)
        fits(page, f"package-brought-{officer}-zh-360")
        press(page, re.compile("^签字"))
        fits(page, f"package-handed-{officer}-{to.stem}-zh-360")
        return _download(page, to)
