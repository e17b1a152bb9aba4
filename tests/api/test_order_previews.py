"""What an order would come to, asked before anybody signs it: checked as the order is, not done."""

import json
import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, FENGXIAN, JIADING, Node, uscc
from pdf_pages import words_of
from sqlalchemy import func, select

from api import wiring
from api.authentication import read_scopes
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter
from license_vault.database.columns import table_of
from license_vault.database.holding_tables import JournalEntryRow
from license_vault.database.tables import AuditEntryRow, LicenseEventRow, LicenseRow

BASIS = "依法办理（演示）"
ITEM = {
    **json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8")),
    "code": "演示事项-办理预览",
}
COMPANY = {
    "kind": "legal_person",
    "name": "上海示例办理预览有限公司（演示）",
    "document_type": "001",
    "document_number": uscc("91310114MADEM0333"),
}
_LICENSE, _EVENT = table_of(LicenseRow), table_of(LicenseEventRow)
_AUDIT, _JOURNAL = table_of(AuditEntryRow), table_of(JournalEntryRow)


@pytest.fixture(scope="module")
def license_(node: Node) -> str:
    made = node.issue(body=node.body(holders=[COMPANY]))
    assert made.status_code == 201, made.text
    return made.json()["identifier"]


def ask(node: Node, path: str, body: Any, who: Mapping[str, str] | None = None) -> Any:
    headers = {"Idempotency-Key": secrets.token_hex(8), **(who or node.auth("jiading"))}
    return node.client.post(f"/v1/licenses/{path}", json=body, headers=headers)


def order(**members: Any) -> dict[str, Any]:
    return {"basis": BASIS, "case_number": f"YL-{secrets.token_hex(4)}", **members}


def written(node: Node, license_: str) -> list[int]:
    """How much is recorded of a license, its next versions, and what its authority was refused."""
    ours = select(_LICENSE.c.id).where(_LICENSE.c.identifier == license_).scalar_subquery()
    kept = (
        _LICENSE.select().where(_LICENSE.c.predecessor_id == ours),
        _EVENT.select().where(_EVENT.c.license_id == ours),
        _AUDIT.select().where(_AUDIT.c.subject.in_((license_, JIADING))),
    )
    return [count(node, each) for each in kept]


def journal(node: Node, license_: str) -> int:
    named = _LICENSE.c.id == _JOURNAL.c.license_id
    return count(
        node, select(_JOURNAL.c.id).join(_LICENSE, named).where(_LICENSE.c.identifier == license_)
    )


def count(node: Node, found: Any) -> int:
    with node.services.database.reading() as session:
        total = select(func.count()).select_from(found.subquery())
        return int(session.execute(total).scalar_one())


def test_the_face_of_the_next_version_is_drawn_and_nothing_is_written(
    node: Node, license_: str
) -> None:
    before = written(node, license_)
    body = order(fields={"address": "演示路 2 号"}, holders=[{"name": "上海示例更名有限公司"}])
    pdf = ask(node, f"{license_}/change/preview?form=pdf", body)
    assert (pdf.status_code, pdf.headers["cache-control"]) == (200, "no-store"), pdf.text
    told = "".join(words_of(pdf.content).split())
    assert "演示路2号" in told
    assert "上海示例更名有限公司" in told
    assert license_ in told
    assert b"/Sig" not in pdf.content
    half = ask(node, f"{license_}/change/preview?complete=false", {"fields": {"address": "甲"}})
    assert half.content[:4] == b"\x89PNG"
    assert written(node, license_) == before


@pytest.mark.parametrize(
    ("verb", "members", "code"),
    [
        ("change", {"fields": {"licensed_items": ["没有的项目"] * 40}}, "invalid-request"),
        ("change", {"fields": {"address": "很长的地址" * 90}}, "invalid-request"),
        ("change", {"effective": "2020-01-01"}, "effective-date-invalid"),
        ("change", {"case_number": ""}, "invalid-request"),
        ("change", {"holders": [{"name": "甲"}, {"name": "乙"}]}, "invalid-request"),
        ("renewal", {}, "invalid-request"),
        ("revalidation", {"record": {"year": "26"}}, "invalid-request"),
        ("suspension", {"until": "2020-01-01"}, "invalid-request"),
        ("suspension", {"effective": "2099-01-01"}, "effective-date-invalid"),
        ("resumption", {}, "transition-not-allowed"),
        ("cancellation", {"reason": "9"}, "invalid-request"),
        ("renewal-refusal", {}, "renewal-not-pending"),
    ],
)
def test_what_the_order_is_refused_for_its_preview_tells_alike(
    node: Node, license_: str, verb: str, members: dict[str, Any], code: str
) -> None:
    body, before = order(**members), written(node, license_)
    told = ask(node, f"{license_}/{verb}/preview", body)
    done = ask(node, f"{license_}/{verb}", body)
    assert (told.status_code, told.json()["code"]) == (done.status_code, code), told.text
    same = ("type", "code", "status", "messages", "errors")
    assert [told.json().get(name) for name in same] == [done.json().get(name) for name in same]
    assert written(node, license_) == before


def test_what_makes_no_version_is_only_checked(node: Node, license_: str) -> None:
    before = written(node, license_)
    until = (date.today() + timedelta(days=9)).isoformat()
    no_use = {"Authorization": node.auth("jiading")["Authorization"]}
    for verb, members in (
        ("suspension", {"until": until}),
        ("transfer-out", {}),
        ("revocation", {}),
    ):
        answer = ask(node, f"{license_}/{verb}/preview", {"basis": BASIS, **members}, no_use)
        assert (answer.status_code, answer.content) == (204, b""), answer.text
    assert written(node, license_) == before
    shown = node.client.get(f"/v1/licenses/{license_}", headers=node.auth("jiading")).json()
    assert shown["status"]["code"] == "valid"


def test_an_order_is_previewed_before_its_officers_sign(node: Node, license_: str) -> None:
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        scopes = read_scopes(f"{EVERYTHING} items:define")
        made = writer.add(JIADING, "order-previews", scopes, wiring.clock())
    node.credentials["order-previews"] = (made.client_id, made.secret)
    who = node.auth("order-previews")
    put = node.client.put(f"/v1/items/{quote(ITEM['code'])}", json=ITEM, headers=who)
    assert put.status_code == 200, put.text
    before = written(node, license_)
    for verb, status in (("reissue", 200), ("suspension", 204)):
        body = order(item_code=ITEM["code"])
        assert ask(node, f"{license_}/{verb}/preview", body).status_code == status
        wrong = {"officer_id": "nobody", "step": "decide"}
        wrong |= {"signed_at": "2026-03-19T00:00:00Z", "signature": "MEUCIQ=="}
        told = ask(node, f"{license_}/{verb}/preview", {**body, "approvals": [wrong]})
        assert told.json()["code"] == "approval-invalid"
    # A preview that is refused is no use of a seal that was tried.
    assert written(node, license_) == before


def test_only_who_may_order_it_previews_it(node: Node, license_: str) -> None:
    for who, status in (("reader", 403), ("fengxian", 404), ("other-type", 404)):
        assert (
            ask(node, f"{license_}/change/preview", order(), node.auth(who)).status_code == status
        )
    far = node.issue("fengxian", body=node.body(authority_code=FENGXIAN)).json()["identifier"]
    for verb in ("change", "suspension"):
        assert ask(node, f"{far}/{verb}/preview", order()).status_code == 404
    assert ask(node, f"{license_}/transfer-in/preview", order()).status_code == 422


def test_the_face_is_a_read_that_its_holder_sees_once(node: Node, license_: str) -> None:
    bearer = {"Authorization": node.auth("jiading")["Authorization"]}
    refused = ask(node, f"{license_}/reissue/preview", order(), bearer)
    assert (refused.status_code, refused.json()["code"]) == (400, "use-required")
    use = Use("", "window-7", "变更", "T-0002", secrets.token_hex(4), "办理变更")
    who = {**bearer, "License-Use": written_use(use)}
    before = journal(node, license_)
    for _ in range(2):
        assert ask(node, f"{license_}/reissue/preview", order(), who).status_code == 200
    assert journal(node, license_) == before + 1
    other = {**bearer, "License-Use": written_use(Use(**{**_told(use), "purpose": "另一用途"}))}
    assert ask(node, f"{license_}/reissue/preview", order(), other).status_code == 200
    assert journal(node, license_) == before + 2


def _told(use: Use) -> dict[str, str]:
    names = ("organisation", "operator", "item_name", "item_code", "case_number", "purpose")
    return {name: getattr(use, name) for name in names}
