"""Decisions, signed receipts, batches and what is published about sharing, over HTTP."""

import json
from base64 import b64encode
from pathlib import Path

import jsonschema_rs
import pytest
from api_node import JIADING, Node
from test_issuing_over_http import problem
from test_verifying_over_http import file_of

from api.cli.main import main
from license_vault.sharing.publishing import SharingPublisher
from signing.sealed_json.sharing_document import SharingKind, read_sharing_document
from signing.sealed_json.verification_receipt import read_verification_receipt

HYGIENE = "11310000MBDEM00076002"
ITEM = "回执事项-01"
OWN = "310120"
SCHEMA_FILE = Path(__file__).parents[2] / "docs/schemas/verification-receipt-1.json"
RECEIPT_SCHEMA = json.loads(SCHEMA_FILE.read_text("utf-8"))
NAME = {"zh": "公共场所卫生许可证", "en": "Hygiene permit"}
USE_LIST = {
    "items": [
        {
            "item": ITEM,
            "name": {"zh": "旅馆开办", "en": "Opening a hotel"},
            "accepts": [
                {
                    "key": "hygiene",
                    "name": NAME,
                    "types": [HYGIENE],
                    "regions": ["*"],
                    "fields": ["/number", "/valid_until"],
                }
            ],
        },
        {
            "item": "回执事项-02",
            "name": {"zh": "另一事项", "en": "Another item"},
            "accepts": [
                {
                    "key": "other",
                    "name": NAME,
                    "types": ["11310000MBDEM00076003"],
                    "regions": ["*"],
                    "fields": ["/number"],
                }
            ],
        },
    ]
}
CATALOGUE = {
    "types": [
        {
            "type": HYGIENE,
            "name": NAME,
            "shared": [
                {
                    "items": ["*"],
                    "operations": ["file", "metadata"],
                    "fields": ["/number", "/valid_until"],
                }
            ],
        }
    ]
}


@pytest.fixture(scope="module")
def published(node: Node) -> Node:
    services = node.services
    with services.database.writing() as session:
        publisher = SharingPublisher(session, services.region_code, services.signer)
        publisher.publish(SharingKind.USE_LIST, USE_LIST, "operator:test", services.clock())
        publisher.publish(SharingKind.CATALOGUE, CATALOGUE, "operator:test", services.clock())
    return node


def verify(node: Node, content: bytes, headers: dict | None = None, **form: str):
    files = {"file": ("a.pdf", content)}
    return node.client.post("/v1/verifications", files=files, data=form, headers=headers or {})


@pytest.mark.parametrize(
    ("item", "outcome", "listed"),
    [
        (ITEM, "waived", "listed"),
        ("回执事项-02", "to_submit", "type-not-listed"),
        ("回执事项-没有", "manual", "item-unknown"),
    ],
)
def test_a_valid_file_is_decided_by_the_use_list(
    published: Node, issued: dict, item: str, outcome: str, listed: str
) -> None:
    report = verify(published, file_of(published, issued), item_code=item).json()
    assert report["verdict"] == "valid"
    decision = report["decision"]
    assert (decision["outcome"], decision["listed"]) == (outcome, listed)
    assert decision["authentic_and_in_force"] == "holds"
    assert decision["use_list"] == {"region": OWN, "version": "1"}


def test_an_altered_file_is_to_be_submitted_whatever_is_listed(
    published: Node, issued: dict
) -> None:
    content = bytearray(file_of(published, issued))
    content[2000] ^= 1
    decision = verify(published, bytes(content), item_code=ITEM).json()["decision"]
    assert decision["outcome"] == "to_submit"
    assert decision["reasons"][0]["code"] == "altered"


def test_a_receipt_says_what_was_found_and_can_be_checked(published: Node, issued: dict) -> None:
    node, content = published, file_of(published, issued)
    form = {"item_code": ITEM, "purpose": "核对材料", "receipt": "json"}
    answer = verify(node, content, node.officer(JIADING), **form)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.license-vault.receipt+json"
    jsonschema_rs.validate(RECEIPT_SCHEMA, answer.json())
    found = read_verification_receipt(answer.content).receipt.value
    assert (found["verdict"], found["decision"]["outcome"]) == ("valid", "waived")
    assert found["asked"]["requester"] == JIADING
    assert (found["asked"]["item_code"], found["asked"]["purpose"]) == (ITEM, "核对材料")
    assert found["license"]["identifier"] == issued["identifier"]
    assert found["status"]["source"] == "register"
    again = node.client.get(answer.headers["location"])
    assert again.content == answer.content
    for files in ([answer.content], [answer.content, content]):
        sent = [("file", ("x", data)) for data in files]
        told = node.client.post("/v1/verifications", files=sent).json()
        assert told["verdict"] == "valid", told
        assert told["receipt"]["receipt_id"] == found["receipt_id"]
    sent = [("file", ("x", data)) for data in (answer.content, content + b" ")]
    other = node.client.post("/v1/verifications", files=sent).json()
    assert other["verdict"] == "untrusted"
    assert "receipt-of-another-file" in {check["code"] for check in other["checks"]}
    changed = answer.content.replace(b'"waived"', b'"manual"')
    told = verify(node, changed).json()
    assert (told["verdict"], told["receipt"]) == ("altered", None)


def test_a_receipt_about_a_bad_file_is_genuine_and_tells_its_conclusion_first(
    published: Node, issued: dict
) -> None:
    bad = file_of(published, issued) + b" "
    receipt = verify(published, bad, receipt="json").content
    for held, files in (("未附文件", [receipt]), ("说的正是此文件", [receipt, bad])):
        sent = [("file", ("x", data)) for data in files]
        told = published.client.post("/v1/verifications", files=sent).json()["sentence"]
        assert told["zh"].startswith(f"回执属实（{held}")
        assert "结论：无效，已被改动" in told["zh"]
        assert "Altered: " in told["en"]
    # On the page too it is not the colour and the mark of something valid.
    page = published.client.post("/verify", files={"file": ("x", receipt)}).text
    assert 'class="verdict bad"' in page
    assert 'class="verdict good"' not in page
    # And nothing was concluded here that a new receipt would be kept of.
    assert "/verify/receipts/" not in page


def test_a_receipt_of_a_number_names_nobody(published: Node, issued: dict) -> None:
    form = {"identifier": issued["identifier"], "check_code": issued["check_code"]}
    accept = {"Accept": "application/vnd.license-vault.receipt+json"}
    answer = published.client.post("/v1/verifications", data=form, headers=accept)
    found = read_verification_receipt(answer.content).receipt
    assert (found.verdict, found.decision) == ("valid", "")
    assert found.value["asked"]["requester"] == "anonymous"
    text = answer.content.decode()
    assert "字〔2026〕" not in text


def test_there_is_no_receipt_of_several_files(published: Node, issued: dict) -> None:
    content = file_of(published, issued)
    sent = [("file", ("a", content)), ("file", ("b", content))]
    answer = published.client.post("/v1/verifications", files=sent, data={"receipt": "json"})
    problem(answer, 422, "invalid-request")
    unknown = published.client.get("/v1/verifications/receipts/" + "0" * 26)
    problem(unknown, 404, "verification-receipt-not-found")
    bad = verify(published, content, {"Authorization": "Bearer nonsense"}, receipt="json")
    problem(bad, 401, "unauthenticated")


def test_policies_are_chosen_by_name(published: Node, issued: dict) -> None:
    content = file_of(published, issued)
    # A license of this minute is in no checkpoint of the issue log yet: strict waits for that.
    strict = verify(published, content, policy="strict").json()
    assert strict["policy"] == "strict"
    assert strict["verdict"] in ("valid", "indeterminate")
    problem(verify(published, content, policy="historical"), 422, "invalid-request")
    problem(verify(published, content, policy="final_check"), 422, "invalid-request")
    then = verify(published, content, policy="historical", as_of="2031-01-01").json()
    assert (then["policy"], then["verdict"]) == ("historical", "indeterminate")


def test_a_batch_keeps_its_order_and_one_bad_entry_spoils_none(
    published: Node, issued: dict
) -> None:
    content = file_of(published, issued)
    number = f"{issued['identifier']} {issued['check_code']}"
    sent = [
        ("file", ("good.pdf", content)),
        ("number", (None, number)),
        ("file", ("empty.pdf", b"")),
        ("number", (None, f"{issued['identifier']} AAAAAAAAAAAAA")),
        ("item_code", (None, ITEM)),
    ]
    answer = published.client.post("/v1/verifications/batch", files=sent)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [entry["verdict"] for entry in told["results"]] == [
        "valid",
        "valid",
        "refused",
        "refused",
    ]
    assert told["counts"] == {"refused": 2, "valid": 2}
    assert told["decisions"] == {"waived": 2}
    codes = [entry["problem"]["code"] for entry in told["results"][2:]]
    assert codes == ["unreadable-document", "check-code-mismatch"]


def test_a_batch_of_lines_is_answered_line_by_line(published: Node, issued: dict) -> None:
    number = {"identifier": issued["identifier"], "check_code": issued["check_code"]}
    file = {"name": "a.pdf", "file_base64": b64encode(file_of(published, issued)).decode()}
    lines = [json.dumps(number), "", json.dumps(file), "{", "[]"]
    lines += [json.dumps({**number, "more": "x"}), '{"name": "b", "file_base64": "*"}']
    headers = {"Content-Type": "application/x-ndjson"}
    address = f"/v1/verifications/batch?item_code={ITEM}"
    answer = published.client.post(address, content="\n".join(lines), headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["counts"] == {"refused": 4, "valid": 2}
    assert told["decisions"] == {"waived": 2}
    assert [entry["position"] for entry in told["results"]] == list(range(6))
    assert [entry["name"] for entry in told["results"][:2]] == [number["identifier"], "a.pdf"]
    codes = [entry["problem"]["code"] for entry in told["results"][2:]]
    assert codes == ["unreadable-request", *["invalid-request"] * 3]
    for content in ("", "{}\n" * 51):
        refused = published.client.post(address, content=content, headers=headers)
        problem(refused, 422, "invalid-request")
    late = published.client.post(f"{address}&policy=historical", content="{}", headers=headers)
    problem(late, 422, "invalid-request")


def test_a_genuine_receipt_among_others_is_sent_to_be_verified_alone_and_not_called_unsealed(
    published: Node, issued: dict
) -> None:
    content = file_of(published, issued)
    receipt = verify(published, content, receipt="json").content
    sent = [("file", ("r", receipt)), ("file", ("a", content))]
    told = published.client.post("/v1/verifications/batch", files=sent).json()
    assert [one["verdict"] for one in told["results"]] == ["refused", "valid"]
    assert told["results"][0]["problem"]["errors"][0]["code"] == "verified-alone"
    shown = [("file", ("s", b'{"receipt":{}}')), sent[1]]
    answer = published.client.post("/v1/verifications", files=shown)
    assert problem(answer, 422, "invalid-request")["errors"][0]["code"] == "verified-alone"


def test_a_batch_has_a_size(published: Node) -> None:
    post = published.client.post
    problem(post("/v1/verifications/batch", data={"as_of": ""}), 422, "invalid-request")
    many = [("number", (None, "A B"))] * 51
    problem(post("/v1/verifications/batch", files=many), 422, "invalid-request")
    problem(post("/v1/verifications/batch", data={"number": "A"}), 422, "invalid-request")


def test_sharing_documents_are_published_signed(published: Node) -> None:
    answer = published.client.get("/v1/sharing/use-list")
    document = read_sharing_document(answer.content).document
    assert (document.kind, document.region, document.version) == ("use-list", OWN, 1)
    assert document.content == USE_LIST
    tag = {"If-None-Match": answer.headers["etag"]}
    assert published.client.get("/v1/sharing/use-list", headers=tag).status_code == 304
    missing = published.client.get("/v1/sharing/maps", params={"region": "340000"})
    problem(missing, 404, "sharing-document-not-found")
    old = published.client.get("/v1/sharing/catalogue", params={"version": 2})
    problem(old, 404, "sharing-document-not-found")


def test_coverage_says_what_is_listed_and_shared(published: Node) -> None:
    rows = published.client.get("/v1/sharing/coverage").json()["items"]
    cells = {row["item_code"]: row["types"] for row in rows}
    assert cells[ITEM] == [
        {"type": HYGIENE, "state": "covered", "regions": [{"region": OWN, "missing": []}]}
    ]
    assert cells["回执事项-02"][0]["state"] == "not-shared"


def test_the_schema_is_published_as_it_is_documented(node: Node) -> None:
    answer = node.client.get("/schemas/verification-receipt-1.json")
    assert answer.content == SCHEMA_FILE.read_bytes()
    problem(node.client.get("/schemas/nothing.json"), 404, "page-not-found")


def test_the_command_line_publishes_and_checks_offline(
    published: Node, issued: dict, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(published.settings.home))
    draft = tmp_path / "maps.json"
    maps = {"partners": [{"region": "330000", "types": [], "fields": []}]}
    draft.write_text(json.dumps({"schema": "license-vault/sharing-maps/1", **maps}), "utf-8")
    assert main(["share", "publish", str(draft)]) == 0
    assert main(["share", "show"]) == 0
    assert f"{OWN}\tmaps\t1\t" in capsys.readouterr().out
    assert main(["share", "show", "maps"]) == 0
    assert json.loads(capsys.readouterr().out) == maps
    assert main(["share", "coverage"]) == 0
    assert f"{ITEM}\t{HYGIENE}\tcovered\t{OWN}" in capsys.readouterr().out
    draft.write_text('{"schema": "license-vault/sharing-maps/1"}', "utf-8")
    assert main(["share", "publish", str(draft)]) == 1
    content = file_of(published, issued)
    receipt, file, bundle = (tmp_path / name for name in ("r.json", "a.pdf", "trust.json"))
    receipt.write_bytes(verify(published, content, receipt="json").content)
    file.write_bytes(content)
    bundle.write_bytes(published.client.get("/v1/trust-bundle").content)
    # The past is asked about with a time.
    assert main(["verify", str(receipt), "--policy", "historical"]) == 64
    offline = ["verify", str(receipt), "--trust", str(bundle), "--file"]
    assert main([*offline, str(file)]) == 0
    assert main([*offline, str(receipt)]) == 1
    assert main([*offline, str(tmp_path / "none")]) == 64
