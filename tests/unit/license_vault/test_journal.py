"""A holder's journal: one chain, nothing readable in the rows, and no change unseen."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_bytes

import pytest
import rfc8785
from license_rows import holder_rows, license_row
from sqlalchemy import text
from vault_world import World

from keys.sm3 import sm3
from license_vault.access.use import Use
from license_vault.bulk.judgement import TrustLevel
from license_vault.database.sessions import Database
from license_vault.fsck.journals import journal_violations
from license_vault.holding.journal import (
    DOWNLOADED,
    GENESIS,
    PREFILLED,
    SHOWN,
    Journal,
    JournalAct,
    JournalReader,
    entry_document,
)
from license_vault.license import Holder as LicenseHolder
from license_vault.license import HolderKind
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.records import LicenseRecord
from license_vault.sharing.partner_licenses import (
    IntakeFile,
    PartnerLicenses,
    PartnerLicenseWriter,
)

NOW = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)
USE = Use("11310114MBDEM0015F", "client:one", "餐饮许可新办", "ITEM-1", "办件-秘密-1", "办理许可")
HANDLES = ("a" * 26, "b" * 26)


def _filled(world: World) -> tuple[LicenseRecord, LicenseRecord]:
    """Two holders; the first license is of both, the second of the first holder."""
    holder_rows(world, HANDLES, NOW)
    licenses = license_row(world, 1, HANDLES, NOW), license_row(world, 2, HANDLES[:1], NOW)
    used = JournalAct(SHOWN, USE, ("fields.address", "number"), NOW, actor="client:one")
    own = JournalAct(DOWNLOADED, None, (), NOW + timedelta(hours=1), actor=f"holder:{HANDLES[0]}")
    with world.database.writing() as session:
        Journal(session, world.vault).record(licenses[0], used)
        Journal(session, world.vault).record_all(licenses, own)
    return licenses


def _holder(world: World, handle: str) -> HolderRecord:
    with world.database.reading() as session:
        return Holders(session).by_handle(handle)


def _codes(world: World) -> list[str]:
    return [v.code for v in journal_violations(world.database, world.vault)]


def test_every_holder_has_the_use_in_a_chain_that_can_be_counted_up(either_world: World) -> None:
    world = either_world
    first, second = _filled(world)
    with world.database.reading() as session:
        reader = JournalReader(session, world.vault)
        newest = reader.page(_holder(world, HANDLES[0]), 10)
        assert reader.head(_holder(world, HANDLES[0])) == (3, newest[0].digest)
        other = reader.page(_holder(world, HANDLES[1]), 10)
        assert reader.page(_holder(world, HANDLES[0]), 1, before=3) == newest[1:2]
    assert [(e.license, e.act.action) for e in newest] == [
        (second.identifier, DOWNLOADED),
        (first.identifier, DOWNLOADED),
        (first.identifier, SHOWN),
    ]
    assert (newest[2].act.use, newest[2].act.fields) == (USE, ("fields.address", "number"))
    assert [e.act.action for e in other] == [DOWNLOADED, SHOWN]
    previous = GENESIS
    for number, entry in enumerate(reversed(newest), 1):
        document = entry_document(entry)
        assert (document["sequence"], document["previous"]) == (str(number), previous.hex())
        assert sm3(rfc8785.dumps(document)) == entry.digest
        previous = entry.digest
    # Two entries that say the same have nothing in common that shows it.
    assert newest[0].salt != newest[1].salt
    assert _codes(world) == []


def test_a_partners_license_is_in_the_chain_by_its_identifier(either_world: World) -> None:
    world = either_world
    own, _ = _filled(world)
    holder = _holder(world, HANDLES[0])
    named = LicenseHolder(HolderKind.NATURAL_PERSON, "陈某", "111", "110101199003070011")
    file = IntakeFile(
        "1.2.3", "T", "A", "310000", "json", bytes(32), TrustLevel.A, named, b"file of a partner"
    )
    used = JournalAct(PREFILLED, USE, ("number",), NOW, actor="client:one")
    with world.database.writing() as session:
        kept = PartnerLicenseWriter(session, world.vault, holder).add(file, token_bytes, "x", NOW)
        Journal(session, world.vault).record_all((kept, own), used)
    with world.database.reading() as session:
        reader = JournalReader(session, world.vault)
        newest = reader.page(holder, 2)
        assert [entry.license for entry in newest] == [own.identifier, "1.2.3"]
        assert reader.page(holder, 9, of_license="1.2.3") == newest[1:]
        assert PartnerLicenses(session, world.vault, holder).holder_named() == (named,)
    assert _codes(world) == []
    with world.database.connection_for_schema() as connection:
        lost = "UPDATE journal_entry SET partner_license_id = NULL WHERE license_id IS NULL"
        assert connection.execute(text(lost)).rowcount == 1
    assert _codes(world) == ["journal-entry-changed"]


def test_a_use_is_not_readable_in_the_rows(world: World) -> None:
    _filled(world)
    with world.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM journal_entry")).all()
    stored = repr(rows).encode() + b"".join(v for row in rows for v in row if type(v) is bytes)
    for secret in (USE.purpose, USE.case_number, USE.item_name, "fields.address"):
        assert secret.encode() not in stored


LAST = "(SELECT max(id) FROM journal_entry)"
FIRST = "(SELECT min(id) FROM journal_entry)"
DAMAGES = [
    (f"DELETE FROM journal_entry WHERE id = {LAST}", {"journal-head-differs"}),
    (f"DELETE FROM journal_entry WHERE id = {FIRST}", {"journal-entry-missing"}),
    ("DELETE FROM journal_head", {"journal-head-differs"}),
    (f"UPDATE journal_entry SET action = 'printed' WHERE id = {LAST}", {"journal-entry-changed"}),
    (
        f"UPDATE journal_entry SET organisation = 'X' WHERE id = {FIRST}",
        {"journal-entry-changed"},
    ),
    (
        f"UPDATE journal_entry SET license_id = 2 WHERE id = {FIRST}",
        {"journal-entry-changed"},
    ),
    (
        f"UPDATE journal_entry SET sealed_entry = x'00' WHERE id = {LAST}",
        {"journal-entry-does-not-open", "journal-head-differs"},
    ),
    (
        f"UPDATE journal_entry SET previous = digest WHERE id = {LAST}",
        {"journal-chain-broken", "journal-entry-changed"},
    ),
    ("UPDATE holder SET wrapped_key = x'00'", {"journal-does-not-open"}),
]


@pytest.fixture
def damaged(world: World) -> World:
    _filled(world)
    return world


def test_no_change_stays_unseen(damaged: World) -> None:
    database: Database = damaged.database
    for statement, codes in DAMAGES:
        with pytest.raises(_TakenBackError), database.connection_for_schema() as connection:  # noqa: PT012
            assert connection.execute(text(statement)).rowcount
            seen = {v.code for v in journal_violations(_Inside(connection), damaged.vault)}
            assert codes <= seen, statement
            raise _TakenBackError
    assert _codes(damaged) == []


class _TakenBackError(Exception):
    pass


class _Inside:
    """A database as one connection sees it before it commits."""

    def __init__(self, connection) -> None:
        self._connection = connection

    def reading(self):
        from contextlib import nullcontext

        from license_vault.database.sessions import Reading

        return nullcontext(Reading(self._connection))


def test_an_entry_is_a_document_of_texts() -> None:
    from license_vault.holding.journal import JournalEntry

    act = JournalAct(SHOWN, USE, ("number",), NOW, actor="client:one")
    entry = JournalEntry(7, "h" * 26, "1.2.3", act, b"\1" * 16, bytes(32), b"")
    assert json.loads(rfc8785.dumps(entry_document(entry))) == {
        "schema": "license-vault/journal-entry/1",
        "holder": "h" * 26,
        "sequence": "7",
        "license": "1.2.3",
        "action": "shown",
        "actor": "client:one",
        "use": {
            "organisation": USE.organisation,
            "operator": USE.operator,
            "item_name": USE.item_name,
            "item_code": USE.item_code,
            "case_number": USE.case_number,
            "purpose": USE.purpose,
        },
        "fields": ["number"],
        "at": "2026-06-01T04:00:00Z",
        "result": "ok",
        "salt": "01" * 16,
        "previous": "00" * 32,
    }
    assert entry_document(replace(entry, act=replace(act, use=None)))["use"] is None
