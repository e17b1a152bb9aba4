"""Items, officers and their signed approvals: who decided is proved by the officers' own keys."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pki import NOW, OWNER_CODE, OWNER_NAME, VALID_FROM, Period, Pki

from keys import certificate_authority
from keys.certificate_authority import Subject
from license_vault.approvals.approvals import (
    Approval,
    ApprovedCase,
    approval_bytes,
    check_approvals,
    read_approvals,
)
from license_vault.approvals.errors import (
    ApprovalInvalidError,
    ApprovalMissingError,
    ItemExistsError,
    ItemInvalidError,
    OfficerExistsError,
    OfficerRefusedError,
    OfficerUnknownError,
    SamePersonError,
)
from license_vault.approvals.items import (
    ApprovalItem,
    ApprovalItems,
    ApprovalItemWriter,
    ApprovalMode,
)
from license_vault.approvals.officers import Officer, Officers, OfficerWriter
from license_vault.database.sessions import Database
from license_vault.issuing.request_reading import ObjectReader, RequestProblems
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import AuthorityWriter

DEPARTMENT, ELSEWHERE = "DEPT", "ELSEWHERE"
CASE = ApprovedCase("JD-2026-1", "ITEM-1", "ab" * 32)
SOLE = ApprovalItem("ITEM-1", "公共场所卫生许可", ApprovalMode.SOLE)
ALWAYS = Period()
TWO = replace(SOLE, mode=ApprovalMode.TWO_STEP)


class Office:
    """Officers with their own keys, and approvals they sign."""

    def __init__(self) -> None:
        self.pki = Pki.kept()

    def officer(self, name: str, period: Period = ALWAYS) -> Officer:
        profile = certificate_authority.SEAL
        der = self.pki.certify(f"officer/{name}", profile, Subject(name), "ca/seal", period)
        return Officer(name, OWNER_CODE, der)

    def approval(
        self, name: str, step: str, at: datetime = NOW, case: ApprovedCase = CASE
    ) -> Approval:
        message = approval_bytes(case, step, name, at)
        return Approval(name, step, at, self.pki.keys.sign(f"officer/{name}", message))


@pytest.fixture(scope="module")
def office() -> Office:
    return Office()


@pytest.fixture(scope="module")
def two(office: Office) -> tuple[Officer, Officer]:
    return office.officer("wang"), office.officer("li")


def test_what_is_signed_is_canonical_and_names_everything() -> None:
    assert approval_bytes(CASE, "decide", "wang", NOW) == (
        b'{"case_number":"JD-2026-1","digest":"' + b"ab" * 32 + b'","item_code":"ITEM-1",'
        b'"officer_id":"wang","schema":"license-vault/approval/1",'
        b'"signed_at":"2026-06-01T04:00:00Z","step":"decide"}'
    )


def test_one_officer_decides_a_sole_item(office: Office, two: tuple[Officer, Officer]) -> None:
    approval = office.approval("wang", "decide")
    (checked,) = check_approvals(SOLE, (approval,), two, CASE, NOW)
    assert checked.approval == approval
    assert checked.as_json()["organisation"] == OWNER_CODE


def test_two_officers_review_and_check_in_their_order(
    office: Office, two: tuple[Officer, Officer]
) -> None:
    review = office.approval("wang", "review", NOW - timedelta(hours=1))
    check = office.approval("li", "check")
    found = check_approvals(TWO, (check, review), two, CASE, NOW)
    assert [each.approval.step for each in found] == ["review", "check"]


def test_one_person_cannot_review_and_check(office: Office, two: tuple[Officer, Officer]) -> None:
    both = (office.approval("wang", "review"), office.approval("wang", "check"))
    with pytest.raises(SamePersonError) as caught:
        check_approvals(TWO, both, two, CASE, NOW)
    assert (caught.value.person, caught.value.step) == ("wang", "check")


def test_one_key_under_two_names_is_one_person(office: Office) -> None:
    wang = office.officer("wang2")
    twin = Officer("twin", OWNER_CODE, wang.certificate)
    message = approval_bytes(CASE, "check", "twin", NOW)
    signature = office.pki.keys.sign("officer/wang2", message)
    both = (office.approval("wang2", "review"), Approval("twin", "check", NOW, signature))
    with pytest.raises(SamePersonError):
        check_approvals(TWO, both, (wang, twin), CASE, NOW)


@pytest.mark.parametrize(
    ("item", "signed", "missing"),
    [
        (SOLE, (), "decide"),
        (TWO, (), "review"),
        (TWO, (("wang", "review"),), "check"),
        (TWO, (("li", "check"),), "review"),
    ],
)
def test_a_step_nobody_signed_is_named(
    office: Office,
    two: tuple[Officer, Officer],
    item: ApprovalItem,
    signed: tuple[tuple[str, str], ...],
    missing: str,
) -> None:
    approvals = tuple(office.approval(*each) for each in signed)
    with pytest.raises(ApprovalMissingError) as caught:
        check_approvals(item, approvals, two, CASE, NOW)
    assert caught.value.step == missing


def _refused(
    approvals: tuple[Approval, ...],
    officers: tuple[Officer, ...],
    item: ApprovalItem = SOLE,
    at: datetime = NOW,
) -> str:
    with pytest.raises(ApprovalInvalidError) as caught:
        check_approvals(item, approvals, officers, CASE, at)
    return caught.value.reason


def test_an_approval_counts_for_this_case_item_and_digest_only(
    office: Office, two: tuple[Officer, Officer]
) -> None:
    for change in (
        {"case_number": "JD-2026-2"},
        {"item_code": "ITEM-2"},
        {"digest_hex": "cd" * 32},
    ):
        other = replace(CASE, **change)
        assert _refused((office.approval("wang", "decide", case=other),), two) == "signature"


def test_what_was_changed_after_signing_does_not_count(
    office: Office, two: tuple[Officer, Officer]
) -> None:
    good = office.approval("wang", "decide")
    for bad in (
        replace(good, officer_id="li"),
        replace(good, signed_at=NOW - timedelta(seconds=1)),
        replace(good, signature=good.signature[:-1] + bytes([good.signature[-1] ^ 1])),
        replace(good, signature=b"none"),
    ):
        assert _refused((bad,), two) == "signature"


def test_unknown_officers_and_steps_are_not_passed_over(
    office: Office, two: tuple[Officer, Officer]
) -> None:
    good = office.approval("wang", "decide")
    assert _refused((good,), two[1:]) == "officer-unknown"
    assert _refused((good, office.approval("li", "check")), two) == "step-unexpected"
    assert _refused((good, office.approval("li", "decide")), two) == "step-twice"


def test_an_approval_from_the_future_or_out_of_order_does_not_count(
    office: Office, two: tuple[Officer, Officer]
) -> None:
    soon = office.approval("wang", "decide", NOW + timedelta(minutes=4))
    assert check_approvals(SOLE, (soon,), two, CASE, NOW)
    late = office.approval("wang", "decide", NOW + timedelta(minutes=6))
    assert _refused((late,), two) == "from-the-future"
    review, check = office.approval("wang", "review"), office.approval("li", "check", VALID_FROM)
    assert _refused((review, check), two, TWO) == "checked-before-review"


def test_a_certificate_out_of_its_period_signs_nothing(office: Office) -> None:
    ended = office.officer("old", Period(VALID_FROM, NOW - timedelta(days=1)))
    early = office.officer("new", Period(NOW - timedelta(days=1)))
    assert _refused((office.approval("old", "decide"),), (ended,)) == "certificate-period"
    # The signer tells the time: that it was signed in time proves nothing once it ended.
    backdated = office.approval("old", "decide", NOW - timedelta(days=2))
    assert _refused((backdated,), (ended,)) == "certificate-period"
    before = office.approval("new", "decide", NOW - timedelta(days=2))
    assert _refused((before,), (early,)) == "certificate-period"


# --- what a request brings ---


def _read(value: object) -> tuple[tuple[Approval, ...], list[str]]:
    problems = RequestProblems()
    found = read_approvals(ObjectReader({"approvals": value}, "", problems))
    return found, [f"{p.pointer} {p.code}" for p in problems.found]


GOOD = {
    "officer_id": "wang",
    "step": "decide",
    "signed_at": "2026-06-01T04:00:00Z",
    "signature": "MAA=",
}


def test_approvals_are_read_from_a_request() -> None:
    assert _read([GOOD]) == ((Approval("wang", "decide", NOW, b"\x30\x00"),), [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"officer_id": "王"}, "/approvals/0/officer_id wrong-format"),
        ({"step": "sign"}, "/approvals/0/step unknown-choice"),
        ({"signed_at": "2026-06-01"}, "/approvals/0/signed_at wrong-format"),
        ({"signed_at": "2026-02-30T04:00:00Z"}, "/approvals/0/signed_at not-a-time"),
        ({"signature": "!"}, "/approvals/0/signature not-base64"),
        ({"signature": "A" * 200}, "/approvals/0/signature too-long"),
        ({"name": "x"}, "/approvals/0/name unknown-member"),
    ],
)
def test_every_wrong_member_is_named(change: dict[str, object], problem: str) -> None:
    _, problems = _read([{**GOOD, **change}])
    assert problems == [problem]


@pytest.mark.parametrize("value", [[], {}, "x", [GOOD] * 5, ["x"]])
def test_no_list_of_approvals_is_a_problem(value: object) -> None:
    _, problems = _read(value)
    assert problems


# --- the registers ---


@pytest.fixture
def database(either_database: Database) -> Database:
    with either_database.writing() as session:
        writer = AuthorityWriter(session)
        writer.add(IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"), None, NOW)
        writer.add(IssuingAuthority(DEPARTMENT, "某科室", "110101"), OWNER_CODE, NOW)
        writer.add(IssuingAuthority(ELSEWHERE, "别处", "110102"), None, NOW)
    return either_database


def test_an_item_is_registered_once(database: Database) -> None:
    with database.writing() as session:
        writer = ApprovalItemWriter(session)
        writer.add(TWO, "operator:test", NOW)
        with pytest.raises(ItemExistsError):
            writer.add(SOLE, "operator:test", NOW)
        for bad in (replace(SOLE, code="a b"), replace(SOLE, code="X", name=" \n")):
            with pytest.raises(ItemInvalidError):
                writer.add(bad, "operator:test", NOW)
    with database.reading() as session:
        assert ApprovalItems(session).find("ITEM-1") == TWO
        assert ApprovalItems(session).find("ITEM-2") is None
        assert ApprovalItems(session).everyone() == (TWO,)


def test_officers_sign_for_their_authority_and_those_above_it(
    database: Database, office: Office
) -> None:
    keys = office.pki.keys
    mine, below = office.officer("a1"), replace(office.officer("a2"), organisation_code=DEPARTMENT)
    elsewhere = replace(office.officer("a3"), organisation_code=ELSEWHERE)
    with database.writing() as session:
        writer = OfficerWriter(session, keys)
        for officer in (mine, below, elsewhere):
            writer.add(officer, "operator:test", NOW)
    with database.reading() as session:
        officers = Officers(session, keys)
        assert officers.within(("a1", "a2", "a3", "a4"), OWNER_CODE) == (mine, below)
        assert officers.within(("a1", "a2"), DEPARTMENT) == (below,)
        assert len(officers.everyone()) == 3


def test_a_key_is_one_persons_for_ever(database: Database, office: Office) -> None:
    keys = office.pki.keys
    first = office.officer("b1")
    twin = Officer("b2", OWNER_CODE, first.certificate)
    with database.writing() as session:
        writer = OfficerWriter(session, keys)
        writer.add(first, "operator:test", NOW)
        with pytest.raises(OfficerExistsError):
            writer.add(office.officer("b1"), "operator:test", NOW)
        with pytest.raises(OfficerRefusedError, match="key-of-another"):
            writer.add(twin, "operator:test", NOW)
        writer.disable("b1", "operator:test", NOW)
        with pytest.raises(OfficerUnknownError):
            writer.disable("b1", "operator:test", NOW)
        with pytest.raises(OfficerRefusedError, match="key-of-another"):
            writer.add(twin, "operator:test", NOW)
        assert writer.within(("b1",), OWNER_CODE) == ()
        renewed = office.officer("b1")
        writer.add(renewed, "operator:test", NOW)
        assert writer.within(("b1",), OWNER_CODE) == (renewed,)


def test_what_is_no_officers_certificate_is_refused(database: Database, office: Office) -> None:
    good = office.officer("c1")
    ca = Officer("c1", OWNER_CODE, office.pki.seal_ca)
    ended = office.officer("c2", Period(VALID_FROM, NOW - timedelta(days=1)))
    with database.writing() as session:
        writer = OfficerWriter(session, office.pki.keys)
        for bad, reason in (
            (replace(good, officer_id="王"), "id"),
            (replace(good, certificate=b"none"), "certificate-unreadable"),
            (ca, "certificate-usage"),
            (ended, "certificate-period"),
        ):
            with pytest.raises(OfficerRefusedError) as caught:
                writer.add(bad, "operator:test", NOW)
            assert caught.value.reason == reason


def test_a_copy_of_the_database_names_no_officer(database: Database, office: Office) -> None:
    from sqlalchemy import text

    officer = office.officer("d1")
    with database.writing() as session:
        OfficerWriter(session, office.pki.keys).add(officer, "operator:test", NOW)
        (kept,) = session.execute(text("SELECT sealed_certificate FROM officer")).one()
    assert officer.certificate[100:200] not in bytes(kept)
