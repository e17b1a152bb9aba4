"""Seals over HTTP: who may do what by which role, a holder's consent, and documents with a seal."""

import base64
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from api_node import CITY, FENGXIAN, JIADING, STREET, Node, build_node
from httpx import Response
from pki import BoxGlyphs

from api import wiring
from keys.sm3 import sm3
from license_vault.audit import AuditTrail
from license_vault.seals.roles import SealPerson
from signing.picture.seal_image import picture_png
from signing.picture.seal_picture import SealPicture
from signing.ses.seal import read_ses_seal

IN_USE = "31011400000001"
PERSON = ("111", "11010119900307758X")
_SERIAL = iter(range(20, 99))


def letter() -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595.28, 841.89))
    page.obj.Contents = pdf.make_stream(b"0 0 10 10 re f % " + secrets.token_hex(4).encode())
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of its own: seals are suspended and cancelled here."""
    made = build_node(tmp_path_factory.mktemp("seals") / "home")
    with made.client:
        yield made


def post(node: Node, path: str, who: dict[str, str], body: Any = None, **form: Any) -> Response:
    headers = {**who, "Idempotency-Key": form.pop("key", secrets.token_hex(8))}
    if form:
        return node.client.post(f"/v1/seals{path}", headers=headers, **form)
    return node.client.post(f"/v1/seals{path}", headers=headers, json=body)


def get(node: Node, path: str, who: dict[str, str]) -> Response:
    return node.client.get(f"/v1/seals{path}", headers=who)


def anna(node: Node) -> dict[str, str]:
    return node.seal_person("seal-manager", JIADING, "anna")


def bert(node: Node) -> dict[str, str]:
    return node.seal_person("seal-manager", JIADING, "bert")


def auditor(node: Node) -> dict[str, str]:
    return node.seal_person("seal-auditor", JIADING, "august")


def asked(**changes: Any) -> dict[str, Any]:
    body = {
        "code": f"310114000000{next(_SERIAL)}",
        "organisation_code": JIADING,
        "name": "电子证照专用章",
        "picture": {"shape": "round", "ring_text": "演示局", "lower_text": "专用章"},
        "basis": "启用电子印章",
    }
    return {**body, **changes}


def chain_for(node: Node, code: str) -> list[str]:
    """What a CA answers to the request that is made at the node."""
    authority = wiring.development_authority_of(node.settings, node.services.keys)
    request = node.services.seals.workshop.request(code, SealPerson("anna"))
    return [base64.b64encode(der).decode() for der in authority.issue_seal(request)]


def approved(node: Node, **changes: Any) -> str:
    body = asked(**changes)
    assert post(node, "/applications", anna(node), body).status_code == 201
    assert post(node, f"/{body['code']}/approval", bert(node), {"basis": "同意"}).status_code == 200
    return str(body["code"])


def in_use(node: Node, **changes: Any) -> str:
    code = approved(node, **changes)
    body = {"certificates": chain_for(node, code)}
    assert post(node, f"/{code}/making", anna(node), body).status_code == 200
    assert post(node, f"/{code}/filing", anna(node), {"number": "BA-9"}).status_code == 200
    return code


def told(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def recorded(node: Node, subject: str) -> list[tuple[str, str, str]]:
    with node.services.database.reading() as session:
        entries = AuditTrail(session).of_subject(subject)
    return [
        (entry.act.action, entry.act.actor, entry.act.details.get("error", "")) for entry in entries
    ]


# --- a seal's life -------------------------------------------------------------------------------


def test_a_seal_is_applied_for_approved_made_and_filed(node: Node) -> None:
    body = asked()
    code = body["code"]
    answer = post(node, "/applications", anna(node), body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == {"code": "applied", "zh": "已申请", "en": "applied for"}
    assert answer.json()["made"] is None
    assert answer.json()["picture"] == {
        "shape": "round", "ring_text": "演示局", "lower_text": "专用章", "number": "",
        "width_mm": 42, "height_mm": 42,
    }  # fmt: skip
    assert get(node, f"/{code}/esl", anna(node)).status_code == 404
    assert told(post(node, f"/{code}/approval", anna(node), {"basis": "x"})) == (403, "same-person")
    assert post(node, f"/{code}/approval", bert(node), {"basis": "同意"}).status_code == 200
    chain = chain_for(node, code)
    made = post(node, f"/{code}/making", anna(node), {"certificates": chain})
    assert made.status_code == 200, made.text
    assert made.json()["made"]["version"] == 4
    assert made.json()["certificate"]["subject"]
    filed = post(node, f"/{code}/filing", bert(node), {"number": "BA-31"}).json()
    assert (filed["state"]["code"], filed["filing_number"]) == ("active", "BA-31")
    esl = get(node, f"/{code}/esl", anna(node))
    assert esl.headers["content-type"] == "application/octet-stream"
    assert read_ses_seal(esl.content).es_id == code
    assert told(post(node, f"/{code}/filing", bert(node), {"number": "2"})) == (409, "seal-state")
    assert [each[0] for each in recorded(node, code)] == [
        "seal.applied", "seal.approved.refused", "seal.approved", "seal.certificate-requested",
        "seal.made", "seal.filed", "seal.filed.refused",
    ]  # fmt: skip


def test_a_seal_is_suspended_taken_up_made_anew_and_cancelled(node: Node) -> None:
    code = in_use(node)
    basis = {"basis": "依据"}
    assert post(node, f"/{code}/suspension", anna(node), basis).json()["state"]["code"] == (
        "suspended"
    )
    assert post(node, f"/{code}/resumption", anna(node), basis).json()["state"]["code"] == "active"
    order = {**basis, "name": "新名称", "picture": {"shape": "ellipse", "ring_text": "新",
             "width_mm": 45, "height_mm": 30}}  # fmt: skip
    assert post(node, f"/{code}/remaking", anna(node), order).json()["name"] == "新名称"
    body = {"certificates": chain_for(node, code)}
    assert told(post(node, f"/{code}/making", anna(node), body)) == (403, "same-person")
    to_be_made = get(node, f"/{code}/picture", anna(node)).content
    made = post(node, f"/{code}/making", bert(node), body).json()
    assert (made["made"]["width_mm"], made["made"]["height_mm"]) == (45, 30)
    drawn = {"shape": "ellipse", "ring_text": "新", "lower_text": "", "number": ""}
    assert made["picture"] == {**drawn, "width_mm": 45, "height_mm": 30}
    assert get(node, f"/{code}/picture", anna(node)).content == to_be_made
    asked_for = get(node, f"/{code}/applications", auditor(node)).json()["items"]
    assert [
        (one["purpose"]["code"], one["applied_by"], one["decision"]["code"], one["decided_by"])
        for one in asked_for
    ] == [
        ("make", "officer:anna", "approved", "officer:bert"),
        ("remake", "officer:anna", "approved", "officer:bert"),
    ]
    end = {**basis, "number": "ZX-9"}
    cancelled = post(node, f"/{code}/cancellation", anna(node), end).json()
    assert cancelled["cancellation_number"] == "ZX-9"
    assert told(post(node, f"/{code}/filing", anna(node), {"number": "1"})) == (409, "seal-state")


def test_a_rejected_application_may_be_made_again(node: Node) -> None:
    body = asked()
    path = f"/{body['code']}/rejection"
    post(node, "/applications", anna(node), body)
    assert post(node, path, bert(node), {"basis": "名称不符"}).json()["state"]["code"] == "rejected"
    assert post(node, "/applications", bert(node), body).status_code == 201
    assert told(post(node, "/applications", bert(node), body)) == (409, "seal-exists")


def test_grants_are_given_and_taken_back(node: Node) -> None:
    code = in_use(node)
    grant = {"authority_code": STREET, "type_code": "documents"}
    for _ in range(2):
        assert post(node, f"/{code}/grants", anna(node), grant).json()["grants"] == [grant]
    for _ in range(2):
        assert post(node, f"/{code}/grant-withdrawals", anna(node), grant).json()["grants"] == []
    foreign = {"authority_code": FENGXIAN}
    assert told(post(node, f"/{code}/grants", anna(node), foreign)) == (403, "authority-not-yours")


# --- who may not ---------------------------------------------------------------------------------


def test_without_the_role_nothing_is_done_and_the_refusal_is_in_the_audit(node: Node) -> None:
    code = approved(node)
    for role, name in (("seal-user", "ursula"), ("seal-auditor", "august")):
        who = node.seal_person(role, JIADING, name)
        answer = post(node, f"/{code}/approval", who, {"basis": "x"})
        assert told(answer) == (403, "seal-role-missing")
        assert answer.json()["role"] == "manage"
        assert recorded(node, code)[-1] == (
            "seal.approved.refused", f"officer:{name}", "SealRoleMissingError",
        )  # fmt: skip
    for who, actor in (
        (node.auth("jiading"), "client:"),
        (node.holder(*PERSON), "holder:unknown"),
        (node.officer(JIADING), "officer:u-1"),
    ):
        answer = post(node, f"/{code}/approval", who, {"basis": "x"})
        assert answer.status_code in (403, 404)
        turned_away = recorded(node, "seal") + recorded(node, code)
        assert any(each[1].startswith(actor) for each in turned_away), actor


def test_two_roles_in_one_token_are_refused_and_in_the_audit(node: Node) -> None:
    token = node.jwt(roles=["seal-manager", "seal-auditor"], organisation=JIADING, sub="zwei")
    answer = get(node, "", {"Authorization": f"Bearer {token}"})
    assert told(answer) == (403, "seal-roles-conflict")
    assert ("seal.access.refused", "officer:zwei", "") in recorded(node, "seal")
    # Anywhere else too.
    other = node.client.get("/v1/licenses", headers={"Authorization": f"Bearer {token}"})
    assert told(other) == (403, "seal-roles-conflict")


def test_a_token_does_not_make_a_manager_an_auditor(node: Node) -> None:
    # At the node anna is registered as a manager.
    who = node.seal_person("seal-auditor", JIADING, "anna")
    for answer in (get(node, f"/{IN_USE}/acts", who), get(node, "", who)):
        assert told(answer) == (403, "seal-roles-conflict")
    conflict = ("seal.access.refused", "officer:anna", "SealRolesConflictError")
    assert recorded(node, "seal").count(conflict) == 2


def test_nobody_finds_seals_of_another_organisation(node: Node) -> None:
    stranger = node.seal_person("seal-manager", FENGXIAN, "fritz")
    paths = ("/{}", "/{}/esl")
    for path in paths:
        foreign, unknown = (
            get(node, path.format(code), stranger) for code in (IN_USE, "99999999999999")
        )
        assert told(foreign) == told(unknown) == (404, "seal-not-found")
    answer = post(node, f"/{IN_USE}/suspension", stranger, {"basis": "x"})
    assert told(answer) == (404, "seal-not-found")
    assert recorded(node, IN_USE)[-1][:2] == ("seal.suspended.refused", "officer:fritz")
    listed = get(node, "?limit=100", stranger).json()["items"]
    assert {item["owner"]["organisation_code"] for item in listed} == {FENGXIAN}
    city = node.seal_person("seal-auditor", CITY, "clara")
    assert {item["owner"]["organisation_code"] for item in get(node, "?limit=100", city).json()[
        "items"]} == {JIADING, FENGXIAN}  # fmt: skip
    body = asked(organisation_code=JIADING)
    assert told(post(node, "/applications", stranger, body)) == (403, "authority-not-yours")


def test_only_an_auditor_sees_what_happened(node: Node) -> None:
    answer = get(node, f"/{IN_USE}/acts", auditor(node))
    assert [each["action"] for each in answer.json()["items"]][-3:] == [
        "seal.certificate-requested", "seal.approved", "seal.applied",
    ]  # fmt: skip
    assert told(get(node, f"/{IN_USE}/acts", anna(node))) == (403, "seal-role-missing")
    foreign = node.seal_person("seal-auditor", FENGXIAN, "fritzi")
    assert told(get(node, f"/{IN_USE}/acts", foreign)) == (404, "seal-not-found")


def test_who_has_no_role_sees_no_seal(node: Node) -> None:
    for who in (node.officer(JIADING), node.auth("jiading")):
        assert told(get(node, "", who)) == (403, "seal-role-missing")
    assert told(get(node, "", {})) == (401, "unauthenticated")


def test_a_list_has_pages(node: Node) -> None:
    in_use(node)
    first = get(node, "?limit=1", anna(node)).json()
    assert len(first["items"]) == 1
    second = get(node, f"?limit=100&after={first['next']}", anna(node)).json()
    codes = [item["code"] for item in (*first["items"], *second["items"])]
    assert codes == sorted(set(codes))
    assert second["next"] is None


def test_what_happened_has_pages(node: Node) -> None:
    code = approved(node)
    post(node, f"/{code}/suspension", anna(node), {"basis": "x"})
    path, who = f"/{code}/acts", auditor(node)
    whole = get(node, path, who).json()
    assert len(whole["items"]) == 3
    assert whole["next"] is None
    pages, after = [], ""
    while after is not None:
        shown = get(node, f"{path}?limit=2{after and '&after=' + after}", who).json()
        pages += [shown["items"]]
        after = shown["next"]
    assert [len(page) for page in pages] == [2, 1]
    assert [act for page in pages for act in page] == whole["items"]
    of_another = get(node, "?limit=1", anna(node)).json()["next"]
    assert told(get(node, f"{path}?after={of_another}", who)) == (422, "invalid-request")


# --- bad input -----------------------------------------------------------------------------------


def _png(picture: SealPicture) -> str:
    return base64.b64encode(picture_png(picture, BoxGlyphs())).decode()


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        ({"shape": "square"}, (422, "invalid-request")),
        ({"shape": "round", "ring_text": ""}, (422, "seal-picture-refused")),
        ({"shape": "round", "ring_text": "文" * 50}, (422, "seal-picture-refused")),
        ({"shape": "round", "ring_text": "演示", "width_mm": 120}, (422, "seal-picture-refused")),
        ({"shape": "uploaded", "png": "!"}, (422, "invalid-request")),
        ({"shape": "round", "ring_text": "演示", "png": "AA=="}, (422, "invalid-request")),
        (
            {"shape": "uploaded", "png": base64.b64encode(b"\xff\xd8\xff photograph").decode()},
            (422, "seal-picture-refused"),
        ),
        (
            {"shape": "uploaded", "png": _png(SealPicture("round", "演示")), "height_mm": 20},
            (422, "seal-picture-refused"),
        ),
    ],
)
def test_a_picture_of_wrong_type_or_size_is_refused(
    node: Node, picture: dict[str, Any], expected: tuple[int, str]
) -> None:
    body = asked(picture=picture)
    assert told(post(node, "/applications", anna(node), body)) == expected
    assert get(node, f"/{body['code']}", anna(node)).status_code == 404


def test_an_uploaded_picture_is_taken(node: Node) -> None:
    png = _png(SealPicture("round", "演示"))
    code = in_use(node, picture={"shape": "uploaded", "png": png, "width_mm": 40, "height_mm": 40})
    assert get(node, f"/{code}", anna(node)).json()["made"]["width_mm"] == 40


@pytest.mark.parametrize(
    "change",
    [{"code": "1"}, {"kind": "royal"}, {"name": ""}, {"basis": ""}, {"more": 1}, {"picture": None}],
)
def test_an_application_with_a_wrong_field_is_refused(node: Node, change: dict[str, Any]) -> None:
    answer = post(node, "/applications", anna(node), asked(**change))
    assert told(answer) == (422, "invalid-request")


def test_a_personal_seal_needs_a_person(node: Node) -> None:
    answer = post(node, "/applications", anna(node), asked(kind="personal"))
    assert told(answer) == (422, "seal-refused")
    assert answer.json()["reason"] == "kind"


def test_somebody_elses_certificate_makes_no_seal(node: Node) -> None:
    code, other = approved(node), approved(node)
    chain = chain_for(node, other)
    answer = post(node, f"/{code}/making", anna(node), {"certificates": chain})
    assert (told(answer), answer.json()["reason"]) == (
        (422, "seal-refused"),
        "certificate-other-seal",
    )
    for certificates in (["AAAA"], ["!"], []):
        body = {"certificates": certificates}
        assert post(node, f"/{code}/making", anna(node), body).status_code == 422
    assert get(node, f"/{code}", anna(node)).json()["state"]["code"] == "approved"


def test_a_suspended_seal_issues_nothing(node: Node) -> None:
    post(node, f"/{IN_USE}/suspension", anna(node), {"basis": "盘点"})
    answer = node.issue()
    assert (told(answer), answer.json()["reason"]) == ((409, "seal-unusable"), "suspended")
    post(node, f"/{IN_USE}/resumption", anna(node), {"basis": "完毕"})
    assert node.issue().status_code == 201


# --- documents, and a holder's own seal ----------------------------------------------------------


def seal(node: Node, code: str, who: dict[str, str], document: bytes, **form: Any) -> Response:
    data = {"page": 1, "x_mm": 100, "y_mm": 200, **form}
    key = data.pop("key", secrets.token_hex(8))
    return post(
        node, f"/{code}/sealings", who, data=data, files={"file": ("a.pdf", document)}, key=key
    )


def test_an_organisations_seal_is_set_on_a_document_where_it_was_granted(node: Node) -> None:
    user = node.seal_person("seal-user", JIADING, "ursula")
    assert told(seal(node, IN_USE, user, letter())) == (403, "seal-not-permitted")
    grant = {"authority_code": JIADING, "type_code": "documents"}
    post(node, f"/{IN_USE}/grants", anna(node), grant)
    answer = seal(node, IN_USE, user, letter(), key="once")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    report = node.client.post("/v1/verifications", files={"file": ("a.pdf", answer.content)}).json()
    assert [each["owner_code"] for each in report["seals"]] == [JIADING]
    # It is no license, and never becomes one by its seal.
    assert report["verdict"] not in ("valid", "not_in_force")
    assert told(seal(node, IN_USE, user, letter(), key="once")) == (422, "idempotency-key-reused")
    assert told(seal(node, IN_USE, anna(node), letter())) == (403, "seal-role-missing")
    assert told(seal(node, IN_USE, node.auth("jiading"), letter())) == (403, "scope-missing")


def test_a_license_or_a_sealed_file_is_not_sealed_here(node: Node) -> None:
    user = node.seal_person("seal-user", JIADING, "ursula")
    grant = {"authority_code": JIADING, "type_code": "documents"}
    post(node, f"/{IN_USE}/grants", anna(node), grant)
    issued = node.issue().json()
    file = node.client.get(
        f"/v1/licenses/{issued['identifier']}/file", headers=node.auth("jiading")
    )
    for document, reason in (
        (file.content, "sealed-already"),
        (b"no document", "unreadable"),
        (b"", "unreadable"),
    ):
        answer = seal(node, IN_USE, user, document)
        assert (told(answer), answer.json()["reason"]) == ((422, "document-refused"), reason)
    off = seal(node, IN_USE, user, letter(), page=2)
    assert (told(off), off.json()["reason"]) == ((422, "document-refused"), "placement")


def test_a_holder_consents_and_the_own_seal_is_set_once(node: Node) -> None:
    body = node.body("constructor-registration")
    person = body["holders"][0]
    issued = node.issue(body=body)
    assert issued.status_code == 201, issued.text
    holder = node.holder(person["document_type"], person["document_number"])
    code = f"310114000000{next(_SERIAL)}"
    own = asked(
        code=code, kind="personal", holder_name=person["name"], picture={"ring_text": "个人名章"}
    )
    applied = post(node, "/applications", holder, own)
    assert applied.status_code == 201, applied.text
    handle = applied.json()["owner"]["holder"]
    assert post(node, f"/{code}/approval", anna(node), {"basis": "同意"}).status_code == 200
    body = {"certificates": chain_for(node, code)}
    assert post(node, f"/{code}/making", anna(node), body).status_code == 200
    assert post(node, f"/{code}/filing", anna(node), {"number": "BA"}).status_code == 200
    assert [item["code"] for item in get(node, "", holder).json()["items"]] == [code]
    assert told(get(node, f"/{IN_USE}", holder)) == (404, "seal-not-found")
    document = letter()
    user = node.seal_person("seal-user", JIADING, "ursula")
    assert told(seal(node, code, user, document)) == (403, "seal-consent-missing")
    wanted = {"document_sm3": sm3(document).hex(), "purpose": "办理业务", "minutes": 5}
    given, again = (
        node.client.post(
            f"/v1/seals/{code}/consents", json=wanted, headers={**holder, "Idempotency-Key": "c-1"}
        )
        for _ in range(2)
    )
    assert (given.status_code, again.status_code) == (201, 200), given.text
    assert again.json() == given.json()
    consent = given.json()["consent_id"]
    refused = seal(node, code, user, letter(), consent=consent)
    assert (told(refused), refused.json()["reason"]) == (
        (409, "seal-consent-unusable"),
        "other-document",
    )
    assert seal(node, code, user, document, consent=consent).status_code == 200
    used = seal(node, code, user, document, consent=consent)
    assert (told(used), used.json()["reason"]) == ((409, "seal-consent-unusable"), "used")
    assert recorded(node, code)[-2:] == [
        ("seal.set", "officer:ursula", ""),
        ("seal.set.refused", "officer:ursula", "ConsentUnusableError"),
    ]
    assert ("seal.consented", f"holder:{handle}", "") in recorded(node, code)
    assert told(post(node, f"/{code}/consents", user, wanted)) == (403, "forbidden")
    assert ("seal.access.refused", "officer:ursula", "") in recorded(node, "seal")
    # The holder stops it alone; to take it up again, and others' seals, are no holder's.
    stopped = post(node, f"/{code}/suspension", holder, {"basis": "登录设备遗失"})
    assert stopped.json()["state"]["code"] == "suspended"
    assert ("seal.suspended", f"holder:{handle}", "") in recorded(node, code)
    assert told(post(node, f"/{code}/consents", holder, wanted)) == (409, "seal-unusable")
    again = post(node, f"/{code}/resumption", holder, {"basis": "x"})
    assert told(again) == (403, "seal-role-missing")
    others = post(node, f"/{IN_USE}/suspension", holder, {"basis": "x"})
    assert told(others) == (404, "seal-not-found")


def test_everything_agrees_in_the_end(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.cli.main import main

    monkeypatch.setenv("LICENSE_VAULT_HOME", str(Path(node.settings.home)))
    assert main(["fsck"]) == 0
    assert main(["audit", "verify"]) == 0


def test_the_books_say_whether_every_use_stands_for_a_document(node: Node) -> None:
    code = approved(node)
    asked_for = post(node, f"/{code}/certificate-requests", anna(node), {"new_key": False})
    assert asked_for.text.startswith("-----BEGIN CERTIFICATE REQUEST-----")
    uses = get(node, f"/{code}/uses", auditor(node)).json()
    assert (uses["signatures"], uses["recorded"], uses["agrees"]) == (1, 1, True)
    # Somebody has the key sign past the books.
    node.services.keys.sign(f"seal/{code}", b"past the books")
    uses = get(node, f"/{code}/uses", auditor(node)).json()
    assert (uses["signatures"], uses["unexplained"], uses["agrees"]) == (2, 1, False)
    picture = get(node, f"/{code}/picture", anna(node))
    assert picture.content.startswith(b"\x89PNG")


def test_roles_are_told_to_people_with_a_role_only(node: Node) -> None:
    told = get(node, "/roles", auditor(node)).json()["items"]
    assert {one["person"]: one["role"]["code"] for one in told}["anna"] == "manage"
    assert get(node, "/roles", node.officer(JIADING)).json()["code"] == "seal-role-missing"
    assert get(node, "/roles", node.auth("jiading")).json()["code"] == "seal-role-missing"
