"""A holder looks at licenses, downloads them, and shows them to a window; alone or for others."""

import secrets
from datetime import date, timedelta

import pytest
from api_node import uscc
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import expect

from api.use_header import written_use
from license_vault.access.use import Use

# Of a picture, once it is drawn.
WIDTH = "image => image.decode().then(() => image.naturalWidth)"
PERSON_NUMBER = "310114199003073860"
PERSON = {
    "kind": "natural_person",
    "name": "欧阳亮证",
    "document_type": "111",
    "document_number": PERSON_NUMBER,
}
COMPANY = {
    "kind": "legal_person",
    "name": "上海示例亮证浴室有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0881"),
}


class People:
    """A person with a license, who represents an enterprise with another."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.name = site.holder("my-holder", "111", PERSON_NUMBER)
        self.own = self._issue("constructor-registration", PERSON, number="沪2312023202688001")
        due = (date.today() + timedelta(days=20)).isoformat()
        self.company = self._issue(
            "public-place-hygiene", COMPANY, conditions=[{"text": "补交检测报告", "due": due}]
        )
        agent = {name: PERSON[name] for name in ("name", "document_type", "document_number")}
        handle = self.company["holders"][0]
        answer = site.node.client.post(
            f"/v1/holders/{handle}/representations",
            json={"agent": agent, "license": self.company["identifier"], "evidence": "证照载明"},
            headers=self._keyed(),
        )
        assert answer.status_code == 201, answer.text

    def _keyed(self) -> dict[str, str]:
        return {**self.site.node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)}

    def _issue(self, name: str, holder: dict[str, str], **changes: object) -> dict:
        answer = self.site.node.issue(body=self.site.node.body(name, holders=[holder], **changes))
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def people(site: Site) -> People:
    return People(site)


def scanned(site: Site, code: str) -> None:
    """A window scans a code."""
    use = Use("", "clerk-7", "公共场所卫生许可延续", "310114-0001", "C-2026-9", "免交纸质证照")
    answer = site.node.client.post(
        "/v1/presentations/resolution",
        json={"code": code},
        headers={
            **site.node.auth("jiading"),
            "License-Use": written_use(use),
            "Idempotency-Key": secrets.token_hex(8),
        },
    )
    assert answer.status_code == 200, answer.text


def test_a_holder_sees_cards_downloads_and_prints_also_for_a_company(
    site: Site, people: People
) -> None:
    with site.logged_in(people.name, "/my", PHONE) as page:
        expect(page.locator(".card.license")).to_have_count(1)
        expect(page.locator(".todo")).to_contain_text("目前无需办理")
        usable(page, "my-cards-zh-360")
        page.locator(".card.license h2 a").click()
        expect(page.get_by_text("首次下载即为签收")).to_be_visible()
        with page.expect_download() as waited:
            page.get_by_role("link", name="PDF").click()
        assert waited.value.suggested_filename.endswith(".pdf")
        page.reload()
        expect(page.get_by_text("首次下载即为签收")).to_be_hidden()
        assert page.locator("img.face").evaluate(WIDTH) > 1000
        usable(page, "my-license-zh-360")
        page.get_by_role("link", name=COMPANY["name"]).click()
        expect(page.locator(".notice.warning ul")).to_contain_text("完成承诺事项")
        fits(page, "my-company-zh-360")
        page.locator(".card.license h2 a").click()
        page.get_by_role("button", name="登记打印件").click()
        assert page.locator("img.qr").evaluate(WIDTH) > 0
        fits(page, "my-print-zh-360")


def test_licenses_are_shown_once_and_the_page_says_to_whom(site: Site, people: People) -> None:
    with site.logged_in(people.name, "/my/me/show", DESK, "en") as page:
        page.get_by_role("link", name="Also offer licenses").click()
        expect(page.locator("fieldset")).to_have_count(2)
        page.fill("#recipient", "District service centre")
        page.fill("#purpose", "To renew a permit")
        page.get_by_role("button", name="Consent and make the code").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#recipient")).to_have_value("District service centre")
        for box in page.locator("legend input").all():
            box.check()
        usable(page, "my-show-en-1440")
        page.get_by_role("button", name="Consent and make the code").click()
        assert 0 < int(page.locator("#seconds").inner_text()) <= 300
        assert page.locator("img.qr").evaluate(WIDTH) > 0
        usable(page, "my-shown-waiting-en-1440")
        scanned(site, page.locator(".code code").inner_text())
        page.get_by_role("heading", name="Shown").wait_for()
        expect(page.get_by_text("上海市嘉定区行政审批局（演示）").first).to_be_visible()
        expect(page.get_by_text("免交纸质证照")).to_be_visible()
        with page.expect_download() as waited:
            page.get_by_role("link", name="Download the signed receipt").click()
        assert "presenting-receipt" in waited.value.suggested_filename
        fits(page, "my-shown-en-1440")
        page.goto("/my")
        expect(page.get_by_text("免交纸质证照")).to_be_visible()
        fits(page, "my-cards-en-1440")
        page.locator(".card.license h2 a").click()
        expect(page.get_by_role("heading", name="Who used it last")).to_be_visible()
        fits(page, "my-license-en-1440")


def test_without_scripts_a_code_is_made_and_taken_back_and_a_file_refused(
    site: Site, people: People
) -> None:
    with site.logged_in(people.name, "/my/me/show", PHONE, scripts=False) as page:
        page.get_by_role("button", name="同意并生成二维码").click()
        box = page.locator("img.qr").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE["height"]
        fits(page, "my-shown-waiting-zh-360")
        page.get_by_role("button", name="撤回").click()
        expect(page.locator("h1")).to_contain_text("已撤回")
        page.goto("/my/me/partners")
        page.set_input_files(
            "#file", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"no license"}
        )
        page.get_by_role("button", name="核验并收入").click()
        expect(page.get_by_role("alert")).to_contain_text("不是可核验的文件")
        fits(page, "my-partners-zh-360")


def test_who_has_nothing_here_is_told_so(site: Site) -> None:
    stranger = site.holder("my-stranger", "111", "310114199003073879")
    with site.logged_in(stranger, "/my", PHONE, "en") as page:
        expect(page.get_by_text("No license was issued here")).to_be_visible()
        fits(page, "my-nothing-en-360")
        answer = page.goto("/my/0123456789abcdefghjkmnpqrs")
        assert answer is not None
        assert answer.status == 404
