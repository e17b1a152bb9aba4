"""From an application to a seal in use, made anew and cancelled: who may do what, and the audit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from made_seals import ANNA, AUDITOR, BERT, USER, Office, application, make_office, provide
from pki import NOW, OWNER_CODE, OWNER_NAME, SEAL_CODE, VALID_FROM, VALID_UNTIL, BoxGlyphs, Pki
from sqlalchemy import text

from keys import certificate_authority
from keys.certificate import read_certificate
from keys.certificate_authority import Subject, read_request
from keys.errors import KeyNotFoundError
from keys.sm3 import sm3
from license_vault.approvals.errors import SamePersonError
from license_vault.audit import AuditEntry, AuditTrail
from license_vault.database.sessions import Database
from license_vault.errors import AuthorityNotPermittedError, OrganisationUnknownError
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import AuthorityWriter
from license_vault.seals.applications import SealApplications
from license_vault.seals.document_sealings import signed_by_label
from license_vault.seals.errors import (
    SealExistsError,
    SealInvalidError,
    SealMakerError,
    SealRoleMissingError,
    SealStateError,
    SealUnknownError,
    SealUnusableError,
)
from license_vault.seals.life import KIND_NUMBERS, SealKind, SealState
from license_vault.seals.office import RemakeOrder
from license_vault.seals.registrar import SealMakings, key_label
from license_vault.seals.registry import Grant, SealRecord, SealRegistry, require_usable
from license_vault.seals.roles import SealPerson, SealRole
from license_vault.seals.workshop import SealWorkshop
from license_vault.trust.publication import TrustMaterialWriter
from signing.errors import SealPictureError, SealPictureRefusedError
from signing.picture.seal_image import picture_png, uploaded_picture
from signing.picture.seal_picture import ELLIPSE, SealPicture
from signing.ses.seal import read_ses_seal

DEPARTMENT, ELSEWHERE = "DEPT", "ELSEWHERE"
CODE = SEAL_CODE
OTHER_CODE = "11010100000002"
OTHERS = SealPerson("otto", SealRole.MANAGE, ELSEWHERE)
OURS = SealPerson("olga", SealRole.MANAGE, OWNER_CODE)


def _office(database: Database, pki: Pki) -> Office:
    with database.writing() as session:
        writer = AuthorityWriter(session)
        writer.add(IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"), None, NOW)
        writer.add(IssuingAuthority(DEPARTMENT, "某科室", "110101"), OWNER_CODE, NOW)
        writer.add(IssuingAuthority(ELSEWHERE, "别处", "110102"), None, NOW)
    return make_office(database, pki)


@pytest.fixture
def pki() -> Pki:
    return Pki.kept()


@pytest.fixture
def made(sqlite_database: Database, pki: Pki) -> Office:
    """An office without any seal, on the embedded default."""
    return _office(sqlite_database, pki)


@pytest.fixture
def either(either_database: Database, pki: Pki) -> Office:
    """The same on each kind of database."""
    return _office(either_database, pki)


@pytest.fixture
def approved(made: Office) -> Office:
    """An office with one seal that was approved."""
    made.office.apply(application(), ANNA)
    made.office.approve(CODE, "同意", BERT)
    return made


def record(made: Office, code: str = CODE) -> SealRecord:
    with made.services.database.reading() as session:
        return SealRegistry(session).get(code)


def acts(made: Office, subject: str = CODE) -> list[AuditEntry]:
    with made.services.database.reading() as session:
        return list(AuditTrail(session).of_subject(subject))


def told(made: Office, subject: str = CODE) -> list[tuple[str, str]]:
    return [(entry.act.action, entry.act.actor) for entry in acts(made, subject)]


def last(made: Office, subject: str = CODE) -> tuple[str, str, str]:
    entry = acts(made, subject)[-1]
    return entry.act.action, entry.act.actor, entry.act.details.get("error", "")


# --- the whole way -------------------------------------------------------------------------------


def test_every_step_is_in_the_audit_with_who_and_why(either: Office, pki: Pki) -> None:
    provide(either, pki.seal(), Grant(CODE, OWNER_CODE))
    office = either.office
    office.suspend(CODE, "盘点", ANNA)
    office.resume(CODE, "盘点完毕", BERT)
    office.cancel(CODE, "ZX-1", "机构撤并", ANNA)
    a, b = "officer:anna", "officer:bert"
    assert told(either) == [
        ("seal.applied", a),
        ("seal.approved", b),
        ("seal.made", a),
        ("seal.filed", a),
        ("seal.granted", a),
        ("seal.suspended", a),
        ("seal.resumed", b),
        ("seal.cancelled", a),
    ]
    entries = {entry.act.action: entry.act for entry in acts(either)}
    assert entries["seal.applied"].details["basis"] == "启用电子印章"
    assert entries["seal.filed"].details["number"] == f"BA-{CODE}"
    assert entries["seal.made"].details["ses_sm3"] == sm3(record(either).seal.ses).hex()
    assert entries["seal.cancelled"].details == {"basis": "机构撤并", "number": "ZX-1"}
    assert record(either).cancellation_number == "ZX-1"
    assert record(either).state is SealState.CANCELLED


def test_the_seal_made_says_what_was_applied_for(approved: Office, pki: Pki) -> None:
    certificate = pki.seal_certificate()
    approved.workshop.make(CODE, (certificate, pki.seal_ca), ANNA)
    seal = read_ses_seal(record(approved).seal.ses)
    assert seal.version == 4
    assert seal.es_id == CODE
    assert seal.kind == KIND_NUMBERS[SealKind.SPECIAL]
    assert seal.name == f"{OWNER_NAME}行政审批专用章"
    assert seal.certificates == (certificate,)
    assert (seal.created_at, seal.valid_from) == (NOW, NOW)
    assert seal.valid_until == read_certificate(certificate).not_after
    assert seal.maker_certificate == pki.maker
    assert (seal.picture.kind, seal.picture.width_mm, seal.picture.height_mm) == ("PNG", 42, 42)
    assert seal.picture.data == picture_png(record(approved).seal.picture, BoxGlyphs())
    assert seal.deviations == ()


def test_a_seal_ends_with_its_certificate(approved: Office, pki: Pki) -> None:
    ends = NOW + timedelta(days=30)
    approved.workshop.make(CODE, (pki.seal_certificate(not_after=ends), pki.seal_ca), ANNA)
    assert read_ses_seal(record(approved).seal.ses).valid_until == ends


def test_an_elliptic_and_an_uploaded_picture_are_taken(made: Office, pki: Pki) -> None:
    ellipse = SealPicture(ELLIPSE, OWNER_NAME, "专用章", CODE, width_mm=45, height_mm=30)
    png = picture_png(SealPicture("round", OWNER_NAME), BoxGlyphs())
    for code, picture, size in (
        (CODE, ellipse, (45, 30)),
        (OTHER_CODE, uploaded_picture(png, 40, 40), (40, 40)),
    ):
        made.office.apply(application(code, picture=picture), ANNA)
        made.office.approve(code, "同意", BERT)
        made.workshop.make(code, (pki.seal_certificate(code), pki.seal_ca), ANNA)
        found = read_ses_seal(record(made, code).seal.ses).picture
        assert (found.width_mm, found.height_mm) == size


# --- who may, and who may not --------------------------------------------------------------------


def test_one_person_cannot_apply_and_approve(made: Office) -> None:
    made.office.apply(application(), ANNA)
    for decide in (made.office.approve, made.office.reject):
        with pytest.raises(SamePersonError) as caught:
            decide(CODE, "同意", ANNA)
        assert caught.value.person == "officer:anna"
    assert record(made).state is SealState.APPLIED
    assert last(made) == ("seal.rejected.refused", "officer:anna", "SamePersonError")


@pytest.mark.parametrize("person", [USER, AUDITOR, SealPerson("nobody")])
def test_without_the_role_manage_nothing_is_done_and_the_refusal_is_in_the_audit(
    approved: Office, pki: Pki, person: SealPerson
) -> None:
    office, before = approved.office, record(approved)
    chain = (pki.seal_certificate(), pki.seal_ca)
    tries: tuple[tuple[str, Callable[[], object]], ...] = (
        ("seal.applied", lambda: office.apply(application(), person)),
        ("seal.approved", lambda: office.approve(CODE, "x", person)),
        ("seal.certificate-requested", lambda: approved.workshop.request(CODE, person)),
        ("seal.made", lambda: approved.workshop.make(CODE, chain, person)),
        ("seal.filed", lambda: office.file(CODE, "1", person)),
        ("seal.suspended", lambda: office.suspend(CODE, "x", person)),
        ("seal.remaking", lambda: office.remake(CODE, RemakeOrder("x"), person)),
        ("seal.cancelled", lambda: office.cancel(CODE, "1", "x", person)),
        ("seal.granted", lambda: office.grant(Grant(CODE, OWNER_CODE), person)),
        ("seal.grant-withdrawn", lambda: office.withdraw(Grant(CODE, OWNER_CODE), person)),
    )
    for action, attempt in tries:
        with pytest.raises(SealRoleMissingError):
            attempt()
        assert last(approved) == (f"{action}.refused", person.actor, "SealRoleMissingError")
    assert record(approved) == before


def test_a_manager_of_another_organisation_finds_no_seal(made: Office, pki: Pki) -> None:
    provide(made, pki.seal())
    with pytest.raises(SealUnknownError):
        made.office.suspend(CODE, "x", OTHERS)
    assert last(made) == ("seal.suspended.refused", "officer:otto", "SealUnknownError")
    with pytest.raises(SealUnknownError):
        made.office.suspend(CODE, "x", SealPerson("x", SealRole.MANAGE, "NOWHERE"))
    assert made.office.suspend(CODE, "x", OURS).state is SealState.SUSPENDED


def test_a_manager_applies_and_grants_within_the_own_organisation_only(
    made: Office, pki: Pki
) -> None:
    with pytest.raises(AuthorityNotPermittedError):
        made.office.apply(application(), OTHERS)
    provide(made, pki.seal())
    with pytest.raises(AuthorityNotPermittedError):
        made.office.grant(Grant(CODE, ELSEWHERE), OURS)
    assert made.office.grant(Grant(CODE, DEPARTMENT), OURS)
    # At the node itself one seal may be given to many departments of anybody.
    assert made.office.grant(Grant(CODE, ELSEWHERE), ANNA)


# --- what does not fit ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("code", {"code": "123"}),
        ("code", {"code": "1101010000000x"}),
        ("name", {"name": ""}),
        ("name", {"name": "章\u202e"}),
        ("name", {"name": "章" * 129}),
        ("basis", {"basis": " "}),
        ("basis", {"basis": "依" * 501}),
        ("kind", {"kind": SealKind.PERSONAL}),
        ("picture-size", {"picture": SealPicture("round", OWNER_NAME, diameter_mm=42.5)}),
    ],
)
def test_an_application_that_says_nonsense_is_refused(
    made: Office, reason: str, changes: dict[str, object]
) -> None:
    with pytest.raises(SealInvalidError) as caught:
        made.office.apply(replace(application(), **changes), ANNA)  # type: ignore[arg-type]
    assert caught.value.reason == reason
    with made.services.database.reading() as session:
        assert SealRegistry(session).everyone() == ()
    subject = CODE if "code" not in changes else "seal"
    assert last(made, subject)[0] == "seal.applied.refused"


@pytest.mark.parametrize(
    "picture",
    [
        SealPicture("square", OWNER_NAME),
        SealPicture("round", ""),
        SealPicture("round", OWNER_NAME, diameter_mm=99),
        SealPicture("round", "文" * 60),
        SealPicture("uploaded", width_mm=40, height_mm=40),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused(made: Office, picture: SealPicture) -> None:
    with pytest.raises(SealPictureError):
        made.office.apply(application(picture=picture), ANNA)
    assert last(made)[0] == "seal.applied.refused"


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0", b"%PDF-1.7", b"\x89PNG\r\n"])
def test_an_upload_of_another_type_is_refused(data: bytes) -> None:
    with pytest.raises(SealPictureRefusedError):
        uploaded_picture(data, 40, 40)


def test_an_owner_nobody_knows_and_a_code_that_is_taken_are_refused(made: Office) -> None:
    with pytest.raises(OrganisationUnknownError):
        made.office.apply(application(organisation="NOBODY"), ANNA)
    made.office.apply(application(), ANNA)
    with pytest.raises(SealExistsError):
        made.office.apply(application(), BERT)


def test_after_a_rejection_somebody_may_apply_again(either: Office) -> None:
    either.office.apply(application(), ANNA)
    either.office.reject(CODE, "名称不符", BERT)
    changed = replace(application(), name="更正后的名称", basis="再次申请")
    either.office.apply(changed, BERT)
    assert (record(either).state, record(either).name) == (SealState.APPLIED, "更正后的名称")
    with either.services.database.reading() as session:
        found = SealApplications(session).of_seal(record(either).row_id)
    assert [(a.applied_by, a.decision, a.decided_by) for a in found] == [
        ("officer:anna", "rejected", "officer:bert"),
        ("officer:bert", None, None),
    ]
    with pytest.raises(SamePersonError):
        either.office.approve(CODE, "同意", BERT)
    assert either.office.approve(CODE, "同意", ANNA).state is SealState.APPROVED


def _made_reason(made: Office, *chain: bytes) -> str:
    with pytest.raises(SealInvalidError) as caught:
        made.workshop.make(CODE, chain, ANNA)
    assert record(made).state is SealState.APPROVED
    assert record(made).seal.ses == b""
    assert last(made) == ("seal.made.refused", "officer:anna", "SealInvalidError")
    assert acts(made)[-1].act.details["reason"] == caught.value.reason
    return caught.value.reason


def test_somebody_elses_certificate_makes_no_seal(approved: Office, pki: Pki) -> None:
    ours = pki.seal_certificate()
    foreign_owner = pki.certify(
        f"seal/{CODE}", certificate_authority.SEAL, Subject(CODE, "别处"), "ca/seal"
    )
    another_code = pki.seal_certificate(OTHER_CODE)
    assert _made_reason(approved, foreign_owner, pki.seal_ca) == "certificate-other-owner"
    assert _made_reason(approved, another_code, pki.seal_ca) == "certificate-other-seal"
    # The key was made anew with the certificate after it.
    assert _made_reason(approved, ours, pki.seal_ca) == "key-other"


def test_a_certificate_out_of_its_period_makes_no_seal(approved: Office, pki: Pki) -> None:
    day = timedelta(days=1)
    for period in ({"not_after": NOW - day}, {"not_before": NOW + day}):
        certificate = pki.seal_certificate(**period)
        assert _made_reason(approved, certificate, pki.seal_ca) == "certificate-period"


def test_a_certificate_for_other_uses_makes_no_seal(approved: Office, pki: Pki) -> None:
    ca = pki.seal_certificate(profile=certificate_authority.SEAL_CA, issuer="ca/root")
    assert _made_reason(approved, ca) == "certificate-usage"


def test_a_chain_nobody_trusts_makes_no_seal(approved: Office, pki: Pki) -> None:
    stranger = Pki()
    foreign = stranger.seal_certificate()
    assert _made_reason(approved, foreign, stranger.seal_ca) == "certificate-untrusted"
    ours = pki.seal_certificate()
    assert _made_reason(approved, ours, pki.tsa_ca) == "chain"
    assert _made_reason(approved, b"none", pki.seal_ca) == "certificate-unreadable"
    assert _made_reason(approved) == "certificate-unreadable"


def test_two_implementations_that_disagree_make_no_seal(
    approved: Office, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("license_vault.seals.certificate_chain.agrees_valid", lambda *_: False)
    assert _made_reason(approved, pki.seal_certificate(), pki.seal_ca) == "opinions-differ"


def test_without_its_key_no_seal_is_made(approved: Office, pki: Pki) -> None:
    certificate = pki.seal_certificate()
    del pki.keys._signing[f"seal/{CODE}"]
    assert _made_reason(approved, certificate, pki.seal_ca) == "key-missing"


@pytest.mark.parametrize(
    "reason",
    [
        "certificate-period",
        "certificate-usage",
        "key-other",
        "key-missing",
        "certificate-unpublished",
    ],
)
def test_a_maker_that_cannot_sign_makes_no_seal(approved: Office, pki: Pki, reason: str) -> None:
    chain = (pki.seal_certificate(), pki.seal_ca)
    if reason == "certificate-period":
        pki.now = VALID_UNTIL + timedelta(days=1)
        chain = (pki.seal_certificate(not_after=pki.now + timedelta(days=1)), pki.seal_ca)
    elif reason == "certificate-usage":
        pki.maker = pki.seal_ca
    elif reason == "key-other":
        pki.keys.create("seal-maker")
    elif reason == "key-missing":
        del pki.keys._signing["seal-maker"]
    else:
        with approved.services.database.writing() as session:
            TrustMaterialWriter(session).withdraw_signer(pki.maker, NOW, "ceased")
    with pytest.raises((SealMakerError, SealInvalidError)) as caught:
        approved.workshop.make(CODE, chain, ANNA)
    # The CA ends with the maker: then its chain is named first.
    assert caught.value.reason == reason
    assert record(approved).state is SealState.APPROVED
    assert last(approved)[0] == "seal.made.refused"


# --- made anew -----------------------------------------------------------------------------------


def test_a_seal_made_anew_is_unusable_meanwhile_and_the_old_one_stays_on_record(
    either: Office, pki: Pki
) -> None:
    provide(either, pki.seal(), Grant(CODE, OWNER_CODE))
    before = record(either)
    picture = SealPicture("round", "清河市行政审批局", "行政审批专用章", CODE)
    either.office.remake(CODE, RemakeOrder("机构更名", "新名称", picture), ANNA)
    with pytest.raises(SealUnusableError, match="remaking"):
        require_usable(record(either), pki.keys, NOW)
    pki.now += timedelta(days=1)
    renewed = pki.seal_certificate()
    either.workshop.make(CODE, (renewed, pki.seal_ca), BERT)
    with pytest.raises(SealUnusableError, match="made"):
        require_usable(record(either), pki.keys, pki.now)
    either.office.file(CODE, "BA-2", ANNA)
    after = record(either)
    require_usable(after, pki.keys, pki.now)
    assert (after.name, after.seal.picture, after.filing_number) == ("新名称", picture, "BA-2")
    assert read_ses_seal(after.seal.ses).certificates == (renewed,)
    with either.services.database.reading() as session:
        makings = SealMakings(session).of_seal(after.row_id)
    assert [(by, ses) for _, by, ses in makings] == [
        ("officer:anna", before.seal.ses),
        ("officer:bert", after.seal.ses),
    ]


def test_a_seal_of_before_becomes_one_of_the_standard_by_being_made_anew(
    made: Office, pki: Pki
) -> None:
    seal = pki.seal()
    provide(made, seal)
    with made.services.database.writing() as session:
        # As a release without seal makers left it.
        session.execute(text("UPDATE seal SET ses = x'', filing_number = NULL"))
    with pytest.raises(SealUnusableError, match="not-made"):
        require_usable(record(made), pki.keys, NOW)
    made.office.remake(CODE, RemakeOrder("按 GB/T 38540 制作"), ANNA)
    made.workshop.make(CODE, (seal.certificate, *seal.chain), BERT)
    made.office.file(CODE, "BA-1", ANNA)
    require_usable(record(made), pki.keys, NOW)


def test_who_ordered_a_new_making_cannot_make(made: Office, pki: Pki) -> None:
    provide(made, pki.seal())
    made.office.remake(CODE, RemakeOrder("证书更新"), ANNA)
    with pytest.raises(SamePersonError) as caught:
        made.workshop.make(CODE, (pki.seal_certificate(), pki.seal_ca), ANNA)
    assert caught.value.step == "make"
    assert record(made).state is SealState.REMAKING
    assert last(made) == ("seal.made.refused", "officer:anna", "SamePersonError")


def test_another_key_is_another_label_and_the_old_key_stays(made: Office, pki: Pki) -> None:
    provide(made, pki.seal())
    first = record(made).seal
    made.office.remake(CODE, RemakeOrder("密钥泄露"), ANNA)
    request = made.workshop.request_with_new_key(CODE, BERT)
    subject, point = read_request(request)
    assert point == pki.keys.public_point(key_label(CODE, 2))
    assert subject == Subject(CODE, f"{OWNER_CODE}{OWNER_NAME}")
    order = certificate_authority.CertificateOrder(
        certificate_authority.SEAL, subject, point, 7, VALID_FROM, VALID_UNTIL
    )
    certificate = certificate_authority.build_certificate(
        order, pki.ca("ca/seal"), lambda message: pki.keys.sign("ca/seal", message)
    )
    made.workshop.make(CODE, (certificate, pki.seal_ca), BERT)
    made.office.file(CODE, "BA-2", ANNA)
    assert record(made).seal.key_label == f"seal/{CODE}.2"
    require_usable(record(made), pki.keys, NOW)
    assert (
        pki.keys.public_point(first.key_label) == read_certificate(first.certificate).public_point
    )


def test_a_request_is_counted_as_the_key_port_counts_it(approved: Office, pki: Pki) -> None:
    def key(label: str) -> bytes:
        try:
            return pki.keys.public_point(label)
        except KeyNotFoundError:
            return pki.keys.create(label)

    workshop = SealWorkshop(replace(approved.services, make_key=key))
    first, again = (read_request(workshop.request(CODE, ANNA)) for _ in range(2))
    assert first == again
    with approved.services.database.reading() as session:
        counted = signed_by_label(session)
    label = key_label(CODE)
    assert counted == {label: pki.keys.uses(label)}
    assert len(counted[label]) == 2


@pytest.mark.parametrize("state", ["applied", "active"])
def test_a_request_and_a_making_wait_for_their_state(made: Office, pki: Pki, state: str) -> None:
    if state == "active":
        provide(made, pki.seal())
    else:
        made.office.apply(application(), ANNA)
    with pytest.raises(SealStateError) as caught:
        made.workshop.request(CODE, BERT)
    assert caught.value.current == state
    with pytest.raises(SealStateError):
        made.workshop.make(CODE, (pki.seal_certificate(), pki.seal_ca), BERT)


def test_what_does_not_fit_the_state_is_refused_and_in_the_audit(made: Office, pki: Pki) -> None:
    provide(made, pki.seal())
    made.office.cancel(CODE, "ZX-1", "撤并", ANNA)
    for attempt in (
        lambda: made.office.resume(CODE, "x", BERT),
        lambda: made.office.cancel(CODE, "ZX-2", "x", BERT),
        lambda: made.office.remake(CODE, RemakeOrder("x"), BERT),
        lambda: made.office.file(CODE, "BA-2", BERT),
    ):
        with pytest.raises(SealStateError) as caught:
            attempt()
        assert caught.value.current == "cancelled"
        assert last(made)[2] == "SealStateError"
    assert record(made).cancellation_number == "ZX-1"


@pytest.mark.parametrize("number", ["", " ", "x" * 65, "1\n2"])
def test_a_number_that_is_none_is_refused(made: Office, pki: Pki, number: str) -> None:
    provide(made, pki.seal())
    with pytest.raises(SealInvalidError) as caught:
        made.office.cancel(CODE, number, "撤并", ANNA)
    assert caught.value.reason == "number"
