"""A holder looks at licenses, downloads them, and shows them to a window; alone or for others."""

import secrets
from datetime import date, timedelta

import pytest
from api_node import uscc
from browser_site import PHONE, Site, usable

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


def test_a_holder_sees_cards_and_downloads(site: Site, people: People) -> None:
    with site.logged_in(people.name, "/my", PHONE) as page:
        assert page.locator(".card.license").count() == 1
        usable(page, "my-cards-zh-360")
        page.locator(".card.license h2 a").click()
        usable(page, "my-license-zh-360")
        with page.expect_download() as waited:
            page.get_by_role("link", name="PDF").click()
        assert waited.value.suggested_filename.endswith(".pdf")
        page.get_by_role("link", name="上海示例亮证浴室").click()
        assert "补交" not in page.locator("h1").inner_text()
        usable(page, "my-company-zh-360")
        page.locator(".card.license h2 a").click()
        page.get_by_role("button", name="登记打印件").click()
        usable(page, "my-print-zh-360")
