"""What region B decides, signs and keeps about a license of region A."""

import base64
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from acquainted_regions import OwnRoot, accept_list, acquaint, publish_list
from api_node import EVERYTHING, EXAMPLES, JIADING, Node
from regional_counter import (
    Counter,
    counts_in_our_codes,
    fills_forms_at_a_kiosk,
    of_journal,
    publish_use_list,
    stands_for_needs_as_the_use_list_says,
)
from sqlalchemy import select
from test_exchange import USE
from test_issuing_over_http import problem
from test_receipts_and_decisions import CATALOGUE, HYGIENE, ITEM, NAME, USE_LIST
from two_regions import A_REGION, A_URL, B_REGION, NANJING, Regions, RegionWeb, build_regions

from api.authentication import read_scopes
from api.partner_numbers import _file_in, _require_same
from api.partner_statements import document_judge
from api.use_header import written_use
from api.verification_answers import answer_to
from api.verification_question import plain_question
from license_vault.api_clients import ApiClientWriter
from license_vault.database.columns import table_of
from license_vault.database.event_tables import OutboxRow
from license_vault.exchange.errors import PartnerAnswerError
from license_vault.library_signature import LibrarySigner
from license_vault.license_identifier import compose, parse
from license_vault.partners.states import Part
from license_vault.partners.web import Fetched
from license_vault.sharing.documents import KeptDocument, SharingDocuments
from license_vault.sharing.publishing import SharingPublisher, take_in
from license_vault.web_sessions import WebSessionWriter
from signing.sealed_json.sharing_document import (
    SharingDocument,
    SharingKind,
    sign_sharing_document,
)
from signing.sealed_json.verification_receipt import read_verification_receipt
from verification.sources import Unreachable

_HELD = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))["holders"][0]
HOLDER = (_HELD["document_type"], _HELD["document_number"])


CASE_NUMBER = "NJ-办件-0001"
CASE_ITEM = {
    "schema": "license-vault/item/1",
    "code": "NJ-ITEM-1",
    "name": {"zh": "旅馆开办", "en": "Opening a hotel"},
    "mode": "sole",
    "needs": [{"key": "hygiene", "name": NAME, "types": [HYGIENE]}],
    "form": [
        {
            "key": "permit",
            "label": {"zh": "卫生许可证号", "en": "Number of the permit"},
            "sources": [{"type": HYGIENE, "path": "/number"}],
        }
    ],
    "results": [],
}
_OUTBOX = table_of(OutboxRow)


@dataclass
class Met:
    a: Node
    b: Node
    web: RegionWeb
    license: dict[str, Any]
    file: bytes
    root: OwnRoot
    case: str = ""

    def pull(self) -> None:
        self.a.services.status.publish()
        failed = self.b.services.partners.pull.run_region(A_REGION)
        assert "status-lists" not in {part.value for part in failed}, failed

    @property
    def window(self) -> dict[str, str]:
        use = replace(USE, item_code=CASE_ITEM["code"], case_number=CASE_NUMBER)
        return {**self.b.auth("cases"), "License-Use": written_use(use)}

    def form(self) -> dict[str, Any]:
        """The form of B's case, filled from what is valid now."""
        answer = self.b.client.get(f"{self.case}/form", headers=self.window)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def decision(self, item_code: str) -> dict[str, Any]:
        """What anybody hears in B of A's file for an item."""
        return self.verify(self.b, self.file, item_code=item_code).json()["decision"]

    def document(self) -> KeptDocument:
        """A's catalogue as B keeps it."""
        with self.b.services.database.reading() as session:
            return SharingDocuments(session).find(A_REGION, SharingKind.CATALOGUE)

    def verify(self, node: Node, *files: bytes, **form: str) -> Any:
        sent = [("file", ("x", data)) for data in files]
        return node.client.post("/v1/verifications", files=sent, data=form)

    def intake(self, person: dict, content: bytes, handle: str = "me") -> Any:
        return self.b.client.post(
            f"/v1/holders/{handle}/licenses/intake",
            files={"file": ("x", content)},
            headers={**person, "Idempotency-Key": "intake"},
        )


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    regions: Regions = build_regions(tmp_path_factory.mktemp("across"))
    root = acquaint(regions)
    a, b = regions.a, regions.b
    license_ = a.issue().json()
    ofd = next(file["href"] for file in license_["files"] if file["form"] == "ofd")
    content = a.client.get(ofd, headers=a.auth("jiading")).content
    services = b.services
    with services.database.writing() as session:
        clients = ApiClientWriter(session, services.keys, secrets.token_bytes)
        scopes = read_scopes(f"{EVERYTHING} cases:handle items:define")
        made = clients.add(NANJING, "cases", scopes, services.clock())
        b.credentials["cases"] = (made.client_id, made.secret)
        publisher = SharingPublisher(session, B_REGION, services.signer)
        publisher.publish(SharingKind.USE_LIST, USE_LIST, "operator:test", services.clock())
    met = Met(a, b, regions.web, license_, content, root)
    met.pull()
    yield met
    regions.close()


def test_a_license_of_a_is_decided_in_b_with_a_receipt_that_a_believes(met: Met) -> None:
    answer = met.verify(met.b, met.file, item_code=ITEM, receipt="json")
    assert answer.status_code == 200, answer.text
    said = read_verification_receipt(answer.content).receipt.value
    assert (said["verdict"], said["decision"]["outcome"]) == ("valid", "waived")
    assert said["verifier"] == B_REGION
    assert (said["trust"]["region"], said["trust"]["sequence"]) == (A_REGION, "1")
    assert said["status"]["source"] == "list"
    assert said["status"]["sequence"]
    # Without B's revocation lists nobody knows whether its library's certificate still counts.
    before = met.verify(met.a, answer.content, met.file).json()
    assert before["verdict"] == "indeterminate"
    met.a.services.partners.pull.run_region(B_REGION)
    told = met.verify(met.a, answer.content, met.file).json()
    assert told["verdict"] == "valid", told["checks"]


def test_a_number_of_a_is_asked_of_a_and_its_file_judged_in_b(met: Met) -> None:
    number = {"identifier": met.license["identifier"], "check_code": met.license["check_code"]}
    asked, item = {**met.b.auth("nanjing"), "License-Use": written_use(USE)}, {"item_code": ITEM}

    def look_up(headers: dict[str, str], **form: str) -> Any:
        return met.b.client.post("/v1/verifications", data={**number, **form}, headers=headers)

    before = len(met.web.calls)
    for headers, status, slug in (
        ({}, 403, "number-of-partner-region"),
        (met.b.holder(*HOLDER), 403, "number-of-partner-region"),
        ({"Authorization": f"Bearer {met.b.token('nanjing')}"}, 400, "use-required"),
        ({**asked, **met.b.auth("nothing")}, 403, "forbidden"),
    ):
        refused = problem(look_up(headers), status, slug)
        assert "region" not in refused or refused["region"] == A_REGION
    assert met.web.calls[before:] == []
    told = look_up(asked, **item).json()
    assert (told["verdict"], told["license"]["identifier"]) == ("valid", number["identifier"])
    assert (told["trust"]["region"], told["decision"]["outcome"]) == (A_REGION, "waived")
    assert "presented-file" in told["not_checked"]
    receipt = read_verification_receipt(look_up(asked, receipt="json").content).receipt.value
    assert (receipt["asked"]["requester"], receipt["verdict"]) == (NANJING, "valid")
    # A wrong code and an unknown number answer alike, and spoil nothing beside them.
    known = parse(number["identifier"])
    unknown = compose(known.type_code, known.authority_code, "0" * 16).text
    lines = [
        f"{number['identifier']} {number['check_code']}",
        f"{number['identifier']} 0000000000000",
        f"{unknown} {number['check_code']}",
    ]
    batch = met.b.client.post(
        "/v1/verifications/batch", files=[("number", (None, line)) for line in lines], headers=asked
    ).json()
    assert [one["verdict"] for one in batch["results"]] == ["valid", "refused", "refused"]
    wrong, strange = (one["problem"] for one in batch["results"][1:])
    assert wrong["code"] == strange["code"] == "check-code-mismatch"
    assert {**wrong, "instance": ""} == {**strange, "instance": ""}


def test_a_number_of_a_region_that_is_off_is_told_with_the_age_of_what_is_known(met: Met) -> None:
    number = {"identifier": met.license["identifier"], "check_code": met.license["check_code"]}
    asked = {**met.b.auth("nanjing"), "License-Use": written_use(USE)}
    form = {**number, "item_code": ITEM}
    with met.web.without(A_URL):
        told = met.b.client.post("/v1/verifications", data=form, headers=asked)
        receipt = met.b.client.post(
            "/v1/verifications", data={**form, "receipt": "json"}, headers=asked
        )
    report = told.json()
    assert (told.status_code, report["verdict"]) == (200, "indeterminate")
    check = report["checks"][0]
    assert (check["code"], check["values"]["detail"]) == ("partner-file-not-had", "no-answer")
    assert check["known_at"]
    assert (report["decision"]["outcome"], report["license"]) == ("manual", None)
    problem(receipt, 422, "invalid-request")


def test_another_file_than_the_number_names_is_not_believed(met: Met) -> None:
    number = (met.license["identifier"], met.license["check_code"].replace("-", ""))
    known = parse(number[0])
    other = compose(known.type_code, known.authority_code, "1" * 16).text
    answer = met.b.services.exchange.asking.ask(
        A_REGION, "file", USE, {"identifier": number[0], "check_code": number[1]}
    )
    judged = answer_to(met.b.services, base64.b64decode(answer.body["file"]), plain_question())
    _require_same(judged, answer, number[0])
    with pytest.raises(PartnerAnswerError, match="another-license"):
        _require_same(judged, answer, other)
    with pytest.raises(PartnerAnswerError, match="no-file"):
        _file_in(replace(answer, body={}))


def test_a_partners_documents_are_pulled_as_its_library_signed_them(met: Met) -> None:
    a, b = met.a.services, met.b.services
    with a.database.writing() as session:
        publisher = SharingPublisher(session, A_REGION, a.signer)
        publisher.publish(SharingKind.CATALOGUE, CATALOGUE, "operator:test", a.clock())
    assert b.partners.pull.run_region(A_REGION) == {}
    kept = met.document()
    assert kept.file == met.a.client.get("/v1/sharing/catalogue").content
    rows = met.b.client.get("/v1/sharing/coverage").json()["items"]
    cell = next(row for row in rows if row["item_code"] == ITEM)["types"][0]
    assert (cell["state"], cell["regions"]) == ("covered", [{"region": A_REGION, "missing": []}])
    partner = met.b.client.get("/v1/partners", headers=met.b.auth("nanjing")).json()["partners"][0]
    assert [(one["kind"], one["version"]) for one in partner["sharing"]] == [("catalogue", 1)]
    assert 0 <= partner["sharing"][0]["age_seconds"] < 60
    # The same by hand changes nothing.
    with b.database.writing() as session:
        judge = document_judge(b.database, B_REGION, b.clock)
        assert take_in(session, kept.file, judge, "operator:test", b.clock()).sm3 == kept.sm3


def test_what_a_partner_may_not_publish_is_refused_and_told(met: Met) -> None:
    first, a, b = met.document(), met.a.services, met.b.services
    narrowed = json.loads(json.dumps(CATALOGUE))
    narrowed["types"][0]["shared"][0]["operations"] = ["file"]
    with a.database.writing() as session:
        publisher = SharingPublisher(session, A_REGION, a.signer)
        publisher.publish(SharingKind.CATALOGUE, narrowed, "operator:test", a.clock())
    pull = b.partners.pull
    assert pull.run_region(A_REGION) == {}
    second = met.document()
    assert second.document.version == 2
    newer = replace(second.document, version=3)
    for reason, false in {
        "older": first.file,
        "split": _signed(a.signer, replace(first.document, version=2)),
        "receipt-signer-not-trusted": _signed(b.signer, newer),
        "another-document": _signed(a.signer, replace(newer, region="330000")),
        "sharing-invalid": _signed(a.signer, replace(newer, content={"types": []})),
    }.items():

        def lie(url: str, true: Fetched, false: bytes = false) -> Fetched:
            return Fetched(200, false) if url.endswith("/catalogue") else true

        with met.web.lying(A_URL, lie):
            assert pull.run_region(A_REGION) == {Part.SHARING_CATALOGUE: reason}
        assert met.document() == second
    with b.database.reading() as session:
        told = session.execute(select(_OUTBOX.c.data).where(_OUTBOX.c.kind == "partner.alarm"))
        reasons = {json.loads(row.data)["reason"] for row in told}
    assert reasons >= {"older", "split", "receipt-signer-not-trusted", "another-document"}
    assert pull.run_region(A_REGION) == {}


def _signed(signer: LibrarySigner, document: SharingDocument) -> bytes:
    return sign_sharing_document(
        document, signer.identity, signer.sign, signer.timestamper.timestamp
    )


def test_a_question_about_the_past_is_answered_by_the_list_of_that_time(met: Met) -> None:
    then = met.b.services.clock()
    time.sleep(1.1)  # lists and questions know whole seconds
    publish_list(met.a, A_REGION, A_URL, met.root)
    accept_list(met.a, A_REGION, A_URL, met.b)
    asked = {"as_of": then.isoformat(), "receipt": "json"}
    for policy, sequence in (("default", "2"), ("historical", "1")):
        answer = met.verify(met.b, met.file, **asked, policy=policy)
        said = read_verification_receipt(answer.content).receipt.value
        assert (said["verdict"], said["trust"]["sequence"]) == ("valid", sequence)
    trust = met.b.services.verifier._sources.past
    assert trust is not None
    # Before the first list nobody was known; the newest then tells what is known of it.
    early = trust.trust_at(JIADING, then - timedelta(days=365))
    assert not isinstance(early, Unreachable)
    assert early.list_sequence == 2


def test_a_license_of_a_that_is_brought_counts_in_a_case_of_b(met: Met) -> None:
    window = met.window
    put = met.b.client.put(f"/v1/items/{CASE_ITEM['code']}", json=CASE_ITEM, headers=window)
    assert put.status_code == 200, put.text
    named = {name: _HELD[name] for name in ("name", "document_type", "document_number")}
    body = {"item_code": CASE_ITEM["code"], "case_number": CASE_NUMBER, "holders": [named]}
    case = met.b.client.post("/v1/cases", json=body, headers={**window, "Idempotency-Key": "c-1"})
    assert case.status_code == 201, case.text
    met.case = f"/v1/cases/{case.json()['case']}"
    assert met.form()["have"] == 0
    brought = met.b.client.post(
        f"{met.case}/documents",
        files={"file": ("x", met.file)},
        headers={**window, "Idempotency-Key": "c-2"},
    )
    assert brought.status_code == 201, brought.text
    told = brought.json()
    assert (told["verdict"], told["region"]) == ("valid", A_REGION)
    assert told["decision"] == met.decision(CASE_ITEM["code"])
    assert told["decision"]["listed"] == "item-unknown"
    # Authentic and in force, and listed for nothing here: a person looks.
    (need,) = met.form()["needs"]
    assert (need["license"], need["missing"]) == (None, "manual")
    assert need["decided"][0]["document"] == told["document"]
    publish_use_list(met.b, [CASE_ITEM["code"]])
    form = met.form()
    assert (form["have"], form["of"]) == (1, 1)
    assert form["fields"][0]["source"]["license"] == met.license["identifier"]
    assert form["fields"][0]["value"]


def partners_page(node: Node, person: dict[str, str]) -> str:
    """The page of a holder who is logged in: licenses of partner regions."""
    services = node.services
    token, now = person["Authorization"].removeprefix("Bearer "), services.clock()
    with services.database.writing() as session:
        sessions = WebSessionWriter(session, services.keys, services.random_bytes)
        opened = sessions.open("person", token, now, now + timedelta(minutes=5))
    headers = {"Cookie": f"license-vault-session={opened.secret}", "Accept-Language": "zh-CN"}
    answer = node.client.get("/my/me/partners", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_holder_takes_the_license_in_and_sees_as_live_what_a_says(met: Met) -> None:
    me = met.b.holder(*HOLDER)
    problem(met.intake(met.b.holder("111", "110101199003070011"), met.file), 409, "intake-refused")
    changed = met.file[:-40] + bytes([met.file[-40] ^ 1]) + met.file[-39:]
    assert met.intake(me, changed).status_code in (409, 422)
    taken = met.intake(me, met.file)
    assert taken.status_code == 201, taken.text
    assert taken.json()["region"] == A_REGION
    again = met.intake(me, met.file)
    assert (again.status_code, again.json()["name"]) == (200, taken.json()["name"])
    content = met.b.client.get(taken.json()["href"], headers=me).content
    assert content == met.file
    stranger = met.b.holder("111", "110101199003070011")
    problem(met.b.client.get(taken.json()["href"], headers=stranger), 404, "holder-not-found")
    address = f"/v1/holders/{met.b.client.get('/v1/holders/me', headers=me).json()['handle']}"
    listed = met.b.client.get(f"{address}/partner-licenses", headers=me).json()["items"]
    assert [(one["region"], one["verdict"]) for one in listed] == [(A_REGION, "valid")]
    assert listed[0]["says"]["number"] in partners_page(met.b, me)
    counter = Counter(met.b, CASE_ITEM, CASE_NUMBER + "-1")
    identifier = met.license["identifier"]
    stands_for_needs_as_the_use_list_says(counter, identifier, met.decision)
    fills_forms_at_a_kiosk(counter, identifier)
    counts_in_our_codes(met.b, {**CASE_ITEM, "code": "NJ-ITEM-2"})
    cancelled = met.a.client.post(
        f"/v1/licenses/{met.license['identifier']}/cancellation",
        json={"basis": "《中华人民共和国行政许可法》第七十条"},
        headers={**met.a.auth("jiading"), "Idempotency-Key": "end"},
    )
    assert cancelled.status_code == 200, cancelled.text
    met.pull()
    listed = met.b.client.get(f"{address}/partner-licenses", headers=me).json()["items"]
    assert [(one["verdict"], one["state"]) for one in listed] == [("not_in_force", "cancelled")]
    assert "注销" in partners_page(met.b, me)
    # What no longer counts there fills no form here: neither what was brought nor the vault's.
    for form in (met.form(), counter.form()):
        (need,) = form["needs"]
        assert (form["have"], need["missing"]) == (0, "to-submit")
        (decided,) = need["decided"]
        assert decided["decision"]["reasons"][0]["code"] == "not-in-force"
    assert of_journal(met.b, identifier)[0]["result"] == "to_submit"
