"""A holder's journal: every use of the own licenses, by whom, for what, which fields.

One chain for each holder, only ever added to. An entry's digest is SM3 over the RFC 8785 form of
the entry, which holds the digest of the entry before and a random salt, so that nobody guesses a
purpose from a digest; the holder is given all of it and can count it up again. Everything that a
use says is encrypted under the holder's key; organisation, actor and item stand in the clear.

Recording happens in the transaction of the use: no entry, no answer. Writers of one holder's
journal queue at the holder's row; record after everything else but the audit. Cutting off the
end contradicts the head row; against who rewrites chain and head help only copies elsewhere.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.engine import Row

from keys.errors import EnvelopeBrokenError
from keys.sm3 import sm3
from license_vault.access.use import Use
from license_vault.database.columns import table_of
from license_vault.database.holding_tables import JournalEntryRow, JournalHeadRow
from license_vault.database.sessions import Reading, Writing
from license_vault.database.sharing_tables import PartnerLicenseRow
from license_vault.database.tables import HolderRow, LicenseRow
from license_vault.registry.holders import HolderRecord, Holders
from license_vault.registry.records import LicenseRecord
from license_vault.sharing.partner_licenses import PartnerLicense
from license_vault.vault import HolderKey, Vault

SHOWN, DOWNLOADED, PRESENTED = "shown", "downloaded", "presented"
COPIED, VERIFIED, PREFILLED, PRINTED = "copied", "verified", "prefilled", "printed"
ACTIONS = (SHOWN, DOWNLOADED, PRESENTED, COPIED, VERIFIED, PREFILLED, PRINTED)
SCHEMA = "license-vault/journal-entry/1"
GENESIS = bytes(32)

_PURPOSE = "journal"
_ENTRY = table_of(JournalEntryRow)
_HEAD = table_of(JournalHeadRow)
_HOLDER = table_of(HolderRow)
_LICENSE = table_of(LicenseRow)
_PARTNERS = table_of(PartnerLicenseRow)

_HOLDERS = select(_HOLDER.c.id, _HOLDER.c.handle).where(
    _HOLDER.c.handle.in_(bindparam("handles", expanding=True))
)
# One holder's journal is written by one at a time; referring to the holder stays possible.
_LOCKED = (
    select(_HOLDER.c.id)
    .where(_HOLDER.c.id.in_(bindparam("row_ids", expanding=True)))
    .order_by(_HOLDER.c.id)
    .with_for_update(key_share=True)
)
_HEADS = select(_HEAD).where(_HEAD.c.holder_id.in_(bindparam("row_ids", expanding=True)))
_MOVED = (
    update(_HEAD)
    .where(_HEAD.c.holder_id == bindparam("of_holder"))
    .values(sequence=bindparam("new_sequence"), digest=bindparam("new_digest"))
)
# A row that names no license at all is read too: its digest tells.
_ENTRIES = (
    select(
        _ENTRY,
        func.coalesce(_LICENSE.c.identifier, _PARTNERS.c.identifier, "").label("identifier"),
    )
    .join(_LICENSE, _LICENSE.c.id == _ENTRY.c.license_id, isouter=True)
    .join(_PARTNERS, _PARTNERS.c.id == _ENTRY.c.partner_license_id, isouter=True)
)

Journalled = LicenseRecord | PartnerLicense


@dataclass(frozen=True, slots=True)
class JournalAct:
    """One use, before it is recorded.

    ``action`` is one of ``ACTIONS``; ``use`` None: holder or agent themselves. ``fields`` are
    paths of claims that were seen, as "fields.address"; empty: the whole license. ``result`` is a
    short code of what came out. ``actor`` is who was authenticated, "client:…", "device:…".
    """

    action: str
    use: Use | None
    fields: tuple[str, ...]
    at: datetime
    result: str = "ok"
    actor: str = "holder"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A use as it stands in a journal, opened; ``use`` None: holder or agent themselves."""

    sequence: int
    handle: str
    license: str
    act: JournalAct = field(repr=False)
    salt: bytes = field(repr=False)
    previous: bytes
    digest: bytes


def entry_document(entry: JournalEntry) -> dict[str, Any]:
    """Return what an entry's digest is taken over, as an object of texts.

    Digest = SM3 of its RFC 8785 form. Digests and salt in lower-case hex, the instant as
    YYYY-MM-DDTHH:MM:SSZ, the sequence as a decimal text; the first ``previous`` is 64 zeros.
    """
    act = entry.act
    use = None if act.use is None else _use_document(act.use)
    return {
        "schema": SCHEMA,
        "holder": entry.handle,
        "sequence": str(entry.sequence),
        "license": entry.license,
        "action": act.action,
        "actor": act.actor,
        "use": use,
        "fields": list(act.fields),
        "at": act.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "result": act.result,
        "salt": entry.salt.hex(),
        "previous": entry.previous.hex(),
    }


def entry_digest(entry: JournalEntry) -> bytes:
    """Return SM3 over the canonical bytes of an entry."""
    data: bytes = rfc8785.dumps(entry_document(entry))
    return sm3(data)


class JournalReader:
    """Opens journals."""

    def __init__(self, session: Reading, vault: Vault) -> None:
        self._session = session
        self._vault = vault

    def head(self, holder: HolderRecord) -> tuple[int, bytes]:
        """Return a holder's last sequence and digest; (0, 32 zero bytes) before the first."""
        row = self._session.execute(_HEADS, {"row_ids": (holder.row_id,)}).first()
        return (0, GENESIS) if row is None else (row.sequence, row.digest)

    def page(
        self,
        holder: HolderRecord,
        limit: int,
        before: int | None = None,
        of_license: str | None = None,
    ) -> tuple[JournalEntry, ...]:
        """Return a holder's next entries, the newest first.

        Args:
            before: sequence of the entry that the page before ended with.
            of_license: identifier; only uses of this license.

        Raises:
            EnvelopeBrokenError: a row was changed.
        """
        query = _ENTRIES.where(_ENTRY.c.holder_id == holder.row_id)
        if before is not None:
            query = query.where(_ENTRY.c.sequence < before)
        if of_license is not None:
            query = query.where(
                or_(_LICENSE.c.identifier == of_license, _PARTNERS.c.identifier == of_license)
            )
        rows = self._session.execute(query.order_by(_ENTRY.c.sequence.desc()).limit(limit)).all()
        key = self._key(holder)
        return tuple(self._opened(row, holder.handle, key) for row in rows)

    def chain(
        self, holder: HolderRecord, after: int, limit: int
    ) -> tuple[tuple[int, JournalEntry | None], ...]:
        """Return a holder's next entries in order with their sequence; None: does not open.

        Raises:
            EnvelopeBrokenError: the holder's row was changed.
        """
        rows = self._session.execute(
            _ENTRIES.where(_ENTRY.c.holder_id == holder.row_id, _ENTRY.c.sequence > after)
            .order_by(_ENTRY.c.sequence)
            .limit(limit)
        ).all()
        key = self._key(holder)
        return tuple((row.sequence, self._if_it_opens(row, holder.handle, key)) for row in rows)

    def _if_it_opens(self, row: "Row[Any]", handle: str, key: HolderKey) -> JournalEntry | None:
        try:
            return self._opened(row, handle, key)
        except (EnvelopeBrokenError, ValueError, KeyError, TypeError):
            return None

    def _key(self, holder: HolderRecord) -> HolderKey:
        return self._vault.open_holder_key(holder.handle, holder.key_version, holder.wrapped_key)

    def _opened(self, row: "Row[Any]", handle: str, key: HolderKey) -> JournalEntry:
        place = _place(handle, row.sequence)
        kept = json.loads(self._vault.decrypt(key.key, place, _PURPOSE, row.sealed_entry))
        told = kept["use"]
        use = None
        if told is not None:
            # Organisation and item are taken from where they stand in the clear: if somebody
            # changed them there, the digest tells.
            clear = {"organisation": row.organisation, "item_code": row.item_code}
            use = Use(**{**told, **clear})
        act = JournalAct(
            action=row.action,
            use=use,
            fields=tuple(kept["fields"]),
            at=row.recorded_at,
            result=kept["result"],
            actor=row.actor,
        )
        salt = bytes.fromhex(kept["salt"])
        return JournalEntry(
            row.sequence, handle, row.identifier, act, salt, row.previous, row.digest
        )


class Journal(JournalReader):
    """Adds to journals, in the transaction of what is recorded."""

    def __init__(self, session: Writing, vault: Vault) -> None:
        super().__init__(session, vault)
        self._writing = session

    def record(self, license_: Journalled, act: JournalAct) -> None:
        """Record a use of a license, once for each of its holders; it counts at the commit."""
        self.record_all((license_,), act)

    def record_all(self, licenses: Sequence[Journalled], act: JournalAct) -> None:
        """Record one use of several licenses, for each of their holders.

        Raises:
            EnvelopeBrokenError: a holder's row was changed.
        """
        holders = self._locked(licenses)
        for holder in holders:
            held = [license_ for license_ in licenses if holder.handle in license_.holders]
            self._append(holder, held, act)

    def _locked(self, licenses: Sequence[Journalled]) -> tuple[HolderRecord, ...]:
        """Return all holders, in the one order that all writers lock them in."""
        handles = tuple({handle for license_ in licenses for handle in license_.holders})
        if not handles:
            return ()
        row_ids = tuple(row.id for row in self._session.execute(_HOLDERS, {"handles": handles}))
        self._session.execute(_LOCKED, {"row_ids": row_ids}).all()
        found = Holders(self._session).by_row_ids(row_ids)
        return tuple(found[row_id] for row_id in sorted(found))

    def _append(
        self, holder: HolderRecord, licenses: Sequence[Journalled], act: JournalAct
    ) -> None:
        sequence, digest = self.head(holder)
        before_first = sequence == 0
        key, rows = self._key(holder), []
        for license_ in licenses:
            sequence += 1
            entry = JournalEntry(
                sequence=sequence,
                handle=holder.handle,
                license=license_.identifier,
                act=act,
                salt=self._vault.new_key(),  # 16 random bytes
                previous=digest,
                digest=b"",
            )
            digest = entry_digest(entry)
            rows.append(self._row(holder, license_, entry, key) | {"digest": digest})
        self._writing.add_rows(_ENTRY, rows)
        if before_first:
            head = {"holder_id": holder.row_id, "sequence": sequence, "digest": digest}
            self._writing.add_rows(_HEAD, [head])
            return
        moved = {"of_holder": holder.row_id, "new_sequence": sequence, "new_digest": digest}
        self._writing.change_rows(_MOVED, moved)

    def _row(
        self, holder: HolderRecord, license_: Journalled, entry: JournalEntry, key: HolderKey
    ) -> dict[str, object]:
        act = entry.act
        told = {
            "use": None if act.use is None else _use_document(act.use),
            "fields": list(act.fields),
            "result": act.result,
            "salt": entry.salt.hex(),
        }
        sealed = json.dumps(told, ensure_ascii=False).encode()
        place = _place(holder.handle, entry.sequence)
        taken_in = isinstance(license_, PartnerLicense)
        return {
            "holder_id": holder.row_id,
            "sequence": entry.sequence,
            "license_id": None if taken_in else license_.row_id,
            "partner_license_id": license_.row_id if taken_in else None,
            "action": act.action,
            "actor": act.actor,
            "organisation": None if act.use is None else act.use.organisation,
            "item_code": None if act.use is None else act.use.item_code,
            "recorded_at": act.at,
            "sealed_entry": self._vault.encrypt(key.key, place, _PURPOSE, sealed),
            "previous": entry.previous,
        }


def _place(handle: str, sequence: int) -> str:
    return f"{handle}/{sequence}"


def _use_document(use: Use) -> dict[str, str]:
    return {
        "organisation": use.organisation,
        "operator": use.operator,
        "item_name": use.item_name,
        "item_code": use.item_code,
        "case_number": use.case_number,
        "purpose": use.purpose,
    }
