"""Issuing once: what is checked first, what is written, what the same request gets again."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from pki import NOW, OWNER_CODE, SEAL_CODE
from sqlalchemy import func, select, text
from vault_world import AUTHORITY, CALLER, FORMS, World, example

from keys.sm3 import sm3
from license_vault.api_clients import Caller, Scope
from license_vault.audit import AuditTrail
from license_vault.database.tables import metadata
from license_vault.errors import (
    AuthorityNotPermittedError,
    CaseAlreadyIssuedError,
    FieldInvalidError,
    IdempotencyKeyInvalidError,
    IdempotencyKeyReusedError,
    IssuanceInFlightError,
    IssuanceVoidError,
    LicenseTypeUnknownError,
    LicenseVaultError,
    NumberInForceError,
    OrganisationUnknownError,
    OutputRefusedError,
    ScopeMissingError,
    StoreUnavailableError,
)
from license_vault.face.errors import FaceOverflowError, GlyphMissingError
from license_vault.issuing.issuance import Issuance, IssuedLicense
from license_vault.issuing.plan import ISSUE
from license_vault.issuing.reconciliation import reconcile
from license_vault.license import IssuingAuthority, LicenseStatus
from license_vault.license_metadata import content_id
from license_vault.license_types.catalogue import SHIPPED_TYPES, Catalogue
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.registry import LicenseFilter, Registry
from license_vault.seals.errors import SealNotPermittedError, SealUnusableError
from license_vault.seals.life import SealAct
from license_vault.seals.registrar import SealRegistrar
from license_vault.seals.registry import Grant
from license_vault.seals.uses import CheckedSeal
from signing.pdf.reader import ReadLimits, read_pdf

EXAMPLES = ("business-license", "constructor-registration", "medical-institution",
            "public-place-hygiene")  # fmt: skip


def counts(world: World) -> dict[str, int]:
    """How many rows each table has."""
    with world.database.reading() as session:
        return {
            name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def statuses(world: World) -> list[LicenseStatus]:
    with world.database.reading() as session:
        return [one.status for one in Registry(session).page(LicenseFilter(), 100)]


def pdf_of(world: World, issued: IssuedLicense) -> bytes:
    with world.database.reading() as session:
        kept = Registry(session).kept(issued.license.identifier)
    return LicenseOpener(world.vault).file(kept, issued.license.form("pdf"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_becomes_a_license_in_its_holders_vault(
    either_world: World, name: str
) -> None:
    issued = either_world.issuance().issue(example(name), CALLER, "key")
    license_ = issued.license
    assert license_.status is LicenseStatus.VALID
    assert not issued.replayed
    pdf, form = pdf_of(either_world, issued), license_.form("pdf")
    assert (sm3(pdf), len(pdf)) == (form.sm3, form.size_bytes)
    assert form.object_key == f"{license_.holders[0]}/{license_.identifier}/pdf"
    content = read_pdf(pdf, ReadLimits())
    assert content.claims is not None
    assert content_id(content.claims) == license_.content_id
    with either_world.database.reading() as session:
        assert Registry(session).get(license_.identifier) == license_
        kept = Registry(session).kept(license_.identifier)
        (entry,) = AuditTrail(session).of_subject(license_.identifier)
    opened = LicenseOpener(either_world.vault).secrets(kept)
    assert opened.claims == content.claims
    assert opened.check_code == issued.check_code
    for made in license_.forms:
        assert entry.act.details[f"{made.form}_sm3"] == made.sm3.hex()
    macs = LookupMacs(either_world.keys)
    assert kept.check_code_mac == macs.check_code(license_.identifier, issued.check_code)


def test_issuing_takes_two_commits(world: World) -> None:
    world.issuance().issue(example(), CALLER, "first")
    commits = []
    plain = world.database.writing

    def counting() -> object:
        commits.append(1)
        return plain()

    world.database.writing = counting  # type: ignore[method-assign,assignment]
    world.issuance().issue(example(case_number="C2", number="2" * 20), CALLER, "second")
    assert len(commits) == 2


def test_events_tell_what_happened_and_the_status_follows(world: World) -> None:
    issued = world.issuance().issue(example(), CALLER, "key")
    with world.database.reading() as session:
        registry = Registry(session)
        events = registry.events(issued.license.identifier)
        kept = registry.kept(issued.license.identifier)
    assert [(e.kind, e.status, e.actor) for e in events] == [
        ("intended", LicenseStatus.ISSUING, CALLER.name),
        ("issued", LicenseStatus.VALID, CALLER.name),
    ]
    opener = LicenseOpener(world.vault)
    for event in events:
        assert opener.basis(kept, event.sealed_basis).text == example()["basis"]


# --- the same request again -------------------------------------------------------------------


def test_the_same_request_gets_the_same_answer(either_world: World) -> None:
    issuance = either_world.issuance()
    first = issuance.issue(example(), CALLER, "key")
    before = counts(either_world)
    either_world.later(days=400)
    again = issuance.issue(example(), CALLER, "key")
    assert again == replace(first, replayed=True)
    assert counts(either_world) == before


def test_a_key_does_not_serve_another_body(world: World) -> None:
    issuance = world.issuance()
    issuance.issue(example(), CALLER, "key")
    with pytest.raises(IdempotencyKeyReusedError):
        issuance.issue(example(basis="另一依据"), CALLER, "key")


def test_the_order_of_members_is_no_difference(world: World) -> None:
    issuance = world.issuance()
    issuance.issue(example(), CALLER, "key")
    reordered = dict(reversed(example().items()))
    assert issuance.issue(reordered, CALLER, "key").replayed


def test_another_caller_has_other_keys(world: World) -> None:
    issuance = world.issuance()
    issuance.issue(example(), CALLER, "key")
    other = replace(CALLER, name="client:other")
    changed = example(case_number="C2", number="2" * 20)
    assert not issuance.issue(changed, other, "key").replayed


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "a" * 256, "a\n"])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalidError):
        world.issuance().issue(example(), CALLER, key)


def test_the_case_of_a_license_does_not_lead_to_a_second(world: World) -> None:
    issuance = world.issuance()
    first = issuance.issue(example(), CALLER, "key")
    with pytest.raises(CaseAlreadyIssuedError) as caught:
        issuance.issue(example(number="2" * 20), CALLER, "other")
    assert caught.value.identifier == first.license.identifier


def test_a_number_has_one_version_in_force(world: World) -> None:
    issuance = world.issuance()
    first = issuance.issue(example(), CALLER, "key")
    with pytest.raises(NumberInForceError) as caught:
        issuance.issue(example(case_number="C2"), CALLER, "other")
    assert caught.value.identifier == first.license.identifier


def test_a_duplicate_stands_beside_its_original(world: World) -> None:
    issuance = world.issuance()
    copy = {"kind": "副本", "ordinal": 1, "of": 2}
    issuance.issue(example(), CALLER, "key")
    duplicate = issuance.issue(example(copy=copy), CALLER, "copy")
    assert duplicate.license.copy.ordinal == 1
    with pytest.raises(LicenseVaultError):
        issuance.issue(example(copy=copy, case_number="C2"), CALLER, "again")


def test_a_hundred_of_one_request_at_once_are_one_license(either_world: World) -> None:
    issuance, start = either_world.issuance(), Barrier(8)

    def ask(number: int) -> str:
        if number < 8:
            start.wait(timeout=20)
        try:
            return issuance.issue(example(), CALLER, "key").license.identifier
        except IssuanceInFlightError as error:
            return error.identifier

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(100)))
    assert len(answers) == 1
    assert statuses(either_world) == [LicenseStatus.VALID]
    assert len(list(either_world.store.all_keys())) == len(FORMS)


def test_of_many_requests_for_one_number_one_wins(either_world: World) -> None:
    issuance, start = either_world.issuance(), Barrier(6)

    def ask(number: int) -> str | None:
        start.wait(timeout=20)
        try:
            issued = issuance.issue(example(case_number=f"C{number}"), CALLER, f"k{number}")
        except NumberInForceError:
            return None
        return issued.license.identifier

    with ThreadPoolExecutor(6) as pool:
        won = [answer for answer in pool.map(ask, range(6)) if answer]
    assert len(won) == 1
    assert statuses(either_world).count(LicenseStatus.VALID) == 1


# --- what is known to fail leaves nothing ------------------------------------------------------


def _suspend(world: World) -> None:
    with world.database.writing() as session:
        SealRegistrar(session).move(SEAL_CODE, SealAct.SUSPEND, NOW)


def _withdraw(world: World) -> None:
    with world.database.writing() as session:
        SealRegistrar(session).withdraw(Grant(SEAL_CODE, OWNER_CODE), NOW)


def _lose_key(world: World) -> None:
    del world.keys._signing[f"seal/{SEAL_CODE}"]


def _outlive(world: World) -> None:
    world.later(days=365 * 10)


FIELDS: dict[str, object] = example()["fields"]  # type: ignore[assignment]
HOLDER: dict[str, object] = example()["holders"][0]  # type: ignore[index]
REFUSED: dict[str, tuple[type[LicenseVaultError], dict[str, object]]] = {
    "check digit": (FieldInvalidError, {"authority_code": "11110101MB00000019"}),
    "unknown type": (LicenseTypeUnknownError, {"type_code": "11310000MBDEM00076999"}),
    "missing field": (FieldInvalidError, {"fields": {}}),
    "control character": (FieldInvalidError, {"basis": "a\u0007b"}),
    "dates": (FieldInvalidError, {"valid_from": "2026-05-02", "valid_until": "2026-05-01"}),
    "other authority": (OrganisationUnknownError, {"authority_code": "11310114MBDEM0015F"}),
    "overflow": (FaceOverflowError, {"holders": [HOLDER | {"name": "长" * 256}]}),
    "glyph": (GlyphMissingError, {"fields": FIELDS | {"legal_representative": "赵\U0002ebf1"}}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_leaves_nothing(world: World, case: str) -> None:
    error, change = REFUSED[case]
    before = counts(world)
    with pytest.raises(error):
        world.issuance().issue(example(**change), CALLER, "key")
    assert counts(world) == before


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_suspend, SealUnusableError),
        (_withdraw, SealNotPermittedError),
        (_lose_key, SealUnusableError),
        (_outlive, SealUnusableError),
    ],
)
def test_a_seal_that_cannot_be_set_leaves_nothing(
    world: World, change: Callable[[World], None], error: type[LicenseVaultError]
) -> None:
    change(world)
    before = counts(world)
    with pytest.raises(error):
        world.issuance().issue(example(), CALLER, "key")
    # The refusal is on record, and nothing else of it.
    assert counts(world) == before | {"audit_entry": before["audit_entry"] + 1}
    with world.database.reading() as session:
        act = tuple(AuditTrail(session).entries())[-1].act
    assert (act.action, act.actor, act.subject) == (
        "license.issue.refused",
        CALLER.name,
        OWNER_CODE,
    )
    assert act.details["error"] == error.__name__


def test_a_caller_without_the_right_leaves_nothing(world: World) -> None:
    before = counts(world)
    with pytest.raises(ScopeMissingError):
        world.issuance().issue(example(), replace(CALLER, scopes=frozenset()), "key")
    other_type = frozenset({Scope(ISSUE, "11100000000013338W001")})
    with pytest.raises(ScopeMissingError):
        world.issuance().issue(example(), replace(CALLER, scopes=other_type), "key")
    assert counts(world) == before


def test_a_caller_from_elsewhere_in_the_tree_is_refused(world: World) -> None:
    with world.database.writing() as session:
        beside = IssuingAuthority("BESIDE", "别处", AUTHORITY.region)
        AuthorityWriter(session).add(beside, None, NOW)
        above = IssuingAuthority("BELOW", "下级", AUTHORITY.region)
        AuthorityWriter(session).add(above, OWNER_CODE, NOW)
    for code in ("BESIDE", "BELOW"):
        caller = Caller("client:x", code, CALLER.scopes)
        with pytest.raises(AuthorityNotPermittedError):
            world.issuance().issue(example(), caller, "key")


# --- what fails later -------------------------------------------------------------------------


def _refuse(_form: str, _data: bytes) -> tuple[CheckedSeal, ...]:
    raise OutputRefusedError(("seal-missing",))


def test_what_our_verifier_refuses_is_void_and_never_handed_out(either_world: World) -> None:
    refusing = either_world.with_(final_check=_refuse)
    with pytest.raises(OutputRefusedError):
        refusing.issuance().issue(example(), CALLER, "key")
    assert statuses(either_world) == [LicenseStatus.VOID]
    assert list(either_world.store.all_keys()) == []
    with pytest.raises(IssuanceVoidError) as caught:
        either_world.issuance().issue(example(), CALLER, "key")
    with either_world.database.reading() as session:
        (entry,) = AuditTrail(session).of_subject(caught.value.identifier)
        events = Registry(session).events(caught.value.identifier)
    assert (entry.act.action, entry.act.details) == (
        "license.void",
        {"reason": "OutputRefusedError"},
    )
    assert [event.status for event in events] == [LicenseStatus.ISSUING, LicenseStatus.VOID]


def test_case_and_number_of_a_void_intent_are_free_again(world: World) -> None:
    with pytest.raises(OutputRefusedError):
        world.with_(final_check=_refuse).issuance().issue(example(), CALLER, "key")
    assert world.issuance().issue(example(), CALLER, "other").license.status == "valid"


def _outage(_form: str, _data: bytes) -> tuple[CheckedSeal, ...]:
    raise StoreUnavailableError("outage")


def test_after_an_outage_the_same_request_goes_on_at_once(either_world: World) -> None:
    with pytest.raises(StoreUnavailableError):
        either_world.with_(final_check=_outage).issuance().issue(example(), CALLER, "key")
    assert statuses(either_world) == [LicenseStatus.ISSUING]
    issued = either_world.issuance().issue(example(), CALLER, "key")
    assert issued.replayed
    assert issued.license.status is LicenseStatus.VALID
    assert len(list(either_world.store.all_keys())) == len(FORMS)


class _Died(BaseException):
    """The process is gone: nothing is released."""


def _die(_form: str, _data: bytes) -> tuple[CheckedSeal, ...]:
    raise _Died


def _dead(world: World) -> None:
    with pytest.raises(_Died):
        world.with_(final_check=_die).issuance().issue(example(), CALLER, "key")


def test_a_request_in_flight_is_told_so_until_it_is_stale(world: World) -> None:
    _dead(world)
    with pytest.raises(IssuanceInFlightError):
        world.issuance().issue(example(), CALLER, "key")
    world.later(seconds=61)
    assert world.issuance().issue(example(), CALLER, "key").license.status == "valid"


def test_reconcile_finishes_what_is_stale_and_nothing_else(world: World) -> None:
    _dead(world)
    assert reconcile(world.issuance()).finished == ()
    world.later(seconds=61)
    done = reconcile(world.issuance())
    assert len(done.finished) == 1
    assert (done.void, done.left) == ((), ())
    assert reconcile(world.issuance()).finished == ()
    assert statuses(world) == [LicenseStatus.VALID]


def test_reconcile_gives_up_what_cannot_be_made_good(world: World) -> None:
    _dead(world)
    _suspend(world)
    done = reconcile(world.issuance(), timedelta(0))
    assert len(done.void) == 1
    assert statuses(world) == [LicenseStatus.VOID]


def test_reconcile_leaves_what_must_wait_and_says_why(world: World) -> None:
    _dead(world)
    done = reconcile(world.with_(final_check=_outage).issuance(), timedelta(0))
    assert [why for _, why in done.left] == ["StoreUnavailableError"]
    assert statuses(world) == [LicenseStatus.ISSUING]


def test_a_finished_license_is_sealed_from_its_intent_to_the_byte(world: World) -> None:
    _dead(world)
    with world.database.reading() as session:
        (before,) = Registry(session).page(LicenseFilter(), 1)
    world.later(seconds=61)
    after = world.issuance().issue(example(), CALLER, "key")
    assert after.license.identifier == before.identifier
    assert after.license.content_id == before.content_id
    claims = read_pdf(pdf_of(world, after), ReadLimits()).claims
    assert claims is not None
    assert content_id(claims) == before.content_id


def _for_couples(folder: Path) -> Catalogue:
    """A catalogue in which the hygiene license may have two holders."""
    body = example("public-place-hygiene")
    source = SHIPPED_TYPES / str(body["type_code"]) / "v1"
    target = folder / str(body["type_code"]) / "v1"
    shutil.copytree(source, target)
    text_ = (target / "type.yaml").read_text()
    assert text_.count("  maximum: 1\n") == 1
    (target / "type.yaml").write_text(text_.replace("  maximum: 1\n", "  maximum: 2\n"))
    return Catalogue((folder,))


def test_several_holders_share_a_license(either_world: World, tmp_path: Path) -> None:
    body = example("public-place-hygiene")
    holder: dict[str, object] = body["holders"][0]  # type: ignore[index]
    second = holder | {"name": "上海示例副牌有限公司", "document_number": "91310114MADEM0046B"}
    services = replace(either_world.services(), catalogue=_for_couples(tmp_path / "types"))
    issuance = Issuance(services)
    issued = issuance.issue(body | {"holders": [holder, second]}, CALLER, "key")
    assert len(issued.license.holders) == 2
    with either_world.database.reading() as session:
        registry = Registry(session)
        kept = registry.kept(issued.license.identifier)
        for handle in issued.license.holders:
            (listed,) = registry.page(LicenseFilter(holder=handle), 10)
            assert listed == issued.license
    pdf = pdf_of(either_world, issued)
    # Each holder's own key opens the file; the second needs nothing of the first's.
    seconds = replace(kept, keys=tuple(k for k in kept.keys if k.holder.handle == handle))
    form = issued.license.form("pdf")
    assert LicenseOpener(either_world.vault).file(seconds, form) == pdf


def test_an_empty_database_answers_with_no_row(world: World) -> None:
    with world.database.reading() as session:
        registry = Registry(session)
        assert registry.page(LicenseFilter(), 10) == ()
        assert registry.by_file(bytes(32)) is None
        assert session.execute(text("SELECT 1")).scalar() == 1
