"""/my, second half: copies, the journal, disputes, agents and the own seal, as people use them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from api_node import uscc
from browser_site import PHONE, Site, usable

from license_vault.clock import civil_date

COMPANY = ("001", uscc("91310114MBDEM0N17"))
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
        assert "不能制作加注件" in page.get_by_role("alert").inner_text()
        assert page.get_by_label("仅供谁使用").input_value() == "演示市甲单位"
        page.get_by_label("有效期至（含当天）").fill(until())
        page.get_by_role("button", name="制作").click()
        assert page.locator("h1").inner_text() == "仅供 演示市甲单位"
        usable(page, "copy-zh-360")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载 PDF").click()
        assert download.value.path().read_bytes().startswith(b"%PDF")
