"""A case from the counter to its closing: what is needed, brought, filled, sealed, decided, issued.

One enterprise with a business license applies for a hygiene license, as in examples/items.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from api_node import EVERYTHING, EXAMPLES, FENGXIAN, JIADING, MANAGERS, Node
from approving import Approvers

from api import wiring
from api.authentication import read_scopes
from api.cli.main import main
from api.use_header import written_use
from keys.sm3 import sm3
from license_vault.access.requests import AccessRequestWriter, AccessWish
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter, Caller, Scope
from license_vault.approvals.approvals import ApprovedCase
from license_vault.clock import civil_date
from license_vault.fsck.cases import case_objects, case_violations
from license_vault.holding.holder_handles import HandleGiving, Presence
from license_vault.holding.journal import JournalEntry, JournalReader
from license_vault.issuing.license_request import request_digest
from license_vault.lifecycle.settling import Settling
from license_vault.lifecycle.verbs import VERBS
from license_vault.lifecycle.versions import Versions
from license_vault.registry.holders import Holders
from license_vault.seals.applications import SealApplication, SealOwner
from license_vault.seals.life import SealKind
from signing.picture.seal_picture import SealPicture

ITEM = json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8"))
LICENSE = json.loads((EXAMPLES / "business-license.json").read_text("utf-8"))
COMPANY = LICENSE["holders"][0]
PURPOSE = "办理公共场所卫生许可"
BUSINESS, HYGIENE = "11310000MBDEM00076003", "11310000MBDEM00076002"


@dataclass
class Counter:
    """The window of one organisation: requests with its token, and its officers."""

    node: Node
    officers: Approvers
    count: int = 0

    @property
    def who(self) -> str:
        return "counter"

    def use(self, number: str, **changes: str) -> dict[str, str]:
        said = {"item_name": "公共场所卫生许可", "item_code": ITEM["code"], **changes}
        use = Use(
            "", "window-3", said["item_name"], said["item_code"], number, "办理公共场所卫生许可"
        )
        return {"License-Use": written_use(use)}

    def headers(self, key: str | None = None, **more: str) -> dict[str, str]:
        return {**self.node.auth(self.who), "Idempotency-Key": key or secrets.token_hex(8), **more}

    def get(self, path: str, **headers: str) -> Any:
        return self.node.client.get(f"/v1{path}", headers={**self.node.auth(self.who), **headers})

    def post(self, path: str, body: Any = None, key: str | None = None, **more: Any) -> Any:
        more_headers = more.pop("headers", {})
        return self.node.client.post(
            f"/v1{path}", json=body, headers=self.headers(key, **more_headers), **more
        )

    def number(self) -> str:
        self.count += 1
        return f"JD-办件-{self.count:04d}"

    def open(self, number: str | None = None, holder: Any = None) -> dict[str, Any]:
        number = number or self.number()
        stated = {k: COMPANY[k] for k in ("name", "document_type", "document_number")}
        body = {
            "item_code": ITEM["code"],
            "case_number": number,
            "holders": [holder or stated],
        }
        answer = self.post("/cases", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def decide(self, case: dict[str, Any], outcome: str = "准予", who: str = "zhao") -> Any:
        body = {"outcome": outcome, "basis": "《公共场所卫生管理条例》第四条"}
        told = ApprovedCase(case["case_number"], ITEM["code"], request_digest(body))
        approval = self.officers.signed(told, who, "decide")
        return self.post(f"/cases/{case['case']}/decision", {**body, "approvals": [approval]})

    def issue_body(self, case: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        values = {field["fills"]: field["value"] for field in form["fields"]}
        body = self.node.body("public-place-hygiene")
        filled = {
            **body,
            "item_code": ITEM["code"],
            "case_number": case["case_number"],
            "holders": [{**COMPANY, "name": values["/holders/0/name"]}],
            "fields": {
                "legal_representative": values["/fields/legal_representative"],
                "address": values["/fields/address"],
                "licensed_items": ["公共浴室"],
            },
        }
        return self.officers.approved(filled, ("zhao", "decide"))


@pytest.fixture(scope="module")
def counter(node: Node) -> Counter:
    scopes = f"{EVERYTHING} cases:handle items:define"
    with node.services.database.writing() as session:
        writer = ApiClientWriter(session, node.services.keys, secrets.token_bytes)
        made = writer.add(JIADING, "counter", read_scopes(scopes), wiring.clock())
    node.credentials["counter"] = (made.client_id, made.secret)
    officers = Approvers(node.services.database, node.services.keys, node.services.clock())
    officers.add_officer("zhao", JIADING)
    officers.add_officer("qian", FENGXIAN)
    put = node.client.put(
        f"/v1/items/{quote(ITEM['code'])}", json=ITEM, headers=node.auth("counter")
    )
    assert put.status_code == 200, put.text
    return Counter(node, officers)


@pytest.fixture(scope="module")
def business(counter: Counter) -> dict[str, Any]:
    """The enterprise's business license, issued by the same organisation."""
    answer = counter.node.issue(body={**LICENSE, "case_number": "T-营业执照-1"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_an_item_says_what_it_needs(counter: Counter) -> None:
    shown = counter.get(f"/items/{quote(ITEM['code'])}").json()
    assert shown["version"] == 1
    assert [need["types"] for need in shown["needs"]] == [[BUSINESS]]
    assert shown["results"] == [HYGIENE]
    assert ITEM["code"] in [item["code"] for item in counter.get("/items").json()["items"]]
    assert told(counter.get("/items/none-such")) == (404, "item-not-found")


def test_a_case_goes_from_the_counter_to_its_closing(
    counter: Counter, business: dict[str, Any]
) -> None:
    case = counter.open()
    path = f"/cases/{case['case']}"
    assert case["state"]["code"] == "open"

    form = counter.get(f"{path}/form", **counter.use(case["case_number"])).json()
    assert (form["have"], form["of"], form["missing"]) == (1, 1, ["licensed_items"])
    name = form["fields"][0]
    assert name["value"] == COMPANY["name"]
    assert name["source"]["license"] == business["identifier"]
    assert (name["source"]["version"], name["source"]["verdict"]) == ("001", "valid")
    assert name["source"]["path"] == "/holders/0/name"
    assert name["source"]["as_of"]

    body = counter.issue_body(case, form)
    assert told(counter.post(f"{path}/license", body)) == (409, "case-state")
    assert told(counter.post(f"{path}/closing")) == (409, "case-state")

    decided = counter.decide(case)
    assert decided.status_code == 200, decided.text
    assert decided.json()["lacking"] == [HYGIENE]
    assert told(counter.decide(case)) == (409, "case-state")
    listed = counter.get("/cases?state=approved-no-license").json()["items"]
    assert [each["case"] for each in listed] == [case["case"]]
    assert told(counter.post(f"{path}/closing")) == (409, "case-without-license")

    issued = counter.post(f"{path}/license", body)
    assert issued.status_code == 201, issued.text
    assert counter.get("/cases?state=approved-no-license").json()["items"] == []
    closed = counter.post(f"{path}/closing", key="closing-1")
    assert closed.json()["state"]["code"] == "closed", closed.text
    assert [each["identifier"] for each in closed.json()["licenses"]] == [
        issued.json()["identifier"]
    ]
    again = counter.post(f"{path}/closing", key="closing-1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")


def bring(counter: Counter, case: dict[str, Any], data: bytes, key: str | None = None) -> Any:
    return counter.post(
        f"/cases/{case['case']}/documents", key=key, files={"file": ("a.pdf", data)}
    )


def test_what_is_brought_is_verified_kept_and_used(
    counter: Counter, business: dict[str, Any]
) -> None:
    file = counter.get(f"/licenses/{business['identifier']}/file", **counter.use("x")).content
    case = counter.open()
    brought = bring(counter, case, file, key="brought-1")
    assert brought.status_code == 201, brought.text
    assert (brought.json()["verdict"], brought.json()["form"]) == ("valid", "pdf")
    again = bring(counter, case, file, key="brought-1")
    assert (again.status_code, again.json()["document"]) == (200, brought.json()["document"])
    assert told(bring(counter, case, b"another", key="brought-1")) == (
        422,
        "idempotency-key-reused",
    )
    altered = bring(counter, case, file.replace(b"/Type", b"/Tipe", 1))
    assert (altered.status_code, altered.json()["verdict"]) == (201, "altered")
    assert told(bring(counter, case, b"no document")) == (422, "unreadable-document")

    href = brought.json()["href"].removeprefix("/v1")
    assert counter.get(href).content == file
    report = counter.get(href.removesuffix("/file")).json()["report"]
    assert report["schema"] == "license-vault/report/1"
    listed = counter.get(f"/cases/{case['case']}/documents").json()["items"]
    assert [each["verdict"] for each in listed] == ["valid", "altered"]


def test_a_use_of_another_case_fills_no_form(counter: Counter) -> None:
    case = counter.open()
    path = f"/cases/{case['case']}/form"
    assert told(counter.get(path, **counter.use("another"))) == (422, "invalid-request")
    other_item = counter.use(case["case_number"], item_code="another")
    assert counter.get(path, **other_item).json()["errors"][0]["code"] == "not-of-this-case"


def test_who_was_not_there_has_only_what_the_own_organisation_issued(
    counter: Counter, business: dict[str, Any]
) -> None:
    elsewhere = Elsewhere(counter)
    case = elsewhere.open(counter.number())
    form = elsewhere.form(case)
    assert (form["have"], form["needs"][0]["missing"]) == (0, "not-found")
    # What the applicant brings needs no grant.
    file = counter.get(f"/licenses/{business['identifier']}/file", **counter.use("x")).content
    elsewhere.bring(case, file)
    form = elsewhere.form(case)
    assert form["fields"][0]["value"] == COMPANY["name"]
    assert form["fields"][0]["source"]["document"]
    # A holder who is there, and no grant: that the license is there is said, nothing of it.
    there = elsewhere.open(counter.number(), {"handle": elsewhere.handle()})
    form = elsewhere.form(there)
    assert (form["have"], form["needs"][0]["missing"]) == (0, "access-not-granted")
    assert form["fields"][0]["value"] is None
    assert form["fields"][1]["value"] == COMPANY["document_number"]
    assert told(elsewhere.get(f"/cases/{counter.open()['case']}")) == (404, "case-not-found")
    elsewhere.grant()
    name = elsewhere.form(there)["fields"][0]
    assert (name["value"], name["source"]["license"]) == (COMPANY["name"], business["identifier"])
    entry = last_entry(counter.node, business["holders"][0])
    assert (entry.act.action, entry.act.use.case_number) == ("prefilled", there["case_number"])
    assert entry.act.fields == (
        "holders.0.name",
        "fields.legal_representative",
        "fields.domicile",
    )


def last_entry(node: Node, handle: str) -> JournalEntry:
    """The newest entry in a holder's journal."""
    services = node.services
    with services.database.reading() as session:
        holder = Holders(session).by_handle(handle)
        return JournalReader(session, services.vault).page(holder, 1)[0]


class Elsewhere(Counter):
    """The window of another district."""

    def __init__(self, counter: Counter) -> None:
        super().__init__(counter.node, counter.officers)
        if "elsewhere" not in self.node.credentials:
            with self.node.services.database.writing() as session:
                writer = ApiClientWriter(session, self.node.services.keys, secrets.token_bytes)
                scopes = read_scopes(f"{EVERYTHING} cases:handle")
                made = writer.add(FENGXIAN, "elsewhere", scopes, wiring.clock())
            self.node.credentials["elsewhere"] = (made.client_id, made.secret)

    @property
    def who(self) -> str:
        return "elsewhere"

    def form(self, case: dict[str, Any]) -> dict[str, Any]:
        path = f"/cases/{case['case']}/form"
        answer = self.get(path, **self.use(case["case_number"]))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def bring(self, case: dict[str, Any], data: bytes) -> None:
        assert bring(self, case, data).json()["verdict"] == "valid"

    def handle(self) -> str:
        """The handle that the system got for a holder who was at the window."""
        services = self.node.services
        kind, number = COMPANY["document_type"], COMPANY["document_number"]
        there = Presence(COMPANY["name"], kind, number, "window-check", "w-1")
        with services.database.writing() as session:
            giving = HandleGiving(session, services.macs, services.vault, secrets.token_bytes)
            caller = Caller("client:elsewhere", FENGXIAN, frozenset())
            return giving.give(there, caller, services.clock()).handle

    def grant(self) -> None:
        """Grant this district the use of business licenses for the item."""
        services, at = self.node.services, self.node.services.clock()
        wish = AccessWish(ITEM["code"], BUSINESS, PURPOSE, "演示")
        with services.database.writing() as session:
            writer = AccessRequestWriter(session, services.keys, at)
            asked = writer.ask(FENGXIAN, wish, "client:elsewhere", secrets.token_bytes)
            writer.grant(asked, civil_date(at), "operator:test")


def own_seal(node: Node, holder: str) -> str:
    """The enterprise's own seal, made and in use."""
    work, code, (anna, bert) = node.services.seals, "31011400000077", MANAGERS
    picture = SealPicture("round", COMPANY["name"], "", code)
    owner = SealOwner(JIADING, holder, COMPANY["name"])
    asked = SealApplication(code, SealKind.OFFICIAL, owner, COMPANY["name"], picture, "启用")
    work.office.apply(asked, anna)
    work.office.approve(code, "同意", bert)
    authority = wiring.development_authority_of(node.settings, node.services.keys)
    work.workshop.make(code, authority.issue_seal(work.workshop.request(code, anna)), anna)
    work.office.file(code, f"BA-{code}", anna)
    return code


@pytest.mark.parametrize("form", ["pdf", "ofd"])
def test_the_filled_form_is_sealed_with_the_holders_own_seal(
    counter: Counter, business: dict[str, Any], seal_code: str, form: str
) -> None:
    case = counter.open()
    path = f"/cases/{case['case']}"
    use = counter.use(case["case_number"])
    sheet, again = (
        counter.post(f"{path}/form/sheet", {"form": form}, key=f"sheet-{form}", headers=use)
        for _ in range(2)
    )
    assert sheet.status_code == 200, sheet.text
    assert again.content == sheet.content
    place = dict(part.split("=") for part in sheet.headers["Seal-Place"].split(", "))
    assert again.headers["Seal-Place"] == sheet.headers["Seal-Place"]
    refused = counter.post(f"{path}/form/sealed", files={"file": ("a", sheet.content)})
    assert (told(refused), refused.json()["reason"]) == (
        (422, "sealed-form-refused"),
        "not-sealed-here",
    )
    sealed = seal(counter.node, seal_code, sheet.content, place)
    kept = counter.post(f"{path}/form/sealed", files={"file": ("a", sealed)})
    assert kept.status_code == 201, kept.text
    assert (kept.json()["kind"], kept.json()["form"]) == ("sealed-sheet", form)
    report = counter.get(kept.json()["href"].removeprefix("/v1").removesuffix("/file")).json()
    assert [each["code"] for each in report["report"]["seals"]] == [seal_code]
    # It is the sheet of this case and of no other.
    other = counter.post(
        f"/cases/{counter.open()['case']}/form/sealed", files={"file": ("a", sealed)}
    )
    assert told(other) == (422, "sealed-form-refused")


@pytest.fixture(scope="module")
def seal_code(counter: Counter, business: dict[str, Any]) -> str:
    return own_seal(counter.node, business["holders"][0])


def seal(node: Node, code: str, document: bytes, place: dict[str, str]) -> bytes:
    """What comes of a holder's consent and a sealing by the window."""
    holder = node.holder(COMPANY["document_type"], COMPANY["document_number"])
    wanted = {"document_sm3": sm3(document).hex(), "purpose": PURPOSE, "minutes": 5}
    consent = node.client.post(
        f"/v1/seals/{code}/consents",
        json=wanted,
        headers={**holder, "Idempotency-Key": secrets.token_hex(8)},
    )
    assert consent.status_code == 201, consent.text
    user = node.seal_person("seal-user", JIADING, "ursula")
    answer = node.client.post(
        f"/v1/seals/{code}/sealings",
        data={**place, "consent": consent.json()["consent_id"]},
        files={"file": ("a", document)},
        headers={**user, "Idempotency-Key": secrets.token_hex(8)},
    )
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_refused_case_closes_and_makes_no_license(
    counter: Counter, business: dict[str, Any]
) -> None:
    case = counter.open()
    path = f"/cases/{case['case']}"
    form = counter.get(f"{path}/form", **counter.use(case["case_number"])).json()
    body = counter.issue_body(case, form)
    # Not by the other way either.
    assert told(counter.post("/licenses", body)) == (409, "case-state")
    assert told(counter.decide(case, who="qian")) == (422, "approval-invalid")
    assert counter.decide(case, "不予").json()["state"]["code"] == "refused"
    assert told(counter.post(f"{path}/license", body)) == (409, "case-state")
    assert counter.post(f"{path}/closing").json()["state"]["code"] == "closed"


def test_one_number_is_one_case(counter: Counter) -> None:
    first = counter.open()
    stated = {k: COMPANY[k] for k in ("name", "document_type", "document_number")}
    body = {
        "item_code": ITEM["code"],
        "case_number": first["case_number"],
        "holders": [stated],
    }
    again = counter.post("/cases", body)
    assert (told(again), again.json()["handle"]) == ((409, "case-exists"), first["case"])
    assert told(counter.post("/cases", {**body, "item_code": "none"})) == (404, "item-not-found")
    assert told(counter.post("/cases", {**body, "holders": []})) == (422, "invalid-request")


def test_nothing_of_a_case_stands_in_the_clear(counter: Counter) -> None:
    case = counter.open("JD-明文-0001")
    number, name = COMPANY["document_number"], COMPANY["name"]
    files = [path for path in counter.node.settings.home.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    assert case["case"].encode() in kept
    for secret in ("JD-明文-0001", number, name):
        assert secret.encode() not in kept


def change(counter: Counter, identifier: str, patch: dict[str, Any]) -> str:
    """变更; return the new version's identifier."""
    services = counter.node.services
    versions = Versions(services.issuance, Settling(services.database, services.vault))
    caller = Caller("client:change", JIADING, frozenset({Scope("licenses:issue")}))
    body = {"basis": "企业更名", "case_number": counter.number(), **patch}
    key = secrets.token_hex(8)
    return versions.make(identifier, VERBS["change"], body, caller, key).license.identifier


def test_a_renamed_enterprise_makes_its_other_licenses_stale(
    counter: Counter, business: dict[str, Any]
) -> None:
    """Last in this file: the business license is another one afterwards."""
    stale = counter.get("/stale-licenses", **counter.use("x"))
    assert (stale.status_code, stale.json()) == (200, {"items": []})
    renamed = "上海示例长风数字集团有限公司（演示）"
    source = change(counter, business["identifier"], {"holders": [{"name": renamed}]})
    items = counter.get("/stale-licenses", **counter.use("x")).json()["items"]
    (copy,) = items
    assert copy["type_code"] == HYGIENE
    (field,) = copy["fields"]
    assert (field["path"], field["value"], field["source_value"], field["source"]) == (
        "/holders/0/name",
        COMPANY["name"],
        renamed,
        source,
    )
    proposal = copy["proposal"]["body"]
    assert proposal["holders"] == [{"name": renamed}]
    change(counter, copy["identifier"], proposal)
    assert counter.get("/stale-licenses", **counter.use("x")).json() == {"items": []}
    # What a next case is filled with is the newest version, at once.
    case = counter.open()
    form = counter.get(f"/cases/{case['case']}/form", **counter.use(case["case_number"])).json()
    assert form["fields"][0]["source"]["license"] == source
    assert form["fields"][0]["source"]["version"] == "002"


def test_files_of_cases_belong_to_them_and_are_proven(counter: Counter) -> None:
    services = counter.node.services
    proof = (services.database, services.vault, services.keys)
    assert list(case_violations(*proof)) == []
    names = [key for key in services.store.all_keys() if key.startswith("case-")]
    with services.database.reading() as session:
        assert case_objects(session, [*names, "case-none/x/pdf"]) == set(names)
    assert names


def test_an_item_is_loaded_and_shown_by_commands(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(counter.node.settings.home))
    file = tmp_path / "item.json"
    file.write_text(json.dumps({**ITEM, "code": "演示事项-2", "mode": "two-step"}), "utf-8")
    assert main(["item", "load", str(file)]) == 0
    capsys.readouterr()
    assert main(["item", "show", "演示事项-2"]) == 0
    assert json.loads(capsys.readouterr().out)["mode"] == "two-step"
    file.write_text(json.dumps({**ITEM, "results": ["11310000MBDEM00076999"]}), "utf-8")
    assert main(["item", "load", str(file)]) == 1
    assert "/results/0" in capsys.readouterr().err
    # How many officers decide is not changed by a file.
    file.write_text(json.dumps({**ITEM, "mode": "two-step"}), "utf-8")
    assert main(["item", "load", str(file)]) == 1
