"""Where parts of the service meet: told alike on every face, journaled, granted, and refused."""

import json
import secrets
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from api_node import CITY, EXAMPLES, FENGXIAN, JIADING, uscc
from approving import ApprovedCase
from meeting_world import BUSINESS, COMPANY, ITEM, PERSON, PURPOSE, Meeting, photo, stated

from api.cli.main import main
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.api_clients import Caller, Scope
from license_vault.errors import OutputRefusedError
from license_vault.issuing.issuance import Issuance
from license_vault.issuing.license_request import request_digest
from license_vault.issuing.reconciliation import reconcile
from license_vault.issuing.side_by_side import one_by_one
from license_vault.packages.packages import PackageIssuing
from license_vault.presenting.devices import DeviceWriter
from license_vault.seals.uses import CheckedSeal

ORDER = {"basis": "《优化营商环境条例》第二十条"}


def in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


def code_of(answer: Any) -> str:
    return "" if answer.status_code < 400 else str(answer.json()["code"])


# --- one function, every face ----------------------------------------------------------------


@pytest.fixture(scope="module")
def composite(meeting: Meeting) -> dict[str, Any]:
    """A composite license with its second part suspended."""
    body = json.loads((EXAMPLES / "integrated-industry.json").read_text("utf-8"))
    body |= {"holders": [COMPANY], "number": "沪嘉综许〔2026〕第777001号", "case_number": "M-综合"}
    made = meeting.post("m-here", "/v1/licenses", body).json()
    path = f"/v1/licenses/{made['identifier']}"
    before = meeting.get("m-here", path)
    again = meeting.get("m-here", path, **{"If-None-Match": before.headers["ETag"]})
    assert (before.json()["parts"][1]["status"]["code"], again.status_code) == ("valid", 304)
    suspended = meeting.post("m-here", f"{path}/parts/2/suspension", ORDER)
    assert suspended.status_code == 200, suspended.text
    after = meeting.get("m-here", path, **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    return made


def test_parts_are_told_alike_wherever_the_license_is_shown(
    meeting: Meeting, composite: dict[str, Any], tmp_path: Any, monkeypatch: Any, capsys: Any
) -> None:
    node, identifier = meeting.node, composite["identifier"]
    shown = meeting.get("m-here", f"/v1/licenses/{identifier}").json()
    expected = ["valid", "suspended", "valid", "valid", "valid"]
    assert [part["status"]["code"] for part in shown["parts"]] == expected
    assert (shown["cert_state"], shown["predecessor"], shown["conditions"]) == ("01", None, [])
    own = node.client.get(
        f"/v1/holders/{meeting.company_handle}/licenses/{identifier}",
        headers=meeting.holder(COMPANY),
    ).json()
    assert own["parts"] == shown["parts"]
    in_list = meeting.get("m-here", "/v1/licenses?limit=1").json()["items"][0]
    assert in_list["parts"] is None

    pdf, ofd = (
        meeting.get("m-here", f"/v1/licenses/{identifier}/file?form={form}").content
        for form in ("pdf", "ofd")
    )
    report = node.client.post("/v1/verifications", files={"file": pdf}).json()
    assert report["license"]["parts"] == shown["parts"]
    both = [("file", ("a.pdf", pdf)), ("file", ("a.ofd", ofd))]
    together = node.client.post("/v1/verifications", files=both).json()
    assert {json.dumps(one["license"]["parts"]) for one in together["reports"]} == {
        json.dumps(shown["parts"])
    }
    page = node.client.post("/verify", files={"file": pdf}).text
    assert "分项 2" in page
    assert "暂扣 suspended" in page

    monkeypatch.setenv("LICENSE_VAULT_HOME", str(node.settings.home))
    (tmp_path / "a.pdf").write_bytes(pdf)
    assert main(["verify", str(tmp_path / "a.pdf")]) == 0
    assert "分项 2 part hygiene: 暂扣 suspended" in capsys.readouterr().out


def test_an_altered_file_is_told_nothing_of_parts(
    meeting: Meeting, composite: dict[str, Any]
) -> None:
    path = f"/v1/licenses/{composite['identifier']}/file"
    altered = meeting.get("m-here", path).content.replace(b"/Type", b"/Tipe", 1)
    report = meeting.node.client.post("/v1/verifications", files={"file": altered}).json()
    assert report["verdict"] == "altered"
    assert "parts" not in (report["license"] or {})


# --- the holder sees what the license is made of; every other look is journaled ----------------


def test_a_holder_sees_conditions_parts_and_evidence_of_an_own_license(
    meeting: Meeting, composite: dict[str, Any]
) -> None:
    client, own = meeting.node.client, meeting.holder(COMPANY)
    vault = f"/v1/holders/{meeting.company_handle}/licenses"
    place = f"{vault}/{meeting.conditional['identifier']}"
    (condition,) = client.get(f"{place}/conditions", headers=own).json()["items"]
    assert (condition["text"], condition["fulfilled_at"]) == ("补交检测报告", None)
    assert client.get(place, headers=own).json()["conditions"][0]["overdue"] is False
    (listed,) = client.get(f"{place}/evidence", headers=own).json()["items"]
    assert listed["id"] == meeting.evidence
    assert client.get(f"{place}/evidence/{meeting.evidence}", headers=own).content == photo()
    assert code_of(client.get(f"{place}/evidence/{'0' * 26}", headers=own)) == "evidence-not-found"
    parts = client.get(f"{vault}/{composite['identifier']}/parts", headers=own).json()["items"]
    assert [part["name"] for part in parts][1] == "公共场所卫生许可"
    stranger = meeting.holder(PERSON)
    for member in ("conditions", "parts", "evidence", f"evidence/{meeting.evidence}"):
        assert code_of(client.get(f"{place}/{member}", headers=stranger)) == "holder-not-found"
    representative = meeting.holder(PERSON, meeting.company_handle)
    assert client.get(f"{place}/evidence", headers=representative).status_code == 200


def test_every_read_by_a_program_says_what_for_and_is_in_the_journal(
    meeting: Meeting, composite: dict[str, Any]
) -> None:
    conditional, parts = meeting.conditional["identifier"], composite["identifier"]
    vault = f"/v1/holders/{meeting.company_handle}/licenses"
    reads = {
        f"/v1/licenses/{conditional}/conditions": ["conditions"],
        f"/v1/licenses/{conditional}/evidence": ["evidence"],
        f"/v1/licenses/{conditional}/evidence/{meeting.evidence}": [f"evidence.{meeting.evidence}"],
        f"/v1/licenses/{conditional}/history": ["history"],
        f"/v1/licenses/{parts}/parts": ["parts"],
        f"{vault}/{conditional}/conditions": ["conditions"],
        f"{vault}/{conditional}": [],
        f"{vault}?status=valid&type_code={BUSINESS}": [],
    }
    bare = {"Authorization": meeting.node.auth("m-here")["Authorization"]}
    for path, fields in reads.items():
        assert code_of(meeting.node.client.get(path, headers=bare)) == "use-required", path
        before = meeting.journal()
        assert meeting.get("m-here", path).status_code == 200, path
        first, *rest = meeting.journal()
        assert rest[: len(before)] == before[: len(rest)], path
        assert (first["action"], first["fields"]) == ("shown", fields), path
        assert (first["use"]["purpose"], first["use"]["organisation"]) == (PURPOSE, JIADING)


# --- default deny, one grant, four ways ------------------------------------------------------


def test_anothers_licenses_are_read_by_a_grant_and_while_it_lasts(meeting: Meeting) -> None:
    windows = Windows(meeting)
    assert windows.answers() == dict.fromkeys(windows.ways, "access-not-granted")
    wish = {"item_code": ITEM["code"], "type_code": BUSINESS, "purpose": PURPOSE, "basis": "依法"}
    asked = meeting.post("m-far", "/v1/access-requests", wish).json()
    assert set(windows.answers().values()) == {"access-not-granted"}
    path = f"/v1/access-requests/{asked['number']}"
    owner = {**meeting.node.officer(CITY), "Idempotency-Key": secrets.token_hex(8)}
    granted = meeting.node.client.post(f"{path}/grant", json={"until": in_days(90)}, headers=owner)
    assert granted.status_code == 200, granted.text
    assert windows.answers() == dict.fromkeys(windows.ways, "")
    entry = meeting.journal()[0]
    assert entry["use"]["organisation"] == FENGXIAN
    # The grant is for this type and purpose; what a license is made of stays with its authority.
    identifier = meeting.business["identifier"]
    other = Use("", "w", "开办餐饮店", ITEM["code"], "M-1", "另一用途")
    refused = meeting.get(
        "m-far", f"/v1/licenses/{identifier}", **{"License-Use": written_use(other)}
    )
    assert code_of(refused) == "access-not-granted"
    hygiene = meeting.conditional["identifier"]
    assert code_of(meeting.get("m-far", f"/v1/licenses/{hygiene}")) == "access-not-granted"
    history = meeting.get("m-far", f"/v1/licenses/{identifier}/history")
    assert code_of(history) == "license-not-found"
    owner["Idempotency-Key"] = secrets.token_hex(8)
    meeting.node.client.post(f"{path}/revocation", json={}, headers=owner)
    assert windows.answers() == dict.fromkeys(windows.ways, "access-not-granted")


class Windows:
    """Everything by which the other district may come to the enterprise's business license."""

    def __init__(self, meeting: Meeting) -> None:
        self.meeting = meeting
        self.ways = {
            "license": self.license,
            "file": self.file,
            "case": self.case,
            "presentation": self.presentation,
            "device": self.device,
        }
        self.identifier = meeting.business["identifier"]
        self.kiosk = Kiosk(meeting, FENGXIAN)
        body = {
            "item_code": ITEM["code"],
            "case_number": "M-FX-1",
            "holders": [{"handle": meeting.handle("m-far")}],
        }
        self.opened = meeting.post("m-far", "/v1/cases", body).json()["case"]

    def answers(self) -> dict[str, str]:
        return {name: way() for name, way in self.ways.items()}

    def license(self) -> str:
        return code_of(self.meeting.get("m-far", f"/v1/licenses/{self.identifier}"))

    def file(self) -> str:
        return code_of(self.meeting.get("m-far", f"/v1/licenses/{self.identifier}/file"))

    def case(self) -> str:
        path = f"/v1/cases/{self.opened}/form"
        form = self.meeting.get("m-far", path, **self.meeting.use("M-FX-1")).json()
        return form["needs"][0]["missing"] or ""

    def presentation(self) -> str:
        code = present(self.meeting, self.identifier)
        path = "/v1/presentations/resolution"
        return code_of(self.meeting.post("m-far", path, {"code": code}))

    def device(self) -> str:
        return code_of(self.kiosk.get(f"{self.kiosk.handle()}/licenses/{self.identifier}"))


def present(meeting: Meeting, *identifiers: str) -> str:
    """A code made by the person who represents the enterprise."""
    body = {
        "licenses": list(identifiers),
        "fields": {each: ["holders.name", "number"] for each in identifiers},
        "minutes": 5,
    }
    headers = {**meeting.holder(PERSON), "Idempotency-Key": secrets.token_hex(8)}
    made = meeting.node.client.post("/v1/presentations", json=body, headers=headers)
    assert made.status_code == 201, made.text
    return str(made.json()["code"])


class Kiosk:
    """A device of an organisation, with its own token."""

    def __init__(self, meeting: Meeting, organisation: str) -> None:
        self.meeting, services = meeting, meeting.node.services
        with services.database.writing() as session:
            writer = DeviceWriter(session, services.keys, services.random_bytes)
            self.made = writer.add(organisation, "大厅 2 号机", services.clock())
        body = {"device_id": self.made.device_id, "device_secret": self.made.secret}
        token = meeting.node.client.post("/v1/devices/token", json=body).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", **meeting.use()}

    def handle(self) -> str:
        there = {**stated(COMPANY), "evidence": {"kind": "id-card-read", "reference": "r-1"}}
        client = self.meeting.node.client
        answer = client.post("/v1/devices/holder-handles", json=there, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["handle"])

    def get(self, path: str) -> Any:
        return self.meeting.node.client.get(f"/v1/devices/holders/{path}", headers=self.headers)


# --- the kiosk's way and the window's --------------------------------------------------------


def test_the_kiosks_way_from_credential_to_copy_and_print(meeting: Meeting) -> None:
    client, kiosk = meeting.node.client, Kiosk(meeting, JIADING)
    handle = kiosk.handle()
    listed = kiosk.get(f"{handle}/licenses").json()
    assert [one["identifier"] for one in listed["items"]] == [meeting.business["identifier"]]
    assert listed["missing"] == []
    shown = kiosk.get(f"{handle}/licenses/{meeting.business['identifier']}").json()
    assert shown["fields"]["holders.name"] == COMPANY["name"]
    assert shown["parts"] == []

    # The form is filled by the kiosk's organisation for the holder whom the kiosk has seen.
    case = {"item_code": ITEM["code"], "case_number": "M-ZZ-1", "holders": [{"handle": handle}]}
    opened = meeting.post("m-here", "/v1/cases", case).json()["case"]
    use = meeting.use("M-ZZ-1")
    form = meeting.get("m-here", f"/v1/cases/{opened}/form", **use).json()
    assert (form["have"], form["of"]) == (1, 1)
    assert form["fields"][0]["source"]["license"] == meeting.business["identifier"]
    path = f"/v1/cases/{opened}/form/sheet"
    sheet = meeting.post("m-here", path, {"form": "pdf"}, **use)
    assert sheet.content.startswith(b"%PDF-")

    own = {**meeting.holder(COMPANY), "Idempotency-Key": secrets.token_hex(8)}
    place = f"/v1/holders/{meeting.company_handle}/licenses/{meeting.business['identifier']}"
    order = {"user": "演示窗口", "purpose": PURPOSE, "until": in_days(30)}
    copied = client.post(f"{place}/copies", json=order, headers=own)
    assert copied.status_code == 201, copied.text
    copy = client.get(copied.json()["file"], headers=own).content
    report = client.post("/v1/verifications", files={"file": copy}).json()
    assert (report["verdict"], report["copy"]["purpose"]) == ("valid_copy", PURPOSE)
    own["Idempotency-Key"] = secrets.token_hex(8)
    printed = client.post(f"{place}/prints", headers=own)
    assert printed.status_code == 201, printed.text

    services = meeting.node.services
    with services.database.writing() as session:
        writer = DeviceWriter(session, services.keys, services.random_bytes)
        writer.revoke(kiosk.made.device_id, services.clock())
    for path in (f"{handle}/licenses", f"{handle}/licenses/{meeting.business['identifier']}/file"):
        assert kiosk.get(path).status_code == 401


def test_the_windows_way_from_one_code_to_a_receipt_that_holds_offline(
    meeting: Meeting, tmp_path: Any, monkeypatch: Any, capsys: Any
) -> None:
    client = meeting.node.client
    named = meeting.person_license["identifier"], meeting.business["identifier"]
    code = present(meeting, *named)
    bare = {"Authorization": meeting.node.auth("m-here")["Authorization"]}
    path, body = "/v1/presentations/resolution", {"code": code}
    refused = client.post(path, json=body, headers={**bare, "Idempotency-Key": "x"})
    assert code_of(refused) == "use-required"
    resolved = meeting.post("m-here", path, body)
    assert resolved.status_code == 200, resolved.text
    shown = {one["identifier"]: one for one in resolved.json()["licenses"]}
    assert [shown[one]["fields"]["holders.name"] for one in named] == [
        PERSON["name"],
        COMPANY["name"],
    ]
    file = meeting.get("m-here", resolved.json()["receipt"]).content
    # Offline: nothing but the receipt and the bundle, which has the system certificate's chain.
    (tmp_path / "receipt.json").write_bytes(file)
    bundle = client.get("/v1/trust-bundle")
    assert bundle.status_code == 200, bundle.text
    (tmp_path / "bundle").write_bytes(bundle.content)
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(tmp_path / "nowhere"))
    command = ["verify", "--json", "--trust", str(tmp_path / "bundle")]
    assert main([*command, str(tmp_path / "receipt.json")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["receipt"]["licenses"]) == ("valid", sorted(named))


# --- a case whose result is a package ---------------------------------------------------------


def test_a_case_closes_with_the_package_of_two_authorities(meeting: Meeting) -> None:
    number = "M-一件事-1"
    path, bodies = open_case(meeting, number)
    package = {"licenses": bodies}
    assert code_of(meeting.post("m-city", f"{path}/package", package)) == "case-state"
    # Nor by the other way: no license with the number of an undecided case above.
    whole = {"item_code": ITEM["code"], "case_number": number, "licenses": bodies}
    assert code_of(meeting.post("m-city", "/v1/packages", whole)) == "case-state"
    assert code_of(meeting.post("m-here", "/v1/licenses", bodies[0])) == "case-state"

    decide(meeting, path, number)
    assert code_of(meeting.post("m-city", f"{path}/closing", None)) == "case-without-license"
    other = [{**bodies[0], "case_number": "another"}, bodies[1]]
    refused = meeting.post("m-city", f"{path}/package", {"licenses": other})
    assert refused.json()["errors"][0]["pointer"] == "/licenses/0/case_number"
    unsigned = {"licenses": [bodies[0], {**bodies[1], "basis": "x"}]}
    wrong = meeting.post("m-city", f"{path}/package", unsigned)
    assert code_of(wrong) == "approval-invalid"
    assert meeting.get("m-city", path).json()["licenses"] == []

    made = meeting.post("m-city", f"{path}/package", package, "package-of-case")
    assert made.status_code == 201, made.text
    again = meeting.post("m-city", f"{path}/package", package, "package-of-case")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert closed_with(meeting, path) == [one["identifier"] for one in made.json()["licenses"]]


class PowerCutError(BaseException):
    """The machine is off: nothing that comes after it runs."""


@pytest.mark.parametrize("ends", ["finished", "void"])
def test_a_package_that_is_cut_between_its_licenses_is_whole_or_nothing(
    meeting: Meeting, ends: str
) -> None:
    number = f"M-断电-{ends}"
    path, bodies = open_case(meeting, number)
    decide(meeting, path, number)
    services = meeting.node.services
    caller = Caller("client:cut", CITY, frozenset({Scope("licenses:issue")}))
    package = {"item_code": ITEM["code"], "case_number": number, "licenses": bodies}
    deposited: list[str] = []

    def cut(step: str) -> None:
        deposited.extend([step] if step.startswith("deposited") else [])
        if len(deposited) == 4:  # the three files of the first license, and one of the second
            raise PowerCutError

    stopped = replace(services.issuance.services, checkpoint=cut, doing=one_by_one)
    with pytest.raises(PowerCutError):
        PackageIssuing(Issuance(stopped), services.macs).issue(package, caller, f"cut-{ends}")
    shown = meeting.get("m-city", path).json()
    assert (shown["licenses"], len(shown["lacking"])) == ([], 2)
    assert code_of(meeting.post("m-city", f"{path}/closing", None)) == "case-without-license"

    if ends == "void":

        def refuse(_form: str, _data: bytes) -> tuple[CheckedSeal, ...]:
            raise OutputRefusedError(("x",))

        wrong = replace(services.issuance.services, final_check=refuse, doing=one_by_one)
        assert len(reconcile(Issuance(wrong), timedelta(0)).void) >= 1
        assert meeting.get("m-city", path).json()["licenses"] == []
        made = meeting.post("m-city", f"{path}/package", {"licenses": bodies})
        assert made.status_code == 201, made.text
    else:
        reconcile(services.issuance, timedelta(0))
    assert len(closed_with(meeting, path)) == 2


def open_case(meeting: Meeting, number: str) -> tuple[str, list[dict[str, Any]]]:
    """A case of the city, and the signed requests for its licenses of two districts."""
    holder = {**COMPANY, "document_number": uscc(f"91310114MADEM{secrets.randbelow(9999):04d}")}
    case = {"item_code": ITEM["code"], "case_number": number, "holders": [stated(holder)]}
    opened = meeting.post("m-city", "/v1/cases", case).json()
    wanted = (("food-business", JIADING, "m-sun"), ("public-place-hygiene", FENGXIAN, "m-li"))
    bodies = []
    for name, authority, officer in wanted:
        body = meeting.body(name, holder, authority_code=authority)
        if name == "food-business":
            body["number"] = f"JY2310114{secrets.randbelow(10**7):07d}"
        body |= {"item_code": ITEM["code"], "case_number": number}
        bodies.append(meeting.officers.approved(body, (officer, "decide")))
    return f"/v1/cases/{opened['case']}", bodies


def decide(meeting: Meeting, path: str, number: str) -> None:
    decision = {"outcome": "准予", "basis": "依法"}
    told = ApprovedCase(number, ITEM["code"], request_digest(decision))
    signed = meeting.officers.signed(told, "m-wu", "decide")
    decided = meeting.post("m-city", f"{path}/decision", {**decision, "approvals": [signed]})
    assert decided.status_code == 200, decided.text


def closed_with(meeting: Meeting, path: str) -> list[str]:
    """The licenses that a case is closed with."""
    closed = meeting.post("m-city", f"{path}/closing", None)
    assert closed.json()["state"]["code"] == "closed", closed.text
    return [one["identifier"] for one in closed.json()["licenses"]]
