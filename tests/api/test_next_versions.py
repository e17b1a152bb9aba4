"""Next versions of licenses that are made of several things: conditions, parts, 正本 and 副本."""

import json
from datetime import date, timedelta
from typing import Any

from api_node import EXAMPLES, FENGXIAN
from meeting_world import COMPANY, Meeting

from signing.pdf.rendering import pdf_page_png

BASIS = "《优化营商环境条例》第二十条"


def states(answer: Any) -> list[str]:
    return [part["status"]["code"] for part in answer.json()["parts"]]


def order(meeting: Meeting, identifier: str, verb: str, **members: Any) -> Any:
    path = f"/v1/licenses/{identifier}/{verb}"
    answer = meeting.post("m-here", path, {"basis": BASIS, **members})
    assert answer.status_code in (200, 201), answer.text
    return answer


def show(meeting: Meeting, identifier: str, query: str = "") -> Any:
    return meeting.get("m-here", f"/v1/licenses/{identifier}{query}")


def test_a_next_version_of_a_conditional_license_has_what_is_still_open(meeting: Meeting) -> None:
    first_due, second_due = (str(date.today() + timedelta(days=days)) for days in (30, 60))
    body = meeting.body(
        "public-place-hygiene",
        COMPANY,
        number="沪嘉卫公证字〔2026〕第777002号",
        conditions=[
            {"text": "补交平面图", "due": first_due},
            {"text": "补交体检证明", "due": second_due},
        ],
    )
    made = meeting.post("m-here", "/v1/licenses", body)
    assert made.status_code == 201, made.text
    first = made.json()["identifier"]
    order(meeting, first, "conditions/1/fulfilment")
    second = order(
        meeting, first, "change", case_number="M-变更-1", fields={"legal_representative": "孙会合"}
    ).json()
    shown = show(meeting, second["identifier"]).json()
    assert [each["due"] for each in shown["conditions"]] == [second_due]
    assert [mark["code"] for mark in shown["marks"]] == ["conditional"]
    assert shown["predecessor"] == first
    before = show(meeting, first).json()
    assert [each["fulfilled_at"] is None for each in before["conditions"]] == [False, True]
    pdf = show(meeting, second["identifier"], "/file").content
    report = meeting.node.client.post("/v1/verifications", files={"file": pdf}).json()
    assert "附条件" in report["sentence"]["zh"]
    order(meeting, second["identifier"], "conditions/1/fulfilment")
    assert show(meeting, second["identifier"]).json()["marks"] == []


def test_a_next_version_of_a_composite_license_keeps_what_befell_its_parts(
    meeting: Meeting,
) -> None:
    body = json.loads((EXAMPLES / "integrated-industry.json").read_text("utf-8"))
    body |= {
        "holders": [COMPANY],
        "number": "沪嘉综许〔2026〕第777002号",
        "case_number": "M-综合-2",
    }
    first = meeting.post("m-here", "/v1/licenses", body).json()["identifier"]
    order(meeting, first, "parts/2/suspension")
    order(meeting, first, "parts/3/revocation")
    changed = order(
        meeting, first, "change", case_number="M-变更-2", fields={"legal_representative": "孙会合"}
    )
    second = changed.json()["identifier"]
    expected = ["valid", "suspended", "revoked", "valid", "valid"]
    assert states(show(meeting, second)) == expected
    order(meeting, second, "parts/2/resumption")
    assert states(show(meeting, second)) == ["valid", "valid", *expected[2:]]
    # The version before stays as it was when it was replaced, and each day keeps its answer.
    assert states(show(meeting, first)) == expected
    assert set(states(show(meeting, first, "?as_of=2020-01-01"))) == {"issuing"}
    _with_other_parts(meeting, second, body["parts"])


def _with_other_parts(meeting: Meeting, identifier: str, parts: list[dict[str, Any]]) -> None:
    """Four of five parts, of which the revoked one begins anew by its new term."""
    path = f"/v1/licenses/{identifier}/correction"
    said = {"basis": BASIS, "case_number": "M-更正-2"}
    wrong = [{**parts[0], "valid_until": "2020-01-01"}, {**parts[1], "name": "别的许可"}]
    refused = meeting.post("m-here", path, {**said, "parts": wrong})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/parts/0/valid_until"]
    refused = meeting.post("m-here", path, {**said, "parts": wrong[1:]})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/parts/0/name"]
    elsewhere = [{**parts[0], "authority_code": FENGXIAN}, *parts[1:]]
    refused = meeting.post("m-here", path, {**said, "parts": elsewhere})
    assert (refused.status_code, refused.json()["code"]) == (403, "authority-not-yours")
    no_composite = f"/v1/licenses/{meeting.business['identifier']}/change"
    refused = meeting.post("m-here", no_composite, {**said, "parts": parts})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/parts"]
    renewed = {**parts[2], "valid_until": "2032-03-19"}
    made = order(
        meeting, identifier, "correction",
        case_number="M-更正-2", parts=[parts[1], renewed, *parts[3:]],
    )  # fmt: skip
    assert states(show(meeting, made.json()["identifier"])) == ["valid"] * 4


def test_the_yearly_record_of_a_set_stands_on_its_duplicate(meeting: Meeting) -> None:
    body = {
        **meeting.body("medical-institution", COMPANY),
        "type_version": "v2",
        "duplicates": 1,
        "number": "MBDEM993331011412A1001",
    }
    made = meeting.post("m-here", "/v1/licenses", body)
    assert made.status_code == 201, made.text
    original, duplicate = made.json(), made.json()["duplicates"][0]
    record = {"year": "2027", "result": "合格", "by": "演示区卫生健康委员会", "on": "2027-03-12"}
    path = f"/v1/licenses/{original['identifier']}/set-revalidation"
    asked = {"basis": BASIS, "case_number": "M-校验-1", "record": record}
    answer = meeting.post("m-here", path, asked)
    assert answer.status_code == 201, answer.text
    (revalidated,) = answer.json()["licenses"]
    assert revalidated["predecessor"] == duplicate["identifier"]
    assert show(meeting, original["identifier"]).json()["successor"] is None
    pdf = show(meeting, revalidated["identifier"], "/file").content
    before = show(meeting, duplicate["identifier"], "/file").content
    report = meeting.node.client.post("/v1/verifications", files={"file": pdf}).json()
    assert report["verdict"] == "valid"
    pictures = [pdf_page_png(each, 1, 4.0) for each in (before, pdf)]
    assert pictures[0] != pictures[1]
