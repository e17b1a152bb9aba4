"""What the console's forms say, read into requests and orders, and what officers sign of them."""

import json

import pytest

from api.pages.console.carried_requests import readable
from api.pages.console.issue_form import request_in
from api.pages.console.order_form import order_in, order_that_reads, refused_in
from api.pages.console.signing import Draft, draft_in
from api.pages.visitor import FormRefusedError
from license_vault.lifecycle.verbs import VERBS

BASE = {
    "type_code": "11310000MBDEM00076002",
    "number": "",
    "holders": [{"kind": "k", "name": "", "document_type": "001", "document_number": "1"}],
    "valid_until": "",
    "fields": {"old": "x"},
    "basis": "",
}


def test_what_is_typed_stands_over_what_the_case_filled() -> None:
    told = {
        "base": json.dumps(BASE),
        "number": " N-1 ",
        "holder.0.name": "甲",
        "field.address": "演示路 1 号",
        "field.empty": "  ",
        "list.items": "浴室\r\n\r\n 美容店 ",
        "records.rows": '[{"a": "1"}]',
        "long_term": "1",
        "duplicates": "0",
    }
    body = request_in(told)
    assert (body["number"], body["valid_until"]) == ("N-1", "长期")
    assert body["holders"] == [{**BASE["holders"][0], "name": "甲"}]
    assert body["fields"] == {
        "address": "演示路 1 号",
        "items": ["浴室", "美容店"],
        "rows": [{"a": "1"}],
    }
    assert "duplicates" not in body
    assert request_in({**told, "duplicates": "2"})["duplicates"] == 2
    # Rows of conditions: those that say anything, without gaps.
    rows = {"condition.1.text": "补交报告", "condition.2.due": "2027-01-01"}
    assert request_in({**told, **rows})["conditions"] == [
        {"text": "补交报告", "due": ""},
        {"text": "", "due": "2027-01-01"},
    ]
    assert "conditions" not in body
    # Rows of parts: what is struck out is none, and one that names nobody is the authority's.
    parts = {
        "part.0.kind": "a 甲许可",
        "part.0.gone": "1",
        "part.1.kind": "b 乙 许可",
        "part.1.number": " N-2 ",
        "part.1.long_term": "1",
        "part.4.authority_code": "x1",
        "authority_code": "A1",
    }
    second, last = request_in({**told, **parts})["parts"]
    assert second == {
        "code": "b",
        "name": "乙 许可",
        "number": "N-2",
        "authority_code": "A1",
        "valid_from": "",
        "valid_until": "长期",
    }
    assert (last["code"], last["authority_code"]) == ("", "X1")
    carried = {"base": json.dumps({**BASE, "parts": [second]})}
    assert request_in(carried)["parts"] == [second]
    assert "parts" not in request_in({**carried, "part.0.kind": ""})
    # What is no JSON goes to the API as it is, which names the place.
    assert request_in({**told, "records.rows": "[oops"})["fields"]["rows"] == "[oops"


def test_a_request_to_be_typed_over_keeps_what_was_typed_as_records() -> None:
    fields = {"address": "演示路 1 号", "rows": [{"year": "2026"}], "one": {"year": "2026"}}
    assert readable({**BASE, "fields": fields})["fields"] == {
        **fields,
        "one": '{"year": "2026"}',
    }


@pytest.mark.parametrize("base", ["", "[]", "{", "null"])
def test_a_form_that_carries_no_request_is_refused(base: str) -> None:
    with pytest.raises(FormRefusedError):
        request_in({"base": base})


def test_an_order_says_only_what_was_typed() -> None:
    told = {"basis": "依据", "until": "", "effective": "2026-12-01", "field.address": ""}
    assert order_in(VERBS["suspension"], told) == {"basis": "依据", "effective": "2026-12-01"}
    changed = order_in(
        VERBS["change"], {"basis": "依据", "field.address": "新", "holder.0.name": ""}
    )
    assert changed == {"basis": "依据", "fields": {"address": "新"}}
    proposed = {"base": '{"holders": [{"name": "乙"}]}', "basis": "依据"}
    assert order_in(VERBS["change"], proposed)["holders"] == [{"name": "乙"}]
    renamed = order_in(VERBS["change"], {"holder.0.name": "甲", "holder.1.name": " "})
    assert renamed == {"holders": [{"name": "甲"}, {"name": ""}]}
    gone = {"base": '{"fields": {"phone": null}}', "field.address": "新"}
    assert order_in(VERBS["change"], gone)["fields"] == {"phone": None, "address": "新"}


def test_an_order_says_parts_only_where_they_become_others() -> None:
    part = {"code": "a", "name": "甲许可", "number": "N-1", "authority_code": "A1"}
    part |= {"valid_from": "2026-01-01", "valid_until": "长期"}
    told = {
        "parts_before": json.dumps({"parts": [part]}),
        "authority_code": "A1",
        "part.0.kind": "a 甲许可",
        "part.0.number": "N-1",
        "part.0.authority_code": "a1",
        "part.0.valid_from": "2026-01-01",
        "part.0.long_term": "1",
        "part.1.kind": "",
    }
    assert order_in(VERBS["change"], told) == {}
    assert order_in(VERBS["change"], {**told, "part.0.gone": "1"}) == {"parts": []}
    longer = order_in(VERBS["change"], {**told, "part.1.number": "N-2"})["parts"]
    assert [row["number"] for row in longer] == ["N-1", "N-2"]
    assert order_that_reads({"parts": longer})["parts"] == longer


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": 1},
        {"fields": []},
        {"record": {"year": 1}},
        {"parts": {}},
        {"holders": ["x"]},
        {"holders": [{"name": 1}]},
    ],
)
def test_an_order_that_no_form_has_made_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(FormRefusedError):
        order_that_reads(wrong)
    with pytest.raises(FormRefusedError):
        order_in(VERBS["change"], {"base": json.dumps(wrong)})


def test_what_was_refused_of_an_order_comes_back_by_its_places() -> None:
    messages = {"zh": "缺少必填项。", "en": "This is required."}
    told = {"errors": [{"pointer": "/parts/0/number", "messages": messages, "code": "missing"}]}
    assert refused_in(json.dumps(told)) == {"/parts/0/number": messages}
    assert refused_in("") == {}
    for wrong in (
        '{"errors": 1}',
        '{"errors": [{}]}',
        '{"errors": [{"pointer": "", "messages": 1}]}',
    ):
        with pytest.raises(FormRefusedError):
            refused_in(wrong)


def test_an_order_is_signed_with_whose_it_is() -> None:
    draft = Draft("suspension", "1.2.3", {"basis": "依据"}, case_number="C", item_code="I")
    assert draft.request == {"suspension": "1.2.3", "order": {"basis": "依据"}}
    assert draft.target == "/v1/licenses/1.2.3/suspension"
    assert draft.form == "/console/licenses/1.2.3/orders/suspension"
    assert Draft("suspension", "1.2.3", {}, ({"officer_id": "o"},)).form == ""
    assert draft_in(draft.text()) == draft
    taken = Draft("transfer-in", "1.2.3", {"number": "N"}, case_number="C")
    assert taken.request == {"transfer-in": "1.2.3", "order": {"number": "N"}}
    assert taken.target == "/v1/licenses/transfer-in"
    assert taken.sent == {"number": "N", "previous_identifier": "1.2.3"}
    decision = Draft("decision", "abc", {"outcome": "准予"})
    assert (decision.request, decision.target) == ({"outcome": "准予"}, "/v1/cases/abc/decision")


@pytest.mark.parametrize(
    "change", [{"act": "format-disk"}, {"body": []}, {"subject": 1}, {"approvals": {}}]
)
def test_what_is_no_act_of_ours_is_not_signed(change: dict[str, object]) -> None:
    told = json.loads(Draft("decision", "abc", {"outcome": "准予"}).text())
    with pytest.raises(FormRefusedError):
        draft_in(json.dumps({**told, **change}))
