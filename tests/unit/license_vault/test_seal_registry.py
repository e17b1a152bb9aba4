"""Seals as issuing sees them: what is granted (default deny), and what can be set now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from made_seals import ANNA, BERT, Office, make_office, provide
from pki import NOW, OWNER_CODE, OWNER_NAME, SEAL_CODE, VALID_UNTIL, Pki

from license_vault.database.sessions import Database
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import Authorities, AuthorityWriter
from license_vault.seals.errors import (
    SealNotPermittedError,
    SealUnknownError,
    SealUnusableError,
)
from license_vault.seals.life import SealState
from license_vault.seals.registry import (
    DOCUMENTS,
    Grant,
    SealFilter,
    SealRecord,
    SealRegistry,
    require_usable,
)
from license_vault.trust.publication import TrustMaterial

OTHER_CODE = "11010100000002"
DEPARTMENT, ELSEWHERE = "DEPT", "ELSEWHERE"


@pytest.fixture
def database(either_database: Database) -> Database:
    with either_database.writing() as session:
        writer = AuthorityWriter(session)
        writer.add(IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"), None, NOW)
        writer.add(IssuingAuthority(DEPARTMENT, "某科室", "110101"), OWNER_CODE, NOW)
        writer.add(IssuingAuthority(ELSEWHERE, "别处", "110102"), None, NOW)
    return either_database


@pytest.fixture
def pki() -> Pki:
    return Pki.kept()


@pytest.fixture
def office(database: Database, pki: Pki) -> Office:
    office = make_office(database, pki)
    provide(office, pki.seal())
    return office


def _granted(database: Database, type_code: str, authority: str = OWNER_CODE) -> list[str]:
    with database.reading() as session:
        found = SealRegistry(session).granted(Authorities(session).get(authority), type_code)
    return [record.seal.code for record in found]


def _record(database: Database, code: str = SEAL_CODE) -> SealRecord:
    with database.reading() as session:
        return SealRegistry(session).get(code)


def test_a_seal_comes_back_as_it_was_made(database: Database, pki: Pki) -> None:
    seal = pki.seal()
    provide(make_office(database, pki), seal)
    record = _record(database)
    assert replace(record.seal, ses=b"") == replace(seal, ses=b"")
    assert record.state is SealState.ACTIVE
    assert record.filing_number == f"BA-{SEAL_CODE}"
    assert record.holder is None
    with pytest.raises(SealUnknownError):
        _record(database, OTHER_CODE)


def test_without_a_grant_no_seal_may_be_set(database: Database, office: Office) -> None:
    with pytest.raises(SealNotPermittedError):
        _granted(database, "T1")


def test_a_grant_counts_for_its_authority_and_type_only(database: Database, office: Office) -> None:
    office.office.grant(Grant(SEAL_CODE, DEPARTMENT, "T1"), ANNA)
    assert _granted(database, "T1", DEPARTMENT) == [SEAL_CODE]
    for type_code, authority in (("T2", DEPARTMENT), ("T1", OWNER_CODE)):
        with pytest.raises(SealNotPermittedError):
            _granted(database, type_code, authority)


def test_every_type_is_every_license_type_and_no_document(
    database: Database, office: Office
) -> None:
    office.office.grant(Grant(SEAL_CODE, OWNER_CODE, DOCUMENTS), ANNA)
    with pytest.raises(SealNotPermittedError):
        _granted(database, "T1")
    with database.reading() as session:
        grants = SealRegistry(session).grants(SEAL_CODE)
        told = TrustMaterial(session).bundle("110101", (), NOW)
    assert grants == (Grant(SEAL_CODE, OWNER_CODE, DOCUMENTS),)
    # Verifiers are not told that the seal speaks for anybody's licenses.
    assert told.authorities == ()


def test_a_grant_for_the_type_counts_before_one_for_every_type(
    database: Database, office: Office, pki: Pki
) -> None:
    provide(office, pki.seal(OTHER_CODE))
    for grant in (
        Grant(SEAL_CODE, OWNER_CODE, "T1"),
        Grant(OTHER_CODE, OWNER_CODE),
        Grant(OTHER_CODE, OWNER_CODE, "T9"),
    ):
        office.office.grant(grant, ANNA)
    assert _granted(database, "T1") == [SEAL_CODE, OTHER_CODE]
    assert _granted(database, "T2") == [OTHER_CODE]
    assert _granted(database, "T9") == [OTHER_CODE]


def test_a_suspended_seal_comes_after_one_that_may_be_set(
    database: Database, office: Office, pki: Pki
) -> None:
    provide(office, pki.seal(OTHER_CODE))
    office.office.grant(Grant(SEAL_CODE, OWNER_CODE, "T1"), ANNA)
    office.office.grant(Grant(OTHER_CODE, OWNER_CODE), ANNA)
    office.office.suspend(SEAL_CODE, "盘点", ANNA)
    assert _granted(database, "T1") == [OTHER_CODE, SEAL_CODE]


def test_a_grant_is_given_and_taken_back_once(database: Database, office: Office) -> None:
    grant, seals = Grant(SEAL_CODE, OWNER_CODE, "T1"), office.office
    assert [seals.grant(grant, ANNA) for _ in range(2)] == [True, False]
    assert [seals.withdraw(grant, ANNA) for _ in range(2)] == [True, False]
    with pytest.raises(SealNotPermittedError):
        _granted(database, "T1")
    assert seals.grant(grant, ANNA)


def test_a_page_holds_an_organisation_and_all_below_it(
    database: Database, office: Office, pki: Pki
) -> None:
    provide(office, pki.seal(OTHER_CODE))
    with database.reading() as session:
        registry = SealRegistry(session)
        page = [r.seal.code for r in registry.page(SealFilter(within=OWNER_CODE), 10)]
        assert page == [SEAL_CODE, OTHER_CODE]
        behind = registry.page(SealFilter(within=OWNER_CODE), 10, SEAL_CODE)
        assert [r.seal.code for r in behind] == [OTHER_CODE]
        assert len(registry.page(SealFilter(within=OWNER_CODE), 1)) == 1
        assert registry.page(SealFilter(within=ELSEWHERE), 10) == ()
        assert registry.page(SealFilter(holder="nobody"), 10) == ()


def test_a_good_seal_can_be_set_until_its_certificate_ends(
    database: Database, office: Office, pki: Pki
) -> None:
    record = _record(database)
    for when in (NOW, VALID_UNTIL):
        require_usable(record, pki.keys, when)
    # Seal and certificate end together, and the seal is not older than its making.
    for when in (VALID_UNTIL + timedelta(seconds=1), NOW - timedelta(seconds=1)):
        with pytest.raises(SealUnusableError) as caught:
            require_usable(record, pki.keys, when)
        assert caught.value.reason == "seal-period"


@pytest.mark.parametrize("state", [state for state in SealState if state is not SealState.ACTIVE])
def test_only_a_seal_in_use_can_be_set(
    database: Database, office: Office, pki: Pki, state: SealState
) -> None:
    with pytest.raises(SealUnusableError) as caught:
        require_usable(replace(_record(database), state=state), pki.keys, NOW)
    assert caught.value.reason == state.value


def _reason(record: SealRecord, pki: Pki, **changes: object) -> str:
    seal = replace(record.seal, **changes)  # type: ignore[arg-type]
    with pytest.raises(SealUnusableError) as caught:
        require_usable(replace(record, seal=seal), pki.keys, NOW)
    return caught.value.reason


def test_seal_data_certificate_and_key_must_fit_together(
    database: Database, office: Office, pki: Pki
) -> None:
    record = _record(database)
    renewed = pki.seal_certificate()
    assert _reason(record, pki, ses=b"") == "not-made"
    assert _reason(record, pki, ses=b"no seal") == "seal-unreadable"
    assert _reason(record, pki, certificate=renewed) == "seal-other-certificate"
    assert _reason(record, pki, code=OTHER_CODE) == "seal-other-certificate"
    made_anew = pki.ses_seal(renewed)
    assert _reason(record, pki, key_label="seal/none", certificate=renewed, ses=made_anew) == (
        "key-missing"
    )
    assert _reason(record, pki, key_label="tsa", certificate=renewed, ses=made_anew) == "key-other"


def test_a_certificate_that_ended_before_its_seal_is_named(database: Database, pki: Pki) -> None:
    provide(make_office(database, pki), pki.seal())
    record = _record(database)
    ended = pki.seal_certificate(not_after=NOW - timedelta(days=1))
    ses = pki.ses_seal(ended)
    assert _reason(record, pki, certificate=ended, ses=ses) == "certificate-period"


def test_two_people_are_needed_for_what_the_fixtures_do() -> None:
    assert ANNA.person != BERT.person
