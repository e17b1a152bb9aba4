"""The questions about cases and copied fields, as both databases understand them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from license_vault.approvals.items import ApprovalMode
from license_vault.cases.case import CaseState
from license_vault.cases.copied_fields import StaleCopies
from license_vault.cases.errors import CaseStateError, CaseUnknownError
from license_vault.cases.item_definition import ItemDefinition, Name
from license_vault.cases.needs import ItemNeeds, ItemNeedsWriter
from license_vault.cases.rows import CaseFilter, Cases, CaseWriter, NewCase
from license_vault.database.sessions import Database
from license_vault.errors import RowConflictError
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import AuthorityWriter

AT = datetime(2026, 3, 1, tzinfo=UTC)
AUTHORITY = IssuingAuthority("11310114MBDEM0015F", "演示局", "310114")
ITEM = ItemDefinition(
    "事项-1", Name("事项", "item"), ApprovalMode.SOLE, (), (), ("11310000MBDEM00076002",)
)


def case(handle: str, number: bytes) -> NewCase:
    return NewCase(handle, number, ((b"m" * 32, None),), b"sealed", b"wrapped", "client:x", AT)


def test_cases_are_found_by_state_and_by_what_they_lack(either_database: Database) -> None:
    with either_database.writing() as session:
        organisation = AuthorityWriter(session).add(AUTHORITY, None, AT)
        kept, changed = ItemNeedsWriter(session).put(ITEM, "client:x", AT)
        assert (changed, kept.version) == (True, 1)
        assert ItemNeedsWriter(session).put(ITEM, "client:x", AT)[1] is False
        writer = CaseWriter(session)
        first = writer.add(case("a" * 26, b"1" * 32), kept.row_id, organisation)
        second = writer.add(case("b" * 26, b"2" * 32), kept.row_id, organisation)
        writer.move(first, (CaseState.OPEN,), CaseState.APPROVED, AT)
        with pytest.raises(CaseStateError):
            writer.move(first, (CaseState.OPEN,), CaseState.REFUSED, AT)
    with either_database.reading() as session:
        cases, wanted = Cases(session), CaseFilter(AUTHORITY.code, CaseState.APPROVED, True)
        assert [found.handle for found in cases.page(wanted, 9)] == [first.handle]
        everything = CaseFilter(AUTHORITY.code)
        assert [found.handle for found in cases.page(everything, 1)] == [second.handle]
        after = cases.page(everything, 9, second.handle)
        assert [found.handle for found in after] == [first.handle]
        assert cases.lacking(first) == ITEM.results
        assert cases.licenses(first) == ()
        assert ItemNeeds.types_of(session, ITEM.code) == ()
        with pytest.raises(CaseUnknownError):
            cases.get("c" * 26)
    with pytest.raises(RowConflictError), either_database.writing() as session:
        CaseWriter(session).add(case("c" * 26, b"1" * 32), kept.row_id, organisation)


def test_nothing_is_stale_before_anything_was_copied(either_database: Database) -> None:
    vault: Any = None
    with either_database.writing() as session:
        stale = StaleCopies(session, vault)
        assert stale.look(AT) == 0
        assert stale.stale(AUTHORITY.code, 20) == ()
