"""Seals on documents: a holder's own with consent for each use, an organisation's by grant."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from made_seals import ANNA, BERT, Office, make_office, provide
from ofd_documents import drawn_ofd, foreign_ofd
from pki import NOW, OWNER_CODE, OWNER_NAME, SEAL_CODE, VALID_FROM, VALID_UNTIL, BoxGlyphs, Pki
from sqlalchemy import text

from api.seals.work import examination_by
from keys.certificate_authority import (
    SEAL,
    CertificateOrder,
    Subject,
    build_certificate,
    read_request,
)
from keys.sm3 import sm3
from license_vault.api_clients import Caller, Scope
from license_vault.audit import AuditEntry, AuditTrail
from license_vault.database.sessions import Database
from license_vault.errors import IdempotencyKeyReusedError, ScopeMissingError
from license_vault.issuing.intent import HOLDER_DOCUMENT
from license_vault.license import Holder, HolderKind, IssuingAuthority
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.holders import HolderWriter, NewHolder, document_text, new_handle
from license_vault.seals.acts import OwnHolder
from license_vault.seals.applications import SealApplication, SealOwner
from license_vault.seals.consents import (
    Consent,
    ConsentGiving,
    ConsentOrder,
    ConsentUses,
    purpose_of,
)
from license_vault.seals.document_sealing import (
    USE_SEALS,
    DocumentSealing,
    SealedDocument,
    SealingOrder,
    SealingServices,
)
from license_vault.seals.document_sealings import signed_by_label
from license_vault.seals.errors import (
    ConsentMissingError,
    ConsentUnusableError,
    DocumentRefusedError,
    SealInvalidError,
    SealNotPermittedError,
    SealRoleMissingError,
    SealUnknownError,
    SealUnusableError,
)
from license_vault.seals.holder_seals import HolderSeals
from license_vault.seals.life import SealKind
from license_vault.seals.office import RemakeOrder
from license_vault.seals.registry import DOCUMENTS, Grant, SealRecord, SealRegistry
from license_vault.seals.roles import SealPerson, SealRole
from signing.errors import TimestampUnavailableError
from signing.ofd.package import PackageLimits
from signing.ofd.reader import read_ofd
from signing.pdf.reader import ReadLimits, read_pdf
from signing.picture.seal_picture import SealPicture
from signing.sealing import Sealer
from verification.policy import load_policy
from verification.reading import read_document
from verification.source_bundle import bundle_sources
from verification.verifier import Verifier

OWN, OURS = "11010100000051", SEAL_CODE
PERSON = Holder(HolderKind.NATURAL_PERSON, "欧阳明玥", "111", "310114199003072841")
FIRM = Holder(HolderKind.LEGAL_PERSON, "清河某某有限公司", "001", "91110101MA0000001X")
URSULA = SealPerson("ursula", SealRole.USE, OWNER_CODE)
PROGRAM = Caller("client:app", OWNER_CODE, frozenset({Scope(USE_SEALS)}))


def letter(words: str = "hello") -> bytes:
    """A PDF that is no license: one page of A4."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595.28, 841.89))
    page.obj.Contents = pdf.make_stream(f"0 0 10 10 re f % {words}".encode())
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


class Stamper:
    """The hierarchy's time-stamps, which may be away."""

    def __init__(self, pki: Pki) -> None:
        self._good = pki.timestamper()
        self.away = False
        self.largest_token = self._good.largest_token

    def timestamp(self, imprint: bytes) -> bytes:
        if self.away:
            raise TimestampUnavailableError("away")
        return self._good.timestamp(imprint)


@dataclass
class Desk:
    """An office with a holder, and what seals documents."""

    pki: Pki
    office: Office
    stamper: Stamper
    holder: OwnHolder
    sealing: DocumentSealing
    consents: ConsentGiving
    count: int = 0

    def key(self) -> str:
        self.count += 1
        return f"key-{self.count}"

    def consent(self, document: bytes, code: str = OWN, minutes: int = 10) -> Consent:
        order = ConsentOrder(sm3(document).hex(), "办理业务", minutes)
        return self.consents.give(code, order, self.holder, self.key())

    def seal(
        self, code: str, document: bytes, by: object, consent: str | None = None, page: int = 1
    ) -> SealedDocument:
        order = SealingOrder(document, page, 100, 200, consent)
        return self.sealing.seal(code, order, by, self.key())  # type: ignore[arg-type]

    def record(self, code: str) -> SealRecord:
        with self.office.services.database.reading() as session:
            return SealRegistry(session).get(code)

    def acts(self, code: str) -> list[AuditEntry]:
        with self.office.services.database.reading() as session:
            return list(AuditTrail(session).of_subject(code))

    def last(self, code: str) -> tuple[str, str]:
        act = self.acts(code)[-1].act
        return act.action, act.details.get("reason") or act.details.get("error", "")

    def explained(self, code: str) -> bool:
        """Whether every signature the key port counted is on record."""
        with self.office.services.database.reading() as session:
            on_record = signed_by_label(session)
        label = f"seal/{code}"
        return on_record.get(label, ()) == self.pki.keys.uses(label)


def add_holder(office: Office, holder: Holder) -> OwnHolder:
    """A holder with a vault, as the first license makes it."""
    services = office.services
    key, wrapped = services.vault.new_holder_key(new_handle(secrets.token_bytes))
    sealed = services.vault.encrypt(key.key, key.handle, HOLDER_DOCUMENT, document_text(holder))
    new = NewHolder(
        key.handle, holder.kind, secrets.token_bytes(32), wrapped, key.version, sealed, NOW
    )
    with services.database.writing() as session:
        HolderWriter(session).add(new)
    return OwnHolder(key.handle)


def asked(holder: OwnHolder, who: Holder = PERSON, kind: SealKind = SealKind.PERSONAL) -> (
    SealApplication
):  # fmt: skip
    picture = SealPicture("round", who.name)
    owner = SealOwner(OWNER_CODE, holder.handle, who.name)
    return SealApplication(OWN, kind, owner, f"{who.name}之印", picture, "本人申请")


def certified(pki: Pki, request: bytes, subject: Subject | None = None) -> bytes:
    """What a CA answers to a request."""
    wanted, point = read_request(request)
    order = CertificateOrder(
        SEAL, subject or wanted, point, secrets.randbits(64) | 1, VALID_FROM, VALID_UNTIL
    )
    return build_certificate(order, pki.ca("ca/seal"), lambda m: pki.keys.sign("ca/seal", m))


def make_desk(database: Database) -> Desk:
    with database.writing() as session:
        AuthorityWriter(session).add(IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"), None, NOW)
    pki = Pki.kept()
    office = make_office(database, pki)
    holder = add_holder(office, PERSON)
    stamper = Stamper(pki)
    verifier = Verifier(
        bundle_sources(pki.trust_bundle()), read_document, load_policy("default"), pki.clock
    )
    services = SealingServices(
        office.services,
        examination_by(verifier),
        lambda keys: Sealer(keys, stamper, BoxGlyphs(), pki.clock),
    )
    consents = ConsentGiving(office.services)
    return Desk(pki, office, stamper, holder, DocumentSealing(services), consents)


def with_seals(desk: Desk) -> Desk:
    """A person's own seal, asked for by the person; and our authority's, granted for documents."""
    office, pki = desk.office, desk.pki
    office.office.apply(asked(desk.holder), desk.holder)
    office.office.approve(OWN, "同意", ANNA)
    request = office.workshop.request(OWN, ANNA)
    office.workshop.make(OWN, (certified(pki, request), pki.seal_ca), ANNA)
    office.office.file(OWN, "BA-51", ANNA)
    provide(office, pki.seal(), Grant(OURS, OWNER_CODE, DOCUMENTS))
    return desk


@pytest.fixture
def bare(sqlite_database: Database) -> Desk:
    return make_desk(sqlite_database)


@pytest.fixture
def desk(bare: Desk) -> Desk:
    return with_seals(bare)


@pytest.fixture
def either_desk(either_database: Database) -> Desk:
    return with_seals(make_desk(either_database))


# --- a holder's own seal -------------------------------------------------------------------------


def test_a_holder_asks_for_the_own_seal_and_nobody_elses(bare: Desk) -> None:
    other = add_holder(bare.office, PERSON)
    with pytest.raises(SealInvalidError, match="owner"):
        bare.office.office.apply(asked(other), bare.holder)
    record = bare.office.office.apply(asked(bare.holder), bare.holder)
    assert record.holder == bare.holder.handle
    assert bare.acts(OWN)[-1].act.actor == bare.holder.actor


@pytest.mark.parametrize(("who", "kind"), [(PERSON, SealKind.OFFICIAL), (FIRM, SealKind.PERSONAL)])
def test_a_person_has_a_personal_seal_and_nobody_else(
    bare: Desk, who: Holder, kind: SealKind
) -> None:
    holder = add_holder(bare.office, who)
    with pytest.raises(SealInvalidError, match="kind"):
        bare.office.office.apply(asked(holder, who, kind), holder)


def test_a_firms_certificate_names_it_by_its_code(bare: Desk) -> None:
    office, pki = bare.office, bare.pki
    holder = add_holder(office, FIRM)
    office.office.apply(asked(holder, FIRM, SealKind.CONTRACT), ANNA)
    office.office.approve(OWN, "同意", BERT)
    request = office.workshop.request(OWN, ANNA)
    assert read_request(request)[0] == Subject(OWN, f"{FIRM.document_number}{FIRM.name}")
    foreign = certified(pki, request, Subject(OWN, f"91110101MA0000002X{FIRM.name}"))
    with pytest.raises(SealInvalidError, match="certificate-other-owner"):
        office.workshop.make(OWN, (foreign, pki.seal_ca), ANNA)
    office.workshop.make(OWN, (certified(pki, request), pki.seal_ca), ANNA)


def test_no_name_of_a_holder_stands_in_the_database(desk: Desk) -> None:
    from license_vault.database.tables import metadata

    desk.consent(letter())
    with desk.office.services.database.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(table.select()):
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    assert PERSON.name.encode() not in data, table.name
                    assert PERSON.document_number.encode() not in data, table.name
        whole = HolderSeals(session, desk.office.services.vault).whole(desk.record(OWN))
    assert whole.seal.owner_name == PERSON.name
    assert whole.seal.ses


def test_a_holders_seal_is_granted_to_nobody(desk: Desk) -> None:
    for type_code in ("*", DOCUMENTS):
        with pytest.raises(SealInvalidError, match="grant-of-a-holder"):
            desk.office.office.grant(Grant(OWN, OWNER_CODE, type_code), ANNA)


def test_a_holders_seal_is_made_anew_with_what_was_not_changed(desk: Desk) -> None:
    before = desk.record(OWN)
    desk.office.office.remake(
        OWN, RemakeOrder("更换印模", picture=SealPicture("round", "新")), ANNA
    )
    request = desk.office.workshop.request_with_new_key(OWN, BERT)
    desk.office.workshop.make(OWN, (certified(desk.pki, request), desk.pki.seal_ca), BERT)
    with desk.office.services.database.reading() as session:
        own = HolderSeals(session, desk.office.services.vault).open(desk.record(OWN))
    assert (own.name, own.picture.ring_text) == (f"{PERSON.name}之印", "新")
    assert desk.record(OWN).seal.key_label != before.seal.key_label


# --- consent -------------------------------------------------------------------------------------


def test_with_consent_the_seal_is_set_once(either_desk: Desk) -> None:
    desk, document = either_desk, letter()
    consent = desk.consent(document)
    sealed = desk.seal(OWN, document, URSULA, consent.consent_id)
    (found,) = read_pdf(sealed.data, ReadLimits()).seals
    assert found.covers_whole_file
    assert not found.problems
    act = desk.acts(OWN)[-1].act
    assert (act.action, act.actor) == ("seal.set", "officer:ursula")
    assert act.details["result_sm3"] == sm3(sealed.data).hex()
    with pytest.raises(ConsentUnusableError, match="used"):
        desk.seal(OWN, document, URSULA, consent.consent_id)
    assert desk.last(OWN) == ("seal.set.refused", "used")
    assert len(desk.pki.keys.uses(f"seal/{OWN}")) == 2  # the certificate request, and this
    assert desk.explained(OWN)


def test_the_holder_sets_the_own_seal_too_and_only_with_consent(desk: Desk) -> None:
    document = letter()
    with pytest.raises(ConsentMissingError):
        desk.seal(OWN, document, desk.holder)
    assert desk.last(OWN) == ("seal.set.refused", "ConsentMissingError")
    desk.seal(OWN, document, desk.holder, desk.consent(document).consent_id)
    with pytest.raises(SealUnknownError):
        desk.seal(OURS, document, desk.holder)


def test_a_consent_is_for_its_document_its_time_and_its_seal(desk: Desk) -> None:
    document = letter()
    consent = desk.consent(document, minutes=5)
    for reason, consent_id, what, later in (
        ("other-document", consent.consent_id, letter("another"), 0),
        ("unknown", "no-such-consent", document, 0),
        ("expired", consent.consent_id, document, 5),
    ):
        desk.pki.now += timedelta(minutes=later)
        with pytest.raises(ConsentUnusableError) as caught:
            desk.seal(OWN, what, PROGRAM, consent_id)
        assert caught.value.reason == reason
    database = desk.office.services.database
    with database.writing() as session, pytest.raises(ConsentUnusableError, match="unknown"):
        ConsentUses(session).claim(
            consent.consent_id, desk.record(OURS), sm3(document), desk.pki.now
        )


def test_of_many_uses_at_once_one_has_the_consent(either_desk: Desk) -> None:
    desk, document = either_desk, letter()
    consent = desk.consent(document)
    keys = [desk.key() for _ in range(4)]

    def use(key: str) -> bool:
        order = SealingOrder(document, 1, 100, 200, consent.consent_id)
        try:
            desk.sealing.seal(OWN, order, PROGRAM, key)
        except ConsentUnusableError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, keys)) == [False, False, False, True]
    assert desk.explained(OWN)


def test_a_consent_of_which_nothing_was_signed_is_given_back(desk: Desk) -> None:
    document = letter()
    consent = desk.consent(document)
    with pytest.raises(DocumentRefusedError, match="placement"):
        desk.seal(OWN, document, PROGRAM, consent.consent_id, page=9)
    desk.seal(OWN, document, PROGRAM, consent.consent_id)
    assert desk.explained(OWN)


def test_a_consent_stays_spent_once_something_was_signed(desk: Desk) -> None:
    document = letter()
    consent = desk.consent(document)
    desk.stamper.away = True
    with pytest.raises(TimestampUnavailableError):
        desk.seal(OWN, document, PROGRAM, consent.consent_id)
    assert desk.last(OWN)[0] == "seal.set.refused"
    desk.stamper.away = False
    # The signature exists, though nobody was given it: it is on record, and the consent is used.
    assert desk.explained(OWN)
    with pytest.raises(ConsentUnusableError, match="used"):
        desk.seal(OWN, document, PROGRAM, consent.consent_id)


def test_the_same_consent_asked_for_again_is_the_same(desk: Desk) -> None:
    order = ConsentOrder("ab" * 32, "办理业务", 10)
    first = desk.consents.give(OWN, order, desk.holder, "k")
    desk.pki.now += timedelta(minutes=1)
    again = desk.consents.give(OWN, order, desk.holder, "k")
    assert again == replace(first, replayed=True)
    with pytest.raises(IdempotencyKeyReusedError):
        desk.consents.give(OWN, replace(order, minutes=11), desk.holder, "k")
    record = desk.record(OWN)
    with desk.office.services.database.reading() as session:
        assert purpose_of(session, desk.office.services, record, first.consent_id) == "办理业务"
        with pytest.raises(ConsentUnusableError):
            purpose_of(session, desk.office.services, record, "none")
    assert "办理业务" not in str([entry.act for entry in desk.acts(OWN)])


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("document", {"document_sm3": "ab"}),
        ("document", {"document_sm3": "x" * 64}),
        ("purpose", {"purpose": ""}),
        ("purpose", {"purpose": "用" * 201}),
        ("minutes", {"minutes": 0}),
        ("minutes", {"minutes": 1441}),
    ],
)
def test_a_consent_that_says_nonsense_is_refused(
    desk: Desk, reason: str, changes: dict[str, object]
) -> None:
    order = replace(ConsentOrder("ab" * 32, "办理业务", 10), **changes)  # type: ignore[arg-type]
    with pytest.raises(SealInvalidError) as caught:
        desk.consents.give(OWN, order, desk.holder, "k")
    assert caught.value.reason == reason
    assert desk.last(OWN) == ("seal.consented.refused", reason)


def test_nobody_consents_for_somebody_else_or_to_a_suspended_seal(desk: Desk) -> None:
    stranger = add_holder(desk.office, FIRM)
    order = ConsentOrder("ab" * 32, "办理业务", 10)
    for code, who in ((OWN, stranger), (OURS, desk.holder)):
        with pytest.raises(SealUnknownError):
            desk.consents.give(code, order, who, "k")
    desk.office.office.suspend(OWN, "遗失", ANNA)
    with pytest.raises(SealUnusableError, match="suspended"):
        desk.consents.give(OWN, order, desk.holder, "k")


# --- an organisation's seal ----------------------------------------------------------------------


def test_an_organisations_seal_is_set_where_it_was_granted_for_documents(
    either_desk: Desk,
) -> None:
    desk = either_desk
    for by in (URSULA, PROGRAM):
        sealed = desk.seal(OURS, letter(), by)
        assert sealed.form == "pdf"
    placed = SealingOrder(foreign_ofd(), 1, 10, 4)
    ofd = desk.sealing.seal(OURS, placed, PROGRAM, desk.key())
    assert ofd.form == "ofd"
    (found,) = read_ofd(ofd.data, PackageLimits()).seals
    assert (found.kind, found.problems) == ("Seal", ())
    assert desk.explained(OURS)
    desk.office.office.withdraw(Grant(OURS, OWNER_CODE, DOCUMENTS), ANNA)
    desk.office.office.grant(Grant(OURS, OWNER_CODE), ANNA)
    with pytest.raises(SealNotPermittedError):
        desk.seal(OURS, letter(), PROGRAM)


@pytest.mark.parametrize(
    ("by", "error"),
    [
        (SealPerson("mia", SealRole.MANAGE, OWNER_CODE), SealRoleMissingError),
        (SealPerson("ada", SealRole.AUDIT, OWNER_CODE), SealRoleMissingError),
        (SealPerson("nil", None, OWNER_CODE), SealRoleMissingError),
        (Caller("client:x", OWNER_CODE, frozenset()), ScopeMissingError),
        (Caller("client:x", OWNER_CODE, frozenset({Scope("licenses:issue")})), ScopeMissingError),
        (SealPerson("ulf", SealRole.USE, "ELSEWHERE"), SealNotPermittedError),
        (Caller("client:x", "ELSEWHERE", frozenset({Scope(USE_SEALS)})), SealNotPermittedError),
    ],
)
def test_whoever_has_no_right_seals_nothing_and_is_in_the_audit(
    desk: Desk, by: SealPerson | Caller, error: type[Exception]
) -> None:
    before = desk.pki.keys.uses(f"seal/{OURS}")
    with pytest.raises(error):
        desk.seal(OURS, letter(), by)
    assert desk.last(OURS) == ("seal.set.refused", error.__name__)
    assert desk.pki.keys.uses(f"seal/{OURS}") == before


@pytest.mark.parametrize("state", ["suspended", "remaking", "cancelled"])
def test_a_seal_that_is_not_in_use_seals_no_document(desk: Desk, state: str) -> None:
    office = desk.office.office
    acts: dict[str, Callable[[], object]] = {
        "suspended": lambda: office.suspend(OURS, "x", ANNA),
        "remaking": lambda: office.remake(OURS, RemakeOrder("x"), ANNA),
        "cancelled": lambda: office.cancel(OURS, "ZX", "x", ANNA),
    }
    acts[state]()
    with pytest.raises(SealUnusableError) as caught:
        desk.seal(OURS, letter(), PROGRAM)
    assert caught.value.reason == state
    assert desk.last(OURS) == ("seal.set.refused", state)


def _license_pdf() -> bytes:
    from documents import drawn_pdf

    return drawn_pdf()


def _sealed_pdf() -> bytes:
    pki = Pki()
    from documents import PLACEMENT

    return pki.sealer().seal_pdf(letter(), pki.seal(), PLACEMENT)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (lambda: b"", "unreadable"),
        (lambda: b"plain text", "unreadable"),
        (lambda: b"%PDF-1.7 and nothing else", "unreadable"),
        (lambda: b"PK\x03\x04 and nothing else", "unreadable"),
        (lambda: b'{"a": 1}', "form"),
        (_license_pdf, "a-license"),
        (drawn_ofd, "a-license"),
        (_sealed_pdf, "sealed-already"),
    ],
)
def test_what_is_no_plain_document_is_refused_before_anything_is_spent(
    desk: Desk, document: Callable[[], bytes], reason: str
) -> None:
    data = document()
    with pytest.raises(DocumentRefusedError) as caught:
        desk.seal(OURS, data, PROGRAM)
    assert caught.value.reason == reason
    assert desk.last(OURS) == ("seal.set.refused", reason)
    with desk.office.services.database.reading() as session:
        count = session.execute(
            text("SELECT count(*) FROM document_sealing WHERE form <> 'certificate-request'")
        ).scalar()
    assert count == 0


def test_a_key_is_spent_with_its_sealing(desk: Desk) -> None:
    order = SealingOrder(letter(), 1, 100, 200)
    desk.sealing.seal(OURS, order, PROGRAM, "once")
    with pytest.raises(IdempotencyKeyReusedError):
        desk.sealing.seal(OURS, order, PROGRAM, "once")
    desk.sealing.seal(OURS, order, URSULA, "once")
