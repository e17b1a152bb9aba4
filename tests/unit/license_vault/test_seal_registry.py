"""Seals: what is installed, what is granted (default deny), what can be set now."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pki import NOW, OWNER_CODE, OWNER_NAME, SEAL_CODE, VALID_UNTIL, Pki

from keys import certificate_authority
from license_vault.authorities import Authorities, AuthorityWriter
from license_vault.database import Database
from license_vault.database_schema import migrate
from license_vault.errors import OrganisationUnknownError
from license_vault.license import IssuingAuthority
from license_vault.seal_errors import (
    SealExistsError,
    SealInvalidError,
    SealNotPermittedError,
    SealUnknownError,
    SealUnusableError,
)
from license_vault.seal_registry import (
    Grant,
    SealOrder,
    SealRecord,
    SealRegistrar,
    SealRegistry,
    SealState,
    require_usable,
)

OTHER_CODE = "11010100000002"
DEPARTMENT = "DEPT"


@pytest.fixture
def database(either_database: Database) -> Database:
    migrate(either_database)
    with either_database.writing() as session:
        writer = AuthorityWriter(session)
        writer.add(IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"), None, NOW)
        writer.add(IssuingAuthority(DEPARTMENT, "某科室", "110101"), OWNER_CODE, NOW)
    return either_database


@pytest.fixture
def pki(database: Database) -> Pki:
    pki = Pki()
    with database.writing() as session:
        SealRegistrar(session, pki.keys).install(SealOrder(pki.seal(), NOW))
    return pki


def _granted(database: Database, type_code: str, authority: str = OWNER_CODE) -> list[str]:
    with database.reading() as session:
        found = SealRegistry(session).granted(Authorities(session).get(authority), type_code)
    return [record.seal.code for record in found]


def _record(database: Database, code: str = SEAL_CODE) -> SealRecord:
    with database.reading() as session:
        return SealRegistry(session).get(code)


def test_a_seal_comes_back_as_it_was_installed(database: Database) -> None:
    pki = Pki()
    seal = pki.seal()
    with database.writing() as session:
        SealRegistrar(session, pki.keys).install(SealOrder(seal, NOW))
    assert _record(database).seal == seal


def test_without_a_grant_no_seal_may_be_set(database: Database, pki: Pki) -> None:
    with pytest.raises(SealNotPermittedError):
        _granted(database, "T1")


def test_a_grant_counts_for_its_authority_and_type_only(database: Database, pki: Pki) -> None:
    with database.writing() as session:
        SealRegistrar(session, pki.keys).grant(Grant(SEAL_CODE, DEPARTMENT, "T1"), "admin", NOW)
    assert _granted(database, "T1", DEPARTMENT) == [SEAL_CODE]
    for type_code, authority in (("T2", DEPARTMENT), ("T1", OWNER_CODE)):
        with pytest.raises(SealNotPermittedError):
            _granted(database, type_code, authority)


def test_a_grant_for_the_type_counts_before_one_for_every_type(
    database: Database, pki: Pki
) -> None:
    with database.writing() as session:
        registrar = SealRegistrar(session, pki.keys)
        registrar.install(SealOrder(pki.seal(OTHER_CODE), NOW))
        registrar.grant(Grant(SEAL_CODE, OWNER_CODE, "T1"), "admin", NOW)
        registrar.grant(Grant(OTHER_CODE, OWNER_CODE), "admin", NOW)
        registrar.grant(Grant(OTHER_CODE, OWNER_CODE, "T9"), "admin", NOW)
    assert _granted(database, "T1") == [SEAL_CODE, OTHER_CODE]
    assert _granted(database, "T2") == [OTHER_CODE]
    assert _granted(database, "T9") == [OTHER_CODE]


def test_a_suspended_seal_comes_after_one_that_may_be_set(database: Database, pki: Pki) -> None:
    with database.writing() as session:
        registrar = SealRegistrar(session, pki.keys)
        registrar.install(SealOrder(pki.seal(OTHER_CODE), NOW))
        registrar.grant(Grant(SEAL_CODE, OWNER_CODE, "T1"), "admin", NOW)
        registrar.grant(Grant(OTHER_CODE, OWNER_CODE), "admin", NOW)
        registrar.change_state(SEAL_CODE, SealState.SUSPENDED, NOW)
    assert _granted(database, "T1") == [OTHER_CODE, SEAL_CODE]


def test_a_grant_is_given_and_taken_back_once(database: Database, pki: Pki) -> None:
    grant = Grant(SEAL_CODE, OWNER_CODE, "T1")
    with database.writing() as session:
        registrar = SealRegistrar(session, pki.keys)
        assert [registrar.grant(grant, "admin", NOW) for _ in range(2)] == [True, False]
        assert [registrar.withdraw(grant, NOW) for _ in range(2)] == [True, False]
    with pytest.raises(SealNotPermittedError):
        _granted(database, "T1")
    with database.writing() as session:
        assert SealRegistrar(session, pki.keys).grant(grant, "admin", NOW)


def test_states_follow_their_arrows(database: Database, pki: Pki) -> None:
    with database.writing() as session:
        registrar = SealRegistrar(session, pki.keys)
        assert registrar.change_state(SEAL_CODE, SealState.SUSPENDED, NOW)
        assert not registrar.change_state(SEAL_CODE, SealState.SUSPENDED, NOW)
        assert registrar.change_state(SEAL_CODE, SealState.ACTIVE, NOW)
        assert registrar.change_state(SEAL_CODE, SealState.RETIRED, NOW)
        with pytest.raises(SealUnusableError):
            registrar.change_state(SEAL_CODE, SealState.ACTIVE, NOW)
        with pytest.raises(SealUnknownError):
            registrar.change_state(OTHER_CODE, SealState.ACTIVE, NOW)


def test_a_seal_is_installed_once(database: Database, pki: Pki) -> None:
    with database.writing() as session:
        registrar = SealRegistrar(session, pki.keys)
        with pytest.raises(SealExistsError):
            registrar.install(SealOrder(pki.seal(), NOW))


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("code", {"code": "123"}),
        ("certificate-unreadable", {"certificate": b"no certificate"}),
        ("certificate-other-seal", {"code": OTHER_CODE}),
        ("key-missing", {"key_label": "seal/none"}),
        ("key-other", {"key_label": "tsa"}),
    ],
)
def test_a_seal_that_does_not_fit_together_is_refused(
    database: Database, reason: str, change: dict[str, object]
) -> None:
    pki = Pki()
    seal = replace(pki.seal(), **change)  # type: ignore[arg-type]
    with database.writing() as session, pytest.raises(SealInvalidError) as caught:
        SealRegistrar(session, pki.keys).install(SealOrder(seal, NOW))
    assert caught.value.reason == reason


def test_a_seal_of_another_owner_or_no_owner_is_refused(database: Database) -> None:
    pki = Pki()
    seal = pki.seal()
    with database.writing() as session:
        registrar = SealRegistrar(session, pki.keys)
        with pytest.raises(OrganisationUnknownError):
            registrar.install(SealOrder(replace(seal, owner_code="NOBODY"), NOW))
        with pytest.raises(SealInvalidError) as caught:
            registrar.install(SealOrder(replace(seal, owner_code=DEPARTMENT), NOW))
    assert caught.value.reason == "certificate-other-owner"


def test_a_certificate_for_other_uses_is_refused(database: Database) -> None:
    pki = Pki()
    seal = pki.seal(profile=certificate_authority.SEAL_CA)
    with database.writing() as session, pytest.raises(SealInvalidError) as caught:
        SealRegistrar(session, pki.keys).install(SealOrder(seal, NOW))
    assert caught.value.reason == "certificate-usage"


def test_an_end_in_the_place_of_a_ca_is_refused(database: Database) -> None:
    pki = Pki()
    seal = replace(pki.seal(), chain=(pki.tsa,))
    with database.writing() as session, pytest.raises(SealInvalidError) as caught:
        SealRegistrar(session, pki.keys).install(SealOrder(seal, NOW))
    assert caught.value.reason == "chain"


def test_a_good_seal_can_be_set_until_its_certificate_ends(database: Database, pki: Pki) -> None:
    record = _record(database)
    require_usable(record, pki.keys, VALID_UNTIL)
    for when in (VALID_UNTIL + timedelta(seconds=1), NOW - timedelta(days=2000)):
        with pytest.raises(SealUnusableError) as caught:
            require_usable(record, pki.keys, when)
        assert caught.value.reason == "certificate-period"


def test_a_seal_without_its_key_or_out_of_use_cannot_be_set(database: Database, pki: Pki) -> None:
    record = _record(database)
    with pytest.raises(SealUnusableError, match="key-missing"):
        require_usable(record, Pki().keys, NOW)
    with pytest.raises(SealUnusableError, match="state"):
        require_usable(replace(record, state=SealState.SUSPENDED), pki.keys, NOW)
