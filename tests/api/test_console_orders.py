"""Orders and decisions at the console: typed, taken back, refused, sent; as without scripts."""

import json
import secrets
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from console_forms import Form, Officer, told

from api import wiring
from api.authentication import read_scopes
from license_vault.api_clients import ApiClientWriter
from license_vault.holding.journal import JournalReader
from license_vault.registry.holders import Holders
from license_vault.registry.registry import Registry

ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-页面指令",
}
COMPANY = {
    "kind": "legal_person",
    "name": "上海示例指令餐饮有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0444"),
}


def _day(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def composite(node: Node) -> dict[str, Any]:
    """A composite license whose second part is suspended."""
    body = node.body("integrated-industry", holders=[COMPANY], number="沪嘉综许〔2026〕第444001号")
    issued = node.issue(body=body)
    assert issued.status_code == 201, issued.text
    path = f"/v1/licenses/{issued.json()['identifier']}/parts/2/suspension"
    headers = {**node.auth("jiading"), "Idempotency-Key": secrets.token_hex(8)}
    suspended = node.client.post(path, json={"basis": "责令改正（演示）"}, headers=headers)
    assert suspended.status_code == 200, suspended.text
    return {**issued.json(), "asked": body["parts"]}


def test_parts_are_typed_in_an_order_and_a_refusal_leads_back_to_them(
    node: Node, composite: dict[str, Any]
) -> None:
    officer = Officer.logged_in(node, "or-parts", JIADING)
    path = f"/console/licenses/{composite['identifier']}/orders/change"
    form = officer.get(path)
    fields = Form(form.text, path).fields
    asked = composite["asked"]
    assert [fields[f"part.{i}.number"] for i in range(6)] == [
        *(part["number"] for part in asked),
        "",
    ]
    assert "暂扣" in told(form).split(asked[1]["number"])[1][:60]
    # What nobody touched is not said: the parts stay as they are.
    same = officer.sends(form, path, case_number="OR-0001", field__industry="便利店")
    assert asked[0]["number"] not in told(same)
    more = officer.sends(form, path, action="rows", part__5__number="N-6", reason="增加分项")
    assert "part.8.number" in Form(more.text, path).fields
    liquor = "liquor-retail 酒类商品零售许可"
    wrong = officer.sends(
        more, path, case_number="OR-0001", part__0__gone="1", part__5__kind=liquor,
        part__5__valid_from="2026-03-20", part__5__valid_until="2031-03-19",
        part__5__authority_code=uscc("11330100MBDEM0009").lower(),
        part__1__valid_until="2020-01-01",
    )  # fmt: skip
    # Nobody signs what would be refused: it is told at its line, with all that was typed.
    assert 'aria-describedby="wrong-parts-0-valid_until"' in wrong.text
    again = Form(wrong.text, path).fields
    assert (again["case_number"], again["reason"]) == ("OR-0001", "增加分项")
    assert again["part.4.authority_code"] == uscc("11330100MBDEM0009")
    part = {"part__0__valid_until": "2032-03-19", "part__4__authority_code": ""}
    assert 'src="data:image/png;base64,' in wrong.text
    assert "img-src 'self' data:" in wrong.headers["content-security-policy"]
    ready = officer.sends(wrong, path, **part)
    # What was right when it was typed may be refused when it is sent.
    late = Form(ready.text, "/console/sign").fields["draft"].replace("2032-03-19", "2020-01-01")
    refused = officer.sends(ready, "/console/sign", draft=late)
    assert (refused.status_code, "/parts/0/valid_until" in told(refused)) == (422, True)
    back = officer.sends(refused, path)
    assert 'aria-describedby="wrong-parts-0-valid_until"' in back.text
    made = officer.sends(officer.sends(back, path, **part), "/console/sign")
    assert made.status_code == 303, told(made)
    page = told(officer.get(made.headers["location"]))
    assert "食品经营许可" not in page
    assert "酒类商品零售许可" in page
    assert "2032-03-19" in page


@pytest.mark.parametrize(
    ("verb", "typed"),
    [
        ("suspension", {"until": _day(90), "reason": "逾期未改"}),
        ("cancellation", {"reason": "2"}),
        ("change", {"holder.0.name": "乙", "list.licensed_items": "公共浴室\n茶座"}),
    ],
)
def test_an_order_that_was_not_signed_is_typed_over(
    node: Node, issued: dict[str, Any], verb: str, typed: dict[str, str]
) -> None:
    officer = Officer.logged_in(node, "or-back", JIADING)
    path = f"/console/licenses/{issued['identifier']}/orders/{verb}"
    typed = {"basis": "依据（演示）", "case_number": "OR-0002", **typed}
    sheet = officer.sends(officer.get(path), path, **typed)
    assert "确认提交" in told(sheet)
    again = Form(officer.sends(sheet, path).text, path).fields
    assert {name: again.get(name, "") for name in typed} == typed


@pytest.mark.parametrize(
    ("verb", "typed", "place"),
    [
        ("suspension", {"until": "2020-01-01", "reason": "逾期未改"}, "/until"),
        ("revalidation", {"record.year": "26", "record.by": "演示局"}, "/record/year"),
        ("resumption", {}, "transition-not-allowed"),
        ("change", {"valid_until": "2020-01-01"}, "/valid_until"),
    ],
)
def test_what_an_order_is_refused_for_is_told_before_it_is_signed(
    node: Node, issued: dict[str, Any], verb: str, typed: dict[str, str], place: str
) -> None:
    officer = Officer.logged_in(node, "or-wrong", JIADING)
    path = f"/console/licenses/{issued['identifier']}/orders/{verb}"
    typed = {"basis": "依据（演示）", "case_number": "OR-0004", **typed}
    again = officer.sends(officer.get(path), path, **typed)
    assert place in told(again)
    if place.startswith("/"):
        assert f'aria-describedby="wrong{place.replace("/", "-")}"' in again.text
    shown = Form(again.text, path).fields
    assert {name: shown.get(name, "") for name in typed} == typed


def test_typing_an_order_is_one_look_that_its_holder_sees(
    node: Node, composite: dict[str, Any]
) -> None:
    officer = Officer.logged_in(node, "or-looks", JIADING)
    path = f"/console/licenses/{composite['identifier']}/orders/renewal"
    form = officer.get(path)
    seen = _journal_of(node, composite["identifier"])
    # The license and its parts were shown; no file was handed out for it.
    assert {action for action, _ in seen} == {"shown"}
    form = officer.sends(form, path, action="preview", valid_until="2031-03-19")
    assert "data:image/png" in form.text, told(form)
    assert _journal_of(node, composite["identifier"]) == seen
    forged = officer.sends(form, path, action="preview", seen='{"parts": 1}')
    assert forged.status_code == 403


def _journal_of(node: Node, identifier: str) -> list[tuple[str, str]]:
    with node.services.database.reading() as session:
        handle = Registry(session).get(identifier).holders[0]
        holder = Holders(session).by_handle(handle)
        entries = JournalReader(session, node.services.vault).page(holder, 50, None, identifier)
    return [(entry.act.action, entry.act.result) for entry in entries]


@pytest.mark.parametrize(
    "told_back", ["{}", '{"errors": [{"pointer": "/x"}]}', '{"errors": 1}', "x"]
)
def test_what_no_page_here_has_carried_is_refused(
    node: Node, issued: dict[str, Any], told_back: str
) -> None:
    officer = Officer.logged_in(node, "or-forger", JIADING)
    path = f"/console/licenses/{issued['identifier']}/orders/suspension"
    sheet = officer.sends(officer.get(path), path, basis="依据（演示）")
    answer = officer.sends(sheet, path, refused=told_back)
    assert answer.status_code == (200 if told_back == "{}" else 403), told(answer)


def test_a_decision_that_was_not_signed_is_typed_over(node: Node) -> None:
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        scopes = read_scopes(f"{EVERYTHING} items:define")
        made = writer.add(FENGXIAN, "order-pages", scopes, wiring.clock())
    node.credentials["order-pages"] = (made.client_id, made.secret)
    path, headers = f"/v1/items/{quote(ITEM['code'])}", node.auth("order-pages")
    assert node.client.put(path, json=ITEM, headers=headers).status_code == 200
    officer = Officer.logged_in(node, "or-decides", FENGXIAN)
    start = officer.get("/console/cases/new")
    opened = officer.sends(
        start, "/console/cases/new", item_code=ITEM["code"], case_number="OR-0003",
        name=COMPANY["name"], document_type="001", document_number=COMPANY["document_number"],
    )  # fmt: skip
    assert opened.status_code == 303, told(opened)
    decision = f"{opened.headers['location']}/decision"
    case = officer.get(opened.headers["location"])
    sheet = officer.sends(case, decision, outcome="不予", basis="材料不齐（演示）")
    back = officer.sends(sheet, f"{decision}#decide")
    assert Form(back.text, decision).fields["basis"] == "材料不齐（演示）"
    assert 'value="不予" required checked' in back.text
    nothing = officer.sends(case, decision, outcome="准予", basis=" ")
    assert "作出决定" in told(nothing)
