"""A holder's vault over HTTP: journal, mandates, delivery, prints, disputes, handles."""

import json
import secrets
from datetime import timedelta

import pytest
import rfc8785
from api_node import FENGXIAN, JIADING, USE, Node
from sqlalchemy import text

from api.use_header import written_use
from keys.sm3 import sm3
from license_vault.clock import civil_date
from license_vault.holding.errors import HolderHandleUnusableError
from license_vault.holding.holder_handles import HolderHandles
from license_vault.registry.holders import Holders

COMPANY = ("001", "91310114MADEM0038G")
PERSON = ("111", "310114199003072868")
AGENT = ("111", "110101199003070011")
BOSS = ("111", "110101199003070038")
AGENT_BODY = {"name": "赵一", "document_type": AGENT[0], "document_number": AGENT[1]}


class Vaults:
    """One company with one license and one person with another, of two districts."""

    def __init__(self, node: Node) -> None:
        self.node = node
        # A company of its own: other tests count what they find in that of the example.
        self.company = COMPANY
        body = node.body()
        self.company_name = body["holders"][0]["name"]
        self.company_license = node.issue(body=body).json()["identifier"]
        person = {
            "kind": "natural_person",
            "name": "司马清漪",
            "document_type": PERSON[0],
            "document_number": PERSON[1],
        }
        own = {"authority_code": FENGXIAN, "holders": [person], "number": "沪2312023202655501"}
        body = node.body("constructor-registration", **own)
        answer = node.issue("fengxian", body)
        assert answer.status_code == 201, answer.text
        self.person_license = answer.json()["identifier"]
        self.company_handle = self.handle(COMPANY)
        self.person_handle = self.handle(PERSON)

    def handle(self, who: tuple[str, str]) -> str:
        return self.get("/v1/holders/me", self.node.holder(*who)).json()["handle"]

    def get(self, path: str, headers: dict, **more: object):
        return self.node.client.get(path, headers=headers, **more)

    def post(self, path: str, headers: dict, body: object = None, key: str | None = None):
        headers = {**headers, "Idempotency-Key": key or secrets.token_hex(8)}
        return self.node.client.post(path, headers=headers, json=body)

    def acting(self, who: tuple[str, str], handle: str) -> dict[str, str]:
        return {**self.node.holder(*who), "Acting-For": handle}

    def journal(self, who: tuple[str, str], handle: str) -> list[dict]:
        answer = self.get(f"/v1/holders/{handle}/journal?limit=100", self.node.holder(*who))
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def today(self):
        return civil_date(self.node.services.clock())


@pytest.fixture(scope="module")
def vaults(node: Node) -> Vaults:
    return Vaults(node)


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code")


# --- the journal and the receipt ---


def test_a_read_by_a_program_is_in_the_journal_with_its_use(vaults: Vaults) -> None:
    node = vaults.node
    path = f"/v1/licenses/{vaults.person_license}"
    assert vaults.get(path, node.auth("fengxian")).status_code == 200
    assert vaults.get(f"{path}/file?form=json", node.auth("fengxian")).status_code == 200
    downloaded, shown = vaults.journal(PERSON, vaults.person_handle)[:2]
    assert (shown["action"], downloaded["action"]) == ("shown", "downloaded")
    assert shown["actor"].startswith("client:")
    assert shown["use"] == {
        "organisation": FENGXIAN,
        "operator": USE.operator,
        "item_name": USE.item_name,
        "item_code": USE.item_code,
        "case_number": USE.case_number,
        "purpose": USE.purpose,
    }
    assert downloaded["result"] == "json"
    assert downloaded["previous"] == shown["digest"]
    told = {name: value for name, value in downloaded.items() if name != "digest"}
    assert sm3(rfc8785.dumps(told)).hex() == downloaded["digest"]
    own = node.holder(*PERSON)
    of_it = f"/v1/holders/{vaults.person_handle}/journal?limit=1&license={vaults.person_license}"
    page = vaults.get(of_it, own).json()
    assert [entry["digest"] for entry in page["items"]] == [downloaded["digest"]]
    assert page["types"][vaults.person_license]["zh"].endswith("二级建造师注册证书")
    of_another = of_it.replace(vaults.person_license, vaults.company_license)
    assert vaults.get(of_another, own).json()["items"] == []


def test_no_read_without_its_entry(vaults: Vaults, monkeypatch: pytest.MonkeyPatch) -> None:
    from license_vault.errors import DatabaseUnavailableError
    from license_vault.holding.journal import Journal

    def fail(*_: object) -> None:
        raise DatabaseUnavailableError("test")

    monkeypatch.setattr(Journal, "record_all", fail)
    path = f"/v1/licenses/{vaults.person_license}"
    for what in (path, f"{path}/file"):
        answer = vaults.get(what, vaults.node.auth("fengxian"))
        assert code_of(answer) == (503, "temporarily-unavailable")


def test_the_first_download_is_the_receipt(vaults: Vaults) -> None:
    own = vaults.node.holder(*PERSON)
    base = f"/v1/holders/{vaults.person_handle}/licenses/{vaults.person_license}"
    picture = vaults.get(f"{base}/picture", own)
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert vaults.get(f"{base}/deliveries", own).json() == {"received": False, "items": []}
    for _ in range(2):
        assert vaults.get(f"{base}/file?form=pdf", own).status_code == 200
    answer = vaults.get(f"{base}/deliveries", own).json()
    assert [(item["channel"], item["recorded_by"]) for item in answer["items"]] == [
        ("download", f"holder:{vaults.person_handle}")
    ]
    newest = vaults.journal(PERSON, vaults.person_handle)[0]
    assert (newest["action"], newest["use"]) == ("downloaded", None)


def test_a_delivery_is_recorded_once(vaults: Vaults) -> None:
    path = f"/v1/licenses/{vaults.company_license}/deliveries"
    body = {
        "channel": "delegate",
        "delivered_at": "2026-06-01T09:30:00+08:00",
        "recipient": "王五",
        "delegate": "社区代办员李四",
    }
    first = vaults.post(path, vaults.node.auth("jiading"), body, key="d-1")
    again = vaults.post(path, vaults.node.auth("jiading"), body, key="d-1")
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    other = vaults.post(path, vaults.node.auth("jiading"), {**body, "recipient": "x"}, key="d-1")
    assert code_of(other) == (422, "idempotency-key-reused")
    assert code_of(vaults.post(path, vaults.node.auth("fengxian"), body))[0] == 404
    assert code_of(vaults.post(path, vaults.node.auth("reader"), body)) == (403, "forbidden")
    late = vaults.post(
        path, vaults.node.auth("jiading"), {**body, "delivered_at": "2999-01-01T00:00:00Z"}
    )
    assert late.json()["errors"][0]["pointer"] == "/delivered_at"
    listed = vaults.get(path, vaults.node.officer(JIADING)).json()
    assert listed["received"] is True
    assert [item["recipient"] for item in listed["items"]] == ["王五"]


# --- acting for somebody ---


def _mandate(vaults: Vaults, **changes: object) -> dict:
    until = (vaults.today() + timedelta(days=30)).isoformat()
    body = {"agent": AGENT_BODY, "type_codes": ["*"], "actions": ["view"], "until": until}
    return {**body, **changes}


def test_an_agent_does_what_the_mandate_says_until_it_is_taken_back(vaults: Vaults) -> None:
    handle, identifier = vaults.person_handle, vaults.person_license
    licenses = f"/v1/holders/{handle}/licenses"
    agent = vaults.acting(AGENT, handle)
    assert code_of(vaults.get(licenses, agent)) == (404, "holder-not-found")
    own = vaults.node.holder(*PERSON)
    made = vaults.post(f"/v1/holders/{handle}/mandates", own, _mandate(vaults))
    assert made.status_code == 201, made.text
    assert made.json()["agent"] == {"name": "赵一", "document_type": "111"}
    seen = vaults.get(licenses, agent)
    assert identifier in {item["identifier"] for item in seen.json()["items"]}
    mine = vaults.get("/v1/mandates", vaults.node.holder(*AGENT)).json()["items"]
    assert [(m["principal"], m["agent"]) for m in mine] == [(handle, None)]
    assert mine[0]["principal_name"] == "司马清漪"
    assert code_of(vaults.get("/v1/seals", agent)) == (404, "holder-not-found")
    # Named as the agent in the journal; and what was not allowed is not there.
    newest = vaults.journal(PERSON, handle)[0]
    assert (newest["action"], newest["actor"]) == ("shown", f"agent:{made.json()['id']}")
    for forbidden in (f"{licenses}/{identifier}/file", f"/v1/holders/{handle}/journal"):
        assert code_of(vaults.get(forbidden, agent)) == (404, "holder-not-found")
    given = vaults.post(f"/v1/holders/{handle}/mandates", agent, _mandate(vaults))
    assert code_of(given) == (404, "holder-not-found")
    revocation = f"/v1/holders/{handle}/mandates/{made.json()['id']}/revocation"
    assert code_of(vaults.post(revocation, agent)) == (404, "holder-not-found")
    assert vaults.post(revocation, own).json()["revoked_at"] is not None
    assert vaults.post(revocation, own).status_code == 200
    assert code_of(vaults.get(licenses, agent)) == (404, "holder-not-found")
    assert vaults.get("/v1/mandates", vaults.node.holder(*AGENT)).json()["items"] == []


def test_a_mandate_for_some_types_shows_those_only(vaults: Vaults) -> None:
    handle = vaults.person_handle
    body = _mandate(vaults, type_codes=["11310000MBDEM00076003"], actions=["view", "download"])
    own = vaults.node.holder(*PERSON)
    made = vaults.post(f"/v1/holders/{handle}/mandates", own, body).json()
    agent = vaults.acting(AGENT, handle)
    assert vaults.get(f"/v1/holders/{handle}/licenses", agent).json()["items"] == []
    file = vaults.get(f"/v1/holders/{handle}/licenses/{vaults.person_license}/file", agent)
    assert code_of(file) == (404, "license-not-found")
    vaults.post(f"/v1/holders/{handle}/mandates/{made['id']}/revocation", own)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"agent": {**AGENT_BODY, "document_number": PERSON[1]}}, "mandate-invalid"),
        ({"agent": {**AGENT_BODY, "document_number": "1"}}, "/agent/document_number"),
        ({"agent": {**AGENT_BODY, "document_type": "777"}}, "/agent/document_type"),
        ({"agent": {**AGENT_BODY, "name": "赵\u202e一"}}, "/agent/name"),
        ({"type_codes": ["x"]}, "/type_codes/0"),
        ({"actions": ["mandate"]}, "/actions/0"),
        ({"until": "2020-01-01"}, "mandate-invalid"),
        ({"until": "2999-01-01"}, "/until"),
        ({"extra": 1}, "/extra"),
    ],
)
def test_a_wrong_mandate_is_refused(vaults: Vaults, changes: dict, wrong: str) -> None:
    path = f"/v1/holders/{vaults.person_handle}/mandates"
    answer = vaults.post(path, vaults.node.holder(*PERSON), _mandate(vaults, **changes))
    told = answer.json()
    assert answer.status_code == 422, answer.text
    assert wrong in {told["code"], *(e["pointer"] for e in told.get("errors", ()))}


def test_a_representative_does_everything_and_only_its_recorder_ends_it(vaults: Vaults) -> None:
    handle, identifier = vaults.company_handle, vaults.company_license
    path = f"/v1/holders/{handle}/representations"
    boss = {"name": "钱二", "document_type": BOSS[0], "document_number": BOSS[1]}
    body = {"agent": boss, "license": identifier, "evidence": "营业执照载明法定代表人"}
    assert code_of(vaults.post(path, vaults.node.auth("fengxian"), body))[0] == 404
    assert code_of(vaults.post(path, vaults.node.auth("reader"), body)) == (403, "forbidden")
    other = {**body, "license": vaults.person_license}
    assert code_of(vaults.post(path, vaults.node.auth("city"), other))[0] == 404
    made = vaults.post(path, vaults.node.auth("jiading"), body)
    assert made.status_code == 201, made.text
    representative = vaults.acting(BOSS, handle)
    assert vaults.get(f"/v1/holders/{handle}/journal", representative).status_code == 200
    assert vaults.get("/v1/seals", representative).json()["items"] == []
    given = vaults.post(f"/v1/holders/{handle}/mandates", representative, _mandate(vaults))
    assert given.status_code == 201, given.text
    revocation = f"/v1/holders/{handle}/mandates/{made.json()['id']}/revocation"
    by_company = vaults.post(revocation, vaults.node.holder(*COMPANY))
    assert code_of(by_company) == (404, "mandate-not-found")
    assert vaults.post(revocation, vaults.node.auth("jiading")).status_code == 200
    ended = vaults.get(f"/v1/holders/{handle}/journal", representative)
    assert code_of(ended) == (404, "holder-not-found")
    listed = vaults.get(f"/v1/holders/{handle}/mandates", vaults.node.holder(*COMPANY)).json()
    assert {m["kind"] for m in listed["items"]} == {"mandate", "representation"}
    person = f"/v1/holders/{vaults.person_handle}/representations"
    body = {**body, "license": vaults.person_license}
    refused = vaults.post(person, vaults.node.auth("fengxian"), body)
    assert code_of(refused) == (422, "mandate-invalid")


def test_filters_of_a_vault(vaults: Vaults) -> None:
    base = f"/v1/holders/{vaults.person_handle}/licenses"
    own = vaults.node.holder(*PERSON)

    def found(query: str) -> bool:
        answer = vaults.get(f"{base}?limit=100&{query}", own)
        assert answer.status_code == 200, answer.text
        return vaults.person_license in {i["identifier"] for i in answer.json()["items"]}

    assert found("status=valid")
    assert not found("status=cancelled")
    assert found("region=310120")
    assert not found("region=310114")
    assert not found("type_code=11310000MBDEM00076003")
    assert vaults.get(f"{base}/{vaults.person_license}", own).status_code == 200
    versions = vaults.get(f"{base}/{vaults.person_license}/versions", own).json()["items"]
    assert [one["identifier"] for one in versions] == [vaults.person_license]
    assert vaults.get(f"{base}?status=x", own).status_code == 422


# --- prints ---


def test_a_print_counts_until_its_license_does_not(vaults: Vaults) -> None:
    node = vaults.node
    identifier = node.issue(body=node.body()).json()["identifier"]
    path = f"/v1/licenses/{identifier}/prints"
    first = vaults.post(path, node.auth("jiading"), key="p-1")
    again = vaults.post(path, node.auth("jiading"), key="p-1")
    assert (first.status_code, again.status_code) == (201, 200), first.text
    assert first.json() == again.json()
    own = f"/v1/holders/{vaults.company_handle}/licenses/{identifier}/prints"
    second = vaults.post(own, node.holder(*COMPANY)).json()
    assert [first.json()["number"], second["number"]] == [1, 2]
    shown = node.client.get(f"/v1/prints/{second['code']}")
    assert (shown.status_code, shown.json()["good"]) == (200, True)
    for address in (f"/v1/prints/{second['code']}", f"/prints/{second['code']}"):
        told = node.client.get(address).text
        assert vaults.company_name not in told
        assert COMPANY[1] not in told
    assert "打印件有效" in node.client.get(f"/prints/{second['code']}?lang=zh").text
    assert node.client.get(second["qr"]).content.startswith(b"<?xml")
    assert second["url"].endswith(f"/prints/{second['code']}")
    assert code_of(node.client.get("/v1/prints/nothing")) == (404, "print-not-found")
    order = {"basis": "《中华人民共和国行政许可法》", "case_number": "补-1"}
    reissued = vaults.post(f"/v1/licenses/{identifier}/reissue", node.auth("jiading"), order)
    assert reissued.status_code == 201, reissued.text
    shown = node.client.get(f"/v1/prints/{second['code']}").json()
    assert (shown["good"], shown["state"]["code"]) == (False, "superseded")
    assert "已作废" in shown["sentence"]["zh"]
    versions = vaults.get(own.replace("prints", "versions"), node.holder(*COMPANY)).json()
    assert [one["identifier"] for one in versions["items"]] == [
        reissued.json()["identifier"], identifier,
    ]  # fmt: skip
    assert code_of(vaults.post(path, node.auth("jiading"))) == (409, "license-not-in-force")
    listed = vaults.get(path, node.auth("jiading")).json()["items"]
    assert [one["number"] for one in listed] == [1, 2]
    assert vaults.journal(COMPANY, vaults.company_handle)[0]["action"] == "printed"


# --- disputes ---


def test_a_dispute_has_a_number_a_term_and_one_answer(vaults: Vaults) -> None:
    node, own = vaults.node, vaults.node.holder(*PERSON)
    base = f"/v1/holders/{vaults.person_handle}"
    path = f"{base}/licenses/{vaults.person_license}/disputes"
    body = {"field": "valid_until", "grounds": "有效期应为三年"}
    wrong = vaults.post(path, own, {**body, "field": "fields.nothing"})
    assert wrong.json()["errors"][0]["pointer"] == "/field"
    filed = vaults.post(path, own, body, key="y-1")
    assert filed.status_code == 201, filed.text
    number = filed.json()["number"]
    assert vaults.post(path, own, body, key="y-1").json() == filed.json()
    assert code_of(vaults.post(path, own, body)) == (409, "dispute-open")
    due = node.services.dispute_terms.due_after(vaults.today()).isoformat()
    assert (filed.json()["state"], filed.json()["due_on"]) == ("open", due)
    assert _marks(vaults) == ["disputed"]
    # Officers of the authority see it, others not, programs never.
    where = f"/v1/disputes/{number}"
    assert vaults.get(where, node.officer(FENGXIAN)).json()["grounds"] == "有效期应为三年"
    assert code_of(vaults.get(where, node.officer(JIADING))) == (404, "dispute-not-found")
    assert code_of(vaults.get(where, node.holder(*COMPANY))) == (404, "dispute-not-found")
    assert code_of(vaults.get(where, node.auth("fengxian"))) == (403, "forbidden")
    waiting = vaults.get("/v1/disputes", node.officer(FENGXIAN)).json()["items"]
    assert number in {one["number"] for one in waiting}
    elsewhere = vaults.get("/v1/disputes", node.officer(JIADING)).json()["items"]
    assert number not in {one["number"] for one in elsewhere}
    answer = {"outcome": "rejected", "answer": "经核，有效期无误"}
    assert code_of(vaults.post(f"{where}/answer", node.auth("fengxian"), answer))[0] == 403
    assert code_of(vaults.post(f"{where}/answer", node.officer(JIADING), answer))[0] == 404
    told = vaults.post(f"{where}/answer", node.officer(FENGXIAN), answer, key="y-2").json()
    assert (told["state"], told["outcome"]["zh"]) == ("answered", "异议不成立")
    again = vaults.post(f"{where}/answer", node.officer(FENGXIAN), answer, key="y-2")
    assert (again.status_code, again.json()) == (200, told)
    second = vaults.post(f"{where}/answer", node.officer(FENGXIAN), answer)
    assert code_of(second) == (409, "dispute-answered")
    assert _marks(vaults) == []
    mine = vaults.get(f"{base}/disputes", own).json()["items"]
    assert [(one["number"], one["answer"]) for one in mine] == [(number, answer["answer"])]


def _marks(vaults: Vaults) -> list[str]:
    from license_vault.registry.marks import Marks
    from license_vault.registry.registry import Registry

    services = vaults.node.services
    with services.database.reading() as session:
        record = Registry(session).get(vaults.person_license)
        return [str(m) for m in Marks(session).as_of(record.row_id, services.clock())]


# --- handles ---


def test_name_and_number_are_traded_for_a_handle_of_this_organisation(vaults: Vaults) -> None:
    node = vaults.node
    body = {
        "name": "司马清漪",
        "document_type": PERSON[0],
        "document_number": PERSON[1],
        "evidence": {"kind": "id-card-read", "reference": "reader-7/2026-06-01/17"},
    }
    given = node.client.post("/v1/holder-handles", json=body, headers=node.auth("reader"))
    assert given.status_code == 201, given.text
    handle = given.json()["handle"]
    assert handle != vaults.person_handle
    services = node.services
    now = services.clock()
    with services.database.reading() as session:
        handles = HolderHandles(session, services.macs)
        holder = handles.resolve(handle, JIADING, now)
        assert holder == Holders(session).by_handle(vaults.person_handle)
        for organisation, at in ((FENGXIAN, now), (JIADING, now + timedelta(minutes=15))):
            with pytest.raises(HolderHandleUnusableError):
                handles.resolve(handle, organisation, at)
    refused = [
        node.client.post(
            "/v1/holder-handles", json={**body, **changes}, headers=node.auth("reader")
        )
        for changes in ({"name": "司马"}, {"document_number": "110101199003070054"})
    ]
    assert [code_of(answer) for answer in refused] == [(404, "holder-not-found")] * 2
    without_use = {"Authorization": node.auth("reader")["Authorization"]}
    missing = node.client.post("/v1/holder-handles", json=body, headers=without_use)
    assert code_of(missing) == (400, "use-required")


# --- nothing personal, and whole ---


def test_nothing_personal_is_readable_in_the_rows_and_the_journals_are_whole(
    vaults: Vaults,
) -> None:
    from license_vault.fsck.journals import journal_violations

    services = vaults.node.services
    tables = ("journal_entry", "mandate", "delivery", "license_print", "dispute", "holder_handle")
    with services.database.engine.connect() as connection:
        for table in tables:
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert rows, table
            stored = json.dumps([[repr(v) for v in row] for row in rows], ensure_ascii=False)
            raw = b"".join(v for row in rows for v in row if isinstance(v, bytes))
            for secret in (
                "赵一", "钱二", "王五", "李四", "有效期", "reader-7", AGENT[1], BOSS[1], PERSON[1],
                USE.purpose, USE.case_number, written_use(USE),
            ):  # fmt: skip
                assert secret not in stored, (table, secret)
                assert secret.encode() not in raw, (table, secret)
    assert list(journal_violations(services.database, services.vault)) == []
