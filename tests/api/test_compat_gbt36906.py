"""The face for the GB/T 36906 family: its envelope, its codes, and no other rights."""

import base64
import io
import secrets
import zipfile
from typing import Any

import pytest
from api_node import CITY, Node

from api.compat import operations
from api.compat.envelope import failed
from api.problems.answers import Problem
from api.problems.kinds import KINDS
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.license import LicenseStatus
from verification.report import Verdict

TYPE = "11310000MBDEM00076002"
USE = Use("", "窗口七", "演示兼容接口事项", "COMPAT-1", "CP-1", "兼容接口核对")


@pytest.fixture(scope="module")
def known(node: Node) -> dict[str, Any]:
    """What a license says, and its identifier."""
    body = node.body()
    answer = node.issue(body=body)
    assert answer.status_code == 201, answer.text
    return {**body, "identifier": answer.json()["identifier"]}


def call(node: Node, operation: str, data: Any, who: str | None = "jiading") -> dict[str, Any]:
    headers = {"License-Use": written_use(USE)}
    if who is not None:
        headers["Authorization"] = f"Bearer {node.token(who)}"
    answer = node.client.post(
        f"/compat/gbt36906/{operation}", json={"head": {}, "data": data}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"head", "data"}
    assert set(body["head"]) == {"status", "code", "message"}
    return body


def done(node: Node, operation: str, data: Any, who: str | None = "jiading") -> Any:
    body = call(node, operation, data, who)
    assert body["head"] == {"status": "0", "code": "", "message": ""}, body
    return body["data"]


def refused(node: Node, operation: str, data: Any, who: str | None = "jiading") -> str:
    body = call(node, operation, data, who)
    assert (body["head"]["status"], body["data"]) == ("1", {})
    return body["head"]["code"]


def test_the_directory_is_for_anybody(node: Node) -> None:
    assert TYPE in {one["zzlxdm"] for one in done(node, "zzml", {}, None)}


def test_what_a_license_says_by_short_names(node: Node, known: dict) -> None:
    found = done(node, "zzcx", {"zzbs": known["identifier"]})
    assert (found["ZZBS"], found["ZZBH"], found["zzzt"]) == (
        known["identifier"],
        known["number"],
        "有效",
    )
    named = {"zzbs": known["identifier"], "meladataRange": ["ZZMC", "ZZBFJG", "NOPE"]}
    assert set(done(node, "zzysj", named)) == {"ZZMC", "ZZBFJG"}


def test_a_file_its_address_and_its_verdict(node: Node, known: dict) -> None:
    told = done(node, "zzxxxz", {"zzbs": known["identifier"], "wjgs": "pdf"})
    data = base64.b64decode(told["content"])
    assert data.startswith(b"%PDF")
    assert (
        done(node, "zzwjyz", {"contentType": "base64", "content": told["content"]}, None)["result"]
        == "0"
    )
    changed = base64.b64encode(data.replace(b"/Type", b"/Typf", 1)).decode()
    assert done(node, "zzwjyz", {"content": changed}, None)["result"] == "2"
    where = done(node, "zzdzxz", {"zzbs": known["identifier"]})
    assert where["content"].endswith(f"/v1/licenses/{known['identifier']}/file?form=ofd")


def test_a_seal_by_itself_is_no_file_that_passes(node: Node, known: dict) -> None:
    ofd = done(node, "zzxxxz", {"zzbs": known["identifier"]})["content"]
    package = zipfile.ZipFile(io.BytesIO(base64.b64decode(ofd)))
    seal = next(name for name in package.namelist() if name.endswith(".esl"))
    content = base64.b64encode(package.read(seal)).decode()
    told = done(node, "zzwjyz", {"content": content}, None)
    assert told["result"] == "2"
    assert "不是证照" in told["message"]


def test_a_refusal_says_what_is_wrong_where(node: Node, known: dict) -> None:
    data = {"zzbs": known["identifier"], "wjgs": "exe"}
    message = call(node, "zzxxxz", data)["head"]["message"]
    assert "应为 ofd 或 pdf" in message
    assert "/data/wjgs" in message


def test_a_purpose_makes_a_copy(node: Node, known: dict) -> None:
    data = {"zzbs": known["identifier"], "dzzzsymd": "核对", "jzjyxqjzsj": "20270101235959"}
    first = done(node, "zzxxxz", data)["content"]
    assert done(node, "zzxxxz", data)["content"] == first
    assert done(node, "zzwjyz", {"content": first}, None)["result"] == "0"
    assert refused(node, "zzxxxz", {**data, "jzjyxqjzsj": "20200101"}) in {"4", "9"}
    assert refused(node, "zzxxxz", {**data, "jzjyxqjzsj": "soon"}) == "4"


@pytest.mark.parametrize(
    ("changes", "result"),
    [({}, "0"), ({"zzbh": "沪卫〔2026〕第X号"}, "6"), ({"xxx": "1"}, "6"), (None, "4")],
)
def test_information_is_compared(
    node: Node, known: dict, changes: dict[str, str] | None, result: str
) -> None:
    said = {} if changes is None else {"zzbh": known["number"], **changes}
    assert done(node, "zzxxyz", {"zzbs": known["identifier"], **said})["result"] == result


def test_an_unknown_license_is_not_there(node: Node, known: dict) -> None:
    other = f"{known['identifier'][:-7]}9.001.A"
    assert done(node, "zzxxyz", {"zzbs": other, "zzbh": "x"})["result"] == "5"
    assert refused(node, "zzcx", {"zzbs": other}) == "3"


def test_licenses_of_a_holder_are_told_under_a_grant_only(node: Node, known: dict) -> None:
    number = known["holders"][0]["document_number"]
    asked = {"czztdm": number, "zzlxdm": TYPE}
    assert refused(node, "zzjs", asked, "street") == "1"
    assert refused(node, "zzcx", {"zzbs": known["identifier"]}, "street") == "1"
    wish = {
        "item_code": USE.item_code,
        "type_code": TYPE,
        "purpose": USE.purpose,
        "basis": "演示依据",
    }
    request = node.client.post(
        "/v1/access-requests",
        json=wish,
        headers={**node.auth("street"), "Idempotency-Key": secrets.token_hex(8)},
    )
    grant = node.client.post(
        f"/v1/access-requests/{request.json()['number']}/grant",
        json={"until": "2027-01-31"},
        headers={**node.officer(CITY), "Idempotency-Key": secrets.token_hex(8)},
    )
    assert grant.status_code == 200, grant.text
    found = done(node, "zzjs", asked, "street")
    assert known["identifier"] in {one["zzbs"] for one in found}
    assert done(node, "zzcx", {"zzbs": known["identifier"]}, "street")["ZZBH"] == known["number"]


def test_refusals_have_the_familys_codes(node: Node) -> None:
    assert refused(node, "zzcx", {"zzbs": "X"}, None) == "1"
    assert refused(node, "zzcx", {}) == "4"
    assert refused(node, "zzcx", {"zzbs": 7}) == "4"
    assert refused(node, "zzysj", {"zzbs": "X"}, "nothing") == "1"
    assert refused(node, "nothing-such", {}) == "3"
    assert refused(node, "zzwjyz", {"content": "%%"}, None) == "4"
    assert refused(node, "zzwjyz", {"content": "R0lGODlh"}, None) == "4"
    answer = node.client.post("/compat/gbt36906/zzml", json=[])
    assert answer.json()["head"]["code"] == "4"


def test_every_problem_has_a_code() -> None:
    for kind in KINDS.values():
        values = dict.fromkeys(kind.shown, "1")
        assert failed(Problem(kind, values))["head"]["code"] in {"1", "2", "3", "4", "9", "17"}


def test_only_a_valid_file_passes_and_only_a_valid_state_is_right() -> None:
    passed = {one for one in Verdict if operations._OF_VERDICT.get(one) == "0"}
    assert passed == {Verdict.VALID, Verdict.VALID_COPY}
    assert operations._OF_STATE.get(LicenseStatus.REVOKED, "3") == "3"
