"""转入 at the console, and conditions: forms filled and sent over HTTP, as without scripts."""

import base64
import html
import json
import re
import secrets
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from approving import Approvers
from console_forms import Form, Officer, told
from drawn_pages import picture

from api.authentication import read_scopes
from license_vault.api_clients import ApiClientWriter
from license_vault.license_identifier import compose

ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-转入",
}
INDUSTRY = "11310000MBDEM00076008"
OTHER = uscc("91310114MADEM0222")
START = "/console/licenses/transfer-in"
SOON = (date.today() + timedelta(days=30)).isoformat()


@pytest.fixture(scope="module")
def before(node: Node) -> str:
    """A license with a condition that is open, transferred out."""
    conditions = [{"text": "补交检测报告", "due": SOON}]
    issued = node.issue(body=node.body(conditions=conditions)).json()
    path = f"/v1/licenses/{issued['identifier']}/transfer-out"
    headers = {**node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)}
    answer = node.client.post(path, json={"basis": "住所迁出（演示）"}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(issued["identifier"])


def elsewhere() -> str:
    return compose(INDUSTRY, uscc("11330100MBDEM0009"), "A1B2C3D4E5F6G7H8").text


def test_the_license_before_fills_the_form_for_who_may_read_it(node: Node, before: str) -> None:
    city = Officer.logged_in(node, "ti-city", uscc("11310000MBDEM0001"))
    start = city.get(f"{START}?previous={before}")
    form = city.sends(start, START, case_number="ZR-0001")
    assert form.status_code == 200, form.text
    fields = Form(form.text, f"{START}/license").fields
    assert fields["holder.0.name"].startswith("上海")
    assert "holder.0.document_number" not in fields
    assert fields["list.licensed_items"] == "公共浴室\n美容店"
    assert (fields["condition.0.text"], fields["condition.0.due"]) == ("补交检测报告", SOON)
    assert [name for name in fields if re.fullmatch(r"condition\.\d\.text", name)][3:] == [
        "condition.3.text"
    ]
    wrong = city.sends(
        form, f"{START}/license", action="sign", authority_code=JIADING,
        condition__1__text="整改（演示）", condition__3__due="2020-01-01",
    )  # fmt: skip
    said = told(wrong)
    for pointer in ("/authority_code", "/conditions/1/due", "/conditions/2/due", "/basis"):
        assert pointer in said
    assert 'aria-describedby="wrong-conditions-1-due"' in wrong.text
    # Rows that are full make room for more.
    assert "condition.5.text" in Form(wrong.text, f"{START}/license").fields
    # What has no place on the face is told too, in the page.
    long = city.sends(form, f"{START}/license", action="preview", field__address="很长的" * 400)
    assert long.status_code == 200
    assert "/fields/address" in told(long)


def test_what_is_not_transferred_out_or_no_license_is_not_taken_over(
    node: Node, issued: dict[str, Any]
) -> None:
    officer = Officer.logged_in(node, "ti-jiading", JIADING)
    start = officer.get(START)
    refused = officer.sends(start, START, previous=issued["identifier"], case_number="ZR-1")
    assert (refused.status_code, "须先由原发证机关办理转出" in told(refused)) == (422, True)
    refused = officer.sends(start, START, previous="1.2.3", case_number="ZR-1")
    assert (refused.status_code, "应为有效的电子证照标识" in told(refused)) == (422, True)
    assert START in officer.get("/console/licenses").text


@pytest.fixture
def approvers(node: Node) -> Approvers:
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        scopes = read_scopes(f"{EVERYTHING} items:define")
        made = writer.add(FENGXIAN, "transfer-pages", scopes, node.services.clock())
    node.credentials["transfer-pages"] = (made.client_id, made.secret)
    officers = Approvers(node.services.database, node.services.keys, node.services.clock())
    officers.add_officer("ti-wei", FENGXIAN)
    path, headers = f"/v1/items/{quote(ITEM['code'])}", node.auth("transfer-pages")
    assert node.client.put(path, json=ITEM, headers=headers).status_code == 200
    return officers


def test_a_license_is_taken_over_signed_and_its_condition_fulfilled(
    node: Node, before: str, approvers: Approvers
) -> None:
    officer = Officer.logged_in(node, "ti-wei", FENGXIAN)
    start = officer.get(START)
    form = officer.sends(
        start, START, previous=before, item_code=ITEM["code"], case_number="ZR-0002"
    )
    # Another district's license is not read here: the holder is typed.
    assert "照原证照填写" in told(form)
    body = node.body()
    (holder,) = body["holders"]
    form = officer.sends(
        form, f"{START}/license", action="preview", number=body["number"], basis=body["basis"],
        valid_from="2026-03-19", valid_until="2030-03-18",
        holder__0__name=holder["name"], holder__0__document_number=holder["document_number"],
        holder__0__kind=holder["kind"], holder__0__document_type=holder["document_type"],
        field__legal_representative="王五", field__address="演示路 9 号",
        list__licensed_items="公共浴室",
        condition__1__text="补交检测报告", condition__1__due=SOON,
    )  # fmt: skip
    assert "data:image/png" in form.text
    assert "wrong" not in form.text.split("</form>")[1]
    # Who holds it is known once it is transferred out: that it is another is told before the sheet.
    another = officer.sends(
        form, f"{START}/license", action="sign", holder__0__document_number=OTHER
    )
    assert "license-not-transferred" in another.text
    sheet = officer.sends(form, f"{START}/license", action="sign")
    message = re.search(r'id="message"[^>]*>(.*?)</pre>', sheet.text, re.DOTALL)
    assert message, sheet.text
    assert before in told(sheet)
    signature = approvers.sign("ti-wei", html.unescape(message[1]).encode())
    made = officer.sends(sheet, "/console/sign", signature=base64.b64encode(signature).decode())
    assert made.status_code == 303, told(made)
    page = officer.get(made.headers["location"])
    assert "已送达" in told(page)
    assert before in told(page)
    _fulfilled(officer, page, made.headers["location"].split("?")[0])


def _fulfilled(officer: Officer, page: Any, place: str) -> None:
    """Record the condition as fulfilled, upon evidence; what is none is told."""
    action = f"{place}/conditions/1"
    assert "补交检测报告" in told(page)
    assert "待履行" in told(page)
    text = {"evidence": ("x.txt", b"no picture")}
    refused = officer.sends(page, action, files=text, basis="窗口核对（演示）")
    assert (refused.status_code, "不能作为佐证材料" in told(refused)) == (422, True)
    assert "窗口核对（演示）" in refused.text
    done = officer.sends(refused, action, files={"evidence": ("x.png", picture())})
    assert done.status_code == 303, told(done)
    after = officer.get(done.headers["location"])
    assert "已办理：条件已履行" in told(after)
    assert "待履行" not in told(after)
    # That it would have been suspended stays in its history, and that it will not be.
    assert told(after).count("不再发生") == 1
    assert action not in after.text


def test_parts_are_typed_and_nothing_is_lost_on_the_way_back(node: Node) -> None:
    officer = Officer.logged_in(node, "ti-parts", JIADING)
    start = officer.get(START)
    form = officer.sends(start, START, previous=elsewhere(), case_number="ZR-0003")
    body = node.body("integrated-industry")
    (holder,) = body["holders"]
    first, second = body["parts"][:2]
    form = officer.sends(
        form, f"{START}/license", action="sign", number=body["number"], basis=body["basis"],
        valid_from="2026-03-20", long_term="1",
        holder__0__name=holder["name"], holder__0__document_number=holder["document_number"],
        field__legal_representative="赵某", field__premises="演示街 18 号", field__industry="饭店",
        part__0__kind=f"{first['code']} {first['name']}", part__0__number=first["number"],
        part__0__valid_from="2026-03-20", part__0__valid_until="2031-03-19",
        part__2__kind=f"{second['code']} {second['name']}", part__2__number="N-2",
        part__2__authority_code=FENGXIAN, part__2__valid_from="2026-03-20", part__2__long_term="1",
    )  # fmt: skip
    assert 'aria-describedby="wrong-parts-1-authority_code"' in form.text
    assert "机构不存在，或不在您的机构及其下级之内" in told(form)
    sheet = officer.sends(form, f"{START}/license", action="sign", part__1__gone="1")
    assert first["number"] in told(sheet)
    back = officer.sends(sheet, f"{START}/license")
    again = Form(back.text, f"{START}/license").fields
    assert [again[f"part.{i}.kind"] for i in (0, 1)] == [f"{first['code']} {first['name']}", ""]
    assert again["part.0.authority_code"] == JIADING
    assert again["holder.0.document_number"] == holder["document_number"]
    assert (again["long_term"], again["field.premises"]) == ("1", "演示街 18 号")
    made = officer.sends(officer.sends(back, f"{START}/license", action="sign"), "/console/sign")
    assert made.status_code == 303, told(made)
    assert first["name"] in told(officer.get(made.headers["location"]))
