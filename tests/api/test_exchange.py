"""Requests and answers between two regions: who may ask, what is kept, what travels."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from acquainted_regions import acquaint
from api_node import CITY, EXAMPLES, JIADING
from sqlalchemy import ColumnElement, select
from two_regions import A_REGION, A_URL, B_REGION, NANJING, Regions, build_regions

from api.cli.main import main
from api.use_header import written_use
from keys.sm3 import sm3
from license_vault.access.requests import AccessRequestWriter, AccessWish
from license_vault.access.use import Use
from license_vault.database.columns import table_of
from license_vault.database.exchange_tables import ExchangeCountRow
from license_vault.database.sessions import Writing
from license_vault.exchange.asking import Asking
from license_vault.exchange.errors import (
    ExchangeReplayedError,
    PartnerAnswerError,
    PartnerRefusedError,
    PartnerUnreachableError,
)
from license_vault.exchange.organisations import PartnerOrganisations
from license_vault.exchange.question import Question
from license_vault.exchange.quota import DAY, QuotaCount
from license_vault.exchange.rows import ANSWER, IN, OUT, REQUEST, Exchanges
from license_vault.exchange.services import Quotas
from license_vault.holding.journal import JournalReader
from license_vault.license import IssuingAuthority
from license_vault.partners.web import Fetched
from license_vault.registry.holders import Holders
from license_vault.sharing.publishing import SharingPublisher
from signing.sealed_json.exchange import ExchangeRequest, read_answer, sign_request
from signing.sealed_json.sharing_document import SharingKind

TYPE = "11310000MBDEM00076002"
PURPOSE = "跨省办理免交证照"
USE = Use(NANJING, "window-7", "公共场所卫生许可延续", "NJ-0001", "NJ-2026-1", PURPOSE)
OTHER_PURPOSE = replace(USE, purpose="没有授权的用途")
_HELD = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))["holders"][0]
# Granted, and not in the catalogue.
UNSHARED = replace(USE, item_code="NJ-0009")
HOLDER = (_HELD["document_type"], _HELD["document_number"])


@dataclass
class Met:
    """Both regions, one license of A, and the grant that lets Nanjing use its type."""

    regions: Regions
    license: dict[str, Any]
    number: str
    check_code: str

    @property
    def identifier(self) -> str:
        return str(self.license["identifier"])

    def ask(self, operation: str, body: Mapping[str, Any], use: Use = USE) -> Any:
        return self.regions.b.services.exchange.asking.ask(A_REGION, operation, use, body)

    def signed(self, **changes: Any) -> bytes:
        """A request as B's library signs it, with something changed."""
        services = self.regions.b.services
        request = ExchangeRequest(
            exchange_id=secrets.token_hex(13),
            from_region=B_REGION,
            to_region=A_REGION,
            at=services.clock(),
            operation="query-by-identifier",
            use=asdict(USE),
            body={"identifier": self.identifier},
        )
        signer = services.signer
        return sign_request(
            replace(request, **changes),
            signer.identity,
            signer.sign,
            signer.timestamper.timestamp,
        )

    def post(self, data: bytes) -> Any:
        headers = {"Content-Type": "application/json"}
        return self.regions.a.client.post("/v1/exchange", content=data, headers=headers)


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    regions = build_regions(tmp_path_factory.mktemp("exchange"))
    acquaint(regions)
    a = regions.a
    _grant(regions)
    _share(regions)
    body = a.body()
    answer = a.issue(body=body)
    assert answer.status_code == 201, answer.text
    issued = answer.json()
    yield Met(regions, issued, body["number"], issued["check_code"].replace("-", ""))
    regions.close()


def _grant(regions: Regions) -> None:
    services = regions.a.services
    at = services.clock()
    with services.database.writing() as session:
        found = IssuingAuthority(NANJING, "南京市行政审批局（演示）", "320100")
        code = PartnerOrganisations(session).add(B_REGION, found, CITY, "operator:test", at)
        writer = AccessRequestWriter(session, services.keys, at)
        for use in (USE, UNSHARED):
            wish = AccessWish(use.item_code, TYPE, PURPOSE, "长三角互认")
            asked = writer.ask(code, wish, "operator:test", services.random_bytes)
            writer.grant(asked, date(2027, 12, 31), "officer:city")


def _share(regions: Regions) -> None:
    """Publish what A shares with the item: not the address, and numbers only to be compared."""
    reading = ["query-by-holder", "query-by-identifier", "status", "copy", "check-file"]
    fields = ["/number", "/holders/0/name", "/valid_until"]
    rules = [
        {"items": [USE.item_code], "operations": reading, "fields": ["/number"]},
        {"items": [USE.item_code], "operations": ["metadata"], "fields": fields},
        {
            "items": [USE.item_code],
            "operations": ["check-information"],
            "fields": [*fields, "/holders/0/document_number", "/authority/name"],
        },
    ]
    name = {"zh": "公共场所卫生许可证", "en": "Hygiene permit"}
    draft = {"types": [{"type": TYPE, "name": name, "shared": rules}]}
    services = regions.a.services
    with services.database.writing() as session:
        SharingPublisher(session, A_REGION, services.signer).publish(
            SharingKind.CATALOGUE, draft, "operator:test", services.clock()
        )


def test_a_question_is_answered_and_both_keep_the_same_bytes(met: Met) -> None:
    answer = met.ask("query-by-identifier", {"identifier": met.identifier})
    assert answer.outcome == "done"
    assert answer.body["license"]["state"] == "valid"
    held = []
    for node, direction, region in (
        (met.regions.a, IN, B_REGION),
        (met.regions.b, OUT, A_REGION),
    ):
        services = node.services
        with services.database.reading() as session:
            exchanges = Exchanges(session, services.keys, services.vault)
            found = exchanges.find(direction, region, answer.exchange_id)
            assert found is not None
            held.append((exchanges.messages(found, REQUEST), exchanges.messages(found, ANSWER)))
    assert held[0] == held[1]
    (request,), (kept,) = held[0]
    assert sm3(request).hex() == answer.request_sm3
    assert sm3(kept).hex() == answer.answer_sm3


def test_the_holder_sees_who_asked_and_what_for(met: Met) -> None:
    met.ask("metadata", {"identifier": met.identifier})
    services = met.regions.a.services
    mac = services.macs.holder(*HOLDER)
    with services.database.reading() as session:
        holder = Holders(session).by_macs((mac,))[mac]
        newest = JournalReader(session, services.vault).page(holder, 1)[0]
    assert newest.act.use is not None
    assert newest.act.use.organisation == f"{B_REGION}:{NANJING}"
    assert newest.act.use.purpose == PURPOSE
    assert newest.act.actor == f"partner:{B_REGION}"
    assert "number" in newest.act.fields


def test_each_reading_operation_answers_for_a_granted_use(met: Met) -> None:
    number = met.number
    by_holder = met.ask(
        "query-by-holder", {"document_type": HOLDER[0], "document_number": HOLDER[1]}
    )
    assert met.identifier in {found["identifier"] for found in by_holder.body["licenses"]}
    nobody = met.ask("query-by-holder", {"document_type": "111", "document_number": "x"})
    assert nobody.body == {"licenses": []}
    told = met.ask("metadata", {"identifier": met.identifier}).body
    assert told["fields"]["number"] == number
    assert told["fields"].keys() == {"number", "holders.0.name", "valid_until"}
    assert told["content_id"] == met.license["content_id"]
    shown = {
        "number": number,
        "holders.0.document_number": HOLDER[1],
        "authority.name": "another",
        "fields.nothing": "x",
    }
    checked = met.ask("check-information", {"identifier": met.identifier, "fields": shown})
    assert checked.body["results"] == {
        "number": "equal",
        "holders.0.document_number": "equal",
        "authority.name": "different",
        "fields.nothing": "unknown",
    }
    place = told["license"]["status"]
    assert met.ask("status", place, OTHER_PURPOSE).body["state"] == "valid"
    unknown = met.identifier[:-1] + ("0" if met.identifier[-1] != "0" else "1")
    assert met.ask("query-by-identifier", {"identifier": unknown}).outcome == "not-found"


def test_a_file_is_handed_out_for_its_check_code_only(met: Met) -> None:
    body = {"identifier": met.identifier, "check_code": met.check_code, "form": "pdf"}
    found = met.ask("file", body, OTHER_PURPOSE).body
    data = base64.b64decode(found["file"])
    assert data.startswith(b"%PDF-")
    assert sm3(data).hex() == found["sm3"]
    wrong = met.ask("file", {**body, "check_code": "0" * 13})
    unknown = met.ask("file", {**body, "identifier": "1.2.156.3005.2.X"})
    assert [(wrong.outcome, wrong.body), (unknown.outcome, unknown.body)] == [
        ("not-found", {}),
        ("not-found", {}),
    ]
    same = met.ask("check-file", {"sm3": found["sm3"], "file": found["file"]})
    assert (same.body["result"], same.body["identifier"]) == ("same", met.identifier)
    other = base64.b64encode(data + b" ").decode()
    assert met.ask("check-file", {"sm3": found["sm3"], "file": other}).body == {
        "result": "different"
    }
    assert met.ask("check-file", {"sm3": "0" * 64}).body == {"result": "unknown"}


def test_a_copy_is_made_once_for_the_asking_organisation(met: Met) -> None:
    asking = met.regions.b.services.exchange.asking
    until = (met.regions.a.services.clock().date() + timedelta(days=9)).isoformat()
    body = {"identifier": met.identifier, "check_code": met.check_code, "until": until}
    copied = asking.ask(A_REGION, "copy", USE, body)
    assert copied.outcome == "done", copied.body
    assert base64.b64decode(copied.body["file"]).startswith(b"%PDF-")
    again = asking.again(A_REGION, copied.exchange_id, Question("copy", USE, body))
    assert again == copied


def test_what_was_not_granted_is_refused(met: Met) -> None:
    for operation, body in (
        ("query-by-identifier", {"identifier": met.identifier}),
        ("metadata", {"identifier": met.identifier}),
        ("query-by-holder", {"document_type": HOLDER[0], "document_number": HOLDER[1]}),
        ("check-information", {"identifier": met.identifier, "fields": {"number": "x"}}),
    ):
        with pytest.raises(PartnerRefusedError) as refused:
            met.ask(operation, body, OTHER_PURPOSE)
        assert refused.value.reason == "access-not-granted"


def _broken(data: bytes) -> bytes:
    """The same request with one word changed after the signing."""
    return data.replace(b'"operator":"window-7"', b'"operator":"window-8"')


def test_a_request_is_refused_for_its_reason(met: Met) -> None:
    at = met.regions.b.services.clock()
    good = met.signed()
    assert met.post(good).status_code == 200
    cases = {
        "exchange-replayed": good,
        "exchange-signer-refused": _broken(met.signed()),
        "exchange-malformed": met.signed() + b" ",
        "exchange-other-region": met.signed(to_region="330000"),
        "exchange-stale": met.signed(at=at - timedelta(minutes=6)),
        "partner-not-found": met.signed(from_region="330000"),
        "exchange-operation-unknown": met.signed(operation="everything"),
        "exchange-not-shared": met.signed(use=asdict(UNSHARED)),
        "exchange-body-invalid": met.signed(body={"identifier": met.identifier, "more": "x"}),
        "access-not-granted": met.signed(use=asdict(OTHER_PURPOSE)),
    }
    for slug, data in cases.items():
        answer = met.post(data)
        assert answer.json()["code"] == slug, answer.text
        assert 400 <= answer.status_code < 500
    ahead = met.post(met.signed(at=at + timedelta(minutes=6)))
    assert ahead.json()["code"] == "exchange-stale"


def test_another_library_may_not_sign_for_a_region(met: Met) -> None:
    """A's own key signs well, but it is not B's by B's list."""
    services = met.regions.a.services
    signer = services.signer
    request = ExchangeRequest(
        "forged", B_REGION, A_REGION, services.clock(), "status", asdict(USE), {"identifier": "x"}
    )
    data = sign_request(request, signer.identity, signer.sign, signer.timestamper.timestamp)
    told = met.post(data).json()
    assert (told["code"], told["reason"]) == ("exchange-signer-refused", "not-named")


def test_an_id_is_one_question_and_its_answer_one_answer(met: Met) -> None:
    name = secrets.token_hex(13)
    first, second = (met.post(met.signed(exchange_id=name)) for _ in range(2))
    assert first.status_code == 200, first.text
    assert second.content == first.content
    other = met.post(met.signed(exchange_id=name, body={"identifier": "x"}))
    assert (other.json()["code"], other.json()["reason"]) == ("exchange-replayed", "id-reused")


@pytest.mark.parametrize("how", ["changed", "other-request", "other-answer"])
def test_a_lying_answer_is_not_used(met: Met, how: str) -> None:
    honest = met.post(met.signed()).content

    def lie(url: str, fetched: Fetched) -> Fetched:
        del url
        body = {
            "changed": fetched.body.replace(b'"state":"valid"', b'"state":"revoked"'),
            "other-request": honest,
            "other-answer": b'{"answer":{}}',
        }[how]
        return replace(fetched, body=body)

    asking = met.regions.b.services.exchange.asking
    name, question = (
        asking.new_id(),
        Question("query-by-identifier", USE, {"identifier": met.identifier}),
    )
    with met.regions.web.lying(A_URL, lie), pytest.raises(PartnerAnswerError):
        asking.again(A_REGION, name, question)
    # The question stands: asked again, it is answered, and A did nothing twice.
    answer = asking.again(A_REGION, name, question)
    assert answer.outcome == "done"
    assert answer.exchange_id == name


def test_a_question_cut_on_its_way_is_asked_again_without_a_second_effect(met: Met) -> None:
    asking = met.regions.b.services.exchange.asking
    body = {"item_code": "NJ-0002", "type_code": TYPE, "purpose": "延续", "basis": "共识"}
    question, name = Question("apply", USE, body), asking.new_id()
    with met.regions.web.without(A_URL), pytest.raises(PartnerUnreachableError):
        asking.again(A_REGION, name, question)

    def lost(url: str, fetched: Fetched) -> Fetched:
        del url
        return replace(fetched, status=503, body=b"")

    with met.regions.web.lying(A_URL, lost), pytest.raises(PartnerUnreachableError):
        asking.again(A_REGION, name, question)
    answer = asking.again(A_REGION, name, question)
    assert answer.body["state"] == "requested"
    number = answer.body["number"]
    assert asking.ask(A_REGION, "apply-state", USE, {"number": number}).body["number"] == number
    with pytest.raises(ExchangeReplayedError):
        asking.again(A_REGION, name, replace(question, body={**body, "basis": "x"}))


def test_a_quota_that_is_used_up_says_when_there_is_more(met: Met) -> None:
    services = met.regions.a.services
    at = services.clock()
    with services.database.writing() as session:
        count = QuotaCount(session, "990000", "file")
        left = [count.take(Quotas(2, 5), at).remaining for _ in range(2)]
    assert left == [1, 0]
    told = met.post(met.signed())
    assert told.headers["RateLimit-Policy"] == '"quota";q=600;w=60'
    assert told.headers["RateLimit"].startswith('"quota";r=5')


def test_a_partner_over_its_quota_is_told_when_to_come_again(met: Met) -> None:
    """The day's quota, for no day ends meanwhile; the asking side keeps its question."""
    services, asking = met.regions.a.services, met.regions.b.services.exchange.asking
    per_day = met.regions.a.settings.exchange.per_day
    count, at = table_of(ExchangeCountRow), services.clock()
    mine = (count.c.region == B_REGION, count.c.operation == "apply-state")
    with services.database.writing() as session:
        QuotaCount(session, B_REGION, "apply-state").take(Quotas(), at)
        before = session.execute(select(count.c.used).where(*mine, count.c.seconds == DAY))
        used = before.scalar_one()
        _set(session, mine, per_day)
    told = met.post(met.signed(operation="apply-state", body={"number": "x"}))
    assert (told.status_code, told.json()["code"]) == (429, "exchange-quota-exceeded"), told.text
    seconds = int(told.headers["Retry-After"])
    assert 0 <= seconds < DAY
    assert told.headers["RateLimit-Policy"] == f'"quota";q={per_day};w={DAY}'
    assert told.headers["RateLimit"] == f'"quota";r=0;t={seconds}'
    name, question = asking.new_id(), Question("apply-state", USE, {"number": "x"})
    with pytest.raises(PartnerUnreachableError, match="429"):
        asking.again(A_REGION, name, question)
    with services.database.writing() as session:
        _set(session, mine, used)
    assert asking.again(A_REGION, name, question).exchange_id == name


def _set(session: Writing, mine: tuple[ColumnElement[bool], ...], used: int) -> None:
    """Let a day's quota be used so often."""
    count = table_of(ExchangeCountRow)
    day = count.update().where(*mine, count.c.seconds == DAY)
    assert session.change_rows(day.values(used=used)) == 1


def test_over_http_a_question_is_asked_once_for_its_key(met: Met) -> None:
    b = met.regions.b
    headers = {
        "Authorization": f"Bearer {b.token('nanjing')}",
        "License-Use": written_use(USE),
        "Idempotency-Key": "q-1",
    }
    path, body = (
        f"/v1/partners/{A_REGION}/queries",
        {
            "operation": "query-by-identifier",
            "body": {"identifier": met.identifier},
        },
    )
    with met.regions.web.without(A_URL):
        off = b.client.post(path, json=body, headers=headers)
    assert (off.status_code, off.json()["code"]) == (503, "partner-unreachable")
    first = b.client.post(path, json=body, headers=headers)
    assert first.status_code == 200, first.text
    told = first.json()
    assert told["exchange_id"] == off.json()["exchange_id"]
    with met.regions.web.without(A_URL):
        assert b.client.post(path, json=body, headers=headers).json() == told
    other = b.client.post(path, json={**body, "operation": "metadata"}, headers=headers)
    assert other.json()["code"] == "idempotency-key-reused"
    shown = b.client.get(first.headers["Location"], headers=headers).json()
    assert (shown["state"], shown["answer"]) == ("answered", told["answer_sm3"])
    assert len(shown["requests"]) == 2
    kept = b.client.get(first.headers["Location"] + "/answer", headers=headers)
    assert read_answer(kept.content).sm3 == told["answer_sm3"]
    assert b.client.get("/v1/exchanges", headers=headers).json()["items"]
    stranger = {**headers, "Authorization": f"Bearer {b.token('jiangsu')}"}
    refused = b.client.get(first.headers["Location"], headers=stranger)
    assert refused.json()["code"] == "exchange-not-found"
    nobody = b.client.post("/v1/partners/990000/queries", json=body, headers=headers)
    assert nobody.json()["code"] in {"partner-not-found", "idempotency-key-reused"}


def test_a_dispute_travels_and_its_answer_comes_back(met: Met) -> None:
    a, b = met.regions.a, met.regions.b
    headers = {**b.holder(*HOLDER), "Idempotency-Key": "d-1"}
    path = f"/v1/partners/{A_REGION}/disputes"
    body = {"license": met.identifier, "field": "number", "grounds": "号码与纸质证照不一致"}
    with met.regions.web.without(A_URL):
        kept = b.client.post(path, json=body, headers=headers)
    assert kept.status_code == 201, kept.text
    assert (kept.json()["state"], kept.json()["number"]) == ("sending", None)
    work = b.services.exchange.disputes
    work.follow(_dispute(met, kept.json()["reference"]))
    place = f"/v1/partner-disputes/{kept.json()['reference']}"
    sent = b.client.get(place, headers=headers).json()
    assert sent["state"] == "open"
    number = sent["number"]
    officer = a.officer(JIADING)
    there = a.client.get(f"/v1/disputes/{number}", headers=officer).json()
    assert (there["grounds"], there["due_on"]) == (body["grounds"], sent["due_on"])
    marks = a.client.get(f"/v1/licenses/{met.identifier}", headers=officer).json()["marks"]
    assert "disputed" in json.dumps(marks)
    answered = a.client.post(
        f"/v1/disputes/{number}/answer",
        json={"outcome": "rejected", "answer": "经核对与档案一致"},
        headers={**officer, "Idempotency-Key": "d-2"},
    )
    assert answered.status_code == 200, answered.text
    assert a.services.exchange.disputes.run() == 1
    assert a.services.exchange.disputes.run() == 0
    told = b.client.get(place, headers=headers).json()
    assert (told["state"], told["outcome"]["code"]) == ("answered", "rejected")
    assert told["answer"] == "经核对与档案一致"
    stranger = b.holder("111", "110101199003070011")
    assert b.client.get(place, headers=stranger).json()["code"] == "partner-dispute-not-found"
    assert b.client.get("/v1/partner-disputes", headers=stranger).json()["items"] == []
    assert len(b.client.get("/v1/partner-disputes", headers=headers).json()["items"]) == 1


def test_a_dispute_that_the_region_does_not_take_says_why(met: Met) -> None:
    b = met.regions.b
    officer = {**b.officer(NANJING), "License-Use": written_use(OTHER_PURPOSE)}
    path = f"/v1/partners/{A_REGION}/disputes"
    body = {"license": met.identifier, "field": "valid_until", "grounds": "有效期有误"}
    told = b.client.post(path, json=body, headers={**officer, "Idempotency-Key": "d-3"}).json()
    assert (told["state"], told["reason"]) == ("not-taken", "access-not-granted")
    wrong = {**body, "field": "fields.nothing"}
    granted = {**b.officer(NANJING), "License-Use": written_use(USE), "Idempotency-Key": "d-4"}
    told = b.client.post(path, json=wrong, headers=granted).json()
    assert (told["state"], told["reason"]) == ("not-taken", "exchange-body-invalid")


def test_a_dispute_that_fails_unforeseen_waits_and_does_not_end_the_run(
    met: Met, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = met.regions.b
    headers = {**b.holder(*HOLDER), "Idempotency-Key": "d-5"}
    body = {"license": met.identifier, "field": "valid_from", "grounds": "起始日期有误"}
    with met.regions.web.without(A_URL):
        kept = b.client.post(f"/v1/partners/{A_REGION}/disputes", json=body, headers=headers)
    reference = kept.json()["reference"]

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Asking, "again", broken)
    b.services.exchange.disputes.follow(_dispute(met, reference))
    told = b.client.get(f"/v1/partner-disputes/{reference}", headers=headers).json()
    assert told["state"] == "sending"


def test_nothing_personal_stands_in_the_clear(met: Met) -> None:
    planted = [
        text.encode() for text in (HOLDER[1], PURPOSE, "号码与纸质证照不一致", met.check_code)
    ]
    for node in (met.regions.a, met.regions.b):
        for file in sorted(node.settings.home.glob("*.db*")):
            data = file.read_bytes()
            assert not [text for text in planted if text in data], file.name


def _dispute(met: Met, reference: str) -> Any:
    from license_vault.exchange.dispute_rows import PartnerDisputes

    services = met.regions.b.services
    with services.database.reading() as session:
        return PartnerDisputes(session, services.keys, services.vault).get(reference)


def test_the_command_line_makes_partners_organisations_known(
    met: Met, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LICENSE_VAULT_HOME", str(met.regions.a.settings.home))
    add = ["exchange", "organisation", "add", B_REGION, "11320500MBDEM0009", "苏州市（演示）"]
    assert main([*add, "--below", CITY]) == 0
    assert main([*add, "--below", CITY]) == 1
    assert main(["exchange", "organisation", "list", B_REGION]) == 0
    assert f"{B_REGION}:11320500MBDEM0009" in capsys.readouterr().out
    assert main(["exchange", "list", "--json", "--limit", "3"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {one["direction"] for one in listed} <= {"in", "out"}
    add[3] = "990000"
    assert main([*add, "--below", CITY]) == 1
