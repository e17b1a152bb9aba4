"""Purpose-bound copies over HTTP: made, verified as what they are, and dying with their parent."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from api_node import EXAMPLES, Node

from license_vault.clock import civil_date

PARTS = {
    "user": "演示市甲单位",
    "purpose": "投标报名",
    "item_name": "招标资格审查",
    "item_code": "9",
}


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or secrets.token_hex(8)}


def until(days: int = 30) -> str:
    return (civil_date(datetime.now(UTC)) + timedelta(days=days)).isoformat()


def verified(node: Node, data: bytes, as_of: str | None = None) -> dict:
    form = {} if as_of is None else {"as_of": as_of}
    answer = node.client.post("/v1/verifications", files={"file": data}, data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


class Parent:
    """A license of its own, its holder, and copies of it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.license = node.issue(body=node.body()).json()
        body = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
        named = body["holders"][0]
        self.auth = node.holder(named["document_type"], named["document_number"])
        self.handle = node.client.get("/v1/holders/me", headers=self.auth).json()["handle"]
        self.path = f"/v1/holders/{self.handle}/licenses/{self.license['identifier']}/copies"

    def order(self, key: str | None = None, **changes: str):
        body = {**PARTS, "until": until(), **changes}
        return self.node.client.post(self.path, json=body, headers={**self.auth, **keyed(key)})

    def file(self, copy: dict) -> bytes:
        return self.node.client.get(copy["file"], headers=self.auth).content


@pytest.fixture(scope="module")
def parent(node: Node) -> Parent:
    return Parent(node)


@pytest.fixture(scope="module")
def copy(parent: Parent) -> dict:
    answer = parent.order("first")
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def data(parent: Parent, copy: dict) -> bytes:
    return parent.file(copy)


def test_a_copy_is_a_valid_copy_and_no_license(node: Node, copy: dict, data: bytes) -> None:
    report = verified(node, data)
    assert report["verdict"] == "valid_copy"
    assert (report["license"], report["content_id"], report["seals"]) == (None, None, [])
    assert report["copy"]["user"] == PARTS["user"]
    assert report["copy"]["parent"]["identifier"] == copy["license"]
    assert report["sentence"]["zh"].startswith("有效的加注件，仅供演示市甲单位办理招标资格审查使用")
    assert "copy-signed" in {check["code"] for check in report["checks"]}


def test_the_same_request_gives_the_same_copy(parent: Parent, copy: dict, data: bytes) -> None:
    again = parent.order("first")
    assert (again.status_code, again.json()) == (200, copy)
    assert parent.file(again.json()) == data
    assert parent.order("first", purpose="别的事").status_code == 422
    listed = parent.node.client.get(parent.path, headers=parent.auth).json()
    assert [item["copy_id"] for item in listed["items"]] == [copy["copy_id"]]


def test_a_holder_finds_all_copies_and_looks_at_one(parent: Parent, copy: dict) -> None:
    everything = f"/v1/holders/{parent.handle}/copies"
    found = parent.node.client.get(f"{everything}?limit=100", headers=parent.auth).json()
    assert copy in found["items"]
    one = parent.node.client.get(f"{everything}/{copy['copy_id']}", headers=parent.auth)
    assert one.json() == copy
    assert one.json()["expired"] is False
    picture = f"{everything}/{copy['copy_id']}/picture?page=8"
    assert parent.node.client.get(picture, headers=parent.auth).content.startswith(b"\xff\xd8\xff")
    stranger = parent.node.holder("111", "310114199001011234")
    assert parent.node.client.get(picture, headers=stranger).status_code == 404


def test_a_changed_copy_is_altered_and_says_nothing(node: Node, data: bytes) -> None:
    middle = data.index(b"/License Do") if b"/License Do" in data else len(data) // 3
    changed = bytearray(data)
    changed[middle] ^= 1
    report = verified(node, bytes(changed))
    assert report["verdict"] in {"altered", "unsealed"}
    assert "copy" not in report
    grown = verified(node, data + b"%%EOF\n")
    assert (grown["verdict"], "copy" in grown) == ("altered", False)


def test_a_copy_dies_with_its_expiry_and_was_not_before_it_was_made(
    node: Node, data: bytes
) -> None:
    late = verified(node, data, until(31))
    assert late["verdict"] != "valid_copy"
    assert "copy-expired" in {check["code"] for check in late["checks"]}
    early = verified(node, data, until(-2))
    assert early["verdict"] == "not_in_force"
    assert "copy-not-yet-made" in {check["code"] for check in early["checks"]}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"until": until(400)}, 409, "expiry"),
        ({"until": until(-1)}, 409, "expiry"),
        ({"user": ""}, 422, "too-short"),
        ({"purpose": "a\u202eb"}, 422, None),
    ],
)
def test_what_cannot_be_copied_is_refused(parent: Parent, change, status, code) -> None:
    answer = parent.order(**change)
    assert answer.status_code == status, answer.text
    if code is not None:
        told = answer.json()
        assert code in {told.get("reason"), *(entry["code"] for entry in told.get("errors", ()))}


def test_another_holder_gets_no_copy(node: Node, parent: Parent, copy: dict) -> None:
    stranger = node.holder("111", "310114199001011234")
    answers = (
        node.client.post(parent.path, json={}, headers={**stranger, **keyed()}),
        node.client.get(copy["file"], headers=stranger),
    )
    assert {answer.status_code for answer in answers} <= {404, 422}


def test_the_command_line_says_copy(
    node: Node, data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    from api.cli.main import main

    bundle, file = tmp_path / "bundle", tmp_path / "copy.pdf"
    bundle.write_bytes(node.client.get("/v1/trust-bundle").content)
    file.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    assert main(["verify", "--trust", str(bundle), str(file)]) == 5
    assert capsys.readouterr().out.startswith("有效的加注件，仅供")


def test_a_copy_dies_with_its_parent(node: Node, parent: Parent, data: bytes) -> None:
    order = {"basis": "《中华人民共和国行政许可法》第七十条"}
    path = f"/v1/licenses/{parent.license['identifier']}/cancellation"
    done = node.client.post(path, json=order, headers={**node.auth("jiading"), **keyed()})
    assert done.status_code == 200, done.text
    report = verified(node, data)
    assert (report["verdict"], report["state"]) == ("not_in_force", "cancelled")
    assert report["sentence"]["zh"].startswith("加注件不在有效状态：注销")
    refused = parent.order()
    assert (refused.status_code, refused.json()["reason"]) == (409, "not-in-force")


def test_the_vault_is_whole_with_copies_and_says_when_one_is_not(node: Node, copy: dict) -> None:
    from sqlalchemy import text

    from license_vault.fsck.copies import copy_violations

    services = node.services
    assert list(copy_violations(services.database, services.vault)) == []
    change = "UPDATE license_copy SET {0} WHERE copy_id = :copy_id"
    for moved in (
        "made_at = datetime(made_at, '+1 hour')",
        "made_at = datetime(made_at, '-1 hour')",
    ):
        with services.database.connection_for_schema() as connection:
            connection.execute(text(change.format(moved)), {"copy_id": copy["copy_id"]})
        codes = [found.code for found in copy_violations(services.database, services.vault)]
        assert codes == (["row-differs-from-record"] if "+" in moved else [])


def test_the_page_shows_a_copy_as_a_copy(node: Node, data: bytes) -> None:
    page = node.client.post("/verify", files={"file": data}).text
    assert "加注件" in page
    assert "演示市甲单位" in page


def test_under_the_watermark_the_code_stays_readable_and_the_notice_is_text(
    node: Node, parent: Parent, data: bytes
) -> None:
    from io import BytesIO

    import zxingcpp
    from pdf_pages import words_of
    from PIL import Image

    from signing.pdf.rendering import pdf_page_png
    from signing.qr_claims import read_qr_text

    picture = Image.open(BytesIO(pdf_page_png(data, 1, 6.0)))
    codes = [read_qr_text(found.text) for found in zxingcpp.read_barcodes(picture)]
    assert [code.claims.identifier for code in codes] == [parent.license["identifier"]]
    words = words_of(data)
    assert "不是证照原件" in words
    assert "演示市甲单位" in "".join(words.split())
